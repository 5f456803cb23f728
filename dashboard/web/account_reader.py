"""How one account of a question is read: its sums, its posts or its network's counts, whichever suffice, and at what expense.

Which accounts are read at the same time, and for how long, belongs in `fetch.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeVar

from dashboard.core.accounts import Account
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.source_errors import FileTooLong, SourceError
from dashboard.core.spending import Spending
from dashboard.core.spending_errors import PaidReadRefused

if TYPE_CHECKING:  # the domain is slow to import, so it's loaded by the first query instead of at startup
    from dashboard.core.activity import Activity
    from dashboard.core.counts import HourlyCounts
    from dashboard.core.post_selection import PostSelection
    from dashboard.core.posts import Timeline
    from dashboard.sources.base import ProgressListener, TimelineRequest
    from dashboard.timelines.store import TimelineStore

_Result = TypeVar("_Result", "Timeline", "HourlyCounts")


@dataclass
class AccountReader:
    """Reads the accounts of a question one by one. Several threads may use it."""

    query: Query  # with files expanded to their accounts
    spending: Spending
    store: "TimelineStore"
    chart_kind: str | None = None  # the chart to read for, None for all
    selection: "PostSelection | None" = None  # which posts are listed, None for charts
    sampled_accounts: frozenset[Account] = frozenset()  # of collections, of whose posts a sample is enough where sums aren't
    refused_accounts: set[Account] = field(default_factory=set)  # accounts that weren't read, or not further, because it costs money

    @property
    def needs_posts(self) -> bool:
        """Whether sums of posts aren't enough."""
        return self.selection is not None or (self.chart_kind is not None and CHARTS[self.chart_kind].needs_posts)

    def is_counted_by_network(self, account: Account) -> bool:
        """Return whether the network's own counts of an account are read instead of its posts."""
        from dashboard.timelines import hourly_counts

        return self.query.counted == "network" and hourly_counts.supports_counts(self.store, account)

    def load_stored(self, account: Account, failure: SourceError | None = None) -> "Activity | SourceError | None":
        """Return what is stored of an account, None if it has to be read. With `failure`, that is why it can't be read now."""
        from dashboard.timelines import hourly_counts

        try:
            if self.is_counted_by_network(account):
                return hourly_counts.load_stored(self.store, account, *self.query.span, failure)
            return self.store.load_stored(account, self._build_request(), failure)
        except SourceError as error:
            return error

    def find_versions(self, accounts: Sequence[Account]) -> dict[Account, str]:
        """Return the versions of what `read` would return now, of the accounts whose posts needn't be read for that."""
        return self.store.find_versions(accounts, self._build_request())  # that of all accounts that weren't analyzed

    def read(self, account: Account, listener: "ProgressListener") -> "Activity | SourceError":
        """Return what was read of an account, or why it couldn't be read. The listener is called with pages of counts, or with posts."""
        try:
            if self.is_counted_by_network(account):
                return self._read_counts(account, listener)
            return self._load_sums(account) or self._read_posts(account, listener)
        except SourceError as error:
            return self._explain_failure(account, error)

    def _read_counts(self, account: Account, listener: "ProgressListener") -> "HourlyCounts":
        from dashboard.timelines import hourly_counts

        counts = hourly_counts.load_counts(self.store, account, *self.query.span, listener=listener, spending=self.spending)
        return self._explain_partial_failure(account, counts)

    def _load_sums(self, account: Account) -> "Activity | None":
        """Return the sums of an account, or posts drawn from them if it is sampled; None if its posts have to be read."""
        if self.needs_posts and account not in self.sampled_accounts:
            return None
        sums = self.store.load_sums(account, self._build_request(account))
        return sums.draw_timeline() if sums and self.needs_posts else sums

    def _read_posts(self, account: Account, listener: "ProgressListener") -> "Timeline":
        """Return the posts of an account, or a sample of those of a collection if too much would have to be read for them."""
        request = self._build_request(account)
        try:
            timeline = self.store.load_timeline(account, request, listener=listener, spending=self.spending)
        except FileTooLong:
            sums = self.store.load_sums(account, request) if self.store.has_sample(account) else None
            if sums is None:
                raise
            timeline = sums.draw_timeline()
        return self._explain_partial_failure(account, timeline)

    def _build_request(self, account: Account | None = None) -> "TimelineRequest":
        """Return the request for the posts of the question; of an analyzed account, only for those that are listed."""
        from dashboard.sources.base import TimelineRequest

        request = TimelineRequest(self.query.limit, *self.query.required_span(self.chart_kind), tz=self.query.tz)
        if account is None or self.selection is None or not self.store.is_analyzed(account):
            return request
        since, until = self.selection.narrow_span(request.since, request.until, self.query)
        return replace(request, limit=MAX_POSTS_PER_ACCOUNT, since=since, until=until)

    def _explain_partial_failure(self, account: Account, result: "_Result") -> "_Result":
        """Return the result; if reading ended early because nobody may spend money, its failure says what would allow it."""
        return replace(result, failure=self._explain_failure(account, result.failure)) if result.failure else result

    def _explain_failure(self, account: Account, error: SourceError) -> SourceError:
        if isinstance(error, PaidReadRefused):
            self.refused_accounts.add(account)
        return self.spending.explain(account, error)
