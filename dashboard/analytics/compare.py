"""A time against the one before it, account by account: how often it posted, how it sounded, and how sure the change is.

Both times are equally long. If a start and an end were asked for, the time before ends with the start. Else what is known of an account is
halved: in whole days of the view's zone, and in whole weeks if each half has one, so that both hold the same weekdays.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from dashboard.analytics import sentiment, uncertainty

MEASURES = ("posts_per_day", "net_per_post", "positive_share")
SCHEMA: dict[str, Any] = {
    "account": pl.String,
    "measure": pl.String,  # one of MEASURES
    "before": pl.Float64,
    "now": pl.Float64,
    "change": pl.Float64,  # of posts_per_day now ÷ before − 1, of the others now − before; null where one side is unknown
    "low": pl.Float64,  # the 95 % interval of `change`
    "high": pl.Float64,
    "posts_before": pl.Int64,  # what the row rests on
    "posts_now": pl.Int64,
}
_UTC_DATETIME = pl.Datetime("us", "UTC")
_PERIOD_BOUNDS = ("since", "cut", "begins", "until", "known_since", "known_until")
PERIOD_SCHEMA: dict[str, Any] = {"account": pl.String} | dict.fromkeys(_PERIOD_BOUNDS, _UTC_DATETIME)
_PeriodBounds = tuple[datetime, datetime, datetime, datetime]
_TimeSpan = tuple[datetime, datetime]
_TIME_RESOLUTION = timedelta(microseconds=1)
_ONE_DAY, _MIN_HISTORY = timedelta(days=1), timedelta(hours=1)
_MIN_DISPERSION_DAYS = 14  # days; fewer can't tell how much days differ


def build_periods(
    spans: pl.DataFrame,
    known_spans: pl.DataFrame,
    requested_dates: tuple[date | None, date | None],
    tz: str,
    visible_span: _TimeSpan | None = None,
) -> pl.DataFrame:
    """Return PERIODS, a row an account of `spans` (account, first, last) that has time for both.

    The time before is since <= t < cut, this time begins <= t < until; all posts of known_since <= t < known_until are known. `known` is
    analytics.coverage.known's, `asked` are the first day and the one after the last. `within` is what is shown of a time that was asked
    for, both ends included: the time before is narrowed like it.
    """
    zone, rows = ZoneInfo(tz), []
    for row in spans.join(known_spans, on="account", how="left", maintain_order="left").iter_rows(named=True):
        ends = _requested_bounds(*requested_dates, zone, visible_span) if all(requested_dates) else _half_bounds(row, zone)
        if ends:
            rows.append((row["account"], *ends, row["known_from"] or ends[0], row["known_to"] or ends[-1]))
    return pl.DataFrame(rows, schema=PERIOD_SCHEMA, orient="row")


def compare_periods(posts: pl.DataFrame, scored_posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return SCHEMA, three rows an account of `times` (of PERIODS).

    posts_per_day counts `posts`, the others `scored` ones (with the columns of sentiment.scored). Rates are of the days that are known.
    """
    counted, read = _count_posts(posts, periods, tz), _summarize_sentiment(scored_posts, periods)
    both = periods.with_row_index("_place").with_columns(
        days_before=_count_known_days("since", "cut"), days_now=_count_known_days("begins", "until")
    )
    for side in ("before", "now"):
        for frame in (counted, read):
            named = {name: f"{name}_{side}" for name in frame.columns if name not in ("account", "side")}
            here = frame.filter(side=side).drop("side").rename(named)
            both = both.join(here, on="account", how="left", maintain_order="left")
    both = both.with_columns(pl.col("^(count|squares|posts)_.*$").fill_null(0))
    rows = pl.concat(
        [
            both.select("_place", *_posts_per_day_columns()),
            both.select("_place", *_net_per_post_columns()),
            both.select("_place", *_positive_share_columns()),
        ]
    )
    return rows.sort("_place", maintain_order=True).select(pl.col(name).cast(kind) for name, kind in SCHEMA.items())


