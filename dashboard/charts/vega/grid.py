"""Grids as still images: a sheet an account, two side by side where there is room."""

from typing import Any

from dashboard.charts.spec import Grid, Sheet, shortened
from dashboard.charts.vega.theme import AXIS, LEFT, PADDING, Theme, above

_MOST_COLUMNS, _LEAST = 2, 300  # sheets side by side; pixels of the least width of one among others
_GAP, _FRAME, _LOWEST, _FITTING = 22, 26 + 18, 60, 130  # pixels between sheets; of a heading and labels; of a sheet's squares
_EVERY = 3  # hours between two labels


def drawing(grid: Grid, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the grid as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    columns = _columns(grid, width)
    rows = -(-len(grid.sheets) // columns)
    room = height - above(grid, width, besides=besides(grid)) + AXIS // 2
    wide = (width - 2 * PADDING - LEFT - (columns - 1) * (LEFT + _GAP)) / columns
    high = max(20.0, room / rows - _FRAME)
    views = [_sheet(grid, sheet) | {"width": wide, "height": high} for sheet in grid.sheets]
    spacing = {"row": _FRAME, "column": LEFT + _GAP}
    return {"concat": views, "columns": columns, "spacing": spacing, "bounds": "flush"}


def besides(grid: Grid) -> int:
    """Return the pixels at the left of the plots, which title and caption start after."""
    return LEFT


def lowest(grid: Grid, width: int) -> int:
    """Return the pixels of height that the sheets need at least."""
    return (_FRAME + _LOWEST) * max(1, -(-len(grid.sheets) // _columns(grid, width)))


def fitting(grid: Grid, height: int, width: int) -> int:
    """Return a height that leaves each sheet readable: `height`, or more where there are many."""
    return max(height, 140 + (_FRAME + _FITTING) * -(-len(grid.sheets) // _columns(grid, width)))


def _columns(grid: Grid, width: int) -> int:
    return max(1, min(_MOST_COLUMNS, len(grid.sheets), (width - 2 * PADDING) // (_LEAST + LEFT)))


def _sheet(grid: Grid, sheet: Sheet) -> dict[str, Any]:
    rows = [
        {"column": grid.columns[cell.column], "row": grid.rows[cell.row], "value": cell.value, "strength": strength}
        for cell, strength in zip(sheet.cells, grid.strengths(sheet), strict=True)
    ]
    text = f"{shortened(sheet.label)} · {grid.scale(sheet)}"
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4, "text": text, "color": sheet.style.colour}
    plain = {"domain": False, "ticks": False, "title": None, "grid": False}
    hours = plain | {"labelAngle": 0, "values": list(grid.columns[::_EVERY])}
    return {
        "data": {"values": rows},
        "title": heading,
        "mark": {"type": "rect", "color": sheet.style.colour, "stroke": None},
        "encoding": {
            "x": {"field": "column", "type": "ordinal", "scale": _bands(grid.columns), "axis": hours},
            "y": {"field": "row", "type": "ordinal", "scale": _bands(grid.rows), "axis": plain | {"minExtent": 40, "maxExtent": 40}},
            "opacity": {"field": "strength", "type": "quantitative", "scale": None},
        },
    }


def _bands(names: tuple[str, ...]) -> dict[str, Any]:
    return {"domain": list(names), "paddingInner": 0.08}
