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
ASKED: dict[str, Callable[[int], str]] = {
    "the form": lambda at: "/",
    "a report, the same again": lambda at: f"/report?{USERS}",
    "a report, another question each time": lambda at: f"/report?{USERS}&n={200 + at}",
    "a chart page, another each time": lambda at: f"/html/sentiment?{USERS}&n={200 + at}",
    "a PNG, the same again": lambda at: f"/frequency.png?{USERS}",
    "a PNG, another each time": lambda at: f"/frequency.png?{USERS}&n={200 + at}",
    "JSON, another each time": lambda at: f"/frequency.json?{USERS}&n={200 + at}",
    "POST /predict, one text": lambda at: "/predict",
}


def spent(processes: list[int]) -> float:
    """Return the CPU seconds that these processes have used."""
    fields = [Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split() for process_id in processes]
    return sum(int(values[11]) + int(values[12]) for values in fields) / TICK


def ask(connection: http.client.HTTPConnection, path: str) -> int:
    """Return the size of a response in bytes. Raises RuntimeError unless its status is 200."""
    text = start.TEXT if path == "/predict" else None
    connection.request("POST" if text else "GET", path, text, {"Accept-Encoding": "br", "Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise RuntimeError(f"{path}: {answer.status}")
    return len(body)


def measured(times: int = 40) -> dict[str, tuple[float, float, int]]:
    """Return CPU seconds, wall seconds and bytes per response, for each entry of ASKED."""
    results = {}
    with start.served(start.Place()) as (port, _, server):
        start.until(port, "/ready")
        time.sleep(4)  # the warm-up
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        processes, numbers = [server.pid, start.worker(server)], itertools.count()
        for title, path in ASKED.items():
            ask(connection, path(next(numbers)))
            before, began = spent(processes), time.perf_counter()
            size = [ask(connection, path(next(numbers))) for _ in range(times)][-1]
            results[title] = ((spent(processes) - before) / times, (time.perf_counter() - began) / times, size)
        connection.close()
    return results


def main() -> None:
    """Print a line per entry, and the total of an average page view."""
    results = measured()
    least_cpu = min(cpu for cpu, _, _ in results.values()) or 1 / TICK
    for title, (cpu, wall, size) in results.items():
        print(f"{title:<40} {1000 * cpu:7.1f} ms of CPU  x{cpu / least_cpu:6.1f}  {1000 * wall:7.1f} ms  {size:>9,} bytes")
    cpu, size = (sum(views * results[title][index] for title, views in VIEW.items()) for index in (0, 2))
    print(f"a page view as docs/operate/cost.md counts it: {cpu:.3f} CPU seconds, {size:,.0f} bytes without what browsers cache")


# An average page view: one report that isn't cached, half a visit to the form, and a fifth of an image.
VIEW = {"a report, another question each time": 1.0, "the form": 0.5, "a PNG, another each time": 0.2}

if __name__ == "__main__":
    main()
