"""Compare a period with the one before it, per account: how often the account posted, how it sounded, and how certain the change is.

Both periods are equally long. If the query has a start and an end, the earlier period ends at that start. Otherwise the known history of
an account is halved: in whole days of the view's time zone, and in whole weeks if each half has at least one, so that both halves contain
the same weekdays. How a change is worded belongs in `reports`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.analytics import sentiment, uncertainty
from dashboard.analytics.partial_sums import SUM_COLUMNS, count_each, split_sums
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
    "clear": pl.Boolean,  # whether the interval excludes no change; null without an interval
    "posts_before": pl.Int64,  # the number of posts that the row is based on
    "posts_now": pl.Int64,
}
_UTC_DATETIME = pl.Datetime("us", "UTC")
_PERIOD_BOUNDS = ("since", "cut", "begins", "until", "known_since", "known_until")
PERIOD_SCHEMA: dict[str, Any] = {"account": pl.String} | dict.fromkeys(_PERIOD_BOUNDS, _UTC_DATETIME)
_PeriodBounds = tuple[datetime, datetime, datetime, datetime]
_TimeSpan = tuple[datetime, datetime]
_TIME_RESOLUTION = timedelta(microseconds=1)
_ONE_DAY, _MIN_HISTORY = timedelta(days=1), timedelta(hours=1)
_MIN_DISPERSION_DAYS = 14  # with fewer days, how much days vary can't be estimated


def build_periods(
    spans: pl.DataFrame,
    known_spans: pl.DataFrame,
    requested_dates: tuple[date | None, date | None],
    tz: str,
    visible_span: _TimeSpan | None = None,
) -> pl.DataFrame:
    """Return PERIOD_SCHEMA, one row per account of `spans` (account, first, last) whose history is long enough for two periods.

    The earlier period is since <= t < cut, the current one begins <= t < until. All posts in known_since <= t < known_until are known.
    `known_spans` comes from coverage.known_spans. `requested_dates` are the first day and the day after the last. `visible_span` is the
    visible part of the requested period, both ends included; the earlier period is narrowed in the same way.
    """
    zone, rows = ZoneInfo(tz), []
    for row in spans.join(known_spans, on="account", how="left", maintain_order="left").iter_rows(named=True):
        bounds = _requested_bounds(*requested_dates, zone, visible_span) if all(requested_dates) else _half_bounds(row, zone)
        if bounds:
            rows.append((row["account"], *bounds, row["known_from"] or bounds[0], row["known_to"] or bounds[-1]))
    return pl.DataFrame(rows, schema=PERIOD_SCHEMA, orient="row")


def compare_periods(posts: pl.DataFrame, scored_posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return SCHEMA, three rows per account of `periods` (PERIOD_SCHEMA), one for each of MEASURES.

    posts_per_day counts `posts`; the other measures use `scored_posts`, as sentiment.score_posts returns them. Rates are per known day.
    Rows of both may stand for several posts (`partial_sums`).
    """
    counts, sentiments = _count_posts(posts, periods, tz), _summarize_sentiment(scored_posts, periods)
    joined = periods.with_row_index("_place").with_columns(
        days_before=_count_known_days("since", "cut"), days_now=_count_known_days("begins", "until")
    )
    for side in ("before", "now"):
        for frame in (counts, sentiments):
            new_names = {name: f"{name}_{side}" for name in frame.columns if name not in ("account", "side")}
            columns = frame.filter(side=side).drop("side").rename(new_names)
            joined = joined.join(columns, on="account", how="left", maintain_order="left")
    joined = joined.with_columns(pl.col("^(count|squares|posts)_.*$").fill_null(0))
    rows = pl.concat([_compare_posts_per_day(joined), _compare_net_per_post(joined), _compare_positive_share(joined)])
    is_clear = (pl.col("low") > 0).fill_null(value=False) | (pl.col("high") < 0).fill_null(value=False)
    rows = rows.with_columns(clear=pl.when(pl.any_horizontal(pl.col("low", "high").is_not_null())).then(is_clear))
    return rows.sort("_place", maintain_order=True).select(pl.col(name).cast(dtype) for name, dtype in SCHEMA.items())


