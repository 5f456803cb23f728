"""Intervals that stand out from an account's own history, by robust statistics that the events themselves can't spoil.

z is how far a value lies from the median, in units of 1.4826 · MAD (the median absolute deviation), as Iglewicz and Hoaglin (1993, How to
Detect and Handle Outliers) advise, with their bound |z| > 3.5. Intervals that are known in part are left out on both sides, and so is an
account's first, within which it may have begun.
"""

from typing import Any

import polars as pl

from dashboard.analytics import intervals, lexicon, sentiment, words
from dashboard.analytics.intervals import Interval
from dashboard.analytics.stopwords import is_stopword

Z_THRESHOLD = 3.5
MIN_INTERVALS = 8  # whole intervals of history; below nothing is usual
MAX_EVENTS = 5  # events of an account and measure
MIN_POSTS = 5  # posts; the sentiment of fewer is not judged
SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "start": pl.Date,  # for hours a time in the view's zone
    "measure": pl.String,  # posts or sentiment
    "value": pl.Float64,  # posts, or their mean score
    "expected": pl.Float64,  # the usual of the account
    "z": pl.Float64,
    "posts": pl.Int64,
    "words": pl.String,  # what the interval's posts say more often than the account's others
}
_INTERVALS_PER_CYCLE: dict[Interval, int] = {"hour": 24, "day": 7}  # intervals after which a rhythm repeats
_MIN_CYCLES = 8  # times a rhythm must have been seen
_MAX_SEASONAL_DEVIATION_RATIO = 0.8  # of the deviation from the plain median: what a rhythm must leave at most, to be one
_MAX_WORDS, _MIN_WORD_Z, _MIN_WORD_POSTS = 5, 1.5, 2


