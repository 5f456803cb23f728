"""What a set of timelines covers: fetched of asked, from when to when, and what cut it; and which posts a view shows of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.counts import HourlyCounts
from dashboard.core.networks import is_live
from dashboard.core.posts import Timeline

SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "asked": pl.Int64,  # null if a network counted: then no posts were asked for
    "fetched": pl.Int64,
    "first": pl.Datetime("us", "UTC"),  # of the fetched posts that have a time, or of the time counted; null if there is none
    "last": pl.Datetime("us", "UTC"),
    "cut_by": pl.String,  # see posts.CutBy; null if the whole timeline was read
}
_KNOWN_SPAN_SCHEMA: dict[str, Any] = {"account": pl.String, "known_from": pl.Datetime("us", "UTC"), "known_to": pl.Datetime("us", "UTC")}
_TIME_RESOLUTION = timedelta(microseconds=1)


def coverage(timelines: Iterable[Timeline | HourlyCounts], requested_count: int) -> pl.DataFrame:
    """Return one row of SCHEMA per timeline or counts, in the order given."""
    rows = [_counts_row(answer) if isinstance(answer, HourlyCounts) else _timeline_row(answer, requested_count) for answer in timelines]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def filter_by_time(
    timelines: Iterable[Timeline | HourlyCounts], since: datetime | None, until: datetime | None
) -> list[Timeline | HourlyCounts]:
    """Return the answers with posts of a half-open span alone; None is open. Counts stay as they are."""
    moment, wanted = pl.col("created_at"), [pl.lit(True)]
    wanted += [moment >= since] if since else []
    wanted += [moment < until] if until else []
    return [answer if isinstance(answer, HourlyCounts) else replace(answer, posts=answer.posts.filter(*wanted)) for answer in timelines]


def common_span(coverage_table: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """Return the first and last moment that all accounts with posts cover (both included), None if there is no such time."""
    dated = coverage_table.drop_nulls("first")
    first, last = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    return (first, last) if first is not None and first <= last else None


def visible_posts(posts: pl.DataFrame, kinds: Sequence[str], visible_span: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return the posts that have a time and one of `kinds`, inside `within` (both ends included) if given."""
    inside = pl.col("created_at").is_between(*visible_span) if visible_span else pl.col("created_at").is_not_null()
    return posts.filter(inside, pl.col("kind").is_in(kinds))


def covered_spans(coverage_table: pl.DataFrame, visible_span: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return account, first, last of each account that has a dated post, clipped to `within`."""
    dated = coverage_table.drop_nulls("first").select("account", "first", "last")
    if visible_span is None:
        return dated
    return dated.with_columns(pl.col("first", "last").clip(*visible_span))


def known_spans(
    timelines: Iterable[Timeline | HourlyCounts],
    requested_span: tuple[datetime | None, datetime | None],
    visible_span: tuple[datetime, datetime] | None,
) -> pl.DataFrame:
    """Return account, known_from, known_to (aware UTC): every post from the one until before the other is known; null is open.

    `span` is the time asked for. A timeline that was cut begins with its oldest post; one that was read to its end reaches until it was
    read, but demo data and files end with their newest post, for nobody says what came after it. An account without a
    post has a row too, for that it posted nothing is known.
    """
    rows = [(answer.account, *_known_span(answer, requested_span)) for answer in timelines]
    ends = [(account, *_clip(first, last, visible_span)) for account, first, last in rows]
    return pl.DataFrame(ends, schema=_KNOWN_SPAN_SCHEMA, orient="row")


def _known_span(
    timeline: Timeline | HourlyCounts, requested_span: tuple[datetime | None, datetime | None]
) -> tuple[datetime | None, datetime | None]:
    if isinstance(timeline, HourlyCounts):
        return timeline.since, timeline.until
    since, until = requested_span
    oldest, newest = timeline.posts["created_at"].min(), timeline.posts["created_at"].max()
    first = since if timeline.cut_by is None else oldest
    last = newest + _TIME_RESOLUTION if not is_live(timeline.account) and isinstance(newest, datetime) else timeline.fetched_at
    return first, min(last, until) if until and last else last  # type: ignore[return-value]


def _clip(first: datetime | None, last: datetime | None, visible_span: tuple[datetime, datetime] | None) -> tuple[datetime | None, ...]:
    if visible_span is None:
        return first, last
    return max(first or visible_span[0], visible_span[0]), min(last or visible_span[1], visible_span[1] + _TIME_RESOLUTION)


def _counts_row(counts: HourlyCounts) -> tuple[object, ...]:
    ends = (None, None) if counts.is_empty else (counts.since, counts.until - timedelta(seconds=1))
    return counts.account, None, counts.total_posts, *ends, counts.cut_by


def _timeline_row(timeline: Timeline, requested_count: int) -> tuple[object, ...]:
    times = timeline.posts["created_at"]
    return timeline.account, requested_count, timeline.posts.height, times.min(), times.max(), timeline.cut_by
