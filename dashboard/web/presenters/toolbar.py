"""The toolbar of a report, a chart or a list of posts: every change to the question that takes a click, as a link to the changed page.

Nothing in here reads anything: where pages are and what they cost is asked of the `Page`. How the toolbar looks belongs in the template.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from dashboard.charts.palette import Style
from dashboard.core.account_labels import describe_handle
from dashboard.core.accounts import Account
from dashboard.core.charts import CHARTS
from dashboard.core.clock import Clock, system_clock
from dashboard.core.formatting.counts import format_count
from dashboard.core.methods import METHODS
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_ACCOUNTS, ROLLING_PERIODS
from dashboard.web.presenters.question_form import PERIOD_TITLES, list_choices

MAX_CHIPS = 4  # accounts that are all shown; of more, the first three are, and the others are folded
MIN_MARKS, MAX_MARKS = 3, 400  # intervals of an account in a chart that says something
_INTERVAL_LENGTHS = {name: timedelta(days=days) for name, days in {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.4}.items()}


@dataclass(frozen=True)
class Choice:
    """A link to the same page of another question. `price` is the most that following it can cost, "" if nothing.

    A choice that makes no sense has no `url`; then `hint` says why. Of others it says what they do.
    """

    title: str
    url: str
    is_current: bool = False
    price: str = ""
    hint: str = ""


@dataclass(frozen=True)
class AccountChip:
    """An account of the question: the link to it alone, and the link that removes it, "" for the only one. Both may have a price."""

    label: str
    handle: str
    style: Style | None  # None for a file of several accounts
    url: str
    is_current: bool
    price: str
    remove_url: str
    remove_price: str


@dataclass(frozen=True)
class LinkForm:
    """A form that changes the question: the path that it leads to, and the parameters that stay as they are."""

    path: str
    fields: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Toolbar:
    """The groups of links. A group that doesn't apply to the page is empty. `repeat_price` is what any link to the same posts can cost."""

    chips: Sequence[AccountChip]
    add_form: LinkForm | None  # None if no more accounts fit
    new_account_price: str
    period_title: str
    periods: Sequence[Choice]
    period_form: LinkForm
    short_period: str  # for narrow pages
    short_interval: str
    intervals: Sequence[Choice]
    method_title: str
    methods: Sequence[Choice]
    measures: Sequence[Choice]
    repeat_price: str

    @property
    def shown_chips(self) -> Sequence[AccountChip]:
        """The chips that are always visible."""
        return self.chips if len(self.chips) <= MAX_CHIPS else self.chips[: MAX_CHIPS - 1]

    @property
    def folded_chips(self) -> Sequence[AccountChip]:
        """The other chips."""
        return self.chips[len(self.shown_chips) :]


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
    shown_time: tuple[datetime, datetime] | None = None
    chosen_interval: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)  # by canonical account
    styles: Mapping[str, Style] = field(default_factory=dict)
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


def build_toolbar(query: Query, page: Page) -> Toolbar:
    """Return the toolbar of a page for a question."""
    method = METHODS[query.method]
    return Toolbar(
        chips=_list_chips(query, page),
        add_form=_build_form(page.url_of(query), ("page",)) if len(query.users) < MAX_ACCOUNTS else None,
        new_account_price=page.new_account_price,
        period_title=_describe_period(query),
        periods=_list_periods(query, page),
        period_form=_build_form(page.url_of(query), ("since", "until", "last", "from", "to", "page")),
        short_period=_describe_period(query).removeprefix("Last ").removeprefix("Latest "),
        short_interval=list_choices("interval").get(page.chosen_interval, list_choices("interval")[query.interval]),
        intervals=_list_intervals(query, page) if page.has_intervals else (),
        method_title=method.title,
        methods=_list_methods(query, page) if page.has_methods and query.counted == "posts" else (),
        measures=_list_measures(query, page) if page.has_measures else (),
        repeat_price=page.price_of(query),
    )


def _list_chips(query: Query, page: Page) -> list[AccountChip]:
    return [_build_chip(user, query, page) for user in query.users]


