"""One written time: every format that real tools write is read exactly, or not at all."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.sources.files.times.choices import parse_time_choices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import Problem, ReadTime
from tests.support.builders import deterministic

NOW = datetime(2026, 11, 29, 22, tzinfo=UTC)


def read(value: Any, zone: str = "") -> ReadTime | Problem:
    """Read a value as the only one of its column."""
    column = TimeColumn(parse_time_choices(NOW, zone))
    column.survey([(value, None)])
    return column.parse(value)


def read_moment(value: Any, zone: str = "") -> str:
    """Return the time in UTC as text, or the name of the problem."""
    result = read(value, zone)
    return result.moment.strftime("%Y-%m-%d %H:%M:%S") if isinstance(result, ReadTime) else result.value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-02 09:15:00 AM", "09:15"),
        ("2026-11-02 09:15:00 PM", "21:15"),
        ("2/11/2026 9:15:00 p.\u00a0m.", "21:15"),
        ("2/11/2026 9:15:00 a. m.", "09:15"),
        ("Nov 2, 2026 9:15 PM", "21:15"),
        ("02 Nov 2026 12:05 AM", "00:05"),
        ("2026-11-02 12:05 PM", "12:05"),
        ("2026-11-02 PM 9:15", "21:15"),
        ("2026-11-02 9:15PM", "21:15"),
        ("2026-11-02 9pm", "21:00"),
        ("November 2, 2026 9:15 p.m.", "21:15"),
        ("9:15 PM · Nov 2, 2026", "21:15"),
        ("9:15 PM - 2 Nov 2026", "21:15"),
        ("2/11/2026, 9:15:30 PM", "21:15:30"),
        ("Nov 2, 2026, 9:15\N{NARROW NO-BREAK SPACE}PM", "21:15"),
        ("November 02, 2026 at 09:15PM", "21:15"),
        ("2026-11-02 21:15 PM", "21:15"),
        ("02-Nov-2026 09:15PM", "21:15"),
        ("2026-11-02 21.15", "21:15"),
        ("02.11.2026 21.15", "21:15"),
        ("2.11.2026, 9.15 pm", "21:15"),
    ],
)
def test_am_and_pm_are_read_in_all_positions(written: str, expected: str) -> None:
    """The time is never off by twelve hours."""
    result = TimeColumn(parse_time_choices(NOW, "", "day-first")).parse(written)
    assert isinstance(result, ReadTime)
    assert result.moment == datetime.fromisoformat(f"2026-11-02 {expected}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "Mon, Nov 02, 2026",
        "Monday, November 2nd, 2026",
        "2 November 2026",
        "02 NOV 2026",
        "2-Nov-26",
        "2 Nov '26",
        "Nov. 2, 2026",
        "2026-Nov-02",
        "2026/11/02",
        "2026. 11. 2.",
        "02.11.2026",
        "02.11.26",
        "2026-11-02",
        "2026-W45-1",
        "20261102",
        "46328",
        46328,
        46328.0,
    ],
)
def test_dates_without_a_time_of_day_are_dates(written: Any) -> None:
    """They begin at midnight in UTC, and nothing is said about a zone."""
    assert read(written) == ReadTime(datetime(2026, 11, 2, tzinfo=UTC), is_date=True)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-02T10:00:00Z",
        "2026-11-02T10:00:00.000Z",
        "2026-11-02t10:00:00z",
        "2026-11-02 10:00:00+00:00",
        "2026-11-02 11:00 +01",
        "2026-11-02 11:00 +0100",
        "2026-11-02T11:00:00 +01:00",
        "2026-11-02 11:00 UTC+1",
        "2026-11-02 11:00 UTC+01:00",
        "2026-11-02 05:00 GMT-5",
        "2026-11-02 05:00:00-05",
        "2026-11-02 15:30:00 GMT+0530",
        "2026-11-02 10:00:00 +0000 UTC",
        "2026-11-02 11:00:00.5 +0100 CET",
        "Mon Nov 02 10:00:00 +0000 2026",
        "Mon Nov  2 11:00:00 CET 2026",
        "Mon, 02 Nov 2026 10:00:00 GMT",
        "Mon Nov 02 2026 11:00:00 GMT+0100 (Central European Standard Time)",
        "Mon Nov 02 2026 11:00:00 GMT+0100",
        "02/Nov/2026:10:00:00 +0000",
        "2026-11-02T11:00:00+01:00[Europe/Berlin]",
        "Nov 2, 2026 at 5:00 AM (EST)",
        "2026-11-02 10:00:00 (UTC)",
        "2026-11-02 5:00 Eastern Standard Time",
        "Nov 2, 2026 2:00 AM Pacific Time (US & Canada)",
        "20261102T100000Z",
        "/Date(1793613600000)/",
        '="2026-11-02T10:00:00Z"',
        "2 November 2026 11:00:00 Europe/Berlin",
        "2026-11-02 05:00:00 EST",
        "2026-11-02 5:00 AM ET",
        "2026-11-02 02:00:00 PST",
        "2026-11-02 19:00:00 JST",
        1793613600,
        "1793613600",
        "1793613600.0",
        1793613600000,
        "1793613600000000",
        "1793613600000000000",
    ],
)
def test_every_notation_of_a_zone_is_read(written: Any) -> None:
    """The time is 10:00 UTC, and nobody is told that it had no zone."""
    result = read(written)
    assert isinstance(result, ReadTime)
    assert result.moment.replace(microsecond=0) == datetime(2026, 11, 2, 10, tzinfo=UTC)
    assert not result.is_zoneless
    assert not result.is_date


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-07-02 21:30:00 EDT", "2026-07-03 01:30:00"),
        ("2026-07-02 21:30:00 CEST", "2026-07-02 19:30:00"),
        ("2026-07-02 21:30 ET", "2026-07-03 01:30:00"),
        ("2026-07-02 21:30 PDT", "2026-07-03 04:30:00"),
    ],
)
def test_summer_times_are_read(written: str, expected: str) -> None:
    """Abbreviations of summer time have their own offset."""
    assert read_moment(written) == expected


@pytest.mark.parametrize("written", ["2026-11-02 10:00", "46328.4166666667", "11/02/2026 10:00", "20261102100000", "10:00 02.11.2026"])
def test_times_without_a_zone_are_read_in_the_chosen_one(written: str) -> None:
    """Without a choice it is UTC; either way, the result says that the file doesn't contain the zone."""
    chosen, unchosen = (TimeColumn(parse_time_choices(NOW, zone, "month-first")).parse(written) for zone in ("America/New_York", ""))
    assert chosen == ReadTime(datetime(2026, 11, 2, 15, tzinfo=UTC), is_zoneless=True)
    assert unchosen == ReadTime(datetime(2026, 11, 2, 10, tzinfo=UTC), is_zoneless=True)


