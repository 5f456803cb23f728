"""Measures how analyzing collections grows: `python bench/scale.py [--posts 10000,100000,1000000] [--methods bing] [--folder /data/scale]`.

For each number of invented posts of realistic length, and for one and two processes and two Dask workers: posts per second and core, how
that compares with reading and tokenizing the same files and nothing else, the largest memory of all processes together, the size of the
collection, and how long the first chart takes in a new process. `--peers 100000` runs the usual ways beside them, up to that many posts:
pandas with vaderSentiment row by row, and R's tidytext. With `--folder`, posts and results stay there, and what was measured isn't measured
again. Part of `make bench`, with few posts.
"""

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(ROOT := Path(__file__).parents[1]))

import psutil

from dashboard.sources.demo_world import build_timeline, load_organisations
from dashboard.sources.files.storage_limit import count_folder_bytes

POSTS_PER_FILE, POSTS_PER_ACCOUNT = 50_000, 4_000
FIRST_DAY, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 365
WAYS = ("1 process", "2 processes", "2 Dask workers")
CHART_RUNS = 3
YARDSTICK_NAME = "reading and tokenizing"
PEERS = Path(__file__).with_name("peers")
PEERS_PYTHON = Path(os.environ.get("PEERS_VENV", ".venv-peers")) / "bin" / "python"
PEER_PROGRAMS = {
    "pandas and vaderSentiment": [PEERS_PYTHON, PEERS / "collection_pandas.py"],
    "R and tidytext": ["Rscript", PEERS / "collection.R"],
}
FEW, MANY = 100_000, 10_000_000  # posts between which the time per post should stay the same
DOLLARS_PER_CORE_HOUR, DOLLARS_PER_GIGABYTE_MONTH = 0.05, 0.02  # assumed on 30 November 2026
MAX_TIME_RATIO, MAX_CHART_RATIO = 1.25, 1.5
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
    """Yield a list that gets the largest memory (PSS) in bytes of all processes that this one started, together."""
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
        return int(process.memory_full_info().pss)
    except psutil.Error:
        return 0


@contextmanager
def dask_workers() -> Iterator[Sequence[str]]:
    """Start a scheduler with two workers, and yield the options that use it."""
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        yield ["--scheduler", cluster.scheduler_address]


@dataclass(frozen=True)
class Figures:
    """What was measured of one way with a number of posts; bytes and charts are of a collection, and 0 for everything else."""

    way: str
    methods: str
    posts: int
    seconds: float
    processor_seconds: float
    memory: int
    size: int = 0
    chart_seconds: float = 0.0  # of all accounts as one series
    largest_chart_seconds: float = 0.0  # of the 19 largest accounts and the others

    @property
    def microseconds(self) -> float:
        """The processor time per post."""
        return self.processor_seconds / self.posts * 1e6

    def describe(self, yardstick: "Figures") -> str:
        """Return the figures as a line."""
        line = (
            f"  {self.way:26} {self.posts / self.seconds:8,.0f} posts/s  {self.posts / self.processor_seconds:7,.0f} posts/s per core  "
            f"{self.microseconds:6,.0f} µs/post  {yardstick.microseconds / self.microseconds:4.0%} of the speed of reading  "
            f"{self.memory / 2**20:6,.0f} MB"
        )
        charts = f"first chart {self.chart_seconds:.2f} s (*), {self.largest_chart_seconds:.2f} s (19 and the others)"
        return f"{line}  collection {self.size / self.posts:4.0f} bytes/post  {charts}" if self.size else line


class Results:
    """What was measured so far, as lines of JSON in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self.figures = [Figures(**json.loads(line)) for line in lines]

    def find(self, way: str, methods: str, posts: int) -> Figures | None:
        """Return the figures of a way, None if it wasn't measured yet."""
        return next((old for old in self.figures if (old.way, old.methods, old.posts) == (way, methods, posts)), None)

    def add(self, figures: Figures) -> Figures:
        """Keep figures and return them."""
        self.figures.append(figures)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figures)) + "\n")
        return figures


@contextmanager
def measured(way: str, methods: str, posts: int) -> Iterator[list[Figures]]:
    """Yield a list that gets the figures of the processes that are started meanwhile."""
    figures = list[Figures]()
    with measured_memory() as peak:
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        yield figures
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    figures.append(Figures(way, methods, posts, seconds, processor, peak[0]))


