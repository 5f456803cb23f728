"""How often accounts post."""

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval
from dashboard.core.counts import SCHEMA


def frequency(
    posts: pl.DataFrame, spans: pl.DataFrame, interval: Interval, tz: str, hourly_counts: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Count posts per account and interval: columns account, start, posts (Int64), in the order of `spans` and of time.

    Intervals without a post are 0. `posts` all have a time; `spans` says from when to when each account is covered (account, first, last).
    `counts`, of counts.SCHEMA, are of accounts that a network counted and that have no posts here.
    """
    each = posts.select("account", "created_at", posts=pl.lit(1, pl.Int64))
    hours = pl.DataFrame(schema=SCHEMA) if hourly_counts is None else hourly_counts
    counted = pl.concat([each, hours]).group_by("account", intervals.start(interval, tz)).agg(pl.col("posts").sum())
    return (
        intervals.list_intervals(spans, interval, tz)
        .join(counted, on=["account", "start"], how="left", maintain_order="left")
        .with_columns(pl.col("posts").fill_null(0))
    )
