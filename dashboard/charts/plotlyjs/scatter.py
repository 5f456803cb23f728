"""Build interactive figures of scatter charts, with medians on top.

plotly.js has no axis for log(1 + y), so positions are computed here and ticks are labelled explicitly. Which posts are drawn is decided by
the chart.
"""

from math import log10
from typing import Any

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup
from dashboard.charts.spec.scatter import Point, ScatterChart, ScatterSeries

_BASE_HEIGHT_PX, _LEGEND_LINE_PX, _NAMES_PER_LEGEND_LINE = 460, 20, 3


def build_figure(chart: ScatterChart) -> dict[str, Any]:
    """Return the traces (`data`) and the layout of the figure."""
    traces = [_point_trace(chart, series) for series in chart.series]
    traces += [_median_trace(chart, series) for series in chart.series if series.medians]
    axes = {"xaxis": _x_axis(chart), "yaxis": _y_axis(chart)}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    shared = {"showlegend": len(chart.series) > 1, "legend": legend, "hovermode": "closest"}
    return {"data": traces, "layout": axes | shared}


def figure_height(chart: ScatterChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return _BASE_HEIGHT_PX + _LEGEND_LINE_PX * (len(chart.series) // _NAMES_PER_LEGEND_LINE)


def _point_trace(chart: ScatterChart, series: ScatterSeries) -> dict[str, Any]:
    marker = {"color": series.style.color, "symbol": series.style.symbol, "size": 6, "opacity": 0.6}
    return _base_trace(chart, series, series.points) | {"marker": marker, "showlegend": False}


def _median_trace(chart: ScatterChart, series: ScatterSeries) -> dict[str, Any]:
    color = series.style.color
    lengths = [_error_lengths(chart, median) for median in series.medians]
    bounds = {"array": [up for _, up in lengths], "arrayminus": [down for down, _ in lengths]}
    whisker = {"type": "data", "symmetric": False, "color": color, "thickness": 3, "width": 6} | bounds
    marker = {"color": color, "symbol": series.style.symbol, "size": 12, "line": {"width": 1.5, "color": "#ffffff"}}
    return _base_trace(chart, series, series.medians) | {"marker": marker, "error_y": whisker}


def _base_trace(chart: ScatterChart, series: ScatterSeries, points: tuple[Point, ...]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "legendgroup": series.account,
        "x": [point.x for point in points],
        "y": [_y_position(chart, point.y) for point in points],
        "name": escape_markup(series.label),
        "hovertext": [escape_markup(point.tooltip).replace("\n", "<br>") for point in points],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "customdata": [encode_post_query(point.post_query) for point in points],
    }


def _error_lengths(chart: ScatterChart, point: Point) -> tuple[float, float]:
    """Return the lengths of the interval below and above the point, on the scale of the axis."""
    if point.low is None or point.high is None:
        return 0, 0
    center = _y_position(chart, point.y)
    return round(center - _y_position(chart, point.low), 3), round(_y_position(chart, point.high) - center, 3)


def _y_position(chart: ScatterChart, value: float) -> float:
    return round(log10(1 + value), 3) if chart.log_y else value


def _x_axis(chart: ScatterChart) -> dict[str, Any]:
    axis = {"range": list(chart.x_range), "title": {"text": chart.x_title}, "zeroline": False, "automargin": True}
    return axis | ({"tickvals": chart.x_ticks, "ticks": "outside"} if chart.integer_x else {"tickformat": ".1f"})


def _y_axis(chart: ScatterChart) -> dict[str, Any]:
    axis = {"title": {"text": chart.y_title}, "automargin": True, "zeroline": True}
    if not chart.log_y:
        return axis | {"rangemode": "tozero"}
    ticks = {"tickvals": [_y_position(chart, value) for value, _ in chart.y_ticks], "ticktext": [name for _, name in chart.y_ticks]}
    return axis | ticks | {"range": [-0.06, _y_position(chart, chart.max_y) * 1.04 + 0.02]}
