"""Loads timelines from the cache and extends them at either end, so that no post is read or paid for twice.

For each account the cache holds one run of its newest posts without gaps; a span further back has an entry of its own. Cache, sources
and budget are passed in. Flask doesn't belong here.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import BudgetExceeded, NetworkDown, PaidReadRefused, SourceError, SourceNotReady
from dashboard.core.formatting import format_list
from dashboard.core.observer import NULL_OBSERVER, Observer
from dashboard.core.posts import Timeline
from dashboard.core.pricing import EMPTY_BILL, Bill, PriceList
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.timelines import incremental, serialization
from dashboard.timelines.budget import Budget

TIMELINE_TTL = timedelta(days=7)  # how long a timeline is cached
_UNCACHED_ERRORS = (SourceNotReady, BudgetExceeded, PaidReadRefused, NetworkDown)  # our own refusals, which must not outlive their reason


class Cache(Protocol):
    """A cache of bytes. Implementations raise nothing: one that can't be reached counts as empty."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes for a number of seconds."""
        ...

    def lock(self, key: str) -> AbstractContextManager[None]:
        """Hold the lock of a key, against all threads and processes that share the cache."""
        ...


class BillableResult(Protocol):
    """The result of a read that may have cost money."""

    @property
    def posts_read(self) -> int:
        """The number of posts that were read."""
        ...

    @property
    def failure(self) -> SourceError | None:
        """Why reading stopped early, or None if it didn't."""
        ...

    @property
    def bill(self) -> Bill:
        """What the network charged for."""
        ...


_BillableResult = TypeVar("_BillableResult", bound=BillableResult)


