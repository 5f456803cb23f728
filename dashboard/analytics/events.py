"""Detect intervals that stand out from an account's own history, with robust statistics that the events themselves can't distort.

z is the distance of a value from the median in units of 1.4826 · MAD (the median absolute deviation), as Iglewicz and Hoaglin (1993, How
to Detect and Handle Outliers) recommend, with their threshold |z| > 3.5. Partially known intervals are neither judged nor part of the
history, and nor is an account's first interval, because the account may have started in the middle of it. How an event is described
belongs in `reports` and `charts`.
"""

import math
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from dashboard.analytics import intervals
from dashboard.analytics.intervals import Interval
from dashboard.analytics.post_facts import KEY
from dashboard.analytics.word_index import Counts, WordIndex, WordIndexer
from dashboard.analytics.words import log_odds_z
from dashboard.core.interval_keys import IntervalKey, list_interval_keys

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


class PostingHistory(NamedTuple):
    """What is known of an account's posting.

    `length` is the number of complete intervals after the first. `usual_posts` is their median number of posts, as `detect_post_events`
    computes it without a pattern; None if there are none.
    """

    length: int
    usual_posts: float | None


class _Deviation(NamedTuple):
    """How far an interval is from what is usual: its row in a table, its place in its account's history, and z, None if it's unknown."""

    row: int
    place: int
    z: float | None

    @property
    def strength(self) -> float:
        """Return |z|, 0 if it's unknown or infinite."""
        return abs(self.z) if self.z is not None and math.isfinite(self.z) else 0.0

    def continues(self, previous: "_Deviation") -> bool:
        """Return whether the interval comes right after another one and deviates in the same direction."""
        return self.place == previous.place + 1 and ((self.z or 0) > 0) == ((previous.z or 0) > 0)