def detect_post_events(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Return the events of posts: SCHEMA without words. `table` has account, start, posts, part.

    What is judged is log(1 + posts). The usual is the median, or where a rhythm of weekdays or hours of the day tells more, that of the
    same weekday or hour. The unit is never less than the chance of counting: √m ÷ (1 + m), of m usual posts, 1 at least.
    """
    value = pl.col("posts").log1p()
    whole = _complete_intervals(table).with_columns(_y=value, _phase=_phase(interval))
    plain, phased = pl.col("_y").median().over("account"), pl.col("_y").median().over("account", "_phase")
    spread = [(pl.col("_y") - usual).abs().median().over("account") for usual in (plain, phased)]
    seen = pl.len().over("account") >= _INTERVALS_PER_CYCLE.get(interval, 0) * _MIN_CYCLES
    rhythmic = seen & (spread[1] < _MAX_SEASONAL_DEVIATION_RATIO * spread[0]) if interval in _INTERVALS_PER_CYCLE else pl.lit(False)
    usual = pl.when(rhythmic).then(phased).otherwise(plain)
    judged = whole.with_columns(expected=(usual.exp() - 1).round(9), _mad=pl.when(rhythmic).then(spread[1]).otherwise(spread[0]))
    chance = pl.col("expected").clip(lower_bound=1)
    unit = pl.max_horizontal(1.4826 * pl.col("_mad"), chance.sqrt() / (1 + chance))
    z = (pl.col("_y") - (pl.col("expected") + 1).log()) / unit
    return _select_strongest(judged.with_columns(z=z, value=pl.col("posts").cast(pl.Float64), measure=pl.lit("posts")))


def detect_sentiment_events(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the events of the mean score of posts: SCHEMA without words. `sums` has account, start, part and sentiment.SUMS.

    The unit is made of an interval's own standard error (the account's variance within intervals ÷ posts) and of what the intervals
    differ beyond that: (1.4826 · MAD)² − the median of these squared errors, 0 at least.
    """
    judged = _complete_intervals(sums).filter(pl.col("posts") >= MIN_POSTS).with_columns(value=pl.col("score") / pl.col("posts"))
    within = (pl.col("score_score") - pl.col("score") ** 2 / pl.col("posts")).sum() / (pl.col("posts") - 1).sum()
    usual = pl.col("value").median().over("account")
    error = within.over("account") / pl.col("posts")
    spread = (1.4826 * (pl.col("value") - usual).abs().median().over("account")) ** 2
    beyond = (spread - error.median().over("account")).clip(lower_bound=0)
    unit = (error + beyond).sqrt()
    z = pl.when(unit > 1e-6).then((pl.col("value") - usual) / unit)
    return _select_strongest(judged.with_columns(expected=usual, z=z, measure=pl.lit("sentiment")))


def add_words(events: pl.DataFrame, posts: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Add `words`: up to five that the posts of each event use at least twice and more than the account's others, none of grammar.

    By log-odds with a prior (words.log_odds), strongest first; empty if there are none.
    """
    written = posts.filter(pl.col("account").is_in(events["account"].unique().implode()))
    tokens = written.select(
        "account", intervals.start(interval, tz), word=lexicon.extract_words(pl.col("text").fill_null("")).list.unique()
    )
    said = tokens.explode("word").drop_nulls("word").group_by("account", "start", "word").agg(here=pl.len().cast(pl.Float64))
    sized = said.with_columns(
        size=pl.col("here").sum().over("account", "start"),
        whole=pl.col("here").sum().over("account"),
        use=pl.col("here").sum().over("account", "word"),
    )
    z = words.log_odds_z(pl.col("here"), pl.col("size"), pl.col("use") - pl.col("here"), pl.col("whole") - pl.col("size"))
    telling = (
        sized.join(events.select("account", "start").unique(), on=["account", "start"])
        .filter(pl.col("here") >= _MIN_WORD_POSTS, pl.col("whole") > pl.col("size"))
        .filter(pl.col("word").str.contains(r"\p{Alphabetic}{3}"), ~is_stopword(pl.col("word")))
        .with_columns(z=z)
        .filter(pl.col("z") > _MIN_WORD_Z)
        .sort("z", "word", descending=[True, False])
        .group_by("account", "start", maintain_order=True)
        .agg(words=pl.col("word").head(_MAX_WORDS).str.join(", "))
    )
    return events.join(telling, on=["account", "start"], how="left", maintain_order="left").with_columns(pl.col("words").fill_null(""))


def find_short_histories(table: pl.DataFrame) -> list[tuple[str, int]]:
    """Return the accounts of a table (account, part) with fewer whole intervals than LEAST, and how many they have."""
    whole = _complete_intervals(table).group_by("account").len("whole")
    counts = table.select(pl.col("account").unique(maintain_order=True)).join(whole, on="account", how="left", maintain_order="left")
    return [(account, whole) for account, whole in counts.with_columns(pl.col("whole").fill_null(0)).iter_rows() if whole < MIN_INTERVALS]


def combine_events(tables: list[pl.DataFrame], accounts: list[str]) -> pl.DataFrame:
    """Return all events by account in this order, the strongest first."""
    places = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).with_row_index("_place")
    return (
        pl.concat(tables)
        .join(places, on="account")
        .sort("_place", pl.col("z").abs(), "start", descending=[False, True, False])
        .drop("_place")
    )


def _complete_intervals(table: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that are judged, with their place `_at` in the account's history."""
    return table.with_columns(_at=pl.int_range(pl.len()).over("account")).filter(~pl.col("part"), pl.col("_at") > 0)


def _phase(interval: Interval) -> pl.Expr:
    phases = {"hour": pl.col("start").dt.hour(), "day": pl.col("start").dt.weekday()}
    return phases[interval] if interval in phases else pl.lit(0, pl.Int8)


def _select_strongest(scored_intervals: pl.DataFrame) -> pl.DataFrame:
    """Return what lies beyond the bound: of neighbours on the same side the strongest, and of those the MOST strongest."""
    beyond = scored_intervals.filter(
        (pl.len().over("account") >= MIN_INTERVALS) & (pl.col("z").abs() > Z_THRESHOLD) & pl.col("z").is_finite()
    )
    beside = (pl.col("_at").diff() == 1) & (pl.col("z").sign().diff() == 0)
    strength = pl.col("z").abs().rank("ordinal", descending=True)
    return (
        beyond.sort("account", "_at")
        .with_columns(_run=(~beside.fill_null(False)).cum_sum().over("account"))
        .filter(strength.over("account", "_run") == 1)
        .filter(strength.over("account") <= MAX_EVENTS)
        .select("account", "start", "measure", "value", "expected", "z", "posts")
    )


def sum_sentiment(scored_posts: pl.DataFrame, spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Return account, start and sentiment.SUMS of every covered interval."""
    sums = sentiment.sum_scores(scored_posts, "account", intervals.start(interval, tz))
    every = intervals.list_intervals(spans, interval, tz).join(sums, on=["account", "start"], how="left", maintain_order="left")
    return sentiment.fill_missing_sums(every)
