"""Draws charts over time as lines in a single plot, as static images. Rows of bars belong in `facets.py`."""

import math
from typing import Any

from dashboard.charts.label_layout import text_width
from dashboard.charts.spec.panels import truncate_label
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import end_label_width, has_end_labels, place_end_labels, place_line_peaks
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, non_plot_height
from dashboard.charts.vega.time_axis import (
    ALL_ACCOUNTS,
    EXPLICIT_TICKS_BELOW,
    build_rows,
    label_layer,
    nominal_encoding,
    quantitative_encoding,
    time_axis,
)

_MAX_POINTS_WITH_MARKS = 60  # intervals; longer lines have no marks
_LEGEND_LINE_PX, _LEGEND_KEY_PX, _LEGEND_GAP_PX = 18, 24, 20
_AXIS_EXTENT_PX = 40  # of the axis of values
_MIN_PLOT_PX = 130
_OPEN_DASH = [3, 3]  # of the way to an interval that isn't complete


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the lines as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    right = end_label_width(chart, width) if has_end_labels(chart, width) else LEFT_AXIS_PX - _AXIS_EXTENT_PX
    legend_height = _legend_height(chart, width)
    size = (
        width - 2 * PADDING_PX - _AXIS_EXTENT_PX - right,
        height - non_plot_height(chart, width, left_offset=LEFT_AXIS_PX) - legend_height,
    )
    rows = {ALL_ACCOUNTS: [row for line in chart.series for row in build_rows(line, chart.interval_hours)]}
    spacer = {"data": {"values": [{}]}, "mark": {"type": "text", "text": ""}, "encoding": {}, "width": size[0], "height": 1}
    plot = {"width": size[0], "height": size[1], "layer": _build_layers(chart, size, width, theme)}
    views = [spacer | {"height": legend_height}, plot] if legend_height else [plot]
    return {"vconcat": views, "bounds": "flush", "spacing": 0, "datasets": rows}


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the smallest height in pixels that the plot and its legend need at this width."""
    return _MIN_PLOT_PX + _legend_height(chart, width)


def _build_layers(chart: TimeSeriesChart, size: tuple[float, float], width: int, theme: Theme) -> list[dict[str, Any]]:
    """Return the lines, what is drawn differently of them, the peaks and the names."""
    encoding = _encode(chart, size)
    position = {name: encoding[name] for name in ("x", "y", "color")}
    ring = {"type": "point", "fill": theme.background, "opacity": 1, "size": 46}
    layers = [_line_layer(chart, encoding)]
    way = {"type": "line", "strokeDash": _OPEN_DASH, "strokeWidth": 1.8}
    has_way = {"head": [line.is_cut for line in chart.series], "tail": [line.is_open and len(line.x) > 1 for line in chart.series]}
    layers += [_filtered_layer(f"datum.{end} && !datum.sparse", way, position) for end, lines in has_way.items() if any(lines)]
    layers += [_filtered_layer("datum.sparse && datum.y > 0", {"type": "point", "filled": True, "opacity": 1, "size": 30}, position)] * any(
        line.is_sparse for line in chart.series
    )
    layers += [_filtered_layer("datum.hollow", ring, position)] * any(any(line.hollow) for line in chart.series)
    return layers + _peak_layers(chart, size, position) + _name_layers(chart, size, width)


def _encode(chart: TimeSeriesChart, size: tuple[float, float]) -> dict[str, Any]:
    labels = [line.label for line in chart.series]
    color_scale = {"domain": labels, "range": [line.style.color for line in chart.series]}
    dash_scale = {"domain": labels, "range": [list(line.style.dash) or [1, 0] for line in chart.series]}
    return {
        "x": time_axis(chart, size[0]),
        "y": quantitative_encoding("y", _value_axis(chart, size[1])),
        "color": nominal_encoding("label", scale=color_scale, legend=None),
        "strokeDash": nominal_encoding("label", scale=dash_scale, legend=None),
    }


def _line_layer(chart: TimeSeriesChart, encoding: dict[str, Any]) -> dict[str, Any]:
    """Return the lines as far as their intervals are complete."""
    has_marks = max(len(line.x) for line in chart.series) <= _MAX_POINTS_WITH_MARKS
    mark = {"type": "line", "point": {"size": 22} if has_marks else False, "strokeWidth": 1.8, "strokeJoin": "round"}
    return _filtered_layer("!datum.hollow && !datum.sparse", mark, encoding)


def _peak_layers(chart: TimeSeriesChart, size: tuple[float, float], encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return circles around the peaks, and their labels."""
    rows = [row | {"peak": True} for line in chart.series for row in _peak_rows(chart, line.account)]
    if not rows:
        return []
    circles = {"data": {"values": rows}, "mark": {"type": "point", "opacity": 1, "size": 60, "strokeWidth": 1.5}, "encoding": encoding}
    labels = [(label.text, label.x, label.y, line.style.color) for line, (_, label) in place_line_peaks(chart, size)]
    return [circles, label_layer(labels)] if labels else [circles]


