"""Describe what timelines cover: how many posts of how many requested, from when to when, and why they end there.

It also selects the posts of a view. Sentences about coverage belong in `reports`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.activity import Activity
from dashboard.core.counts import HourlyCounts
from dashboard.core.local_day_columns import local_date, place_dates
from dashboard.core.networks import is_live
from dashboard.core.post_sums import PostSums
from dashboard.core.posts import POST_KINDS, Timeline

SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "asked": pl.Int64,  # posts requested; null for counts and for posts that were analyzed before, because none are requested
    "fetched": pl.Int64,
    "first": pl.Datetime("us", "UTC"),  # earliest dated post, or start of the counted time; null if there is none
    "last": pl.Datetime("us", "UTC"),
    "cut_by": pl.String,  # see posts.CutReason; null if the whole timeline was read
    "name": pl.String,  # display name; null if unknown
}
SAMPLED_FROM = "sampled_from"  # a further column: how many dated posts there are if `fetched` is a random sample of them; otherwise null
_ROW_SCHEMA: dict[str, Any] = SCHEMA | {SAMPLED_FROM: pl.Int64}
_KNOWN_SPAN_SCHEMA: dict[str, Any] = {"account": pl.String, "known_from": pl.Datetime("us", "UTC"), "known_to": pl.Datetime("us", "UTC")}
_TIME_RESOLUTION = timedelta(microseconds=1)


def coverage(timelines: Iterable[Activity], requested_count: int) -> pl.DataFrame:
    """Return one row of SCHEMA, and SAMPLED_FROM, per timeline, sums or counts, in the same order."""
    rows = [_coverage_row(timeline, requested_count) for timeline in timelines]
    return pl.DataFrame(rows, schema=_ROW_SCHEMA, orient="row")


def filter_by_time(timelines: Iterable[Activity], since: datetime | None, until: datetime | None) -> list[Activity]:
    """Return the timelines with only the posts in since <= time < until, where None is unbounded. Counts are returned unchanged."""
    moment, conditions = pl.col("created_at"), [pl.lit(True)]
    conditions += [moment >= since] if since else []
    conditions += [moment < until] if until else []
    return [_filter_posts(timeline, conditions) for timeline in timelines]


def common_span(coverage_table: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """Return the first and last moment (both included) that all accounts with posts cover, or None if they have no time in common."""
    dated = coverage_table.drop_nulls("first")
    first, last = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    return (first, last) if first is not None and first <= last else None


def visible_posts(posts: pl.DataFrame, kinds: Sequence[str], visible_span: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return the dated posts of these kinds, limited to `visible_span` (both ends included) unless it is None.

    These are often all of them, and a filter takes longer than looking whether it would leave anything out.
    """
    conditions = []
    if visible_span:
        conditions.append(pl.col("created_at").is_between(*visible_span))
    elif posts["created_at"].null_count():
        conditions.append(pl.col("created_at").is_not_null())
    if set(kinds) != set(POST_KINDS):
        conditions.append(pl.col("kind").is_in(kinds))
    return posts.filter(*conditions) if conditions else posts


def covered_spans(coverage_table: pl.DataFrame, visible_span: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return account, first, last for each account with a dated post, clipped to `visible_span` unless it is None."""
    spans = coverage_table[["account", "first", "last"]]
    dated = spans.drop_nulls("first") if spans["first"].null_count() else spans
    if visible_span is None:
        return dated
    return dated.with_columns(pl.col("first", "last").clip(*visible_span))


def known_spans(
    timelines: Iterable[Activity],
    requested_span: tuple[datetime | None, datetime | None],
    visible_span: tuple[datetime, datetime] | None,
) -> pl.DataFrame:
    """Return account, known_from, known_to (aware UTC): every post in known_from <= time < known_to is known; null is unbounded.

    A timeline that was cut starts at its oldest post; a complete one starts at the start of `requested_span`. It ends at the time it was
    fetched, except that demo data and files end with their newest post, because what came after it is unknown. An account without posts
    has a row too, because it is known to have posted nothing.
    """
    spans = [(timeline.account, *_known_span(timeline, requested_span)) for timeline in timelines]
    rows = [(account, *_clip(first, last, visible_span)) for account, first, last in spans]
    return pl.DataFrame(rows, schema=_KNOWN_SPAN_SCHEMA, orient="row")


def extend_to_end_of_day(spans: pl.DataFrame, accounts: Sequence[str], tz: str) -> pl.DataFrame:
    """Return spans as `known_spans` does, in which those of some accounts last until the end of their last day in `tz`."""
    if not accounts:
        return spans
    next_day = local_date(pl.col("known_to"), tz).dt.offset_by("1d").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    end = place_dates(next_day, pl.lit(value=True), tz)
    return spans.with_columns(known_to=pl.when(pl.col("account").is_in(accounts)).then(end).otherwise("known_to"))


def _known_span(timeline: Activity, requested_span: tuple[datetime | None, datetime | None]) -> tuple[datetime | None, datetime | None]:
    if isinstance(timeline, HourlyCounts):
        return timeline.since, timeline.until
    since, until = requested_span
    oldest, newest = _find_ends(timeline)
    first = since if timeline.cut_by is None else oldest
    last = newest + _TIME_RESOLUTION if not is_live(timeline.account) and isinstance(newest, datetime) else timeline.fetched_at
    return first, min(last, until) if until and last else last


def _clip(first: datetime | None, last: datetime | None, visible_span: tuple[datetime, datetime] | None) -> tuple[datetime | None, ...]:
    if visible_span is None:
        return first, last
    return max(first or visible_span[0], visible_span[0]), min(last or visible_span[1], visible_span[1] + _TIME_RESOLUTION)


def _counts_row(counts: HourlyCounts) -> tuple[object, ...]:
    ends = (None, None) if counts.is_empty else (counts.since, counts.until - timedelta(seconds=1))
    return counts.account, None, counts.total_posts, *ends, counts.cut_by, counts.name or None, None


def _find_ends(timeline: Timeline | PostSums) -> tuple[Any, Any]:
    """Return the times of the first and the last dated post, None without any."""
    if isinstance(timeline, PostSums):
        return timeline.counts["created_at"].min(), timeline.counts["last_at"].max()
    return timeline.posts["created_at"].min(), timeline.posts["created_at"].max()


def _filter_posts(timeline: Activity, conditions: Sequence[pl.Expr]) -> Activity:
    if isinstance(timeline, HourlyCounts):
        return timeline
    if isinstance(timeline, PostSums):
        return replace(timeline, counts=timeline.counts.filter(*conditions))
    return replace(timeline, posts=timeline.posts.filter(*conditions))


def _coverage_row(timeline: Activity, requested_count: int) -> tuple[object, ...]:
    if isinstance(timeline, HourlyCounts):
        return _counts_row(timeline)
    posts = timeline.total_posts if isinstance(timeline, PostSums) else timeline.posts_read
    sampled_from = timeline.sampled_from if isinstance(timeline, Timeline) else None
    requested = None if isinstance(timeline, PostSums) or sampled_from is not None else requested_count
    return timeline.account, requested, posts, *_find_ends(timeline), timeline.cut_by, timeline.name or None, sampled_from
