"""The times of a file: which columns hold them, what people are asked, and what they are told."""

import io
from typing import Any

import pytest

from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.sources.files.readers import reader
from dashboard.sources.files.shapes.shape import SHAPES, Shape
from dashboard.sources.files.times.choices import parse_time_choices
from tests.support.archive_files import read_through


def read(content: str, name: str = "posts.csv", zone: str = "", order: str = "") -> list[dict[str, Any]]:
    choices = parse_time_choices(system_clock(), zone, order)
    return [row for batch in reader.open_reader(io.BytesIO(content.encode()), name, time_choices=choices) for row in batch]


def list_times(content: str, **choices: str) -> list[str]:
    """Return the times as texts, dates without a time of day; empty if unknown."""
    forms = {True: "%Y-%m-%d", False: "%Y-%m-%d %H:%M"}
    return [row["created_at"].strftime(forms[row["date_only"]]) if row["created_at"] else "" for row in read(content, **choices)]


def test_morning_and_evening_are_kept_apart() -> None:
    """Five formats with AM and PM in one column are never twelve hours off."""
    rows = ("2026-11-02 09:15:00 AM", "2026-11-02 09:15:00 PM", '"Nov 2, 2026 9:15 PM"', "03 Nov 2026 12:05 AM", "2026-11-03 12:05 PM")
    table = "username,created_at,text\n" + "".join(f"quay,{row},good\n" for row in rows)
    assert list_times(table) == ["2026-11-02 09:15", "2026-11-02 21:15", "2026-11-02 21:15", "2026-11-03 00:05", "2026-11-03 12:05"]


def test_dates_that_a_spreadsheet_has_swapped_are_refused() -> None:
    """An American Excel reads 02/11 as 11 February, and leaves 13/11 as it is."""
    with pytest.raises(InvalidFile, match="swapped") as refused:
        read("date,text\n2026-02-11 10:00:00,good\n13/11/2026 10:00,bad\n2026-03-11 10:00:00,good\n")
    assert "without opening" in refused.value.advice


@pytest.mark.parametrize("other", ["2026-11-14 10:00:00", "02/11/2026 10:00"])
def test_dates_in_two_formats_are_read(other: str) -> None:
    """A spreadsheet would have left the first as text, or have converted the second."""
    assert list_times(f"date,text\n2026-02-11 10:00:00,good\n13/11/2026 10:00,bad\n{other},good\n")[1] == "2026-11-13 10:00"


@pytest.mark.parametrize("zone", ["-0500", "EST", "America/New_York", "UTC-5"])
def test_a_zone_may_have_a_column_of_its_own(zone: str) -> None:
    """Collectors write it as an offset, a name or an abbreviation."""
    assert list_times(f"date,time,timezone,text\n2026-11-02,10:00:00,{zone},good\n") == ["2026-11-02 15:00"]


@pytest.mark.parametrize("column", ["timezone", "time_zone", "tz", "tz_name", "gmt_offset"])
def test_the_column_of_a_zone_has_several_usual_names(column: str) -> None:
    """Otherwise its times would be read as UTC."""
    assert list_times(f"created_at,{column},text\n2026-11-02 10:00:00,-05:00,good\n") == ["2026-11-02 15:00"]


def test_dates_of_the_export_of_x_are_read() -> None:
    """A weekday and the name of a month aren't an empty report."""
    table = 'Post id,Date,Post text\n1,"Mon, Nov 02, 2026",good\n2,"Tue, Nov 03, 2026",bad\n'
    assert list_times(table) == ["2026-11-02", "2026-11-03"]


def test_named_zones_are_read_without_a_notice_that_there_were_none() -> None:
    """EST and EDT have one meaning."""
    table = "created_at,text\n2026-11-02 21:30:00 EST,good\n2026-07-02 21:30:00 EDT,bad\n"
    assert list_times(table) == ["2026-11-03 02:30", "2026-07-03 01:30"]
    assert not any("time zone" in warning for warning in read_through(table).tally.format_warnings())


def test_only_times_without_a_zone_are_said_to_have_none() -> None:
    """Dates and times with a zone don't count."""
    table = "date,text\n2026-11-02,a\n2026-11-02T10:00:00Z,b\n2026-11-02 10:00:00,c\n"
    assert read_through(table).tally.notices["zoneless"] == 1


def test_the_chosen_zone_is_used_and_named() -> None:
    """The notice says which zone it was."""
    choices = parse_time_choices(system_clock(), "europe/berlin")
    reading = reader.open_reader(io.BytesIO(b"date,text,account\n2026-11-02 10:00:00,a,b\n"), "a.csv", time_choices=choices)
    assert [row["created_at"].hour for batch in reading for row in batch] == [9]
    assert reading.tally.format_warnings() == ["1 time has no time zone and was read as Europe/Berlin."]


