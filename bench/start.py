"""Measures how long a fresh process takes until its first responses, and the worker's memory afterwards. Part of `make bench`.

    python bench/start.py                 this checkout
    python bench/start.py --root DIR      an unpacked image, read-only, as an unprivileged user (run as root; `make image-check` does so)

Before each start, the files that will be read are dropped from the page cache unless another process uses them. Times depend on the
machine; compare the ratios, which are to Python starting and doing nothing in the same place.
"""

import argparse
import contextlib
import http.client
import json
import os
import shlex
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

TREE = Path(__file__).parents[1]
PNG = "/frequency.png?users=demo:harbour-news"
REPORT = "/report?users=demo:harbour-news,demo:aster-air"
TEXT = json.dumps({"text": "I love this, thank you!"})
SERVE = ["gunicorn", "dashboard.app:create_app()"]
# What a container engine sets up: a read-only image, empty and writable /tmp and /dev/shm, one user, no capabilities.
CONTAINER_SCRIPT = """
mount --bind {root} {root}; mount -o remount,bind,ro {root}
mount -t proc proc {root}/proc; mount -t tmpfs tmpfs {root}/tmp; mount -t tmpfs tmpfs {root}/dev
mkdir {root}/dev/shm; chmod 1777 {root}/tmp {root}/dev/shm
for device in null zero random urandom; do touch {root}/dev/$device; mount --bind /dev/$device {root}/dev/$device; done
{network}
exec chroot --userspec=10001:10001 {root} /usr/bin/env -i --chdir=/app {environment} {command}
"""


@dataclass(frozen=True)
class Place:
    """Where Chorus is installed: this checkout with this Python, or the root folder of an unpacked image."""

    root: Path | None = None

    def command(self, command: list[str], port: int, *, online: bool = True, **environment: str) -> list[str]:
        """Return the command line that runs a command there, serving on a port."""
        settings = {"PORT": str(port)} | environment
        if self.root is None:
            return ["env", *(f"{name}={value}" for name, value in settings.items()), sys.executable, "-m", *command]
        settings |= {"PATH": "/opt/venv/bin:/usr/bin:/bin", "HOME": "/tmp", "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        script = CONTAINER_SCRIPT.format(
            root=shlex.quote(str(self.root)),
            network="" if online else "ip link set lo up",
            environment=" ".join(shlex.quote(f"{name}={value}") for name, value in settings.items()),
            command=shlex.join(command),
        )
        return ["unshare", "--mount", *([] if online else ["--net"]), "sh", "-euc", script]

    def idle_python_command(self) -> list[str]:
        """Return the command line of a Python there that exits at once."""
        return [sys.executable, "-c", ""] if self.root is None else ["chroot", str(self.root), "/opt/venv/bin/python", "-c", ""]

    def drop_page_cache(self) -> None:
        """Drop the files that a start reads from the page cache."""
        os.sync()
        folders = [TREE / "dashboard", TREE / "templates", Path(sys.prefix) / "lib", Path(os.__file__).parent]
        for folder in folders if self.root is None else [self.root]:
            for path in folder.rglob("*"):
                if path.is_file() and not path.is_symlink():
                    with contextlib.suppress(OSError):
                        _drop(path)


