"""Charts as still images: Chart -> Vega-Lite by Altair -> SVG and PNG by vl-convert, no browser. Nothing else imports these two.

Every image has exactly the width and height asked for. The same chart gives the same bytes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from textwrap import wrap
from typing import Any

import altair as alt
import vl_convert
from altair.utils import schemapi

from dashboard.charts.spec import Chart, Series

schemapi.disable_debug_mode()  # checking every part against the schema takes longer than drawing; the tests check the whole instead

_FONT = "Inter, Helvetica Neue, Arial, Liberation Sans, DejaVu Sans, sans-serif"
_ALL, _NONE = "\tall", "\tnone"  # names of data that no account has
_MOST_POINTS = 60  # intervals a line may have and still show a point for each
_PADDING, _LEFT, _TITLE, _LINE, _FACET_GAP, _AXIS = 16, 58, 34, 14, 26, 24  # pixels


@dataclass(frozen=True)
class _Theme:
    background: str
    ink: str
    faint: str
    grid: str


_THEMES = {"light": _Theme("#ffffff", "#1c2530", "#57606c", "#e3e7ec"), "dark": _Theme("#12171e", "#e8ecf1", "#a3adb9", "#2b333d")}


def svg(chart: Chart, *, width: int, height: int, theme: str) -> str:
    """Draw the chart as an SVG document of `width` × `height` pixels."""
    spec = specification(chart, width=width, height=height, theme=theme)
    return _framed(vl_convert.vegalite_to_svg(spec), width, height, _THEMES[theme].background)


def specification(chart: Chart, *, width: int, height: int, theme: str) -> dict[str, Any]:
    """Return the chart as a Vega-Lite specification: Altair makes the views, which are put together with their rows here."""
    look = _THEMES[theme]
    caption = _wrapped([chart.y_title] * chart.faceted + list(chart.caption), width)
    if chart.empty:
        drawing = _sized(_nothing(look), width, height)
    elif chart.faceted:
        drawing = _facets(chart, width, height, len(caption))
    else:
        drawing = _sized(_lines(chart), width, height)
    rows = {line.account: _rows(line, chart.hours) for line in chart.series}
    datasets = rows | {_ALL: [row for line in rows.values() for row in line], _NONE: [{"text": "No posts to draw"}]}
    title = {"text": chart.title, "subtitle": caption}
    return drawing | {"title": title, "background": look.background, "padding": _PADDING, "config": _config(look), "datasets": datasets}


def png(chart: Chart, *, width: int, height: int, scale: int, theme: str) -> bytes:
    """Draw the chart as a PNG of `width` × `height` pixels, times `scale`."""
    return vl_convert.svg_to_png(svg(chart, width=width, height=height, theme=theme), scale=scale)


def fitting_height(chart: Chart, height: int) -> int:
    """Return a height that leaves each facet readable: `height`, or more where a chart has many facets."""
    return max(height, 120 + 100 * len(chart.series)) if chart.faceted else height


def _lines(chart: Chart) -> Any:
    labels = [line.label for line in chart.series]
    few = max(len(line.x) for line in chart.series) <= _MOST_POINTS
    legend = (
        None if len(labels) < 2 else alt.Legend(title=None, orient="top", columns=_columns(labels), symbolType="stroke", labelLimit=260)
    )
    colour = alt.Scale(domain=labels, range=[line.style.colour for line in chart.series])
    dash = alt.Scale(domain=labels, range=[list(line.style.dash) or [1, 0] for line in chart.series])
    return (
        alt.Chart(_named(_ALL))
        .mark_line(point=alt.OverlayMarkDef(size=22) if few else False, strokeWidth=1.8)
        .encode(
            x=_time_axis(chart.series, chart.hours),
            y=alt.Y("y:Q", **_value_axis(chart, chart.y_title)),
            color=alt.Color("label:N", scale=colour, legend=legend),
            strokeDash=alt.StrokeDash("label:N", scale=dash, legend=legend),
        )
    )


def _facets(chart: Chart, width: int, height: int, caption: int) -> dict[str, Any]:
    """Stack one row of bars an account, all on the same time and the same scale of values."""
    count = len(chart.series)
    room = height - 2 * _PADDING - _TITLE - _LINE * caption - _AXIS - _FACET_GAP * count
    size = {"width": width - 2 * _PADDING - _LEFT, "height": max(20, room / count)}
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
    x, y = _time_axis(chart.series, chart.hours, labels=labels), _value_axis(chart, None, _extent(chart))
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


def _time_axis(series: Iterable[Series], hours: float, *, labels: bool = True) -> Any:
    starts = [start for line in series for start in line.x]
    domain = [_milliseconds(min(starts)), _milliseconds(max(starts) + timedelta(hours=hours))]
    axis = alt.Axis(title=None, labels=labels, ticks=labels, labelOverlap=True, tickCount=8, grid=False)
    return alt.X("x:T", scale=alt.Scale(type="utc", domain=domain, nice=False), axis=axis)


def _value_axis(chart: Chart, title: str | None, extent: tuple[float, float] | None = None) -> dict[str, Any]:
    shown = {"format": ".0%"} if chart.percent else {"format": ",d", "tickMinStep": 1} if chart.whole else {"format": ",.2~f"}
    extents: dict[str, Any] = {"minExtent": 40, "maxExtent": 40} if chart.faceted else {}
    scale = alt.Scale(domain=list(extent), nice=True) if extent else alt.Scale(domainMin=0, nice=True)
    axis = alt.Axis(title=title, tickCount=4 if chart.faceted else 6, **shown, **extents)
    return {"scale": scale, "axis": axis}


def _extent(chart: Chart) -> tuple[float, float]:
    if chart.percent:
        return 0, 1
    values = [value for line in chart.series for value in (*line.y, *line.up, *line.down) if value is not None]
    return (min(0, *values), max(0, *values)) if any(values) else (-1, 1)


def _nothing(look: _Theme) -> Any:
    return alt.Chart(_named(_NONE)).mark_text(fontSize=16, color=look.faint).encode(text="text:N")


def _sized(drawing: Any, width: int, height: int) -> dict[str, Any]:
    return _plain(drawing) | {"width": width, "height": height, "autosize": {"type": "fit", "contains": "padding"}}


def _framed(document: str, width: int, height: int, background: str) -> str:
    """Give the document exactly the size asked for: stacked views have no such setting and come out some pixels off."""
    frame = f'width="{width}" height="{height}" viewBox="0 0 {width} {height}"'
    root = re.compile(r'width="[\d.]+" height="[\d.]+" viewBox="[^"]*"([^>]*>)')
    return root.sub(rf'{frame}\1<rect width="{width}" height="{height}" fill="{background}"/>', document, count=1)


def _wrapped(lines: Iterable[str], width: int) -> list[str]:
    return [part for line in lines for part in wrap(line, max(24, int((width - 2 * _PADDING) / 5.9)))]


def _columns(labels: list[str]) -> int:
    return max(1, min(len(labels), 800 // (40 + 7 * max(map(len, labels)))))


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
        "view": {"stroke": None},
        "axisY": {"gridColor": zero},
        "axis": axis | {"labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal"},
        "title": title | {"subtitleLineHeight": _LINE, "subtitlePadding": 5, "frame": "group"},
        "legend": {"labelColor": look.ink, "labelFontSize": 12, "symbolStrokeWidth": 3, "offset": 6},
    }
