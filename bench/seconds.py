"""Measures the CPU seconds and bytes per page of a running server, the input of docs/operate/cost.md. Part of `make bench`.

CPU seconds are those of gunicorn's master and worker, from /proc; bytes are those of the compressed body that browsers get.
"""

import http.client
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

import start

TICK = os.sysconf("SC_CLK_TCK")
USERS = "users=demo:harbour-news,demo:aster-air"
REQUEST_PATHS: dict[str, Callable[[int], str]] = {
    "the form": lambda number: "/",
    "a report, repeated": lambda number: f"/report?{USERS}",
    "a report, another query each time": lambda number: f"/report?{USERS}&n={200 + number}",
    "a chart page, another each time": lambda number: f"/html/sentiment?{USERS}&n={200 + number}",
    "a PNG, repeated": lambda number: f"/frequency.png?{USERS}",
    "a PNG, another each time": lambda number: f"/frequency.png?{USERS}&n={200 + number}",
    "JSON, another each time": lambda number: f"/frequency.json?{USERS}&n={200 + number}",
    "POST /predict, one text": lambda number: "/predict",
}


def cpu_seconds_used(process_ids: list[int]) -> float:
    """Return the CPU seconds that these processes have used."""
    fields = [Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split() for process_id in process_ids]
    return sum(int(values[11]) + int(values[12]) for values in fields) / TICK


def request_size(connection: http.client.HTTPConnection, path: str) -> int:
    """Return the size of a response in bytes. Raises RuntimeError unless its status is 200."""
    request_body = start.TEXT if path == "/predict" else None
    connection.request("POST" if request_body else "GET", path, request_body, {"Accept-Encoding": "br", "Content-Type": "application/json"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise RuntimeError(f"{path}: {response.status}")
    return len(body)


def measure_requests(repetitions: int = 40) -> dict[str, tuple[float, float, int]]:
    """Return CPU seconds, wall seconds and bytes per response, for each entry of REQUEST_PATHS."""
    results = {}
    with start.serve(start.Place()) as (port, _, server):
        start.wait_for_ok(port, "/ready")
        time.sleep(4)  # the warm-up
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        process_ids, numbers = [server.pid, start.worker_process_id(server)], itertools.count()
        for title, path in REQUEST_PATHS.items():
            request_size(connection, path(next(numbers)))
            cpu_before, started_at = cpu_seconds_used(process_ids), time.perf_counter()
            size = [request_size(connection, path(next(numbers))) for _ in range(repetitions)][-1]
            results[title] = (
                (cpu_seconds_used(process_ids) - cpu_before) / repetitions,
                (time.perf_counter() - started_at) / repetitions,
                size,
            )
        connection.close()
    return results


def main() -> None:
    """Print a line per kind of request, and the total of an average page view."""
    results = measure_requests()
    least_cpu = min(cpu for cpu, _, _ in results.values()) or 1 / TICK
    for title, (cpu, wall, size) in results.items():
        print(f"{title:<40} {1000 * cpu:7.1f} ms of CPU  x{cpu / least_cpu:6.1f}  {1000 * wall:7.1f} ms  {size:>9,} bytes")
    cpu, size = (sum(views * results[title][index] for title, views in REQUESTS_PER_PAGE_VIEW.items()) for index in (0, 2))
    print(f"a page view as docs/operate/cost.md counts it: {cpu:.3f} CPU seconds, {size:,.0f} bytes without what browsers cache")


# An average page view: one report that isn't cached, half a visit to the form, and a fifth of an image.
REQUESTS_PER_PAGE_VIEW = {"a report, another query each time": 1.0, "the form": 0.5, "a PNG, another each time": 0.2}

if __name__ == "__main__":
    main()
