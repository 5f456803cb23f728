"""Horizontal bars and dots as interactive figures: a panel an account, side by side, or below one another where there is no room."""

from textwrap import wrap
from typing import Any, NamedTuple

from dashboard.charts.plotlyjs.parts import behind, plain
from dashboard.charts.spec import Bar, Bars, Panel

_MOST_COLUMNS = 3
_PANEL = 300  # pixels: the least width of one panel among others
_ROW, _HEADING, _AXIS, _TITLE = 24, 30, 34, 30  # pixels of height
_ABOVE, _BELOW = 8, 10
_LETTER, _LONGEST, _CROWDED = 7, 32, 20  # pixels of a letter of a label; letters of which a label shows; of three panels side by side
_LINE = 44  # letters that fit beneath one panel
_FEW = 6  # below, an axis of whole numbers would repeat them


class _Place(NamedTuple):
    """Where a panel stands, as shares of the plot; `rows` is how many bars its row of panels has room for."""

    left: float
    right: float
    low: float
    high: float
    rows: int


def draw(bars: Bars) -> dict[str, Any]:
    """Return traces and layout, and the layout for a plot too narrow to have its panels side by side."""
    columns = _columns(bars)
    below = {"below": columns * _PANEL, "layout": _layout(bars, 1)}
    traces = [_trace(bars, panel, _axis(place), alike) for place, panel in enumerate(bars.panels) for alike in _alike(bars, panel)]
    return {"data": traces, "layout": _layout(bars, columns), "narrow": below}


def height(bars: Bars) -> int:
    """Return the pixels that the figure needs."""
    return _height(bars, _columns(bars))


def _columns(bars: Bars) -> int:
    return bars.columns(_MOST_COLUMNS if _longest(bars) <= _CROWDED else _MOST_COLUMNS - 1)


def _alike(bars: Bars, panel: Panel) -> list[list[int]]:
    """Return the places of bars that are drawn together: all, or of dots those of each colour, for whiskers have one a trace."""
    colours = [panel.colour(bar) for bar in panel.bars]
    if not bars.dots:
        return [list(range(len(colours)))]
    return [[place for place, each in enumerate(colours) if each == colour] for colour in dict.fromkeys(colours)]


def _trace(bars: Bars, panel: Panel, axis: str, places: list[int]) -> dict[str, Any]:
    drawn = [panel.bars[place] for place in places]
    colours = [panel.colour(bar) for bar in drawn]
    shared = {
        "x": [bar.value for bar in drawn],
        "y": places,
        "name": plain(panel.label),
        "hovertext": [plain(bar.detail).replace("\n", "<br>") for bar in drawn],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>" if panel.label else "%{hovertext}<extra></extra>",
        "customdata": [behind(bar.where) for bar in drawn],
        "error_x": _whiskers(drawn, colours[0] if bars.dots else panel.style.colour),
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
    }
    if bars.dots:
        marker = {"color": colours, "symbol": panel.style.symbol, "size": 10}
        return shared | {"type": "scatter", "mode": "markers", "cliponaxis": False, "marker": marker}
    return shared | {"type": "bar", "orientation": "h", "width": 0.74, "marker": {"color": colours}}


def _whiskers(drawn: list[Bar], colour: str) -> dict[str, Any]:
    """Return the intervals around values; none where a bar has none."""
    reaches = [_reaches(bar) for bar in drawn]
    look = {"color": colour, "thickness": 2, "width": 4}
    given = {"type": "data", "symmetric": False, "array": [up for _, up in reaches], "arrayminus": [down for down, _ in reaches]}
    return given | look | {"visible": any(up or down for down, up in reaches)}


def _reaches(bar: Bar) -> tuple[float, float]:
    if bar.value is None or bar.low is None or bar.high is None:
        return 0, 0
    return bar.value - bar.low, bar.high - bar.value


