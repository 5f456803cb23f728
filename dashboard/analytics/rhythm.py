"""Count when in the week accounts post, per weekday and hour of local time. Drawing the grid belongs in `charts`."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta

import polars as pl

from dashboard.analytics.partial_sums import count_each

ISO_WEEKDAYS, HOURS_OF_DAY = range(1, 8), range(24)  # Monday is 1
_SPAN_WITH_EVERY_HOUR = timedelta(days=15)  # contains every hour of the week at least once, even if a clock change skips one
_FALLBACK_START = datetime(2026, 1, 1, tzinfo=UTC)
_SAMPLING_STEP = "15m"  # UTC offsets are multiples of 15 minutes


def rhythm(posts: pl.DataFrame, known_spans: pl.DataFrame, accounts: Sequence[str], tz: str) -> pl.DataFrame:
    """Count each account's posts per hour of the week: 168 rows per account, in the order of `accounts`.

    Columns: account, weekday (1 … 7, Monday first), hour (0 … 23), posts (Int64), share (of the account's posts, Float64, 0 … 1).
    `known_spans` comes from coverage.known_spans: an hour of the week without posts is 0 if the known time includes it and null otherwise.
    The share is null for an account without posts. All `posts` must have a time. Hours are local time in `tz`, so an hour that a clock
    change repeats is counted as one. A row of `posts` may stand for several posts (`partial_sums`).
    """
    keys = ["account", "weekday", "hour"]
    counts = count_each(posts).group_by("account", *_hour_of_week(pl.col("created_at"), tz)).agg(pl.col("posts").sum())
    total = pl.col("posts").sum().over("account")
    return (
        _week_grid(accounts)
        .join(_covered_hours(known_spans, tz), on=keys, how="left", maintain_order="left")
        .join(counts, on=keys, how="left", maintain_order="left")
        .select(*keys, pl.coalesce("posts", "covered").alias("posts"))
        .with_columns(share=pl.when(total > 0).then(pl.col("posts") / total))
    )


def count_weekends(first: datetime, last: datetime) -> int:
    """Return how many whole weekends, Saturday and Sunday, are between two moments, by the clocks of their time zone."""
    begin = first.date() if first.time() == time() else first.date() + timedelta(days=1)
    saturday = begin + timedelta(days=(5 - begin.weekday()) % 7)
    return max(0, ((last.date() - saturday).days - 2) // 7 + 1)


def _covered_hours(known_spans: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, weekday, hour and covered (always 0) for each hour of the week that the known time includes."""
    first = pl.coalesce("known_from", pl.col("known_to") - _SPAN_WITH_EVERY_HOUR, pl.lit(_FALLBACK_START))
    last = pl.min_horizontal("known_to", first + _SPAN_WITH_EVERY_HOUR)
    quarters = pl.datetime_ranges(first.dt.truncate(_SAMPLING_STEP), last, _SAMPLING_STEP, closed="left").alias("quarter")
    return (
        known_spans.select("account", quarters)
        .explode("quarter")
        .select("account", *_hour_of_week(pl.col("quarter"), tz), covered=pl.lit(0, pl.Int64))
        .unique()
    )


def _hour_of_week(timestamp: pl.Expr, tz: str) -> tuple[pl.Expr, pl.Expr]:
    local = timestamp.dt.convert_time_zone(tz)
    return local.dt.weekday().cast(pl.Int64).alias("weekday"), local.dt.hour().cast(pl.Int64).alias("hour")


def _week_grid(accounts: Sequence[str]) -> pl.DataFrame:
    rows = [(account, weekday, hour) for account in accounts for weekday in ISO_WEEKDAYS for hour in HOURS_OF_DAY]
    return pl.DataFrame(rows, schema={"account": pl.String, "weekday": pl.Int64, "hour": pl.Int64}, orient="row")
