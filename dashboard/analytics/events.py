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
MIN_PEAK_INTERVALS = 4  # of an account of which the busiest is named
BUSY_RATIO = 2.0  # of an interval's posts to the usual number, for it to be busy
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
_MAX_WORDS, _MIN_WORD_Z, _MIN_WORD_POSTS = 5, 1.5, 2


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


class _Usual(NamedTuple):
    """The median of log(1 + posts) of an account, that of each phase of its pattern if it has one, and the median distance from them."""

    overall: float
    by_phase: Mapping[int, float]
    deviation: float


def expect_posts(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Return a table of account, start, posts and part (in order of time) with the usual number of posts of each interval.

    `expected` is the median of the account's complete intervals after the first, or that of the same weekday or hour of the day where that
    fits clearly better: then `is_seasonal` is true. `deviation` is the median distance from it. Medians are those of log(1 + posts). Both
    are null for an account without such intervals.
    """
    posts, parts, phases = (column.to_list() for column in table.select("posts", "part", _phase=_phase(interval)))
    expected: list[float | None] = [None] * table.height
    deviations: list[float | None] = [None] * table.height
    is_seasonal = [False] * table.height
    for rows in _list_rows(table).values():
        complete = [row for row in rows[1:] if not parts[row]]
        if not complete:
            continue
        usual = _find_usual([math.log1p(posts[row]) for row in complete], [phases[row] for row in complete], interval)
        log_posts = [usual.by_phase.get(phases[row], usual.overall) for row in rows]
        for row, count in zip(rows, np.round(np.expm1(log_posts), 9).tolist(), strict=True):
            expected[row], deviations[row], is_seasonal[row] = count, usual.deviation, bool(usual.by_phase)
    return table.hstack(
        [
            pl.Series("expected", expected, dtype=pl.Float64),
            pl.Series("deviation", deviations, dtype=pl.Float64),
            pl.Series("is_seasonal", is_seasonal, dtype=pl.Boolean),
        ]
    )


def detect_post_events(expected_posts: pl.DataFrame) -> pl.DataFrame:
    """Return the events in the number of posts: SCHEMA without `words`. `expected_posts` is the table of `expect_posts`.

    The value judged is log(1 + posts). The unit of z is at least the standard error of a Poisson count: √m ÷ (1 + m), where m is the usual
    number of posts, at least 1.
    """
    names = ("posts", "part", "expected", "deviation")
    posts, parts, expected, mads = (expected_posts[name].to_list() for name in names)
    deviations: dict[str, list[_Deviation]] = {}
    for account, (_, *rows) in _list_rows(expected_posts).items():
        complete = [row for row in rows if not parts[row]]
        scores = [_score_count(math.log1p(posts[row]), expected[row], mads[row]) for row in complete]
        deviations[account] = list(map(_Deviation, complete, complete, scores))
    selected = _select_strongest(deviations)
    return _build_post_events(expected_posts, [(row, expected[row], z) for row, _, z in selected])


def _find_usual(history: Sequence[float], phases: Sequence[int], interval: Interval) -> _Usual:
    """Return what is usual: by the phase of the pattern, if that fits better."""
    overall = _median(history)
    deviation = _median_deviation(history, [overall] * len(history))
    if interval not in _INTERVALS_PER_CYCLE or len(history) < _INTERVALS_PER_CYCLE[interval] * _MIN_CYCLES:
        return _Usual(overall, {}, deviation)
    medians = {phase: _median([value for value, other in zip(history, phases, strict=True) if other == phase]) for phase in set(phases)}
    seasonal_deviation = _median_deviation(history, [medians[phase] for phase in phases])
    fits_better = seasonal_deviation < _MAX_SEASONAL_DEVIATION_RATIO * deviation
    return _Usual(overall, medians, seasonal_deviation) if fits_better else _Usual(overall, {}, deviation)


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
    selected = table[["account", "start", "posts"]][list(rows)]
    posts = selected["posts"].to_list()
    measures = {"measure": ["posts"] * len(posts), "value": posts, "expected": expected, "z": scores}
    columns = [pl.Series(name, values, dtype=SCHEMA[name]) for name, values in measures.items()]
    return selected[["account", "start"]].hstack([*columns, selected["posts"]])


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
    for row, (account, place, z) in enumerate(scored[["account", "_at", "z"]].iter_rows()):
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
    placed = posts.select("account", KEY, intervals.start(interval, tz).to_physical()).partition_by("account", as_dict=True)
    typical_words: dict[IntervalKey, str] = {}
    for account, event_starts in starts_by_account.items():
        if (account,) not in placed:
            continue
        posts_of_account = placed[account,]
        keys, starts = posts_of_account[KEY].to_numpy(), posts_of_account["start"].to_numpy()
        index, places = index_words(account, keys)
        totals = index.count(places)
        for start in event_starts:
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


def find_plain_peaks(expected_posts: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """Return the interval of each account with more posts than any other, without those that are events: SCHEMA without `words`, no `z`.

    It has MIN_POSTS posts and at least BUSY_RATIO times the usual number. A partially known interval counts with the posts that are known:
    it has at least as many. Of fewer than MIN_PEAK_INTERVALS intervals, none is named. `expected_posts` is the table of `expect_posts`,
    `events` has the events in the posts.
    """
    posts, expected = (expected_posts[name].to_list() for name in ("posts", "expected"))
    keys, unusual = list_interval_keys(expected_posts), set(list_interval_keys(events))
    peaks: list[tuple[int, float, None]] = []
    for rows in _list_rows(expected_posts).values():
        if len(rows) < MIN_PEAK_INTERVALS:
            continue
        second, busiest = sorted(rows, key=posts.__getitem__)[-2:]
        if posts[busiest] == posts[second] or keys[busiest] in unusual or expected[busiest] is None:
            continue
        if posts[busiest] >= max(MIN_POSTS, BUSY_RATIO * expected[busiest]):
            peaks.append((busiest, expected[busiest], None))
    return _build_post_events(expected_posts, sorted(peaks, key=lambda peak: posts[peak[0]], reverse=True))


def count_histories(table: pl.DataFrame) -> dict[str, int]:
    """Return the number of complete intervals after the first of each account of `table` (account, posts, part), in its order."""
    parts = table["part"].to_list()
    return {account: sum(not parts[row] for row in rows) for account, (_, *rows) in _list_rows(table).items()}


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
