"""Sentiment, coverage and summary: sums that add up, measures derived from sums, and what timelines cover."""

import math
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.analytics import coverage as covering
from dashboard.analytics import sentiment as rooms
from dashboard.analytics.intervals import Interval
from dashboard.analytics.sentiment import Measure
from dashboard.analytics.summary import summary as summed_up
from tests.support.builders import build_posts, build_spans, build_timeline, build_timeline_at, deterministic, parse_utc

SUMS = ["posts", "words", "matched", "positive", "negative"]
WIDTHS = ["hour", "day", "week", "month"]
ZONES = ["UTC", "Europe/Berlin", "America/Havana", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe"]


def covered_spans(frame: pl.DataFrame) -> pl.DataFrame:
    """Return account, first and last of posts."""
    return frame.group_by("account", maintain_order=True).agg(first=pl.col("created_at").min(), last=pl.col("created_at").max())


def sentiment(
    frame: pl.DataFrame,
    measure: Measure = "net",
    width: Interval = "day",
    tz: str = "UTC",
    method: str = "bing",
    within: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Return the table of posts, whose covered time is that of the posts."""
    return rooms.sentiment(rooms.score_posts(frame, method), covered_spans(frame) if within is None else within, width, tz, measure)


def value(*texts: str, measure: Measure = "net", method: str = "bing") -> float | None:
    """Return the measure of posts that were all written on one day."""
    return sentiment(build_posts(*({"text": text, "created_at": "2026-03-02"} for text in texts)), measure, method=method)["value"].item()


def test_the_table_has_the_columns_of_the_contract() -> None:
    """Sums are integers, and the value is a float."""
    schema = {"account": pl.String, "start": pl.Date} | dict.fromkeys(SUMS, pl.Int64) | {"value": pl.Float64}
    assert list(sentiment(build_posts("good")).schema.items()) == list(schema.items())


@pytest.mark.parametrize("measure", ["mean", "share"])
def test_an_estimate_has_an_interval_after_the_columns_of_the_contract(measure: Measure) -> None:
    """Its ends are the last two columns."""
    contracts = sentiment(build_posts("good")).columns
    assert sentiment(build_posts("good"), measure).columns == [*contracts, "low", "high"]


@pytest.mark.parametrize(
    ("measure", "expected"),
    [("net", 2 + 0 - 1), ("mean", (2 - 1 + 0) / 3), ("share", 2 / 3)],
)
def test_a_measure_is_derived_from_the_sums(measure: Measure, expected: float) -> None:
    """net = positive − negative; mean = net per post; share = positive / (positive + negative)."""
    assert value("good great day", "bad", "hm", measure=measure) == pytest.approx(expected)


@pytest.mark.parametrize(("measure", "expected"), [("net", 1 - 1), ("share", 1 / 2)])
def test_vader_counts_posts_as_positive_or_negative(measure: Measure, expected: float) -> None:
    """A post is one unit, however many words it has."""
    assert value("great great great", "awful", "table", measure=measure, method="vader") == expected


def test_the_mean_of_vader_is_that_of_its_scores() -> None:
    """It isn't that of the posts counted as positive and negative."""
    frame = build_posts("great", "awful", "table")
    scores = rooms.score_posts(frame, "vader")["score"].to_list()
    assert value("great", "awful", "table", measure="mean", method="vader") == pytest.approx(math.fsum(scores) / 3)


def test_a_share_without_matches_is_unknown() -> None:
    """0 / 0 is null, never 0 and never NaN."""
    assert value("hm", measure="share") is None


@pytest.mark.parametrize(("measure", "values"), [("net", [1.0, 0.0, -1.0]), ("mean", [1.0, None, -1.0]), ("share", [1.0, None, 0.0])])
def test_an_interval_without_posts_has_no_mean_and_no_share(measure: Measure, values: list[float | None]) -> None:
    """Its sums are zero, and so is net, but a mean of nothing is unknown."""
    frame = build_posts({"text": "good", "created_at": "2026-03-01"}, {"text": "bad", "created_at": "2026-03-03"})
    assert sentiment(frame, measure)["value"].to_list() == values


def test_the_sums_of_a_gap_are_zero() -> None:
    """It has no posts and no words."""
    frame = build_posts({"text": "good", "created_at": "2026-03-01"}, {"text": "bad", "created_at": "2026-03-03"})
    assert sentiment(frame).filter(start=date(2026, 3, 2)).select(SUMS).row(0) == (0, 0, 0, 0, 0)


def test_posts_without_text_count_as_posts() -> None:
    """A picture alone is a post without words."""
    assert sentiment(build_posts({"text": None}), "mean").select(*SUMS, "value").row(0) == (1, 0, 0, 0, 0, 0.0)


@pytest.mark.parametrize("method", ["bing", "vader", "afinn"])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_posts_make_an_empty_table_with_the_same_columns(width: Interval, method: str) -> None:
    """Nothing is covered, so nothing is summed."""
    table = sentiment(build_posts(), "mean", width, method=method, within=build_spans())
    assert table.columns == ["account", "start", *SUMS, "value", "low", "high"]
    assert table.height == 0


def test_a_covered_time_without_matching_posts_is_all_zeros() -> None:
    """If no post has a selected kind, the account was still read for that time."""
    table = sentiment(build_posts(), within=build_spans(("nasa", "2026-03-02T00:00", "2026-03-03T00:00")))
    assert table.select("posts", "value").rows() == [(0, 0.0), (0, 0.0)]


_rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b"]),
        st.datetimes(datetime(2026, 3, 1), datetime(2026, 4, 30)),
        st.lists(st.sampled_from(["good", "bad", "envious", "table", "@love", "#happy", "https://t.co/great"]), max_size=6).map(" ".join),
    ),
    max_size=25,
)


