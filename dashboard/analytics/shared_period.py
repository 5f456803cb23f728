"""Compare accounts over the period that is known of all of them, because numbers of different times can't be compared.

How a comparison is worded belongs in `reports`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np
import polars as pl

from dashboard.analytics import sentiment, uncertainty
from dashboard.analytics.partial_sums import count_each

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


def count_span(posts: pl.DataFrame, hourly_counts: pl.DataFrame | None, span: tuple[datetime, datetime]) -> pl.DataFrame:
    """Return account, posts and per_day of a half-open span, a row per account that posted, in the order of `posts`.

    `per_day` is posts ÷ days, with the days rounded up, as in `summary`. `hourly_counts` are counts from networks (core.counts.SCHEMA).
    A row of `posts` may stand for several (`partial_sums`).
    """
    counts = count_each(posts).filter(_is_inside(span)).group_by("account", maintain_order=True).agg(pl.col("posts").sum())
    if hourly_counts is not None:
        counted = hourly_counts.filter(_is_inside(span)).group_by("account", maintain_order=True).agg(pl.col("posts").sum())
        counts = pl.concat([counts, counted])  # an account has either
    days = max(1, -((span[0] - span[1]) // timedelta(days=1)))
    return counts.with_columns(per_day=pl.col("posts") / days)


def measure_span(scored_posts: pl.DataFrame, accounts: Sequence[str], span: tuple[datetime, datetime]) -> pl.DataFrame:
    """Return account, share, low and high of a half-open span: the positive share with its 95 % interval, null if it's unknown.

    The rows are in the order of `accounts`; one without scored posts has none.
    """
    sums = sentiment.sum_scores(scored_posts.filter(_is_inside(span)), "account")
    ordered = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).join(sums, on="account", maintain_order="left")
    shares = sentiment.add_confidence_interval(sentiment.add_measure(ordered, "share"), "share")
    return shares.select("account", "low", "high", share="value")


def _is_inside(span: tuple[datetime, datetime]) -> pl.Expr:
    return (pl.col("created_at") >= span[0]) & (pl.col("created_at") < span[1])


def is_more_frequent(posts: int, other_posts: int) -> bool:
    """Return whether an account posted clearly more often than another in the same time: the 95 % interval of the ratio excludes 1."""
    one = np.ones(1)
    low, _ = uncertainty.ratio_of_rates((other_posts * one, posts * one), (one, one), one)
    return bool(low[0] > 1)
