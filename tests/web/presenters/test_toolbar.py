"""The toolbar's links as values: which there are for a question, where they lead, and which is the current one."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.query import Query
from dashboard.core.query_values import MAX_ACCOUNTS
from dashboard.web.presenters.toolbar import Toolbar, build_toolbar
from dashboard.web.presenters.toolbar_choices import Choice
from dashboard.web.presenters.toolbar_page import Page
from tests.support.builders import build_query
from tests.support.fake_clock import FakeClock

NOON = datetime(2026, 10, 31, 12, tzinfo=UTC)


def url_of(query: Query) -> str:
    """Return an address that shows the whole question."""
    return "/report?" + "&".join(f"{name}={text}" for name, text in query.to_args())


def build(query: Query, **page: Any) -> Toolbar:
    """Return the toolbar of a report on the last day of the demo."""
    return build_toolbar(query, Page(**{"url_of": url_of, "clock": FakeClock(NOON)} | page))


def show_choices(choices: Any) -> dict[str, str]:
    """Return the titles of choices with their addresses."""
    return {choice.title: choice.url for choice in choices}


def find_current(choices: Any) -> list[str]:
    """Return the titles of the current choices."""
    return [choice.title for choice in choices if choice.is_current]


def show_time(days: float) -> tuple[datetime, datetime]:
    """Return the time of posts that cover some days."""
    return NOON - timedelta(days=days), NOON


# --- accounts -----------------------------------------------------------------------------------------------------------


def test_an_account_links_to_itself_alone_and_can_be_removed() -> None:
    """Both links keep everything else."""
    first, second = build(build_query("nasa,esa", interval="week")).chips
    assert first.url == "/report?users=nasa&interval=week"
    assert first.remove_url == "/report?users=esa&interval=week"
    assert second.remove_url == "/report?users=nasa&interval=week"
    assert first.is_current is False


def test_the_only_account_cannot_be_removed() -> None:
    """A question needs one."""
    (chip,) = build(build_query("nasa")).chips
    assert chip.remove_url == ""
    assert chip.is_current is True


@pytest.mark.parametrize(("count", "shown", "folded"), [(4, 4, 0), (5, 3, 2), (20, 3, 17)])
def test_of_more_than_four_accounts_three_are_shown(count: int, shown: int, folded: int) -> None:
    """The others are one click away."""
    toolbar = build(build_query(",".join(f"account{number}" for number in range(count))))
    assert len(toolbar.shown_chips) == shown
    assert len(toolbar.folded_chips) == folded


def test_a_choice_of_languages_leaves_room_for_fewer_accounts() -> None:
    """Of three, one is shown beside it."""
    toolbar = build(build_query("nasa,esa,jaxa"), language_counts=(("en", 30), ("ja", 20)))
    assert len(toolbar.shown_chips) == 1
    assert len(toolbar.folded_chips) == 2


def test_an_account_is_called_by_its_name_if_it_is_known() -> None:
    """The handle stays available."""
    first, second = build(build_query("nasa,esa"), labels={"nasa": "NASA"}).chips
    assert first.label == "NASA"
    assert "@nasa" in first.handle
    assert second.label == "@esa"


def test_links_have_prices_where_reading_costs_money() -> None:
    """Each has the price of its own question."""
    toolbar = build(build_query("nasa,esa"), price_of=lambda query: f"${len(query.users)}")
    assert [chip.price for chip in toolbar.chips] == ["$1", "$1"]
    assert [chip.remove_price for chip in toolbar.chips] == ["$1", "$1"]
    assert {choice.title: choice.price for choice in toolbar.periods}["7 days"] == "$2"
    assert toolbar.repeat_price == "$2"


def test_another_account_is_added_to_what_is_there() -> None:
    """The form sends everything else along."""
    form = build(build_query("nasa,esa", method="vader")).add_form
    assert form is not None
    assert form.path == "/report"
    assert form.fields == [("users", "nasa,esa"), ("method", "vader")]


def test_no_account_can_be_added_to_a_full_report() -> None:
    """It has room for twenty."""
    names = ",".join(f"account{number}" for number in range(MAX_ACCOUNTS))
    assert build(build_query(names)).add_form is None


def test_a_list_of_posts_has_its_own_links_of_accounts() -> None:
    """They may show the posts of one account without changing the question."""
    toolbar = build(
        build_query("nasa,esa"),
        is_list_of_posts=True,
        current_account=Account("x", "esa"),
        url_of_account=lambda account: f"/posts?account={account}",
    )
    assert [chip.url for chip in toolbar.chips] == ["/posts?account=nasa", "/posts?account=esa"]
    assert [chip.is_current for chip in toolbar.chips] == [False, True]


# --- period -------------------------------------------------------------------------------------------------------------


def test_periods_end_today() -> None:
    """The addresses name their length only, so that they keep rolling."""
    assert show_choices(build(build_query("nasa", interval="day")).periods) == {
        "7 days": "/report?users=nasa&interval=day&last=7d",
        "30 days": "/report?users=nasa&interval=day&last=30d",
        "90 days": "/report?users=nasa&interval=day&last=90d",
        "365 days": "/report?users=nasa&interval=day&last=365d",
        "Latest 400 posts": "/report?users=nasa&interval=day",
    }


@pytest.mark.parametrize(
    ("parameters", "title", "short", "current"),
    [
        ({}, "Latest 400 posts", "400 posts", ["Latest 400 posts"]),
        ({"n": 1}, "Latest 1 post", "1 post", ["Latest 1 post"]),
        ({"since": "2026-03-01", "until": "2026-05-01"}, "1 Mar – 30 Apr 2026", "1 Mar – 30 Apr 2026", []),
        ({"counted": "network"}, "Any time", "Any time", ["Any time"]),
    ],
)
def test_the_current_period_is_the_title_of_the_menu(parameters: dict[str, Any], title: str, short: str, current: list[str]) -> None:
    """Dates of one's own are none of the links."""
    toolbar = build(build_query("nasa", **parameters))
    assert toolbar.period_title == title
    assert toolbar.short_period == short
    assert find_current(toolbar.periods) == current


