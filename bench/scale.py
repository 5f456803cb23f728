"""Measures how analyzing collections grows: `python bench/scale.py [--posts 10000,100000,1000000] [--methods bing,vader,afinn,model]`.

For each number of invented posts of realistic length, and for one and two processes and two Dask workers: posts per second, processor time
per post, the largest memory of all processes together, and the size of the collection. Then, in a new process, how long the first chart
takes. Reading and tokenizing the same files, and nothing else, is the yardstick. Part of `make bench`, with few posts.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).parents[1]))

import psutil

from dashboard.sources.demo_world import build_timeline, load_organisations
from dashboard.sources.files.storage_limit import count_folder_bytes

POSTS_PER_FILE, POSTS_PER_ACCOUNT = 50_000, 4_000
FIRST_DAY, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 365
WAYS = ("1 process", "2 processes", "2 Dask workers")
FIRST_CHART = """
import sys, time
from dashboard.app import create_app
client = create_app({{"CHORUS_DATASETS": {folder!r}}}).test_client()
client.get("/frequency.json?users=demo:aster-air")
for account in ("/*", ""):
    started = time.perf_counter()
    response = client.get("/sentiment.json?interval=week&users=file:{dataset_id}" + account)
    assert response.status_code == 200, response.text
    print(time.perf_counter() - started)
"""
YARDSTICK = """
import sys
from pathlib import Path
from dashboard.analytics import lexicon
from dashboard.core import posts
from dashboard.sources.files.readers.reader import open_reader
for path in sorted(Path({folder!r}).iterdir()):
    with path.open("rb") as file:
        for batch in open_reader(file, path.name):
            lexicon.list_words(posts.build_frame(batch))
"""


def write_posts(folder: Path, count: int) -> None:
    """Write files of JSON lines: texts of the demo, each made different by a few words of another, at random times of a year."""
    draw = random.Random(count)
    texts = [str(post["text"]) for organisation in load_organisations() for post in build_timeline(organisation.name)]
    folder.mkdir()
    for first in range(0, count, POSTS_PER_FILE):
        with (folder / f"posts-{first // POSTS_PER_FILE:04}.jsonl").open("w", encoding="utf-8") as file:
            for number in range(first, min(first + POSTS_PER_FILE, count)):
                moment = FIRST_DAY + timedelta(seconds=draw.randrange(DAYS * 24 * 3600))
                text = f"{draw.choice(texts)} {' '.join(draw.choice(texts).split()[:4])}"
                account = f"account{draw.randrange(max(5, count // POSTS_PER_ACCOUNT))}"
                post = {"id": str(10**18 + number), "account": account, "created_at": moment.isoformat(), "text": text, "lang": "en"}
                file.write(json.dumps(post) + "\n")


@contextmanager
def measured_memory() -> Iterator[list[int]]:
    """Yield a list that gets the largest memory (RSS) in bytes of all processes that this one started, together."""
    peak, is_done = [0], threading.Event()

    def watch() -> None:
        while not is_done.wait(0.1):
            peak[0] = max(peak[0], sum(map(_memory_of, psutil.Process().children(recursive=True))))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        is_done.set()
        watcher.join()


def _memory_of(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0


@contextmanager
def dask_workers() -> Iterator[Sequence[str]]:
    """Start a scheduler with two workers, and yield the options that use it."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        yield ["--scheduler", cluster.scheduler_address]


def analyze(source: Path, datasets: Path, way: str, methods: str) -> tuple[str, float, float, int]:
    """Return the ID of the collection, and the wall time, the processor time (both in seconds) and the memory of analyzing it."""
    pool = dask_workers() if "Dask" in way else nullcontext(["--workers", way[0]])
    with measured_memory() as peak, pool as options:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "dashboard.cli", "analyze", str(source), "--out", "posts", "--datasets", str(datasets)]
        output = subprocess.check_output([*command, "--methods", methods, *options], cwd=ROOT, text=True)
        seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return output.split("file:")[1].split(",")[0], seconds, processor, peak[0]


def run_program(program: str) -> tuple[list[float], float]:
    """Return the numbers that a program prints in a process of its own, and its processor time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    output = subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return list(map(float, output.split())), after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(count: int, methods: str, ways: Sequence[str]) -> None:
    """Print a line for each way to analyze a number of posts."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_posts(folder / "posts", count)
        _, yardstick = run_program(YARDSTICK.format(folder=str(folder / "posts")))
        print(f"{count:,} posts, {methods}; reading and tokenizing: {yardstick / count * 1e6:.0f} µs of processor time per post")
        for way in ways:
            datasets = folder / way.replace(" ", "-")
            dataset_id, seconds, processor, memory = analyze(folder / "posts", datasets, way, methods)
            (all_accounts, largest), _ = run_program(FIRST_CHART.format(folder=str(datasets), dataset_id=dataset_id))
            size = count_folder_bytes(datasets / dataset_id)
            print(
                f"  {way:15} {count / seconds:8,.0f} posts/s  {processor / count * 1e6:5.0f} µs/post  {memory / 2**20:6,.0f} MB  "
                f"collection {size / count:3.0f} bytes/post  first chart {all_accounts:.2f} s (*), {largest:.2f} s (19 and the others)"
            )


def main() -> None:
    """Measure each number of posts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", default="10000", help="numbers of posts, separated by commas")
    parser.add_argument("--methods", default="bing,vader,afinn,model")
    parser.add_argument("--ways", default=",".join(WAYS))
    arguments = parser.parse_args()
    for count in arguments.posts.split(","):
        measure(int(count), arguments.methods, arguments.ways.split(","))


if __name__ == "__main__":
    main()
