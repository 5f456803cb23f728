"""Charts of time as still images: lines in one plot, or a row of bars an account on the same time and the same scale."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.charts.spec import TimeSeries, TimeSeriesChart
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, fit_to_canvas, non_plot_height

_ALL_ACCOUNTS = "\tall"  # a name of data that no account has
_EXPLICIT_TICKS_BELOW = 6  # below, an axis of whole numbers would repeat them
_MAX_POINTS_WITH_MARKS = 60  # intervals a line may have and still show a point for each
_FACET_GAP_PX = 26  # pixels
_BAR_WIDTH_SHARE = 0.88  # of an interval
_MIN_PLOT_PX, _MIN_FACET_PX, _READABLE_FACET_PX = 130, 26 + 34, 26 + 64


def build_view(chart: TimeSeriesChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    most = chart.value_range[1] if chart.faceted else math.inf
    rows = {line.account: _build_rows(line, chart.interval_hours, most) for line in chart.series}
    datasets = rows | {_ALL_ACCOUNTS: [row for line in rows.values() for row in line]}
    room = height - non_plot_height(chart, width, left_offset=left_offset(chart))
    view = (
        _build_facets(chart, width, room, theme) if chart.faceted else fit_to_canvas(_build_single_plot(chart, width, theme), width, height)
    )
    return view | {"datasets": datasets}


def left_offset(chart: TimeSeriesChart) -> int:
    """Return the pixels at the left of stacked plots, which title and caption start after."""
    return LEFT_AXIS_PX * chart.faceted


def min_plot_height(chart: TimeSeriesChart, width: int) -> int:
    """Return the pixels of height that plots of such a width need at least."""
    labels = [line.label for line in chart.series]
    return (
        len(labels) * _MIN_FACET_PX
        if chart.faceted
        else _MIN_PLOT_PX + 16 * math.ceil(len(labels) / _legend_columns(labels or [""], width))
    )


def readable_height(chart: TimeSeriesChart, min_height: int, width: int) -> int:
    """Return a height that leaves each facet readable: `height`, or more where a chart has many facets."""
    if not chart.faceted:
        return min_height
    return max(
        min_height,
        120 + 100 * len(chart.series),
        non_plot_height(chart, width, left_offset=left_offset(chart)) + _READABLE_FACET_PX * len(chart.series),
    )


def _build_single_plot(chart: TimeSeriesChart, width: int, theme: Theme) -> dict[str, Any]:
    """Return lines, with rings over points that are known in part and numbers above what stands out."""
    lines = _line_layer(chart, width)
    spot = {name: lines["encoding"][name] for name in ("x", "y", "color")}
    ring = {"type": "point", "fill": theme.background, "opacity": 1, "size": 46}
    marked = [_filtered_layer("hollow", ring, spot)] if any(any(line.hollow) for line in chart.series) else []
    marked += _event_layers(spot) if any(line.events for line in chart.series) else []
    return {"layer": [lines, *marked]} if marked else lines


def _event_layers(encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the marks of what stands out."""
    return [
        _filtered_layer("event", {"type": "point", "opacity": 1, "size": 110, "strokeWidth": 1.5}, encoding),
        _filtered_layer(
            "event", {"type": "text", "dy": -13, "fontSize": 11, "fontWeight": 700}, encoding | {"text": _nominal_encoding("event")}
        ),
    ]


def _filtered_layer(flag: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a view of the rows of which something is true."""
    return {"data": {"name": _ALL_ACCOUNTS}, "mark": mark, "encoding": encoding, "transform": [{"filter": f"datum.{flag}"}]}


def _line_layer(chart: TimeSeriesChart, width: int) -> dict[str, Any]:
    labels = [line.label for line in chart.series]
    few = max(len(line.x) for line in chart.series) <= _MAX_POINTS_WITH_MARKS
    columns = {"columns": _legend_columns(labels, width), "labelLimit": 260}
    legend = {"title": None, "orient": "top", "symbolType": "stroke"} | columns if len(labels) > 1 else None
    colour = {"domain": labels, "range": [line.style.color for line in chart.series]}
    dash = {"domain": labels, "range": [list(line.style.dash) or [1, 0] for line in chart.series]}
    encoding = {
        "x": _time_axis(chart),
        "y": _quantitative_encoding("y", _value_axis(chart, chart.y_title)),
        "color": _nominal_encoding("label", scale=colour, legend=legend),
        "strokeDash": _nominal_encoding("label", scale=dash, legend=legend),
    }
    mark = {"type": "line", "point": {"size": 22} if few else False, "strokeWidth": 1.8, "strokeJoin": "round"}
    return {"data": {"name": _ALL_ACCOUNTS}, "mark": mark, "encoding": encoding}


def _build_facets(chart: TimeSeriesChart, width: int, plots_height: int, theme: Theme) -> dict[str, Any]:
    """Stack one row of bars an account in `room` pixels, all on the same time and the same scale of values."""
    height = plots_height / len(chart.series) - _FACET_GAP_PX
    size = {"width": width - 2 * PADDING_PX - LEFT_AXIS_PX, "height": height}
    inner, last = (_bar_layers(chart, theme, show_labels=labels) | size for labels in (False, True))
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4}
    rows = [
        (last if line is chart.series[-1] else inner)
        | {"data": {"name": line.account}, "title": heading | {"text": line.label, "color": line.style.color}}
        for line in chart.series
    ]
    return {"vconcat": rows, "bounds": "flush", "spacing": _FACET_GAP_PX}


def _bar_layers(chart: TimeSeriesChart, theme: Theme, *, show_labels: bool) -> dict[str, Any]:
    """Return a view of bars, before one pale bar an interval that reaches from its negative to its positive sum, and what is over them."""
    y = _value_axis(chart, None, (0, 1) if chart.percent else chart.value_range)
    base = {"x": _time_axis(chart, show_labels=show_labels), "x2": {"field": "end"}, "color": _nominal_encoding("colour", scale=None)}
    nets = base | {"y": _quantitative_encoding("y", y), "y2": {"field": "zero"}} | _hollow_encoding(chart)
    sums = base | {"y": _quantitative_encoding("up", y), "y2": {"field": "down"}}
    pale = {"mark": {"type": "bar", "opacity": theme.background_bar_opacity}, "encoding": sums}
    bars = {"mark": {"type": "bar"}, "encoding": nets}
    return {"layer": [pale] * any(line.positive for line in chart.series) + [bars] + _overlay_layers(chart, theme, y)}


def _hollow_encoding(chart: TimeSeriesChart) -> dict[str, Any]:
    """Return the encoding that leaves hollow bars an outline of their colour."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": _nominal_encoding("colour", scale=None),
        "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0}, "value": 1},
        "strokeWidth": {"condition": {"test": "datum.hollow", "value": 1.2}, "value": 0},
    }


