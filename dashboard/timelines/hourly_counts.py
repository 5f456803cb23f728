"""Loads post counts per hour from the cache and extends them at either end, so that no hour is counted or paid for twice.

For each account the storage holds one continuous span, which ends with the latest request; a span that doesn't touch it has an entry of
its own. Paid counts are saved with every page. Flask doesn't belong here.
"""

from dataclasses import replace
from datetime import datetime

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts
from dashboard.core.source_errors import SourceError
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.sources.base import CountSource, ProgressListener
from dashboard.timelines.budgeted_reads import Purchases
from dashboard.timelines.count_reader import CountReader, count_key, load_cached, load_paid
from dashboard.timelines.count_spans import build_request, clip_counts, find_missing_spans, raise_recent_failure, select_requested
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.store import TimelineStore


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
    request = build_request(source, since, until, store.clock())
    storage, purchases = store.choose_storage(store.sources[account.network]), Purchases()
    try:
        with storage.lock(count_key(account)) as lease:
            key, cached = load_paid(storage, account, request)
            raise_recent_failure(cached, request)
            missing = find_missing_spans(cached, request)
            store.observer.record_cache_lookup("counts", "hit" if not missing else "part" if cached else "miss")
            reader = CountReader(store.reads, store.clock, source, storage, lease, account, key, listener, spending, purchases)
            for span in missing:
                cached = reader.extend(cached, span)
    finally:
        store.compare_with_network(store.sources[account.network], purchases, listener)
    return select_requested(cached, account, request)


def load_stored(
    store: TimelineStore, account: Account, since: datetime | None, until: datetime | None, failure: SourceError | None = None
) -> HourlyCounts | None:
    """Return stored counts without contacting the network, None if they aren't enough for the request.

    `failure` is as in `TimelineStore`. Raises a stored SourceError.
    """
    source = _count_source(store, account)
    request = build_request(source, since, until, store.clock())
    try:
        cached = load_cached(store.choose_storage(store.sources[account.network]), account, request)[1]
    except StoreUnavailable:
        return None
    raise_recent_failure(cached, request)
    if find_missing_spans(cached, request):
        return clip_counts(replace(cached, failure=failure), request) if cached and not cached.is_empty and failure else None
    store.observer.record_cache_lookup("counts", "hit")
    return select_requested(cached, account, request)


def max_cost_microdollars(store: TimelineStore, account: Account, since: datetime | None, until: datetime | None) -> int:
    """Return the most that `load_counts` could cost now, in micro-dollars."""
    source = _count_source(store, account)
    request = build_request(source, since, until, store.clock())
    try:
        cached = load_cached(store.choose_storage(store.sources[account.network]), account, request)[1]
    except StoreUnavailable:
        cached = None
    return sum(store.prices.cost_microdollars(source.max_count_bill(account, span)) for span in find_missing_spans(cached, request))


def _count_source(store: TimelineStore, account: Account) -> CountSource:
    source = store.sources[account.network]
    assert isinstance(source, CountSource), "supports_counts() says which accounts can be counted"
    return source
