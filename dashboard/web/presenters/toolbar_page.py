"""The page that a toolbar is on: what it shows, where the same page for another question is, and what that costs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dashboard.charts.palette import Style
from dashboard.core.accounts import Account
from dashboard.core.charts import CHARTS
from dashboard.core.clock import Clock, system_clock
from dashboard.core.query import Query


@dataclass(frozen=True)
class Page:
    """The page that has the toolbar: the address and the highest price of the same page for another question, and what it shows.

    `chart_kind` is empty on a report and on a list of posts. `shown_time` is the time from the first to the last post, None if unknown.
    `chosen_interval` is the one that `auto` stands for, "" if unknown.
    """

    url_of: Callable[[Query], str]
    price_of: Callable[[Query], str] = lambda query: ""
    url_of_account: Callable[[Account], str] | None = None  # if it isn't the page of a question about this account alone
    current_account: Account | None = None
    chart_kind: str = ""
    is_list_of_posts: bool = False
    has_all_posts: bool = False  # it's about all posts of its accounts, whatever number of them the question names
    shown_time: tuple[datetime, datetime] | None = None
    chosen_interval: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)  # by canonical account
    styles: Mapping[str, Style] = field(default_factory=dict)
    language_counts: Sequence[tuple[str, int]] = ()  # of the posts of the period, the commonest language first
    new_account_price: str = ""
    clock: Clock = system_clock

    @property
    def has_intervals(self) -> bool:
        """Whether the page shows a chart by intervals."""
        return not self.is_list_of_posts and (not self.chart_kind or CHARTS[self.chart_kind].has_intervals)

    @property
    def has_methods(self) -> bool:
        """Whether the page shows sentiment by the chosen method."""
        return not self.is_list_of_posts and (not self.chart_kind or CHARTS[self.chart_kind].uses_labels)

    @property
    def has_measures(self) -> bool:
        """Whether the page shows sentiment over time."""
        return not self.is_list_of_posts and (not self.chart_kind or CHARTS[self.chart_kind].uses_measure)
