"""Measures what knowing the facts of posts saves: `python bench/facts.py [--rounds 5]`. Part of `make bench`.

Each round asks questions that nobody has asked, in turn: with the facts of their posts in memory, with facts that are read from beside the
posts (files only, as after a restart), and with none, so that languages, words and scores are computed. Printed are medians of processor
time, their ratios to the first, and the spread. The posts are those of the demo, in an imported file for the accounts of a file.
"""

import argparse
import csv
import io
import itertools
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from flask import Flask

from dashboard.app import create_app
from dashboard.sources.demo_world import build_timeline, load_organisations
from dashboard.web.extensions import fact_tables

PATHS = ("/html/frequency", "/html/sentiment", "/report")
DEFAULT_LIMIT = 400  # posts per account, which a canonical address doesn't name
SIZES = ((2, 400), (2, 3200), (5, 3200))  # accounts, and posts of each
FACTS = ("in memory", "beside the posts", "none")


def write_file() -> bytes:
    """Return a CSV file of five accounts with 3,200 posts each, of the demo's texts."""
    texts = [str(post["text"]) for organisation in load_organisations() for post in build_timeline(organisation.name)]
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["id", "account", "created_at", "text"])
    for number, text in itertools.islice(enumerate(itertools.cycle(texts)), 5 * 3200):
        account, place = number % 5, number // 5
        writer.writerow([number, f"account{account}", f"2026-{1 + place // 280:02}-{1 + place // 10 % 28:02}T{place % 10:02}:00:00Z", text])
    return file.getvalue().encode()


class Clock:
    """A clock that stands still until it is advanced. Files and the demo are as of its minute, so that no page is a kept one."""

    def __init__(self) -> None:
        self._now = datetime.now(UTC)

    def __call__(self) -> datetime:
        """Return the time."""
        return self._now

    def advance(self) -> None:
        """Go on by a minute."""
        self._now += timedelta(minutes=1)


def prepare(app: Flask, folder: Path, facts: str) -> None:
    """Leave only these facts: those in memory, those beside the posts, or none."""
    if facts == "in memory":
        return
    with app.app_context():
        fact_tables().forget("")
    if facts == "none":
        for path in folder.glob("*/facts-*"):
            path.unlink()


def measure(app: Flask, url: str) -> float:
    """Return the processor time of a response in seconds. Ends the program unless its status is 200."""
    started_at = time.process_time()
    response = app.test_client().get(url)
    seconds = time.process_time() - started_at
    if response.status_code != 200:
        sys.exit(f"{url}: {response.status}")
    return seconds


def main() -> None:
    """Ask all questions in turn, and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    clock, samples = Clock(), defaultdict[tuple[str, str], list[float]](list)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app({"CHORUS_RATE_LIMIT": "off", "CHORUS_DATASETS": name}, clock)
        form = {"file": (io.BytesIO(write_file()), "posts.csv")}
        file_id = (
            app.test_client().post("/upload", data=form, content_type="multipart/form-data").headers["Location"].partition("file:")[2][:32]
        )
        accounts = {
            "file": [f"file:{file_id}/account{number}" for number in range(5)],
            "demo": [f"demo:{organisation.name}" for organisation in load_organisations()],
        }
        for round_number in range(-1, rounds):  # the first round loads what is loaded lazily
            for (kind, names), (count, limit), path in itertools.product(accounts.items(), SIZES, PATHS):
                for facts in FACTS[:: 1 if kind == "file" else 2]:
                    url = f"{path}?users={','.join(names[:count])}" + f"&n={limit}" * (limit != DEFAULT_LIMIT)
                    clock.advance()
                    app.test_client().get(url.replace(path, "/report"))  # so that all facts are known
                    clock.advance()
                    prepare(app, folder, facts)
                    seconds = measure(app, url)
                    if round_number >= 0:
                        samples[f"{path} {kind} {count} x {limit:,}", facts].append(1000 * seconds)
    print(f"medians of {rounds} rounds, milliseconds of processor time")
    for (question, facts), milliseconds in samples.items():
        median, known = statistics.median(milliseconds), statistics.median(samples[question, FACTS[0]])
        print(f"{question:<34} {facts:<17} {median:8.1f} ms {median / known:5.1f} x  {min(milliseconds):.1f} to {max(milliseconds):.1f}")


if __name__ == "__main__":
    main()
