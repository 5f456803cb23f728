"""Extends one account's stored counts: counts what a request lacks, and saves it with every page.

Which spans are missing, and how they are merged, is decided in `count_spans.py`.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.counts import HourlyCounts
from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.messages import deferred
from dashboard.core.pricing import PriceList, format_dollars
from dashboard.core.source_errors import SourceError
from dashboard.core.spending import Spending
from dashboard.core.spending_errors import BudgetExceeded
from dashboard.sources.base import CountSource, ProgressListener, TimeSpan
from dashboard.sources.fetch import count_posts
from dashboard.sources.metering import Meter
from dashboard.timelines import serialization
from dashboard.timelines.budgeted_reads import UNCACHED_ERRORS, BudgetedReads, Purchases, unknown_purchases_error, unsaved_error
from dashboard.timelines.count_spans import CountRequest, choose_longer, merge_counts
from dashboard.timelines.incremental import backoff_duration
from dashboard.timelines.locks import Lease, is_held
from dashboard.timelines.outages import StoreUnavailable, outlast_restart
from dashboard.timelines.post_storage import TIMELINE_TTL, PostStorage

SEPARATE_SPAN_TTL = timedelta(days=30)  # for a span with an entry of its own; past counts hardly change


@dataclass(frozen=True)
class CountReader:
    """One request that holds its account's lock: counts what is missing, and saves the results."""

    reads: BudgetedReads
    clock: Clock
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
                error.advice = defer_sentences(error.outlook, _describe_price(self.reads.prices))
            if cached is None or cached.is_empty:
                self._save_failure(error)
                raise
            return replace(cached, failure=error)
        self.purchases.add(fetched.bill, fetched.failure)
        merged = merge_counts(cached, fetched, span)
        self._save(choose_longer(cached, merged))
        return merged

    def _count(self, cached: HourlyCounts | None, span: TimeSpan) -> HourlyCounts:
        """Count one span within the budget, saving what has been counted with every page."""

        def save_partial(counts: HourlyCounts) -> None:
            if not self._save(choose_longer(cached, merge_counts(cached, counts, span))):
                raise unsaved_error(self.account)

        def fetch(meter: Meter) -> HourlyCounts:
            options: dict[str, Any] = {"listener": self.listener, "meter": meter, "save_partial": save_partial, "clock": self.clock}
            return count_posts(self.source, self.account, span, **options)

        max_bill = self.source.max_count_bill(self.account, span)
        return self.reads.read(self.source, self.account, max_bill, fetch, lease=self.lease, spending=self.spending)

    def _save(self, counts: HourlyCounts) -> bool:
        """Store counts, unless another process may have stored as many. Our own refusals aren't stored with them.

        Returns False if they should have been stored and couldn't be.
        """
        stored = replace(counts, failure=None) if isinstance(counts.failure, UNCACHED_ERRORS) else counts
        ttl = TIMELINE_TTL if self.key == count_key(self.account) else SEPARATE_SPAN_TTL
        return self._put(stored, ttl)

    def _save_failure(self, error: SourceError) -> None:
        if not isinstance(error, UNCACHED_ERRORS):
            now = self.clock()
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


def load_cached(storage: PostStorage, account: Account, request: CountRequest) -> tuple[str, HourlyCounts | None]:
    """Return the cache key and the cached counts for a request: the main entry if the span touches it, else the span's own entry."""
    main_entry, span = serialization.parse_counts(storage.get(count_key(account))), request.span
    touches_main_entry = main_entry and span.since <= main_entry.until and span.until >= main_entry.since
    if request.ends_now or touches_main_entry:
        return count_key(account), main_entry
    key = f"{count_key(account)}:{span.since.isoformat()}:{span.until.isoformat()}"
    return key, serialization.parse_counts(storage.get(key))


def load_paid(storage: PostStorage, account: Account, request: CountRequest) -> tuple[str, HourlyCounts | None]:
    """Return what `load_cached` does. Raises SpendingUnknown if the store can't be reached, because everything would be bought again."""
    try:
        return load_cached(storage, account, request)
    except StoreUnavailable:
        raise unknown_purchases_error(account) from None


def _describe_price(prices: PriceList) -> str:
    price = format_dollars(prices.cost_microdollars({"counts": 1}))
    return deferred("A shorter period costs less: 31 days cost %(price)s.", price=price)


def count_key(account: Account) -> str:
    """Return the key of an account's counts up to now."""
    return f"counts:{account.network}:{account.name}"
