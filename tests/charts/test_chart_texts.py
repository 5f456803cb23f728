"""The texts of charts: values, alternative texts, tooltips and lists of names."""

import pytest

from dashboard.charts.definitions.listed_names import list_names
from dashboard.core.measures import format_value
from dashboard.reports import builder
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline
from tests.support.drawn_charts import build_chart


@pytest.mark.parametrize(
    ("value", "measure", "words"),
    [
        (12, "net", "+12"),
        (-1234, "net", "−1,234"),
        (0, "net", "0"),
        (0.0, "net", "0"),
        (-0.314, "mean", "−0.31"),
        (0, "mean", "0.00"),
        (-0.001, "mean", "0.00"),
        (10.0, "mean", "+10.00"),
        (0.637, "share", "64%"),
        (0, "share", "0%"),
        (1, "share", "100%"),
    ],
)
def test_a_value_is_formatted_for_people(value: float, measure: str, words: str) -> None:
    """It has a sign if it has a direction, a real minus sign, and no negative zero."""
    assert format_value(value, measure) == words


@pytest.mark.parametrize(
    ("kind", "users", "args", "alt_text"),
    [
        (
            "frequency",
            "nasa",
            {},
            "Line chart of posts, per day, for @nasa, from 1 Mar 2026 to 5 Mar 2026. @nasa posted 4 times, with 1 post on 1 Mar 2026.",
        ),
        (
            "frequency",
            "zeta,alpha",
            {"interval": "month"},
            "Line chart of posts, per month, for @zeta and @alpha, in Mar 2026. @zeta posted most, 4 times, with 4 posts in March 2026.",
        ),
        (
            "sentiment",
            "nasa",
            {},
            "Bar charts of total balance: positive − negative words, per day, for @nasa, from 1 Mar 2026 to 5 Mar 2026. "
            "@nasa is lowest at −1 (4 Mar 2026) and highest at +2 (1 Mar 2026).",
        ),
        (
            "sentiment",
            "nasa",
            {"measure": "share", "interval": "month"},
            "Bar charts of positive share: positive words ÷ (positive + negative words), per month, for @nasa, in Mar 2026. "
            "@nasa stays at 57%.",
        ),
    ],
)
def test_the_alternative_text_describes_the_chart(kind: str, users: str, args: dict[str, str], alt_text: str) -> None:
    """It says what is drawn, for which accounts, from when to when, and what stands out."""
    assert build_chart(kind, users, **args).alt.replace("\N{NO-BREAK SPACE}", " ") == alt_text


@pytest.mark.parametrize(
    ("kind", "alt_text"), [("frequency", "There are no posts to show."), ("sentiment", "There is no sentiment to show.")]
)
def test_the_alternative_text_of_an_empty_chart_says_so(kind: str, alt_text: str) -> None:
    """Screen readers have something to read."""
    assert builder.build_report(kind, build_query(), Fetched([build_timeline()])).chart.alt == alt_text


def test_the_alternative_text_of_a_single_post_is_grammatical() -> None:
    """It uses the singular."""
    assert "1 times" not in builder.build_report("frequency", build_query(), Fetched([build_timeline("hi")])).chart.alt


@pytest.mark.parametrize(
    ("interval", "words"),
    [
        ("hour", "1 post in the hour from 12:00 on 2 Mar 2026"),
        ("day", "1 post on 2 Mar 2026"),
        ("week", "1 post in the week from 2 Mar 2026"),
        ("month", "1 post in March 2026 incomplete month"),
    ],
)
def test_a_tooltip_names_its_interval(interval: str, words: str) -> None:
    """The phrase depends on the width of the interval."""
    (details,) = builder.build_report("frequency", build_query(interval=interval), Fetched([build_timeline("hi")])).chart.series[0].tooltips
    assert " ".join(details.split()) == words


@pytest.mark.parametrize(
    ("count", "words"), [(0, ""), (1, "a"), (2, "a and b"), (4, "a, b, c and d"), (5, "a, b, c and 2 more"), (20, "a, b, c and 17 more")]
)
def test_names_are_listed_in_a_sentence(count: int, words: str) -> None:
    """Long lists are shortened."""
    assert list_names("abcdefghijklmnopqrst"[:count]) == words
