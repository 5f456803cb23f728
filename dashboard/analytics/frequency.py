"""Count how often accounts post. Which posts are counted is decided by the caller."""

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval
from dashboard.analytics.partial_sums import count_each
from dashboard.core.counts import SCHEMA
from dashboard.core.interval_keys import list_interval_keys


def frequency(
    posts: pl.DataFrame, spans: pl.DataFrame, interval: Interval, tz: str, hourly_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Count posts per account and interval: columns account, start, posts (Int64), in the order of `spans`, then of time.

    Intervals without posts have 0. All `posts` must have a time. `spans` has the covered time of each account (account, first, last).
    A row of `posts` may stand for several posts (`partial_sums`). `hourly_counts` (counts.SCHEMA) are counts from networks, for accounts
    that have no rows in `posts`.
    """
    return count_per_interval(posts, intervals.list_intervals(spans, interval, tz), interval, tz, hourly_counts)


def count_per_interval(
    posts: pl.DataFrame, grid: pl.DataFrame, interval: Interval, tz: str, hourly_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return the same for the intervals of `grid`, which intervals.list_intervals returns, in their order."""
    rows = count_each(posts)[["account", "created_at", "posts"]]
    hours = pl.DataFrame(schema=SCHEMA) if hourly_counts is None else hourly_counts
    counted = pl.concat([rows, hours]).group_by("account", intervals.start(interval, tz)).agg(pl.col("posts").sum())
    posts_by_key = dict(zip(list_interval_keys(counted), counted["posts"].to_list(), strict=True))
    return grid.hstack([pl.Series("posts", [posts_by_key.get(key, 0) for key in list_interval_keys(grid)], dtype=pl.Int64)])
