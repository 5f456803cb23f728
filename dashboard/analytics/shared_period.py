"""Compare accounts over the period that is known of all of them, because numbers of different times can't be compared.

How a comparison is worded belongs in `reports`.
"""

from datetime import datetime, timedelta

import polars as pl

from dashboard.analytics import sentiment, uncertainty
from dashboard.core.counts import SCHEMA as COUNT_SCHEMA

_MIN_ACCOUNTS = 2
_MAX_IGNORED_END = timedelta(days=1)  # newest posts of one file, or of the demo, are hardly ever of the same minute


def find_shared_span(spans: pl.DataFrame, known_spans: pl.DataFrame) -> tuple[datetime, datetime] | None:
    """Return since when and until when every account with posts is known, half-open; None for one account, or if there is no such time.

    `spans` has account, first and last; `known_spans` comes from coverage.known_spans. Ends that differ by less than a day count as the
    latest of them.
    """
    known = spans.join(known_spans, on="account", how="left").select(
        begin=pl.coalesce("known_from", "first"), end=pl.coalesce("known_to", pl.col("last") + timedelta(microseconds=1))
    )
    if known.height < _MIN_ACCOUNTS:
        return None
    begin, first_end, last_end = known.select(pl.col("begin").max(), pl.col("end").min(), pl.col("end").max().alias("last")).row(0)
    end = last_end if last_end - first_end < _MAX_IGNORED_END else first_end
    return (begin, end) if begin < end else None


def summarize_span(
    posts: pl.DataFrame, scored_posts: pl.DataFrame, hourly_counts: pl.DataFrame | None, span: tuple[datetime, datetime]
) -> pl.DataFrame:
    """Return a row per account that posted in a half-open span: account, posts, per_day, share, low, high.

    `share` is positive ÷ (positive + negative), as the method counts them, with its 95 % interval; null if it's unknown. `per_day` is
    posts ÷ days, with the days rounded up, as in `summary`. `hourly_counts` are counts from networks (core.counts.SCHEMA).
    """
    begin, end = span
    inside = (pl.col("created_at") >= begin) & (pl.col("created_at") < end)
    days = max(1, -((begin - end) // timedelta(days=1)))
    hours = pl.DataFrame(schema=COUNT_SCHEMA) if hourly_counts is None else hourly_counts
    ones = posts.select("account", "created_at", posts=pl.lit(1, pl.Int64))
    counts = pl.concat([ones, hours]).filter(inside).group_by("account").agg(pl.col("posts").sum())
    sums = sentiment.sum_scores(scored_posts.filter(inside), "account")
    shares = sentiment.add_confidence_interval(sentiment.add_measure(sums, "share"), "share")
    joined = counts.join(shares.select("account", "low", "high", share="value"), on="account", how="left")
    return joined.with_columns(per_day=pl.col("posts") / days).select("account", "posts", "per_day", "share", "low", "high")


def is_more_frequent(posts: int, other_posts: int) -> bool:
    """Return whether an account posted clearly more often than another in the same time: the 95 % interval of the ratio excludes 1."""
    counts = pl.DataFrame({"other": [float(other_posts)], "own": [float(posts)]})
    low, _ = uncertainty.ratio_of_rates((pl.col("other"), pl.col("own")), (pl.lit(1.0), pl.lit(1.0)), pl.lit(1.0))
    return bool(counts.select(low > 1).item())