def _build_chip(user: Account, query: Query, page: Page) -> AccountChip:
    alone = query.model_copy(update={"users": (user,)})
    others = query.model_copy(update={"users": tuple(other for other in query.users if other != user)})
    return AccountChip(
        label=page.labels.get(str(user), user.label),
        handle=describe_handle(str(user)),
        style=page.styles.get(str(user)),
        url=page.url_of_account(user) if page.url_of_account else page.url_of(alone),
        is_current=user == page.current_account or not others.users,
        price=page.price_of(alone) if others.users else "",
        remove_url=page.url_of(others) if others.users else "",
        remove_price=page.price_of(others) if others.users else "",
    )


def _describe_period(query: Query) -> str:
    if query.last:
        title = f"Last {PERIOD_TITLES[query.last]}"
    else:
        title = query.describe_period() or ("Any time" if query.counted == "network" else f"Latest {format_count(query.limit, 'post')}")
    return f"{title[:1].upper()}{title[1:]}, common" if query.window == "common" else f"{title[:1].upper()}{title[1:]}"


def _list_periods(query: Query, page: Page) -> list[Choice]:
    is_dated = query.last or query.since or query.until
    all_title = "Any time" if query.counted == "network" else f"Latest {format_count(query.limit, 'post')}"
    candidates = [(PERIOD_TITLES[last], query.with_period(last, page.clock)) for last in ROLLING_PERIODS]
    candidates.append((all_title, query.with_period(None) if is_dated else query))
    choices = [_build_choice(title, candidate, query, page) for title, candidate in candidates]
    return [*choices, *([_common_period(query, page)] if len(query.users) > 1 else [])]


def _common_period(query: Query, page: Page) -> Choice:
    """Return the link that limits the page to the time that all accounts share, or that lifts the limit."""
    is_common = query.window == "common"
    other = query.model_copy(update={"window": "all" if is_common else "common"})
    return Choice("Only the common period", page.url_of(other), is_common, hint="The time in which all accounts have posts")


def _build_choice(title: str, candidate: Query, query: Query, page: Page, hint: str = "") -> Choice:
    is_current = candidate == query
    price = "" if is_current else page.price_of(candidate)
    return Choice(title, page.url_of(candidate), is_current, price, hint)


def _interval_title(interval: str, page: Page) -> str:
    if interval == "auto":
        return f"Auto ({page.chosen_interval})" if page.chosen_interval not in ("", "auto") else "Auto"
    return list_choices("interval")[interval]


def _list_intervals(query: Query, page: Page) -> list[Choice]:
    return [_build_interval_choice(name, query, page) for name in list_choices("interval")]


def _build_interval_choice(name: str, query: Query, page: Page) -> Choice:
    is_automatic = name == "auto" and query.interval == "auto"
    title = _interval_title(name, page) if is_automatic else {"auto": "Auto"}.get(name, list_choices("interval")[name])
    if query.interval != name and (problem := _explain_unusable_interval(name, page.shown_time)):
        return Choice(title, "", hint=problem)
    return Choice(title, page.url_of(query.model_copy(update={"interval": name})), query.interval == name)


def _explain_unusable_interval(name: str, shown_time: tuple[datetime, datetime] | None) -> str:
    """Return why a chart by this interval would say little; empty if it's fine or if that isn't known."""
    if name == "auto" or shown_time is None:
        return ""
    count = (shown_time[1] - shown_time[0]) / _INTERVAL_LENGTHS[name] + 1
    if count > MAX_MARKS:
        return f"{format_count(count, name)} are too many for a chart"
    return f"The posts are from too short a time to group them by {name}" if count < MIN_MARKS else ""


def _list_methods(query: Query, page: Page) -> list[Choice]:
    changed = [(method, query.model_copy(update={"method": method.name})) for method in METHODS]
    return [Choice(method.title, page.url_of(other), other == query, hint=method.hint) for method, other in changed]


def _list_measures(query: Query, page: Page) -> list[Choice]:
    titles = list_choices("measure")
    changed = {name: query.model_copy(update={"measure": name}) for name in titles}
    return [Choice(titles[name], page.url_of(other), other == query) for name, other in changed.items()]


def _build_form(url: str, replaced: Sequence[str]) -> LinkForm:
    path, _, parameters = url.partition("?")
    return LinkForm(path, [(name, text) for name, text in parse_qsl(parameters) if name not in replaced])
