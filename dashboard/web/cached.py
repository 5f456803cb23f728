"""The one door to the domain: every timeline is read here, kept per account, and read once however many ask at the same time.

Changing the chart, interval, method, format or a smaller number of posts never reads a network again.
"""

import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dashboard.accounts import Account
from dashboard.errors import RateLimited, SourceError, SourceNotReady
from dashboard.extensions import Services, Shelf, services, shelf
from dashboard.query import CAP, Query

if TYPE_CHECKING:  # the domain is heavy and is loaded with the first question, not with the application
    from dashboard.posts import Timeline
    from dashboard.report import Dashboard, Report

FRESH = 3600  # seconds that a timeline is kept
SHORT = 30  # seconds that a failure is remembered, so that reloading a page does not hammer a network that is down
LONG = 15 * 60  # the most that a rate limit is remembered
AT_ONCE = 8  # accounts of one question that are read at the same time


@dataclass
class _Flights:
    """A lock a key, for as long as anybody holds or awaits it."""

    guard: threading.Lock = field(default_factory=threading.Lock)
    waiting: dict[str, tuple[threading.Lock, int]] = field(default_factory=dict)

    @contextmanager
    def alone(self, key: str) -> Iterator[None]:
        with self.guard:
            lock, count = self.waiting.get(key, (threading.Lock(), 0))
            self.waiting[key] = (lock, count + 1)
        try:
            with lock:
                yield
        finally:
            with self.guard:
                lock, count = self.waiting.pop(key)
                if count > 1:
                    self.waiting[key] = (lock, count - 1)


_flights = _Flights()


def report(kind: str, query: Query) -> "Report":
    """Return one chart's answer. Raises InvalidQuery, or the SourceError of an account if none of them could be read."""
    from dashboard.report import build

    return build(kind, query, *_timelines(query))


def dashboard(query: Query) -> "Dashboard":
    """Return every chart's answer; errors as for `report`."""
    from dashboard.report import dashboard as build

    return build(query, *_timelines(query))


def figure(answer: "Report") -> dict[str, Any]:
    """Return what plotly.js draws: {"data", "layout", "config"}."""
    from dashboard.charts import interactive

    return interactive.figure(answer.chart)


def image(answer: "Report", form: str) -> bytes:
    """Return the chart as an image; `form` is png or svg, the rest is in its query."""
    from dashboard.charts import image as still

    query = answer.query
    height = still.fitting_height(answer.chart, query.height) if query.height == Query.model_fields["height"].default else query.height
    if form == "svg":
        return still.svg(answer.chart, width=query.width, height=height, theme=query.theme).encode()
    return still.png(answer.chart, width=query.width, height=height, scale=query.scale, theme=query.theme)


def examples() -> list[tuple[str, str, str]]:
    """Return accounts, title and description of questions that answer anywhere."""
    from dashboard.sources.demo import organisations

    return [(f"demo:{each.name}", each.title, each.about) for each in organisations()]


def _timelines(query: Query) -> tuple[list["Timeline"], Mapping[str, SourceError]]:
    """Return the timelines of a question in the order asked for, and why the others could not be read."""
    given, kept = services(), shelf()
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(query.users))) as pool:
        answers = list(pool.map(lambda account: _answer(account, query, given, kept), query.users))
    failures = {answer.account: answer for answer in answers if isinstance(answer, SourceError)}
    found = [answer for answer in answers if not isinstance(answer, SourceError)]
    if not found:
        raise next(iter(failures.values()))
    return found, failures


def _answer(account: Account, query: Query, given: Services, kept: Shelf) -> "Timeline | SourceError":
    try:
        return _timeline(account, query, given, kept)
    except SourceError as error:
        return error


def _timeline(account: Account, query: Query, given: Services, kept: Shelf) -> "Timeline":
    """Return one account's timeline from the shelf, or read it; only one reader at a time for each account and span."""
    from dashboard import shelving
    from dashboard.sources import Wanted, read

    source = given.sources.get(account.network)
    if source is None:
        raise SourceNotReady(
            str(account), f"This Chorus cannot read {account.network.title()} accounts such as {account.label}.", _served(given)
        )
    since, until = query.span
    key = f"timeline:{account.network}:{account.name}:{since and since.isoformat()}:{until and until.isoformat()}"
    with _flights.alone(key):
        known = _known(kept.get(key), query.limit)
        if known:
            return known
        try:
            timeline = read(source, account, Wanted(query.limit, since, until))
        except SourceError as error:
            _remember(error, key, kept)
            raise
        kept.put(key, shelving.dumps(timeline), _seconds(timeline.failure))
    return timeline


def _known(bytes_kept: bytes | None, limit: int) -> "Timeline | None":
    """Return what is kept if it answers a read of `limit` posts. Raises the SourceError that is remembered instead of posts."""
    from dashboard import shelving

    timeline = shelving.loads(bytes_kept)
    if timeline is None:
        return None
    if timeline.failure and timeline.posts.is_empty():
        raise timeline.failure
    return shelving.newest(timeline, limit, CAP)


def _remember(error: SourceError, key: str, kept: Shelf) -> None:
    """Keep a failure for a short while."""
    from dashboard import posts, shelving

    if not isinstance(error, SourceNotReady):
        timeline = posts.Timeline(error.account, posts.empty(), "failure", datetime.now(UTC), error)
        kept.put(key, shelving.dumps(timeline), _seconds(error))


def _seconds(failure: SourceError | None) -> int:
    if failure is None:
        return FRESH
    if isinstance(failure, RateLimited) and failure.resets_at:
        return max(1, min(LONG, int((failure.resets_at - datetime.now(UTC)).total_seconds())))
    return SHORT


def _served(given: Services) -> str:
    return f"It reads {' and '.join(source.name for source in given.sources.values())}."
