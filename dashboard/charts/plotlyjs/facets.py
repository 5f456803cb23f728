"""Build interactive figures of rows of bars, one row per account. Lines in a single plot belong in `lines.py`."""

from typing import Any

from dashboard.charts.plotlyjs.parts import escape_markup, heading_font
from dashboard.charts.plotlyjs.time_axis import (
    BAR_WIDTH_SHARE,
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
from dashboard.charts.time_layout import place_facet_labels

_MIN_HEIGHT_PX = 300
_ROW_PX_BY_MAX_COUNT = {4: 140, 10: 76}  # with the heading; the more rows, the lower they are
_MIN_ROW_PX = 54
_HEADING_PX, _RIGHT_PX = 30, 16
_TICK_LABEL_PX = 16  # the height of a label on an axis of values
_SCALE_PADDING_SHARE = 0.06  # of the range of values, added beyond the outermost bar


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` the layout for a plot too narrow for some labels."""
    count, traces, labels = len(chart.series), list[dict[str, Any]](), (list[dict[str, Any]](), list[dict[str, Any]]())
    plot_height = figure_height(chart) - TOP_PX - BOTTOM_PX
    axes: dict[str, Any] = {"xaxis": time_axis(chart, f"y{count}" if count > 1 else "y")}
    for index, line in enumerate(chart.series):
        axis_name = f"y{index + 1}" if index else "y"
        domain = (count - index - 1) / count, (count - index) / count - _HEADING_PX / plot_height
        row_height = (domain[1] - domain[0]) * plot_height
        matches = {"matches": "y"} if index and chart.shared_scale else {}
        axes[axis_name.replace("y", "yaxis")] = _value_axis(chart, line, row_height) | {"domain": list(domain), "anchor": "x"} | matches
        for annotations, width in zip(labels, (WIDE_PX, NARROW_PX), strict=True):
            annotations += _row_labels(chart, line, (width - LEFT_PX - _RIGHT_PX, row_height), domain)
        traces += _row_traces(chart, line, axis_name)
    margin = {"l": LEFT_PX, "r": _RIGHT_PX, "t": TOP_PX, "b": BOTTOM_PX}
    layout = axes | {"showlegend": False, "barmode": "overlay", "hovermode": "closest", "margin": margin}
    narrow = layout | {"height": figure_height(chart), "annotations": labels[1]}
    return {"data": traces, "layout": layout | {"annotations": labels[0]}, "narrow": {"below": WIDE_PX, "layout": narrow}}


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the height that the figure needs, in pixels."""
    count = len(chart.series)
    row_height = next((height for max_count, height in _ROW_PX_BY_MAX_COUNT.items() if count <= max_count), _MIN_ROW_PX)
    return max(_MIN_HEIGHT_PX, 60 + row_height * count)


def _row_traces(chart: TimeSeriesChart, line: TimeSeries, axis_name: str) -> list[dict[str, Any]]:
    """Return pale bars for the sums, the bars themselves, and marks for their peaks."""
    sums = [_bar_trace(chart, line, values, axis_name, is_background=True) for values in (line.positive, line.negative) if values]
    peaks = [peak_trace(chart, line, axis_name)] if line.peaks else []
    return [*sums, _bar_trace(chart, line, line.y, axis_name, is_background=False), *peaks]


def _row_labels(chart: TimeSeriesChart, line: TimeSeries, size: tuple[float, float], domain: tuple[float, float]) -> list[dict[str, Any]]:
    """Return the account's name above its row, and the labels of its peaks."""
    name = {"xref": "paper", "yref": "paper", "x": 0, "y": domain[1], "xanchor": "left", "yanchor": "bottom", "yshift": 3}
    name |= {"showarrow": False, "text": escape_markup(line.label), "font": heading_font(line.style.color)}
    return [name, *(peak_label(line, peak, label, size, domain) for peak, label in place_facet_labels(chart, line, size))]


def _bar_trace(
    chart: TimeSeriesChart, series: TimeSeries, values: tuple[float | None, ...], axis_name: str, *, is_background: bool
) -> dict[str, Any]:
    milliseconds = chart.interval_hours * 3_600_000
    marker = {"color": series.style.color, "opacity": 0.22} if is_background else _bar_style(series)
    extras = {"meta": "pale"} if is_background else {"error_y": _error_bars(series)} if series.low else {}
    placement = {"yaxis": axis_name, "width": milliseconds * BAR_WIDTH_SHARE, "offset": 0}
    return base_trace(series, values) | extras | placement | {"type": "bar", "marker": marker}


def _bar_style(series: TimeSeries) -> dict[str, Any]:
    """Return the style of bars: filled with the account's colour, or outlined in it if hollow."""
    hollow = series.hollow
    colors = ["rgba(0,0,0,0)" if outlined else series.style.color for outlined in hollow] if any(hollow) else series.style.color
    return {"color": colors, "opacity": 1, "line": {"color": series.style.color, "width": [1.5 * outlined for outlined in hollow]}}


def _error_bars(series: TimeSeries) -> dict[str, Any]:
    """Return the confidence interval of each value; the page's script sets its colour to that of faint text."""
    lengths = [
        (0, 0) if value is None or low is None or high is None else (high - value, value - low)
        for value, low, high in zip(series.y, series.low, series.high, strict=True)
    ]
    ends = {"array": [up for up, _ in lengths], "arrayminus": [down for _, down in lengths]}
    return {"type": "data", "symmetric": False, "thickness": 1, "width": 0} | ends


def _value_axis(chart: TimeSeriesChart, series: TimeSeries, height: float) -> dict[str, Any]:
    """Return the axis of values of a row: round numbers if all rows share them, otherwise zero and the ends of its bars."""
    low, high = chart.facet_range(series, height)
    padding = _SCALE_PADDING_SHARE * (high - low)
    axis_range = [low - padding * (low < 0), high + padding * (not chart.percent or high < 1)]
    steps = integer_steps(chart) if chart.shared_scale else {"tickvals": chart.tick_values(series, _TICK_LABEL_PX / height)}
    return {"zeroline": True, "automargin": True, "range": axis_range} | number_format(chart) | steps
