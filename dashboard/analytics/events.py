"""Detect intervals that stand out from an account's own history, with robust statistics that the events themselves can't distort.

z is the distance of a value from the median in units of 1.4826 · MAD (the median absolute deviation), as Iglewicz and Hoaglin (1993, How
to Detect and Handle Outliers) recommend, with their threshold |z| > 3.5. Partially known intervals are neither judged nor part of the
history, and nor is an account's first interval, because the account may have started in the middle of it. How an event is described
belongs in `reports` and `charts`.
"""

from typing import Any, NamedTuple

import numpy as np
import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval
from dashboard.analytics.post_facts import KEY
from dashboard.analytics.word_index import Counts, WordIndex, WordIndexer
from dashboard.analytics.words import log_odds_z

Z_THRESHOLD = 3.5
MIN_INTERVALS = 8  # complete intervals of history; with fewer, nothing counts as usual
MAX_EVENTS = 5  # per account and measure
MIN_POSTS = 5  # per interval; the sentiment of fewer isn't judged
SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "start": pl.Date,  # for hours, a time in the view's time zone
    "measure": pl.String,  # posts or sentiment
    "value": pl.Float64,  # posts, or their mean score
    "expected": pl.Float64,  # the usual value for the account
    "z": pl.Float64,
    "posts": pl.Int64,
    "words": pl.String,  # words that the interval's posts use more often than the account's other posts
}
_INTERVALS_PER_CYCLE: dict[Interval, int] = {"hour": 24, "day": 7}  # intervals after which a seasonal pattern repeats
_MIN_CYCLES = 8  # cycles of history that a seasonal pattern needs
_MAX_SEASONAL_DEVIATION_RATIO = 0.8  # a seasonal pattern must cut the deviation to this share
_MIN_PEAK_RATIO = 2  # of a peak that isn't an event to the median
_MAX_WORDS, _MIN_WORD_Z, _MIN_WORD_POSTS = 5, 1.5, 2

IntervalKey = tuple[str, int]  # the account, and the start as a number


class PostingHistory(NamedTuple):
    """What is known of an account's posting.

    `length` is the number of complete intervals after the first. `usual_posts` is their median number of posts, as `detect_post_events`
    computes it without a pattern; None if there are none.
    """

    length: int
    usual_posts: float | None