def test_a_rolling_period_is_current() -> None:
    """Its dates are those of the clock's day."""
    toolbar = build(build_query("nasa").with_period("30d", FakeClock(NOON)))
    assert toolbar.period_title == "Last 30 days"
    assert find_current(toolbar.periods) == ["30 days"]


def test_several_accounts_can_be_limited_to_their_common_period_and_back() -> None:
    """The link switches."""
    (switch,) = [choice for choice in build(build_query("nasa,esa")).periods if choice.title == "Only the common period"]
    assert switch.url == "/report?users=nasa,esa&window=common"
    (switch,) = [choice for choice in build(build_query("nasa,esa", window="common")).periods if choice.title == "Only the common period"]
    assert switch.url == "/report?users=nasa,esa"
    assert switch.is_current is True


def test_dates_replace_every_other_period() -> None:
    """The form leaves them out of what it repeats."""
    query = build_query("nasa", method="vader").with_period("30d", FakeClock(NOON))
    assert build(query).period_form.fields == [("users", "nasa"), ("method", "vader")]


# --- intervals, methods, measures ---------------------------------------------------------------------------------------


def test_each_interval_is_a_link() -> None:
    """The automatic one says what it stands for."""
    toolbar = build(build_query("nasa"), chosen_interval="day", shown_time=show_time(14))
    assert list(show_choices(toolbar.intervals)) == ["Auto (day)", "Hour", "Day", "Week", "Month"]
    assert show_choices(toolbar.intervals)["Week"] == "/report?users=nasa&interval=week"
    assert find_current(toolbar.intervals) == ["Auto (day)"]
    assert toolbar.short_interval == "Day"


