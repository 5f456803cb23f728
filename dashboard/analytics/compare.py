"""Compare a period with the one before it, per account: how often the account posted, how it sounded, and how certain the change is.

Both periods are equally long. If the query has a start and an end, the earlier period ends at that start. Otherwise the known history of
an account is halved: in whole days of the view's time zone, and in whole weeks if each half has at least one, so that both halves contain
the same weekdays. How a change is worded belongs in `reports`.

Which changes are clear depends on all that are compared together, because one of twenty intervals of 95 % excludes no change by chance.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from dashboard.analytics import sentiment, significance, uncertainty
from dashboard.analytics.partial_sums import SUM_COLUMNS, count_each, split_sums
from dashboard.analytics.uncertainty import Numbers
from dashboard.core.local_day_columns import local_date
from dashboard.core.local_days import start_of_day

MEASURES = ("posts_per_day", "net_per_post", "positive_share")
SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "measure": pl.String,  # one of MEASURES
    "before": pl.Float64,
    "now": pl.Float64,
    "change": pl.Float64,  # posts_per_day: now ÷ before − 1; the others: now − before; null if either is unknown, and after no posts
    "low": pl.Float64,  # the 95 % interval of `change`; after no posts it has a low end, but no high one
    "high": pl.Float64,
    "clear": pl.Boolean,  # whether the change is more than chance, all others considered; null without an interval
    "posts_before": pl.Int64,  # the number of posts that the row is based on
    "posts_now": pl.Int64,
}
TESTED_SCHEMA = {"p_value" if name == "clear" else name: dtype for name, dtype in SCHEMA.items()} | {"p_value": pl.Float64}
_UTC_DATETIME = pl.Datetime("us", "UTC")
_PERIOD_BOUNDS = ("since", "cut", "begins", "until", "known_since", "known_until", "compared_since")
PERIOD_SCHEMA: dict[str, Any] = {"account": pl.String} | dict.fromkeys(_PERIOD_BOUNDS, _UTC_DATETIME)
_PeriodBounds = tuple[datetime, datetime, datetime, datetime]
_TimeSpan = tuple[datetime, datetime]
_SIDES = ("before", "now")
_BothSides = tuple[Numbers, Numbers]  # a number of each account in the earlier and in the current period
_TIME_RESOLUTION = timedelta(microseconds=1)
_ONE_DAY, _MIN_HISTORY = timedelta(days=1), timedelta(hours=1)
_MIN_KNOWN_PART = 0.5  # of the earlier period; three days of a month aren't the month before, and may lack some weekdays
_MIN_DISPERSION_DAYS = 14  # with fewer days, how much days vary can't be estimated


def build_periods(
    spans: pl.DataFrame,
    known_spans: pl.DataFrame,
    requested_dates: tuple[date | None, date | None],
    tz: str,
    visible_span: _TimeSpan | None = None,
) -> pl.DataFrame:
    """Return PERIOD_SCHEMA, one row per account of `spans` (account, first, last) whose history is long enough for two periods.

    The earlier period is since <= t < cut, the current one begins <= t < until. All posts in known_since <= t < known_until are known, and
    those from compared_since on are compared: none of the earlier period if less than half of it is known.
    `known_spans` comes from coverage.known_spans. `requested_dates` are the first day and the day after the last. `visible_span` is the
    visible part of the requested period, both ends included; the earlier period is narrowed in the same way.
    """
    zone, rows = ZoneInfo(tz), []
    for row in spans.join(known_spans, on="account", how="left", maintain_order="left").iter_rows(named=True):
        bounds = _requested_bounds(*requested_dates, zone, visible_span) if all(requested_dates) else _half_bounds(row, zone)
        if bounds:
            known_since = row["known_from"] or bounds[0]
            rows.append((row["account"], *bounds, known_since, row["known_to"] or bounds[-1], _choose_start(bounds, known_since)))
    return pl.DataFrame(rows, schema=PERIOD_SCHEMA, orient="row")


def _choose_start(bounds: _PeriodBounds, known_since: datetime) -> datetime:
    """Return since when posts are compared: since the end of the earlier period if too little of that is known."""
    since, cut, *_ = bounds
    start = max(since, known_since)
    return start if cut - start >= _MIN_KNOWN_PART * (cut - since) else max(cut, known_since)


def compare_periods(posts: pl.DataFrame, scored_posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return TESTED_SCHEMA, three rows per account of `periods` (PERIOD_SCHEMA), one for each of MEASURES.

    `judge_changes` decides which changes are clear.
    posts_per_day counts `posts`; the other measures use `scored_posts`, as sentiment.score_posts returns them. Rates are per known day.
    Nothing is compared if less than half of the earlier period is known.
    Rows of both may stand for several posts (`partial_sums`).
    """
    sides = {"account": [account for account in periods["account"] for _ in _SIDES], "side": [*_SIDES] * periods.height}
    table = pl.DataFrame(sides, schema=dict.fromkeys(sides, pl.String))
    for sums in (_count_posts(posts, periods, tz), _summarize_sentiment(scored_posts, periods)):
        table = table.join(sums, on=["account", "side"], how="left", maintain_order="left")
    table = table.with_columns(pl.col("count", "squares", "posts").fill_null(0))
    rows = [_compare_posts_per_day(table, _count_known_days(periods)), _compare_net_per_post(table), _compare_positive_share(table)]
    columns = [pl.col(name).cast(dtype) for name, dtype in TESTED_SCHEMA.items()]
    return pl.concat(rows).sort("_place", maintain_order=True).select(columns)


