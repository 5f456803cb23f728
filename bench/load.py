"""Measures what happens when more people come than the machine can serve: `python bench/load.py [--seconds 300]`.

80 connections request reports, images, tables and predictions without a pause, and a process of its own requests /health ten times a
second. Printed are requests per second, the median and 99th percentile of each kind, every status that isn't 200, and the worker's
memory over time. A refusal (503 with Retry-After) counts as honest; every other error doesn't. With `--peer`, the same load of one kind
is put on another server and on Chorus in turn, and the ratios are printed. PATH is the peer's address, or an empty string for ours.
"""

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import shlex
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
USERS = "users=demo:aster-air,demo:harbour-news"
TEXT = json.dumps({"text": "The new timetable is wonderful, but my train was late again."}).encode()
Requests = dict[str, tuple[str, str, bytes]]  # method, path and body by kind
REQUESTS: Requests = {
    "report": ("GET", f"/report?{USERS}", b""),
    "png": ("GET", f"/frequency.png?{USERS}", b""),
    "csv": ("GET", f"/sentiment.csv?{USERS}", b""),
    "json": ("GET", f"/frequency.json?{USERS}", b""),
    "predict": ("POST", "/predict", TEXT),
}
MEMORY_INTERVAL_SECONDS = 5
HEALTH_INTERVAL_SECONDS = 0.1
MAX_P99_OVER_P50 = 5
MAX_HEALTH_P99_SECONDS = 0.1


@dataclass
class Samples:
    """What the requests of one kind took, in seconds, and how often each status was answered; status 0 is a broken connection."""

    seconds: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, status: int, seconds: float) -> None:
        """Add a request. Only successes have a duration that means anything."""
        self.statuses[status] += 1
        if status == 200:
            self.seconds.append(seconds)

    def percentile(self, share: float) -> float:
        """Return a percentile of the successful requests in seconds; NaN without any."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


# --- servers ----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def serve(command: str, folder: Path = ROOT) -> Iterator[tuple[int, int]]:
    """Run a server, which reads PORT or {port}, until the block ends; yield its port and process ID once /health answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = subprocess.DEVNULL
    server = subprocess.Popen(
        shlex.split(command.format(port=port)), cwd=folder, env=os.environ | {"PORT": str(port)}, stdout=log, stderr=log
    )
    try:
        while asyncio.run(request_once(port, "GET", "/health", b"")) != 200:
            if server.poll() is not None:
                sys.exit(f"{command} has ended")
            time.sleep(0.05)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(30)


def memory_mib(pid: int) -> float:
    """Return the resident memory of a process and its children in MiB."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024 + sum(memory_mib(int(child)) for child in children)


# --- requests ---------------------------------------------------------------------------------------------------------


class Connection:
    """An HTTP/1.1 connection that is kept alive as long as the server allows."""

    def __init__(self, port: int) -> None:
        """Connect with the first request."""
        self._port, self._streams = port, None

    async def send(self, method: str, path: str, body: bytes) -> int:
        """Send a request, read the whole response and return its status; 0 if the connection broke."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection("127.0.0.1", self._port)
            reader, writer = self._streams
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAccept-Encoding: gzip\r\n"
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(head.encode() + body)
            status, keeps_open = await self._read_response(reader)
        except (OSError, asyncio.IncompleteReadError, ValueError):
            status, keeps_open = 0, False
        if not keeps_open:
            self.close()
        return status

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._streams:
            self._streams[1].close()
        self._streams = None

    async def _read_response(self, reader: asyncio.StreamReader) -> tuple[int, bool]:
        """Return the status, and whether the connection stays open."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
        if "content-length" in headers:
            await reader.readexactly(int(headers["content-length"]))
        elif headers.get("transfer-encoding") == "chunked":
            while size := int(await reader.readline(), 16):
                await reader.readexactly(size + 2)
            await reader.readline()
        else:
            await reader.read()
        return int(head.split()[1]), headers.get("connection") != "close" and ("content-length" in headers or "chunked" in head)


async def request_once(port: int, method: str, path: str, body: bytes) -> int:
    """Send one request on a connection of its own and return the status."""
    connection = Connection(port)
    status = await connection.send(method, path, body)
    connection.close()
    return status


async def put_load(port: int, requests: Requests, connections: int, seconds: float) -> dict[str, Samples]:
    """Keep connections busy for a time, each with all kinds of requests in turn, and return the samples of each kind."""
    kinds = list(requests)
    samples: dict[str, Samples] = defaultdict(Samples)
    ends_at = time.perf_counter() + seconds

    async def stay_busy(first: int) -> None:
        connection, request_index = Connection(port), first
        while time.perf_counter() < ends_at:
            kind = kinds[request_index % len(kinds)]
            started_at = time.perf_counter()
            status = await connection.send(*requests[kind])
            samples[kind].add(status, time.perf_counter() - started_at)
            request_index += 1
            if status != 200:
                await asyncio.sleep(0.2)  # a refused client waits, though not as long as Retry-After asks for
        connection.close()

    await asyncio.gather(*(stay_busy(number) for number in range(connections)))
    return samples


def probe_health(port: int, seconds: float, results: Any) -> None:
    """Request /health regularly, on a new connection each time like a platform's probe, and put the samples into a queue."""
    samples, ends_at = Samples(), time.perf_counter() + seconds
    while time.perf_counter() < ends_at:
        started_at = time.perf_counter()
        samples.add(asyncio.run(request_once(port, "GET", "/health", b"")), time.perf_counter() - started_at)
        time.sleep(HEALTH_INTERVAL_SECONDS)
    results.put((samples.seconds, dict(samples.statuses)))


