"""Counting posts per account and interval."""

from datetime import date, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import frequency as rooms
from dashboard.analytics.intervals import Interval
from tests.support.builders import build_posts, build_posts_at, build_spans, deterministic, parse_utc

ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia"]
WIDTHS = ["hour", "day", "week", "month"]


def frequency(frame: pl.DataFrame, width: Interval = "day", tz: str = "UTC") -> pl.DataFrame:
    """Return the table of posts, whose covered time is that of the posts."""
    covered = frame.group_by("account", maintain_order=True).agg(first=pl.col("created_at").min(), last=pl.col("created_at").max())
    return rooms.frequency(frame, covered, width, tz)


def test_the_table_has_the_columns_of_the_contract() -> None:
    """They are account, start and posts, which are integers."""
    assert dict(frequency(build_posts_at("2026-03-02")).schema) == {"account": pl.String, "start": pl.Date, "posts": pl.Int64}


def test_posts_are_counted_per_day_and_gaps_are_zero() -> None:
    """Days between the first and the last post have a row."""
    table = frequency(build_posts_at("2026-03-02T00:00", "2026-03-02T23:59", "2026-03-05T12:00"))
    assert table["posts"].to_list() == [2, 0, 0, 1]


def test_there_are_no_rows_before_the_first_or_after_the_last_post() -> None:
    """Nothing is known about an account outside its covered time."""
    frame = pl.concat([build_posts_at("2026-03-02", "2026-03-04", account="a"), build_posts_at("2026-03-03", account="b")])
    assert frequency(frame).group_by("account").len().sort("account").rows() == [("a", 3), ("b", 1)]


@pytest.mark.parametrize(
    ("tz", "counts"),
    [
        ("UTC", [(date(2026, 3, 28), 2), (date(2026, 3, 29), 2)]),
        ("Europe/Berlin", [(date(2026, 3, 28), 1), (date(2026, 3, 29), 2), (date(2026, 3, 30), 1)]),
        ("America/New_York", [(date(2026, 3, 28), 2), (date(2026, 3, 29), 2)]),
    ],
)
def test_a_post_counts_on_its_local_day(tz: str, counts: list[tuple[date, int]]) -> None:
    """Around the night in which Berlin's clocks went forward, each post counts on one day."""
    frame = build_posts_at("2026-03-28T22:59:59", "2026-03-28T23:00", "2026-03-29T21:59:59", "2026-03-29T22:00")
    assert frequency(frame, "day", tz).select("start", "posts").rows() == counts


def test_both_hours_of_a_clock_that_goes_back_are_counted() -> None:
    """02:30 comes twice in Berlin on 25 October 2026, and each has its own row."""
    table = frequency(build_posts_at("2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T01:31"), "hour", "Europe/Berlin")
    assert [(f"{start:%H:%M%z}", posts) for _, start, posts in table.rows()] == [("02:00+0200", 1), ("02:00+0100", 2)]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_single_post_makes_a_single_interval(width: Interval) -> None:
    """A covered time can have a length of zero."""
    assert frequency(build_posts_at("2026-03-02T12:00"), width)["posts"].to_list() == [1]


@pytest.mark.parametrize("width", WIDTHS)
def test_posts_at_the_same_instant_all_count(width: Interval) -> None:
    """Equal times don't make posts equal."""
    assert frequency(build_posts_at(*["2026-03-02T12:00"] * 3), width)["posts"].to_list() == [3]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_posts_make_an_empty_table_with_the_same_columns(width: Interval) -> None:
    """Nothing is covered, so nothing is counted."""
    table = rooms.frequency(build_posts(), build_spans(), width, "Europe/Berlin")
    assert table.columns == ["account", "start", "posts"]
    assert table.height == 0


def test_a_covered_time_without_matching_posts_is_all_zeros() -> None:
    """If no post has a selected kind, the account was still read for that time."""
    table = rooms.frequency(build_posts(), build_spans(("nasa", "2026-03-02T00:00", "2026-03-04T00:00")), "day", "UTC")
    assert table["posts"].to_list() == [0, 0, 0]


def test_rows_are_in_the_order_of_accounts_and_of_time() -> None:
    """Accounts are in the requested order, each from old to new."""
    frame = pl.concat([build_posts_at("2026-03-03", "2026-03-01", account="b"), build_posts_at("2026-03-02", account="a")])
    assert [(account, start.day) for account, start, _ in frequency(frame).rows()] == [("b", 1), ("b", 2), ("b", 3), ("a", 2)]


_moments = st.lists(st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30)), min_size=1, max_size=30)


@deterministic
@given(_moments, st.sampled_from(WIDTHS), st.sampled_from(ZONES))
def test_the_counts_add_up_to_the_posts(moments: list[datetime], width: Interval, tz: str) -> None:
    """For any interval and zone, no post is lost or counted twice."""
    frame = build_posts(*({"created_at": parse_utc(moment.isoformat())} for moment in moments))
    assert frequency(frame, width, tz)["posts"].sum() == len(moments)


@deterministic
@given(_moments, st.sampled_from(WIDTHS), st.sampled_from(ZONES))
def test_every_interval_occurs_once(moments: list[datetime], width: Interval, tz: str) -> None:
    """The starts of one account are strictly increasing."""
    starts = frequency(build_posts(*({"created_at": parse_utc(moment.isoformat())} for moment in moments)), width, tz)["start"].to_list()
    assert starts == sorted(set(starts))
