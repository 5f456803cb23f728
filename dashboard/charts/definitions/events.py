"""Unusual intervals: one bar per event, by its distance from what is usual, and the same events as named peaks of charts over time."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.charts.context import ChartContext
from dashboard.charts.definitions.interval_phrases import format_interval_phrase, format_interval_short
from dashboard.charts.definitions.listed_names import list_names
from dashboard.charts.spec.bars import Bar, BarChart
from dashboard.charts.spec.chart import PostQuery
from dashboard.charts.spec.time_series import Peak, TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.core.formatting.counts import format_count
from dashboard.core.formatting.directions import isolate, isolate_items
from dashboard.core.formatting.numbers import format_decimal
from dashboard.core.formatting.texts import format_labelled
from dashboard.core.interval_keys import IntervalKey, list_interval_keys
from dashboard.core.measures import format_value
from dashboard.core.messages import gettext, translatable

_MAX_PEAK_WORDS = 2  # in the label of a peak
_MAX_CAPTION_EVENTS = 4
_TITLES = {
    "hour": translatable("Unusual hours"),
    "day": translatable("Unusual days"),
    "week": translatable("Unusual weeks"),
    "month": translatable("Unusual months"),
}
_NONE = {
    "hour": translatable("No unusual hours."),
    "day": translatable("No unusual days."),
    "week": translatable("No unusual weeks."),
    "month": translatable("No unusual months."),
}
_NONE_OF_SOME = {
    "hour": translatable("no unusual hours."),
    "day": translatable("no unusual days."),
    "week": translatable("no unusual weeks."),
    "month": translatable("no unusual months."),
}
_NONE_AT_ALL = {
    "hour": translatable("There are no unusual hours."),
    "day": translatable("There are no unusual days."),
    "week": translatable("There are no unusual weeks."),
    "month": translatable("There are no unusual months."),
}


def name_unusual_intervals(interval: str) -> str:
    """Return what the chart shows: `Unusual days`."""
    return gettext(_TITLES[interval])


def explain_no_unusual_interval(interval: str) -> str:
    """Return that nothing stands out: `No unusual days.`."""
    return gettext(_NONE[interval])


def event_chart(table: pl.DataFrame, context: ChartContext, post_queries: Sequence[PostQuery]) -> BarChart:
    """Draw each event by its z-score; `table` is analytics.events', `post_queries` the posts behind each of its rows."""
    interval, labels = context.interval, context.labels
    bars: dict[str, list[Bar]] = {}
    quiet_labels = [label for account, label in labels.items() if account not in table["account"]]
    quiet_lines = [format_labelled(list_names(quiet_labels), gettext(_NONE_OF_SOME[interval]))] if quiet_labels and table.height else []
    is_within_a_year = _is_within_a_year(table["start"])
    for row, post_query in zip(table.iter_rows(named=True), post_queries, strict=True):
        bars.setdefault(row["account"], []).append(_build_bar(row, interval, post_query, is_within_a_year))
    return BarChart(
        kind="events",
        title=name_unusual_intervals(interval),
        caption=(*_describe_strongest(table, labels, interval), *quiet_lines, *context.caption),
        alt=_build_alt_text(table, labels, interval),
        hint=gettext("More than 3.5 times the usual difference. Grey: number of posts. Teal: more positive. Red: more negative"),
        panels=context.build_panels(bars),
        x_title=gettext("Times the usual difference"),
        empty_message=explain_no_unusual_interval(interval),
    )


def mark_peaks(chart: TimeSeriesChart, peak_table: pl.DataFrame, point_table: pl.DataFrame, measure: str = "posts") -> TimeSeriesChart:
    """Return a chart over time with its peaks named, the most unusual of each account first.

    `peak_table` is analytics.events' (`z` is null for a peak that isn't unusual), `point_table` has account and start of each point, in
    order. `measure` is that of the values.
    """
    points: dict[str, dict[IntervalKey, int]] = {}
    for key in list_interval_keys(point_table):
        points.setdefault(key[0], {})[key] = len(points.get(key[0], ()))
    peaks = sorted(
        zip(list_interval_keys(peak_table), peak_table.iter_rows(named=True), strict=True), key=lambda peak: -abs(peak[1]["z"] or 0)
    )
    lines = [
        replace(
            line,
            peaks=tuple(
                _build_peak(row, line, points[line.account][key], chart.interval, measure)
                for key, row in peaks
                if key in points.get(line.account, ())
            ),
        )
        for line in chart.series
    ]
    return replace(chart, series=tuple(lines))


