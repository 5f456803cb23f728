"""Draws charts over time as rows of bars, one row per account, as static images.

Each row has a scale of its own, or all share one, as the chart says. Lines in a single plot belong in `lines.py`.
"""

import math
from typing import Any

from dashboard.charts.spec import TimeSeries, TimeSeriesChart
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, non_plot_height
from dashboard.charts.vega.time_axis import (
    EXPLICIT_TICKS_BELOW,
    build_rows,
    nominal_encoding,
    quantitative_encoding,
    time_axis,
    time_scale,
)

_GAP_PX = 30  # above a facet, for its heading
_HEADING_OFFSET_PX = 8  # between a facet and its heading
_EVENT_NUMBER_PX = 12  # added to both where numbers stand above the tallest bars
_MIN_FACET_PX, _READABLE_FACET_PX = 34, 64  # without the gap above it
_TICK_LABEL_PX = 12  # the height of a label on the axis of values


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the rows as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    plots_height = height - non_plot_height(chart, width, left_offset=LEFT_AXIS_PX)
    size = (width - 2 * PADDING_PX - LEFT_AXIS_PX, plots_height / len(chart.series) - _gap(chart))
    rows = [_build_row(chart, line, size, theme) for line in chart.series]
    datasets = {line.account: build_rows(line, chart.interval_hours, chart.scale_of(line)[1]) for line in chart.series}
    return {"vconcat": rows, "bounds": "flush", "spacing": _gap(chart), "datasets": datasets}


def min_plot_height(chart: TimeSeriesChart) -> int:
    """Return the smallest height in pixels that all rows need."""
    return len(chart.series) * (_gap(chart) + _MIN_FACET_PX)


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that keeps each row readable: `min_height`, or more if there are many rows."""
    count = len(chart.series)
    rows_height = (_gap(chart) + _READABLE_FACET_PX) * count
    return max(min_height, 120 + 100 * count, non_plot_height(chart, width, left_offset=LEFT_AXIS_PX) + rows_height)


def _gap(chart: TimeSeriesChart) -> int:
    """Return the height above a row, which holds its heading and, between the two, the numbers above its tallest bars."""
    return _GAP_PX + (_EVENT_NUMBER_PX if any(line.events for line in chart.series) else 0)


def _build_row(chart: TimeSeriesChart, line: TimeSeries, size: tuple[float, float], theme: Theme) -> dict[str, Any]:
    width, height = size
    offset = _HEADING_OFFSET_PX + _gap(chart) - _GAP_PX
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": offset, "text": line.label, "color": line.style.color}
    layers = _bar_layers(chart, line, size, theme, show_labels=line is chart.series[-1])
    return layers | {"width": width, "height": height, "data": {"name": line.account}, "title": heading}


def _bar_layers(chart: TimeSeriesChart, line: TimeSeries, size: tuple[float, float], theme: Theme, *, show_labels: bool) -> dict[str, Any]:
    """Return the layers of a row: pale bars from the negative to the positive sum, the bars themselves, and what is drawn over them."""
    y_encoding = _value_axis(chart, line, size[1])
    base = {"x": time_axis(chart, size[0], show_labels=show_labels), "x2": {"field": "end"}}
    base |= {"color": nominal_encoding("colour", scale=None)}
    values = base | {"y": quantitative_encoding("y", y_encoding), "y2": {"field": "zero"}} | _hollow_encoding(chart)
    sums = base | {"y": quantitative_encoding("up", y_encoding), "y2": {"field": "down"}}
    sum_layer = {"mark": {"type": "bar", "opacity": theme.background_bar_opacity}, "encoding": sums}
    bar_layer = {"mark": {"type": "bar"}, "encoding": values}
    return {"layer": [sum_layer] * bool(line.positive) + [bar_layer] + _overlay_layers(chart, line, theme, y_encoding)}


def _hollow_encoding(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the encoding that draws hollow bars as outlines, empty if there are none."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": nominal_encoding("colour", scale=None),
        "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0}, "value": 1},
        "strokeWidth": {"condition": {"test": "datum.hollow", "value": 1.2}, "value": 0},
    }


def _overlay_layers(chart: TimeSeriesChart, line: TimeSeries, theme: Theme, y_encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the layers over the bars: confidence intervals, and the numbers of the bars that stand out."""
    base = {"x": {"field": "middle", "type": "temporal", "scale": time_scale(chart)}, "color": nominal_encoding("colour", scale=None)}
    whiskers = {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": theme.foreground, "clip": True},
        "encoding": {"x": base["x"], "y": quantitative_encoding("low", y_encoding), "y2": {"field": "high"}},
    }
    numbers = {
        "transform": [{"filter": "datum.event"}],
        "mark": {"type": "text", "dy": -7, "fontSize": 11, "fontWeight": 700},
        "encoding": base | {"y": quantitative_encoding("top", y_encoding), "text": nominal_encoding("event")},
    }
    return [whiskers] * bool(line.low) + [numbers] * bool(line.events)


def _value_axis(chart: TimeSeriesChart, line: TimeSeries, height: float) -> dict[str, Any]:
    """Return scale and axis of a row: round numbers if all rows share them, otherwise zero and the ends of its bars."""
    tick_format: dict[str, Any] = {"format": ".0%" if chart.percent else ",d" if chart.integer_values else ",.2~f"}
    if not chart.shared_scale:
        ticks: dict[str, Any] = {"values": chart.tick_values(line, _TICK_LABEL_PX / height)}
    elif chart.integer_values and chart.max_abs_value < EXPLICIT_TICKS_BELOW:
        ticks = {"values": list(range(-(max_tick := math.ceil(chart.max_abs_value)), max_tick + 1))}
    else:
        ticks = {"tickCount": 4} | ({"tickMinStep": 1} if chart.integer_values else {})
    scale = {"domain": list(chart.scale_of(line)), "nice": chart.shared_scale}
    return {"scale": scale, "axis": {"title": None, "minExtent": 40, "maxExtent": 40} | tick_format | ticks}