def detect_post_events(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Return the events in the number of posts: SCHEMA without `words`. `table` has account, start, posts, part, in order of time.

    The value judged is log(1 + posts). It is compared with the account's median, or with the median of the same weekday or hour of the
    day where that fits clearly better. The unit of z is at least the standard error of a Poisson count: √m ÷ (1 + m), where m is the
    usual number of posts, at least 1.
    """
    posts, parts, phases = (column.to_list() for column in table.select("posts", "part", _phase=_phase(interval)))
    expected, deviations = dict[int, float](), dict[str, list[_Deviation]]()
    for account, (_, *rows) in _list_rows(table).items():
        complete = [row for row in rows if not parts[row]]
        history = [math.log1p(posts[row]) for row in complete]
        usual, mad = _find_usual(history, [phases[row] for row in complete], interval)
        expected |= dict(zip(complete, np.round([math.exp(log_posts) - 1 for log_posts in usual], 9).tolist(), strict=True))
        scores = [_score_count(log_posts, expected[row], mad) for row, log_posts in zip(complete, history, strict=True)]
        deviations[account] = list(map(_Deviation, complete, complete, scores))
    selected = _select_strongest(deviations)
    return _build_post_events(table, [(row, expected[row], z) for row, _, z in selected])


def _find_usual(history: Sequence[float], phases: Sequence[int], interval: Interval) -> tuple[list[float], float]:
    """Return the usual value of each interval, and the median deviation from it: by the phase of the pattern, if that fits better."""
    if not history:
        return [], math.nan
    overall = [_median(history)] * len(history)
    deviation = _median_deviation(history, overall)
    if interval not in _INTERVALS_PER_CYCLE or len(history) < _INTERVALS_PER_CYCLE[interval] * _MIN_CYCLES:
        return overall, deviation
    medians = {phase: _median([value for value, other in zip(history, phases, strict=True) if other == phase]) for phase in set(phases)}
    seasonal = [medians[phase] for phase in phases]
    seasonal_deviation = _median_deviation(history, seasonal)
    fits_better = seasonal_deviation < _MAX_SEASONAL_DEVIATION_RATIO * deviation
    return (seasonal, seasonal_deviation) if fits_better else (overall, deviation)


def _median(values: Sequence[float]) -> float:
    """Return the median, with the same rounding as that of polars."""
    ordered, middle = sorted(values), len(values) // 2
    if len(ordered) % 2:
        return float(ordered[middle])
    return ordered[middle - 1] + 0.5 * (ordered[middle] - ordered[middle - 1])


def _median_deviation(values: Sequence[float], usual: Sequence[float]) -> float:
    return _median([abs(value - usual_value) for value, usual_value in zip(values, usual, strict=True)])


def _score_count(log_posts: float, expected: float, mad: float) -> float:
    """Return z of a number of posts."""
    usual_posts = max(expected, 1)
    return (log_posts - math.log(expected + 1)) / max(1.4826 * mad, math.sqrt(usual_posts) / (1 + usual_posts))


def _build_post_events(table: pl.DataFrame, events: Sequence[tuple[int, float, float | None]]) -> pl.DataFrame:
    """Return rows of `table`, given with what is usual and z, as events in the number of posts."""
    rows, expected, scores = zip(*events, strict=True) if events else ((), (), ())
    return table[list(rows)].select(
        "account",
        "start",
        measure=pl.lit("posts"),
        value=pl.col("posts").cast(pl.Float64),
        expected=pl.Series(expected, dtype=pl.Float64),
        z=pl.Series(scores, dtype=pl.Float64),
        posts="posts",
    )


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
    scored = scored.with_columns(z=pl.when(pl.col("_unit") > 1e-6).then(deviation / pl.col("_unit")))
    deviations: dict[str, list[_Deviation]] = {}
    for row, (account, place, z) in enumerate(scored.select("account", "_at", "z").iter_rows()):
        deviations.setdefault(account, []).append(_Deviation(row, place, z))
    return scored[[row for row, _, _ in _select_strongest(deviations)]].select(name for name in SCHEMA if name != "words")


def find_typical_words(
    events: pl.DataFrame, posts: pl.DataFrame, interval: Interval, tz: str, index_words: WordIndexer
) -> dict[IntervalKey, str]:
    """Return the typical words of the events that have some: up to five, separated by commas, the strongest first.

    A typical word is in at least two of the event's posts, is more frequent there than in the account's other posts by its log-odds
    (words.log_odds_z), and isn't a stopword. `posts` has account, created_at and KEY.
    """
    starts_by_account: dict[str, set[int]] = {}
    for account, start in list_interval_keys(events):
        starts_by_account.setdefault(account, set()).add(start)
    of_events = posts.filter(pl.col("account").is_in(list(starts_by_account)))
    placed = of_events.select("account", KEY, intervals.start(interval, tz).to_physical())
    typical_words: dict[IntervalKey, str] = {}
    for (account,), posts_of_account in placed.partition_by("account", as_dict=True).items():
        keys, starts = posts_of_account[KEY].to_numpy(), posts_of_account["start"].to_numpy()
        index = index_words(account, keys)
        places = index.find(keys)
        assert places is not None  # the index is of these posts
        totals = index.count(places)
        for start in starts_by_account[account]:
            words = _rank_words(index, index.count(places[starts == start]), totals)
            typical_words |= {(account, start): ", ".join(words)} if words else {}
    return typical_words


def _rank_words(index: WordIndex, counts: Counts, totals: Counts) -> list[str]:
    """Return the most typical words of an interval. `counts` says in how many of its posts a word is, `totals` in how many of all."""
    total, other_total = counts.sum(), totals.sum() - counts.sum()
    if not other_total:
        return []
    candidates = np.flatnonzero((counts >= _MIN_WORD_POSTS) & index.is_telling)
    count, other_count = counts[candidates].astype(np.float64), (totals - counts)[candidates].astype(np.float64)
    z = log_odds_z(count, float(total), other_count, float(other_total))
    is_typical = z > _MIN_WORD_Z
    ranked = sorted(zip(-z[is_typical], index.words[candidates[is_typical]], strict=True))
    return [word for _, word in ranked[:_MAX_WORDS]]


def find_plain_peaks(table: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return the busiest complete interval of each account, without those that are events: SCHEMA without `words`, `z` is null.

    It has at least twice the account's median, and MIN_POSTS posts. `table` has account, start, posts, part; `events` those in the posts.
    """
    posts, parts, peaks = table["posts"].to_list(), table["part"].to_list(), list[tuple[int, float, None]]()
    keys, unusual = list_interval_keys(table), set(list_interval_keys(events))
    for rows in _list_rows(table).values():
        complete = [row for row in rows if not parts[row]]
        busiest = max(complete, key=posts.__getitem__, default=None)
        if busiest is None or keys[busiest] in unusual:
            continue
        usual = _median([posts[row] for row in complete])
        if posts[busiest] >= MIN_POSTS and posts[busiest] >= _MIN_PEAK_RATIO * usual:
            peaks.append((busiest, usual, None))
    return _build_post_events(table, sorted(peaks, key=lambda peak: posts[peak[0]], reverse=True))


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


def _list_rows(table: pl.DataFrame) -> dict[str, list[int]]:
    """Return the numbers of each account's rows."""
    rows: dict[str, list[int]] = {}
    for row, account in enumerate(table["account"].to_list()):
        rows.setdefault(account, []).append(row)
    return rows


def _select_strongest(deviations: Mapping[str, Sequence[_Deviation]]) -> list[_Deviation]:
    """Return those above the threshold: the strongest of each run of neighbours, and MAX_EVENTS of those per account.

    They are in the order of the accounts' names and of time, as each account's `deviations` are. A run is consecutive intervals that
    deviate in the same direction.
    """
    selected = list[_Deviation]()
    for _, history in sorted(deviations.items()):
        is_judged, runs = len(history) >= MIN_INTERVALS, list[list[_Deviation]]()
        for deviation in history if is_judged else ():
            if deviation.strength <= Z_THRESHOLD:
                continue
            if runs and deviation.continues(runs[-1][-1]):
                runs[-1].append(deviation)
            else:
                runs.append([deviation])
        strongest = sorted((max(run, key=_get_strength) for run in runs), key=_get_strength, reverse=True)
        selected += sorted(strongest[:MAX_EVENTS])
    return selected


_get_strength = attrgetter("strength")
