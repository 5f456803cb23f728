"""Charts as interactive figures: a Picture -> the plain JSON that plotly.js draws. plotly.py, 15 MiB of memory, checks it in the tests.

Colours of ink, grid and background are the page's, given by its script from the style sheet, so a figure suits light and dark. A kind of
picture is one module with `draw` (traces and layout) and `height`, and one line here.
"""

from typing import Any

from dashboard.charts.plotlyjs import bars, heatmap, scatter, time_series
from dashboard.charts.spec import PALETTE, SEMANTIC_COLORS, BarChart, Chart, HeatmapChart, ScatterChart, TimeSeriesChart, color_on_dark

# The mode bar's “Share chart” would send the data to Plotly's cloud; it is off, and so is every address it could go to.
PLOTLY_CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "doubleClick": "reset",  # and nothing else: zooming out beyond the scale that was given says nothing
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],  # its image lacks title, dates and source; ours are linked
}
_DARK_DATA_COLORS = {colour: color_on_dark(colour) for colour in (*PALETTE, *SEMANTIC_COLORS.values())}
MAX_MARKS = 5_000
_WRITERS: dict[type[Chart], Any] = {TimeSeriesChart: time_series, BarChart: bars, HeatmapChart: heatmap, ScatterChart: scatter}


def build_figure(chart: Chart) -> dict[str, Any]:
    """Return {"data", "layout", "config"} as plain JSON values, and `dark`: colours of data that a dark ground wants otherwise.

    `narrow` is a layout for plots narrower than `below`, if it has one. A picture of more than MOST_MARKS has {"layout"} with its height
    alone: a page would weigh megabytes, and no mark could be met.
    """
    if chart.mark_count > MAX_MARKS:
        return {"layout": {"height": figure_height(chart)}}
    given = _WRITERS[type(chart)].build_figure(chart)
    narrow = {"narrow": given["narrow"]} if "narrow" in given else {}
    return {
        "data": given["data"],
        "layout": _base_layout(chart) | given["layout"],
        "config": PLOTLY_CONFIG,
        "dark": _DARK_DATA_COLORS,
    } | narrow


def figure_height(chart: Chart) -> int:
    """Return the pixels that the figure needs."""
    return int(_WRITERS[type(chart)].figure_height(chart))


def _base_layout(chart: Chart) -> dict[str, Any]:
    margin = {"l": 56, "r": 16, "t": 28, "b": 40}
    return {"height": figure_height(chart), "margin": margin, "hoverlabel": {"align": "left"}}
