"""Zones in the name of a column, in a column of their own, and beside a date without a time of day."""

from datetime import UTC, datetime
from typing import Any

import pytest

from dashboard.sources.files.times.choices import parse_time_choices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import Problem, ReadTime
from dashboard.sources.files.times.zone_columns import split_column_name

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)


def read_in_row(row_zone: Any) -> tuple[str, bool]:
    """Return a winter evening with a zone in its row, and whether its zone is unknown."""
    column = TimeColumn(parse_time_choices(NOW))
    column.survey([("2026-11-02 21:15", None)])
    result = column.parse("2026-11-02 21:15", row_zone)
    assert isinstance(result, ReadTime)
    return f"{result.moment:%d %H:%M}", result.is_zoneless


@pytest.mark.parametrize(
    "row_zone",
    [
        *("Eastern Time (US & Canada)", "(GMT-05:00) Eastern Time (US & Canada)", "EST", "America/New_York", "New York"),
        *("-5", -5, "-5.0", "-05:00", "-0500", "UTC-5", "-18000", -18000),
    ],
)
def test_a_zone_is_read_in_any_notation_of_tools(row_zone: Any) -> None:
    """X counted the offset in seconds, and Windows and Rails write cities or long names."""
    assert read_in_row(row_zone) == ("03 02:15", False)


@pytest.mark.parametrize("written", ["2026-11-02 21:15", "13/11/2026 21:15"])
def test_the_zone_in_a_columns_name_counts_more_than_one_in_the_row(written: str) -> None:
    """Beside “Date (UTC)”, a column of zones says where people are; times in ISO 8601 are no exception."""
    column = TimeColumn(parse_time_choices(NOW), "+00:00")
    column.survey([(written, None)])
    result = column.parse(written, "America/New_York")
    assert isinstance(result, ReadTime)
    assert f"{result.moment:%H:%M}" == "21:15"
    assert not result.is_zoneless


def test_a_row_says_which_zone_an_ambiguous_name_means() -> None:
    """IST alone is a question."""
    column = TimeColumn(parse_time_choices(NOW), "IST")
    result = column.parse("2026-11-02 21:15", "Asia/Kolkata")
    assert isinstance(result, ReadTime)
    assert f"{result.moment:%H:%M}" == "15:45"
    assert column.parse("2026-11-02 21:15") is Problem.AMBIGUOUS_ZONE


def test_a_zone_of_half_an_hour_is_read() -> None:
    """India's offset as a number of hours."""
    assert read_in_row("5.5") == ("02 15:45", False)


@pytest.mark.parametrize("row_zone", ["-300", "330", "Local", "99", "", None])
def test_an_unclear_zone_is_left_open(row_zone: Any) -> None:
    """-300 may be minutes, or three hours."""
    assert read_in_row(row_zone) == ("02 21:15", True)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Date (UTC)", ("Date", "+00:00")),
        ("created_at_utc", ("created_at", "+00:00")),
        ("Date (EST)", ("Date", "EST")),
        ("Published [Europe/Berlin]", ("Published", "Europe/Berlin")),
        ("Created (Eastern Time)", ("Created", "ET")),
        ("Date (GMT+1)", ("Date", "GMT+1")),
        ("Date (your time)", ("Date (your time)", "")),
        ("created_at", ("created_at", "")),
        ("Likes (total)", ("Likes (total)", "")),
    ],
)
def test_the_name_of_a_column_may_end_with_a_zone(name: str, expected: tuple[str, str]) -> None:
    """Words that aren't zones stay part of the name."""
    assert split_column_name(name) == expected


@pytest.mark.parametrize(
    "written", ["2026-11-02Z", "2026-11-02+01:00", "2026-11-02 +0100", "2026-11-02 UTC", "2026-11-02 Europe/Berlin", "02.11.2026 CET"]
)
def test_a_date_with_a_zone_is_a_date(written: str) -> None:
    """The post counts on that day in every zone."""
    column = TimeColumn(parse_time_choices(NOW))
    column.survey([(written, None)])
    assert column.parse(written) == ReadTime(datetime(2026, 11, 2, tzinfo=UTC), is_date=True)


def test_the_chosen_zone_is_that_of_times_with_an_unknown_one() -> None:
    """Whoever chose it was asked because of them."""
    assert TimeColumn(parse_time_choices(NOW)).parse("2026-11-02 21:15 XYZ") is Problem.UNKNOWN_ZONE
    result = TimeColumn(parse_time_choices(NOW, "+01:00")).parse("2026-11-02 21:15 XYZ")
    assert result == ReadTime(datetime(2026, 11, 2, 20, 15, tzinfo=UTC), is_zoneless=True)


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        (["5.9.26", "10.9.26"], "2026-09-10"),
        (["26.09.05", "26.09.10"], "2026-09-10"),
        (["10.9.26", "11.9.26"], "2026-09-11"),
    ],
)
def test_dates_with_dots_and_two_digits_are_read_by_their_column(dates: list[str], expected: str) -> None:
    """The day comes first, as in most countries, unless a date shows that the year does."""
    column = TimeColumn(parse_time_choices(NOW))
    column.survey([(date, None) for date in dates])
    result = column.parse(dates[-1])
    assert isinstance(result, ReadTime)
    assert f"{result.moment:%Y-%m-%d}" == expected


def test_dates_with_dots_contradict_no_dates_with_slashes() -> None:
    """Where the month comes first in 11/13/2026, 03.11.26 is the 3rd of November all the same."""
    column = TimeColumn(parse_time_choices(NOW))
    column.survey([("11/13/2026", None), ("03.11.26", None)])
    assert column.parse("11/13/2026") == ReadTime(datetime(2026, 11, 13, tzinfo=UTC), is_date=True)
    assert column.parse("03.11.26") == ReadTime(datetime(2026, 11, 3, tzinfo=UTC), is_date=True)
    assert not column.evidence.has_unknown_order


def test_a_name_of_any_length_has_no_zone_beyond_the_first_hundred_characters() -> None:
    """A hostile file may have names of a megabyte."""
    assert split_column_name("_" * 1_000_000) == ("_" * 1_000_000, "")
    assert split_column_name(f"{'a' * 100} (UTC)")[1] == ""
