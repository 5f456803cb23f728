"""Measures what the same question costs again: `python bench/kept.py [--rounds 15] [--accounts 2] [--posts 400]`. Part of `make bench`.

Each round asks a question that nobody has asked, the same again, and the same with `If-None-Match`. Printed are the medians of the
processor time, the drawing process included, their ratios, and the spread. The posts are those of demo accounts, which are in memory.
"""

import argparse
import itertools
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask.testing import FlaskClient

from dashboard.app import create_app

ACCOUNTS = ("harbour-news", "aster-air", "sablonne-council", "moss-and-kettle", "pennywren", "tarnside-rovers", "small-clocks")
PATHS = {
    "report": "/report",
    "chart page": "/html/sentiment",
    "PNG": "/frequency.png",
    "CSV": "/sentiment.csv",
    "JSON": "/frequency.json",
    "Excel": "/frequency.xlsx",
    "posts as JSON": "/posts.json",
    "report as JSON": "/report.json",
}
Sample = tuple[float, float, float]  # seconds of processor time: fresh, again, not modified
HEADERS = {"Accept-Encoding": "br"}


def cpu_seconds() -> float:
    """Return the processor time of this process and of those that it has started, in seconds."""
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").read_text().split()
    tasks = [task for child in children for task in Path(f"/proc/{child}/task").glob("*/schedstat")]
    return time.process_time() + sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def measure(work: Callable[[], object]) -> float:
    """Return the processor time that some work takes, in seconds."""
    before = cpu_seconds()
    work()
    return cpu_seconds() - before


def measure_question(client: FlaskClient, url: str) -> Sample:
    """Return what a question takes that nobody has asked, the same again, and for a client that has the response."""
    responses = []
    fresh = measure(lambda: responses.append(client.get(url, headers=HEADERS)))
    again = measure(lambda: responses.append(client.get(url, headers=HEADERS)))
    headers = HEADERS | {"If-None-Match": responses[1].headers["ETag"]}
    unmodified = measure(lambda: responses.append(client.get(url, headers=headers)))
    statuses = [response.status_code for response in responses]
    if statuses != [200, 200, 304] or responses[0].data != responses[1].data:
        sys.exit(f"{url}: {statuses}, or a kept response differs")
    return fresh, again, unmodified


def print_samples(name: str, samples: list[Sample]) -> None:
    """Print a line: the medians in milliseconds, the ratios, and from which to which value they go."""
    milliseconds = [sorted(1000 * value for value in values) for values in zip(*samples, strict=True)]
    fresh, again, unmodified = (statistics.median(values) for values in milliseconds)
    spread = "; ".join(f"{values[0]:.1f} to {values[-1]:.1f}" for values in milliseconds)
    ratios = f"again {again:5.2f} ms ({fresh / again:4.0f} x)  304 {unmodified:5.2f} ms ({fresh / unmodified:4.0f} x)"
    print(f"{name:<16} {fresh:7.1f} ms  {ratios}  {spread}")


def main() -> None:
    """Ask all kinds of questions in turn, and print a line per kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--accounts", type=int, default=2)
    parser.add_argument("--posts", type=int, default=400)
    options = parser.parse_args()
    now = datetime.now(UTC)  # demo accounts are as of the minute, so that a clock which goes on would spoil a round
    client = create_app({"CHORUS_RATE_LIMIT": "off"}, lambda: now).test_client()
    users = ",".join(f"demo:{name}" for name in ACCOUNTS[: options.accounts])
    client.get(f"/frequency.csv?users={users}&n={options.posts}")  # writes the posts of the demo
    numbers, samples = itertools.count(options.posts - 1, -1), defaultdict[str, list[Sample]](list)
    for round_number in range(-1, options.rounds):  # the first round loads what is loaded lazily
        for name, path in PATHS.items():
            sample = measure_question(client, f"{path}?users={users}&n={next(numbers)}")
            if round_number >= 0:
                samples[name].append(sample)
    print(f"{options.accounts} accounts of up to {options.posts:,} posts, {options.rounds} rounds, medians of processor time")
    for name, kind_samples in samples.items():
        print_samples(name, kind_samples)


if __name__ == "__main__":
    main()
