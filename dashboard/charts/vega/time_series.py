"""Draws time series as static images: lines in one plot, or one row of bars per account, all on the same scales.

Which values are drawn, and in which colours, is decided by the chart.
"""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.charts.spec import TimeSeries, TimeSeriesChart
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, fit_to_canvas, non_plot_height

_ALL_ACCOUNTS = "\tall"  # the name of the dataset with all rows, which can't be an account's name
_EXPLICIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels
_TICK_COUNT = 8  # on the axis of time, approximately
_MAX_TICK_DISTANCE_OF_DAYS = timedelta(days=14.5)  # with more time between two ticks, Vega puts them at months instead of weeks
_MAX_POINTS_WITH_MARKS = 60  # intervals; longer lines have no marks
_FACET_GAP_PX = 26
_HEADING_OFFSET_PX = 4  # between a facet and its heading
_EVENT_NUMBER_PX = 12  # added to both where numbers stand above the tallest bars
_LEGEND_OFFSET_PX = 22  # between a plot and its legend where numbers stand above the highest points
_BAR_WIDTH_SHARE = 0.88  # of an interval
_MIN_PLOT_PX, _MIN_FACET_PX, _READABLE_FACET_PX = 130, 34, 64  # a facet without the gap above it


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    max_value = chart.value_range[1] if chart.faceted else math.inf
    rows_by_account = {line.account: _build_rows(line, chart.interval_hours, max_value) for line in chart.series}
    datasets = rows_by_account | {_ALL_ACCOUNTS: [row for rows in rows_by_account.values() for row in rows]}
    plots_height = height - non_plot_height(chart, width, left_offset=left_offset(chart))
    view = (
        _build_facets(chart, width, plots_height, theme)
        if chart.faceted
        else fit_to_canvas(_build_single_plot(chart, width, theme), width, height)
    )
    return view | {"datasets": datasets}


