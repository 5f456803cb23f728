"""Defines a finding: one sentence about a report, where it leads, and what a kind of finding gets to write it.

How kinds are found is in their own modules, and which findings a report shows is decided in `selection.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal

from dashboard.analytics.intervals import Interval
from dashboard.charts.spec.chart import PostQuery
from dashboard.core.accounts import Account
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext
from dashboard.core.methods import METHODS, Method
from dashboard.core.networks import NETWORKS
from dashboard.core.query import Query
from dashboard.core.query_values import Measure

FindingKind = Literal["unusual", "change", "level", "audience", "top_post", "busiest", "volume", "rhythm", "steady", "caveat"]
Section = Literal["activity", "sentiment", "audience", "about-methods"]


@dataclass(frozen=True)
class Target:
    """Where a finding leads: to posts, to a section of the report, to a chart's own page, or to another question.

    `title` is the text of the link. Exactly one of the four is set.
    """

    title: str
    post_query: PostQuery = ()
    section: Section | None = None
    query: Query | None = None
    chart: str = ""


@dataclass(frozen=True)
class Finding:
    """One sentence about a report. `headline` says what it's about and makes sense alone; `detail` follows it directly, with numbers.

    `account` is the account that it's about, "" for all of them. `charts` are the kinds of charts that show it. `strength` orders
    findings of one kind: the distance from what is usual, or from no difference, in units that only this kind has. `scope` is the
    number of posts that are concerned, 1 for kinds that are about all posts; the product of both says how much it matters. `measure` is
    the measure of sentiment that its numbers are of, None if a chart of any measure shows it. `span` has the first and last moment of the
    posts that it's about, None if they are all that the report shows.
    """

    kind: FindingKind
    account: str
    headline: str
    detail: str
    charts: tuple[str, ...] = ()
    target: Target | None = None
    strength: float = 0.0
    measure: Measure | None = None
    scope: float = 1.0
    span: tuple[datetime, datetime] | None = None

    @property
    def sentence(self) -> str:
        """The whole sentence, with its full stop."""
        return f"{self.headline}{self.detail}"


@dataclass(frozen=True)
class FindingContext:
    """What the sentences on a report have in common.

    `labels` has the labels of the accounts in the order of the query. `interval` is the width of the intervals. `shows_year` says whether
    dates need a year to be clear. The posts of `network_counted` accounts were counted by their network and can't be shown.
    `find_languages` returns the language that findings on sentiment are about, of each account that posts in several.
    """

    query: Query
    labels: Mapping[str, str]
    interval: Interval
    shows_year: bool = False
    network_counted: frozenset[str] = field(default_factory=frozenset)
    find_languages: Callable[[], Mapping[str, str]] = field(default=dict, repr=False, compare=False)

    def mention_language(self, account: str, detail: str) -> str:
        """Return what a finding on sentiment says, with the language of the posts if the account has scored posts in others, too."""
        language = self.find_languages().get(account)
        if language is None:
            return detail
        restriction = gettext("Only posts in %(language)s count here.", language=name_language(language))
        return f"{detail} {restriction}"

    @property
    def method(self) -> Method:
        """The method of the query."""
        return METHODS[self.query.method]

    @cached_property
    def accounts(self) -> dict[str, Account]:
        """The accounts of the query by their canonical names."""
        return {str(account): account for account in self.query.users}

    def may_quote(self, account: str) -> bool:
        """Return whether the terms of an account's network allow its posts in files, which findings become a part of."""
        return NETWORKS[self.accounts[account].network].max_shared_posts is None

    def link_posts(self, title: str, account: str, *parameters: tuple[str, str]) -> Target:
        """Return a link to posts of an account, or to the chart of activity if only its network knows them."""
        if account in self.network_counted:
            return Target(gettext("See activity"), section="activity")
        return Target(title, (("account", account), *parameters))
