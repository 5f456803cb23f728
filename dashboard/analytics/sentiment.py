"""Measure the sentiment of accounts: sum scored posts per account and interval, then derive a measure from the sums.

How a post is scored belongs in `methods/`, the formulas of the intervals in `uncertainty`.
"""

from functools import cache
from typing import Any, Literal

import polars as pl

from dashboard.analytics import intervals, uncertainty
from dashboard.analytics.intervals import Interval
from dashboard.analytics.partial_sums import SUM_COLUMNS, merge_sums, restore_scores
from dashboard.analytics.post_facts import FactGroup, GroupId, compute_facts
from dashboard.core.methods import METHODS, PredictProbabilities, Scorer

Measure = Literal["net", "mean", "share"]
_VARIANCE_SUMS = ("score_score", "positive_positive", "positive_both", "both_both", "opinionated")  # that confidence intervals need

SCORE_SCHEMA: dict[str, Any] = {
    "words": pl.Int64,
    "matched": pl.Int64,
    "positive": pl.Int64,
    "negative": pl.Int64,
    "score": pl.Float64,
    "hits": pl.List(pl.String),
    "confidence": pl.Float64,  # the probability of the label; null without one
}
SCORE_COLUMNS = tuple(SCORE_SCHEMA)
POST_SCORE_COLUMNS = tuple(name for name in SCORE_COLUMNS if name != "hits")
_MEASURE_EXPRESSIONS = {
    "net": pl.col("positive") - pl.col("negative"),
    "mean": pl.col("score") / pl.col("posts"),
    "share": pl.col("positive") / (pl.col("positive") + pl.col("negative")),
}


