"""Loads post counts per hour from the cache and extends them at either end, so that no hour is counted or paid for twice.

For each account the storage holds one continuous span, which ends with the latest request; a span that doesn't touch it has an entry of
its own. Paid counts are saved with every page. Flask doesn't belong here.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts, start_of_hour
from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.messages import deferred
from dashboard.core.pricing import format_dollars
from dashboard.core.source_errors import SourceError
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.core.spending_errors import BudgetExceeded, SpendingUnknown
from dashboard.sources.base import CountSource, ProgressListener, TimeSpan
from dashboard.sources.fetch import count_posts
from dashboard.sources.metering import Meter
from dashboard.timelines import serialization
from dashboard.timelines.incremental import MAX_FRESH_AGE, backoff_duration
from dashboard.timelines.locks import Lease, is_held
from dashboard.timelines.outages import StoreUnavailable, outlast_restart
from dashboard.timelines.store import TIMELINE_TTL, UNCACHED_ERRORS, PostStorage, Purchases, TimelineStore, unsaved_error

DEFAULT_SPAN = timedelta(days=365)  # counted if the request has no start
MAX_SPAN = timedelta(days=60 * 31)  # of one request: 60 pages of X's API, about five years
SEPARATE_SPAN_TTL = timedelta(days=30)  # for a span with an entry of its own; past counts hardly change


@dataclass(frozen=True)
class CountRequest:
    """A span to count. `ends_now` says that it ends at the current time, `is_shortened` that Chorus chose or moved its start."""

    span: TimeSpan
    asked_at: datetime
    ends_now: bool
    is_shortened: bool


def supports_counts(store: TimelineStore, account: Account) -> bool:
    """Return whether an account's network can count posts."""
    return isinstance(store.sources.get(account.network), CountSource)


def load_counts(
    store: TimelineStore,
    account: Account,
    since: datetime | None,
    until: datetime | None,
    *,
    listener: ProgressListener | None = None,
    spending: Spending = ALL_SPENDING,
) -> HourlyCounts:
    """Return an account's counts, counting only what isn't cached.

    Without `since` they start DEFAULT_SPAN ago; they never span more than MAX_SPAN. Raises SourceError if there is nothing to show. If
    some counts are cached, the error becomes their `failure` instead.
    """
    if stored := load_stored(store, account, since, until):
        return stored  # without waiting for the lock, which somebody may hold who counts more
    source = _count_source(store, account)
    request = _build_request(source, since, until, store.clock())
    storage, purchases = store.choose_storage(store.sources[account.network]), Purchases()
    try:
        with storage.lock(_cache_key(account)) as lease:
            key, cached = _load_paid(storage, account, request)
            _raise_recent_failure(cached, request)
            missing = _missing_spans(cached, request)
            store.observer.record_cache_lookup("counts", "hit" if not missing else "part" if cached else "miss")
            counter = _Counter(store, source, storage, lease, account, key, listener, spending, purchases)
            for span in missing:
                cached = counter.extend(cached, span)
    finally:
        store.compare_with_network(store.sources[account.network], purchases, listener)
    return _select_requested(cached, account, request)


def load_stored(
    store: TimelineStore, account: Account, since: datetime | None, until: datetime | None, failure: SourceError | None = None
) -> HourlyCounts | None:
    """Return stored counts without contacting the network, None if they aren't enough for the request.

    `failure` is as in `TimelineStore`. Raises a stored SourceError.
    """
    source = _count_source(store, account)
    request = _build_request(source, since, until, store.clock())
    try:
        cached = _load_cached(store.choose_storage(store.sources[account.network]), account, request)[1]
    except StoreUnavailable:
        return None
    _raise_recent_failure(cached, request)
    if _missing_spans(cached, request):
        return _clip(replace(cached, failure=failure), request) if cached and not cached.is_empty and failure else None
    store.observer.record_cache_lookup("counts", "hit")
    return _select_requested(cached, account, request)


def max_cost_microdollars(store: TimelineStore, account: Account, since: datetime | None, until: datetime | None) -> int:
    """Return the most that `load_counts` could cost now, in micro-dollars."""
    source = _count_source(store, account)
    request = _build_request(source, since, until, store.clock())
    try:
        cached = _load_cached(store.choose_storage(store.sources[account.network]), account, request)[1]
    except StoreUnavailable:
        cached = None
    return sum(store.prices.cost_microdollars(source.max_count_bill(account, span)) for span in _missing_spans(cached, request))


def _count_source(store: TimelineStore, account: Account) -> CountSource:
    source = store.sources[account.network]
    assert isinstance(source, CountSource), "supports_counts() says which accounts can be counted"
    return source


