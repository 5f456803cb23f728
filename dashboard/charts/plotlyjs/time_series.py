"""Build interactive figures of time series: lines in one plot, or a row of bars per account.

Which values are drawn, and in which colours, is decided by the chart.
"""

import math
from datetime import timedelta
from typing import Any

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup, heading_font
from dashboard.charts.spec import TimeSeries, TimeSeriesChart

_PLOTLY_DASHES = {(): "solid", (6, 3): "dash", (2, 2): "dot", (8, 3, 2, 3): "dashdot"}
_MAX_POINTS_WITH_MARKS = 60
_UNIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels
_HEADING_PX = 30  # pixels above a facet
_EVENT_NUMBER_PX = 14  # pixels between a facet and its heading, for the numbers above the tallest bars
_TICK_LABEL_PX = 16  # the height of a label on an axis of values
_BAR_WIDTH_SHARE = 0.88  # of an interval
_SCALE_PADDING_SHARE = 0.06  # of the range of values, added beyond the outermost bar


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the traces (`data`) and the layout of the figure."""
    return _build_facets(chart) if chart.faceted else _build_single_plot(chart)


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return max(320, 80 + (130 + _event_space(chart)) * len(chart.series)) if chart.faceted else 380


def _event_space(chart: TimeSeriesChart) -> int:
    return _EVENT_NUMBER_PX if any(line.events for line in chart.series) else 0


def _build_single_plot(chart: TimeSeriesChart) -> dict[str, Any]:
    show_all = max((len(line.x) for line in chart.series), default=0) <= _MAX_POINTS_WITH_MARKS
    traces = [
        _base_trace(line, line.y)
        | {
            "type": "scatter",
            "mode": "lines+markers" if show_all or any(line.hollow) else "lines",
            "cliponaxis": False,
            "line": {"color": line.style.color, "dash": _PLOTLY_DASHES[line.style.dash], "width": 2},
            "marker": _marker_style(line, show_all=show_all),
        }
        for line in chart.series
    ]
    traces += [_event_trace(chart, line, "y") for line in chart.series if line.events]
    axes = {"xaxis": _time_axis(chart, "y"), "yaxis": _line_axis(chart) | {"title": {"text": chart.y_title}}}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return {"data": traces, "layout": axes | {"showlegend": True, "legend": legend, "hovermode": "closest"}}


def _marker_style(series: TimeSeries, *, show_all: bool) -> dict[str, Any]:
    """Return the style of a line's markers. Unless `show_all`, only the hollow ones are visible."""
    hollow = series.hollow or (False,) * len(series.x)
    if not any(hollow):
        return {"symbol": series.style.symbol, "size": 6}
    symbols = [series.style.symbol + "-open" * outlined for outlined in hollow]
    outline = {"width": [2 * outlined for outlined in hollow], "color": series.style.color}
    return {"symbol": symbols, "size": [8 if outlined else 6 * show_all for outlined in hollow], "line": outline}


def _event_trace(chart: TimeSeriesChart, series: TimeSeries, axis_name: str) -> dict[str, Any]:
    """Return a trace with a numbered mark above each point that stands out, 1 for the strongest."""
    max_value = chart.scale_of(series)[1] if chart.faceted else math.inf
    bar_center = timedelta(hours=chart.interval_hours * _BAR_WIDTH_SHARE / 2 if chart.faceted else 0)
    marker = {
        "color": series.style.color,
        "symbol": "circle-open",
        "size": 11,
        "line": {"width": 1.5},
        "opacity": 0 if chart.faceted else 1,
    }
    links = {"customdata": [encode_post_query(series.post_queries[index]) for index, _ in series.events]} if series.post_queries else {}
    return links | {
        "type": "scatter",
        "x": [(series.x[index] + bar_center).isoformat() for index, _ in series.events],
        "y": [series.upper_end(index, max_value) for index, _ in series.events],
        "text": [f"{number}" if chart.faceted else f"{number}<br>▾" for number, _ in enumerate(series.events, 1)],
        "hovertext": [escape_markup(f"{number}: {name}").replace("\n", "<br>") for number, (_, name) in enumerate(series.events, 1)],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "name": escape_markup(series.label),
        "mode": "text+markers",
        "textposition": "top center",
        "textfont": {"color": series.style.color, "size": 12, "weight": 700},
        "marker": marker,
        "showlegend": False,
        "cliponaxis": False,
        "yaxis": axis_name,
    }