def _overlay_layers(chart: TimeSeriesChart, theme: Theme, y_encoding: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is drawn over bars: their intervals, and the numbers of what stands out."""
    base = {"x": {"field": "middle", "type": "temporal", "scale": _time_scale(chart)}, "color": _nominal_encoding("colour", scale=None)}
    whiskers = {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": theme.foreground, "clip": True},
        "encoding": {"x": base["x"], "y": _quantitative_encoding("low", y_encoding), "y2": {"field": "high"}},
    }
    numbers = {
        "transform": [{"filter": "datum.event"}],
        "mark": {"type": "text", "dy": -7, "fontSize": 11, "fontWeight": 700},
        "encoding": base | {"y": _quantitative_encoding("top", y_encoding), "text": _nominal_encoding("event")},
    }
    return [whiskers] * any(line.low for line in chart.series) + [numbers] * any(line.events for line in chart.series)


def _nominal_encoding(field: str, **properties: Any) -> dict[str, Any]:
    return {"field": field, "type": "nominal"} | properties


def _quantitative_encoding(field: str, properties: dict[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative"} | properties


def _build_rows(series: TimeSeries, interval_hours: float, max_value: float) -> list[dict[str, Any]]:
    """Return a dict a point, on a scale that ends at `most`.

    Times are milliseconds of the wall clock read as UTC, so that no zone of the machine moves them.
    """
    count, events = len(series.x), {place: number for number, (place, _) in enumerate(series.events, 1)}
    rest = zip(
        *(values or (None,) * count for values in (series.positive, series.negative, series.low, series.high, series.hollow)), strict=True
    )
    return [
        {
            "x": _to_milliseconds(x),
            "end": _to_milliseconds(x + timedelta(hours=interval_hours * _BAR_WIDTH_SHARE)),
            "middle": _to_milliseconds(x + timedelta(hours=interval_hours * _BAR_WIDTH_SHARE / 2)),
            "y": y,
            "zero": 0,
            "up": up,
            "down": down,
            "low": low,
            "high": high,
            "hollow": bool(hollow),
            "event": events.get(place),
            "top": series.upper_end(place, max_value),
            "label": series.label,
            "colour": series.style.color,
        }
        for place, (x, y, (up, down, low, high, hollow)) in enumerate(zip(series.x, series.y, rest, strict=True))
    ]


def _to_milliseconds(wall_clock: datetime) -> int:
    return round(wall_clock.replace(tzinfo=UTC).timestamp() * 1000)


def _time_scale(chart: TimeSeriesChart) -> dict[str, Any]:
    return {"type": "utc", "domain": [_to_milliseconds(end) for end in chart.time_range or ()], "nice": False}


def _time_axis(chart: TimeSeriesChart, *, show_labels: bool = True) -> dict[str, Any]:
    ticks = {"labels": show_labels, "ticks": show_labels, "tickCount": 8, "grid": False}
    axis = {"title": None, "labelOverlap": "greedy", "labelSeparation": 8, "labelFlush": True} | ticks
    return {"field": "x", "type": "temporal", "axis": axis, "scale": _time_scale(chart)}


def _value_axis(chart: TimeSeriesChart, title: str | None, value_range: tuple[float, float] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = (
        {"format": ".0%"} if chart.percent else {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
    )
    if chart.integer_values and chart.max_abs_value < _EXPLICIT_TICKS_BELOW:
        most = math.ceil(chart.max_abs_value)
        shown["values"] = list(range(-most if chart.faceted else 0, most + 1))
    extents: dict[str, Any] = {"minExtent": 40, "maxExtent": 40} if chart.faceted else {}
    scale = {"domain": list(value_range), "nice": True} if value_range else {"domainMin": 0, "nice": True}
    return {"scale": scale, "axis": {"title": title, "tickCount": 4 if chart.faceted else 6} | shown | extents}


def _legend_columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING_PX - LEFT_AXIS_PX) // (40 + 7 * max(map(len, labels)))))
