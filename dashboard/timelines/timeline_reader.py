"""Extends one account's stored timeline: reads what a request lacks, and saves it with every page that costs money.

What to read next is decided in `incremental.py`, what it may cost in `budgeted_reads.py`.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from dashboard.core import posts
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import SourceError
from dashboard.core.spending import Spending
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.fetch import fetch_timeline
from dashboard.sources.metering import Meter
from dashboard.timelines import incremental, serialization
from dashboard.timelines.budgeted_reads import UNCACHED_ERRORS, BudgetedReads, Purchases, unsaved_error
from dashboard.timelines.incremental import ReadStep
from dashboard.timelines.locks import Lease, is_held
from dashboard.timelines.outages import StoreUnavailable, outlast_restart
from dashboard.timelines.post_storage import PostStorage, older_run_key, run_key, serialize_run


@dataclass(frozen=True)
class TimelineReader:
    """One request that holds its account's lock: reads what the runs lack, and saves the results."""

    reads: BudgetedReads
    clock: Clock
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
        self.reads.observer.record_cache_lookup("timeline", "hit" if not step else "part" if newest_run else "miss")
        while step:
            try:
                fetched = self._read(newest_run, older_run, step)
            except SourceError as error:
                self.purchases.add(error.bill, error)
                newest_run = _with_failure(self.account, newest_run, error, self.clock())
                newest_run = self._save(newest_run, older_run) or newest_run
                break
            self.purchases.add(fetched.bill, fetched.failure)
            newest_run, older_run = incremental.merge_read(newest_run, older_run, fetched, step)
            newest_run = self._save(newest_run, older_run) or newest_run
            step = None if fetched.cut_by is not None else self._plan(newest_run, older_run)
        return newest_run, older_run

    def _plan(self, newest_run: Timeline | None, older_run: Timeline | None) -> ReadStep | None:
        now = self.clock()
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
            options: dict[str, Any] = {"listener": listener, "meter": meter, "save_partial": save_partial, "clock": self.clock}
            return fetch_timeline(self.source, self.account, paid_request, **options)

        return self.reads.read(self.source, self.account, max_bill, fetch, lease=self.lease, spending=self.spending)

    def _save(self, newest_run: Timeline, older_run: Timeline | None) -> Timeline | None:
        """Store both runs at once, unless reading stopped before the first post, or another process may have stored as many posts.

        Returns the newest run, with its version if it was to be stored, or None if it should have been stored and couldn't be.
        """
        key = run_key(self.account, self.request)
        stopped_empty = newest_run.posts.is_empty() and newest_run.cut_by == "stopped"
        if stopped_empty or isinstance(newest_run.failure, UNCACHED_ERRORS):
            return newest_run
        entry, older_entry = serialize_run(newest_run), serialize_run(older_run)

        def put() -> None:
            if is_held(self.lease) or self._has_more_posts(key, newest_run):
                self.storage.put_all({key: entry, older_run_key(key): older_entry})

        try:
            outlast_restart(put)
        except StoreUnavailable:
            return None
        return newest_run.with_version(serialization.read_digest(entry[0]))

    def _has_more_posts(self, key: str, run: Timeline) -> bool:
        """Return whether a run has more posts than the stored one. If so, it may be stored even though the lock was lost."""
        stored = serialization.parse_timeline(self.storage.get(key))
        return stored is None or stored.posts.height < run.posts.height


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
