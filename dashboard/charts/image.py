"""Charts as still images: Chart -> Vega-Lite by Altair -> SVG and PNG by vl-convert, no browser. Nothing else imports these two.

Every image has exactly the width and height asked for. The same chart gives the same bytes.
"""

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert
from altair.utils import schemapi

from dashboard.charts.spec import Chart, Series

schemapi.disable_debug_mode()  # checking every part against the schema takes longer than drawing; the tests check the whole instead

_FONT = "Inter, Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"
_ALL, _NONE = "\tall", "\tnone"  # names of data that no account has
_FEW = 6  # below, an axis of whole numbers would repeat them
_MOST_POINTS = 60  # intervals a line may have and still show a point for each
_PADDING, _LEFT, _TITLE_LINE, _LINE, _FACET_GAP, _AXIS = 16, 58, 20, 14, 26, 38  # pixels
_TITLE_LETTER, _LETTER = 9, 7  # pixels of a wide letter
_NARROWEST, _LOWEST_PLOT, _LOWEST_FACET = 320, 130, 26 + 34


@dataclass(frozen=True)
class _Theme:
    background: str
    ink: str
    faint: str
    grid: str


_THEMES = {"light": _Theme("#ffffff", "#1c2530", "#57606c", "#e3e7ec"), "dark": _Theme("#12171e", "#e8ecf1", "#a3adb9", "#2b333d")}


def svg(chart: Chart, *, width: int, height: int, theme: str) -> str:
    """Draw the chart as an SVG document of `width` × `height` pixels.

    A size too small for its words and facets is drawn on a larger canvas and shown smaller: nothing falls out of it.
    """
    canvas = _canvas(chart, width, height)
    spec = specification(chart, width=canvas[0], height=canvas[1], theme=theme)
    return _framed(vl_convert.vegalite_to_svg(spec), (width, height), canvas, _THEMES[theme].background, chart.alt)


def specification(chart: Chart, *, width: int, height: int, theme: str) -> dict[str, Any]:
    """Return the chart as a Vega-Lite specification: Altair makes the views, which are put together with their rows here."""
    look = _THEMES[theme]
    title, caption = _words(chart, width)
    if chart.empty:
        drawing = _sized(_nothing(look), width, height)
    elif chart.faceted:
        drawing = _facets(chart, width, height - _above(chart, width))
    else:
        drawing = _sized(_lines(chart, width), width, height)
    rows = {line.account: _rows(line, chart.hours) for line in chart.series}
    datasets = rows | {_ALL: [row for line in rows.values() for row in line], _NONE: [{"text": "No posts to draw"}]}
    said = {"text": title, "subtitle": caption}
    return drawing | {"title": said, "background": look.background, "padding": _PADDING, "config": _config(look), "datasets": datasets}


def _canvas(chart: Chart, width: int, height: int) -> tuple[int, int]:
    """Return the size to lay out in: that asked for, or in the same shape as large as the chart needs."""
    wide = max(width, _NARROWEST)
    labels = [line.label for line in chart.series]
    plots = len(labels) * _LOWEST_FACET if chart.faceted else _LOWEST_PLOT + 16 * math.ceil(len(labels) / _columns(labels or [""], wide))
    least = _above(chart, wide) + plots
    factor = max(wide / width, least / height)
    return math.ceil(width * factor), math.ceil(height * factor)


def _words(chart: Chart, width: int) -> tuple[list[str], list[str]]:
    """Return title and caption in lines that fit the width."""
    room = width - 2 * _PADDING - _LEFT * chart.faceted
    caption = [chart.y_title] * chart.faceted + list(chart.caption)
    return wrap(chart.title, int(room / _TITLE_LETTER)), [part for line in caption for part in wrap(line, int(room / _LETTER))]


def _above(chart: Chart, width: int) -> int:
    """Return the pixels that everything but the plots takes from the height."""
    title, caption = _words(chart, width)
    return 2 * _PADDING + _TITLE_LINE * len(title) + _LINE * len(caption) + _AXIS


def png(chart: Chart, *, width: int, height: int, scale: int, theme: str) -> bytes:
    """Draw the chart as a PNG of `width` × `height` pixels, times `scale`."""
    return vl_convert.svg_to_png(svg(chart, width=width, height=height, theme=theme), scale=scale)


def fitting_height(chart: Chart, height: int) -> int:
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
    size = {"width": width - 2 * _PADDING - _LEFT, "height": height}
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


def _nothing(look: _Theme) -> Any:
    return alt.Chart(_named(_NONE)).mark_text(fontSize=16, color=look.faint).encode(text="text:N")


def _sized(drawing: Any, width: int, height: int) -> dict[str, Any]:
    return _plain(drawing) | {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


def _framed(document: str, size: tuple[int, int], canvas: tuple[int, int], background: str, alt_text: str) -> str:
    """Give the document exactly the size asked for, for stacked views come out some pixels off, and its words for who can't see it."""
    (width, height), (wide, high) = size, canvas
    shown = f'role="img" aria-label="{escape(alt_text)}"'
    frame = f'width="{width}" height="{height}" viewBox="0 0 {wide} {high}" preserveAspectRatio="none" {shown}'
    root = re.compile(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"([^>]*>)')
    return root.sub(lambda match: f'{frame}{match[1]}<rect width="{wide}" height="{high}" fill="{background}"/>', document, count=1)


def _columns(labels: list[str], width: int) -> int:
    return max(1, min(len(labels), (width - 2 * _PADDING - _LEFT) // (40 + 7 * max(map(len, labels)))))


def _config(look: _Theme) -> dict[str, Any]:
    axis = {"labelColor": look.faint, "titleColor": look.faint, "gridColor": look.grid, "domainColor": look.grid, "tickColor": look.grid}
    zero = {"condition": {"test": "datum.value === 0", "value": look.faint}, "value": look.grid}
    title = {
        "color": look.ink,
        "subtitleColor": look.faint,
        "anchor": "start",
        "fontSize": 16,
        "fontWeight": 600,
        "subtitleFontSize": 11,
        "offset": 14,
    }
    return {
        "font": _FONT,
        "aria": False,  # its labels name internals, in the machine's time zone
        "view": {"stroke": None},
        "axisY": {"gridColor": zero},
        "axis": axis | {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": title | {"subtitleLineHeight": _LINE, "subtitlePadding": 5, "frame": "group"},
        "legend": {"labelColor": look.ink, "labelFontSize": 12, "symbolStrokeWidth": 3, "offset": 6},
    }