def _build_peak(row: Mapping[str, Any], line: TimeSeries, index: int, interval: str, measure: str) -> Peak:
    """Return a named peak; an unusually quiet interval is only marked."""
    tooltip = f"{describe_event(row)}\n{format_interval_phrase(row['start'], interval)}"
    value = line.y[index]
    if value is None or (measure == "posts" and row["value"] < row["expected"]):
        return Peak(index, tooltip)
    words = ", ".join(isolate(word) for word in row["words"].split(", ")[:_MAX_PEAK_WORDS] if word)
    return Peak(index, tooltip, format_value(value, measure), words)


def describe_event(row: Mapping[str, Any]) -> str:
    """Return an event in words, one line each: what happened, what is usual, and the words typical of it."""
    description = _describe_deviation(row)
    return description + ("\n" + gettext("words: %(words)s", words=isolate_items(row["words"])) if row["words"] else "")


def _describe_deviation(row: Mapping[str, Any]) -> str:
    posts = format_count(row["posts"], "post")
    strength = "" if row["z"] is None else format_decimal(abs(row["z"]), 1)
    if row["measure"] == "posts":
        values = {"posts": posts, "expected": format_decimal(row["expected"], 0)}
        if not strength:
            return gettext("%(posts)s (usually %(expected)s)", **values)
        return gettext("%(posts)s (usually %(expected)s; %(times)s times the usual difference)", **values, times=strength)
    values = {"posts": posts} | {name: format_value(row[name], "mean") for name in ("value", "expected")}
    if not strength:
        return gettext("%(posts)s, balance %(value)s per post (usually %(expected)s)", **values)
    return gettext(
        "%(posts)s, balance %(value)s per post (usually %(expected)s; %(times)s times the usual difference)", **values, times=strength
    )


def _is_within_a_year(starts: pl.Series) -> bool:
    """Return whether a day and month identify one date."""
    span = pl.Series([starts.max(), starts.min()]).drop_nulls()
    return span.is_empty() or span[0] - span[1] < timedelta(days=330)


def _build_bar(row: Mapping[str, Any], interval: str, post_query: PostQuery, omit_year: bool) -> Bar:
    semantic_color = "faint" if row["measure"] == "posts" else "up" if row["z"] > 0 else "down"
    value = format_count(row["posts"], "post")
    if row["measure"] != "posts":
        value = gettext("balance %(value)s", value=format_value(row["value"], "mean"))
    name = format_interval_short(row["start"], interval, year=not (omit_year and interval in ("day", "week")))
    return Bar(
        format_labelled(f"{name[0].upper()}{name[1:]}", value),
        row["z"],
        f"{describe_event(row)}\n{format_interval_phrase(row['start'], interval)}",
        post_query,
        semantic_color=semantic_color,  # type: ignore[arg-type]
    )


def _describe_strongest(table: pl.DataFrame, labels: Mapping[str, str], interval: str) -> list[str]:
    """Return the strongest events, one line each, with their words."""
    rows = table.sort(pl.col("z").abs(), descending=True, maintain_order=True).head(_MAX_CAPTION_EVENTS).iter_rows(named=True)
    return [
        format_labelled(f"{labels[row['account']]}, {format_interval_short(row['start'], interval)}", describe_event(row)).replace(
            "\n", " · "
        )
        for row in rows
    ]


def _build_alt_text(table: pl.DataFrame, labels: Mapping[str, str], interval: str) -> str:
    if table.is_empty():
        return gettext(_NONE_AT_ALL[interval])
    strongest_rows = table.unique("account", keep="first", maintain_order=True).iter_rows(named=True)
    sentences = [
        format_labelled(labels[row["account"]], f"{describe_event(row).splitlines()[0]}, {format_interval_short(row['start'], interval)}.")
        for row in strongest_rows
    ]
    count = format_count(table.height, f"unusual {interval}")
    return " ".join([gettext("%(intervals)s. The strongest of each account:", intervals=count), *sentences[:6]])
