"""Time cut into half-open intervals of the view's zone: which width fits, which interval a post falls in, and no gaps.

Days, weeks (from Monday) and months are calendar dates; hours are instants, so an hour that a clock change repeats stays two.
"""

from datetime import timedelta
from typing import Literal

import polars as pl

Interval = Literal["hour", "day", "week", "month"]

_POLARS_DURATIONS: dict[Interval, str] = {"hour": "1h", "day": "1d", "week": "1w", "month": "1mo"}
_MAX_SPANS: dict[Interval, timedelta] = {"hour": timedelta(days=4), "day": timedelta(days=150), "week": timedelta(days=3 * 366)}
_INTERVAL_DAYS: dict[Interval, float] = {"hour": 1 / 24, "day": 1, "week": 7, "month": 28}


def choose_interval(span: timedelta) -> Interval:
    """Return the narrowest width that keeps a chart of `span` readable: at most about 150 intervals."""
    return next((width for width, longest in _MAX_SPANS.items() if span <= longest), "month")


def estimate_count(span: timedelta, interval: Interval) -> int:
    """Return about how many intervals `span` takes, never too few."""
    return int(span / timedelta(days=_INTERVAL_DAYS[interval])) + 2


def start(interval: Interval, tz: str) -> pl.Expr:
    """Return the start of the interval that `created_at` falls in: a date, or for hours a time in `tz`."""
    local = pl.col("created_at").dt.convert_time_zone(tz)
    if interval != "hour":
        return local.dt.date().dt.truncate(_POLARS_DURATIONS[interval]).alias("start")
    past = pl.duration(minutes=local.dt.minute(), seconds=local.dt.second(), microseconds=local.dt.microsecond())
    return (local - past).alias("start")


def list_intervals(spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Return every interval from each account's first to last time: columns account, start.

    `spans` has account, first, last. Hours step by quarters, since some zones shift their clocks by half an hour.
    """
    ends = spans.select("account", pl.col("first", "last").dt.convert_time_zone(tz))
    if interval == "hour":
        moments = ends.select("account", created_at=pl.datetime_ranges("first", "last", "15m")).explode("created_at")
        every = pl.concat([moments, ends.select("account", created_at="last")]).select("account", start(interval, tz)).unique()
        order = ends.select("account").with_row_index("_place")
        return every.join(order, on="account").sort("_place", "start").drop("_place")
    first, last = (pl.col(end).dt.date().dt.truncate(_POLARS_DURATIONS[interval]) for end in ("first", "last"))
    return ends.select("account", start=pl.date_ranges(first, last, _POLARS_DURATIONS[interval])).explode("start")


def add_edges(table: pl.DataFrame, interval: Interval) -> pl.DataFrame:
    """Add `from` and `to` to rows of start: the half-open time of each interval in ISO 8601, dates or times with their offset.

    An hour that a change of clocks cut short begins or ends with it.
    """
    if interval != "hour":
        return table.with_columns(
            pl.col("start").dt.to_string("iso").alias("from"),
            pl.col("start").dt.offset_by(_POLARS_DURATIONS[interval]).dt.to_string("iso").alias("to"),
        )
    cut = pl.col("start").dt.minute()
    first = pl.col("start") + pl.when(cut > 0).then(pl.duration(minutes=60 - cut.cast(pl.Int64))).otherwise(pl.duration(minutes=0))
    last = pl.min_horizontal(first + timedelta(hours=1), first.shift(-1).over("account", order_by="start"))
    return table.with_columns(first.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("from"), last.dt.strftime("%Y-%m-%dT%H:%M:%S%:z").alias("to"))


def flag_partial(table: pl.DataFrame, known_spans: pl.DataFrame, interval: Interval, tz: str) -> pl.DataFrame:
    """Add `part` to rows of account and start: whether the time that is known of the account begins or ends inside the interval.

    `known` has account, known_from, known_to; null is open.
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
    return joined.with_columns(part=inside).drop("known_from", "known_to")
