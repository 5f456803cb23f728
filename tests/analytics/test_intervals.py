"""Intervals: half-open, in the time zone of the view, without gaps, also when clocks change."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval
from tests.support.builders import build_posts, build_posts_at, build_spans, deterministic, parse_utc


def start(moment: str, width: Interval, tz: str) -> date:
    """Return the start of the interval that contains a moment."""
    return build_posts_at(moment).select(intervals.start(width, tz)).item()


def hours(first: str, last: str, tz: str) -> list[str]:
    """Return the starts of the hours from first to last as local times with their offset."""
    starts = intervals.list_intervals(build_spans(("nasa", first, last)), "hour", tz)["start"].to_list()
    return [f"{moment:%H:%M%z}" for moment in starts]


def dates(first: str, last: str, width: Interval, tz: str = "UTC") -> list[str]:
    """Return the starts of the days, weeks or months from first to last."""
    return [str(day) for day in intervals.list_intervals(build_spans(("nasa", first, last)), width, tz)["start"].to_list()]


@pytest.mark.parametrize(
    ("tz", "before", "midnight", "day"),
    [
        ("UTC", "2026-03-01T23:59:59.999999", "2026-03-02T00:00", "2026-03-02"),
        ("Europe/Berlin", "2026-03-01T22:59:59.999999", "2026-03-01T23:00", "2026-03-02"),
        ("America/New_York", "2026-03-02T04:59:59.999999", "2026-03-02T05:00", "2026-03-02"),
        ("Asia/Kathmandu", "2026-03-01T18:14:59.999999", "2026-03-01T18:15", "2026-03-02"),
        ("Pacific/Kiritimati", "2026-03-01T09:59:59.999999", "2026-03-01T10:00", "2026-03-02"),
        ("Europe/Berlin", "2026-03-29T21:59:59.999999", "2026-03-29T22:00", "2026-03-30"),
        ("Africa/Cairo", "2026-04-23T21:59:59.999999", "2026-04-23T22:00", "2026-04-24"),
        ("Africa/Cairo", "2026-10-29T21:59:59.999999", "2026-10-29T22:00", "2026-10-30"),
        ("America/Havana", "2026-03-08T04:59:59.999999", "2026-03-08T05:00", "2026-03-08"),
        ("Australia/Lord_Howe", "2026-10-03T13:29:59.999999", "2026-10-03T13:30", "2026-10-04"),
    ],
)
def test_a_day_starts_at_local_midnight(tz: str, before: str, midnight: str, day: str) -> None:
    """The last microsecond belongs to the day before, midnight itself to the new day."""
    (yesterday, today), new = (start(before, "day", tz), start(midnight, "day", tz)), date.fromisoformat(day)
    assert yesterday == new - timedelta(days=1)
    assert today == new


@pytest.mark.parametrize("moment", ["2026-11-01T04:00", "2026-11-01T04:30", "2026-11-01T05:30", "2026-11-02T04:59:59"])
def test_a_repeated_midnight_starts_only_one_day(moment: str) -> None:
    """In Havana, the first hour of 1 November 2026 comes twice; both belong to that day, which has 25 hours."""
    assert start(moment, "day", "America/Havana") == date(2026, 11, 1)


@pytest.mark.parametrize(
    ("moment", "tz", "monday"),
    [
        ("2026-03-02T00:00", "UTC", "2026-03-02"),
        ("2026-03-08T23:59:59", "UTC", "2026-03-02"),
        ("2026-03-09T00:00", "UTC", "2026-03-09"),
        ("2026-03-08T23:00", "Europe/Berlin", "2026-03-09"),
        ("2026-03-09T03:59", "America/New_York", "2026-03-02"),
        ("2026-01-01T12:00", "UTC", "2025-12-29"),
    ],
)
def test_a_week_starts_on_monday(moment: str, tz: str, monday: str) -> None:
    """This holds across the end of a year, and at local midnight."""
    assert start(moment, "week", tz) == date.fromisoformat(monday)


@pytest.mark.parametrize(
    ("moment", "tz", "first"),
    [
        ("2026-02-28T23:59:59", "UTC", "2026-02-01"),
        ("2026-03-01T00:00", "UTC", "2026-03-01"),
        ("2026-02-28T23:00", "Europe/Berlin", "2026-03-01"),
        ("2024-02-29T12:00", "UTC", "2024-02-01"),
    ],
)
def test_a_month_starts_on_its_first_day(moment: str, tz: str, first: str) -> None:
    """It starts at local midnight."""
    assert start(moment, "month", tz) == date.fromisoformat(first)


@pytest.mark.parametrize(
    ("moment", "tz", "clock"),
    [
        ("2026-03-02T12:59:59.999999", "UTC", "12:00+0000"),
        ("2026-03-02T13:00", "UTC", "13:00+0000"),
        ("2026-03-02T13:14:59", "Asia/Kathmandu", "18:00+0545"),
        ("2026-03-02T13:15", "Asia/Kathmandu", "19:00+0545"),
        ("2026-10-25T00:30", "Europe/Berlin", "02:00+0200"),
        ("2026-10-25T01:30", "Europe/Berlin", "02:00+0100"),
        ("2026-03-29T01:30", "Europe/Berlin", "03:00+0200"),
        ("2026-11-01T04:30", "America/Havana", "00:00-0400"),
        ("2026-11-01T05:30", "America/Havana", "00:00-0500"),
    ],
)
def test_an_hour_starts_on_the_local_hour(moment: str, tz: str, clock: str) -> None:
    """Hours repeated by a clock change differ in their offset."""
    assert f"{start(moment, 'hour', tz):%H:%M%z}" == clock


@deterministic
@given(
    st.datetimes(datetime(2006, 1, 1), datetime(2029, 12, 31)), st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Africa/Cairo"])
)
def test_an_hour_contains_its_moments(naive: datetime, tz: str) -> None:
    """The start isn't after the moment, and less than an hour before it."""
    moment = parse_utc(naive.isoformat())
    (begin,) = build_posts({"created_at": moment}).select(intervals.start("hour", tz))["start"].to_list()
    assert timedelta(0) <= moment - begin < timedelta(hours=1)


