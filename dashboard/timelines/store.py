"""Loads timelines from the cache and extends them at either end, so that no post is read or paid for twice.

For each account the cache holds one run of its newest posts without gaps; a span further back has an entry of its own. What was paid for
is in the durable store instead, saved with every page. Cache, sources and budget are passed in. Flask doesn't belong here.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from typing import Any, Protocol, TypeVar

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import deferred
from dashboard.core.observer import NULL_OBSERVER, Observer
from dashboard.core.post_sums import PostSums
from dashboard.core.posts import Timeline
from dashboard.core.pricing import EMPTY_BILL, Bill, PriceList
from dashboard.core.source_errors import NetworkDown, SourceError, SourceNotReady
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.core.spending_errors import BudgetExceeded, PaidReadRefused, ReadInProgress, SpendingUnknown
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.sources.metering import Meter
from dashboard.timelines import incremental, serialization
from dashboard.timelines.budget import Budget
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.incremental import ReadStep
from dashboard.timelines.locks import FixedLease, Lease, is_held
from dashboard.timelines.outages import StoreUnavailable, outlast_restart
from dashboard.timelines.paid_read import PaidRead
from dashboard.timelines.reconciliation import Reconciler

TIMELINE_TTL = timedelta(days=7)  # how long a timeline is cached
UNCACHED_ERRORS = (
    SourceNotReady,
    BudgetExceeded,
    SpendingUnknown,
    ReadInProgress,
    PaidReadRefused,
    NetworkDown,
)  # ours; they must not outlive their reason


class PostStorage(Protocol):
    """Where timelines are stored: the cache, which raises nothing, or the durable store, which raises StoreUnavailable."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none."""
        ...

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store bytes for a number of seconds. Empty bytes delete a key."""
        ...

    def lock(self, key: str) -> AbstractContextManager[Lease]:
        """Hold the lock of a key, against all threads and processes that share the storage."""
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
_EntryLoader = Callable[[str], Timeline | None]


@dataclass(frozen=True)
class TimelineStore:
    """Loads timelines from the cache and the networks."""

    sources: Mapping[str, Source]
    cache: PostStorage
    durable_store: DurableStore
    budget: Budget
    prices: PriceList
    observer: Observer = NULL_OBSERVER
    clock: Clock = system_clock
    reconciler: Reconciler = field(default_factory=Reconciler)

    def load_timeline(
        self, account: Account, request: TimelineRequest, *, listener: ProgressListener | None = None, spending: Spending = ALL_SPENDING
    ) -> Timeline:
        """Return a timeline, reading only what isn't cached.

        Raises SourceError if there is nothing to show. If some posts are cached, the error becomes the timeline's `failure` instead.
        """
        source = self._get_source(account)
        if not source.is_cached:
            return self.read_within_budget(
                account,
                EMPTY_BILL,
                lambda meter: fetch_timeline(source, account, request, listener=listener, clock=self._current_minute),
                lease=FixedLease(True),
                spending=spending,
            )
        if stored := self.load_stored(account, request):
            return stored  # without waiting for the lock, which somebody may hold who reads more
        key, storage = _cache_key(account, request), self.choose_storage(source)
        with storage.lock(key) as lease:
            try:
                runs = self._load_runs(_entry_loader(storage), account, request)
            except StoreUnavailable:
                raise SpendingUnknown(
                    str(account),
                    deferred("We can't look up what was already paid for, so %(account)s won't be read.", account=account.label),
                ) from None
            reader = _Reader(self, source, storage, lease, account, request, listener, spending)
            runs = reader.extend(*runs)
        self.compare_with_network(source, reader.purchases, listener)
        return self._select_run(*runs, request)

    def is_analyzed(self, account: Account) -> bool:
        """Return whether there are sums of an account's posts."""
        source = self.sources.get(account.network)
        return source is not None and source.is_analyzed(account)

    def has_sample(self, account: Account) -> bool:
        """Return whether there is a sample of an account's posts beside their sums."""
        source = self.sources.get(account.network)
        return source is not None and source.has_sample(account)

    def load_sums(self, account: Account, request: TimelineRequest) -> PostSums | None:
        """Return what was found out before about an account's posts, None if they can be read. Raises SourceError."""
        return self._get_source(account).load_sums(account, request, self._current_minute())

    def compare_with_network(self, source: Source, purchases: "Purchases", listener: ProgressListener | None) -> None:
        """Compare the ledger with the network's own count if anything was bought, unless nobody waits for the response."""
        if purchases.has_bought and not (listener and listener.is_cancelled()):
            self.reconciler.compare(source, self.budget, self.prices, is_uncertain=purchases.is_uncertain)

    def load_stored(self, account: Account, request: TimelineRequest, failure: SourceError | None = None) -> Timeline | None:
        """Return a stored timeline without contacting the network, None if that isn't enough for the request.

        With a `failure`, which says why the network may not be contacted, any stored posts are enough. Raises a stored SourceError.
        """
        source = self.sources.get(account.network)
        if source is None or not source.is_cached:
            return None
        try:
            newest_run, older_run = self._load_runs(_entry_loader(self.choose_storage(source)), account, request)
        except StoreUnavailable:
            return None
        now = self.clock()
        if incremental.plan_next_read(newest_run, older_run, request, now, can_resume=source.supports_incremental):
            if failure is None or newest_run is None or newest_run.posts.is_empty():
                return None
            newest_run = incremental.with_failure(newest_run, failure, now)
        else:
            self.observer.record_cache_lookup("timeline", "hit")
        return self._select_run(newest_run, older_run, request)

    def choose_storage(self, source: Source) -> PostStorage:
        """Return where what a source provides is stored: what costs money in the durable store, anything else in the cache."""
        return self.durable_store if source.network.is_paid else self.cache

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

    def find_last_day(self, accounts: Iterable[Account], zone: tzinfo) -> date | None:
        """Return the day in a zone on which the posts of the accounts end; None if that isn't known of all of them, or if more may come."""
        sources = [(self.sources.get(account.network), account) for account in accounts]
        try:
            days = [source.find_last_day(account, zone) if source else None for source, account in sources]
        except SourceError:  # reading the account will raise the same error
            return None
        known = [day for day in days if day]
        return max(known) if known and len(known) == len(days) else None

    def max_cost_microdollars(self, account: Account, *requests: TimelineRequest) -> list[int]:
        """Return the most that `load_timeline` could cost now for each request, in micro-dollars; 0 if the posts are cached or free.

        What is stored is read once for all of them.
        """
        source = self.sources.get(account.network)
        if source is None or not source.max_bill(account, 1):
            return [0] * len(requests)
        load = _entry_loader(self.choose_storage(source))
        return [self._max_cost_microdollars(source, load, account, request) for request in requests]

    def _max_cost_microdollars(self, source: Source, load: "_EntryLoader", account: Account, request: TimelineRequest) -> int:
        try:
            runs = self._load_runs(load, account, request)
        except StoreUnavailable:
            runs = None, None
        step = incremental.plan_next_read(*runs, request, self.clock(), can_resume=source.supports_incremental)
        return self.prices.cost_microdollars(source.max_bill(account, step.request.limit)) if step else 0

    def _current_minute(self) -> datetime:
        """Return the time of reading what is on this machine: to the minute, so that requests in the same minute get the same result."""
        return self.clock().replace(second=0, microsecond=0)

    def _get_source(self, account: Account) -> Source:
        source = self.sources.get(account.network)
        if source is None:
            names = format_list([source.network.title for source in self.sources.values()])
            raise SourceNotReady(
                str(account),
                deferred(
                    "Chorus can't read %(network)s accounts such as %(account)s here.", network=account.network, account=account.label
                ),
                deferred("It can read %(names)s.", names=names),
            )
        return source

    def _load_runs(self, load: "_EntryLoader", account: Account, request: TimelineRequest) -> tuple[Timeline | None, Timeline | None]:
        """Return the newest run for a request and the older one: the request's own entry, or the newest posts if they cover the span."""
        key = _cache_key(account, request)
        own_entry, older_run = load(key), load(_older_run_key(key))
        if not (request.since or request.until):
            return own_entry, older_run
        newest_run = load(_cache_key(account, TimelineRequest(1)))
        covers_span = newest_run and not newest_run.posts.is_empty() and incremental.covers_request(newest_run, request, self.clock())
        return newest_run if covers_span else own_entry, older_run

    def read_within_budget(
        self, account: Account, max_bill: Bill, fetch: Callable[[Meter], _BillableResult], *, lease: Lease, spending: Spending
    ) -> _BillableResult:
        """Return the result of `fetch`, reserving the most it may cost before and settling the actual bill after.

        `fetch` gets the meter that books each request. `lease` is that of the account's lock, without which nothing is paid for.
        """
        max_cost = self.prices.cost_microdollars(max_bill) if self._get_source(account).readiness().ready else 0
        if max_cost and not spending.allowed:
            raise PaidReadRefused(
                str(account), deferred("Reading %(account)s costs money, so it isn't done for automated requests.", account=account.label)
            )
        reservation = self.budget.reserve(str(account), max_cost)
        try:
            result = fetch(PaidRead(account, reservation, self.prices, lease))
            self.observer.record_fetch(account.network, _outcome_label(result.failure), result.posts_read)
        except SourceError as error:
            self.observer.record_fetch(account.network, _outcome_label(error), 0)
            raise
        finally:
            reservation.settle()
            self.observer.record_spend(reservation.spent_microdollars)
        return result


