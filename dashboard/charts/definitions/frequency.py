"""Posts per interval: lines, or bars in a row per account."""

from collections.abc import Sequence

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.interval_phrases import describe_chart
from dashboard.charts.definitions.time_series import (
    INTERVAL_HOURS,
    AccountRows,
    build_key,
    build_open_hint,
    build_series,
    capitalize,
    describe_interval,
    join_sentences,
    split_by_account,
)
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.counts import format_times

_MAX_LINES = 6  # in one plot; more accounts have a row each


def frequency_chart(table: pl.DataFrame, context: ChartContext) -> TimeSeriesChart:
    """Draw posts per interval, one line per account.

    `table` is analytics.frequency's with `part` of analytics.intervals.flag_partial.
    """
    interval = context.interval
    series = tuple(_build_line(intervals, context) for intervals in split_by_account(table, context))
    has_rows = len(series) > _MAX_LINES or all(line.is_sparse for line in series)
    key = build_key(series, context) if has_rows else ""
    return TimeSeriesChart(
        kind="frequency",
        title=f"Posts per {interval}",
        mark="bar" if has_rows else "line",
        faceted=has_rows,
        series=series,
        y_title=f"Posts per {interval}",
        hint=join_sentences(capitalize(key), build_open_hint(series, interval)),
        key=key,
        interval_hours=INTERVAL_HOURS[interval],
        caption=tuple(context.caption),
        alt=_build_alt_text(series, interval, "Bar charts" if has_rows else "Line chart"),
        integer_values=True,
        shared_scale=context.query.axis == "same",
    )


def _build_line(intervals: AccountRows, context: ChartContext) -> TimeSeries:
    tooltips = (describe_interval(row, context.interval) for row in intervals.rows.iter_rows(named=True))
    return build_series(intervals, "posts", tooltips, context)


def _build_alt_text(series: Sequence[TimeSeries], interval: str, chart_name: str) -> str:
    busy = [line for line in series if line.x]
    if not busy:
        return "There are no posts to show."
    total = {line.label: int(sum(value or 0 for value in line.y)) for line in busy}
    top = max(busy, key=lambda line: total[line.label])
    peak = max(range(len(top.x)), key=lambda index: top.y[index] or 0)
    times = format_times(total[top.label])
    summary = f"{top.label} posted most, {times}" if len(busy) > 1 else f"{top.label} posted {times}"
    return f"{describe_chart(chart_name, 'posts', interval, busy)} {summary}, with {' '.join(top.tooltips[peak].split(chr(10))[:2])}."