def test_a_time_that_clocks_show_twice_is_marked() -> None:
    """The first of both is taken."""
    assert read("2026-10-25 02:30", "Europe/Berlin") == ReadTime(
        datetime(2026, 10, 25, 0, 30, tzinfo=UTC), is_zoneless=True, is_repeated=True
    )


@pytest.mark.parametrize(
    "written",
    ["0001-01-01T00:00:00Z", "1970-01-01", "1970-01-01T00:00:00Z", "2005-12-31", "2027-01-01", "2099-01-01T00:00:00Z", 0, "100000000"],
)
def test_impossible_times_are_told_apart(written: Any) -> None:
    """No network had posts before 2006, and nobody has posted in the future."""
    assert read(written) is Problem.IMPOSSIBLE


@pytest.mark.parametrize(
    "written",
    [
        "Lifetime",
        "soon",
        "10",
        "12:05",
        "Nov 2026",
        "2026",
        "November 2",
        "May be later",
        "31/02/2026",
        "2026-11-02 13:15 AM",
        "2026-11-02 00:15 PM",
        "2026-11-02 24:30",
        "2026-11-02 10:75",
        "2026-11-02 10:00 tomorrow",
        "2026-11-02 to 2026-11-03",
        "2026-11-02 10:00:00 (somewhere else)",
        "2026-11-02 21:30.5",
        "3h ago",
        "Today 21:30",
        "2026-11-02 10:00 +25",
        "1.79E+12",
        "Smarch 2, 2026",
        "",
        None,
        True,
        float("nan"),
        10**400,
        [2026],
    ],
)
def test_nothing_is_guessed(written: Any) -> None:
    """What isn't understood completely isn't read."""
    assert read(written) is Problem.UNREADABLE


@pytest.mark.parametrize("name", ["BST", "IST", "CST", "AST"])
def test_ambiguous_abbreviations_are_reported(name: str) -> None:
    """They are neither ignored nor resolved to the most common meaning."""
    assert read(f"2026-07-02 21:30:00 {name}") is Problem.AMBIGUOUS_ZONE


def test_unknown_zones_are_reported() -> None:
    """They aren't the same as no zone."""
    assert read("2026-07-02 21:30:00 XYZT") is Problem.UNKNOWN_ZONE