def test_an_unknown_order_is_asked_about() -> None:
    """No row is dropped, and the question is at its field."""
    with pytest.raises(UnknownColumns) as asked:
        read("date,text\n04/05/2026,a\n05/04/2026,b\n")
    assert "“04/05/2026”" in asked.value.problems["date_order"]
    assert asked.value.missing_fields == []
    assert asked.value.sample_rows == [["04/05/2026", "a"], ["05/04/2026", "b"]]


def test_the_answer_about_the_order_is_used() -> None:
    """Both rows have their date."""
    assert list_times("date,text\n04/05/2026,a\n05/04/2026,b\n", order="month-first") == ["2026-04-05", "2026-05-04"]


def test_a_row_far_below_decides_the_order() -> None:
    """The whole column counts, not only its beginning."""
    table = "date,text\n" + "04/05/2026,a\n05/04/2026,b\n" * 1_500 + "13/04/2026,c\n"
    assert list_times(table)[0] == "2026-05-04"


def test_the_ids_of_x_decide_the_order() -> None:
    """They contain the time."""
    table = "id,date,text\n1985000000000000101,02/11/2025,a\n1985400000000000101,03/11/2025,b\n"
    assert list_times(table) == ["2025-11-02", "2025-11-03"]


def test_an_ambiguous_zone_is_asked_about() -> None:
    """If it is the zone of every time, the file isn't imported without an answer."""
    table = "date,text\n2026-07-02 21:30:00 BST,a\n"
    with pytest.raises(UnknownColumns) as asked:
        read(table)
    assert "Britain (UTC+1)" in asked.value.problems["zone"]
    assert list_times(table, zone="Europe/London") == ["2026-07-02 20:30"]


def test_unreadable_times_are_reported_with_an_example() -> None:
    """The notice has the value and its line, and says what leaves the posts out."""
    reading = read_through("date,text,account\n2026-11-02,a,b\nsoon,b,b\n1970-01-01,c,b\n2026-11-02 10:00 XYZT,d,b\n")
    warnings = " ".join(reading.tally.format_warnings())
    assert "“soon” in line 3" in warnings
    assert "“1970-01-01” in line 4" in warnings
    assert "“2026-11-02 10:00 XYZT” in line 5" in warnings
    assert "every chart, table and list of posts leaves it out" in warnings


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("date,text\nLifetime,a\nLifetime,b\n", "“date” contains “Lifetime”"),
        ("date,text\n,a\n,b\n", "“date” is always empty"),
        ("created_at,text\n1970-01-01,a\n", "“created_at” contains “1970-01-01”"),
    ],
)
def test_a_file_without_any_time_is_refused(table: str, expected: str) -> None:
    """The message says what the column has instead, and what to do."""
    with pytest.raises(InvalidFile, match=expected) as refused:
        read(table)
    assert "2026-03-31 14:30" in (refused.value.advice or "")


def test_the_only_other_column_with_times_is_used() -> None:
    """Date may contain something else, such as Lifetime, and the notice says where the times are from."""
    table = 'Date,Go-live time,Text,Views\nLifetime,"11/02/2026 09:15",a,10\nLifetime,"11/13/2026 09:15",b,20\n'
    assert list_times(table) == ["2026-11-02 09:15", "2026-11-13 09:15"]
    assert "The times are from “Go-live time”, because “Date” contains “Lifetime”." in read_through(table).tally.format_warnings()


def test_several_other_columns_with_times_are_a_question() -> None:
    """Chorus doesn't choose between them."""
    with pytest.raises(UnknownColumns) as asked:
        read("Date,Go-live time,Boost date,Text\nLifetime,2026-11-02,2026-11-03,a\n")
    assert asked.value.missing_fields == ["created_at"]


def test_an_impossible_time_falls_back_to_another_one() -> None:
    """The network's own time is in another column."""
    table = "created_at,timestamp,text\n0001-01-01T00:00:00Z,2026-11-02T10:00:00Z,a\n2026-11-03T10:00:00Z,2026-11-03T10:00:01Z,b\n"
    assert list_times(table) == ["2026-11-02 10:00", "2026-11-03 10:00"]


def test_an_export_of_our_own_keeps_dates_as_dates() -> None:
    """The column date_only says which times are none."""
    table = (
        "account,id,created_at,text,kind,date_only\na,1,2026-11-02T00:00:00+00:00,x,post,true\na,2,2026-11-03T00:00:00+00:00,y,post,false\n"
    )
    assert list_times(table) == ["2026-11-02", "2026-11-03 00:00"]