def judge_changes(changes: pl.DataFrame) -> pl.DataFrame:
    """Return SCHEMA from all changes of a report (TESTED_SCHEMA).

    A change is clear if its interval excludes no change and Benjamini and Hochberg's procedure selects it among all known p-values.
    """
    excludes_none = (pl.col("low") > 0).fill_null(value=False) | (pl.col("high") < 0).fill_null(value=False)
    (p_values,) = uncertainty.read_numbers(changes, "p_value")
    is_selected = pl.Series(significance.select_discoveries(p_values), dtype=pl.Boolean)
    is_known = pl.any_horizontal(pl.col("low", "high").is_not_null())
    return changes.with_columns(clear=pl.when(is_known).then(excludes_none & is_selected)).select(*SCHEMA)


def _count_posts(posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, side, count, and squares, the sum of the squared counts per day."""
    day = local_date(pl.col("created_at"), tz)
    daily = (
        _assign_side(count_each(posts)[["account", "created_at", "posts"]], periods)
        .group_by("account", "side", day.alias("day"))
        .agg(n=pl.col("posts").sum().cast(pl.Float64))
    )
    return daily.group_by("account", "side").agg(count=pl.col("n").sum(), squares=(pl.col("n") ** 2).sum())


def _summarize_sentiment(scored_posts: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return account, side, posts, the mean and variance (`spread`) of their scores, and `share` with its interval.

    `share_posts` is the number of independent posts that the share is worth.
    """
    scores = split_sums(scored_posts).select("account", "created_at", *SUM_COLUMNS)
    sums = sentiment.sum_scores(_assign_side(scores, periods), "account", "side")
    low, high = sentiment.share_interval(sums)
    return sums.select(
        "account",
        "side",
        "posts",
        mean=pl.col("score") / pl.col("posts"),
        spread=uncertainty.to_column(sentiment.score_variance(sums)),
        share=pl.col("positive") / (pl.col("positive") + pl.col("negative")),
        share_low=uncertainty.to_column(low),
        share_high=uncertainty.to_column(high),
        share_posts=uncertainty.to_column(sentiment.share_sample_size(sums)),
    )


def _assign_side(posts: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return the known posts of both periods, each with its `side`: before or now."""
    moment = pl.col("created_at")
    inside = (moment >= pl.col("compared_since")) & (moment < pl.min_horizontal("until", "known_until"))
    side = pl.when(inside & (moment < pl.col("cut"))).then(pl.lit("before")).when(inside & (moment >= pl.col("begins"))).then(pl.lit("now"))
    return posts.join(periods, on="account").select(*posts.columns, side=side).drop_nulls("side")


def _count_known_days(periods: pl.DataFrame) -> _BothSides:
    """Return how many days of the periods are known, as fractions."""
    starts = {"before": pl.col("compared_since"), "now": pl.max_horizontal("begins", "known_since")}
    ends = {"before": "cut", "now": "until"}
    known = periods.select(
        (pl.min_horizontal(ends[side], "known_until") - start).dt.total_microseconds().alias(side) for side, start in starts.items()
    )
    before, now = (np.maximum(numbers / 86_400_000_000, 0) for numbers in uncertainty.read_numbers(known, *_SIDES))
    return before, now


@np.errstate(divide="ignore", invalid="ignore")
def _compare_posts_per_day(table: pl.DataFrame, days: _BothSides) -> pl.DataFrame:
    counts, squares = _read_sides(table, "count"), _read_sides(table, "squares")
    deviations = [square - count**2 / time for square, count, time in zip(squares, counts, days, strict=True)]
    degrees_of_freedom, mean = days[0] + days[1] - 2, (counts[0] + counts[1]) / (days[0] + days[1])
    has_enough_days = degrees_of_freedom >= _MIN_DISPERSION_DAYS - 2
    dispersion = np.where(has_enough_days, (deviations[0] + deviations[1]) / degrees_of_freedom / mean, 1.0)
    dispersion = np.fmax(dispersion, 1.0)
    low, high = uncertainty.ratio_of_rates(counts, days, dispersion)
    before, now = counts[0] / days[0], counts[1] / days[1]
    p_values = significance.p_of_rates(counts, days, dispersion)
    return _build_rows(table, "posts_per_day", counts, (before, now), now / before - 1, (low - 1, high - 1), p_values)


def _compare_net_per_post(table: pl.DataFrame) -> pl.DataFrame:
    means, posts = _read_sides(table, "mean"), _read_sides(table, "posts")
    variances = _read_sides(table, "spread")
    interval = uncertainty.difference_of_means(means, variances, posts)
    p_values = significance.p_of_means(means, variances, posts)
    return _build_rows(table, "net_per_post", posts, means, means[1] - means[0], interval, p_values)


def _compare_positive_share(table: pl.DataFrame) -> pl.DataFrame:
    shares, low, high = _read_sides(table, "share"), _read_sides(table, "share_low"), _read_sides(table, "share_high")
    interval = uncertainty.difference_of_shares(shares, ((low[0], high[0]), (low[1], high[1])))
    p_values = significance.p_of_shares(shares, _read_sides(table, "share_posts"))
    return _build_rows(table, "positive_share", _read_sides(table, "posts"), shares, shares[1] - shares[0], interval, p_values)


def _read_sides(table: pl.DataFrame, name: str) -> _BothSides:
    """Return a column of a table with two rows per account, the earlier period first."""
    (numbers,) = uncertainty.read_numbers(table, name)
    return numbers[::2], numbers[1::2]


def _build_rows(
    table: pl.DataFrame,
    measure: str,
    posts: _BothSides,
    values: _BothSides,
    change: Numbers,
    confidence_interval: uncertainty.ConfidenceInterval,
    p_values: Numbers,
) -> pl.DataFrame:
    """Return the rows of a measure, and the place of their account as `_place`; numbers that aren't finite become null."""
    low, high = (np.where(np.isnan(change), np.nan, end) for end in confidence_interval)
    numbers = {"before": values[0], "now": values[1], "change": change, "low": low, "high": high, "p_value": p_values}
    columns = {name: uncertainty.to_column(np.where(np.isfinite(column), column, np.nan)) for name, column in numbers.items()}
    account = table["account"].gather_every(2)
    return pl.DataFrame({"account": account, **columns, "posts_before": posts[0], "posts_now": posts[1]}).select(
        pl.all(), pl.lit(measure).alias("measure"), pl.int_range(pl.len()).alias("_place")
    )


def _requested_bounds(since: date | None, until: date | None, zone: ZoneInfo, visible_span: _TimeSpan | None) -> _PeriodBounds | None:
    """Return the start and end of the earlier period, then those of the current one."""
    if since is None or until is None:
        return None
    first, cut = start_of_day(since - (until - since), zone), start_of_day(since, zone)
    if visible_span is None:
        return first, cut, cut, start_of_day(until, zone)
    begins, ends = visible_span[0], visible_span[1] + _TIME_RESOLUTION
    return begins - (cut - first), ends - (cut - first), begins, ends


def _half_bounds(row: Mapping[str, Any], zone: ZoneInfo) -> _PeriodBounds | None:
    """Return the same bounds for the two halves of the known history; None if it is shorter than an hour."""
    first, last = row["known_from"] or row["first"], row["known_to"] or row["last"]
    if first is None or last is None or last - first < _MIN_HISTORY:
        return None
    begins, ends = first.astimezone(zone), last.astimezone(zone)
    day = begins.date() + _ONE_DAY * (row["known_from"] is not None and begins.time() > time())
    half = (ends.date() - day).days // 2
    half -= half % 7 if half > 7 else 0
    if half < 1:
        cut = first + (last - first) / 2
        return first, cut, cut, last
    since, cut, until = (start_of_day(ends.date() - halves * half * _ONE_DAY, zone) for halves in (2, 1, 0))
    return since, cut, cut, until


def current_spans(periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, from, to: the known part of the current period, half-open, in `tz`. An account without a known part has no row."""
    bounds = {"from": pl.max_horizontal("begins", "known_since"), "to": pl.min_horizontal("until", "known_until")}
    known = periods.select("account", **bounds).filter(pl.col("from") < pl.col("to"))
    return known.with_columns(pl.col("from", "to").dt.convert_time_zone(tz))