def _frame(rows: list[tuple[str, datetime, str]]) -> pl.DataFrame:
    return build_posts(*({"account": account, "created_at": parse_utc(moment.isoformat()), "text": text} for account, moment, text in rows))


def _totals(frame: pl.DataFrame) -> tuple[Any, ...]:
    return frame.select(pl.col(SUMS).sum()).row(0)


@deterministic
@given(_rows, st.sampled_from(WIDTHS), st.sampled_from(ZONES))
def test_the_intervals_add_up_to_the_total(rows: list[tuple[str, datetime, str]], width: Interval, tz: str) -> None:
    """For any interval and zone, the sums of posts and words are those of the posts."""
    frame = _frame(rows)
    scored_posts = rooms.score_posts(frame, "bing").with_columns(posts=pl.lit(1))
    assert _totals(sentiment(frame, width=width, tz=tz)) == _totals(scored_posts)


@deterministic
@given(_rows, st.integers(0, 25))
def test_the_sums_of_parts_add_up_to_the_sums_of_the_whole(rows: list[tuple[str, datetime, str]], cut: int) -> None:
    """Partial results of several files or machines can be added."""
    scored = rooms.score_posts(_frame(rows), "bing")
    parts = pl.concat([rooms.sum_scores(scored.head(cut), "account"), rooms.sum_scores(scored.slice(cut), "account")])
    merged = parts.group_by("account").agg(pl.col(rooms.SUM_COLUMNS).sum()).sort("account")
    assert merged.rows() == rooms.sum_scores(scored, "account").select("account", *rooms.SUM_COLUMNS).sort("account").rows()


@deterministic
@given(_rows, st.sampled_from(["net", "mean", "share"]))
def test_every_value_follows_from_its_row(rows: list[tuple[str, datetime, str]], measure: Measure) -> None:
    """No value depends on anything but the sums next to it."""
    for row in sentiment(_frame(rows), measure, "week").iter_rows(named=True):
        net, both = row["positive"] - row["negative"], row["positive"] + row["negative"]
        formula = {"net": net, "mean": net / row["posts"] if row["posts"] else None, "share": row["positive"] / both if both else None}
        assert row["value"] == formula[measure]


# Coverage


def test_coverage_has_the_requested_and_fetched_posts_and_the_cut() -> None:
    """There is a row per timeline, in the given order."""
    timelines = [build_timeline_at("2026-03-02", "2026-03-01", account="b", cut_by="n"), build_timeline(account="a")]
    rows = covering.coverage(timelines, 400).select(list(covering.SCHEMA)).rows()
    assert rows == [("b", 400, 2, parse_utc("2026-03-01"), parse_utc("2026-03-02"), "n", None), ("a", 400, 0, None, None, None, None)]


def test_posts_without_a_time_are_fetched_but_cover_nothing() -> None:
    """First and last are those of the dated posts."""
    frame = covering.coverage([build_timeline({"created_at": None}, {"created_at": "2026-03-01"})], 5)
    assert frame.select("fetched", "first", "last").row(0) == (2, parse_utc("2026-03-01"), parse_utc("2026-03-01"))


def test_the_coverage_of_no_timelines_is_empty() -> None:
    """It has no rows and the same columns."""
    assert covering.coverage([], 400).is_empty()
    assert covering.coverage([], 400).schema == covering.coverage([build_timeline()], 400).schema


