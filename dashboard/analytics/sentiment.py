"""How accounts sound: scored posts summed per account and interval, then one measure of the sums."""

from typing import Literal

import polars as pl

from dashboard.analytics import afinn, intervals, lexicon, model_scores, uncertainty, vader
from dashboard.analytics.intervals import Width
from dashboard.analytics.model_scores import Labels
from dashboard.analytics.score_cache import Kept

Method = Literal["bing", "vader", "afinn", "model"]
Measure = Literal["net", "mean", "share"]
_SPREAD = {  # what intervals are made of: sums over posts that add up like all others
    "score_score": pl.col("score") ** 2,
    "positive_positive": pl.col("positive") ** 2,
    "positive_both": pl.col("positive") * (pl.col("positive") + pl.col("negative")),
    "both_both": (pl.col("positive") + pl.col("negative")) ** 2,
    "opinionated": (pl.col("positive") + pl.col("negative") > 0).cast(pl.Int64),
}
SUMS = ("posts", "words", "matched", "positive", "negative", "score", *_SPREAD)

SCORED = ("words", "matched", "positive", "negative", "score")
SLOW = ("vader", "model")  # some thousand posts a second
_KEPT = Kept()
_SCORERS = {"bing": lexicon.score, "vader": vader.score, "afinn": afinn.score}
_VALUES = {
    "net": pl.col("positive") - pl.col("negative"),
    "mean": pl.col("score") / pl.col("posts"),
    "share": pl.col("positive") / (pl.col("positive") + pl.col("negative")),
}


def scored(posts: pl.DataFrame, method: Method, labels: Labels | None = None) -> pl.DataFrame:
    """Return posts with words, matched, positive, negative (Int64) and score (Float64) as `method` reads them; `labels` is for `model`.

    Slow methods are not asked the same twice.
    """
    if method not in SLOW:
        return _SCORERS[method](posts)

    def numbers() -> pl.DataFrame:
        found = model_scores.score(posts, labels) if method == "model" else _SCORERS[method](posts)
        return found.select(*SCORED)

    return posts.hstack(_KEPT.get((method, labels if method == "model" else None), posts, numbers))


def summed(scored_posts: pl.DataFrame, *keys: pl.Expr | str) -> pl.DataFrame:
    """Return SUMS per `keys`; parts of a set of posts add up to the whole, and a sum of unknowns is unknown."""
    matched = pl.when(pl.col("matched").null_count() == 0).then(pl.col("matched").sum())
    others = pl.col("positive", "negative", "score").sum()
    spread = {name: each.sum() for name, each in _SPREAD.items()}
    return scored_posts.group_by(*keys).agg(pl.len().cast(pl.Int64).alias("posts"), pl.col("words").sum(), matched, others, **spread)


def filled(sums: pl.DataFrame) -> pl.DataFrame:
    """Return sums with zeros where there is no post; what is unknown of posts stays null."""
    return sums.with_columns(pl.when(pl.col("posts").is_not_null()).then(pl.col(SUMS)).otherwise(0))


def measured(sums: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Add `value` (Float64): net = positive − negative; mean = score per post; share = positive / (positive + negative).

    A mean of no posts and a share of nothing matched are null.
    """
    value = _VALUES[measure].cast(pl.Float64)
    return sums.with_columns(value=pl.when(value.is_finite()).then(value))


def bounded(sums: pl.DataFrame, measure: Measure) -> pl.DataFrame:
    """Add `low` and `high` (Float64), the 95 % interval of `value`, null where none can be had; net estimates nothing and gets neither.

    Posts stand for what the account might as well have posted. mean: Student's interval of the posts' scores, from two unlike posts on;
    share: Wilson's with posts, not words, as observations.
    """
    if measure not in _INTERVALS:
        return sums
    low, high = _INTERVALS[measure]
    return sums.with_columns(low=low.cast(pl.Float64), high=high.cast(pl.Float64))


def interval_of_mean() -> uncertainty.Interval:
    """Return low and high of the mean score of SUMS."""
    return uncertainty.mean(pl.col("score") / pl.col("posts"), spread_of_scores(), pl.col("posts"))


def spread_of_scores() -> pl.Expr:
    """Return the variance of posts' scores by SUMS."""
    return uncertainty.variance(pl.col("score"), pl.col("score_score"), pl.col("posts"))


def interval_of_share() -> uncertainty.Interval:
    """Return low and high of positive ÷ (positive + negative) by SUMS."""
    both = pl.col("positive") + pl.col("negative")
    squares = pl.col("positive_positive"), pl.col("positive_both"), pl.col("both_both")
    return uncertainty.wilson(pl.col("positive") / both, uncertainty.effective(pl.col("positive"), both, squares, pl.col("opinionated")))


_INTERVALS: dict[str, uncertainty.Interval] = {"mean": interval_of_mean(), "share": interval_of_share()}


def sentiment(scored_posts: pl.DataFrame, spans: pl.DataFrame, width: Width, tz: str, measure: Measure) -> pl.DataFrame:
    """Return account, start, posts, words, matched, positive, negative, value, in the order of `spans` and of time.

    mean and share have low and high behind them. An interval without posts is a row of zeros.
    """
    sums = summed(scored_posts, "account", intervals.start(width, tz))
    every = intervals.padded(spans, width, tz).join(sums, on=["account", "start"], how="left", maintain_order="left")
    return bounded(measured(filled(every), measure), measure).drop("score", *_SPREAD)