def _count_posts(posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, side, count, and squares, the sum of the squared counts per day."""
    day = local_date(pl.col("created_at"), tz)
    daily = (
        _assign_side(count_each(posts).select("account", "created_at", "posts"), periods)
        .group_by("account", "side", day.alias("day"))
        .agg(n=pl.col("posts").sum().cast(pl.Float64))
    )
    return daily.group_by("account", "side").agg(count=pl.col("n").sum(), squares=(pl.col("n") ** 2).sum())


def _summarize_sentiment(scored_posts: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return account, side, posts, the mean and variance (`spread`) of their scores, and `share` with its interval."""
    scores = split_sums(scored_posts).select("account", "created_at", *SUM_COLUMNS)
    sums = sentiment.add_effective_posts(sentiment.sum_scores(_assign_side(scores, periods), "account", "side"))
    low, high = sentiment.share_interval()
    return sums.select(
        "account",
        "side",
        pl.col("posts").cast(pl.Float64),
        mean=pl.col("score") / pl.col("posts"),
        spread=sentiment.score_variance(),
        share=pl.col("positive") / (pl.col("positive") + pl.col("negative")),
        share_low=low,
        share_high=high,
    )


def _assign_side(posts: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return the known posts of both periods, each with its `side`: before or now."""
    moment = pl.col("created_at")
    inside = (moment >= pl.max_horizontal("since", "known_since")) & (moment < pl.min_horizontal("until", "known_until"))
    side = pl.when(moment < pl.col("cut")).then(pl.lit("before")).when(moment >= pl.col("begins")).then(pl.lit("now"))
    return posts.join(periods, on="account").filter(inside).with_columns(side=side).drop_nulls("side").drop(_PERIOD_BOUNDS)


def _count_known_days(start_column: str, end_column: str) -> pl.Expr:
    """Return how many days of a period are known, as a fraction."""
    known = pl.min_horizontal(end_column, "known_until") - pl.max_horizontal(start_column, "known_since")
    return (known.dt.total_microseconds() / 86_400_000_000).clip(lower_bound=0)


def _compare_posts_per_day(joined: pl.DataFrame) -> pl.DataFrame:
    counts, days = _before_and_now("count"), _before_and_now("days")
    deviations = [squares - count**2 / time for squares, count, time in zip(_before_and_now("squares"), counts, days, strict=True)]
    degrees_of_freedom, mean = days[0] + days[1] - 2, (counts[0] + counts[1]) / (days[0] + days[1])
    has_enough_days = degrees_of_freedom >= _MIN_DISPERSION_DAYS - 2
    dispersion = pl.when(has_enough_days).then((deviations[0] + deviations[1]) / degrees_of_freedom / mean).otherwise(1.0)
    with_dispersion = joined.with_columns(dispersion=pl.max_horizontal(dispersion.fill_nan(1.0), 1.0))  # computed once, used many times
    low, high = uncertainty.ratio_of_rates(counts, days, pl.col("dispersion"))
    before, now = counts[0] / days[0], counts[1] / days[1]
    return _compare_measure(with_dispersion, "posts_per_day", "count", (before, now), now / before - 1, (low - 1, high - 1))


def _compare_net_per_post(joined: pl.DataFrame) -> pl.DataFrame:
    means = _before_and_now("mean")
    interval = uncertainty.difference_of_means(means, _before_and_now("spread"), _before_and_now("posts"))
    return _compare_measure(joined, "net_per_post", "posts", means, means[1] - means[0], interval)


def _compare_positive_share(joined: pl.DataFrame) -> pl.DataFrame:
    shares, low, high = _before_and_now("share"), _before_and_now("share_low"), _before_and_now("share_high")
    interval = uncertainty.difference_of_shares(shares, ((low[0], high[0]), (low[1], high[1])))
    return _compare_measure(joined, "positive_share", "posts", shares, shares[1] - shares[0], interval)


def _before_and_now(name: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.col(f"{name}_before"), pl.col(f"{name}_now")


def _compare_measure(
    joined: pl.DataFrame,
    measure: str,
    count_name: str,
    values: tuple[pl.Expr, pl.Expr],
    change: pl.Expr,
    confidence_interval: uncertainty.ConfidenceInterval,
) -> pl.DataFrame:
    """Return the rows of a measure; values that aren't finite become null.

    The numbers are columns before they're checked, because polars computes an expression again wherever it's used.
    """
    numbers = {"before": values[0], "now": values[1], "change": change, "low": confidence_interval[0], "high": confidence_interval[1]}
    counts = {f"posts_{side}": pl.col(f"{count_name}_{side}") for side in ("before", "now")}
    is_finite = {name: pl.col(name).is_finite() for name in numbers}
    is_known = is_finite | {name: is_finite[name] & pl.col("change").is_not_nan() for name in ("low", "high")}
    return joined.select("_place", "account", **numbers, **counts).with_columns(
        *(pl.when(known).then(pl.col(name)).alias(name) for name, known in is_known.items()), measure=pl.lit(measure)
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