def test_hours_without_posts_are_listed() -> None:
    """No hour from the first to the last is skipped."""
    assert hours("2026-03-02T10:59", "2026-03-02T13:01", "UTC") == ["10:00+0000", "11:00+0000", "12:00+0000", "13:00+0000"]


@pytest.mark.parametrize(
    ("first", "last", "tz", "clocks"),
    [
        ("2026-10-24T23:30", "2026-10-25T02:30", "Europe/Berlin", ["01:00+0200", "02:00+0200", "02:00+0100", "03:00+0100"]),
        ("2026-03-29T00:30", "2026-03-29T01:30", "Europe/Berlin", ["01:00+0100", "03:00+0200"]),
        ("2026-11-01T03:30", "2026-11-01T06:30", "America/Havana", ["23:00-0400", "00:00-0400", "00:00-0500", "01:00-0500"]),
        ("2026-04-23T21:30", "2026-04-23T22:30", "Africa/Cairo", ["23:00+0200", "01:00+0300"]),
        ("2026-03-02T00:00", "2026-03-02T02:00", "Asia/Kathmandu", ["05:00+0545", "06:00+0545", "07:00+0545"]),
    ],
)
def test_repeated_hours_are_listed_twice_and_skipped_ones_not_at_all(first: str, last: str, tz: str, clocks: list[str]) -> None:
    """Hours are instants, shown in local time."""
    assert hours(first, last, tz) == clocks


