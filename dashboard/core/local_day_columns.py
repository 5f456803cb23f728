"""Days of a time zone for columns of moments, with the rules of `local_days.py`."""

from typing import Literal

import polars as pl

_BOTH_MIDNIGHTS: tuple[Literal["earliest", "latest"], ...] = ("earliest", "latest")
_CLOCK_CHANGES = ("1h", "24h")  # how far clocks may skip from midnight: an hour, or a day when a place crosses the date line


def local_date(moment: pl.Expr, tz: str) -> pl.Expr:
    """Return the day in `tz` that each moment (UTC) belongs to."""
    if tz == "UTC":  # whose clocks never change
        return moment.dt.date()
    return moment.map_batches(lambda moments: _find_local_dates(moments, tz), return_dtype=pl.Date, is_elementwise=True)


def _find_local_dates(moments: pl.Series, tz: str) -> pl.Series:
    """Return the days; the rule for clocks that go back is for the few that have two midnights, and takes ten times as long."""
    days = moments.dt.convert_time_zone(tz).dt.date()
    first_midnights, second_midnights = (
        days.unique().cast(pl.Datetime("us")).dt.replace_time_zone(tz, ambiguous=which, non_existent="null") for which in _BOTH_MIDNIGHTS
    )
    if not (first_midnights < second_midnights).any():
        return days
    local, day = pl.col("moment").dt.convert_time_zone(tz), pl.col("day")
    second_midnight = day.cast(pl.Datetime("us")).dt.replace_time_zone(tz, ambiguous="latest", non_existent="null")
    is_before_clocks_go_back = (local < second_midnight) & (second_midnight.dt.offset_by("-1us").dt.date() < day)
    return (
        pl.DataFrame({"moment": moments, "day": days})
        .select(pl.when(is_before_clocks_go_back.fill_null(value=False)).then(day.dt.offset_by("-1d")).otherwise(day))
        .to_series()
    )


def place_dates(created_at: pl.Expr, date_only: pl.Expr, tz: str) -> pl.Expr:
    """Return the moments (UTC), with those that stand for a date moved from midnight in UTC to the start of the same day in `tz`."""
    midnight = created_at.dt.replace_time_zone(None)
    starts = [midnight, *(midnight.dt.offset_by(skipped) for skipped in _CLOCK_CHANGES)]
    placed = pl.coalesce(start.dt.replace_time_zone(tz, ambiguous="latest", non_existent="null") for start in starts)
    return pl.when(date_only).then(placed.dt.convert_time_zone("UTC")).otherwise(created_at)


def restore_dates(created_at: pl.Expr, date_only: pl.Expr, tz: str) -> pl.Expr:
    """Undo `place_dates`: return moments that stand for a date as midnight in UTC again."""
    midnight = local_date(created_at, tz).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.when(date_only).then(midnight).otherwise(created_at)
