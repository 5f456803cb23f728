"""Chooses how an image draws a chart over time: lines in one plot, or a row of bars or a heat strip per account.

Which values are drawn, and in which colours, is decided by the chart.
"""

from typing import Any

from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.vega import facets, lines, strips
from dashboard.charts.vega.theme import LEFT_AXIS_PX, Theme


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    return dict(_choose_writer(chart).build_view(chart, width, height, theme))


def left_offset(chart: TimeSeriesChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the left axis."""
    return strips.left_offset(chart) if chart.mark == "strip" else LEFT_AXIS_PX


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the smallest height in pixels that the plots need at this width."""
    if chart.mark == "strip":
        return strips.min_plot_height(chart)
    return facets.min_plot_height(chart) if chart.faceted else lines.min_plot_height(chart, width)


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that keeps each facet readable: `min_height`, or more if there are many facets."""
    if chart.mark == "strip":
        return strips.readable_height(chart, width)
    return facets.readable_height(chart, min_height, width) if chart.faceted else min_height


def _choose_writer(chart: TimeSeriesChart) -> Any:
    return strips if chart.mark == "strip" else facets if chart.faceted else lines
