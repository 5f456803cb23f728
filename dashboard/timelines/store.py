"""Timelines that were read once, kept, and continued at either end: nothing that is known is read, or paid for, again.

No HTTP of ours and no web framework: a shelf, the sources and a budget are given. What is kept of an account is one unbroken run
of its newest posts; a span further back has an entry of its own.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import BudgetExceeded, PaidReadRefused, SourceError, SourceNotReady
from dashboard.core.formatting import format_list
from dashboard.core.observer import NULL_OBSERVER, Observer
from dashboard.core.posts import Timeline
from dashboard.core.pricing import EMPTY_BILL, Bill, PriceList
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.sources.files.source import FileSource
from dashboard.timelines import incremental, serialization
from dashboard.timelines.budget import Budget

TIMELINE_TTL = timedelta(days=7)  # how long a timeline is kept at all
_UNCACHED_ERRORS = (SourceNotReady, BudgetExceeded, PaidReadRefused)  # failures that are ours, and not remembered


class Cache(Protocol):
    """Bytes kept for a while. It raises nothing: what can't be reached is empty."""

    def get(self, key: str) -> bytes | None:
        """Return what was put there."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes."""
        ...

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Let one reader at a time in for a key, among all processes that share the shelf."""
        ...


class BillableResult(Protocol):
    """What a read brings, with its bill."""

    @property
    def posts_read(self) -> int:
        """Return how many posts were read."""
        ...

    @property
    def failure(self) -> SourceError | None:
        """Return why reading stopped early, None if it did not."""
        ...

    @property
    def bill(self) -> Bill:
        """Return what it was charged for."""
        ...


_BillableResult = TypeVar("_BillableResult", bound=BillableResult)


@dataclass(frozen=True)
class TimelineStore:
    """Answers for timelines, from the shelf or by reading."""

    sources: Mapping[Network, Source]
    cache: Cache
    budget: Budget
    prices: PriceList
    observer: Observer = NULL_OBSERVER
    clock: Clock = system_clock

    def load_timeline(
        self, account: Account, request: TimelineRequest, *, listener: ProgressListener | None = None, spending: Spending = ALL_SPENDING
    ) -> Timeline:
        """Return a timeline, reading only what is not kept.

        Raises a SourceError if there is nothing to show; with something kept, the error is the timeline's `failure`.
        """
        source = self._get_source(account)
        if isinstance(source, FileSource):  # what its owner deletes must be gone, so nothing of it is kept here
            return fetch_timeline(source, account, request, listener=listener)
        key = _cache_key(account, request)
        with self.cache.lock(key):
            kept, behind = self._load_cached(account, key, request), serialization.parse_timeline(self.cache.get(_older_run_key(key)))
            todo = incremental.plan_next_read(kept, behind, request, self.clock(), can_resume=source.supports_incremental)
            self.observer.record_cache_lookup("timeline", "hit" if not todo else "part" if kept else "miss")
            while todo:
                try:
                    ahead = incremental.posts_in_span(kept, request).height if kept and todo.direction == "older" else 0
                    brought = self._read_timeline(source, account, todo.request, _offset_progress(ahead, listener), spending=spending)
                except SourceError as error:
                    kept = _with_failure(account, kept, error, self.clock())
                    self._save(key, kept)
                    break
                kept, behind = incremental.merge_read(kept, behind, brought, todo)
                self._save(key, kept)
                self._save(_older_run_key(key), behind)
                todo = (
                    None
                    if brought.cut_by is not None
                    else incremental.plan_next_read(kept, behind, request, self.clock(), can_resume=source.supports_incremental)
                )
        return self._select_run(kept, behind, request)

    def _select_run(self, newest_run: Timeline | None, older_run: Timeline | None, request: TimelineRequest) -> Timeline:
        """Return what is shown: the newest run, or the longer one behind a gap while a failure keeps the two apart."""
        assert newest_run is not None  # without anything kept there was a step, and one that brings nothing raises
        if newest_run.failure and newest_run.posts.is_empty():
            raise newest_run.failure
        now = self.clock()
        if (
            newest_run.failure
            and older_run
            and incremental.posts_in_span(newest_run, request).height
            < min(request.limit, incremental.posts_in_span(older_run, request).height)
        ):
            return incremental.select_requested(incremental.with_failure(older_run, newest_run.failure, now), request, now)
        return incremental.select_requested(newest_run, request, now)

    def expand_account(self, account: Account) -> list[Account]:
        """Return the accounts that one stands for: those of a whole file, with most posts first; itself in every other case."""
        source = self.sources.get(account.network)
        try:
            return source.expand_account(account) if isinstance(source, FileSource) else [account]
        except SourceError:
            return [account]  # reading it will say why

    def max_cost_microdollars(self, account: Account, request: TimelineRequest) -> int:
        """Return the most micro-dollars that `timeline` would cost now; 0 for what is kept or free."""
        source = self.sources.get(account.network)
        if source is None or not source.max_bill(account, 1):
            return 0
        key = _cache_key(account, request)
        todo = incremental.plan_next_read(
            self._load_cached(account, key, request),
            serialization.parse_timeline(self.cache.get(_older_run_key(key))),
            request,
            self.clock(),
            can_resume=source.supports_incremental,
        )
        return self.prices.cost_microdollars(source.max_bill(account, todo.request.limit)) if todo else 0

    def _get_source(self, account: Account) -> Source:
        source = self.sources.get(account.network)
        if source is None:
            names = format_list([each.name for each in self.sources.values()])
            raise SourceNotReady(
                str(account), f"This Chorus cannot read {account.network} accounts such as {account.label}.", f"It reads {names}."
            )
        return source

    def _load_cached(self, account: Account, key: str, request: TimelineRequest) -> Timeline | None:
        """Return what answers a question: its own entry, or for a span the run of the newest posts if that covers it."""
        own = serialization.parse_timeline(self.cache.get(key))
        if not (request.since or request.until):
            return own
        run = serialization.parse_timeline(self.cache.get(_cache_key(account, TimelineRequest(1))))
        return run if run and not run.posts.is_empty() and incremental.covers_request(run, request, self.clock()) else own

    def _save(self, key: str, timeline: Timeline | None) -> None:
        """Keep a run; an account that a reader left before its first post is not known to be empty."""
        if timeline is None:
            self.cache.put(key, b"", 1)
        elif not (timeline.posts.is_empty() and timeline.cut_by == "stopped") and not isinstance(timeline.failure, _UNCACHED_ERRORS):
            self.cache.put(key, serialization.dump_timeline(timeline), _ttl_seconds(timeline))

    def _read_timeline(
        self, source: Source, account: Account, request: TimelineRequest, listener: ProgressListener | None, *, spending: Spending
    ) -> Timeline:
        """Read, with the most it may cost reserved before and what it did cost settled after."""
        quoted = source.max_bill(account, request.limit)
        paid = replace(request, limit=max(request.limit, quoted.get("post", 0)))  # what is charged for is kept
        return self.read_within_budget(account, quoted, lambda: fetch_timeline(source, account, paid, listener=listener), spending=spending)

    def read_within_budget(
        self, account: Account, max_bill: Bill, fetch: Callable[[], _BillableResult], *, spending: Spending
    ) -> _BillableResult:
        """Return what a reading brings, with the quoted most reserved before and its bill settled after."""
        most = self.prices.cost_microdollars(max_bill) if self._get_source(account).readiness().ready else 0
        if most and not spending.allowed:
            raise PaidReadRefused(str(account), f"Reading {account.label} costs money, and a program asked for it.")
        day = self.budget.reserve(str(account), most)
        bill: Bill = EMPTY_BILL
        try:
            brought = fetch()
            bill = brought.bill
            self.observer.record_fetch(account.network, _outcome_label(brought.failure), brought.posts_read)
        except SourceError as error:
            bill = error.bill
            self.observer.record_fetch(account.network, _outcome_label(error), 0)
            raise
        finally:
            cost = self.prices.cost_microdollars(bill)
            self.budget.settle(most, cost, day)
            self.observer.record_spend(cost)
        return brought


def _with_failure(account: Account, cached: Timeline | None, error: SourceError, failed_at: datetime) -> Timeline:
    if cached:
        return incremental.with_failure(cached, error, failed_at)
    return Timeline(str(account), posts.empty_frame(), "failure", failed_at, error, failed_at=failed_at)


def _offset_progress(posts_already_read: int, listener: ProgressListener | None) -> ProgressListener | None:
    """Return a listener that hears of the posts read before as well."""
    return (
        replace(listener, on_progress=lambda posts: listener.on_progress(posts_already_read + posts))
        if listener and posts_already_read
        else listener
    )


def _outcome_label(failure: SourceError | None) -> str:
    return type(failure).__name__ if failure else "ok"


def _older_run_key(key: str) -> str:
    """Return where the older run is kept that a gap parts from the newest one."""
    return f"{key}:behind"


def _cache_key(account: Account, request: TimelineRequest) -> str:
    span = ":".join(end.isoformat() if end else "" for end in (request.since, request.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def _ttl_seconds(timeline: Timeline) -> int:
    """Return how long to keep an entry: a failure without posts only as long as it is believed."""
    if timeline.failure and timeline.posts.is_empty():
        return int(incremental.backoff_duration(timeline.failure, timeline.failed_at or timeline.fetched_at).total_seconds())
    return int(TIMELINE_TTL.total_seconds())