def _count_posts(posts: pl.DataFrame, periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, side, count, and squares: the sum of each day's count squared."""
    day = pl.col("created_at").dt.convert_time_zone(tz).dt.date()
    daily = (
        _assign_side(posts.select("account", "created_at"), periods)
        .group_by("account", "side", day.alias("day"))
        .agg(n=pl.len().cast(pl.Float64))
    )
    return daily.group_by("account", "side").agg(count=pl.col("n").sum(), squares=(pl.col("n") ** 2).sum())


def _summarize_sentiment(scored_posts: pl.DataFrame, periods: pl.DataFrame) -> pl.DataFrame:
    """Return account, side, posts, mean and spread of their scores, and share with its interval share_low, share_high."""
    sums = sentiment.sum_scores(_assign_side(scored_posts, periods), "account", "side")
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
    """Return the posts inside the times, each with its `side`."""
    moment = pl.col("created_at")
    inside = (moment >= pl.max_horizontal("since", "known_since")) & (moment < pl.min_horizontal("until", "known_until"))
    side = pl.when(moment < pl.col("cut")).then(pl.lit("before")).when(moment >= pl.col("begins")).then(pl.lit("now"))
    return posts.join(periods, on="account").filter(inside).with_columns(side=side).drop_nulls("side").drop(_PERIOD_BOUNDS)


def _count_known_days(start_column: str, end_column: str) -> pl.Expr:
    """Return how many days of a time are known."""
    known = pl.min_horizontal(end_column, "known_until") - pl.max_horizontal(start_column, "known_since")
    return (known.dt.total_microseconds() / 86_400_000_000).clip(lower_bound=0)


def _posts_per_day_columns() -> Iterable[pl.Expr]:
    counts, days = _before_and_now("count"), _before_and_now("days")
    within = [squares - count**2 / time for squares, count, time in zip(_before_and_now("squares"), counts, days, strict=True)]
    freedom, mean = days[0] + days[1] - 2, (counts[0] + counts[1]) / (days[0] + days[1])
    spread = pl.when(freedom >= _MIN_DISPERSION_DAYS - 2).then((within[0] + within[1]) / freedom / mean).otherwise(1.0)
    low, high = uncertainty.ratio_of_rates(counts, days, pl.max_horizontal(spread.fill_nan(1.0), 1.0))
    before, now = counts[0] / days[0], counts[1] / days[1]
    return _measure_columns("posts_per_day", "count", (before, now), now / before - 1, (low - 1, high - 1))


def _net_per_post_columns() -> Iterable[pl.Expr]:
    means = _before_and_now("mean")
    interval = uncertainty.difference_of_means(means, _before_and_now("spread"), _before_and_now("posts"))
    return _measure_columns("net_per_post", "posts", means, means[1] - means[0], interval)


def _positive_share_columns() -> Iterable[pl.Expr]:
    shares, low, high = _before_and_now("share"), _before_and_now("share_low"), _before_and_now("share_high")
    interval = uncertainty.difference_of_shares(shares, ((low[0], high[0]), (low[1], high[1])))
    return _measure_columns("positive_share", "posts", shares, shares[1] - shares[0], interval)


def _before_and_now(name: str) -> tuple[pl.Expr, pl.Expr]:
    return pl.col(f"{name}_before"), pl.col(f"{name}_now")


def _measure_columns(
    measure: str, count_name: str, values: tuple[pl.Expr, pl.Expr], change: pl.Expr, confidence_interval: uncertainty.ConfidenceInterval
) -> Iterable[pl.Expr]:
    """Return the columns of a measure; what is no finite number is null."""
    finite = {name: pl.when(each.is_finite()).then(each) for name, each in zip(("before", "now"), values, strict=True)}
    changes = {"change": change, "low": confidence_interval[0], "high": confidence_interval[1]}
    finite |= {name: pl.when(each.is_finite() & change.is_finite()).then(each) for name, each in changes.items()}
    counts = {f"posts_{side}": pl.col(f"{count_name}_{side}") for side in ("before", "now")}
    return [pl.col("account"), *(each.alias(key) for key, each in ({"measure": pl.lit(measure)} | finite | counts).items())]


def _requested_bounds(since: date | None, until: date | None, zone: ZoneInfo, visible_span: _TimeSpan | None) -> _PeriodBounds | None:
    """Return start and end of the time before, and of this time."""
    if since is None or until is None:
        return None
    first, cut = _midnight(since - (until - since), zone), _midnight(since, zone)
    if visible_span is None:
        return first, cut, cut, _midnight(until, zone)
    begins, ends = visible_span[0], visible_span[1] + _TIME_RESOLUTION
    return begins - (cut - first), ends - (cut - first), begins, ends


def _half_bounds(row: Mapping[str, Any], zone: ZoneInfo) -> _PeriodBounds | None:
    """Return the same of the two halves of what is known; None if that is hardly any time."""
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
    since, cut, until = (_midnight(ends.date() - halves * half * _ONE_DAY, zone) for halves in (2, 1, 0))
    return since, cut, cut, until


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def current_spans(periods: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, from, to of this time in the zone, half-open, as far as it is known; no row where nothing of it is."""
    ends = {"from": pl.max_horizontal("begins", "known_since"), "to": pl.min_horizontal("until", "known_until")}
    known = periods.select("account", **ends).filter(pl.col("from") < pl.col("to"))
    return known.with_columns(pl.col("from", "to").dt.convert_time_zone(tz))
