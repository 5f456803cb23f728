"""Build interactive figures of heat strips, one row per account. Rows of bars belong in `facets.py`.

Each cell is a bar, because the small plotly.js bundle has no heat maps.
"""

from typing import Any

from dashboard.charts.palette import SEMANTIC_COLORS
from dashboard.charts.plotlyjs.parts import escape_markup, to_rgba
from dashboard.charts.plotlyjs.time_axis import BOTTOM_PX, NARROW_PX, TOP_PX, WIDE_PX, base_trace, time_axis
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import strip_labels

_ROW_PX, _FILL_SHARE, _RIGHT_PX = 26, 0.8, 16


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` that with shorter labels."""
    traces = [_row_trace(chart, line, row) for row, line in enumerate(chart.series)]
    narrow = _build_layout(chart, NARROW_PX) | {"height": figure_height(chart)}
    return {"data": traces, "layout": _build_layout(chart, WIDE_PX), "narrow": {"below": WIDE_PX, "layout": narrow}}


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return TOP_PX + BOTTOM_PX + _ROW_PX * len(chart.series)


def _row_trace(chart: TimeSeriesChart, line: TimeSeries, row: int) -> dict[str, Any]:
    """Return an account's cells; those without a value are as pale as a balance of zero, and their tooltip says why."""
    shades = zip(line.y, chart.cell_opacities(line), strict=True)
    colors = [to_rgba(SEMANTIC_COLORS[chart.cell_tone(value)], opacity if value is not None else 0) for value, opacity in shades]
    bars = {"y": [_FILL_SHARE] * len(line.x), "base": row + (1 - _FILL_SHARE) / 2, "offset": 0, "width": chart.interval_hours * 3_600_000}
    return base_trace(line, ()) | bars | {"type": "bar", "marker": {"color": colors, "line": {"width": 0}}}


def _build_layout(chart: TimeSeriesChart, width: int) -> dict[str, Any]:
    names = {
        "tickvals": [row + 0.5 for row in range(len(chart.series))],
        "ticktext": [escape_markup(name) for name in strip_labels(chart, width)],
    }
    rows = {"range": [len(chart.series), 0], "automargin": True, "fixedrange": True, "zeroline": False, "showgrid": False, "anchor": "x"}
    margin = {"l": 8, "r": _RIGHT_PX, "t": TOP_PX, "b": BOTTOM_PX}
    shared = {"showlegend": False, "barmode": "overlay", "hovermode": "closest", "margin": margin}
    return {"xaxis": time_axis(chart, "y"), "yaxis": names | rows} | shared