@pytest.mark.parametrize("date", ["2026-11-02", "02-Nov-2026", "2026-11-02 00:00:00"])
def test_a_separate_column_completes_the_date(date: str) -> None:
    """Some tools write the time of day beside the date, which spreadsheets write as midnight."""
    assert list_times(f"Date,Time,Text\n{date},09:15 PM,a\n") == ["2026-11-02 21:15"]


def test_a_time_far_below_is_enough() -> None:
    """A file isn't refused because its first posts have no time."""
    times = list_times("date,text\n" + ",a\n" * 3_000 + "2026-11-02,b\n")
    assert len(times) == 3_001
    assert times[-1] == "2026-11-02"


def test_a_date_that_nobody_needs_is_no_question() -> None:
    """Another column has the time of every post."""
    assert list_times("created_at,date,text\n2026-05-04T10:00:00Z,04/05/2026,a\n") == ["2026-05-04 10:00"]


def test_dates_with_one_meaning_each_are_read_in_both_orders() -> None:
    """None of them can be read in two ways."""
    assert list_times("date,text\n13/04/2026,a\n04/14/2026,b\n") == ["2026-04-13", "2026-04-14"]


def test_the_usual_order_of_a_tool_is_not_evidence() -> None:
    """Rows in the order of their days decide against it, even if they have two dates whose order is open."""
    shape = Shape("toy", "Toy", "Toy", ("toy_sent", "toy_seen"), {"created_at": ("toy_sent", "toy_seen"), "text": ("what",)}, "mdy")
    days = [f"{day:02}/{month:02}/2026 10:00" for month in (1, 2, 3) for day in (2, 5, 9)]
    content = "toy_sent,toy_seen,what\n" + "".join(f"{day},{day},good\n" for day in days)
    with SHAPES.registered(shape):
        assert list_times(content)[:2] == ["2026-01-02 10:00", "2026-01-05 10:00"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Date (UTC)", "02 21:15"), ("Date (EST)", "03 02:15"), ("created_at_utc", "02 21:15"), ("Created (Europe/Berlin)", "02 20:15")],
)
def test_times_are_in_the_zone_that_their_column_names(name: str, expected: str) -> None:
    """Nothing is said about a missing zone, because none is missing."""
    reading = reader.open_reader(io.BytesIO(f"text,account,{name}\ngood,quay,2026-11-02 21:15\n".encode()), "a.csv")
    assert [f"{row['created_at']:%d %H:%M}" for batch in reading for row in batch] == [expected]
    assert reading.tally.format_warnings() == []


def test_a_zone_that_nobody_knows_is_a_question() -> None:
    """It isn't refused, because a person can say what it means."""
    with pytest.raises(UnknownColumns, match="“XYZ”, a time zone that we don’t know") as asked:
        list(reader.open_reader(io.BytesIO(b"text,date\ngood,2026-11-02 21:15 XYZ\n"), "a.csv"))
    assert list(asked.value.problems) == ["zone"]


def test_an_unreadable_zone_in_a_row_is_mentioned() -> None:
    """The time isn't said to have none without a word on the column that should have it."""
    reading = reader.open_reader(io.BytesIO(b"text,account,date,timezone\ngood,quay,2026-11-02 21:15,Local\n"), "a.csv")
    list(reading)
    assert "1 of these times is in a row with a time zone that we can’t read: “Local”." in reading.tally.format_warnings()


@pytest.mark.parametrize("name", ["Uhrzeit", "Heure", "Hora", "Time", "Hour"])
def test_the_time_of_day_has_a_column_of_its_own(name: str) -> None:
    """A date beside it isn't a date without a time of day."""
    reading = reader.open_reader(io.BytesIO(f"Datum;{name};Text;Konto\n02.11.2026;21:15;gut;quay\n".encode()), "a.csv")
    assert [(f"{row['created_at']:%d %H:%M}", row["date_only"]) for batch in reading for row in batch] == [("02 21:15", False)]


@pytest.mark.parametrize("clock", ["21:15", "21.15", "9:15 PM", "下午9:15", "21.15 Uhr", "21 h 15", "21:15 UTC", "22:15 CET", "21:15:00Z"])
def test_the_time_of_day_beside_a_date_is_read_in_any_notation(clock: str) -> None:
    """Otherwise it would be lost, and the post would have only a date."""
    assert list_times(f"date,time,text\n2026-11-02,{clock},good\n") == ["2026-11-02 21:15"]


def test_what_is_no_time_of_day_leaves_the_date() -> None:
    """A count of hours, or a word."""
    assert list_times("date,time,text\n2026-11-02,soon,good\n2026-11-03,14,bad\n") == ["2026-11-02", "2026-11-03"]


