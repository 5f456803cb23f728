"""Charts of time as still images: lines in one plot, or a row of bars an account on the same time and the same scale."""

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import altair as alt

from dashboard.charts.image.look import LEFT, PADDING, Theme, above, fitted
from dashboard.charts.spec import Chart, Series

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
    marked = [alt.Chart(_named(_ALL)).transform_filter("datum.hollow").mark_point(fill=look.background, opacity=1, size=46)]
    marked = marked if any(any(line.hollow) for line in chart.series) else []
    marked += _events() if any(line.events for line in chart.series) else []
    if not marked:
        return _plain(lines)
    x, y = _time_axis(chart), alt.Y("y:Q", **_value_axis(chart, chart.y_title))
    seen = [_plain(mark.encode(x=x, y=y, color=lines.encoding.color)) for mark in marked]
    return {"layer": [_plain(lines), *seen]}


def _events() -> list[Any]:
    """Return the marks of what stands out."""
    base = alt.Chart(_named(_ALL)).transform_filter("datum.event")
    return [
        base.mark_point(size=110, strokeWidth=1.5, opacity=1),
        base.mark_text(dy=-13, fontSize=11, fontWeight=700).encode(text="event:N"),
    ]


def _lines(chart: Chart, width: int) -> Any:
    labels = [line.label for line in chart.series]
    few = max(len(line.x) for line in chart.series) <= _MOST_POINTS
    legend = (
        None
        if len(labels) < 2
        else alt.Legend(title=None, orient="top", columns=_columns(labels, width), symbolType="stroke", labelLimit=260)
    )
    colour = alt.Scale(domain=labels, range=[line.style.colour for line in chart.series])
    dash = alt.Scale(domain=labels, range=[list(line.style.dash) or [1, 0] for line in chart.series])
    return (
        alt.Chart(_named(_ALL))
        .mark_line(point=alt.OverlayMarkDef(size=22) if few else False, strokeWidth=1.8, strokeJoin="round")
        .encode(
            x=_time_axis(chart),
            y=alt.Y("y:Q", **_value_axis(chart, chart.y_title)),
            color=alt.Color("label:N", scale=colour, legend=legend),
            strokeDash=alt.StrokeDash("label:N", scale=dash, legend=legend),
        )
    )


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
    x, y = _time_axis(chart, labels=labels), _value_axis(chart, None, (0, 1) if chart.percent else chart.extent)
    base = alt.Chart(_named(_ALL)).encode(x=x, x2="end", color=alt.Color("colour:N", scale=None))
    bars = base.mark_bar().encode(y=alt.Y("y:Q", **y), y2="zero", **_outlined(chart))
    pale = base.mark_bar(opacity=look.pale).encode(y=alt.Y("up:Q", **y), y2="down")
    drawn = [pale] * any(line.up for line in chart.series) + [bars] + _above(chart, look, y)
    views = [_plain(view) for view in drawn]
    return {"layer": [{name: value for name, value in view.items() if name != "data"} for view in views]}


def _outlined(chart: Chart) -> dict[str, Any]:
    """Return the encoding that leaves hollow bars an outline of their colour."""
    if not any(any(line.hollow) for line in chart.series):
        return {}
    return {
        "stroke": alt.Stroke("colour:N", scale=None),
        "fillOpacity": alt.condition("datum.hollow", alt.value(0), alt.value(1)),
        "strokeWidth": alt.condition("datum.hollow", alt.value(1.2), alt.value(0)),
    }


def _above(chart: Chart, look: Theme, y: dict[str, Any]) -> list[Any]:
    """Return what is drawn over bars: their intervals, and the numbers of what stands out."""
    base = alt.Chart(_named(_ALL)).encode(x=alt.X("middle:T", **_time_scale(chart)))
    whiskers = base.transform_filter("datum.low !== null").mark_rule(color=look.ink, clip=True).encode(y=alt.Y("low:Q", **y), y2="high")
    numbers = base.transform_filter("datum.event").mark_text(dy=-7, fontSize=11, fontWeight=700)
    numbers = numbers.encode(y=alt.Y("top:Q", **y), text="event:N", color=alt.Color("colour:N", scale=None))
    return [whiskers] * any(line.low for line in chart.series) + [numbers] * any(line.events for line in chart.series)


def _plain(view: Any) -> dict[str, Any]:
    """Return a view as a part of a larger specification."""
    return {name: value for name, value in view.to_dict(validate=False).items() if name not in ("$schema", "config")}


def _named(name: str) -> Any:
    return alt.NamedData(name=name)


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
    domain = [_milliseconds(end) for end in chart.ends or ()]
    return {"scale": alt.Scale(type="utc", domain=domain, nice=False)}


def _time_axis(chart: Chart, *, labels: bool = True) -> Any:
    axis = alt.Axis(
        title=None, labels=labels, ticks=labels, labelOverlap="greedy", labelSeparation=8, labelFlush=True, tickCount=8, grid=False
    )
    return alt.X("x:T", axis=axis, **_time_scale(chart))


def _value_axis(chart: Chart, title: str | None, extent: tuple[float, float] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = (
        {"format": ".0%"} if chart.percent else {"format": ",d", "tickMinStep": 1} if chart.whole else {"format": ",.2~f"}
    )
    if chart.whole and chart.largest < _FEW:
        most = math.ceil(chart.largest)
        shown["values"] = list(range(-most if chart.faceted else 0, most + 1))
    extents: dict[str, Any] = {"minExtent": 40, "maxExtent": 40} if chart.faceted else {}
    scale = alt.Scale(domain=list(extent), nice=True) if extent else alt.Scale(domainMin=0, nice=True)
    return {"scale": scale, "axis": alt.Axis(title=title, tickCount=4 if chart.faceted else 6, **shown, **extents)}


def _columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING - LEFT) // (40 + 7 * max(map(len, labels)))))
