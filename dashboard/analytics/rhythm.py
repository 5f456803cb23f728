"""When in the week accounts post: counts per weekday and hour of the clock on the wall."""

from collections.abc import Sequence

import polars as pl

WEEKDAYS, HOURS = range(1, 8), range(24)  # Monday is 1


def rhythm(posts: pl.DataFrame, accounts: Sequence[str], tz: str) -> pl.DataFrame:
    """Return account, weekday (1 … 7, Monday first), hour (0 … 23), posts (Int64) and share of the account's posts (Float64, 0 … 1).

    168 rows an account, in the order of `accounts`; an hour without posts is 0, the share of an account without posts null. `posts` all
    have a time; an hour is the one that clocks in `tz` show, so the hour that a change of clocks repeats is one.
    """
    local = pl.col("created_at").dt.convert_time_zone(tz)
    counted = posts.group_by(
        "account", local.dt.weekday().cast(pl.Int64).alias("weekday"), local.dt.hour().cast(pl.Int64).alias("hour")
    ).agg(pl.len().cast(pl.Int64).alias("posts"))
    total = pl.col("posts").sum().over("account")
    return (
        _week(accounts)
        .join(counted, on=["account", "weekday", "hour"], how="left", maintain_order="left")
        .with_columns(pl.col("posts").fill_null(0))
        .with_columns(share=pl.when(total > 0).then(pl.col("posts") / total))
    )


def _week(accounts: Sequence[str]) -> pl.DataFrame:
    rows = [(account, weekday, hour) for account in accounts for weekday in WEEKDAYS for hour in HOURS]
    return pl.DataFrame(rows, schema={"account": pl.String, "weekday": pl.Int64, "hour": pl.Int64}, orient="row")
