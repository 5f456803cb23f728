"""Turn charts into interactive figures: the plain JSON that plotly.js draws.

plotly.py validates this JSON in the tests only, because it takes 15 MiB of memory. The page's script sets the colours of text, grid and
background from the style sheet, so a figure suits light and dark themes; they don't belong here. A kind of chart is one module with
`build_figure` (traces and layout) and `figure_height`, and one line in _WRITERS.
"""

from typing import Any

from dashboard.charts.palette import DARK_COLORS
from dashboard.charts.plotlyjs import bars, heatmap, scatter, time_series
from dashboard.charts.spec.bars import BarChart
from dashboard.charts.spec.chart import Chart
from dashboard.charts.spec.heatmap import HeatmapChart
from dashboard.charts.spec.scatter import ScatterChart
from dashboard.charts.spec.time_series_chart import TimeSeriesChart

# Plotly's “Share chart” would send the data to its cloud, so it is off, and its server address is empty.
PLOTLY_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "doubleClick": "reset",  # instead of zooming out beyond the given scale
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "displayModeBar": False,  # its buttons would be stops of the Tab key; dragging zooms, a double-click resets
}
MAX_MARKS = 5_000
_WRITERS: dict[type[Chart], Any] = {TimeSeriesChart: time_series, BarChart: bars, HeatmapChart: heatmap, ScatterChart: scatter}


def build_figure(chart: Chart) -> dict[str, Any]:
    """Return {"data", "layout", "config", "dark"} as plain JSON values.

    `dark` maps the colours of data to those for dark backgrounds. Some charts add `narrow`: {"below": pixels, "layout"}, a layout for plots
    narrower than that. A chart of more than MAX_MARKS has only {"layout"} with its height, because the page would weigh megabytes and
    nobody could point at a single mark.
    """
    if chart.mark_count > MAX_MARKS:
        return {"layout": {"height": figure_height(chart)}}
    figure = _WRITERS[type(chart)].build_figure(chart)
    narrow = {"narrow": figure["narrow"]} if "narrow" in figure else {}
    return {
        "data": figure["data"],
        "layout": _base_layout(chart) | figure["layout"],
        "config": PLOTLY_CONFIG,
        "dark": DARK_COLORS,
    } | narrow


def figure_height(chart: Chart) -> int:
    """Return the height that the figure needs, in pixels."""
    return int(_WRITERS[type(chart)].figure_height(chart))


def _base_layout(chart: Chart) -> dict[str, Any]:
    margin = {"l": 56, "r": 16, "t": 28, "b": 40}
    return {"height": figure_height(chart), "margin": margin, "hoverlabel": {"align": "left"}}