def measure_program(way: str, methods: str, posts: int, command: Sequence[str | Path]) -> Figures:
    """Return the figures of a program."""
    with measured(way, methods, posts) as figures:
        subprocess.run([str(part) for part in command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return figures[0]


def measure_way(way: str, methods: str, posts: int, source: Path) -> Figures:
    """Return the figures of analyzing a collection and of its first charts, and delete it."""
    with tempfile.TemporaryDirectory(dir=source.parent) as datasets:
        with dask_workers() if "Dask" in way else nullcontext(["--workers", way[0]]) as options:
            command = [sys.executable, "-m", "dashboard.cli", "analyze", source, "--out", "posts", "--datasets", datasets]
            started, before = time.perf_counter(), _processor_seconds()
            with measured_memory() as peak:
                output = subprocess.check_output([*map(str, command), "--methods", methods, *options], cwd=ROOT, text=True)
            seconds, processor = time.perf_counter() - started, _processor_seconds() - before
        dataset_id = output.split("file:")[1].split(",")[0]
        charts = [measure_charts(datasets, dataset_id) for _ in range(CHART_RUNS)]
        all_accounts, largest = (statistics.median(runs) for runs in zip(*charts, strict=True))
        size = count_folder_bytes(Path(datasets) / dataset_id)
    return Figures(way, methods, posts, seconds, processor, peak[0], size, all_accounts, largest)


def _processor_seconds() -> float:
    """Return the processor time of all processes that this one started, those that run included."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    running = [process.cpu_times() for process in psutil.Process().children(recursive=True)]
    return ended.ru_utime + ended.ru_stime + sum(times.user + times.system for times in running)


def measure_charts(datasets: str, dataset_id: str) -> list[float]:
    """Return the seconds to the first charts of a collection in a new process."""
    program = FIRST_CHART.format(folder=datasets, dataset_id=dataset_id)
    return list(map(float, subprocess.check_output([sys.executable, "-c", program], cwd=ROOT, text=True).split()))


def measure(posts: int, arguments: argparse.Namespace, folder: Path, results: Results) -> None:
    """Print a line for each way to analyze a number of posts; those that were measured before aren't measured again."""
    source, methods = folder / f"posts-{posts}", arguments.methods
    if not source.exists():
        unfinished = source.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        write_posts(unfinished, posts)
        unfinished.rename(source)
    yardstick_command = [sys.executable, "-c", YARDSTICK.format(folder=str(source))]
    yardstick = results.find(YARDSTICK_NAME, "", posts) or results.add(measure_program(YARDSTICK_NAME, "", posts, yardstick_command))
    print(f"{posts:,} posts, {methods}; {YARDSTICK_NAME}: {yardstick.microseconds:.0f} µs of processor time per post", flush=True)
    for way in arguments.ways.split(","):
        figures = results.find(way, methods, posts) or results.add(measure_way(way, methods, posts, source))
        print(figures.describe(yardstick), flush=True)
    for way, command in PEER_PROGRAMS.items() if posts <= arguments.peers else ():
        figures = results.find(way, "", posts) or results.add(measure_program(way, "", posts, [*command, source]))
        print(figures.describe(yardstick), flush=True)


def print_growth(results: Results, methods: str) -> None:
    """Print, for each way, how the time per post and the first charts of many posts compare with those of few."""
    for way in WAYS:
        few, many = (results.find(way, methods, posts) for posts in (FEW, MANY))
        measured_posts = [old.posts for old in results.figures if (old.way, old.methods) == (way, methods) and old.posts > FEW]
        many = many or (results.find(way, methods, max(measured_posts)) if measured_posts else None)
        if few and many:
            ratios = many.microseconds / few.microseconds, many.chart_seconds / few.chart_seconds
            largest = many.largest_chart_seconds / few.largest_chart_seconds
            print(
                f"{way}, {many.posts:,} posts against {few.posts:,}: time per post × {ratios[0]:.2f} (at most {MAX_TIME_RATIO}), "
                f"first chart × {ratios[1]:.2f} (*) and × {largest:.2f} (19 and the others; at most {MAX_CHART_RATIO})"
            )


def print_paper(results: Results, methods: str) -> None:
    """Print what very many posts would take, from the largest number of posts that two processes analyzed; for docs/operate/growth.md."""
    known = [old for old in results.figures if (old.way, old.methods) == (WAYS[1], methods)]
    if not known:
        return
    largest = max(known, key=lambda old: old.posts)
    for posts in (10**8, 10**10):
        hours, gigabytes = posts * largest.microseconds / 1e6 / 3600, posts * largest.size / largest.posts / 1e9
        dollars, storage = hours * DOLLARS_PER_CORE_HOUR, gigabytes * DOLLARS_PER_GIGABYTE_MONTH
        print(
            f"{posts:,} posts as {largest.posts:,} took: {hours:,.1f} core-hours (${dollars:,.2f}), a collection of {gigabytes:,.1f} GB "
            f"(${storage:,.2f} per month)"
        )


def main() -> None:
    """Measure each number of posts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", default="10000", help="numbers of posts, separated by commas")
    parser.add_argument("--methods", default="bing,vader,afinn,model")
    parser.add_argument("--ways", default=",".join(WAYS), help=f"which of {', '.join(WAYS)}")
    parser.add_argument("--peers", type=int, default=0, metavar="POSTS", help="run pandas and R as well, up to this number of posts")
    parser.add_argument("--folder", type=Path, help="where posts and results stay; a temporary folder if missing")
    arguments = parser.parse_args()
    with nullcontext(arguments.folder) if arguments.folder else tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        results = Results(folder / "results.jsonl")
        for posts in map(int, arguments.posts.split(",")):
            measure(posts, arguments, folder, results)
        print_growth(results, arguments.methods)
        print_paper(results, arguments.methods)


if __name__ == "__main__":
    main()
