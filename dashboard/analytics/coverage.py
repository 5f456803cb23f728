"""What a set of timelines covers: fetched of asked, from when to when, and what cut it; and which posts a view shows of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from dashboard.core.counts import Counts
from dashboard.core.posts import Timeline

SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "asked": pl.Int64,  # null if a network counted: then no posts were asked for
    "fetched": pl.Int64,
    "first": pl.Datetime("us", "UTC"),  # of the fetched posts that have a time, or of the time counted; null if there is none
    "last": pl.Datetime("us", "UTC"),
    "cut_by": pl.String,  # see posts.CutBy; null if the whole timeline was read
}
_KNOWN: dict[str, Any] = {"account": pl.String, "known_from": pl.Datetime("us", "UTC"), "known_to": pl.Datetime("us", "UTC")}
_INSTANT = timedelta(microseconds=1)


def coverage(answers: Iterable[Timeline | Counts], asked: int) -> pl.DataFrame:
    """Return one row of SCHEMA per timeline or counts, in the order given."""
    rows = [_counted(answer) if isinstance(answer, Counts) else _row(answer, asked) for answer in answers]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def inside(answers: Iterable[Timeline | Counts], since: datetime | None, until: datetime | None) -> list[Timeline | Counts]:
    """Return the answers with posts of a half-open span alone; None is open. Counts stay as they are."""
    moment, wanted = pl.col("created_at"), [pl.lit(True)]
    wanted += [moment >= since] if since else []
    wanted += [moment < until] if until else []
    return [answer if isinstance(answer, Counts) else replace(answer, posts=answer.posts.filter(*wanted)) for answer in answers]


def common(covered: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """Return the first and last moment that all accounts with posts cover (both included), None if there is no such time."""
    dated = covered.drop_nulls("first")
    first, last = dated.select(pl.col("first").max(), pl.col("last").min()).row(0)
    return (first, last) if first is not None and first <= last else None


def shown(posts: pl.DataFrame, kinds: Sequence[str], within: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return the posts that have a time and one of `kinds`, inside `within` (both ends included) if given."""
    inside = pl.col("created_at").is_between(*within) if within else pl.col("created_at").is_not_null()
    return posts.filter(inside, pl.col("kind").is_in(kinds))


def spans(covered: pl.DataFrame, within: tuple[datetime, datetime] | None) -> pl.DataFrame:
    """Return account, first, last of each account that has a dated post, clipped to `within`."""
    dated = covered.drop_nulls("first").select("account", "first", "last")
    if within is None:
        return dated
    return dated.with_columns(pl.col("first", "last").clip(*within))


def known(
    answers: Iterable[Timeline | Counts], span: tuple[datetime | None, datetime | None], within: tuple[datetime, datetime] | None
) -> pl.DataFrame:
    """Return account, known_from, known_to (aware UTC): every post from the one until before the other is known; null is open.

    `span` is the time asked for. A timeline that was cut begins with its oldest post; one that was read to its end reaches until it was
    read, but demo data and files end with their newest post, for nobody says what came after it. An account without a
    post has a row too, for that it posted nothing is known.
    """
    rows = [(answer.account, *_known(answer, span)) for answer in answers]
    ends = [(account, *_clipped(first, last, within)) for account, first, last in rows]
    return pl.DataFrame(ends, schema=_KNOWN, orient="row")


def _known(answer: Timeline | Counts, span: tuple[datetime | None, datetime | None]) -> tuple[datetime | None, datetime | None]:
    if isinstance(answer, Counts):
        return answer.since, answer.until
    since, until = span
    oldest, newest = answer.posts["created_at"].min(), answer.posts["created_at"].max()
    first = since if answer.cut_by is None else oldest
    still = answer.account.startswith(("demo:", "file:"))
    last = newest + _INSTANT if still and isinstance(newest, datetime) else answer.fetched_at
    return first, min(last, until) if until and last else last  # type: ignore[return-value]


def _clipped(first: datetime | None, last: datetime | None, within: tuple[datetime, datetime] | None) -> tuple[datetime | None, ...]:
    if within is None:
        return first, last
    return max(first or within[0], within[0]), min(last or within[1], within[1] + _INSTANT)


def _counted(counts: Counts) -> tuple[object, ...]:
    ends = (None, None) if counts.nothing else (counts.since, counts.until - timedelta(seconds=1))
    return counts.account, None, counts.total, *ends, counts.cut_by


def _row(timeline: Timeline, asked: int) -> tuple[object, ...]:
    times = timeline.posts["created_at"]
    return timeline.account, asked, timeline.posts.height, times.min(), times.max(), timeline.cut_by
