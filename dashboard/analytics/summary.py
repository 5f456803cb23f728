"""Summarize each account in one row, for the scorecard and for notes. Wording and number formats belong in `reports`."""

from datetime import timedelta

import polars as pl

from dashboard.analytics.partial_sums import count_each
from dashboard.analytics.sentiment import fill_missing_sums, measured_value, sum_scores

_DAY_MICROSECONDS = 86_400_000_000


def summary(scored_posts: pl.DataFrame, spans: pl.DataFrame, posts: pl.DataFrame) -> pl.DataFrame:
    """Return one row per account of `spans`, in its order.

    Columns: account, read, words, matched, positive, negative, share, mean, posts, per_day. `read` is the number of scored posts; `posts`
    counts those of the table `posts`, which has the ones left out of the sentiment too. `mean` is the score per scored post. `per_day` is
    posts ÷ covered days, with the days rounded up; null if nothing is covered. A post at `last` is covered, too, so 82 daily posts at
    noon cover 82 days. Rows of both tables may stand for several posts
    (`partial_sums`).
    """
    covered = pl.col("last") - pl.col("first") + timedelta(microseconds=1)
    days = (covered.dt.total_microseconds() / _DAY_MICROSECONDS).ceil().clip(lower_bound=1)
    sums = spans.join(sum_scores(scored_posts, "account"), on="account", how="left", maintain_order="left")
    counts = count_each(posts).group_by("account").agg(counted=pl.col("posts").sum())
    counted = pl.col("counted").fill_null(0)
    return (
        fill_missing_sums(sums)
        .join(counts, on="account", how="left", maintain_order="left")
        .select(
            "account",
            pl.col("posts").alias("read"),
            "words",
            "matched",
            "positive",
            "negative",
            share=measured_value("share"),
            mean=measured_value("mean"),
            posts=counted,
            per_day=counted / days,
        )
    )