@pytest.mark.parametrize(
    ("days", "shared"),
    [
        ([("2026-03-01", "2026-03-10"), ("2026-03-05", "2026-03-20")], ("2026-03-05", "2026-03-10")),
        ([("2026-03-01", "2026-03-30"), ("2026-03-05", "2026-03-06")], ("2026-03-05", "2026-03-06")),
        ([("2026-03-01", "2026-03-05"), ("2026-03-05", "2026-03-06")], ("2026-03-05", "2026-03-05")),
        ([("2026-03-01", "2026-03-10")], ("2026-03-01", "2026-03-10")),
        ([("2026-03-01", "2026-03-04"), ("2026-03-05", "2026-03-06")], None),
        ([("2026-03-01", "2026-03-09"), ("2026-03-01", "2026-03-03"), ("2026-03-05", "2026-03-06")], None),
        ([], None),
    ],
)
def test_the_common_span_is_covered_by_all_accounts(days: list[tuple[str, str]], shared: tuple[str, str] | None) -> None:
    """It goes from the latest first to the earliest last time, both included; there is none if they don't overlap."""
    frame = covering.coverage([build_timeline_at(*pair, account=f"a{place}") for place, pair in enumerate(days)], 9)
    assert covering.common_span(frame) == (shared and (parse_utc(shared[0]), parse_utc(shared[1])))


def test_an_account_without_posts_does_not_limit_the_common_span() -> None:
    """It covers nothing that others could lack."""
    frame = covering.coverage([build_timeline_at("2026-03-01", "2026-03-02"), build_timeline(account="silent")], 9)
    assert covering.common_span(frame) == (parse_utc("2026-03-01"), parse_utc("2026-03-02"))


def test_both_ends_of_the_common_span_are_included() -> None:
    """The posts that define it are in it."""
    shown = covering.visible_posts(
        build_timeline_at("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04").posts,
        ["post"],
        (parse_utc("2026-03-02"), parse_utc("2026-03-03")),
    )
    assert shown["created_at"].to_list() == [parse_utc("2026-03-02"), parse_utc("2026-03-03")]


def test_only_dated_posts_of_the_selected_kinds_are_visible() -> None:
    """Unknown kinds and times aren't guessed."""
    frame = build_posts("a", {"text": "b", "kind": "reply"}, {"text": "c", "kind": None}, {"text": "d", "created_at": None})
    assert covering.visible_posts(frame, ["post", "quote"], None)["text"].to_list() == ["a"]


def test_spans_are_clipped_to_the_common_span() -> None:
    """All accounts start and end together."""
    frame = covering.coverage(
        [build_timeline_at("2026-03-01", "2026-03-10", account="a"), build_timeline_at("2026-03-05", "2026-03-20", account="b")], 9
    )
    assert covering.covered_spans(frame, covering.common_span(frame)).rows() == [
        (name, parse_utc("2026-03-05"), parse_utc("2026-03-10")) for name in "ab"
    ]


def test_an_account_without_a_dated_post_has_no_span() -> None:
    """It can't be drawn over time."""
    frame = covering.coverage([build_timeline({"created_at": None}), build_timeline(account="silent")], 9)
    assert covering.covered_spans(frame, None).is_empty()


# Summary


def summary(*texts: str, hours: int = 24) -> dict[str, Any]:
    """Return the summary row of an account that posted these texts, this many hours apart."""
    rows = ({"text": text, "created_at": parse_utc("2026-03-01") + timedelta(hours=hours * place)} for place, text in enumerate(texts))
    frame = build_posts(*rows)
    return summed_up(rooms.score_posts(frame, "bing"), covered_spans(frame), frame).row(0, named=True)


def test_a_summary_has_the_sums_of_an_account_and_its_measures() -> None:
    """It has posts, words, the positive share and the mean."""
    row = summary("good great day", "bad", "hm")
    assert {name: row[name] for name in (*SUMS, "share", "mean")} == {
        "posts": 3,
        "words": 5,
        "matched": 3,
        "positive": 2,
        "negative": 1,
        "share": 2 / 3,
        "mean": 1 / 3,
    }


@pytest.mark.parametrize(("count", "hours", "per_day"), [(1, 24, 1.0), (5, 0, 5.0), (3, 24, 1.0), (4, 12, 2.0), (2, 12, 2.0)])
def test_posts_per_day_are_per_covered_day(count: int, hours: int, per_day: float) -> None:
    """A started day counts as one, and so does a single moment; the last post begins a day if whole days are before it."""
    assert summary(*["hm"] * count, hours=hours)["per_day"] == per_day


def test_a_summary_keeps_the_order_of_the_spans_and_fills_gaps_with_zero() -> None:
    """An account without visible posts has sums of zero and no share."""
    within = build_spans(("b", "2026-03-01T00:00", "2026-03-02T00:00"), ("a", "2026-03-01T00:00", "2026-03-02T00:00"))
    posts = build_posts("good", account="a")
    table = summed_up(rooms.score_posts(posts, "bing"), within, posts)
    assert table.select("account", "posts", "share").rows() == [("b", 0, None), ("a", 1, 1.0)]


def test_the_summary_of_no_spans_is_empty() -> None:
    """It has no rows."""
    assert summed_up(rooms.score_posts(build_posts(), "vader"), build_spans(), build_posts()).is_empty()