@pytest.mark.parametrize(
    ("first", "last", "width", "tz", "starts"),
    [
        ("2026-02-27T12:00", "2026-03-02T00:00", "day", "UTC", ["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-02"]),
        ("2026-03-28T12:00", "2026-03-30T12:00", "day", "Europe/Berlin", ["2026-03-28", "2026-03-29", "2026-03-30"]),
        ("2026-10-31T12:00", "2026-11-02T12:00", "day", "America/Havana", ["2026-10-31", "2026-11-01", "2026-11-02"]),
        ("2026-04-23T12:00", "2026-04-24T12:00", "day", "Africa/Cairo", ["2026-04-23", "2026-04-24"]),
        ("2026-03-01T12:00", "2026-03-09T00:00", "week", "UTC", ["2026-02-23", "2026-03-02", "2026-03-09"]),
        ("2025-11-30T23:30", "2026-01-31T22:59", "month", "Europe/Berlin", ["2025-12-01", "2026-01-01"]),
        ("2026-03-02T12:00", "2026-03-02T12:00", "day", "UTC", ["2026-03-02"]),
        ("2026-03-02T12:00", "2026-03-02T12:00", "month", "UTC", ["2026-03-01"]),
    ],
)
def test_days_weeks_and_months_without_posts_are_listed(first: str, last: str, width: Interval, tz: str, starts: list[str]) -> None:
    """Every interval from the first to the last time occurs exactly once; a single moment has one."""
    assert dates(first, last, width, tz) == starts


@pytest.mark.parametrize("width", ["hour", "day", "week", "month"])
def test_each_account_is_listed_within_its_own_time(width: Interval) -> None:
    """Nothing is known before an account's first and after its last time."""
    padded = intervals.list_intervals(
        build_spans(("b", "2025-01-01T00:00", "2025-01-01T01:00"), ("a", "2026-01-01T00:00", "2026-01-01T01:00")), width, "UTC"
    )
    years = padded.group_by("account").agg((pl.col("start").cast(pl.Date) + pl.duration(days=4)).dt.year().unique())
    assert dict(years.iter_rows()) == {"a": [2026], "b": [2025]}


@pytest.mark.parametrize("width", ["hour", "day", "week", "month"])
def test_accounts_keep_their_order_for_every_interval(width: Interval) -> None:
    """Rows are in the order of the spans."""
    padded = intervals.list_intervals(
        build_spans(("b", "2026-01-01T00:00", "2026-01-01T01:00"), ("a", "2026-01-01T00:00", "2026-01-01T01:00")), width, "UTC"
    )
    assert padded["account"].unique(maintain_order=True).to_list() == ["b", "a"]


@pytest.mark.parametrize("width", ["hour", "day", "week", "month"])
def test_no_spans_make_no_intervals(width: Interval) -> None:
    """Without covered time there is nothing to list."""
    assert intervals.list_intervals(build_spans(), width, "Europe/Berlin").is_empty()


@pytest.mark.parametrize(
    ("span", "width"),
    [
        (timedelta(0), "hour"),
        (timedelta(days=4), "hour"),
        (timedelta(days=4, seconds=1), "day"),
        (timedelta(days=150), "day"),
        (timedelta(days=151), "week"),
        (timedelta(days=3 * 366), "week"),
        (timedelta(days=3 * 366 + 1), "month"),
        (timedelta(days=36_500), "month"),
    ],
)
def test_the_shortest_interval_that_keeps_a_chart_readable_is_chosen(span: timedelta, width: Interval) -> None:
    """There are at most about 150 intervals."""
    assert intervals.choose_interval(span) == width


@deterministic
@given(
    st.datetimes(datetime(2006, 1, 1), datetime(2030, 1, 1)),
    st.integers(0, 40 * 24 * 60),
    st.sampled_from(["hour", "day", "week", "month"]),
    st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/Havana", "Australia/Lord_Howe"]),
)
def test_the_estimated_number_of_intervals_is_never_too_small(first: datetime, minutes: int, width: Interval, tz: str) -> None:
    """A report that is too large is refused by this estimate."""
    last = first + timedelta(minutes=minutes)
    made = intervals.list_intervals(build_spans(("nasa", first.isoformat(), last.isoformat())), width, tz).height
    assert made <= intervals.estimate_count(last - first, width)