def test_the_chosen_zone_resolves_its_own_abbreviations() -> None:
    """BST is British in Europe/London."""
    assert read_moment("2026-07-02 21:30:00 BST", "Europe/London") == "2026-07-02 20:30:00"


@pytest.mark.parametrize("zone", ["America/Chicago", "-06:00"])
def test_an_abbreviation_of_another_season_means_its_own_offset(zone: str) -> None:
    """In Chicago, people write CST in summer too; asking for the zone once more wouldn't help them."""
    assert read_moment("2026-07-02 10:00:00 CST", zone) == "2026-07-02 16:00:00"


@deterministic
@given(st.text(max_size=80) | st.from_regex(r"[0-9 :/.\-APMTZ+]{0,30}", fullmatch=True))
def test_any_text_is_read_or_refused(text: str) -> None:
    """No text raises an error."""
    assert isinstance(read(text), (ReadTime, Problem))


@deterministic
@given(st.datetimes(datetime(2006, 1, 1), datetime(2026, 11, 29)).map(lambda moment: moment.replace(microsecond=0)))
def test_every_moment_is_the_same_in_all_formats(moment: datetime) -> None:
    """What Python writes in a dozen formats is read as the same moment."""
    for form in ("%Y-%m-%d %I:%M:%S %p", "%a, %d %b %Y %H:%M:%S", "%B %d, %Y at %I:%M:%S%p", "%d.%m.%Y %H:%M:%S", "%Y/%m/%d %H:%M:%S"):
        assert read_moment(moment.strftime(form)) == moment.strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    "written",
    [
        "2. November 2026 um 21:15 Uhr",
        "Montag, 2. November 2026, 21:15",
        "02.11.2026 21:15 Uhr",
        "2 de noviembre de 2026 21:15",
        "lunes, 2 de noviembre de 2026 a las 21:15",
        "2 nov. 2026 à 21:15",
        "2 novembre 2026 à 21h15",
        "lundi 2 novembre 2026 21:15",
        "2 novembre 2026 alle ore 21:15",
        "2 de nov. de 2026, 21:15",
        "02-nov-2026 21:15",
        "den 2 november 2026 kl. 21:15",
        "2. marraskuuta 2026 klo 21.15",
        "2 ноября 2026 г. в 21:15",
        "2 Kasım 2026 21:15",
    ],
)
def test_months_are_read_in_other_languages(written: str) -> None:
    """Spreadsheets and websites write dates in the language of the person."""
    assert read_moment(written) == "2026-11-02 21:15:00"


@pytest.mark.parametrize(
    ("written", "expected"),
    [("3. März 2026", "03-03"), ("2 août 2026", "08-02"), ("1er août 2026", "08-01"), ("4 mai 2026", "05-04"), ("9 ene. 2026", "01-09")],
)
def test_every_month_has_its_number(written: str, expected: str) -> None:
    """Abbreviations may end with a full stop."""
    assert read_moment(written) == f"2026-{expected} 00:00:00"


@pytest.mark.parametrize("written", ["2 listopada 2026", "2 lis 2026", "2 mai august 2026", "3 days ago", "2 Foobar 2026"])
def test_a_month_that_depends_on_the_language_is_not_guessed(written: str) -> None:
    """“Listopad” is October in Croatian, and November in Polish and Czech."""
    assert read_moment(written) == "unreadable"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-02 24:00:00", "11-03 00:00:00"),
        ("2026-11-02T24:00Z", "11-03 00:00:00"),
        ("2026-11-02T24:00:00.000+01:00", "11-02 23:00:00"),
        ("13/10/2026 24:00", "10-14 00:00:00"),
        ("24:00, 31 Oct 2026", "11-01 00:00:00"),
    ],
)
def test_24_00_is_the_next_midnight(written: str, expected: str) -> None:
    """ISO 8601 allows it for the end of a day."""
    assert read_moment(written) == f"2026-{expected}"


def test_24_00_is_the_next_midnight_of_the_zone() -> None:
    """On the day on which clocks change, that isn't 24 hours after the last one."""
    assert read_moment("2026-10-25 24:00", "Europe/Berlin") == "2026-10-25 23:00:00"


@pytest.mark.parametrize("written", ["2026-11-02 24:01", "2026-11-02 24:00:01", "2026-11-02 24:00 PM", "2026-11-02 25:00"])
def test_no_other_time_is_later_than_a_day(written: str) -> None:
    """There, something else is wrong."""
    assert read_moment(written) == "unreadable"
