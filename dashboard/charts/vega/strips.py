"""Draws charts over time as heat strips, one row per account, as static images. Rows of bars belong in `facets.py`."""

from typing import Any

from dashboard.charts.palette import SEMANTIC_COLORS
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import strip_label_width, strip_labels
from dashboard.charts.vega.theme import PADDING_PX, Theme, non_plot_height
from dashboard.charts.vega.time_axis import nominal_encoding, time_axis, to_milliseconds

_MIN_ROW_PX, _READABLE_ROW_PX = 14, 26
_TYPICAL_WIDTH_PX = 900
_RIGHT_PX = 18  # for the last label of the axis of time
_ROW_GAP_SHARE = 0.2  # of a row


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the strips as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    left = round(strip_label_width(chart, width))
    size = (width - 2 * PADDING_PX - left - _RIGHT_PX, height - non_plot_height(chart, width, left_offset=left_offset(chart)))
    labels = strip_labels(chart, width)
    axis = {"title": None, "domain": False, "ticks": False, "grid": False, "minExtent": left, "maxExtent": left, "labelLimit": left}
    y = nominal_encoding("label", scale={"domain": labels, "paddingInner": _ROW_GAP_SHARE}, axis=axis | {"labelFontSize": 12})
    encoding = {
        "x": time_axis(chart, size[0]),
        "x2": {"field": "end"},
        "y": y,
        "color": nominal_encoding("colour", scale=None),
        "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
    }
    cells = {"data": {"name": "cells"}, "mark": {"type": "rect", "stroke": None}, "encoding": encoding, "width": size[0], "height": size[1]}
    return {"vconcat": [cells], "bounds": "flush", "datasets": {"cells": _build_cells(chart, labels)}}


def left_offset(chart: TimeSeriesChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the longest name, as far as it's shown."""
    return round(strip_label_width(chart, _TYPICAL_WIDTH_PX))


def min_plot_height(chart: TimeSeriesChart) -> int:
    """Return the smallest height in pixels that all rows need."""
    return _MIN_ROW_PX * len(chart.series)


def readable_height(chart: TimeSeriesChart, width: int) -> int:
    """Return a height at which each row is comfortable to read."""
    return non_plot_height(chart, width, left_offset=left_offset(chart)) + _READABLE_ROW_PX * len(chart.series)


def _build_cells(chart: TimeSeriesChart, labels: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "x": to_milliseconds(start),
            "end": to_milliseconds(end),
            "label": label,
            "colour": SEMANTIC_COLORS[chart.cell_tone(value)],
            "opacity": opacity,
        }
        for line, label in zip(chart.series, labels, strict=True)
        for start, end, value, opacity in zip(line.x, chart.interval_ends(line), line.y, chart.cell_opacities(line), strict=True)
        if value is not None
    ]
