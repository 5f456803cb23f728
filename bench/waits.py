"""Measures how long people wait: for the start, a report, images, and /health for comparison. Part of `make bench`.

Times depend on the machine; compare the ratios to /health, where the same server does nothing.
"""

import contextlib
import http.client
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
USERS = "users=demo:aster-air,demo:harbour-news"
TITLE_BY_PATH = {
    "/health": "the server alone",
    f"/report?{USERS}": "report, 2 accounts x 400 posts (target 300 ms)",
    f"/report?{USERS}&method=vader": "the same with VADER",
    f"/frequency.png?{USERS}": "frequency PNG (target 200 ms)",
    f"/sentiment.png?{USERS}": "sentiment PNG (target 200 ms)",
    f"/sentiment.svg?{USERS}": "sentiment SVG",
    f"/sentiment.csv?{USERS}": "sentiment CSV",
    f"/report?{USERS}&n=3200": "report, 2 accounts x 3,200 posts",
}


@contextlib.contextmanager
def serve() -> Iterator[tuple[int, float]]:
    """Serve Chorus on a free port; yield the port and the seconds from start to the first 200 on /health."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)}
    started_at = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        while True:
            with contextlib.suppress(OSError):
                if timed_get(port, "/health")[0] == 200:
                    break
            time.sleep(0.005)
        yield port, time.perf_counter() - started_at
    finally:
        server.terminate()
        server.wait(20)


def timed_get(port: int, path: str) -> tuple[int, float, int]:
    """Send a GET request on a new connection; return status, seconds and bytes."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        started_at = time.perf_counter()
        connection.request("GET", path)
        response = connection.getresponse()
        size = len(response.read())
        return response.status, time.perf_counter() - started_at, size
    finally:
        connection.close()


def main(rounds: int = 15) -> None:
    """Print a line per path: the first response time, the median of the next ones, and its ratio to /health."""
    starts = []
    for _ in range(3):
        with serve() as (_, seconds):
            starts.append(seconds)
    print(f"start to first 200 on /health: median {statistics.median(starts):.2f} s of {len(starts)} (target 1 s)")
    with serve() as (port, _):
        time.sleep(3)  # lets the warm-up finish, which takes as long as a person needs to type
        base = None
        for path, title in TITLE_BY_PATH.items():
            status, first_seconds, size = timed_get(port, path)
            times = [timed_get(port, path)[1] for _ in range(rounds)]
            median = statistics.median(times)
            base = base or median
            waits = f"first {1000 * first_seconds:7.1f} ms  then {1000 * median:7.1f} ms  x{median / base:6.1f}"
            print(f"{title:<50} {status}  {waits}  {size:>9,} bytes")


if __name__ == "__main__":
    main()