def detect_post_events(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Return the events in the number of posts: SCHEMA without `words`. `table` has account, start, posts, part.

    The value judged is log(1 + posts). It is compared with the account's median, or with the median of the same weekday or hour of the
    day where that fits clearly better. The unit of z is at least the standard error of a Poisson count: √m ÷ (1 + m), where m is the
    usual number of posts, at least 1.
    """
    log_posts = pl.col("posts").log1p()
    complete = _complete_intervals(table).with_columns(_y=log_posts, _phase=_phase(interval))
    overall, seasonal = pl.col("_y").median().over("account"), pl.col("_y").median().over("account", "_phase")
    deviations = [(pl.col("_y") - median).abs().median().over("account") for median in (overall, seasonal)]
    has_cycles = pl.len().over("account") >= _INTERVALS_PER_CYCLE.get(interval, 0) * _MIN_CYCLES
    fits_better = deviations[1] < _MAX_SEASONAL_DEVIATION_RATIO * deviations[0]
    is_seasonal = has_cycles & fits_better if interval in _INTERVALS_PER_CYCLE else pl.lit(False)
    usual = pl.when(is_seasonal).then(seasonal).otherwise(overall)
    mad = pl.when(is_seasonal).then(deviations[1]).otherwise(deviations[0])
    scored = complete.with_columns(expected=(usual.exp() - 1).round(9), _mad=mad)
    usual_posts = pl.col("expected").clip(lower_bound=1)
    unit = pl.max_horizontal(1.4826 * pl.col("_mad"), usual_posts.sqrt() / (1 + usual_posts))
    z = (pl.col("_y") - (pl.col("expected") + 1).log()) / unit
    return _select_strongest(scored.with_columns(z=z, value=pl.col("posts").cast(pl.Float64), measure=pl.lit("posts")))


def detect_sentiment_events(sums: pl.DataFrame) -> pl.DataFrame:
    """Return the events in the mean score per post: SCHEMA without `words`. `sums` has account, start, part and sentiment.SUM_COLUMNS.

    The square of z's unit adds the interval's squared standard error (the account's variance within intervals ÷ posts) to the variance
    between intervals: (1.4826 · MAD)² − the median squared error, at least 0.
    """
    means = _complete_intervals(sums).filter(pl.col("posts") >= MIN_POSTS).with_columns(value=pl.col("score") / pl.col("posts"))
    variance_within = (pl.col("score_score") - pl.col("score") ** 2 / pl.col("posts")).sum() / (pl.col("posts") - 1).sum()
    usual = pl.col("value").median().over("account")
    squared_error, deviation = pl.col("_squared_error"), pl.col("value") - pl.col("expected")
    scored = means.with_columns(expected=usual, _squared_error=variance_within.over("account") / pl.col("posts"))
    robust_variance = (1.4826 * deviation.abs().median().over("account")) ** 2
    variance_between = (robust_variance - squared_error.median().over("account")).clip(lower_bound=0)
    scored = scored.with_columns(_unit=(squared_error + variance_between).sqrt(), measure=pl.lit("sentiment"))
    return _select_strongest(scored.with_columns(z=pl.when(pl.col("_unit") > 1e-6).then(deviation / pl.col("_unit"))))


def find_typical_words(
    events: pl.DataFrame, posts: pl.DataFrame, interval: Interval, tz: str, index_words: WordIndexer
) -> dict[IntervalKey, str]:
    """Return the typical words of the events that have some: up to five, separated by commas, the strongest first.

    A typical word is in at least two of the event's posts, is more frequent there than in the account's other posts by its log-odds
    (words.log_odds_z), and isn't a stopword. `posts` has KEY; `index_words` looks up the words of one account's posts.
    """
    starts_by_account: dict[str, set[int]] = {}
    for account, start in list_interval_keys(events):
        starts_by_account.setdefault(account, set()).add(start)
    of_events = posts.filter(pl.col("account").is_in(list(starts_by_account))).select(
        "account", "text", "lang", KEY, intervals.start(interval, tz).to_physical()
    )
    typical_words: dict[IntervalKey, str] = {}
    for (account,), posts_of_account in of_events.partition_by("account", as_dict=True).items():
        index = index_words(posts_of_account)
        places, starts = index.find(posts_of_account[KEY].to_numpy()), posts_of_account["start"].to_numpy()
        assert places is not None  # the index is of these posts
        totals = index.count(places)
        for start in starts_by_account[account]:
            words = _rank_words(index, index.count(places[starts == start]), totals)
            typical_words |= {(account, start): ", ".join(words)} if words else {}
    return typical_words


def list_interval_keys(table: pl.DataFrame) -> list[IntervalKey]:
    """Return the account and start of each row. Python can't tell the two hours apart that a clock change gives the same name."""
    return table.select("account", pl.col("start").to_physical()).rows()


def _rank_words(index: WordIndex, counts: Counts, totals: Counts) -> list[str]:
    """Return the most typical words of an interval. `counts` says in how many of its posts a word is, `totals` in how many of all."""
    total, other_total = counts.sum(), totals.sum() - counts.sum()
    if not other_total:
        return []
    candidates = np.flatnonzero((counts >= _MIN_WORD_POSTS) & index.is_telling)
    count, other_count = counts[candidates].astype(np.float64), (totals - counts)[candidates].astype(np.float64)
    z = log_odds_z(count, np.float64(total), other_count, np.float64(other_total))
    is_typical = z > _MIN_WORD_Z
    ranked = sorted(zip(-z[is_typical], index.words[candidates[is_typical]], strict=True))
    return [word for _, word in ranked[:_MAX_WORDS]]


def find_plain_peaks(table: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return the busiest complete interval of each account, without those that are events: SCHEMA without `words`, `z` is null.

    It has at least twice the account's median, and MIN_POSTS posts. `table` has account, start, posts, part; `events` those in the posts.
    """
    usual = pl.col("posts").median().over("account")
    peaks = (
        table.filter(~pl.col("part"))
        .with_columns(expected=usual)
        .filter(pl.col("posts") >= MIN_POSTS, pl.col("posts") >= _MIN_PEAK_RATIO * pl.col("expected"))
        .sort("posts", descending=True, maintain_order=True)
        .unique("account", keep="first", maintain_order=True)
    )
    return peaks.join(events, on=["account", "start"], how="anti", maintain_order="left").select(
        "account",
        "start",
        measure=pl.lit("posts"),
        value=pl.col("posts").cast(pl.Float64),
        expected="expected",
        z=pl.lit(None, pl.Float64),
        posts="posts",
    )


def summarize_histories(table: pl.DataFrame) -> dict[str, PostingHistory]:
    """Return the history of each account of `table` (account, posts, part), in its order."""
    posts = pl.col("posts").filter(~pl.col("part") & (pl.int_range(pl.len()) > 0))
    median = (posts.log1p().median().exp() - 1).round(9)
    rows = table.group_by("account", maintain_order=True).agg(length=posts.len(), usual_posts=median).iter_rows()
    return {account: PostingHistory(length, usual_posts) for account, length, usual_posts in rows}


def combine_events(tables: list[pl.DataFrame], accounts: list[str]) -> pl.DataFrame:
    """Return the events of all tables, in the order of `accounts` and the strongest of an account first."""
    places = pl.DataFrame({"account": accounts}, schema={"account": pl.String}).with_row_index("_place")
    return (
        pl.concat(tables)
        .join(places, on="account")
        .sort("_place", pl.col("z").abs(), "start", descending=[False, True, False])
        .drop("_place")
    )


def _complete_intervals(table: pl.DataFrame) -> pl.DataFrame:
    """Return the complete intervals after the first, with their position `_at` in the account's history."""
    position = pl.int_range(pl.len()).over("account")
    return table.with_columns(_at=position).filter(~pl.col("part"), pl.col("_at") > 0)


def _phase(interval: Interval) -> pl.Expr:
    phases = {"hour": pl.col("start").dt.hour(), "day": pl.col("start").dt.weekday()}
    return phases[interval] if interval in phases else pl.lit(0, pl.Int8)


def _select_strongest(scored_intervals: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with |z| above the threshold: the strongest of each run of neighbours, and MAX_EVENTS of those per account.

    A run is consecutive intervals that deviate in the same direction.
    """
    outliers = scored_intervals.filter(
        (pl.len().over("account") >= MIN_INTERVALS) & (pl.col("z").abs() > Z_THRESHOLD) & pl.col("z").is_finite()
    )
    columns = ["account", "start", "measure", "value", "expected", "z", "posts"]
    if outliers.is_empty():
        return outliers.select(columns)
    continues_run = (pl.col("_at").diff() == 1) & (pl.col("z").sign().diff() == 0)
    strength = pl.col("z").abs().rank("ordinal", descending=True)
    return (
        outliers.sort("account", "_at")
        .with_columns(_run=(~continues_run.fill_null(False)).cum_sum().over("account"))
        .filter(strength.over("account", "_run") == 1)
        .filter(strength.over("account") <= MAX_EVENTS)
        .select(columns)
    )
