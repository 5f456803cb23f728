"""One row an account: what a manager reads first."""

import polars as pl

from dashboard.analytics.sentiment import Measure, filled, measured, summed


def summary(scored_posts: pl.DataFrame, spans: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Return account, posts, per_day, words, matched, positive, negative, value, share per account of `spans`, in its order.

    `per_day` is posts over the covered days, each begun day counted whole; null where nothing is covered.
    """
    days = ((pl.col("last") - pl.col("first")).dt.total_seconds() / 86_400).ceil().clip(lower_bound=1)
    sums = spans.join(summed(scored_posts, "account"), on="account", how="left", maintain_order="left")
    shares = measured(filled(sums), "share").rename({"value": "share"})
    return measured(shares, measure).with_columns(per_day=pl.col("posts") / days).drop("score", "first", "last")
