"""Draws charts over time as lines in a single plot, as static images. Rows of bars belong in `facets.py`."""

import math
from typing import Any

from dashboard.charts.spec import TimeSeriesChart
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, fit_to_canvas
from dashboard.charts.vega.time_axis import (
    ALL_ACCOUNTS,
    EXPLICIT_TICKS_BELOW,
    build_rows,
    nominal_encoding,
    quantitative_encoding,
    time_axis,
)

_MAX_POINTS_WITH_MARKS = 60  # intervals; longer lines have no marks
_LEGEND_OFFSET_PX = 22  # between a plot and its legend where numbers stand above the highest points
_MIN_PLOT_PX = 130


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the lines as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    rows_by_account = {line.account: build_rows(line, chart.interval_hours, math.inf) for line in chart.series}
    datasets = rows_by_account | {ALL_ACCOUNTS: [row for rows in rows_by_account.values() for row in rows]}
    return fit_to_canvas(_build_plot(chart, width, theme), width, height) | {"datasets": datasets}


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the smallest height in pixels that the plot and its legend need at this width."""
    labels = [line.label for line in chart.series]
    return _MIN_PLOT_PX + 16 * math.ceil(len(labels) / _legend_columns(labels or [""], width))


def _build_plot(chart: TimeSeriesChart, width: int, theme: Theme) -> dict[str, Any]:
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
            "event", {"type": "text", "dy": -13, "fontSize": 11, "fontWeight": 700}, encoding | {"text": nominal_encoding("event")}
        ),
    ]


def _filtered_layer(flag: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a layer with only the rows for which `flag` is set."""
    return {"data": {"name": ALL_ACCOUNTS}, "mark": mark, "encoding": encoding, "transform": [{"filter": f"datum.{flag}"}]}


def _line_layer(chart: TimeSeriesChart, width: int) -> dict[str, Any]:
    labels = [line.label for line in chart.series]
    has_marks = max(len(line.x) for line in chart.series) <= _MAX_POINTS_WITH_MARKS
    layout = {"columns": _legend_columns(labels, width), "labelLimit": 260}
    layout |= {"offset": _LEGEND_OFFSET_PX} if any(line.events for line in chart.series) else {}
    legend = {"title": None, "orient": "top", "symbolType": "stroke"} | layout if len(labels) > 1 else None
    color_scale = {"domain": labels, "range": [line.style.color for line in chart.series]}
    dash_scale = {"domain": labels, "range": [list(line.style.dash) or [1, 0] for line in chart.series]}
    encoding = {
        "x": time_axis(chart, width),
        "y": quantitative_encoding("y", _value_axis(chart)),
        "color": nominal_encoding("label", scale=color_scale, legend=legend),
        "strokeDash": nominal_encoding("label", scale=dash_scale, legend=legend),
    }
    mark = {"type": "line", "point": {"size": 22} if has_marks else False, "strokeWidth": 1.8, "strokeJoin": "round"}
    return {"data": {"name": ALL_ACCOUNTS}, "mark": mark, "encoding": encoding}


def _value_axis(chart: TimeSeriesChart) -> dict[str, Any]:
    ticks: dict[str, Any] = {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
    if chart.integer_values and chart.max_abs_value < EXPLICIT_TICKS_BELOW:
        ticks["values"] = list(range(math.ceil(chart.max_abs_value) + 1))
    return {"scale": {"domainMin": 0, "nice": True}, "axis": {"title": chart.y_title, "tickCount": 6} | ticks}


def _legend_columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING_PX - LEFT_AXIS_PX) // (40 + 7 * max(map(len, labels)))))
