"""The choices in a toolbar: other periods, intervals, methods and measures, each as a link to the changed page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.core.formatting.counts import format_count
from dashboard.core.languages import name_language
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS
from dashboard.core.query import Query
from dashboard.core.query_values import ROLLING_PERIODS
from dashboard.web.presenters.question_form import describe_latest, list_choices, list_period_titles
from dashboard.web.presenters.toolbar_page import Page

MIN_LANGUAGE_POSTS, MIN_LANGUAGE_SHARE = 10, 0.02  # of the posts, that a language must have to be offered
MAX_LANGUAGES = 8  # that are offered
MIN_MARKS, MAX_MARKS = 3, 400  # intervals of an account in a chart that says something
_INTERVAL_LENGTHS = {name: timedelta(days=days) for name, days in {"hour": 1 / 24, "day": 1, "week": 7, "month": 30.4}.items()}
_TOO_SHORT = {
    "hour": translatable("The posts are from too short a time to group them by hour"),
    "day": translatable("The posts are from too short a time to group them by day"),
    "week": translatable("The posts are from too short a time to group them by week"),
    "month": translatable("The posts are from too short a time to group them by month"),
}


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


def list_periods(query: Query, page: Page) -> list[Choice]:
    """Return the rolling periods, all time, and for several accounts the time that they share."""
    is_dated = query.last or query.since or query.until
    all_title = gettext("Any time") if query.counted == "network" or page.has_all_posts else describe_latest(query.limit)
    titles = list_period_titles()
    candidates = [(titles[last], query.with_period(last, page.clock)) for last in ROLLING_PERIODS]
    candidates.append((all_title, query.with_period(None) if is_dated else query))
    choices = [_build_choice(title, candidate, query, page) for title, candidate in candidates]
    return [*choices, *([_common_period(query, page)] if len(query.users) > 1 else [])]


def _common_period(query: Query, page: Page) -> Choice:
    """Return the link that limits the page to the time that all accounts share, or that lifts the limit."""
    is_common = query.window == "common"
    other = query.model_copy(update={"window": "all" if is_common else "common"})
    hint = gettext("The time in which all accounts have posts")
    return Choice(gettext("Only the common period"), page.url_of(other), is_common, hint=hint)


def _build_choice(title: str, candidate: Query, query: Query, page: Page, hint: str = "") -> Choice:
    is_current = candidate.to_args() == query.to_args()  # a rolling period may end with the newest post
    price = "" if is_current else page.price_of(candidate)
    return Choice(title, page.url_of(candidate), is_current, price, hint)


def _interval_title(interval: str, page: Page) -> str:
    if interval != "auto":
        return list_choices("interval")[interval]
    titles = {
        "hour": gettext("Auto (hour)"),
        "day": gettext("Auto (day)"),
        "week": gettext("Auto (week)"),
        "month": gettext("Auto (month)"),
    }
    return titles.get(page.chosen_interval) or gettext("Auto")


def list_intervals(query: Query, page: Page) -> list[Choice]:
    """Return the intervals; those that would say little have no link."""
    return [_build_interval_choice(name, query, page) for name in list_choices("interval")]


def _build_interval_choice(name: str, query: Query, page: Page) -> Choice:
    is_automatic = name == "auto" and query.interval == "auto"
    title = _interval_title(name, page) if is_automatic else (gettext("Auto") if name == "auto" else list_choices("interval")[name])
    if query.interval != name and (problem := _explain_unusable_interval(name, page.shown_time)):
        return Choice(title, "", hint=problem)
    return Choice(title, page.url_of(query.model_copy(update={"interval": name})), query.interval == name)


def _explain_unusable_interval(name: str, shown_time: tuple[datetime, datetime] | None) -> str:
    """Return why a chart by this interval would say little; empty if it's fine or if that isn't known."""
    if name == "auto" or shown_time is None:
        return ""
    count = (shown_time[1] - shown_time[0]) / _INTERVAL_LENGTHS[name] + 1
    if count > MAX_MARKS:
        return gettext("%(intervals)s are too many for a chart", intervals=format_count(count, name))
    return gettext(_TOO_SHORT[name]) if count < MIN_MARKS else ""


def list_methods(query: Query, page: Page) -> list[Choice]:
    """Return the sentiment methods."""
    changed = [(method, query.model_copy(update={"method": method.name})) for method in METHODS]
    return [Choice(method.title, page.url_of(other), other == query, hint=method.hint) for method, other in changed]


def list_languages(query: Query, page: Page) -> list[Choice]:
    """Return the languages of the posts, and all together; none if nearly all posts are in one of them and none was chosen."""
    post_count = sum(count for _, count in page.language_counts)
    common = [code for code, count in page.language_counts if count >= max(MIN_LANGUAGE_POSTS, MIN_LANGUAGE_SHARE * post_count)]
    codes = list(dict.fromkeys([*common[:MAX_LANGUAGES], *query.language]))
    if len(common) < 2 and not query.language:
        return []
    changed = {code: query.model_copy(update={"language": (code,)}) for code in codes}
    everything = query.model_copy(update={"language": ()})
    choices = [Choice(name_language(code), page.url_of(other), other == query) for code, other in changed.items()]
    return [Choice(gettext("All languages"), page.url_of(everything), everything == query), *choices]


def list_measures(query: Query, page: Page) -> list[Choice]:
    """Return the measures of sentiment."""
    titles = list_choices("measure")
    changed = {name: query.model_copy(update={"measure": name}) for name in titles}
    return [Choice(titles[name], page.url_of(other), other == query) for name, other in changed.items()]
