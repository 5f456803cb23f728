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
_LOWEST_PLOT, _LOWEST_FACET = 130, 26 + 34


def drawing(chart: Chart, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    rows = {line.account: _rows(line, chart.hours) for line in chart.series}
    datasets = rows | {_ALL: [row for line in rows.values() for row in line]}
    room = height - above(chart, width, besides=besides(chart))
    view = _facets(chart, width, room) if chart.faceted else fitted(_plain(_lines(chart, width)), width, height)
    return view | {"datasets": datasets}


def besides(chart: Chart) -> int:
    """Return the pixels at the left of stacked plots, which title and caption start after."""
    return LEFT * chart.faceted


def lowest(chart: Chart, width: int) -> int:
    """Return the pixels of height that plots of such a width need at least."""
    labels = [line.label for line in chart.series]
    return len(labels) * _LOWEST_FACET if chart.faceted else _LOWEST_PLOT + 16 * math.ceil(len(labels) / _columns(labels or [""], width))


def fitting(chart: Chart, height: int) -> int:
    """Return a height that leaves each facet readable: `height`, or more where a chart has many facets."""
    return max(height, 120 + 100 * len(chart.series)) if chart.faceted else height


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


def _facets(chart: Chart, width: int, room: int) -> dict[str, Any]:
    """Stack one row of bars an account in `room` pixels, all on the same time and the same scale of values."""
    height = room / len(chart.series) - _FACET_GAP
    size = {"width": width - 2 * PADDING - LEFT, "height": height}
    inner, last = (_bars(chart, labels=labels) | size for labels in (False, True))
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4}
    rows = [
        (last if line is chart.series[-1] else inner)
        | {"data": {"name": line.account}, "title": heading | {"text": line.label, "color": line.style.colour}}
        for line in chart.series
    ]
    return {"vconcat": rows, "bounds": "flush", "spacing": _FACET_GAP}


def _bars(chart: Chart, *, labels: bool) -> dict[str, Any]:
    """Return a view of bars, before one pale bar an interval that reaches from its negative to its positive sum."""
    x, y = _time_axis(chart, labels=labels), _value_axis(chart, None, _extent(chart))
    base = alt.Chart(_named(_ALL)).encode(x=x, x2="end", color=alt.Color("colour:N", scale=None))
    bars = base.mark_bar().encode(y=alt.Y("y:Q", **y), y2="zero")
    pale = base.mark_bar(opacity=0.22).encode(y=alt.Y("up:Q", **y), y2="down")
    views = [_plain(view) for view in ((pale, bars) if any(line.up for line in chart.series) else (bars,))]
    return {"layer": [{name: value for name, value in view.items() if name != "data"} for view in views]}


def _plain(view: Any) -> dict[str, Any]:
    """Return a view as a part of a larger specification."""
    return {name: value for name, value in view.to_dict(validate=False).items() if name not in ("$schema", "config")}


def _named(name: str) -> Any:
    return alt.NamedData(name=name)


def _rows(line: Series, hours: float) -> list[dict[str, Any]]:
    """Return a dict a point; times are milliseconds of the wall clock read as UTC, so that no zone of the machine moves them."""
    rest = zip(line.up or (None,) * len(line.x), line.down or (None,) * len(line.x), strict=True)
    return [
        {
            "x": _milliseconds(x),
            "end": _milliseconds(x + timedelta(hours=hours * 0.88)),
            "y": y,
            "zero": 0,
            "up": up,
            "down": down,
            "label": line.label,
            "colour": line.style.colour,
        }
        for x, y, (up, down) in zip(line.x, line.y, rest, strict=True)
    ]


def _milliseconds(wall_clock: datetime) -> int:
    return round(wall_clock.replace(tzinfo=UTC).timestamp() * 1000)


def _time_axis(chart: Chart, *, labels: bool = True) -> Any:
    domain = [_milliseconds(end) for end in chart.ends or ()]
    axis = alt.Axis(title=None, labels=labels, ticks=labels, labelOverlap=True, labelFlush=True, tickCount=8, grid=False)
    return alt.X("x:T", scale=alt.Scale(type="utc", domain=domain, nice=False), axis=axis)


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


def _extent(chart: Chart) -> tuple[float, float]:
    if chart.percent:
        return 0, 1
    values = [value for line in chart.series for value in (*line.y, *line.up, *line.down) if value is not None]
    return (min(0, *values), max(0, *values)) if any(values) else (-1, 1)


def _columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * PADDING - LEFT) // (40 + 7 * max(map(len, labels)))))
