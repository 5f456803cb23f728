"""Loads timelines from the cache and extends them at either end, so that no post is read or paid for twice.

For each account the cache holds one run of its newest posts without gaps; a span further back has an entry of its own. What was paid for
is in the durable store instead, saved with every page. Cache, sources and budget are passed in. Flask doesn't belong here.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import deferred
from dashboard.core.observer import NULL_OBSERVER, Observer
from dashboard.core.post_sums import PostSums
from dashboard.core.posts import Timeline
from dashboard.core.pricing import EMPTY_BILL, PriceList
from dashboard.core.source_errors import SourceError, SourceNotReady
from dashboard.core.spending import ALL_SPENDING, Spending
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.timelines import incremental
from dashboard.timelines.budget import Budget
from dashboard.timelines.budgeted_reads import BudgetedReads, Purchases, unknown_purchases_error
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.kept_runs import KeptRuns
from dashboard.timelines.locks import FixedLease
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.post_storage import PostStorage, RunLoader, load_runs, run_key, run_loader
from dashboard.timelines.reconciliation import Reconciler
from dashboard.timelines.timeline_reader import TimelineReader

_REQUESTED_CUTS = (None, "n", "cap")  # values of cut_by that follow from the posts and the request


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
    kept_runs: KeptRuns = field(default_factory=KeptRuns)

    @property
    def reads(self) -> BudgetedReads:
        """What reads from the networks within the budget."""
        return BudgetedReads(self.budget, self.prices, self.observer)

    def load_timeline(
        self, account: Account, request: TimelineRequest, *, listener: ProgressListener | None = None, spending: Spending = ALL_SPENDING
    ) -> Timeline:
        """Return a timeline, reading only what isn't cached.

        Raises SourceError if there is nothing to show. If some posts are cached, the error becomes the timeline's `failure` instead.
        """
        source = self._get_source(account)
        if not source.is_cached:
            return self._read_here(source, account, request, listener, spending)
        if stored := self.load_stored(account, request):
            return stored  # without waiting for the lock, which somebody may hold who reads more
        key, storage = run_key(account, request), self.choose_storage(source)
        with storage.lock(key) as lease:
            try:
                runs = load_runs(run_loader(storage, self.kept_runs), account, request, self.clock())
            except StoreUnavailable:
                raise unknown_purchases_error(account) from None
            reader = TimelineReader(self.reads, self.clock, source, storage, lease, account, request, listener, spending)
            runs = reader.extend(*runs)
        self.compare_with_network(source, reader.purchases, listener)
        return self._select_run(*runs, request)

    def _read_here(
        self, source: Source, account: Account, request: TimelineRequest, listener: ProgressListener | None, spending: Spending
    ) -> Timeline:
        """Return a timeline that is on this machine, with its version if that was the same all the time."""
        version = self._find_version(account, request)
        timeline = self.reads.read(
            source,
            account,
            EMPTY_BILL,
            lambda meter: fetch_timeline(source, account, request, listener=listener, clock=self._current_minute),
            lease=FixedLease(True),
            spending=spending,
        )
        timeline = replace(timeline, fetched_at=self._find_read_time(source, account))
        is_as_expected = timeline.cut_by in _REQUESTED_CUTS and version == self._find_version(account, request)
        return timeline.with_version(version) if is_as_expected else timeline

    def find_versions(self, accounts: Iterable[Account], request: TimelineRequest) -> dict[Account, str]:
        """Return the versions of the timelines that `load_timeline` would return now, of the accounts whose posts needn't be read for that.

        They are on this machine. `load_stored` returns what is stored of networks, with its version.
        """
        accounts_by_network = defaultdict[str, list[Account]](list)
        for account in accounts:
            accounts_by_network[account.network].append(account)
        versions = dict[Account, str]()
        for network, members in accounts_by_network.items():
            if (source := self.sources.get(network)) and not source.is_cached:
                for account, version in source.find_versions(members, request).items():
                    versions[account] = f"{version} {self._find_read_time(source, account).isoformat()}"
        return versions

    def _find_version(self, account: Account, request: TimelineRequest) -> str:
        return self.find_versions([account], request).get(account, "")

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
        source = self._get_source(account)
        return source.load_sums(account, request, self._find_read_time(source, account))

    def compare_with_network(self, source: Source, purchases: Purchases, listener: ProgressListener | None) -> None:
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
            newest_run, older_run = load_runs(run_loader(self.choose_storage(source), self.kept_runs), account, request, self.clock())
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
        selected = incremental.select_requested(newest_run, request, now)
        if not newest_run.version:
            return selected
        ends = request.limit, request.since, request.until, selected.cut_by, selected.failure and selected.failure.message
        return selected.with_version(repr((newest_run.version, *ends)))

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
        load = run_loader(self.choose_storage(source), self.kept_runs)
        return [self._max_cost_microdollars(source, load, account, request) for request in requests]

    def _max_cost_microdollars(self, source: Source, load: RunLoader, account: Account, request: TimelineRequest) -> int:
        try:
            runs = load_runs(load, account, request, self.clock())
        except StoreUnavailable:
            runs = None, None
        step = incremental.plan_next_read(*runs, request, self.clock(), can_resume=source.supports_incremental)
        return self.prices.cost_microdollars(source.max_bill(account, step.request.limit)) if step else 0

    def _find_read_time(self, source: Source, account: Account) -> datetime:
        """Return when what is on this machine was read: when it last changed, so that a question has the same response until it does."""
        return source.find_last_change(account) or self._current_minute()

    def _current_minute(self) -> datetime:
        """Return the time to the minute, so that requests in the same minute get the same result."""
        return self.clock().replace(second=0, microsecond=0)

    def _get_source(self, account: Account) -> Source:
        source = self.sources.get(account.network)
        if source is None:
            names = format_list([source.network.title for source in self.sources.values()])
            raise SourceNotReady(
                str(account),
                deferred(
                    "Chorus can’t read %(network)s accounts such as %(account)s here.", network=account.network, account=account.label
                ),
                deferred("It can read %(names)s.", names=names),
            )
        return source
