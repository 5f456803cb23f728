"""Choose how the page draws a chart over time: lines in one plot, or a row of bars or a heat strip per account.

Which values are drawn, and in which colours, is decided by the chart.
"""

from typing import Any

from dashboard.charts.plotlyjs import facets, lines, strips
from dashboard.charts.spec.time_series_chart import TimeSeriesChart


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the traces (`data`), the layout, and as `narrow` that of a narrow figure."""
    return dict(_choose_writer(chart).build_figure(chart))


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return int(_choose_writer(chart).figure_height(chart))


def _choose_writer(chart: TimeSeriesChart) -> Any:
    return strips if chart.mark == "strip" else facets if chart.faceted else lines
