"""Runs servers to compare, and measures requests to them. Imported by the other programs in this folder; what is compared belongs there."""

import contextlib
import http.client
import os
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 120.0  # that a server may take to answer /health
_TICK = os.sysconf("SC_CLK_TCK")
_WARM_UP_SECONDS = 1.5  # without work, after which a server has warmed up; it begins 0.3 seconds after its first answer
_MIN_ROUND_SECONDS = 0.4  # of CPU time per round, so that the kernel's clock, which counts hundredths, is precise enough


class _Connections(threading.local):
    """The open connections of a thread, by the port of their server."""

    def __init__(self) -> None:
        self.by_port: dict[int, http.client.HTTPConnection] = {}


_connections = _Connections()


@dataclass(frozen=True)
class Server:
    """A running server: its port, its process ID, and the seconds it took to answer /health."""

    port: int
    process_id: int
    start_seconds: float

    def request(self, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> tuple[int, bytes, Mapping[str, str]]:
        """Send a request, POST if it has a body, and return the status, the body and the headers of the response.

        Each thread has a connection of its own, which stays open.
        """
        connections = _connections.by_port
        connection = connections.setdefault(self.port, http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_SECONDS))
        try:
            json_type = {"Content-Type": "application/json"} if body else {}
            connection.request("POST" if body else "GET", path, body or None, {**json_type, **headers})
            response = connection.getresponse()
            return response.status, response.read(), response.headers
        except (OSError, http.client.HTTPException):
            connections.pop(self.port).close()
            raise

    def cpu_seconds(self) -> float:
        """Return the CPU time of the process, of its running children, and of those that have ended."""
        return sum(_own_cpu_seconds(process_id) for process_id in _list_processes(self.process_id))

    def wait_until_warm(self) -> None:
        """Wait until the server has done what it does after its start, which would otherwise count as work for the first requests."""
        before = -1.0
        while self.cpu_seconds() > before + 2 / _TICK:
            before = self.cpu_seconds()
            time.sleep(_WARM_UP_SECONDS)

    def kill(self) -> None:
        """End the process and its children at once, which takes no time that would be measured."""
        for process_id in _list_processes(self.process_id):
            os.kill(process_id, signal.SIGKILL)


@dataclass(frozen=True)
class Cost:
    """What one piece of work took, in seconds."""

    cpu: float
    wall: float


@dataclass(frozen=True)
class Work:
    """Something to measure: it's done with a running number, and `cpu_seconds` reads the clock of the process that does it."""

    do: Callable[[int], object]
    cpu_seconds: Callable[[], float] = time.process_time


@contextlib.contextmanager
def serve(command: str, environment: Mapping[str, str] = {}, folder: Path = ROOT) -> Iterator[Server]:
    """Run a server, which reads PORT or {port}, until the block ends."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    arguments, log = shlex.split(command.format(port=port)), subprocess.DEVNULL
    started_at = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=folder, env={**kept, "PORT": str(port), **environment}, stdout=log, stderr=log)
    try:
        server = Server(port, process.pid, 0.0)
        while not _is_healthy(server):
            if process.poll() is not None or time.perf_counter() - started_at > START_SECONDS:
                sys.exit(f"{command} didn't start")
            time.sleep(0.01)
        yield Server(port, process.pid, time.perf_counter() - started_at)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def measure_in_turn(works: Mapping[str, Work], rounds: int) -> dict[str, list[Cost]]:
    """Do each piece of work in turn, `rounds` times, and return what it took each time, by its name.

    What is done first isn't counted. Short work is repeated within a round.
    """
    numbers = {name: iter(range(10**9)) for name in works}
    repeats = {}
    for name, work in works.items():
        work.do(next(numbers[name]))
        first = _measure(work, numbers[name], 1)
        repeats[name] = max(1, min(200, round(_MIN_ROUND_SECONDS / max(first.cpu, first.wall / 4, 0.001))))
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(_measure(work, numbers[name], repeats[name]))
    return costs


def median_cost(costs: Sequence[Cost]) -> Cost:
    """Return the medians of CPU and wall time."""
    return Cost(statistics.median(cost.cpu for cost in costs), statistics.median(cost.wall for cost in costs))


def _measure(work: Work, numbers: Iterator[int], repeats: int) -> Cost:
    cpu_before, started_at = work.cpu_seconds(), time.perf_counter()
    for _ in range(repeats):
        work.do(next(numbers))
    return Cost((work.cpu_seconds() - cpu_before) / repeats, (time.perf_counter() - started_at) / repeats)


def _is_healthy(server: Server) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException):
        return server.request("/health")[0] == 200
    return False


def _list_processes(process_id: int) -> list[int]:
    """Return a process and all its descendants."""
    try:
        children = [int(child) for path in Path(f"/proc/{process_id}/task").glob("*/children") for child in path.read_text().split()]
    except OSError:
        return []
    return [process_id, *(descendant for child in children for descendant in _list_processes(child))]


def _own_cpu_seconds(process_id: int) -> float:
    try:
        fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    except OSError:  # it has ended
        return 0.0
    return sum(map(int, fields[11:15])) / _TICK