# --- results ----------------------------------------------------------------------------------------------------------


def measure(connections: int, seconds: float) -> None:
    """Put the mixed load on Chorus, and print the results."""
    with serve(chorus_command()) as (port, pid):
        asyncio.run(put_load(port, REQUESTS, 1, 5))  # so that everything is loaded that loads lazily
        context, memory = multiprocessing.get_context("spawn"), []
        results = context.Queue()
        prober = context.Process(target=probe_health, args=(port, seconds, results))
        prober.start()

        async def load_and_watch() -> dict[str, Samples]:
            watcher = asyncio.create_task(watch_memory(pid, memory))
            samples = await put_load(port, REQUESTS, connections, seconds)
            watcher.cancel()
            return samples

        samples = asyncio.run(load_and_watch())
        health = Samples(*results.get())
        prober.join()
    print_results(samples, health, memory, connections, seconds)


async def watch_memory(pid: int, memory: list[float]) -> None:
    """Append the server's memory in MiB to a list at regular intervals."""
    while True:
        memory.append(memory_mib(pid))
        await asyncio.sleep(MEMORY_INTERVAL_SECONDS)


def print_results(samples: dict[str, Samples], health: Samples, memory: list[float], connections: int, seconds: float) -> None:
    """Print a line per kind, then /health, memory and the verdicts."""
    print(f"{connections} connections for {seconds:.0f} s")
    for kind, kind_samples in [*sorted(samples.items()), ("health", health)]:
        p50, p99 = kind_samples.percentile(0.5), kind_samples.percentile(0.99)
        others = ", ".join(f"{count} × {status or 'broken'}" for status, count in sorted(kind_samples.statuses.items()) if status != 200)
        rate = kind_samples.statuses[200] / seconds
        print(f"{kind:<8} {rate:7.1f}/s  p50 {1000 * p50:7.1f} ms  p99 {1000 * p99:7.1f} ms  ({p99 / p50:.1f} x)  {others}")
    first_minute = memory[: max(1, 60 // MEMORY_INTERVAL_SECONDS)]
    print(f"memory: {max(first_minute):.0f} MiB in the first minute, {max(memory):.0f} MiB at most, {memory[-1]:.0f} MiB at the end")
    errors = sum(count for sample in samples.values() for status, count in sample.statuses.items() if status not in (200, 503))
    print(f"errors other than 503: {errors}")
    print(f"/health p99 {1000 * health.percentile(0.99):.0f} ms (target {1000 * MAX_HEALTH_P99_SECONDS:.0f})")
    worst = max((sample.percentile(0.99) / sample.percentile(0.5), kind) for kind, sample in samples.items() if sample.seconds)
    print(f"largest p99 / p50: {worst[0]:.1f} for {worst[1]} (target {MAX_P99_OVER_P50})")


def compare(kind: str, name: str, path: str, command: str, connections: int, seconds: float, rounds: int = 3) -> None:
    """Put the same load of one kind on another server and on Chorus in turn, and print the ratios of the medians."""
    commands = {name: command, "chorus": chorus_command()}
    method, own_path, body = REQUESTS[kind]
    paths = {name: path or own_path, "chorus": own_path}
    rates: dict[str, list[float]] = defaultdict(list)
    p99: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for label, server_command in commands.items():
            with serve(server_command) as (port, _):
                requests = {kind: (method, paths[label], body)}
                asyncio.run(put_load(port, requests, 1, 2))
                samples = asyncio.run(put_load(port, requests, connections, seconds))[kind]
            rates[label].append(samples.statuses[200] / seconds)
            p99[label].append(samples.percentile(0.99))
    ours, theirs = statistics.median(rates["chorus"]), statistics.median(rates[name])
    p99_ratio = statistics.median(p99[name]) / statistics.median(p99["chorus"])
    spread = {label: f"{min(values):.0f} to {max(values):.0f}" for label, values in rates.items()}
    print(f"{kind} against {name}: {ours:.1f} and {theirs:.1f}/s, {ours / theirs:.1f} x; p99 {p99_ratio:.1f} x shorter; {spread}")


def chorus_command() -> str:
    """Return the command that serves this checkout."""
    return f"{sys.executable} -m gunicorn --bind 127.0.0.1:{{port}} dashboard.app:create_app()"


def main() -> None:
    """Measure Chorus, then compare it with each peer."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--connections", type=int, default=80)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--peer", nargs=4, action="append", default=[], metavar=("KIND", "NAME", "PATH", "COMMAND"))
    parser.add_argument("--peer-seconds", type=float, default=10)
    options = parser.parse_args()
    measure(options.connections, options.seconds)
    for kind, name, path, command in options.peer:
        compare(kind, name, path, command, options.connections, options.peer_seconds)


if __name__ == "__main__":
    main()
