"""Charts of time as still images: lines in one plot, or a row of bars an account on the same time and the same scale."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

from dashboard.charts.spec import Chart, Series
from dashboard.charts.vega.theme import LEFT, PADDING, Theme, above, fitted

_ALL = "\tall"  # a name of data that no account has
_FEW = 6  # below, an axis of whole numbers would repeat them
_MOST_POINTS = 60  # intervals a line may have and still show a point for each
_FACET_GAP = 26  # pixels
_BAR = 0.88  # of an interval
_LOWEST_PLOT, _LOWEST_FACET, _FITTING_FACET = 130, 26 + 34, 26 + 64


def drawing(chart: Chart, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    most = chart.extent[1] if chart.faceted else math.inf
    rows = {line.account: _rows(line, chart.hours, most) for line in chart.series}
    datasets = rows | {_ALL: [row for line in rows.values() for row in line]}
    room = height - above(chart, width, besides=besides(chart))
    view = _facets(chart, width, room, look) if chart.faceted else fitted(_single(chart, width, look), width, height)
    return view | {"datasets": datasets}


def besides(chart: Chart) -> int:
    """Return the pixels at the left of stacked plots, which title and caption start after."""
    return LEFT * chart.faceted


def lowest(chart: Chart, width: int) -> int:
    """Return the pixels of height that plots of such a width need at least."""
    labels = [line.label for line in chart.series]
    return len(labels) * _LOWEST_FACET if chart.faceted else _LOWEST_PLOT + 16 * math.ceil(len(labels) / _columns(labels or [""], width))


def fitting(chart: Chart, height: int, width: int) -> int:
    """Return a height that leaves each facet readable: `height`, or more where a chart has many facets."""
    if not chart.faceted:
        return height
    return max(height, 120 + 100 * len(chart.series), above(chart, width, besides=besides(chart)) + _FITTING_FACET * len(chart.series))


def _single(chart: Chart, width: int, look: Theme) -> dict[str, Any]:
    """Return lines, with rings over points that are known in part and numbers above what stands out."""
    lines = _lines(chart, width)
    spot = {name: lines["encoding"][name] for name in ("x", "y", "color")}
    ring = {"type": "point", "fill": look.background, "opacity": 1, "size": 46}
    marked = [_where("hollow", ring, spot)] if any(any(line.hollow) for line in chart.series) else []
    marked += _events(spot) if any(line.events for line in chart.series) else []
    return {"layer": [lines, *marked]} if marked else lines


def _events(spot: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the marks of what stands out."""
    return [
        _where("event", {"type": "point", "opacity": 1, "size": 110, "strokeWidth": 1.5}, spot),
        _where("event", {"type": "text", "dy": -13, "fontSize": 11, "fontWeight": 700}, spot | {"text": _named("event")}),
    ]


def _where(test: str, mark: dict[str, Any], encoding: dict[str, Any]) -> dict[str, Any]:
    """Return a view of the rows of which something is true."""
    return {"data": {"name": _ALL}, "mark": mark, "encoding": encoding, "transform": [{"filter": f"datum.{test}"}]}


def _lines(chart: Chart, width: int) -> dict[str, Any]:
    labels = [line.label for line in chart.series]
    few = max(len(line.x) for line in chart.series) <= _MOST_POINTS
    columns = {"columns": _columns(labels, width), "labelLimit": 260}
    legend = {"title": None, "orient": "top", "symbolType": "stroke"} | columns if len(labels) > 1 else None
    colour = {"domain": labels, "range": [line.style.colour for line in chart.series]}
    dash = {"domain": labels, "range": [list(line.style.dash) or [1, 0] for line in chart.series]}
    encoding = {
        "x": _time_axis(chart),
        "y": _number("y", _value_axis(chart, chart.y_title)),
        "color": _named("label", scale=colour, legend=legend),
        "strokeDash": _named("label", scale=dash, legend=legend),
    }
    mark = {"type": "line", "point": {"size": 22} if few else False, "strokeWidth": 1.8, "strokeJoin": "round"}
    return {"data": {"name": _ALL}, "mark": mark, "encoding": encoding}


def _facets(chart: Chart, width: int, room: int, look: Theme) -> dict[str, Any]:
    """Stack one row of bars an account in `room` pixels, all on the same time and the same scale of values."""
    height = room / len(chart.series) - _FACET_GAP
    size = {"width": width - 2 * PADDING - LEFT, "height": height}
    inner, last = (_bars(chart, look, labels=labels) | size for labels in (False, True))
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4}
    rows = [
        (last if line is chart.series[-1] else inner)
        | {"data": {"name": line.account}, "title": heading | {"text": line.label, "color": line.style.colour}}
        for line in chart.series
    ]
    return {"vconcat": rows, "bounds": "flush", "spacing": _FACET_GAP}


