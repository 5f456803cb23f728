"""The measure of sentiment per interval: bars in a row per account, or heat strips for many accounts."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.interval_phrases import describe_chart, format_interval_short
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
from dashboard.core.formatting.numbers import format_number
from dashboard.core.formatting.texts import start_within_sentence
from dashboard.core.measures import format_value
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS

_MIN_STRIPS = 5  # accounts; from there on, sentiment is drawn as heat strips
_SUMS = {
    "words": translatable("%(positive)s positive, %(negative)s negative words"),
    "points": translatable("%(positive)s positive, %(negative)s negative points"),
    "posts": translatable("%(positive)s positive, %(negative)s negative posts"),
}
_BALANCE_HINTS = {
    "words": translatable("Dark: the balance. Light: positive and negative words"),
    "points": translatable("Dark: the balance. Light: positive and negative points"),
    "posts": translatable("Dark: the balance. Light: positive and negative posts"),
}
_MARGIN_HINT = translatable("Thin lines: margin of error (95%)")
_CUT_MARGIN_HINT = translatable("Thin lines: margin of error (95%), which goes on where they reach the edge")
_TITLES = {
    "hour": translatable("Sentiment per hour"),
    "day": translatable("Sentiment per day"),
    "week": translatable("Sentiment per week"),
    "month": translatable("Sentiment per month"),
}
_BAR_CHARTS = translatable("Bar charts of %(measure)s, per %(interval)s, for %(accounts)s, %(period)s.")


def sentiment_chart(table: pl.DataFrame, context: ChartContext) -> TimeSeriesChart:
    """Draw the measure per interval, one row of bars per account, in front of light bars for positive and negative.

    `table` is analytics.sentiment's with `part` of analytics.intervals.flag_partial.
    """
    interval, method, measure = context.interval, context.query.method, context.query.measure
    series = tuple(_build_bars(intervals, context) for intervals in split_by_account(table, context))
    is_strip = len(series) >= _MIN_STRIPS
    has_full_scale = measure == "share" and not is_strip  # of 0 to 100 %, on which bars of different accounts can be compared
    shares_scale = has_full_scale or context.query.axis == "same"
    key, incomplete_note = build_key(series, shares_scale=shares_scale, is_strip=is_strip), build_incomplete_note(series, interval)
    chart = TimeSeriesChart(
        kind="sentiment",
        title=gettext(_TITLES[interval]),
        mark="strip" if is_strip else "bar",
        faceted=True,
        series=series,
        y_title=METHODS[method].axis_title(measure),
        key=key,
        incomplete_note=incomplete_note,
        interval_hours=INTERVAL_HOURS[interval],
        caption=tuple(context.caption),
        alt=_build_alt_text(series, interval, METHODS[method].axis_title(measure), measure),
        percent=measure == "share",
        integer_values=measure == "net",
        value_limits={"share": (0.0, 1.0), "mean": METHODS[method].score_range}.get(measure),
        shared_scale=shares_scale,
    )
    measured = gettext("%(measure)s, by %(method)s", measure=METHODS[method].axis_title(measure), method=METHODS[method].chart_name)
    explained = "" if is_strip else _explain_bars(method, measure, cuts_intervals=chart.cuts_intervals)
    hint = join_sentences(measured, explained, capitalize(key), incomplete_note)
    return replace(chart, hint=hint, bars_note=explained if measure == "net" else "")


def _build_bars(intervals: AccountRows, context: ChartContext) -> TimeSeries:
    rows = intervals.rows
    series = build_series(intervals, "value", (_describe_sentiment(row, context) for row in rows.iter_rows(named=True)), context)
    if context.query.measure == "net":
        return replace(series, positive=tuple(rows["positive"]), negative=tuple(-rows["negative"]))
    return replace(series, low=tuple(rows["low"]), high=tuple(rows["high"]))


def _explain_bars(method: str, measure: str, *, cuts_intervals: bool) -> str:
    if measure != "net":
        return gettext(_CUT_MARGIN_HINT if cuts_intervals else _MARGIN_HINT)
    unit = METHODS[method].unit
    return gettext(_BALANCE_HINTS.get(unit, f"Dark: the balance. Light: positive and negative {unit}"))


def _describe_sentiment(row: Mapping[str, Any], context: ChartContext) -> str:
    """Return the lines of a tooltip."""
    measure, unit = context.query.measure, METHODS[context.query.method].unit
    value = gettext("no sentiment") if row["value"] is None else format_value(row["value"], measure)
    value += f" ({_format_confidence_interval(row['low'], row['high'], measure)})" if row.get("low") is not None else ""
    text = _SUMS.get(unit, f"%(positive)s positive, %(negative)s negative {unit}")  # of a method that is registered from outside
    sums = gettext(text, positive=format_number(row["positive"]), negative=format_number(row["negative"]))
    return f"{value}\n{sums}\n{describe_interval(row, context.interval)}"


def _format_confidence_interval(low: float, high: float, measure: str) -> str:
    """Return a 95% interval in words."""
    ends = {"low": format_value(low, measure), "high": format_value(high, measure)}
    return gettext("%(low)s to %(high)s with 95%% confidence", **ends)


def _build_alt_text(series: Sequence[TimeSeries], interval: str, value_title: str, measure: str) -> str:
    busy = [line for line in series if any(value is not None for value in line.y)]
    if not busy:
        return gettext("There is no sentiment to show.")
    return " ".join(
        [
            describe_chart(_BAR_CHARTS, interval, busy, measure=start_within_sentence(value_title)),
            *(_describe_extremes(line, interval, measure) for line in busy[:6]),
        ]
    )


def _describe_extremes(series: TimeSeries, interval: str, measure: str) -> str:
    known_values = [(value, index) for index, value in enumerate(series.y) if value is not None]
    (low, low_index), (high, high_index) = min(known_values), max(known_values)
    if low == high:
        return gettext("%(account)s stays at %(value)s.", account=series.label, value=format_value(low, measure))
    lowest, highest = (
        f"{format_value(value, measure)} ({format_interval_short(series.x[index], interval)})"
        for value, index in ((low, low_index), (high, high_index))
    )
    values = {"account": series.label, "lowest": lowest, "highest": highest}
    return gettext("%(account)s is lowest at %(lowest)s and highest at %(highest)s.", **values)
