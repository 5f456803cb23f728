"""Charts of time as interactive figures: lines in one plot, or a row of bars an account."""

from datetime import timedelta
from typing import Any

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup
from dashboard.charts.spec import TimeSeries, TimeSeriesChart

_PLOTLY_DASHES = {(): "solid", (6, 3): "dash", (2, 2): "dot"}
_MAX_POINTS_WITH_MARKS = 60
_UNIT_TICKS_BELOW = 6  # below, an axis of whole numbers would repeat them
_HEADING_PX = 30  # pixels above a facet
_BAR_WIDTH_SHARE = 0.88  # of an interval
_SCALE_PADDING_SHARE = 0.06  # of a scale of bars, beyond its outermost


def build_figure(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return traces and layout."""
    return _build_facets(chart) if chart.faceted else _build_single_plot(chart)


def figure_height(chart: TimeSeriesChart) -> int:
    """Return the pixels that the figure needs."""
    return max(420, 90 + 170 * len(chart.series)) if chart.faceted else 440


def _build_single_plot(chart: TimeSeriesChart) -> dict[str, Any]:
    few = max((len(line.x) for line in chart.series), default=0) <= _MAX_POINTS_WITH_MARKS
    traces = [
        _base_trace(line, line.y)
        | {
            "type": "scatter",
            "mode": "lines+markers" if few or any(line.hollow) else "lines",
            "cliponaxis": False,
            "line": {"color": line.style.color, "dash": _PLOTLY_DASHES[line.style.dash], "width": 2},
            "marker": _marker_style(line, show_all=few),
        }
        for line in chart.series
    ]
    traces += [_event_trace(chart, line, "y") for line in chart.series if line.events]
    axes = {"xaxis": _time_axis(chart, "y"), "yaxis": _value_axis(chart) | {"title": {"text": chart.y_title}, "rangemode": "tozero"}}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return {"data": traces, "layout": axes | {"showlegend": True, "legend": legend, "hovermode": "closest"}}


def _marker_style(series: TimeSeries, *, show_all: bool) -> dict[str, Any]:
    """Return the look of a line's points: of many only the hollow ones are seen."""
    hollow = series.hollow or (False,) * len(series.x)
    if not any(hollow):
        return {"symbol": series.style.symbol, "size": 6}
    symbols = [series.style.symbol + "-open" * outlined for outlined in hollow]
    edge = {"width": [2 * outlined for outlined in hollow], "color": series.style.color}
    return {"symbol": symbols, "size": [8 if outlined else 6 * show_all for outlined in hollow], "line": edge}


def _event_trace(chart: TimeSeriesChart, series: TimeSeries, axis_name: str) -> dict[str, Any]:
    """Return a numbered mark above each point that stands out, 1 the strongest."""
    middle = timedelta(hours=chart.interval_hours * _BAR_WIDTH_SHARE / 2 if chart.faceted else 0)
    marker = {
        "color": series.style.color,
        "symbol": "circle-open",
        "size": 11,
        "line": {"width": 1.5},
        "opacity": 0 if chart.faceted else 1,
    }
    where = {"customdata": [encode_post_query(series.post_queries[place]) for place, _ in series.events]} if series.post_queries else {}
    return where | {
        "type": "scatter",
        "x": [(series.x[place] + middle).isoformat() for place, _ in series.events],
        "y": [series.upper_end(place, chart.value_range[1]) if chart.faceted else series.upper_end(place) for place, _ in series.events],
        "text": [f"{number}<br>▾" for number, _ in enumerate(series.events, 1)],
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
    notes, traces = [], []
    for place, line in enumerate(chart.series):
        name = f"y{place + 1}" if place else "y"
        low, high = (count - place - 1) / count, (count - place) / count - _HEADING_PX / figure_height(chart)
        axes[name.replace("y", "yaxis")] = _value_axis(chart) | {"domain": [low, high], "anchor": "x"} | ({"matches": "y"} if place else {})
        notes.append(_facet_heading(line, high))
        traces += [_bar_trace(chart, line, values, name, is_background=True) for values in (line.positive, line.negative) if values]
        traces.append(_bar_trace(chart, line, line.y, name, is_background=False))
        traces += [_event_trace(chart, line, name)] if line.events else []
    return {"data": traces, "layout": axes | {"showlegend": False, "barmode": "overlay", "annotations": notes}}


def _bar_trace(
    chart: TimeSeriesChart, series: TimeSeries, values: tuple[float | None, ...], axis_name: str, *, is_background: bool
) -> dict[str, Any]:
    milliseconds = chart.interval_hours * 3_600_000
    look = {"color": series.style.color, "opacity": 0.22} if is_background else _bar_style(series)
    besides = {"meta": "pale"} if is_background else {"error_y": _error_bars(series)} if series.low else {}
    place = {"yaxis": axis_name, "width": milliseconds * _BAR_WIDTH_SHARE, "offset": 0}
    return _base_trace(series, values) | besides | place | {"type": "bar", "marker": look}


def _bar_style(series: TimeSeries) -> dict[str, Any]:
    """Return the look of bars: in the account's colour, hollow ones as an outline of it."""
    hollow = series.hollow or (False,) * len(series.x)
    colours = ["rgba(0,0,0,0)" if outlined else series.style.color for outlined in hollow] if any(hollow) else series.style.color
    return {"color": colours, "opacity": 1, "line": {"color": series.style.color, "width": [1.5 * outlined for outlined in hollow]}}


def _error_bars(series: TimeSeries) -> dict[str, Any]:
    """Return each value's interval; the page's script gives it the colour of ink."""
    ends = [
        (0, 0) if value is None or low is None or high is None else (high - value, value - low)
        for value, low, high in zip(series.y, series.low, series.high, strict=True)
    ]
    return {
        "type": "data",
        "symmetric": False,
        "array": [up for up, _ in ends],
        "arrayminus": [down for _, down in ends],
        "thickness": 1,
        "width": 2,
    }


def _base_trace(series: TimeSeries, values: tuple[float | None, ...]) -> dict[str, Any]:
    where = {"customdata": [encode_post_query(each) for each in series.post_queries]} if series.post_queries else {}
    return where | {
        "name": escape_markup(series.label),
        "x": [start.isoformat() for start in series.x],
        "y": list(values),
        "hovertext": [escape_markup(words).replace("\n", "<br>") for words in series.tooltips],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
    }


def _facet_heading(series: TimeSeries, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    return place | {"text": f"<b>{escape_markup(series.label)}</b>", "font": {"color": series.style.color, "size": 13}}


def _time_axis(chart: TimeSeriesChart, anchor_axis: str) -> dict[str, Any]:
    ends = chart.time_range
    shown = {"range": [end.isoformat() for end in ends]} if ends else {}
    return {"type": "date", "anchor": anchor_axis, "automargin": True} | shown


def _value_axis(chart: TimeSeriesChart) -> dict[str, Any]:
    shown = {"tickformat": ".0%", "range": [0, 1]} if chart.percent else {"tickformat": ",d"} if chart.integer_values else {}
    low, high = chart.value_range
    air = _SCALE_PADDING_SHARE * (high - low)
    scale = {"range": [low - air * (low < 0), high + air]} if chart.faceted and not chart.percent else {}
    return (
        {"zeroline": True, "automargin": True}
        | scale
        | shown
        | ({"dtick": 1} if chart.integer_values and chart.max_abs_value < _UNIT_TICKS_BELOW else {})
    )
