"""The scorecard: four numbers per account, computed by hand."""

import pytest

from dashboard.reports.scorecard import Scorecard
from tests.support.builders import build_query, build_timeline
from tests.support.findings import BAD, GOOD, build_daily_timeline, build_dashboard_of

QUERY = build_query("demo:one", interval="day")


def build_card() -> Scorecard:
    """Return the scorecard of two good posts a day for two weeks, then six a day, three of them bad, with the last day left over."""
    texts = {day: (GOOD,) if day < 14 else (GOOD, BAD) for day in range(29)}
    return build_dashboard_of(QUERY, build_daily_timeline([2] * 14 + [6] * 15, texts=texts)).scorecard


def test_the_numbers_are_those_of_all_posts_shown() -> None:
    """118 posts in 29 days, 73 of them positive and 45 negative."""
    (row,) = build_card().rows
    assert row.posts == 118
    assert [tile.text for tile in row.tiles] == ["4.1", "62%", "+0.24", "–"]


@pytest.mark.parametrize("days", [1, 2, 82])
def test_a_post_a_day_is_one_post_per_day(days: int) -> None:
    """From noon of the first day to noon of the last are one day less, and the last post belongs to another one."""
    (row,) = build_dashboard_of(QUERY, build_daily_timeline([1] * days)).scorecard.rows
    assert row.tiles[0].text == "1.0"


def test_a_clear_change_has_an_arrow() -> None:
    """Posts trebled, and half of them are no longer positive. The first balances are all equal, so theirs has no interval."""
    (row,) = build_card().rows
    changes = [tile.change for tile in row.tiles]
    assert [(change.arrow, change.text) for change in changes if change] == [
        ("▲", "+200%"),
        ("▼", "−50\N{NO-BREAK SPACE}points"),
        ("", "−1.00"),
    ]
    assert [change.ends for change in changes if change] == ["2.0 → 6.0", "100% → 50%", "+1.00 → 0.00"]


def test_an_unclear_change_has_none() -> None:
    """Two posts a day became two and a bit."""
    (row,) = build_dashboard_of(QUERY, build_daily_timeline([2] * 14 + [2, 3, 2, 2] * 3 + [2, 3, 2])).scorecard.rows
    change = row.tiles[0].change
    assert change
    assert change.arrow == ""
    assert change.text == "+14%"


def test_reactions_are_a_median() -> None:
    """Of 1, 2 and 100; the repost is left out."""
    rows = [{"likes": 1}, {"likes": 2}, {"likes": 100}, {"likes": 500, "kind": "repost"}]
    (row,) = build_dashboard_of(QUERY, build_timeline(*rows, account="demo:one")).scorecard.rows
    assert row.tiles[3].text == "2"


@pytest.mark.parametrize(("days", "steps"), [(10, 10), (30, 30), (90, 30)])
def test_a_development_has_at_most_thirty_steps(days: int, steps: int) -> None:
    """More could not be told apart in a cell."""
    (row,) = build_dashboard_of(QUERY, build_daily_timeline([1] * days)).scorecard.rows
    assert len(row.tiles[0].trend) == steps
    assert set(row.tiles[0].trend) == {1.0}


def test_a_step_without_sentiment_is_unknown() -> None:
    """Two days with posts of no positive or negative word."""
    (row,) = build_dashboard_of(QUERY, build_daily_timeline([1] * 4, texts={0: (GOOD,), 3: (BAD,)})).scorecard.rows
    assert row.tiles[1].trend == (1.0, None, None, 0.0)
    assert row.tiles[2].trend == (1.0, 0.0, 0.0, -1.0)


def test_an_account_without_posts_has_a_row_of_unknown_numbers() -> None:
    """It was read, and had none."""
    two = build_query("demo:one,demo:two", interval="day")
    card = build_dashboard_of(two, build_daily_timeline([1] * 4), build_daily_timeline([], "demo:two")).scorecard
    assert [row.account for row in card.rows] == ["demo:one", "demo:two"]
    assert {tile.text for tile in card.rows[1].tiles} == {"–"}


def test_the_numbers_say_which_days_they_cover() -> None:
    """Both accounts posted in the same days, so it is said once."""
    two = build_query("demo:one,demo:two", interval="day")
    card = build_dashboard_of(two, build_daily_timeline([1] * 4), build_daily_timeline([2] * 4, "demo:two")).scorecard
    assert card.shared_days == "2 Mar – 5 Mar"


def test_accounts_of_different_days_say_which_are_theirs() -> None:
    """Their numbers can't be compared without knowing."""
    two = build_query("demo:one,demo:two", interval="day")
    card = build_dashboard_of(two, build_daily_timeline([1] * 4), build_daily_timeline([0, 0, 1, 1], "demo:two")).scorecard
    assert card.shared_days == ""
    assert [row.days for row in card.rows] == ["2 Mar – 5 Mar", "4 Mar – 5 Mar"]


def test_the_compared_periods_are_named() -> None:
    """They are two weeks, which aren't all that the numbers cover."""
    assert build_card().compared_periods == ("16 Mar – 29 Mar 2026, compared with 2 Mar – 15 Mar 2026",)


@pytest.mark.parametrize(("method", "unit"), [("bing", "words"), ("afinn", "points"), ("vader", "posts")])
def test_the_positive_share_says_what_it_is_a_share_of(method: str, unit: str) -> None:
    """By a list of words it's no share of posts."""
    query = build_query("demo:one", interval="day", method=method)
    card = build_dashboard_of(query, build_daily_timeline([1] * 4)).scorecard
    assert card.share_definition == f"Positive share: positive {unit} ÷ (positive + negative {unit})."
