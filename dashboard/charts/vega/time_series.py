"""Chooses how an image draws a chart over time: as lines in one plot (`lines.py`), or as a row of bars per account (`facets.py`).

Which values are drawn, and in which colours, is decided by the chart.
"""

from typing import Any

from dashboard.charts.spec import TimeSeriesChart
from dashboard.charts.vega import facets, lines
from dashboard.charts.vega.theme import LEFT_AXIS_PX, Theme


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    return facets.build_view(chart, width, height, theme) if chart.faceted else lines.build_view(chart, width, height, theme)


def left_offset(chart: TimeSeriesChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the left axis if there are facets."""
    return LEFT_AXIS_PX * chart.faceted


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the smallest height in pixels that the plots need at this width."""
    return facets.min_plot_height(chart) if chart.faceted else lines.min_plot_height(chart, width)


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that keeps each facet readable: `min_height`, or more if there are many facets."""
    return facets.readable_height(chart, min_height, width) if chart.faceted else min_height
