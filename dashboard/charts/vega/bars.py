"""Horizontal bars and dots as still images: a panel an account, side by side as far as they fit, all on one scale of values."""

from textwrap import wrap
from typing import Any

from dashboard.charts.spec import Bar, Bars, Panel
from dashboard.charts.vega.theme import PADDING, Theme, above

_MOST_COLUMNS, _PANEL, _GAP = 3, 240, 24  # side by side; pixels of the least width of a panel, and between two
_HEADING, _AXIS, _TITLE = 24, 26, 16  # pixels of height
_ROW, _LOWEST_ROW = 19, 13  # pixels of a bar that reads well, and of one that can be read
_LETTER, _LABEL, _LABELS = 6.2, 0.45, 0.62  # pixels of a letter of a label; of a panel what labels take at most, among others and alone
_FEW = 6  # below, an axis of whole numbers would repeat them


def drawing(bars: Bars, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the bars as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    columns, counts = _columns(bars, width), _rows(bars, width)
    wide = _wide(width, columns)
    room = height - above(bars, width) + _TITLE - _TITLE * len(_title(bars, width)) - _frame(counts)
    row = max(1.0, room / sum(counts))
    high = [counts[place // columns] for place in range(len(bars.panels))]
    last = (len(high) - 1) // columns * columns  # the first panel of the last row
    views = [
        _panel(bars, panel, place, wide, row * high[place], high[place], look, title=_title(bars, width) if place == last else [])
        for place, panel in enumerate(bars.panels)
    ]
    datasets = {str(place): [_values(panel, row, bar) for row, bar in enumerate(panel.bars)] for place, panel in enumerate(bars.panels)}
    spacing = {"row": _HEADING + _AXIS, "column": _GAP}
    return {"concat": views, "columns": columns, "bounds": "flush", "align": "none", "spacing": spacing, "datasets": datasets}


def besides(bars: Bars) -> int:
    """Return the pixels at the left of the panels, which title and caption start after: none, for labels stand in the panels."""
    return 0


def lowest(bars: Bars, width: int) -> int:
    """Return the pixels of height that panels need at least."""
    counts = _rows(bars, width)
    return _frame(counts) + _LOWEST_ROW * sum(counts) + _TITLE * max(0, len(_title(bars, width)) - 1)


def fitting(bars: Bars, height: int, width: int) -> int:
    """Return a height that leaves each bar readable: `height`, or more where there are many."""
    counts = _rows(bars, width)
    return max(height, above(bars, width) + _frame(counts) + _ROW * sum(counts) + _TITLE * len(_title(bars, width)))


def _columns(bars: Bars, width: int) -> int:
    """Return how many panels stand side by side: as many as leave room for their bars beside whole labels."""
    for most in range(max(1, min(_MOST_COLUMNS, (width - 2 * PADDING + _GAP) // (_PANEL + _GAP))), 1, -1):
        if _letters(bars) <= _LABEL * _wide(width, bars.columns(most)):
            return bars.columns(most)
    return 1


def _wide(width: int, columns: int) -> float:
    return (width - 2 * PADDING - _GAP * (columns - 1)) / columns


def _letters(bars: Bars) -> float:
    """Return the pixels that the longest label needs."""
    return 10 + _LETTER * max((len(bar.label) for panel in bars.panels for bar in panel.bars), default=0)


def _label_room(bars: Bars, width: float) -> float:
    return min(_LABELS * width, _letters(bars))


def _title(bars: Bars, width: int) -> list[str]:
    """Return what the values are, in lines that fit beneath all panels."""
    room = width - 2 * PADDING - _label_room(bars, _wide(width, _columns(bars, width)))
    return wrap(bars.x_title, max(12, int(room / _LETTER)))


def _rows(bars: Bars, width: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    columns, counts = _columns(bars, width), [len(panel.bars) for panel in bars.panels] or [0]
    return [max(1, *counts[at : at + columns]) for at in range(0, len(counts), columns)]


def _frame(counts: list[int]) -> int:
    """Return the pixels between and around rows of panels, the axis of the last one aside."""
    return _HEADING * len(counts) + _AXIS * (len(counts) - 1)


def _panel(
    bars: Bars, panel: Panel, place: int, width: float, height: float, rows: int, look: Theme, *, title: list[str]
) -> dict[str, Any]:
    label = _label_room(bars, width)
    x = {"type": "quantitative", "scale": _scale(bars, label, width), "axis": _axis(bars, label, width, title)}
    y = {"field": "row", "type": "ordinal", "scale": {"domain": list(range(rows)), "paddingInner": 0.24, "paddingOuter": 0.2}, "axis": None}
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 6, "text": panel.label or " ", "color": panel.style.colour}
    layers = [
        _zero(x, look),
        *(mark | {"encoding": mark["encoding"] | {"y": y}} for mark in [*_marks(bars, panel, x, look), _label(label)]),
    ]
    return {"data": {"name": str(place)}, "title": heading, "width": width, "height": height, "layer": layers}


def _scale(bars: Bars, label: float, width: float) -> dict[str, Any]:
    """Return a scale that leaves room for labels at its left."""
    return {"domain": list(bars.ends), "range": [label, width], "nice": False, "zero": False}


def _axis(bars: Bars, label: float, width: float, title: list[str]) -> dict[str, Any]:
    ticks = {"grid": True, "tickCount": max(2, int((width - label) / 50)), "labelOverlap": True, "labelFlush": False}
    place = {"titleAnchor": "start", "titleAlign": "left", "titleLimit": 10_000}
    return ticks | {"title": title or None} | place | _numbers(bars)


def _zero(x: dict[str, Any], look: Theme) -> dict[str, Any]:
    return {"mark": {"type": "rule", "color": look.faint}, "encoding": {"x": x | {"datum": 0}}}


def _marks(bars: Bars, panel: Panel, x: dict[str, Any], look: Theme) -> list[dict[str, Any]]:
    """Return dots after their intervals, or bars before them."""
    value, colour = x | {"field": "value"}, {"field": "colour", "type": "nominal", "scale": None}
    ends = {"x": x | {"field": "low"}, "x2": {"field": "high"}}
    if not bars.dots:
        bar = {"mark": {"type": "bar"}, "encoding": {"x": value, "x2": {"datum": 0}, "color": colour}}
        return [bar, {"mark": {"type": "rule", "color": look.ink}, "encoding": ends}]
    point = {"type": "point", "filled": True, "opacity": 1, "size": 75, "shape": panel.style.symbol}
    whisker = {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": ends | {"color": colour}}
    return [whisker, {"mark": point, "encoding": {"x": value, "color": colour}}]


def _label(room: float) -> dict[str, Any]:
    look = {"type": "text", "align": "right", "baseline": "middle", "limit": room - 8, "fontSize": 12, "style": "ink"}
    return {"mark": look, "encoding": {"x": {"value": room - 6}, "text": {"field": "label", "type": "nominal"}}}


def _values(panel: Panel, row: int, bar: Bar) -> dict[str, Any]:
    known = {"value": bar.value, "low": bar.low, "high": bar.high}
    return {"row": row, "label": bar.label, "colour": panel.colour(bar), "account": panel.label} | known


def _numbers(bars: Bars) -> dict[str, Any]:
    if bars.worded:
        return {"values": [0], "labels": False, "ticks": False}
    if bars.percent:
        return {"format": ".0%"}
    low, high = bars.ends
    if bars.whole and max(-low, high) < _FEW:
        return {"format": ",d", "values": list(range(int(low), int(high) + 1))}
    return {"format": ",d", "tickMinStep": 1} if bars.whole else {"format": ",.2~f"}
