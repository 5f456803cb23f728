"""Tables for people: readable headings, values with units, and dashes for unknown values."""

from typing import Any

import polars as pl
import pytest

from dashboard.core.charts import CHARTS
from dashboard.reports import builder, table_format
from dashboard.reports.fetched import Fetched
from tests.support.builders import build_query, build_timeline, build_timeline_at


def table(kind: str, **args: Any) -> list[list[str]]:
    """Return headings and rows of the chart of an account with good and then bad posts."""
    read = build_timeline(
        *(
            {"text": text, "created_at": f"2026-03-{day:02}", "likes": day}
            for day in range(1, 30)
            for text in ("good" if day < 15 else "bad", "x")
        ),
        account="file:ab/c",
    )
    report = builder.build_report(kind, build_query("file:ab/c", **args), Fetched([read]))
    rows = zip(*report.format_columns(500).values(), strict=True)
    return [[column.title for column in report.columns], *map(list, rows)]


@pytest.mark.parametrize("kind", CHARTS.names())
@pytest.mark.parametrize("measure", ["net", "mean", "share"])
def test_every_heading_is_readable(kind: str, measure: str) -> None:
    """It has a capital letter and no underscore, and no two are the same."""
    headings = table(kind, measure=measure)[0]
    assert [title for title in headings if "_" in title or not title[0].isalnum() or title[0].islower()] == []
    assert len(set(headings)) == len(headings)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("net", ["+1"]),
        ("mean", ["+0.50", "−5.85", "+6.85"]),
        ("share", ["100%", "21%", "100%"]),
    ],
)
def test_a_value_has_the_sign_and_unit_of_its_measure(measure: str, value: list[str]) -> None:
    """So do the ends of its interval."""
    row = [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in table("sentiment", measure=measure, interval="day")[1]]
    assert row[7:] == value


def test_each_row_of_a_comparison_has_its_own_unit() -> None:
    """Rates are in percent, sentiment per post, and shares in points."""
    rows = [[cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[1:5]] for row in table("compare")[1:]]
    assert rows == [
        ["Posts per day", "2.00", "2.00", "0%"],
        ["Balance per post", "+0.50", "−0.50", "−1.00"],
        ["Positive share", "100%", "0%", "−100 points"],
    ]


def test_an_hour_of_the_week_is_readable() -> None:
    """Weekdays have names, and small shares have a decimal."""
    row = table("rhythm")[1]
    assert [cell.replace("\N{NO-BREAK SPACE}", " ") for cell in row[1:]] == ["Monday", "00:00", "8", "13.8%"]


@pytest.mark.parametrize("change", [0.0, -0.0, 0.001, -0.004])
def test_zero_has_no_sign(change: float) -> None:
    """This includes values that round to zero."""
    row = {"account": "a", "measure": "net_per_post", "before": 0.0, "now": 0.0, "change": change, "low": None, "high": change}
    texts = table_format.format_columns(pl.DataFrame([row]), "compare", build_query(), {"a": "a"})
    assert texts["change"] == ["0.00"]
    assert texts["low"] == ["–"]
    assert texts["high"] == ["0.00"]


def test_times_have_their_zone() -> None:
    """Hours that a clock change repeats differ."""
    read = build_timeline_at("2026-10-25T00:10:00", "2026-10-25T01:10:00", account="file:ab/c")
    report = builder.build_report("frequency", build_query("file:ab/c", interval="hour", tz="Europe/Berlin"), Fetched([read]))
    assert report.format_columns(2)["start"] == ["25 Oct 2026, 02:00 CEST", "25 Oct 2026, 02:00 CET"]


def test_accounts_are_named_as_in_the_heading() -> None:
    """A handle on X has its @, which its canonical form lacks."""
    read = build_timeline_at("2026-03-02T10:00:00", account="harbourbakery")
    report = builder.build_report("frequency", build_query("harbourbakery"), Fetched([read]))
    assert report.format_columns(1)["account"] == ["@harbourbakery"]