def left_offset(chart: TimeSeriesChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the left axis if there are facets."""
    return LEFT_AXIS_PX * chart.faceted


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the smallest height in pixels that the plots need at this width."""
    labels = [line.label for line in chart.series]
    return (
        len(labels) * (_facet_gap(chart) + _MIN_FACET_PX)
        if chart.faceted
        else _MIN_PLOT_PX + 16 * math.ceil(len(labels) / _legend_columns(labels or [""], width))
    )


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that keeps each facet readable: `min_height`, or more if there are many facets."""
    if not chart.faceted:
        return min_height
    return max(
        min_height,
        120 + 100 * len(chart.series),
        non_plot_height(chart, width, left_offset=left_offset(chart)) + (_facet_gap(chart) + _READABLE_FACET_PX) * len(chart.series),
    )


def _build_single_plot(chart: TimeSeriesChart, width: int, theme: Theme) -> dict[str, Any]:
    """Return lines, with hollow marks where the chart has them and numbers above the points that stand out."""
    line_layer = _line_layer(chart, width)
    position = {name: line_layer["encoding"][name] for name in ("x", "y", "color")}
    ring = {"type": "point", "fill": theme.background, "opacity": 1, "size": 46}
    mark_layers = [_filtered_layer("hollow", ring, position)] if any(any(line.hollow) for line in chart.series) else []
    mark_layers += _event_layers(position) if any(line.events for line in chart.series) else []
    return {"layer": [line_layer, *mark_layers]} if mark_layers else line_layer


def _event_layers(encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return circles around the points that stand out, and their numbers."""
    return [
        _filtered_layer("event", {"type": "point", "opacity": 1, "size": 110, "strokeWidth": 1.5}, encoding),
        _filtered_layer(
            "event", {"type": "text", "dy": -13, "fontSize": 11, "fontWeight": 700}, encoding | {"text": _nominal_encoding("event")}
        ),
    ]


def _filtered_layer(flag: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with only the rows for which `flag` is set."""
    return {"data": {"name": _ALL_ACCOUNTS}, "mark": mark, "encoding": encoding, "transform": [{"filter": f"datum.{flag}"}]}


def _line_layer(chart: TimeSeriesChart, width: int) -> dict[str, Any]:
    labels = [line.label for line in chart.series]
    has_marks = max(len(line.x) for line in chart.series) <= _MAX_POINTS_WITH_MARKS
    layout = {"columns": _legend_columns(labels, width), "labelLimit": 260}
    layout |= {"offset": _LEGEND_OFFSET_PX} if any(line.events for line in chart.series) else {}
    legend = {"title": None, "orient": "top", "symbolType": "stroke"} | layout if len(labels) > 1 else None
    color_scale = {"domain": labels, "range": [line.style.color for line in chart.series]}
    dash_scale = {"domain": labels, "range": [list(line.style.dash) or [1, 0] for line in chart.series]}
    encoding = {
        "x": _time_axis(chart),
        "y": _quantitative_encoding("y", _value_axis(chart, chart.y_title)),
        "color": _nominal_encoding("label", scale=color_scale, legend=legend),
        "strokeDash": _nominal_encoding("label", scale=dash_scale, legend=legend),
    }
    mark = {"type": "line", "point": {"size": 22} if has_marks else False, "strokeWidth": 1.8, "strokeJoin": "round"}
    return {"data": {"name": _ALL_ACCOUNTS}, "mark": mark, "encoding": encoding}


def _build_facets(chart: TimeSeriesChart, width: int, plots_height: int, theme: Theme) -> dict[str, Any]:
    """Stack one row of bars per account, `plots_height` pixels high in total, all on the same scales."""
    gap = _facet_gap(chart)
    height = plots_height / len(chart.series) - gap
    size = {"width": width - 2 * PADDING_PX - LEFT_AXIS_PX, "height": height}
    inner_layers, last_layers = (_bar_layers(chart, theme, show_labels=labels) | size for labels in (False, True))
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": _HEADING_OFFSET_PX + gap - _FACET_GAP_PX}
    rows = [
        (last_layers if line is chart.series[-1] else inner_layers)
        | {"data": {"name": line.account}, "title": heading | {"text": line.label, "color": line.style.color}}
        for line in chart.series
    ]
    return {"vconcat": rows, "bounds": "flush", "spacing": gap}


def _facet_gap(chart: TimeSeriesChart) -> int:
    """Return the height above a facet, which holds its heading and, between the two, the numbers above its tallest bars."""
    return _FACET_GAP_PX + (_EVENT_NUMBER_PX if any(line.events for line in chart.series) else 0)


def _bar_layers(chart: TimeSeriesChart, theme: Theme, *, show_labels: bool) -> dict[str, Any]:
    """Return the layers of a facet: pale bars from the negative to the positive sum, the bars themselves, and what is drawn over them."""
    y_encoding = _value_axis(chart, None, (0, 1) if chart.percent else chart.value_range)
    base = {"x": _time_axis(chart, show_labels=show_labels), "x2": {"field": "end"}, "color": _nominal_encoding("colour", scale=None)}
    values = base | {"y": _quantitative_encoding("y", y_encoding), "y2": {"field": "zero"}} | _hollow_encoding(chart)
    sums = base | {"y": _quantitative_encoding("up", y_encoding), "y2": {"field": "down"}}
    sum_layer = {"mark": {"type": "bar", "opacity": theme.background_bar_opacity}, "encoding": sums}
    bar_layer = {"mark": {"type": "bar"}, "encoding": values}
    return {"layer": [sum_layer] * any(line.positive for line in chart.series) + [bar_layer] + _overlay_layers(chart, theme, y_encoding)}


def _hollow_encoding(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the encoding that draws hollow bars as outlines, empty if there are none."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": _nominal_encoding("colour", scale=None),
        "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0}, "value": 1},
        "strokeWidth": {"condition": {"test": "datum.hollow", "value": 1.2}, "value": 0},
    }


def _overlay_layers(chart: TimeSeriesChart, theme: Theme, y_encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the layers over the bars: confidence intervals, and the numbers of the bars that stand out."""
    base = {"x": {"field": "middle", "type": "temporal", "scale": _time_scale(chart)}, "color": _nominal_encoding("colour", scale=None)}
    whiskers = {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": theme.foreground, "clip": True},
        "encoding": {"x": base["x"], "y": _quantitative_encoding("low", y_encoding), "y2": {"field": "high"}},
    }
    numbers = {
        "transform": [{"filter": "datum.event"}],
        "mark": {"type": "text", "dy": -7, "fontSize": 11, "fontWeight": 700},
        "encoding": base | {"y": _quantitative_encoding("top", y_encoding), "text": _nominal_encoding("event")},
    }
    return [whiskers] * any(line.low for line in chart.series) + [numbers] * any(line.events for line in chart.series)


def _nominal_encoding(field: str, **properties: Any) -> dict[str, Any]:
    return {"field": field, "type": "nominal"} | properties


def _quantitative_encoding(field: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative"} | properties


def _build_rows(series: TimeSeries, interval_hours: float, max_value: float) -> list[dict[str, Any]]:
    """Return one row per point, on a scale that ends at `max_value`.

    Times are milliseconds of the wall clock interpreted as UTC, so that the machine's time zone can't shift them.
    """
    count, number_by_index = len(series.x), {index: number for number, (index, _) in enumerate(series.events, 1)}
    optional_values = zip(
        *(values or (None,) * count for values in (series.positive, series.negative, series.low, series.high, series.hollow)), strict=True
    )
    return [
        {
            "x": _to_milliseconds(x),
            "end": _to_milliseconds(x + timedelta(hours=interval_hours * _BAR_WIDTH_SHARE)),
            "middle": _to_milliseconds(x + timedelta(hours=interval_hours * _BAR_WIDTH_SHARE / 2)),
            "y": y,
            "zero": 0,
            "up": up,
            "down": down,
            "low": low,
            "high": high,
            "hollow": bool(hollow),
            "event": number_by_index.get(index),
            "top": series.upper_end(index, max_value),
            "label": series.label,
            "colour": series.style.color,
        }
        for index, (x, y, (up, down, low, high, hollow)) in enumerate(zip(series.x, series.y, optional_values, strict=True))
    ]


def _to_milliseconds(wall_clock: datetime) -> int:
    return round(wall_clock.replace(tzinfo=UTC).timestamp() * 1000)


def _time_scale(chart: TimeSeriesChart) -> dict[str, Any]:
    return {"type": "utc", "domain": [_to_milliseconds(end) for end in chart.time_range or ()], "nice": False}


def _time_axis(chart: TimeSeriesChart, *, show_labels: bool = True) -> dict[str, Any]:
    ticks = {"labels": show_labels, "ticks": show_labels, "tickCount": _TICK_COUNT, "grid": False, "format": _tick_formats(chart)}
    ticks |= {"values": [_to_milliseconds(tick) for tick in chart.explicit_ticks]} if chart.explicit_ticks else {}
    axis = {"title": None, "labelOverlap": "greedy", "labelSeparation": 8, "labelFlush": True} | ticks
    return {"field": "x", "type": "temporal", "axis": axis, "scale": _time_scale(chart)}


def _tick_formats(chart: TimeSeriesChart) -> dict[str, str]:
    """Return the formats of ticks by the unit that they begin: days as `3 Aug`, or months as `Aug 2026` if only months have ticks."""
    first, last = chart.time_range or (datetime.min, datetime.min)
    date_format = "%b %Y" if (last - first) / _TICK_COUNT > _MAX_TICK_DISTANCE_OF_DAYS else "%-d %b"
    return dict.fromkeys(("year", "quarter", "month", "week", "date"), date_format) | dict.fromkeys(("hours", "minutes"), "%H:%M")


def _value_axis(chart: TimeSeriesChart, title: str | None, value_range: tuple[float, float] | None = None) -> dict[str, Any]:
    tick_format: dict[str, Any] = (
        {"format": ".0%"} if chart.percent else {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
    )
    if chart.integer_values and chart.max_abs_value < _EXPLICIT_TICKS_BELOW:
        max_tick = math.ceil(chart.max_abs_value)
        tick_format["values"] = list(range(-max_tick if chart.faceted else 0, max_tick + 1))
    extents: dict[str, Any] = {"minExtent": 40, "maxExtent": 40} if chart.faceted else {}
    scale = {"domain": list(value_range), "nice": True} if value_range else {"domainMin": 0, "nice": True}
    return {"scale": scale, "axis": {"title": title, "tickCount": 4 if chart.faceted else 6} | tick_format | extents}


def _legend_columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING_PX - LEFT_AXIS_PX) // (40 + 7 * max(map(len, labels)))))