def _layout(bars: Bars, columns: int) -> dict[str, Any]:
    tall, places = _height(bars, columns), _places(bars, columns)
    axes: dict[str, Any] = {}
    for number, (panel, place) in enumerate(zip(bars.panels, places, strict=True)):
        axes[f"xaxis{_axis(number)}"] = _values(bars) | {"domain": [place.left, place.right], "anchor": f"y{_axis(number)}"}
        axes[f"yaxis{_axis(number)}"] = _labels(panel, place) | {"anchor": f"x{_axis(number)}"}
    notes = [
        _heading(panel, place, right=columns == 1 and _longest(bars) > _CROWDED)
        for panel, place in zip(bars.panels, places, strict=True)
        if panel.label
    ]
    notes += [_title(bars, columns)] if bars.x_title and bars.panels else []
    margin = {"l": 8, "r": 16, "t": _ABOVE, "b": _AXIS + _TITLE + _BELOW}
    return axes | {"height": tall, "margin": margin, "showlegend": False, "hovermode": "closest", "annotations": notes}


def _title(bars: Bars, columns: int) -> dict[str, Any]:
    """Return what the values are, beneath all panels; in two lines if they stand below one another."""
    lines = [bars.x_title] if columns > 1 else wrap(bars.x_title, _LINE)
    spot = {"x": 1, "xanchor": "right", "align": "right", "y": 0, "yanchor": "top", "yshift": -_AXIS + 6}
    text = "<br>".join(plain(line) for line in lines)
    return {"xref": "paper", "yref": "paper", "showarrow": False, "text": text, "font": {"size": 12}} | spot


def _places(bars: Bars, columns: int) -> list[_Place]:
    """Return where each panel stands; every bar is equally thick, and labels stand in the gap at the left of their panel."""
    rows = _rows(bars, columns)
    room = sum(_row_height(row) for row in rows) - _AXIS
    gap = min(0.45, _LETTER * (_longest(bars) + 2) / (columns * _PANEL)) if columns > 1 else 0
    width, places, top = (1 - gap * (columns - 1)) / columns, list[_Place](), room
    for row in rows:
        high = top - _HEADING
        low = high - max(1, row) * _ROW
        for column in range(columns):
            left = column * (width + gap)
            places.append(_Place(left, min(1, left + width), max(0, low / room), high / room, max(1, row)))
        top = low - _AXIS
    return places[: len(bars.panels)]


def _rows(bars: Bars, columns: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    counts = [len(panel.bars) for panel in bars.panels] or [0]
    return [max(counts[at : at + columns]) for at in range(0, len(counts), columns)]


def _row_height(bars: int) -> int:
    return _HEADING + max(1, bars) * _ROW + _AXIS


def _height(bars: Bars, columns: int) -> int:
    return _ABOVE + sum(map(_row_height, _rows(bars, columns))) + _TITLE + _BELOW


def _longest(bars: Bars) -> int:
    return min(_LONGEST, max((len(bar.label) for panel in bars.panels for bar in panel.bars), default=0))


def _values(bars: Bars) -> dict[str, Any]:
    low, high = bars.ends
    shown: dict[str, Any] = {"tickformat": ".0%"} if bars.percent else {"tickformat": ",d"} if bars.whole else {}
    shown |= {"showticklabels": False, "ticks": ""} if bars.worded else {}
    single = {"tickvals": [0]} if bars.worded else {"dtick": 1} if bars.whole and max(-low, high) < _FEW else {"nticks": 6}
    return {"range": [low, high], "zeroline": True, "showgrid": True, "fixedrange": True} | shown | single


def _labels(panel: Panel, place: _Place) -> dict[str, Any]:
    shown = [bar.label if len(bar.label) <= _LONGEST else bar.label[: _LONGEST - 1] + "…" for bar in panel.bars]
    ticks = {"tickmode": "array", "tickvals": list(range(len(shown))), "ticktext": [plain(label) for label in shown], "ticks": ""}
    span = {"range": [place.rows - 0.5, -0.5], "domain": [place.low, place.high], "fixedrange": True}
    return ticks | span | {"automargin": True, "zeroline": False, "showgrid": False, "showline": False, "ticklabelstandoff": 4}


def _heading(panel: Panel, place: _Place, *, right: bool) -> dict[str, Any]:
    """Return a panel's name above it: at its left, or where long labels leave it little width at its right."""
    side = {"x": place.right, "xanchor": "right"} if right else {"x": place.left, "xanchor": "left"}
    spot = {"xref": "paper", "yref": "paper", "y": place.high, "yanchor": "bottom", "showarrow": False} | side
    return spot | {"text": f"<b>{plain(panel.label)}</b>", "font": {"color": panel.style.colour, "size": 13}}


def _axis(place: int) -> str:
    return str(place + 1) if place else ""
