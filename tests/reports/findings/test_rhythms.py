"""Findings on when in the week accounts post."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from dashboard.core.posts import Timeline
from dashboard.reports.findings.rhythms import find_window
from tests.support.builders import build_query, build_timeline
from tests.support.findings import FIRST_DAY, find_sentences

QUERY = build_query("demo:one")


def build_weeks(hours: list[int], days: range, weeks: int = 4) -> Timeline:
    """Return the timeline of an account that posted at these hours of these days of the week, 0 being Monday."""
    moments = [FIRST_DAY + timedelta(weeks=week, days=day, hours=hour) for week in range(weeks) for day in days for hour in hours]
    ends = [FIRST_DAY, FIRST_DAY + timedelta(weeks=weeks)]
    return build_timeline(
        *({"created_at": moment, "id": str(index)} for index, moment in enumerate(sorted({*moments, *ends}, reverse=True))),
        account="demo:one",
    )


def test_an_account_that_posts_from_monday_to_friday_is_told_so() -> None:
    """Forty posts on weekdays from 9 to 17, two more at the ends of the period."""
    assert find_sentences("rhythm", QUERY, build_weeks([9, 16], range(5))) == [
        "demo:one posts only from Monday to Friday, mostly between 09:00 and 17:00 (UTC): 100% and 95% of its posts."
    ]


def test_without_weekends_nothing_is_said_of_them() -> None:
    """Ten posts on each of five days, and on each weekday of four weeks between which are three weekends."""
    week, month = (build_weeks([*range(8, 18)], range(5), weeks=weeks) for weeks in (1, 4))
    for timeline, end in ((week, timedelta(days=5)), (month, timedelta(weeks=4, days=-2))):
        known = replace(timeline, posts=timeline.posts.filter(pl.col("created_at") < FIRST_DAY + end))
        (sentence,) = find_sentences("rhythm", QUERY, known)
        assert "posts mostly between" in sentence


def test_hours_are_those_of_the_zone_of_the_report() -> None:
    """Nine o'clock in UTC is ten in Berlin."""
    query = build_query("demo:one", tz="Europe/Berlin")
    assert find_sentences("rhythm", query, build_weeks([9, 10, 11], range(7), weeks=3)) == [
        "demo:one posts mostly between 10:00 and 13:00 (Europe/Berlin): 97% of its posts."
    ]


def test_posts_at_all_hours_are_no_pattern() -> None:
    """As many at night as at noon."""
    assert find_sentences("rhythm", QUERY, build_weeks(list(range(0, 24, 2)), range(7))) == []


def test_few_posts_are_no_pattern() -> None:
    """Eight of them."""
    assert find_sentences("rhythm", QUERY, build_weeks([9], range(2))) == []


@pytest.mark.parametrize(
    ("busy_hours", "window"),
    [({9: 10}, (9, 1)), ({22: 5, 23: 5, 0: 5, 1: 5}, (22, 4)), (dict.fromkeys(range(24), 1), (0, 20))],
)
def test_the_window_is_the_shortest_part_of_the_day_with_four_fifths(busy_hours: dict[int, int], window: tuple[int, int]) -> None:
    """It may run past midnight."""
    assert find_window([busy_hours.get(hour, 0) for hour in range(24)]) == window
