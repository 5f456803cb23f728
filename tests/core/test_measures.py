"""Measures: each has one entry, which says how its values and its changes are written."""

from typing import get_args

import pytest

from dashboard.analytics import compare
from dashboard.core.measures import MEASURES, format_value
from dashboard.core.query_values import Measure
from dashboard.reports import scorecard


@pytest.mark.parametrize(
    "names",
    [get_args(Measure), compare.MEASURES, ("posts", "sentiment"), [column.name for column in scorecard.COLUMNS]],
    ids=["questions", "comparisons", "unusual periods", "scorecards"],
)
def test_everything_that_tables_measure_has_an_entry(names: list[str]) -> None:
    """A row of another measure couldn't be written."""
    assert [name for name in names if name not in MEASURES] == []


@pytest.mark.parametrize(
    ("measure", "value", "text"),
    [
        ("net", -3, "−3"),
        ("mean", 0.314, "+0.31"),
        ("share", 0.64, "64%"),
        ("posts_per_day", 8.25, "8.2"),
        ("posts_per_day", 120.4, "120"),
        ("reactions_per_post", 12.5, "12.5"),
    ],
)
def test_a_value_is_written_with_its_sign_or_unit(measure: str, value: float, text: str) -> None:
    """Balances have a sign, shares are percentages, and large rates have no decimals."""
    assert format_value(value, measure) == text


@pytest.mark.parametrize(("measure", "value", "text"), [("net", 3.5, "+3.50"), ("net", 3, "+3"), ("posts_per_day", 8.25, "8.25")])
def test_tables_are_more_exact_than_sentences(measure: str, value: float, text: str) -> None:
    """Readers of a table may calculate with its numbers."""
    assert MEASURES[measure].format_in_table(value) == text


@pytest.mark.parametrize(
    ("measure", "text"), [("posts_per_day", "+12%"), ("net_per_post", "+0.12"), ("positive_share", "+12\N{NO-BREAK SPACE}points")]
)
def test_a_change_has_the_unit_of_its_measure(measure: str, text: str) -> None:
    """Rates change by percent, shares by percentage points."""
    assert MEASURES[measure].format_change(0.12) == text