@dataclass
class Purchases:
    """Whether a request has bought anything, and whether something failed that the network may have charged for."""

    has_bought: bool = False
    is_uncertain: bool = False

    def add(self, bill: Bill, failure: SourceError | None) -> None:
        """Record a read."""
        self.has_bought |= any(bill.values())
        self.is_uncertain |= failure is not None and any(failure.bill.values())


@dataclass(frozen=True)
class _Reader:
    """One request that holds its account's lock: reads what the runs lack, and saves the results."""

    store: TimelineStore
    source: Source
    storage: PostStorage
    lease: Lease
    account: Account
    request: TimelineRequest
    listener: ProgressListener | None
    spending: Spending
    purchases: Purchases = field(default_factory=Purchases)

    def extend(self, newest_run: Timeline | None, older_run: Timeline | None) -> tuple[Timeline | None, Timeline | None]:
        """Return the runs after every read that the request needs, or until one ends early."""
        step = self._plan(newest_run, older_run)
        self.store.observer.record_cache_lookup("timeline", "hit" if not step else "part" if newest_run else "miss")
        while step:
            try:
                fetched = self._read(newest_run, older_run, step)
            except SourceError as error:
                self.purchases.add(error.bill, error)
                newest_run = _with_failure(self.account, newest_run, error, self.store.clock())
                self._save(newest_run, older_run)
                break
            self.purchases.add(fetched.bill, fetched.failure)
            newest_run, older_run = incremental.merge_read(newest_run, older_run, fetched, step)
            self._save(newest_run, older_run)
            step = None if fetched.cut_by is not None else self._plan(newest_run, older_run)
        return newest_run, older_run

    def _plan(self, newest_run: Timeline | None, older_run: Timeline | None) -> ReadStep | None:
        now = self.store.clock()
        return incremental.plan_next_read(newest_run, older_run, self.request, now, can_resume=self.source.supports_incremental)

    def _read(self, newest_run: Timeline | None, older_run: Timeline | None, step: ReadStep) -> Timeline:
        """Read one step within the budget. If it costs money, what has been read is saved with every page."""
        posts_before = incremental.posts_in_span(newest_run, self.request).height if newest_run and step.direction == "older" else 0
        max_bill = self.source.max_bill(self.account, step.request.limit)
        paid_request = replace(step.request, limit=max(step.request.limit, max_bill.get("post", 0)))  # keep every post that we pay for

        def save_partial(fetched: Timeline) -> None:
            if max_bill and not self._save(*incremental.merge_read(newest_run, older_run, fetched, step)):
                raise unsaved_error(self.account)

        def fetch(meter: Meter) -> Timeline:
            listener = _offset_progress(posts_before, self.listener)
            options: dict[str, Any] = {"listener": listener, "meter": meter, "save_partial": save_partial, "clock": self.store.clock}
            return fetch_timeline(self.source, self.account, paid_request, **options)

        return self.store.read_within_budget(self.account, max_bill, fetch, lease=self.lease, spending=self.spending)

    def _save(self, newest_run: Timeline, older_run: Timeline | None) -> bool:
        """Store both runs at once, unless reading stopped before the first post, or another process may have stored as many posts.

        Returns False if they should have been stored and couldn't be.
        """
        key = _cache_key(self.account, self.request)
        stopped_empty = newest_run.posts.is_empty() and newest_run.cut_by == "stopped"
        if stopped_empty or isinstance(newest_run.failure, UNCACHED_ERRORS):
            return True

        def put() -> None:
            if is_held(self.lease) or self._has_more_posts(key, newest_run):
                self.storage.put_all({key: _serialize_run(newest_run), _older_run_key(key): _serialize_run(older_run)})

        try:
            outlast_restart(put)
        except StoreUnavailable:
            return False
        return True

    def _has_more_posts(self, key: str, run: Timeline) -> bool:
        """Return whether a run has more posts than the stored one. If so, it may be stored even though the lock was lost."""
        stored = serialization.parse_timeline(self.storage.get(key))
        return stored is None or stored.posts.height < run.posts.height


