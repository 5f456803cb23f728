"""Divide time into half-open intervals without gaps, in the view's time zone. Nothing here counts or scores posts.

Days, weeks (from Monday) and months are calendar dates. Hours are instants, so an hour that a clock change repeats is two intervals.
"""

from datetime import timedelta
from typing import Literal

import polars as pl

from dashboard.core.local_day_columns import local_date

Interval = Literal["hour", "day", "week", "month"]

_POLARS_DURATIONS: dict[Interval, str] = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo"}
_MAX_SPANS: dict[Interval, timedelta] = {"hour": timedelta(days=4), "day": timedelta(days=150), "week": timedelta(days=3 * 366)}
_INTERVAL_DAYS: dict[Interval, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 28}


def choose_interval(span: timedelta) -> Interval:
    """Return the shortest interval that keeps a chart of `span` readable: at most about 150 intervals."""
    return next((interval for interval, max_span in _MAX_SPANS.items() if span <= max_span), "month")


def estimate_count(span: timedelta, interval: Interval) -> int:
    """Return an upper estimate of how many intervals `span` touches."""
    return int(span / timedelta(days=_INTERVAL_DAYS[interval])) + 2


def start(interval: Interval, tz: str) -> pl.Expr:
    """Return an expression for the start of the interval that `created_at` falls in: a date, or for hours a time in `tz`."""
    if interval != "hour":
        return local_date(pl.col("created_at"), tz).dt.truncate(_POLARS_DURATIONS[interval]).alias("start")
    local = pl.col("created_at").dt.convert_time_zone(tz)
    since_hour = pl.duration(minutes=local.dt.minute(), seconds=local.dt.second(), microseconds=local.dt.microsecond())
    return (local - since_hour).alias("start")


def list_intervals(spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """List every interval from each account's first to its last time: columns account, start, in the order of `spans`, then of time.

    `spans` has account, first, last. Hours are found in steps of 15 minutes, because some zones shift their clocks by half an hour.
    """
    if interval == "hour":
        local_spans = spans.select("account", pl.col("first", "last").dt.convert_time_zone(tz))
        moments = local_spans.select("account", created_at=pl.datetime_ranges("first", "last", "15m")).explode("created_at")
        moments = pl.concat([moments, local_spans.select("account", created_at="last")])
        hours = moments.select("account", start(interval, tz)).unique()
        order = local_spans.select("account").with_row_index("_index")
        return hours.join(order, on="account").sort("_index", "start").drop("_index")
    first, last = (local_date(pl.col(end), tz).dt.truncate(_POLARS_DURATIONS[interval]) for end in ("first", "last"))
    return spans.select("account", start=pl.date_ranges(first, last, _POLARS_DURATIONS[interval])).explode("start")


def add_edges(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Add `from` and `to`, the half-open time of each row's interval in ISO 8601: dates, or for hours times with their UTC offset.

    An hour that a clock change cuts short begins or ends at the change.
    """
    if interval != "hour":
        return table.with_columns(
            pl.col("start").dt.to_string("iso").alias("from"),
            pl.col("start").dt.offset_by(_POLARS_DURATIONS[interval]).dt.to_string("iso").alias("to"),
        )
    minute = pl.col("start").dt.minute()
    first = pl.col("start") + pl.when(minute > 0).then(pl.duration(minutes=60 - minute.cast(pl.Int64))).otherwise(pl.duration(minutes=0))
    last = pl.min_horizontal(first + timedelta(hours=1), first.shift(-1).over("account", order_by="start"))
    return table.with_columns(first.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("from"), last.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("to"))


def flag_partial(table: pl.DataFrame, known_spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Add `part` (Boolean) to rows of account and start: whether the account's known time begins or ends inside the interval.

    `known_spans` has account, known_from, known_to; null is unbounded.
    """
    first, last = (pl.col(end).dt.convert_time_zone(tz) for end in ("known_from", "known_to"))
    if interval == "hour":
        begins, ends = pl.col("start"), pl.col("start") + timedelta(hours=1)
    else:
        first, last = first.dt.replace_time_zone(None), last.dt.replace_time_zone(None)
        begins = pl.col("start").cast(pl.Datetime("us"))
        ends = begins.dt.offset_by(_POLARS_DURATIONS[interval])
    inside = ((first > begins) & (first < ends)).fill_null(False) | ((last > begins) & (last < ends)).fill_null(False)
    joined = table.join(known_spans, on="account", how="left", maintain_order="left")
    return table.hstack(joined.select(part=inside))