def score_posts(posts: pl.DataFrame, method: str, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
    """Add words, matched, positive, negative (Int64), score, confidence (Float64) and hits (List(String)) to posts, by this method.

    `hits` are the units of the method's list that are in the post. Raises ModelUnavailable if the method needs a labeller and `labeller`
    is None.
    """
    return posts.hstack(compute_facts(score_group(method, labeller), posts))


def score_group(method: str, labeller: PredictProbabilities | None = None, labeller_version: str = "", language: str = "") -> FactGroup:
    """Return the facts that `score_posts` computes. `labeller_version` tells labellers apart.

    `language` is that of the posts if another labeller or list reads it than reads English.
    """
    scorer = METHODS[method].load_scorer()
    version = f"{_digest_scorer(scorer)} {labeller_version}" if METHODS[method].needs_labeller else _digest_scorer(scorer)
    return FactGroup(GroupId(f"{method} {language}".strip(), version), lambda posts: _select_scores(scorer.score(posts, labeller)))


def _select_scores(scored_posts: pl.DataFrame) -> pl.DataFrame:
    """Return SCORE_COLUMNS; methods without a labeller have no confidence."""
    unknown = {} if "confidence" in scored_posts.columns else {"confidence": pl.lit(None, pl.Float64)}
    return scored_posts.with_columns(**unknown)[list(SCORE_COLUMNS)]


@cache
def _digest_scorer(scorer: Scorer) -> str:
    return scorer.digest()


def sum_scores(rows: pl.DataFrame, *group_keys: pl.Expr | str) -> pl.DataFrame:
    """Return the group keys and SUM_COLUMNS, one row per group, of scored posts or of sums of them (`partial_sums`).

    `matched` is null if it is unknown for any post of the group.
    """
    return restore_scores(merge_sums(rows, *group_keys))


def fill_missing_sums(sums: pl.DataFrame) -> pl.DataFrame:
    """Fill the sums of rows without posts with 0. A sum that is unknown although there are posts stays null."""
    return sums.with_columns(pl.when(pl.col("posts").is_not_null()).then(pl.col(SUM_COLUMNS)).otherwise(0))


def add_measure(sums: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Add `value` (Float64): net = positive − negative; mean = score per post; share = positive ÷ (positive + negative).

    The mean is null without posts, and the share is null if there is nothing positive or negative.
    """
    return sums.with_columns(value=measured_value(measure))


def measured_value(measure: Measure) -> pl.Expr:
    """Return the same of the columns of a table as an expression."""
    value = _MEASURE_EXPRESSIONS[measure].cast(pl.Float64)
    return pl.when(value.is_finite()).then(value)


def add_confidence_interval(sums: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Add `low` and `high` (Float64), the 95 % interval of `value`, null where it can't be computed; net has none.

    The posts are treated as a sample of what the account could have posted. mean: Student's interval of the posts' scores, which needs
    at least two different scores. share: Wilson's interval, with posts rather than words as observations.
    """
    if measure not in _CONFIDENCE_INTERVALS:
        return sums
    low, high = _CONFIDENCE_INTERVALS[measure](sums)
    return sums.with_columns(low=uncertainty.to_column(low), high=uncertainty.to_column(high))


def mean_interval(sums: pl.DataFrame) -> uncertainty.ConfidenceInterval:
    """Return the 95 % interval of the mean score of each row of SUM_COLUMNS."""
    score, posts = uncertainty.read_numbers(sums, "score", "posts")
    return uncertainty.mean_interval(uncertainty.divide(score, posts), score_variance(sums), posts)


def score_variance(sums: pl.DataFrame) -> uncertainty.Numbers:
    """Return the variance of the posts' scores of each row of SUM_COLUMNS."""
    return uncertainty.variance_from_sums(*uncertainty.read_numbers(sums, "score", "score_score", "posts"))


def share_interval(sums: pl.DataFrame) -> uncertainty.ConfidenceInterval:
    """Return the 95 % interval of positive ÷ (positive + negative) of each row of SUM_COLUMNS."""
    positive, negative = uncertainty.read_numbers(sums, "positive", "negative")
    return uncertainty.wilson_interval(uncertainty.divide(positive, positive + negative), share_sample_size(sums))


def share_sample_size(sums: pl.DataFrame) -> uncertainty.Numbers:
    """Return how many independent posts the positive share of each row of SUM_COLUMNS is worth."""
    positive, negative, opinionated = uncertainty.read_numbers(sums, "positive", "negative", "opinionated")
    squares = uncertainty.read_numbers(sums, "positive_positive", "positive_both", "both_both")
    return uncertainty.effective_sample_size(positive, positive + negative, (squares[0], squares[1], squares[2]), opinionated)


_CONFIDENCE_INTERVALS = {"mean": mean_interval, "share": share_interval}


def sentiment(scored_posts: pl.DataFrame, spans: pl.DataFrame, interval: Interval, tz: str, measure: Measure) -> pl.DataFrame:
    """Return the measure of each account per interval, as `measure_intervals` does, from scored posts."""
    return measure_intervals(sum_intervals(scored_posts, spans, interval, tz), measure)


def sum_intervals(rows: pl.DataFrame, spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Return account, start and SUM_COLUMNS for every interval of `spans` (account, first, last), in their order, then of time.

    `rows` are scored posts or sums of them. The sums of an interval without posts are 0.
    """
    return sum_per_interval(rows, intervals.list_intervals(spans, interval, tz), interval, tz)


def sum_per_interval(rows: pl.DataFrame, grid: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Return the same for the intervals of `grid`, which intervals.list_intervals returns, in their order."""
    sums = sum_scores(rows, "account", intervals.start(interval, tz))
    return fill_missing_sums(grid.join(sums, on=["account", "start"], how="left", maintain_order="left"))


def measure_intervals(sums: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Return account, start, posts, words, matched, positive, negative, value of the rows of `sum_intervals`.

    For mean and share, `low` and `high` follow.
    """
    measured = add_confidence_interval(add_measure(sums, measure), measure)
    return measured[[name for name in measured.columns if name not in {"score", *_VARIANCE_SUMS}]]