@pytest.mark.parametrize(
    ("column", "clocks", "expected"),
    [
        ("hour", ("9", "23", "0"), ("09:00", "23:00", "00:00")),
        ("Stunde", ("9", "23", "0"), ("09:00", "23:00", "00:00")),
        ("time", ("1015", "905", "5"), ("10:15", "09:05", "00:05")),
        ("time", ("101530", "90510", "0"), ("10:15", "09:05", "00:00")),
        ("time", ("0.427083333", "0,5", "0"), ("10:15", "12:00", "00:00")),
    ],
    ids=["hours", "German", "four digits", "six digits", "fractions of a day"],
)
@pytest.mark.parametrize("date", ["2026-11-02", "2026-11-02 00:00:00", "2026-11-02T00:00:00Z", "02.11.2026 00:00", "46328"])
def test_the_time_of_day_beside_a_date_may_be_a_number(column: str, clocks: tuple[str, ...], expected: tuple[str, ...], date: str) -> None:
    """What the numbers of a column are is the same for all, and a note says it."""
    table = f"date;{column};text\n" + "".join(f"{date};{clock};good\n" for clock in clocks)
    assert list_times(table) == [f"2026-11-02 {clock}" for clock in expected]
    assert any("were read as times of day" in warning for warning in read_through(table.encode(), "a.csv").tally.format_warnings())


@pytest.mark.parametrize(
    ("column", "clocks"),
    [
        ("time", ("9", "23")),
        ("hour", ("9", "25")),
        ("time", ("45", "330")),
        ("hour", ("0", "00")),
        ("hours", ("9", "23")),
        ("Ore", ("9", "0:30")),
    ],
)
def test_numbers_that_may_be_no_times_of_day_leave_the_dates(column: str, clocks: tuple[str, ...]) -> None:
    """A duration is in a column of that name, too."""
    assert list_times(f"date,{column},text\n" + "".join(f"2026-11-02,{clock},good\n" for clock in clocks)) == ["2026-11-02"] * 2


@pytest.mark.parametrize(
    ("column", "dates", "expected"),
    [
        ("date", ("260905", "261130"), ("2026-09-05", "2026-11-30")),
        ("date", ("051126", "301126"), ("2026-11-05", "2026-11-30")),
        ("date_yymmdd", ("101112", "111012"), ("2010-11-12", "2011-10-12")),
        ("Date (DD/MM/YYYY)", ("02/11/2026", "03/11/2026"), ("2026-11-02", "2026-11-03")),
        ("Datum (TT.MM.JJ)", ("02.11.26", "03.11.26"), ("2026-11-02", "2026-11-03")),
        ("Date (JJ/MM/AAAA)", ("02/11/2026", "03/11/2026"), ("2026-11-02", "2026-11-03")),
    ],
)
def test_the_name_of_a_column_or_its_values_decide_the_order_of_dates(
    column: str, dates: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    """Six digits are a date like one with separators."""
    assert list_times(f"{column},text\n" + "".join(f"{date},good\n" for date in dates)) == list(expected)


def test_six_digits_that_may_be_several_dates_are_a_question() -> None:
    """As 05/11/26 would be."""
    with pytest.raises(UnknownColumns) as asked:
        read("date,text\n051126,good\n061126,bad\n")
    assert "two ways" in asked.value.problems["date_order"]


def test_six_digits_that_may_be_years_and_months_are_no_dates() -> None:
    """201105 is May 2011 in a column of such numbers; unless its name says otherwise, or a row far below."""
    table = "date,text\n201105,good\n201104,bad\n201103,calm\n"
    with pytest.raises(InvalidFile, match="“date” contains “201105”"):
        read(table)
    november = ["2020-11-05", "2020-11-04", "2020-11-03"]
    assert list_times(table.replace("date", "date_yymmdd")) == november
    assert list_times(table + "201102,good\n" * 2_500 + "201130,good\n")[:3] == november


def test_a_note_says_how_six_digits_were_read() -> None:
    """Even if they can be read in one way only."""
    warnings = read_through(b"date,text\n260905,good\n261130,bad\n", "a.csv").tally.format_warnings()
    assert "Dates such as “260905” were read with the year first." in warnings


@pytest.mark.parametrize("date", ["Mo., 02.11.2026, 21:15 Uhr", "lun. 02.11.2026 à 21:15", "am 02.11.2026 um 21:15"])
def test_numeric_dates_may_have_words_in_other_languages(date: str) -> None:
    """Weekdays, and what is between a date and a time."""
    assert list_times(f'date,text\n"{date}",good\n') == ["2026-11-02 21:15"]
