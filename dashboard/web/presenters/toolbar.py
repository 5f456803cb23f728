"""The toolbar of a report, a chart or a list of posts: every change to the question that takes a click, as a link to the changed page.

Nothing in here reads anything: where pages are and what they cost is asked of the `Page`. How the toolbar looks belongs in the template.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl

from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.texts import format_list
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, is_translated
from dashboard.core.methods import METHODS
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_ACCOUNTS
from dashboard.web.presenters.question_form import describe_latest, describe_rolling_period, list_choices, list_period_titles
from dashboard.web.presenters.toolbar_accounts import AccountChip, list_chips
from dashboard.web.presenters.toolbar_choices import Choice, list_intervals, list_languages, list_measures, list_methods, list_periods
from dashboard.web.presenters.toolbar_page import Page

MAX_CHIPS, MAX_CROWDED_CHIPS = 4, 2  # accounts that are all shown; of more, all but the last of these are, and the others are folded


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
    suits_word_lists: bool  # whether most of the posts are in English
    measures: Sequence[Choice]
    language_title: str
    languages: Sequence[Choice]
    repeat_price: str

    @property
    def is_crowded(self) -> bool:
        """Whether other groups leave little room to the accounts: a choice of languages does, and so do words longer than English ones."""
        return bool(self.languages) or is_translated()

    @property
    def shown_chips(self) -> Sequence[AccountChip]:
        """The chips that are always visible."""
        most = MAX_CROWDED_CHIPS if self.is_crowded else MAX_CHIPS
        return self.chips if len(self.chips) <= most else self.chips[: most - 1]

    @property
    def folded_chips(self) -> Sequence[AccountChip]:
        """The other chips."""
        return self.chips[len(self.shown_chips) :]


def build_toolbar(query: Query, page: Page) -> Toolbar:
    """Return the toolbar of a page for a question."""
    method = METHODS[query.method]
    return Toolbar(
        chips=list_chips(query, page),
        add_form=_build_form(page.url_of(query), ("page",)) if len(query.users) < MAX_ACCOUNTS else None,
        new_account_price=page.new_account_price,
        period_title=_mention_common_period(_name_period(query, page), query),
        periods=list_periods(query, page),
        period_form=_build_form(page.url_of(query), ("since", "until", "last", "from", "to", "page")),
        short_period=_mention_common_period(_name_period(query, page, is_short=True), query),
        short_interval=list_choices("interval").get(page.chosen_interval, list_choices("interval")[query.interval]),
        intervals=list_intervals(query, page) if page.has_intervals else (),
        method_title=method.title,
        methods=list_methods(query, page) if page.has_methods and query.counted == "posts" else (),
        suits_word_lists=_are_mostly_english(query, page),
        measures=list_measures(query, page) if page.has_measures else (),
        language_title=_describe_languages(query),
        languages=list_languages(query, page),
        repeat_price=page.price_of(query),
    )


def _are_mostly_english(query: Query, page: Page) -> bool:
    counts = {code: count for code, count in page.language_counts if not query.language or code in query.language}
    return 2 * counts.get("en", 0) >= sum(counts.values())


def _name_period(query: Query, page: Page, *, is_short: bool = False) -> str:
    """Return `Last 30 days`, `Latest 400 posts` or the days; the short form is `30 days` or `400 posts`."""
    if query.last:
        return list_period_titles()[query.last] if is_short else describe_rolling_period(query.last)
    if days := query.describe_period():
        return f"{days[:1].upper()}{days[1:]}"
    if query.counted == "network" or page.has_all_posts:
        return gettext("Any time")
    return format_count(query.limit, "post") if is_short else describe_latest(query.limit)


def _mention_common_period(title: str, query: Query) -> str:
    return gettext("%(period)s, common", period=title) if query.window == "common" else title


def _describe_languages(query: Query) -> str:
    return format_list(list(map(name_language, query.language))) if query.language else gettext("All languages")


def _build_form(url: str, replaced: Sequence[str]) -> LinkForm:
    path, _, parameters = url.partition("?")
    return LinkForm(path, [(name, text) for name, text in parse_qsl(parameters) if name not in replaced])
