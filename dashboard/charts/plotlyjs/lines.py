"""Build interactive figures of lines in a single plot. Rows of bars belong in `facets.py`."""

from typing import Any

from dashboard.charts.label_layout import PlacedLabel
from dashboard.charts.plotlyjs.parts import escape_markup, heading_font
from dashboard.charts.plotlyjs.time_axis import (
    BOTTOM_PX,
    LEFT_PX,
    NARROW_PX,
    TOP_PX,
    WIDE_PX,
    base_trace,
    integer_steps,
    number_format,
    peak_label,
    peak_trace,
    time_axis,
)
from dashboard.charts.spec.time_series import TimeSeries
from dashboard.charts.spec.time_series_chart import TimeSeriesChart
from dashboard.charts.time_layout import end_label_width, has_end_labels, place_end_labels, place_line_peaks

_PLOTLY_DASHES = {(): "solid", (6, 3): "dash", (2, 2): "dot", (8, 3, 2, 3): "dashdot"}
_MAX_POINTS_WITH_MARKS = 60
_HEIGHT_PX = 380
_PLOT_PX = _HEIGHT_PX - TOP_PX - BOTTOM_PX
_BOLD_WIDTH_RATIO = 1.35  # of the bold letters of names to those of other labels
_RIGHT_PX = 16  # the margin without names


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` the layout for a plot too narrow for names beside the lines."""
    show_all = max((len(line.x) for line in chart.series), default=0) <= _MAX_POINTS_WITH_MARKS
    traces = [_line_trace(line, show_all=show_all) for line in chart.series]
    traces += [_gap_trace(line, way) for line in chart.series if not line.is_sparse for way in line.dashed_ways]
    traces += [peak_trace(chart, line, "y") for line in chart.series if line.peaks]
    axes = {"xaxis": time_axis(chart, "y"), "yaxis": _value_axis(chart), "hovermode": "closest"}
    narrow = axes | _name_lines(chart, NARROW_PX) | {"height": _HEIGHT_PX}
    return {"data": traces, "layout": axes | _name_lines(chart, WIDE_PX), "narrow": {"below": WIDE_PX, "layout": narrow}}


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return _HEIGHT_PX


def _name_lines(chart: TimeSeriesChart, width: float) -> dict[str, Any]:
    """Return the part of a layout that names lines and peaks in a figure at least `width` pixels wide."""
    has_labels = has_end_labels(chart, width)
    right = _BOLD_WIDTH_RATIO * end_label_width(chart, width) if has_labels else _RIGHT_PX
    size = (width - LEFT_PX - right, _PLOT_PX)
    annotations = [peak_label(line, peak, label, size) for line, (peak, label) in place_line_peaks(chart, size)]
    annotations += [_end_label(line, label) for line, label in place_end_labels(chart, size)] if has_labels else []
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    margin = {"l": LEFT_PX, "r": round(right), "t": TOP_PX, "b": BOTTOM_PX}
    return {"showlegend": len(chart.series) > 1 and not has_labels, "legend": legend, "annotations": annotations, "margin": margin}


def _end_label(line: TimeSeries, label: PlacedLabel) -> dict[str, Any]:
    """Return the name of a line, beside its end."""
    placement = {"xref": "paper", "x": 1, "xanchor": "left", "xshift": 4, "yref": "paper", "y": 1 - label.y / _PLOT_PX, "yanchor": "middle"}
    return placement | {"showarrow": False, "text": escape_markup(label.text), "font": heading_font(line.style.color)}


def _line_trace(line: TimeSeries, *, show_all: bool) -> dict[str, Any]:
    """Return a line; a sparse one as dots, because it would only zigzag."""
    mode = "markers" if line.is_sparse else "lines+markers" if show_all or any(line.hollow) else "lines"
    return base_trace(line, line.y) | {
        "type": "scatter",
        "mode": mode,
        "cliponaxis": False,
        "line": {"color": line.style.color, "dash": _PLOTLY_DASHES[line.style.dash], "width": 2},
        "marker": _marker_style(line, show_all=show_all or line.is_sparse),
    }


def _marker_style(series: TimeSeries, *, show_all: bool) -> dict[str, Any]:
    """Return the style of a line's markers. Unless `show_all`, only those of incomplete intervals are visible."""
    if not any(series.hollow):
        return {"symbol": series.style.symbol, "size": 6}
    symbols = [series.style.symbol + "-open" * outlined for outlined in series.hollow]
    outline = {"width": [2 * outlined for outlined in series.hollow], "color": series.style.color}
    return {"symbol": symbols, "size": [8 if outlined else 6 * show_all for outlined in series.hollow], "line": outline}


def _gap_trace(line: TimeSeries, way: slice) -> dict[str, Any]:
    """Return dots that interrupt the way to an incomplete interval; the page's script gives them the colour of the background."""
    ends = {"x": [start.isoformat() for start in line.x[way]], "y": list(line.y[way]), "legendgroup": escape_markup(line.account)}
    dots = {"dash": "dot", "width": 4, "color": "#ffffff"}
    return ends | {"type": "scatter", "mode": "lines", "line": dots, "meta": "gap", "hoverinfo": "skip", "showlegend": False}


def _value_axis(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the axis of values, which begins at zero."""
    return {"zeroline": True, "automargin": True, "range": [0, chart.line_top(_PLOT_PX)]} | number_format(chart) | integer_steps(chart)
