"""One row an account: what a manager reads first."""

import polars as pl

from dashboard.analytics.sentiment import Measure, add_measure, fill_missing_sums, sum_scores


def summary(scored_posts: pl.DataFrame, spans: pl.DataFrame, measure: Measure, posts: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return account, read, words, matched, positive, negative, share, value, posts, per_day per account of `spans`, in its order.

    `posts` counts all posts of the view, those that were left out of the sentiment included; `read` only the scored ones. `per_day` is
    posts over the covered days, each begun day counted whole; null where nothing is covered.
    """
    days = ((pl.col("last") - pl.col("first")).dt.total_seconds() / 86_400).ceil().clip(lower_bound=1)
    sums = spans.join(sum_scores(scored_posts, "account"), on="account", how="left", maintain_order="left")
    shares = add_measure(fill_missing_sums(sums), "share").rename({"value": "share"})
    counted = (scored_posts if posts is None else posts).group_by("account").agg(posts=pl.len().cast(pl.Int64))
    return (
        add_measure(shares, measure)
        .rename({"posts": "read"})
        .join(counted, on="account", how="left", maintain_order="left")
        .with_columns(pl.col("posts").fill_null(0))
        .with_columns(per_day=pl.col("posts") / days)
        .select("account", "read", "words", "matched", "positive", "negative", "share", "value", "posts", "per_day")
    )