def _build_request(source: CountSource, since: datetime | None, until: datetime | None, now: datetime) -> CountRequest:
    """Return the request with its span limited to the past, to the time that the network counts, and to MAX_SPAN."""
    latest = (now - source.min_end_age).replace(microsecond=0)
    end = min(until or latest, latest)
    midnight = datetime.combine(end.astimezone(UTC).date(), time(), UTC)
    earliest = midnight - (MAX_SPAN - timedelta(days=1))
    start = since or midnight - DEFAULT_SPAN
    span = TimeSpan(max(start, earliest, source.earliest_count_time), end)
    return CountRequest(span, now, ends_now=end == latest, is_shortened=since is None or start < earliest)


def _load_cached(storage: PostStorage, account: Account, request: CountRequest) -> tuple[str, HourlyCounts | None]:
    """Return the cache key and the cached counts for a request: the main entry if the span touches it, else the span's own entry."""
    main_entry, span = serialization.parse_counts(storage.get(_cache_key(account))), request.span
    touches_main_entry = main_entry and span.since <= main_entry.until and span.until >= main_entry.since
    if request.ends_now or touches_main_entry:
        return _cache_key(account), main_entry
    key = f"{_cache_key(account)}:{span.since.isoformat()}:{span.until.isoformat()}"
    return key, serialization.parse_counts(storage.get(key))


def _load_paid(storage: PostStorage, account: Account, request: CountRequest) -> tuple[str, HourlyCounts | None]:
    """Return what `_load_cached` does. Raises SpendingUnknown if the store can't be reached, because everything would be bought again."""
    try:
        return _load_cached(storage, account, request)
    except StoreUnavailable:
        raise SpendingUnknown(
            str(account), deferred("We can't look up what was already paid for, so %(account)s won't be read.", account=account.label)
        ) from None


def _missing_spans(cached: HourlyCounts | None, request: CountRequest) -> list[TimeSpan]:
    """Return the spans that still have to be counted: the whole span, or what is missing at the newer and the older end."""
    span = request.span
    if span.since >= span.until:
        return []
    if cached is None or cached.is_empty:
        return [span]
    newer = [TimeSpan(max(cached.since, start_of_hour(cached.until)), span.until)] if _ends_too_early(cached, request) else []
    needs_older = span.since < cached.since and cached.cut_by != "network" and not _is_backing_off(cached, request.asked_at)
    return newer + ([TimeSpan(span.since, cached.since)] if needs_older else [])


def _raise_recent_failure(cached: HourlyCounts | None, request: CountRequest) -> None:
    """Raise the failure that is all that is stored, unless the network may be asked again."""
    if cached and cached.is_empty and cached.failure and _is_backing_off(cached, request.asked_at):
        raise cached.failure


def _select_requested(cached: HourlyCounts | None, account: Account, request: CountRequest) -> HourlyCounts:
    """Return the requested part of counts, which is empty if the whole span is in the future."""
    since = request.span.since
    return _clip(cached, request) if cached else HourlyCounts(str(account), {}, since, since, None, request.asked_at)


def _ends_too_early(cached: HourlyCounts, request: CountRequest) -> bool:
    """Return whether counts end too early for a request; one that ends now accepts counts up to MAX_FRESH_AGE old."""
    return request.span.until - cached.until >= (MAX_FRESH_AGE if request.ends_now else timedelta(microseconds=1))


