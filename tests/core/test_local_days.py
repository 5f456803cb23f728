"""Days of a time zone: where they start, for single days and for columns, also when clocks change at midnight."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.core.local_day_columns import local_date, place_dates, restore_dates
from dashboard.core.local_days import start_of_day
from tests.support.builders import deterministic

STARTS = [
    ("America/St_Johns", "2010-11-07", "2010-11-07T03:30"),  # clocks went back from 00:01 to 23:01
    ("America/Havana", "2026-11-01", "2026-11-01T04:00"),  # they go back from 01:00 to 00:00
    ("America/Havana", "2026-03-08", "2026-03-08T05:00"),  # they skip from 00:00 to 01:00
    ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00"),
    ("Asia/Kathmandu", "2026-11-02", "2026-11-01T18:15"),
    ("UTC", "2026-11-02", "2026-11-02T00:00"),
]
MOMENT = pl.col("moment")


def find_day(moment: datetime, tz: str) -> date:
    """Return the day of a moment by the expression for columns."""
    return pl.DataFrame({"moment": [moment]}).select(local_date(MOMENT, tz)).item()


@pytest.mark.parametrize(("tz", "day", "start"), STARTS)
def test_a_day_has_one_start(tz: str, day: str, start: str) -> None:
    """The moment before it belongs to the day before, also if the clock showed midnight twice."""
    first_moment = datetime.fromisoformat(start).replace(tzinfo=UTC)
    assert start_of_day(date.fromisoformat(day), ZoneInfo(tz)) == first_moment
    assert find_day(first_moment, tz) == date.fromisoformat(day)
    assert find_day(first_moment - timedelta(microseconds=1), tz) == date.fromisoformat(day) - timedelta(days=1)


def test_the_first_midnight_in_st_johns_belongs_to_the_day_before() -> None:
    """That minute came an hour before the end of that day."""
    assert find_day(datetime(2010, 11, 7, 2, 30, tzinfo=UTC), "America/St_Johns") == date(2010, 11, 6)


@deterministic
@given(
    st.dates(date(2006, 1, 1), date(2026, 12, 31)),
    st.sampled_from(
        ["UTC", "America/New_York", "America/St_Johns", "America/Havana", "Pacific/Auckland", "America/Sao_Paulo", "Asia/Beirut"]
    ),
)
def test_dates_stay_on_their_day_in_every_zone(day: date, tz: str) -> None:
    """They are placed on it, and restored to midnight in UTC."""
    midnight = datetime.combine(day, datetime.min.time(), UTC)
    placed = pl.DataFrame({"moment": [midnight]}).select(place_dates(MOMENT, pl.lit(value=True), tz))
    assert find_day(placed.item(), tz) == day
    assert placed.select(restore_dates(pl.nth(0), pl.lit(value=True), tz)).item() == midnight


def test_moments_are_not_moved() -> None:
    """Only dates are placed."""
    moment = datetime(2026, 11, 2, tzinfo=UTC)
    frame = pl.DataFrame({"moment": [moment]})
    assert frame.select(place_dates(MOMENT, pl.lit(value=False), "Asia/Tokyo")).item() == moment
    assert frame.select(restore_dates(MOMENT, pl.lit(value=False), "Asia/Tokyo")).item() == moment
