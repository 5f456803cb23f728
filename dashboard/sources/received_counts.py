"""The counts of one read that have arrived, newest first. When a read ends is decided in `fetch.py`."""

from datetime import datetime

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.counts import HourlyCounts
from dashboard.core.posts import CutReason
from dashboard.core.pricing import Bill
from dashboard.core.source_errors import SourceError
from dashboard.sources.base import CountPage, TimeSpan


class ReceivedCounts:
    """The counts of a span that have arrived: from its end back to `since`."""

    def __init__(self, account: Account, span: TimeSpan, clock: Clock) -> None:
        self._account, self._span, self._clock = account, span, clock
        self.posts_by_hour, self.since, self.name = dict[datetime, int](), span.until, ""

    @property
    def is_complete(self) -> bool:
        """Whether the whole span has been counted."""
        return self.since <= self._span.since

    def add_page(self, page: CountPage) -> None:
        """Add a page. Hours that were counted before keep their counts."""
        self.posts_by_hour = {start: count for start, count in page.hourly_counts.items() if count} | self.posts_by_hour
        self.since, self.name = max(self._span.since, min(self.since, page.since)), page.name or self.name

    def build(self, cut_by: CutReason | None, failure: SourceError | None = None, bill: Bill | None = None) -> HourlyCounts:
        """Return the counts as they are kept."""
        return HourlyCounts(
            str(self._account), self.posts_by_hour, self.since, self._span.until, cut_by, self._clock(), failure, bill or {}, self.name
        )