@pytest.mark.parametrize(
    ("days", "unusable"),
    [(1, ["Day", "Week", "Month"]), (10, ["Week", "Month"]), (30, ["Hour", "Month"]), (300, ["Hour"]), (3000, ["Hour", "Day", "Week"])],
)
def test_intervals_that_would_say_little_are_no_links(days: float, unusable: list[str]) -> None:
    """A line needs three points, and more than four hundred can't be told apart."""
    intervals = build(build_query("nasa"), chosen_interval="day", shown_time=show_time(days)).intervals
    assert [choice.title for choice in intervals if not choice.url] == unusable
    assert [choice for choice in intervals if not choice.url and not choice.hint] == []


def test_the_chosen_interval_stays_a_link() -> None:
    """Even if it gives too few points, because the page shows them."""
    intervals = build(build_query("nasa", interval="month"), shown_time=show_time(5)).intervals
    assert Choice("Month", "/report?users=nasa&interval=month", is_current=True) in intervals


def test_without_posts_every_interval_is_a_link() -> None:
    """Nobody knows how many points there would be."""
    assert [choice.title for choice in build(build_query("nasa")).intervals if not choice.url] == []


def test_methods_and_measures_are_links() -> None:
    """Methods have a sentence each."""
    toolbar = build(build_query("nasa", measure="share"))
    assert find_current(toolbar.methods) == ["Word list"]
    assert [choice for choice in toolbar.methods if not choice.hint] == []
    assert show_choices(toolbar.methods)["AI model"] == "/report?users=nasa&method=model&measure=share"
    assert list(show_choices(toolbar.measures)) == ["Balance per post", "Positive share", "Total balance"]
    assert find_current(toolbar.measures) == ["Positive share"]


@pytest.mark.parametrize(
    ("chart_kind", "groups"),
    [
        ("frequency", ["intervals"]),
        ("sentiment", ["intervals", "methods", "measures"]),
        ("words", ["methods"]),
        ("rhythm", []),
    ],
)
def test_a_chart_has_the_groups_that_change_it(chart_kind: str, groups: list[str]) -> None:
    """Links that would change nothing are left out."""
    toolbar = build(build_query("nasa"), chart_kind=chart_kind)
    assert [name for name in ("intervals", "methods", "measures") if getattr(toolbar, name)] == groups


def test_a_list_of_posts_has_accounts_and_period_only() -> None:
    """Nothing in it is grouped."""
    toolbar = build(build_query("nasa,esa"), is_list_of_posts=True)
    assert toolbar.intervals == ()
    assert toolbar.methods == ()
    assert toolbar.measures == ()
    assert len(toolbar.chips) == 2


def test_the_counts_of_a_network_have_no_method() -> None:
    """They have no texts."""
    assert build(build_query("nasa", counted="network"), chart_kind="frequency").methods == ()


# --- languages ----------------------------------------------------------------------------------------------------------


def test_the_languages_of_the_posts_are_offered_if_there_are_several() -> None:
    """A stray post in another language isn't worth a choice."""
    query = build_query("nasa")
    several, one = (("de", 80), ("en", 30), ("ja", 1)), (("en", 200), ("de", 2))
    assert show_choices(build(query, language_counts=several).languages) == {
        "All languages": "/report?users=nasa",
        "German": "/report?users=nasa&language=de",
        "English": "/report?users=nasa&language=en",
    }
    assert list(build(query, language_counts=one).languages) == []
    assert list(build(query).languages) == []


def test_a_chosen_language_can_be_given_up() -> None:
    """Even if there are no posts in it."""
    toolbar = build(build_query("nasa", language="ja"), language_counts=(("en", 200),))
    assert list(show_choices(toolbar.languages)) == ["All languages", "English", "Japanese"]
    assert find_current(toolbar.languages) == ["Japanese"]
    assert toolbar.language_title == "Japanese"
