"""When in the week accounts post: counts per weekday and hour of the clock on the wall."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import polars as pl

WEEKDAYS, HOURS = range(1, 8), range(24)  # Monday is 1
_ENOUGH = timedelta(days=15)  # in which every hour of the week comes at least once, though a change of clocks may skip one
_ANY = datetime(2026, 1, 1, tzinfo=UTC)
_STEP = "15m"  # zones begin their hours at quarters


def rhythm(posts: pl.DataFrame, known: pl.DataFrame, accounts: Sequence[str], tz: str) -> pl.DataFrame:
    """Return account, weekday (1 … 7, Monday first), hour (0 … 23), posts (Int64) and share of the account's posts (Float64, 0 … 1).

    168 rows an account, in the order of `accounts`. An hour of the week that is known (`known` is analytics.coverage's) and has no post
    is 0, one that never came in that time null; the share of an account without posts is null. `posts` all have a time; an hour is the
    one that clocks in `tz` show, so the hour that a change of clocks repeats is one.
    """
    keys = ["account", "weekday", "hour"]
    counted = posts.group_by("account", *_hour_of_week(pl.col("created_at"), tz)).agg(pl.len().cast(pl.Int64).alias("posts"))
    total = pl.col("posts").sum().over("account")
    return (
        _week(accounts)
        .join(_covered(known, tz), on=keys, how="left", maintain_order="left")
        .join(counted, on=keys, how="left", maintain_order="left")
        .select(*keys, pl.coalesce("posts", "covered").alias("posts"))
        .with_columns(share=pl.when(total > 0).then(pl.col("posts") / total))
    )


def _covered(known: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return account, weekday, hour and covered (0) of each hour of the week that came in the known time."""
    first = pl.coalesce("known_from", pl.col("known_to") - _ENOUGH, pl.lit(_ANY))
    last = pl.min_horizontal("known_to", first + _ENOUGH)
    quarters = pl.datetime_ranges(first.dt.truncate(_STEP), last, _STEP, closed="left").alias("quarter")
    return (
        known.select("account", quarters)
        .explode("quarter")
        .select("account", *_hour_of_week(pl.col("quarter"), tz), covered=pl.lit(0, pl.Int64))
        .unique()
    )


def _hour_of_week(moment: pl.Expr, tz: str) -> tuple[pl.Expr, pl.Expr]:
    local = moment.dt.convert_time_zone(tz)
    return local.dt.weekday().cast(pl.Int64).alias("weekday"), local.dt.hour().cast(pl.Int64).alias("hour")


def _week(accounts: Sequence[str]) -> pl.DataFrame:
    rows = [(account, weekday, hour) for account in accounts for weekday in WEEKDAYS for hour in HOURS]
    return pl.DataFrame(rows, schema={"account": pl.String, "weekday": pl.Int64, "hour": pl.Int64}, orient="row")