def _bars(chart: Chart, look: Theme, *, labels: bool) -> dict[str, Any]:
    """Return a view of bars, before one pale bar an interval that reaches from its negative to its positive sum, and what is over them."""
    y = _value_axis(chart, None, (0, 1) if chart.percent else chart.extent)
    base = {"x": _time_axis(chart, labels=labels), "x2": {"field": "end"}, "color": _named("colour", scale=None)}
    nets = base | {"y": _number("y", y), "y2": {"field": "zero"}} | _outlined(chart)
    sums = base | {"y": _number("up", y), "y2": {"field": "down"}}
    pale = {"mark": {"type": "bar", "opacity": look.pale}, "encoding": sums}
    bars = {"mark": {"type": "bar"}, "encoding": nets}
    return {"layer": [pale] * any(line.up for line in chart.series) + [bars] + _above(chart, look, y)}


def _outlined(chart: Chart) -> dict[str, Any]:
    """Return the encoding that leaves hollow bars an outline of their colour."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": _named("colour", scale=None),
        "fillOpacity": {"condition": {"test": "datum.hollow", "value": 0}, "value": 1},
        "strokeWidth": {"condition": {"test": "datum.hollow", "value": 1.2}, "value": 0},
    }


def _above(chart: Chart, look: Theme, y: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what is drawn over bars: their intervals, and the numbers of what stands out."""
    base = {"x": {"field": "middle", "type": "temporal", "scale": _time_scale(chart)}, "color": _named("colour", scale=None)}
    whiskers = {
        "transform": [{"filter": "datum.low !== null"}],
        "mark": {"type": "rule", "color": look.ink, "clip": True},
        "encoding": {"x": base["x"], "y": _number("low", y), "y2": {"field": "high"}},
    }
    numbers = {
        "transform": [{"filter": "datum.event"}],
        "mark": {"type": "text", "dy": -7, "fontSize": 11, "fontWeight": 700},
        "encoding": base | {"y": _number("top", y), "text": _named("event")},
    }
    return [whiskers] * any(line.low for line in chart.series) + [numbers] * any(line.events for line in chart.series)


def _named(field: str, **looks: Any) -> dict[str, Any]:
    return {"field": field, "type": "nominal"} | looks


def _number(field: str, axis: dict[str, Any]) -> dict[str, Any]:
    return {"field": field, "type": "quantitative"} | axis


def _rows(line: Series, hours: float, most: float) -> list[dict[str, Any]]:
    """Return a dict a point, on a scale that ends at `most`.

    Times are milliseconds of the wall clock read as UTC, so that no zone of the machine moves them.
    """
    count, events = len(line.x), {place: number for number, (place, _) in enumerate(line.events, 1)}
    rest = zip(*(values or (None,) * count for values in (line.up, line.down, line.low, line.high, line.hollow)), strict=True)
    return [
        {
            "x": _milliseconds(x),
            "end": _milliseconds(x + timedelta(hours=hours * _BAR)),
            "middle": _milliseconds(x + timedelta(hours=hours * _BAR / 2)),
            "y": y,
            "zero": 0,
            "up": up,
            "down": down,
            "low": low,
            "high": high,
            "hollow": bool(hollow),
            "event": events.get(place),
            "top": line.top(place, most),
            "label": line.label,
            "colour": line.style.colour,
        }
        for place, (x, y, (up, down, low, high, hollow)) in enumerate(zip(line.x, line.y, rest, strict=True))
    ]


def _milliseconds(wall_clock: datetime) -> int:
    return round(wall_clock.replace(tzinfo=UTC).timestamp() * 1000)


def _time_scale(chart: Chart) -> dict[str, Any]:
    return {"type": "utc", "domain": [_milliseconds(end) for end in chart.ends or ()], "nice": False}


def _time_axis(chart: Chart, *, labels: bool = True) -> dict[str, Any]:
    ticks = {"labels": labels, "ticks": labels, "tickCount": 8, "grid": False}
    axis = {"title": None, "labelOverlap": "greedy", "labelSeparation": 8, "labelFlush": True} | ticks
    return {"field": "x", "type": "temporal", "axis": axis, "scale": _time_scale(chart)}


def _value_axis(chart: Chart, title: str | None, extent: tuple[float, float] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = (
        {"format": ".0%"} if chart.percent else {"format": ",d", "tickMinStep": 1} if chart.whole else {"format": ",.2~f"}
    )
    if chart.whole and chart.largest < _FEW:
        most = math.ceil(chart.largest)
        shown["values"] = list(range(-most if chart.faceted else 0, most + 1))
    extents: dict[str, Any] = {"minExtent": 40, "maxExtent": 40} if chart.faceted else {}
    scale = {"domain": list(extent), "nice": True} if extent else {"domainMin": 0, "nice": True}
    return {"scale": scale, "axis": {"title": title, "tickCount": 4 if chart.faceted else 6} | shown | extents}


def _columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING - LEFT) // (40 + 7 * max(map(len, labels)))))