@dataclass(frozen=True)
class TimelineStore:
    """Loads timelines from the cache and the networks."""

    sources: Mapping[str, Source]
    cache: Cache
    budget: Budget
    prices: PriceList
    observer: Observer = NULL_OBSERVER
    clock: Clock = system_clock

    def load_timeline(
        self, account: Account, request: TimelineRequest, *, listener: ProgressListener | None = None, spending: Spending = ALL_SPENDING
    ) -> Timeline:
        """Return a timeline, reading only what isn't cached.

        Raises SourceError if there is nothing to show. If some posts are cached, the error becomes the timeline's `failure` instead.
        """
        source = self._get_source(account)
        if not source.is_cached:
            return fetch_timeline(source, account, request, listener=listener, clock=self.clock)
        key = _cache_key(account, request)
        with self.cache.lock(key):
            newest_run, older_run = (
                self._load_cached(account, key, request),
                serialization.parse_timeline(self.cache.get(_older_run_key(key))),
            )
            step = incremental.plan_next_read(newest_run, older_run, request, self.clock(), can_resume=source.supports_incremental)
            self.observer.record_cache_lookup("timeline", "hit" if not step else "part" if newest_run else "miss")
            while step:
                try:
                    posts_already_read = (
                        incremental.posts_in_span(newest_run, request).height if newest_run and step.direction == "older" else 0
                    )
                    fetched = self._read_timeline(
                        source, account, step.request, _offset_progress(posts_already_read, listener), spending=spending
                    )
                except SourceError as error:
                    newest_run = _with_failure(account, newest_run, error, self.clock())
                    self._save(key, newest_run)
                    break
                newest_run, older_run = incremental.merge_read(newest_run, older_run, fetched, step)
                self._save(key, newest_run)
                self._save(_older_run_key(key), older_run)
                step = (
                    None
                    if fetched.cut_by is not None
                    else incremental.plan_next_read(newest_run, older_run, request, self.clock(), can_resume=source.supports_incremental)
                )
        return self._select_run(newest_run, older_run, request)

    def _select_run(self, newest_run: Timeline | None, older_run: Timeline | None, request: TimelineRequest) -> Timeline:
        """Return the requested part of the newest run, or of the older run if that is longer and a failure keeps them separate."""
        assert newest_run is not None  # without a cached run there was a step, which set it
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
        """Return the accounts of a whole file, most posts first; any other account is returned unchanged."""
        source = self.sources.get(account.network)
        try:
            return source.expand_account(account) if source else [account]
        except SourceError:
            return [account]  # reading it will raise the same error

    def max_cost_microdollars(self, account: Account, request: TimelineRequest) -> int:
        """Return the most that `load_timeline` could cost now, in micro-dollars; 0 if the posts are cached or free."""
        source = self.sources.get(account.network)
        if source is None or not source.max_bill(account, 1):
            return 0
        key = _cache_key(account, request)
        step = incremental.plan_next_read(
            self._load_cached(account, key, request),
            serialization.parse_timeline(self.cache.get(_older_run_key(key))),
            request,
            self.clock(),
            can_resume=source.supports_incremental,
        )
        return self.prices.cost_microdollars(source.max_bill(account, step.request.limit)) if step else 0

    def _get_source(self, account: Account) -> Source:
        source = self.sources.get(account.network)
        if source is None:
            names = format_list([source.network.title for source in self.sources.values()])
            raise SourceNotReady(
                str(account), f"Chorus can't read {account.network} accounts such as {account.label} here.", f"It can read {names}."
            )
        return source

    def _load_cached(self, account: Account, key: str, request: TimelineRequest) -> Timeline | None:
        """Return the cached run for a request: its own entry, or the run of the newest posts if that covers the span."""
        own_entry = serialization.parse_timeline(self.cache.get(key))
        if not (request.since or request.until):
            return own_entry
        newest_run = serialization.parse_timeline(self.cache.get(_cache_key(account, TimelineRequest(1))))
        return (
            newest_run
            if newest_run and not newest_run.posts.is_empty() and incremental.covers_request(newest_run, request, self.clock())
            else own_entry
        )

    def _save(self, key: str, timeline: Timeline | None) -> None:
        """Cache a run, unless reading stopped before its first post, which doesn't mean that the account is empty."""
        if timeline is None:
            self.cache.put(key, b"", 1)
        elif not (timeline.posts.is_empty() and timeline.cut_by == "stopped") and not isinstance(timeline.failure, _UNCACHED_ERRORS):
            self.cache.put(key, serialization.dump_timeline(timeline), _ttl_seconds(timeline))

    def _read_timeline(
        self, source: Source, account: Account, request: TimelineRequest, listener: ProgressListener | None, *, spending: Spending
    ) -> Timeline:
        """Read a timeline within the budget."""
        max_bill = source.max_bill(account, request.limit)
        paid_request = replace(request, limit=max(request.limit, max_bill.get("post", 0)))  # keep every post that we pay for
        return self.read_within_budget(
            account,
            max_bill,
            lambda: fetch_timeline(source, account, paid_request, listener=listener, clock=self.clock),
            spending=spending,
        )

    def read_within_budget(
        self, account: Account, max_bill: Bill, fetch: Callable[[], _BillableResult], *, spending: Spending
    ) -> _BillableResult:
        """Return the result of `fetch`, reserving the most it may cost before and settling the actual bill after."""
        max_cost = self.prices.cost_microdollars(max_bill) if self._get_source(account).readiness().ready else 0
        if max_cost and not spending.allowed:
            raise PaidReadRefused(str(account), f"Reading {account.label} costs money, so it isn't done for automated requests.")
        day_key = self.budget.reserve(str(account), max_cost)
        bill: Bill = EMPTY_BILL
        try:
            result = fetch()
            bill = result.bill
            self.observer.record_fetch(account.network, _outcome_label(result.failure), result.posts_read)
        except SourceError as error:
            bill = error.bill
            self.observer.record_fetch(account.network, _outcome_label(error), 0)
            raise
        finally:
            cost = self.prices.cost_microdollars(bill)
            self.budget.settle(max_cost, cost, day_key)
            self.observer.record_spend(cost)
        return result


def _with_failure(account: Account, cached: Timeline | None, error: SourceError, failed_at: datetime) -> Timeline:
    if cached:
        return incremental.with_failure(cached, error, failed_at)
    return Timeline(str(account), posts.empty_frame(), "failure", failed_at, error, failed_at=failed_at)


def _offset_progress(posts_already_read: int, listener: ProgressListener | None) -> ProgressListener | None:
    """Return a listener whose progress includes the posts read before."""
    return (
        replace(listener, on_progress=lambda posts: listener.on_progress(posts_already_read + posts))
        if listener and posts_already_read
        else listener
    )


def _outcome_label(failure: SourceError | None) -> str:
    return type(failure).__name__ if failure else "ok"


def _older_run_key(key: str) -> str:
    """Return the key of the older run, which a gap separates from the newest one."""
    return f"{key}:behind"


def _cache_key(account: Account, request: TimelineRequest) -> str:
    span = ":".join(end.isoformat() if end else "" for end in (request.since, request.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def _ttl_seconds(timeline: Timeline) -> int:
    """Return how long to cache a run; one with a failure and no posts expires when the network may be asked again."""
    if timeline.failure and timeline.posts.is_empty():
        return int(incremental.backoff_duration(timeline.failure, timeline.failed_at or timeline.fetched_at).total_seconds())
    return int(TIMELINE_TTL.total_seconds())
