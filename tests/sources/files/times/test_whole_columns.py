"""A column of times: what one value leaves open, the others decide, or a person does."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.times.choices import TimeChoices, parse_time_choices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import Problem, ReadTime

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)


def build_column(*values: Any, order: str = "", references: tuple[date | None, ...] = ()) -> TimeColumn:
    column = TimeColumn(parse_time_choices(NOW, "", order))
    column.survey(zip(values, references or [None] * len(values), strict=True))
    return column


def read_day(column: TimeColumn, value: str) -> str:
    result = column.parse(value)
    return str(result.moment.date()) if isinstance(result, ReadTime) else result.value


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("04/05/2026", "13/04/2026"), "2026-05-04"),
        (("04/05/2026", "04/13/2026"), "2026-04-05"),
        (("04-05-2026 10:00", "31-01-2026 10:00"), "2026-05-04"),
        (("04/05/2026", "02/12/2026"), "2026-04-05"),
        (("04/05/26", "13/04/26"), "2026-05-04"),
        (("04/05/26", "04/13/26 9:15 PM"), "2026-04-05"),
        (("04/05/2026", "Mon 02/11/2026", "Thu 05/11/2026"), "2026-05-04"),
    ],
)
def test_a_number_that_fits_one_order_decides_for_all(values: tuple[str, ...], expected: str) -> None:
    """A day above 12, a date in the future, or a weekday shows which number is the month."""
    assert read_day(build_column(*values), values[0]) == expected


def test_rows_in_order_decide() -> None:
    """Dates that only ascend if the day comes first have the day first."""
    column = build_column("11/01/2026", "12/01/2026", "01/02/2026", "02/02/2026", "01/03/2026", "03/03/2026")
    assert read_day(column, "01/02/2026") == "2026-02-01"


def test_another_time_of_the_row_decides() -> None:
    """Two rows have another time that agrees with one order only."""
    column = build_column("04/05/2026", "03/06/2026", references=(date(2026, 5, 4), date(2026, 6, 3)))
    assert read_day(column, "04/05/2026") == "2026-05-04"


@pytest.mark.parametrize("values", [("04/05/2026", "05/04/2026"), ("01/02/2026", "02/03/2026", "03/04/2026")])
def test_without_evidence_the_order_is_unknown(values: tuple[str, ...]) -> None:
    """A few dates that happen to be in order aren't evidence."""
    column = build_column(*values)
    assert column.evidence.has_unknown_order
    assert column.parse(values[0]) is Problem.UNKNOWN_ORDER


def test_contradictory_dates_are_a_question() -> None:
    """No order makes all of them dates."""
    assert build_column("13/04/2026", "04/13/2026").evidence.has_unknown_order


def test_a_person_decides() -> None:
    """The choice takes precedence, and dates of the other order aren't read."""
    column = build_column("04/05/2026", "13/04/2026", order="month-first")
    assert not column.evidence.has_unknown_order
    assert read_day(column, "04/05/2026") == "2026-04-05"
    assert column.parse("13/04/2026") is Problem.UNREADABLE


@pytest.mark.parametrize(("value", "expected"), [("13/04/2026", "2026-05-04"), ("05/04/2026", "2026-04-05")])
def test_the_usual_order_of_a_tool_decides_only_what_dates_leave_open(value: str, expected: str) -> None:
    """A tool that writes the month first writes the day first for some people."""
    column = TimeColumn(TimeChoices(NOW, usual_order="mdy"))
    column.survey([(value, None), ("04/05/2026", None)])
    assert read_day(column, "04/05/2026") == expected


@pytest.mark.parametrize("values", [("05/05/2026",), ("2026-05-04", "04.05.2026")])
def test_dates_with_one_meaning_raise_no_question(values: tuple[str, ...]) -> None:
    """5 May is the same in both orders."""
    assert not build_column(*values).evidence.has_unknown_order


@pytest.mark.parametrize(("name", "companion", "hour"), [("BST", "GMT", 20), ("CST", "CDT", 3), ("IST", "IDT", 19)])
def test_other_abbreviations_resolve_an_ambiguous_one(name: str, companion: str, hour: int) -> None:
    """Only one place uses both."""
    column = build_column(f"2026-07-02 21:30:00 {name}", f"2026-03-02 21:30:00 {companion}")
    result = column.parse(f"2026-07-02 21:30:00 {name}")
    assert isinstance(result, ReadTime)
    assert result.moment.hour == hour
    assert column.evidence.ambiguous_zones == {}


def test_a_column_of_midnights_has_only_dates() -> None:
    """Spreadsheets and data frames write dates as midnights."""
    column = build_column("2026-11-02 00:00:00", "2026-11-03 00:00:00", "2026-11-04 00:00:00")
    assert column.parse("2026-11-02 00:00:00") == ReadTime(datetime(2026, 11, 2, tzinfo=UTC), is_date=True)


@pytest.mark.parametrize(
    "values",
    [
        ("2026-11-02T00:00:00.000Z", "2026-11-03T00:00:00.000Z", "2026-11-04T00:00:00.000Z"),
        ("2026-11-02T00:00:00+01:00", "2026-11-03T00:00:00+01:00", "2026-11-04T00:00:00+01:00"),
        (1793577600000, 1793664000000, 1793750400000),
        ("1793577600", "1793664000", "1793750400"),
        ("Mon Nov 02 2026 00:00:00 GMT+0100", "Tue Nov 03 2026 00:00:00 GMT+0100", "Wed Nov 04 2026 00:00:00 GMT+0100"),
    ],
)
def test_midnights_with_a_zone_are_dates_too(values: tuple[Any, ...]) -> None:
    """pandas and JavaScript write dates as midnights in UTC, or in the zone of the computer."""
    column = build_column(*values)
    assert column.parse(values[0]) == ReadTime(datetime(2026, 11, 2, tzinfo=UTC), is_date=True)


@pytest.mark.parametrize("value", ["2026-11-02T00:00:01Z", 1793577601, "2026-11-02 24:00"])
def test_one_other_time_makes_midnights_times(value: Any) -> None:
    """Then somebody wrote hours."""
    column = build_column("2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "2026-11-04T00:00:00Z", value)
    assert column.parse("2026-11-02T00:00:00Z") == ReadTime(datetime(2026, 11, 2, tzinfo=UTC))


def test_one_midnight_among_other_times_is_a_time() -> None:
    """Somebody posted at midnight."""
    column = build_column("2026-11-02 00:00:00", "2026-11-03 00:00:00", "2026-11-04 00:00:01")
    assert column.parse("2026-11-02 00:00:00") == ReadTime(datetime(2026, 11, 2, tzinfo=UTC), is_zoneless=True)


@pytest.mark.parametrize(("zone", "order"), [("Mars/Olympus", ""), ("EST5", ""), ("", "sideways")])
def test_unknown_choices_are_refused(zone: str, order: str) -> None:
    """A typing error isn't ignored."""
    with pytest.raises(InvalidFile):
        parse_time_choices(NOW, zone, order)