def _peak_rows(chart: TimeSeriesChart, account: str) -> list[dict[str, Any]]:
    line = next(line for line in chart.series if line.account == account)
    rows = build_rows(line, chart.interval_hours)
    return [{name: rows[peak.index][name] for name in ("x", "y", "label")} for peak in line.peaks]


def _filtered_layer(test: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with only the rows that pass a test."""
    return {"data": {"name": ALL_ACCOUNTS}, "mark": mark, "encoding": encoding, "transform": [{"filter": test}]}


def _name_layers(chart: TimeSeriesChart, size: tuple[float, float], width: int) -> list[dict[str, Any]]:
    """Return the names of several lines: at their right end, or in a legend above a narrow plot."""
    if has_end_labels(chart, width):
        return [
            label_layer([(label.text, label.x, label.y, line.style.color) for line, label in place_end_labels(chart, size)], align="left")
        ]
    if len(chart.series) < 2:
        return []
    places = _legend_places(chart, width)
    height = _legend_height(chart, width)
    keys = [_legend_key(line, x, y - height) for line, (x, y) in zip(chart.series, places, strict=True)]
    names = [
        (truncate_label(line.label), x + _LEGEND_KEY_PX, y - height, line.style.color)
        for line, (x, y) in zip(chart.series, places, strict=True)
    ]
    return [*keys, label_layer(names, align="left")]


def _legend_key(line: TimeSeries, x: float, y: float) -> dict[str, Any]:
    """Return a short piece of a line, with its left end at this position in pixels."""
    ends = [{"px": x, "py": y}, {"px": x + _LEGEND_KEY_PX - 6, "py": y}]
    position = {"type": "quantitative", "scale": None, "axis": None}
    mark = {"type": "line", "color": line.style.color, "strokeWidth": 3, "strokeDash": list(line.style.dash) or [1, 0]}
    return {"data": {"values": ends}, "mark": mark, "encoding": {"x": {"field": "px"} | position, "y": {"field": "py"} | position}}


def _legend_places(chart: TimeSeriesChart, width: int) -> list[tuple[float, float]]:
    """Return the left end and the middle of each entry of the legend, from the top left corner of the legend."""
    available, x, row, places = width - 2 * PADDING_PX - _AXIS_EXTENT_PX, 0.0, 0, []
    for line in chart.series:
        entry_width = _LEGEND_KEY_PX + text_width(truncate_label(line.label))
        if x and x + entry_width > available:
            x, row = 0.0, row + 1
        places.append((x, (row + 0.5) * _LEGEND_LINE_PX))
        x += entry_width + _LEGEND_GAP_PX
    return places


def _legend_height(chart: TimeSeriesChart, width: int) -> int:
    if len(chart.series) < 2 or has_end_labels(chart, width):
        return 0
    return math.ceil(_legend_places(chart, width)[-1][1] + _LEGEND_LINE_PX)


def _value_axis(chart: TimeSeriesChart, height: float) -> dict[str, Any]:
    ticks: dict[str, Any] = {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
    if chart.integer_values and chart.max_abs_value < EXPLICIT_TICKS_BELOW:
        ticks["values"] = list(range(math.ceil(chart.max_abs_value) + 1))
    axis = {"title": None, "tickCount": 5, "minExtent": _AXIS_EXTENT_PX, "maxExtent": _AXIS_EXTENT_PX}
    return {"scale": {"domain": [0, chart.line_top(height)], "nice": False}, "axis": axis | ticks}
