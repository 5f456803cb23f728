"""The same posts twice: as an uploaded file and as an analyzed collection, and the tables with which reports answer about either."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from dashboard.analytics.fact_tables import FactTables
from dashboard.core.accounts import Account
from dashboard.core.clock import system_clock
from dashboard.core.query import Query
from dashboard.prediction.serving.labeller import Labeller
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from dashboard.reports.report import Report
from dashboard.scale import run
from dashboard.scale.local_pool import LocalPool
from dashboard.scale.models import load_labeller
from dashboard.scale.options import Options
from dashboard.scale.reading import PartitionResult
from dashboard.sources.base import TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.source import FileSource
from dashboard.sources.files.store import DatasetStore

ZONES = ("UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia")
SUMMED_CHARTS = ("frequency", "sentiment", "rhythm", "compare", "events")


class SameProcess:
    """A pool that runs tasks here, one after the other."""

    worker_count = 1

    def report_progress(self, size: int, posts: int) -> None:
        """Do nothing: nobody watches."""

    def check_workers(self, options: Options, versions: Any) -> None:
        """Do nothing: it's this process."""

    def run(self, function: Any, tasks: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
        """Yield each task with its result or its error."""
        for task in tasks:
            try:
                yield task, function(task)
            except Exception as error:
                yield task, error


class InterruptedPool(SameProcess):
    """A pool that is interrupted once it has finished some tasks, and knows which tasks it ran."""

    def __init__(self, finished_tasks: int = 1_000) -> None:
        self.finished_tasks, self.read = finished_tasks, list[str]()

    def run(self, function: Any, tasks: Any) -> Iterator[tuple[Any, Any]]:
        """Yield the results of tasks until it's interrupted."""
        for task, result in super().run(function, tasks):
            if len(self.read) == self.finished_tasks:
                raise KeyboardInterrupt
            self.read += [result.name] if isinstance(result, PartitionResult) else []
            yield task, result


def analyze(sources: Sequence[Path | str], folder: Path, name: str = "posts", pool: Any = None, **options: Any) -> Dataset:
    """Analyze files as `chorus analyze` does, in this process unless there is a pool."""
    methods = options.pop("methods", ("bing", "vader", "afinn"))
    collection_options = {key: options.pop(key) for key in ("is_strict", "on_unreadable", "clock") if key in options}
    collection = run.find_collection(name, [str(source) for source in sources], folder, **collection_options)
    return run.analyze(collection, Options(methods, system_clock(), **options), pool or SameProcess())


def analyze_in_processes(sources: Sequence[Path], folder: Path, workers: int = 2, **options: Any) -> Dataset:
    """Analyze files in processes of their own."""
    return analyze(sources, folder, pool=LocalPool(workers), **options)


@dataclass
class Answers:
    """Asks reports about the datasets in a folder. What was read for one question is kept for the next."""

    folder: Path
    labeller: Labeller | None = None
    facts: FactTables = field(default_factory=FactTables)

    def report(self, kind: str, dataset: Dataset, names: Sequence[str], **parameters: Any) -> Report:
        """Return the report on accounts of a dataset."""
        users = ",".join(f"{dataset.canonical_name}/{name}" for name in names)
        query = Query.parse({"users": [users], "n": ["3200"]} | {key: [str(value)] for key, value in parameters.items()})
        activities = [self._read(account, query, kind) for account in query.users]
        fetched = Fetched(activities, labeller=self.labeller, facts=self.facts)
        return builder.build_report(kind, query, fetched)

    def table(self, kind: str, dataset: Dataset, names: Sequence[str], **parameters: Any) -> pl.DataFrame:
        """Return the table of a report, with the names of accounts in their dataset."""
        table = self.report(kind, dataset, names, **parameters).table
        return table.with_columns(pl.col("account").str.split("/").list.last()).drop("words" if kind == "events" else [], strict=False)

    def _read(self, account: Account, query: Query, kind: str) -> Any:
        source, now = FileSource(DatasetStore(self.folder)), system_clock().replace(second=0, microsecond=0)
        request = TimelineRequest(query.limit, *query.required_span(kind), tz=query.tz)
        return source.load_sums(account, request, now) or fetch_timeline(source, account, request, clock=lambda: now)


def load_built_in_labeller() -> Labeller:
    """Return the labeller of a server without a model of its own."""
    return load_labeller("", is_trusted=False)


def draw_questions(seed: int, count: int, days: tuple[date, date], methods: Sequence[str]) -> list[dict[str, Any]]:
    """Return random questions: every parameter that a table of sums depends on, with and without a period."""
    draw = random.Random(seed)
    return [_draw_question(draw, days, methods) for _ in range(count)]


def _draw_question(draw: random.Random, days: tuple[date, date], methods: Sequence[str]) -> dict[str, Any]:
    length = (days[1] - days[0]).days
    start = draw.randrange(length)
    since, until = (days[0] + timedelta(days=day) for day in (start, start + draw.choice([1, 7, 30, 200, length])))
    period = {"since": since, "until": until}
    dates = draw.choice([{}, {}, {"since": since}, {"until": until}, period, period])
    intervals = ["auto", "day", "week", "month", *(["hour"] if len(dates) > 1 else [])]
    return {
        "kind": draw.choice(SUMMED_CHARTS),
        "tz": draw.choice(ZONES),
        "interval": draw.choice(intervals),
        "kinds": ",".join(draw.sample(["post", "reply", "repost", "quote"], draw.randint(1, 4))),
        "method": draw.choice(list(methods)),
        "measure": draw.choice(["net", "mean", "share"]),
        "window": draw.choice(["all", "common"]),
        "language": draw.choice(["", "", "en", "de,es"]),
        **dates,
    }


def write_sample(
    folder: Path, accounts: int = 4, posts_per_account: int = 90, seed: int = 7, foreign_share: float = 0.15, **shared_fields: Any
) -> list[Path]:
    """Write invented posts as several files and return these: replies and reposts, other languages, dates without a time, repetitions.

    The posts of each account are in several files, and some posts are in two of them.
    """
    draw, lines = random.Random(seed), list[dict[str, Any]]()
    for number in range(accounts):
        for place in range(posts_per_account // (1 + number % 3)):
            lines.append(_draw_post(draw, f"account{number}", number * 10_000 + place, foreign_share) | shared_fields)
    draw.shuffle(lines)
    lines += [dict(line) for line in lines[:5]]
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"posts-{number}.jsonl" for number in range(3)]
    for number, path in enumerate(paths):
        part = lines[number * len(lines) // 3 : (number + 1) * len(lines) // 3]
        path.write_text("".join(json.dumps(line) + "\n" for line in part), encoding="utf-8")
    return paths


def join_files(paths: Sequence[Path], target: Path) -> Path:
    """Write the content of files one after the other to another file, and return it."""
    target.write_bytes(b"".join(path.read_bytes() for path in paths))
    return target


def _draw_post(draw: random.Random, account: str, number: int, foreign_share: float) -> dict[str, Any]:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=draw.randrange(60 * 24 * 3600))
    has_time = draw.random() > 0.1
    words = draw.choices(_WORDS, k=draw.randint(0, 12)) if draw.random() > foreign_share else draw.choice(_FOREIGN_TEXTS).split()
    return {
        "account": account,
        "id": str(1_900_000_000_000_000_000 + number),
        "created_at": moment.isoformat() if has_time else moment.date().isoformat(),
        "text": draw.choice(["", "", "", "RT @somebody: ", "@somebody "]) + " ".join(words) + draw.choice([".", "!", " 🎉"]),
        "likes": draw.choice([None, 0, 3, 250]),
    }


_WORDS = [
    *("good", "bad", "great", "awful", "not", "very", "the", "a", "of", "love", "hate", "happy", "sad", "terrible", "wonderful"),
    *("report", "today", "we", "think", "NEVER", "excellent"),
]
_FOREIGN_TEXTS = [
    "Das ist wirklich sehr schön und wir freuen uns auf morgen",
    "Esto no me gusta nada porque es muy malo para todos",
    "これは本当に素晴らしいニュースです",
    "Super !",
    "Sehr gut",
    "Wir freuen uns sehr über die gute Nachricht von heute",
]


def select_accounts(dataset: Dataset, names: Sequence[str]) -> Dataset:
    """Return a dataset that lists only some of its accounts."""
    return replace(dataset, accounts=tuple(account for account in dataset.accounts if account.name in names))