def _drop(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def run_redis() -> Iterator[int]:
    """Run an empty Redis that stores nothing on disk; yield its port."""
    port = free_port()
    server = subprocess.Popen(["redis-server", "--port", str(port), "--save", ""], stdout=subprocess.DEVNULL, cwd="/tmp")
    try:
        time.sleep(0.5)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@contextlib.contextmanager
def serve(place: Place, **environment: str) -> Iterator[tuple[int, float, subprocess.Popen[bytes]]]:
    """Serve Chorus on a free port; yield the port, the start time and the process."""
    port = free_port()
    command = place.command(SERVE, port, **environment)
    started_at = time.perf_counter()
    server = subprocess.Popen(command, cwd=TREE, env=_minimal_environment(), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield port, started_at, server
    finally:
        server.terminate()
        server.wait(20)


def _minimal_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}


def send_request(port: int, path: str, body: str | None = None) -> tuple[int, bytes]:
    """Send one request (POST if it has a body) and return the status and body of the response."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("POST" if body else "GET", path, body, {"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def wait_for_ok(port: int, path: str, body: str | None = None) -> None:
    """Repeat a request until its status is 200. Raises TimeoutError after 30 seconds."""
    deadline = time.perf_counter() + 30
    while time.perf_counter() < deadline:
        with contextlib.suppress(OSError, http.client.HTTPException):
            if send_request(port, path, body)[0] == 200:
                return
        time.sleep(0.005)
    raise TimeoutError(f"{path} was not answered with 200 within 30 seconds")


def worker_process_id(server: subprocess.Popen[bytes]) -> int:
    """Return the process ID of gunicorn's only worker."""
    return int(Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()[0])


def memory(process: int) -> tuple[float, float]:
    """Return the current and the peak memory of a process in MiB."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024, int(lines["VmHWM"].split()[0]) / 1024


WAITS: dict[str, Callable[[int], None]] = {
    "first 200 on /health (target 1 s)": lambda port: wait_for_ok(port, "/health"),
    "first 200 on /ready": lambda port: wait_for_ok(port, "/ready"),
    "first /predict (target 2 s)": lambda port: wait_for_ok(port, "/predict", TEXT),
    "first PNG (target 3 s)": lambda port: wait_for_ok(port, PNG),
}


def measure_cold_start(place: Place, wait: Callable[[int], None]) -> float:
    """Return the seconds from the start of a process, with nothing in the page cache, to a response."""
    place.drop_page_cache()
    with serve(place) as (port, started_at, _):
        wait(port)
        return time.perf_counter() - started_at


def measure_bare_python(place: Place) -> float:
    """Return the seconds that Python alone takes to start there, also from disk."""
    place.drop_page_cache()
    started_at = time.perf_counter()
    subprocess.run(place.idle_python_command(), check=True)
    return time.perf_counter() - started_at


def measure_memory(place: Place) -> list[tuple[str, float, float]]:
    """Return the worker's current and peak memory after each of several typical requests."""
    steps = {"/health": None, REPORT: None, PNG: None, "/sentiment.png?users=demo:harbour-news": None, "/predict": TEXT}
    measurements = []
    with serve(place) as (port, _, server):
        wait_for_ok(port, "/health")
        for path, body in steps.items():
            send_request(port, path, body)
            measurements.append((path, *memory(worker_process_id(server))))
        time.sleep(3)
        measurements.append(("all of them, 3 s later", *memory(worker_process_id(server))))
    return measurements


def measure_shutdown(place: Place) -> tuple[float, int, int]:
    """Send SIGTERM during a long report; return the seconds until the exit, the report's status and the exit code."""
    with serve(place) as (port, _, server):
        wait_for_ok(port, "/ready")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        accounts = "harbour-news,demo:aster-air,demo:pennywren,demo:small-clocks,demo:tarnside-rovers"
        connection.request("GET", f"/report?users=demo:{accounts}&n=3200&method=vader")
        time.sleep(0.2)
        started_at = time.perf_counter()
        server.send_signal(signal.SIGTERM)
        response = connection.getresponse()
        response.read()
        exit_code = server.wait(20)
        return time.perf_counter() - started_at, response.status, exit_code


def print_report(place: Place, rounds: int) -> None:
    """Print the times to the first responses, the memory, and how the server stops."""
    base = statistics.median(measure_bare_python(place) for _ in range(rounds))
    print(f"{'Python alone, from disk':<46} {base:6.2f} s")
    for title, wait in WAITS.items():
        times = sorted(measure_cold_start(place, wait) for _ in range(rounds))
        median = statistics.median(times)
        print(f"{title:<46} {median:6.2f} s  x{median / base:5.1f}  ({times[0]:.2f} to {times[-1]:.2f})")
    for path, current, peak in measure_memory(place):
        print(f"{'memory of the worker after ' + path[:40]:<74} {current:5.0f} MiB, at most {peak:5.0f} (target 300)")
    seconds, status, exit_code = measure_shutdown(place)
    print(f"SIGTERM during a report: stopped after {seconds:.1f} s (target 10), the report had status {status}, exit code {exit_code}")


def main() -> None:
    """Measure this checkout or an image."""
    parser = argparse.ArgumentParser(description="Measure how long a fresh process takes until its first responses.")
    parser.add_argument("--root", type=Path, help="the root folder of an unpacked image")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print_report(Place(options.root), options.rounds)


if __name__ == "__main__":
    main()
