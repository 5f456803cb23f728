"""How often accounts post."""

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Width


def frequency(posts: pl.DataFrame, spans: pl.DataFrame, width: Width, tz: str) -> pl.DataFrame:
    """Count posts per account and interval: columns account, start, posts (Int64); in the order of `spans`, then of time; intervals without a post are 0.

    `posts` all have a time; `spans` says from when to when each account is covered (account, first, last).
    """
    counted = posts.group_by("account", intervals.start(width, tz)).agg(posts=pl.len().cast(pl.Int64))
    return (
        intervals.padded(spans, width, tz)
        .join(counted, on=["account", "start"], how="left", maintain_order="left")
        .with_columns(pl.col("posts").fill_null(0))
    )
