"""Networks that count posts without giving them: pages of hours, newest first, become one unbroken span of counts.

Deadlines, partial results and readers who go away are handled here; how a network is asked is its own room's business.
"""

import time
from collections import Counter
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts
from dashboard.core.errors import RateLimited, SourceError
from dashboard.core.posts import CutReason
from dashboard.core.pricing import Bill
from dashboard.sources.base import FETCH_TIMEOUT_SECONDS, ProgressListener


@dataclass(frozen=True)
class TimeSpan:
    """A half-open span of aware UTC times in whole seconds, wholly past."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class CountPage:
    """Posts an hour, by the hour's start; they reach back to `since`, without a gap to the page before. `bill` is what the page costs."""

    hourly_counts: Mapping[datetime, int]
    since: datetime
    bill: Bill = field(default_factory=dict)


@runtime_checkable
class CountSource(Protocol):
    """A source that can count posts, too."""

    def max_count_bill(self, account: Account, span: TimeSpan) -> Bill:
        """Return the most that counting is charged for."""
        ...

    def iter_count_pages(self, account: Account, span: TimeSpan, deadline: float) -> Generator[CountPage, None, None]:
        """Yield pages, newest first, until the start of the span; raise a SourceError when counting can't go on."""
        ...


def count_posts(
    source: CountSource,
    account: Account,
    span: TimeSpan,
    *,
    timeout_seconds: float = FETCH_TIMEOUT_SECONDS,
    listener: ProgressListener | None = None,
) -> HourlyCounts:
    """Count one account's posts. A failure before the first post is raised, with its bill; one after it is kept in the Counts.

    The listener hears the number of pages.
    """
    deadline, listener = time.monotonic() + timeout_seconds, listener or ProgressListener()
    hours, reached, pages = dict[datetime, int](), span.until, 0
    cut_by: CutReason | None = None
    failure, bill = None, Counter[str]()
    with closing(source.iter_count_pages(account, span, deadline)) as counted:
        try:
            for pages, page in enumerate(counted, 1):
                bill.update(page.bill)
                hours = {start: posts for start, posts in page.hourly_counts.items() if posts} | hours
                reached = max(span.since, min(reached, page.since))
                listener.on_progress(pages)
                if reached > span.since and listener.is_cancelled():
                    cut_by = "stopped"
                    break
        except SourceError as error:
            bill.update(error.bill)
            if not hours:
                error.bill = bill
                raise
            failure, cut_by = error, _cut_reason(error, deadline)
    if reached > span.since and cut_by is None:
        cut_by = "network"
    return HourlyCounts(str(account), hours, reached, span.until, cut_by, datetime.now(UTC), failure, bill)


def _cut_reason(error: SourceError, deadline: float) -> CutReason:
    if time.monotonic() >= deadline:
        return "deadline"
    return "rate_limit" if isinstance(error, RateLimited) else "failure"
