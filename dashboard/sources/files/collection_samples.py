"""Reads samples of a collection's posts, with their texts, for what can't be summed: medians, words, disputed posts and examples.

A sample has, of each series and month (UTC), the posts whose keys are the lowest. A key is a hash of the post's account and ID, so the same
posts are in the sample however the files were divided, and samples of parts can be merged. Drawing samples belongs in `scale`.
"""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from dashboard.core import posts
from dashboard.core.local_day_columns import place_dates
from dashboard.sources.files.network import ALL_ACCOUNTS, OTHER_ACCOUNTS

SERIES_POSTS_PER_MONTH = 400  # of several accounts together
ACCOUNT_POSTS_PER_MONTH = 100  # of one of the largest accounts
MAX_SAMPLE_POSTS = 3_200  # of a series in one report
_SEVERAL_ACCOUNTS = (ALL_ACCOUNTS, OTHER_ACCOUNTS)
_ONE_DAY = timedelta(days=1)
_MONTH = pl.col("created_at").dt.truncate("1mo")


def limit_of(series: str) -> int:
    """Return how many posts of each month are in the sample of a series."""
    return SERIES_POSTS_PER_MONTH if series in _SEVERAL_ACCOUNTS else ACCOUNT_POSTS_PER_MONTH


def load_sample(path: Path, series: str, since: datetime | None, until: datetime | None, tz: str) -> pl.DataFrame:
    """Return a random sample of the dated posts of a series in a span, newest first: posts.SCHEMA without `account`.

    A series of several accounts has posts.AUTHOR, too: the name of the account in its collection.

    In the span, each post was equally likely to be drawn: a month that has more posts than its part of the sample limits the keys of all.
    """
    rows = pl.scan_parquet(path, glob=False).filter(pl.col("series") == series).collect()
    in_months = rows.filter(_is_in_months(rows, since, until))
    full_months = in_months.group_by(_MONTH).agg(pl.len(), pl.col("key").max()).filter(pl.col("len") >= limit_of(series))
    known = in_months.filter(pl.col("key") <= full_months["key"].min()) if full_months.height else in_months
    placed = known.with_columns(created_at=place_dates(pl.col("created_at"), pl.col("date_only"), tz))
    is_from, is_before = (pl.col("created_at") >= since if since else True), (pl.col("created_at") < until if until else True)
    in_span = placed.filter(pl.lit(value=True) & is_from & is_before)
    drawn = in_span.sort("key").head(MAX_SAMPLE_POSTS).select(_list_columns(series))
    return posts.limit_characters(drawn.sort("created_at", "id", descending=True), posts.MAX_TIMELINE_CHARACTERS)


def _list_columns(series: str) -> list[str | pl.Expr]:
    own: list[str | pl.Expr] = [name for name in posts.SCHEMA if name != "account"]
    return [*own, pl.col("account").alias(posts.AUTHOR)] if series in _SEVERAL_ACCOUNTS else own


def _is_in_months(rows: pl.DataFrame, since: datetime | None, until: datetime | None) -> pl.Expr:
    """Return whether a row is of a month that has a part of a span. Dates, which are stored as midnight in UTC, may begin a day earlier."""
    is_inside = _MONTH.dt.offset_by("1mo") > since if since else pl.lit(value=True)
    slack = _ONE_DAY if rows["date_only"].any() else timedelta()
    return is_inside & (until + slack > _MONTH) if until else is_inside