def unsaved_error(account: Account) -> SourceError:
    """Return the error that ends a read whose pages can't be stored, because the next request would pay for them again."""
    return SpendingUnknown(
        str(account),
        deferred("What was paid for can't be stored right now, so no more of %(account)s will be read.", account=account.label),
    )


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


def _entry_loader(storage: PostStorage) -> _EntryLoader:
    """Return a function that reads each stored timeline once. It raises StoreUnavailable."""
    return cache(lambda key: serialization.parse_timeline(storage.get(key)))


def _cache_key(account: Account, request: TimelineRequest) -> str:
    span = ":".join(end.isoformat() if end else "" for end in (request.since, request.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def _serialize_run(run: Timeline | None) -> tuple[bytes, int]:
    """Return the bytes of a run and how long to store them; empty bytes, which delete it, if there's none."""
    return (serialization.dump_timeline(run), _ttl_seconds(run)) if run else (b"", 1)


def _ttl_seconds(timeline: Timeline) -> int:
    """Return how long to cache a run; one with a failure and no posts expires when the network may be asked again."""
    if timeline.failure and timeline.posts.is_empty():
        return int(incremental.backoff_duration(timeline.failure, timeline.failed_at or timeline.fetched_at).total_seconds())
    return int(TIMELINE_TTL.total_seconds())