def _build_facets(chart: TimeSeriesChart) -> dict[str, Any]:
    count = len(chart.series)
    axes: dict[str, Any] = {"xaxis": _time_axis(chart, f"y{count}" if count > 1 else "y")}
    headings, traces = [], []
    for index, line in enumerate(chart.series):
        axis_name = f"y{index + 1}" if index else "y"
        bottom, top = (count - index - 1) / count, (count - index) / count - (_HEADING_PX + _event_space(chart)) / figure_height(chart)
        placement = {"domain": [bottom, top], "anchor": "x"} | ({"matches": "y"} if index and chart.shared_scale else {})
        axes[axis_name.replace("y", "yaxis")] = _facet_axis(chart, line, (top - bottom) * figure_height(chart)) | placement
        headings.append(_facet_heading(line, top, _event_space(chart)))
        traces += [_bar_trace(chart, line, values, axis_name, is_background=True) for values in (line.positive, line.negative) if values]
        traces.append(_bar_trace(chart, line, line.y, axis_name, is_background=False))
        traces += [_event_trace(chart, line, axis_name)] if line.events else []
    return {"data": traces, "layout": axes | {"showlegend": False, "barmode": "overlay", "annotations": headings}}


def _bar_trace(
    chart: TimeSeriesChart, series: TimeSeries, values: tuple[float | None, ...], axis_name: str, *, is_background: bool
) -> dict[str, Any]:
    milliseconds = chart.interval_hours * 3_600_000
    marker = {"color": series.style.color, "opacity": 0.22} if is_background else _bar_style(series)
    extras = {"meta": "pale"} if is_background else {"error_y": _error_bars(series)} if series.low else {}
    placement = {"yaxis": axis_name, "width": milliseconds * _BAR_WIDTH_SHARE, "offset": 0}
    return _base_trace(series, values) | extras | placement | {"type": "bar", "marker": marker}


def _bar_style(series: TimeSeries) -> dict[str, Any]:
    """Return the style of bars: filled with the account's colour, or outlined in it if hollow."""
    hollow = series.hollow or (False,) * len(series.x)
    colors = ["rgba(0,0,0,0)" if outlined else series.style.color for outlined in hollow] if any(hollow) else series.style.color
    return {"color": colors, "opacity": 1, "line": {"color": series.style.color, "width": [1.5 * outlined for outlined in hollow]}}


def _error_bars(series: TimeSeries) -> dict[str, Any]:
    """Return the confidence interval of each value; the page's script sets its colour to that of text."""
    lengths = [
        (0, 0) if value is None or low is None or high is None else (high - value, value - low)
        for value, low, high in zip(series.y, series.low, series.high, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [up for up, _ in lengths],
        "arrayminus": [down for _, down in lengths],
        "thickness": 1,
        "width": 2,
    }


def _base_trace(series: TimeSeries, values: tuple[float | None, ...]) -> dict[str, Any]:
    links = {"customdata": [encode_post_query(query) for query in series.post_queries]} if series.post_queries else {}
    return links | {
        "name": escape_markup(series.label),
        "x": [start.isoformat() for start in series.x],
        "y": list(values),
        "hovertext": [escape_markup(tooltip).replace("\n", "<br>") for tooltip in series.tooltips],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
    }


def _facet_heading(series: TimeSeries, top: float, shift_px: int) -> dict[str, Any]:
    placement = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    placement |= {"yshift": shift_px} if shift_px else {}
    return placement | {"text": escape_markup(series.label), "font": heading_font(series.style.color)}


def _time_axis(chart: TimeSeriesChart, anchor_axis: str) -> dict[str, Any]:
    time_range = chart.time_range
    limits = {"range": [end.isoformat() for end in time_range]} if time_range else {}
    step = chart.explicit_tick_step
    ticks = {"tick0": chart.explicit_ticks[0].isoformat(), "dtick": step / timedelta(milliseconds=1)} if step else {}
    return {"type": "date", "anchor": anchor_axis, "automargin": True} | limits | ticks


def _line_axis(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the axis of values of all lines, which begins at zero."""
    steps = {"dtick": 1} if chart.integer_values and chart.max_abs_value < _UNIT_TICKS_BELOW else {}
    return {"zeroline": True, "automargin": True, "rangemode": "tozero"} | _number_format(chart) | steps


def _facet_axis(chart: TimeSeriesChart, series: TimeSeries, height: float) -> dict[str, Any]:
    """Return the axis of values of a facet: round numbers if all facets share them, otherwise zero and the ends of its bars."""
    low, high = chart.scale_of(series)
    padding = _SCALE_PADDING_SHARE * (high - low)
    axis_range = [low - padding * (low < 0), high + padding * (not chart.percent or high < 1)]
    if not chart.shared_scale:
        steps: dict[str, Any] = {"tickvals": chart.tick_values(series, _TICK_LABEL_PX / height)}
    else:
        steps = {"dtick": 1} if chart.integer_values and chart.max_abs_value < _UNIT_TICKS_BELOW else {}
    return {"zeroline": True, "automargin": True, "range": axis_range} | _number_format(chart) | steps


def _number_format(chart: TimeSeriesChart) -> dict[str, Any]:
    return {"tickformat": ".0%" if chart.percent else ",d" if chart.integer_values else ",.2~f"}