@dataclass(frozen=True)
class _Counter:
    """One request that holds its account's lock: counts what is missing, and saves the results."""

    store: TimelineStore
    source: CountSource
    storage: PostStorage
    lease: Lease
    account: Account
    key: str
    listener: ProgressListener | None
    spending: Spending
    purchases: Purchases

    def extend(self, cached: HourlyCounts | None, span: TimeSpan) -> HourlyCounts:
        """Count one span and save the result. A failure is added to cached counts; without any, it is saved and raised."""
        try:
            fetched = self._count(cached, span)
        except SourceError as error:
            self.purchases.add(error.bill, error)
            if isinstance(error, BudgetExceeded):
                error.advice = defer_sentences(error.outlook, _describe_price(self.store))
            if cached is None or cached.is_empty:
                self._save_failure(error)
                raise
            return replace(cached, failure=error)
        self.purchases.add(fetched.bill, fetched.failure)
        merged = _merge(cached, fetched, span)
        self._save(_choose_longer(cached, merged))
        return merged

    def _count(self, cached: HourlyCounts | None, span: TimeSpan) -> HourlyCounts:
        """Count one span within the budget, saving what has been counted with every page."""

        def save_partial(counts: HourlyCounts) -> None:
            if not self._save(_choose_longer(cached, _merge(cached, counts, span))):
                raise unsaved_error(self.account)

        def fetch(meter: Meter) -> HourlyCounts:
            options: dict[str, Any] = {"listener": self.listener, "meter": meter, "save_partial": save_partial, "clock": self.store.clock}
            return count_posts(self.source, self.account, span, **options)

        max_bill = self.source.max_count_bill(self.account, span)
        return self.store.read_within_budget(self.account, max_bill, fetch, lease=self.lease, spending=self.spending)

    def _save(self, counts: HourlyCounts) -> bool:
        """Store counts, unless another process may have stored as many. Our own refusals aren't stored with them.

        Returns False if they should have been stored and couldn't be.
        """
        stored = replace(counts, failure=None) if isinstance(counts.failure, UNCACHED_ERRORS) else counts
        ttl = TIMELINE_TTL if self.key == _cache_key(self.account) else SEPARATE_SPAN_TTL
        return self._put(stored, ttl)

    def _save_failure(self, error: SourceError) -> None:
        if not isinstance(error, UNCACHED_ERRORS):
            now = self.store.clock()
            self._put(HourlyCounts(error.account, {}, now, now, "failure", now, error), backoff_duration(error, now))

    def _put(self, counts: HourlyCounts, ttl: timedelta) -> bool:
        def put() -> None:
            if is_held(self.lease) or self._is_longer(counts):
                self.storage.put_all({self.key: (serialization.dump_counts(counts), int(ttl.total_seconds()))})

        try:
            outlast_restart(put)
        except StoreUnavailable:
            return False
        return True

    def _is_longer(self, counts: HourlyCounts) -> bool:
        """Return whether counts span more than the stored ones. If so, they may be stored even though the lock was lost."""
        stored = serialization.parse_counts(self.storage.get(self.key))
        return stored is None or stored.until - stored.since < counts.until - counts.since


def _choose_longer(cached: HourlyCounts | None, merged: HourlyCounts) -> HourlyCounts:
    """Return what to store: the longer of two spans that a gap separates, because the other one is cheaper to count again."""
    is_separate = cached is not None and merged.since > cached.until
    return cached if cached and is_separate and cached.until - cached.since > merged.until - merged.since else merged


def _describe_price(store: TimelineStore) -> str:
    price = format_dollars(store.prices.cost_microdollars({"counts": 1}))
    return deferred("A shorter period costs less: 31 days cost %(price)s.", price=price)


def _merge(cached: HourlyCounts | None, fetched: HourlyCounts, span: TimeSpan) -> HourlyCounts:
    """Return cached and fetched counts as one span. If there is a gap between them, only the newer part is returned."""
    merged = _merge_hours(cached, fetched, span)
    return replace(merged, name=fetched.name or (cached.name if cached else ""))


def _merge_hours(cached: HourlyCounts | None, fetched: HourlyCounts, span: TimeSpan) -> HourlyCounts:
    if cached is None or cached.is_empty:
        return fetched
    if span.until <= cached.since:
        hours = {**fetched.posts_by_hour, **cached.posts_by_hour}
        return replace(cached, posts_by_hour=hours, since=fetched.since, cut_by=fetched.cut_by, failure=fetched.failure)
    if fetched.since > span.since:
        return fetched
    before = {start: posts for start, posts in cached.posts_by_hour.items() if start < span.since}
    return replace(
        cached, posts_by_hour={**before, **fetched.posts_by_hour}, until=fetched.until, fetched_at=fetched.fetched_at, failure=None
    )


def _clip(cached: HourlyCounts, request: CountRequest) -> HourlyCounts:
    """Return the requested part of counts."""
    since, until = max(cached.since, request.span.since), min(cached.until, request.span.until)
    hours = {start: posts for start, posts in cached.posts_by_hour.items() if since <= start < until}
    starts_late = since > request.span.since
    cut_by = (cached.cut_by or "failure") if starts_late else "time" if request.is_shortened else None
    failure = cached.failure if starts_late or _ends_too_early(cached, request) else None
    return replace(cached, posts_by_hour=hours, since=min(since, until), until=until, cut_by=cut_by, failure=failure)


def _is_backing_off(cached: HourlyCounts, now: datetime) -> bool:
    """Return whether it is too early to ask the network again after the failure of these counts."""
    return cached.failure is not None and now < cached.fetched_at + backoff_duration(cached.failure, cached.fetched_at)


def _cache_key(account: Account) -> str:
    return f"counts:{account.network}:{account.name}"
