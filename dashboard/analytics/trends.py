"""Summarize how an account's numbers developed, in few enough steps to draw in a cell of a table. Drawing doesn't belong here."""

import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval

MAX_STEPS = 30  # per account
TREND_COLUMNS = ("posts", "share", "mean", "reactions")


def summarize_trends(
    posts_per_interval: pl.DataFrame, sentiment_per_interval: pl.DataFrame, counted_reactions: pl.DataFrame, interval: Interval, tz: str
) -> pl.DataFrame:
    """Return account, TREND_COLUMNS and scored, up to MAX_STEPS rows per account in order of time; what's unknown of a step is null.

    scored: the number of scored posts. posts: per interval. share: positive ÷ (positive + negative). mean: the score per post.
    reactions: the median per interval, averaged.
    A step has several intervals if there are more than MAX_STEPS. The tables are those of `frequency`, sentiment.sum_intervals and
    engagement.count_reactions.
    """
    keys = ["account", "start"]
    sums = sentiment_per_interval.select(*keys, "positive", "negative", "score", scored="posts")
    medians = counted_reactions.group_by("account", intervals.start(interval, tz)).agg(pl.col("reactions").median())
    step = pl.int_range(pl.len()) * pl.min_horizontal(pl.len(), MAX_STEPS) // pl.len()
    opinions, scored = pl.col("positive").sum() + pl.col("negative").sum(), pl.col("scored").sum()
    return (
        posts_per_interval.join(sums, on=keys, how="left", maintain_order="left")
        .join(medians, on=keys, how="left", maintain_order="left")
        .group_by("account", step.over("account").alias("step"), maintain_order=True)
        .agg(
            pl.col("posts").mean(),
            pl.when(opinions > 0).then(pl.col("positive").sum() / opinions).alias("share"),
            pl.when(scored > 0).then(pl.col("score").sum() / scored).alias("mean"),
            pl.col("reactions").mean(),
            scored,
        )
        .select("account", *TREND_COLUMNS, "scored")
    )
