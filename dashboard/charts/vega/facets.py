"""Draws charts over time as rows of bars, one row per account, as static images.

Each row has a scale of its own, or all share one, as the chart says. Lines in a single plot belong in `lines.py`.
"""

import math
from typing import Any

from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import place_facet_labels
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, non_plot_height
from dashboard.charts.vega.time_axis import (
    EXPLICIT_TICKS_BELOW,
    build_rows,
    label_layer,
    nominal_encoding,
    quantitative_encoding,
    time_axis,
    time_scale,
)

_GAP_PX = 36  # above a facet, for its heading
_HEADING_OFFSET_PX = 6  # between a facet and its heading
_MIN_FACET_PX = 34  # the smallest height of a facet, without the gap above it
_READABLE_FACET_PX, _CROWDED_FACET_PX, _MAX_UNCROWDED_FACETS = 104, 50, 4  # a comfortable height, and one where there are many
_TICK_LABEL_PX = 12  # the height of a label on the axis of values


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the rows as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    plots_height = height - non_plot_height(chart, width, left_offset=LEFT_AXIS_PX)
    size = (width - 2 * PADDING_PX - LEFT_AXIS_PX, plots_height / len(chart.series) - _GAP_PX)
    rows = [_build_row(chart, line, size, theme) | {"data": {"name": str(index)}} for index, line in enumerate(chart.series)]
    datasets = {str(index): build_rows(line, chart.interval_hours) for index, line in enumerate(chart.series)}
    return {"vconcat": rows, "bounds": "flush", "spacing": _GAP_PX, "datasets": datasets}


def min_plot_height(chart: TimeSeriesChart) -> int:
    """Return the smallest height in pixels that all rows need."""
    return len(chart.series) * (_GAP_PX + _MIN_FACET_PX)


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that keeps each row readable: `min_height`, or more if there are many rows."""
    count = len(chart.series)
    row_height = _GAP_PX + (_READABLE_FACET_PX if count <= _MAX_UNCROWDED_FACETS else _CROWDED_FACET_PX)
    return max(min_height, non_plot_height(chart, width, left_offset=LEFT_AXIS_PX) + row_height * count)


def _build_row(chart: TimeSeriesChart, line: TimeSeries, size: tuple[float, float], theme: Theme) -> dict[str, Any]:
    width, height = size
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": _HEADING_OFFSET_PX}
    heading |= {"text": line.label, "color": line.style.color}
    layers = _bar_layers(chart, line, size, theme, show_labels=line is chart.series[-1])
    return layers | {"width": width, "height": height, "title": heading}


def _bar_layers(chart: TimeSeriesChart, line: TimeSeries, size: tuple[float, float], theme: Theme, *, show_labels: bool) -> dict[str, Any]:
    """Return the layers of a row: pale bars from the negative to the positive sum, the bars themselves, and what is drawn over them."""
    y_encoding = _value_axis(chart, line, size[1])
    base = {"x": time_axis(chart, size[0], show_labels=show_labels), "x2": {"field": "end"}}
    base |= {"color": nominal_encoding("colour", scale=None)}
    values = base | {"y": quantitative_encoding("y", y_encoding), "y2": {"field": "zero"}} | _hollow_encoding(chart)
    sums = base | {"y": quantitative_encoding("up", y_encoding), "y2": {"field": "down"}}
    sum_layer = {"mark": {"type": "bar", "opacity": theme.background_bar_opacity}, "encoding": sums}
    bar_layer = {"mark": {"type": "bar"}, "encoding": values}
    overlay = [_whisker_layer(chart, theme, y_encoding)] * bool(line.low)
    labels = [(label.text, label.x, label.y, line.style.color) for _, label in place_facet_labels(chart, line, size)]
    return {"layer": [sum_layer] * bool(line.positive) + [bar_layer] + overlay + ([label_layer(labels)] if labels else [])}


def _hollow_encoding(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the encoding that draws hollow bars as outlines, empty if there are none."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": nominal_encoding("colour", scale=None),
        "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0}, "value": 1},
        "strokeWidth": {"condition": {"test": "datum.hollow", "value": 1.2}, "value": 0},
    }


def _whisker_layer(chart: TimeSeriesChart, theme: Theme, y_encoding: dict[str, Any]) -> dict[str, Any]:
    """Return the layer of confidence intervals over the bars."""
    return {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": theme.muted, "strokeWidth": 1, "clip": True},
        "encoding": {
            "x": {"field": "middle", "type": "temporal", "scale": time_scale(chart)},
            "y": quantitative_encoding("low", y_encoding),
            "y2": {"field": "high"},
        },
    }


def _value_axis(chart: TimeSeriesChart, line: TimeSeries, height: float) -> dict[str, Any]:
    """Return scale and axis of a row: round numbers if all rows share them, otherwise zero and the ends of its bars."""
    tick_format: dict[str, Any] = {"format": ".0%" if chart.percent else ",d" if chart.integer_values else ",.2~f"}
    if not chart.shared_scale:
        ticks: dict[str, Any] = {"values": chart.tick_values(line, _TICK_LABEL_PX / height)}
    elif chart.integer_values and chart.max_abs_value < EXPLICIT_TICKS_BELOW:
        ticks = {"values": list(range(-(max_tick := math.ceil(chart.max_abs_value)), max_tick + 1))}
    else:
        ticks = {"tickCount": 4} | ({"tickMinStep": 1} if chart.integer_values else {})
    scale = {"domain": list(chart.facet_range(line, height)), "nice": False}
    return {"scale": scale, "axis": {"title": None, "minExtent": 40, "maxExtent": 40} | tick_format | ticks}
