"""Posts per interval: lines, or bars in a row per account."""

from collections.abc import Sequence
from math import inf

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.interval_phrases import describe_chart
from dashboard.charts.definitions.time_series import (
    INTERVAL_HOURS,
    AccountRows,
    build_incomplete_note,
    build_key,
    build_series,
    capitalize,
    describe_interval,
    join_sentences,
    split_by_account,
)
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.counts import format_times
from dashboard.core.messages import gettext, translatable

_MAX_LINES = 6  # in one plot; more accounts have a row each
_TITLES = {
    "hour": translatable("Posts per hour"),
    "day": translatable("Posts per day"),
    "week": translatable("Posts per week"),
    "month": translatable("Posts per month"),
}
_BAR_CHARTS = translatable("Bar charts of posts, per %(interval)s, for %(accounts)s, %(period)s.")
_LINE_CHART = translatable("Line chart of posts, per %(interval)s, for %(accounts)s, %(period)s.")


def frequency_chart(table: pl.DataFrame, context: ChartContext) -> TimeSeriesChart:
    """Draw posts per interval, one line per account.

    `table` is analytics.frequency's with `part` of analytics.intervals.flag_partial.
    """
    interval = context.interval
    series = tuple(_build_line(intervals, context) for intervals in split_by_account(table, context))
    has_rows = len(series) > _MAX_LINES or all(line.is_sparse for line in series)
    shares_scale = context.query.axis == "same"
    key = build_key(series, shares_scale=shares_scale) if has_rows else ""
    incomplete_note = build_incomplete_note(series, interval)
    return TimeSeriesChart(
        kind="frequency",
        title=gettext(_TITLES[interval]),
        mark="bar" if has_rows else "line",
        faceted=has_rows,
        series=series,
        y_title=gettext(_TITLES[interval]),
        hint=join_sentences(capitalize(key), incomplete_note),
        key=key,
        incomplete_note=incomplete_note,
        interval_hours=INTERVAL_HOURS[interval],
        caption=tuple(context.caption),
        alt=_build_alt_text(series, interval, has_rows=has_rows),
        integer_values=True,
        value_limits=(0.0, inf),
        shared_scale=shares_scale,
    )


def _build_line(intervals: AccountRows, context: ChartContext) -> TimeSeries:
    tooltips = (describe_interval(row, context.interval) for row in intervals.rows.iter_rows(named=True))
    return build_series(intervals, "posts", tooltips, context)


def _build_alt_text(series: Sequence[TimeSeries], interval: str, *, has_rows: bool) -> str:
    busy = [line for line in series if line.x]
    if not busy:
        return gettext("There are no posts to show.")
    total = {line.label: int(sum(value or 0 for value in line.y)) for line in busy}
    top = max(busy, key=lambda line: total[line.label])
    peak = max(range(len(top.x)), key=lambda index: top.y[index] or 0)
    times = format_times(total[top.label])
    values = {"account": top.label, "times": times, "peak": " ".join(top.tooltips[peak].split("\n")[:2])}
    if len(busy) > 1:
        summary = gettext("%(account)s posted most, %(times)s, with %(peak)s.", **values)
    else:
        summary = gettext("%(account)s posted %(times)s, with %(peak)s.", **values)
    return f"{describe_chart(_BAR_CHARTS if has_rows else _LINE_CHART, interval, busy)} {summary}"
