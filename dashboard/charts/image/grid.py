"""Grids as still images: a sheet an account below one another."""

from typing import Any

from dashboard.charts.image.look import LEFT, PADDING, Theme, above
from dashboard.charts.spec import Grid, Sheet

_GAP, _LOWEST, _FITTING = 26, 26 + 70, 26 + 130  # pixels between sheets, and of a sheet


def drawing(grid: Grid, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the grid as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    room = height - above(grid, width, besides=besides(grid))
    size = {"width": width - 2 * PADDING - LEFT, "height": max(20, room / len(grid.sheets) - _GAP)}
    last = grid.sheets[-1]
    return {"vconcat": [_sheet(grid, sheet, labels=sheet is last) | size for sheet in grid.sheets], "bounds": "flush", "spacing": _GAP}


def besides(grid: Grid) -> int:
    """Return the pixels at the left of the plots, which title and caption start after."""
    return LEFT


def lowest(grid: Grid, width: int) -> int:
    """Return the pixels of height that the sheets need at least."""
    return _LOWEST * max(1, len(grid.sheets))


def fitting(grid: Grid, height: int) -> int:
    """Return a height that leaves each sheet readable: `height`, or more where there are many."""
    return max(height, 130 + _FITTING * len(grid.sheets))


def _sheet(grid: Grid, sheet: Sheet, *, labels: bool) -> dict[str, Any]:
    rows = [
        {"column": grid.columns[cell.column], "row": grid.rows[cell.row], "value": cell.value, "strength": strength}
        for cell, strength in zip(sheet.cells, grid.strengths(sheet), strict=True)
    ]
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4, "text": sheet.label, "color": sheet.style.colour}
    plain = {"domain": False, "ticks": False, "title": None, "grid": False}
    hours = plain | {"labels": labels, "labelAngle": 0, "values": list(grid.columns[::3])}
    days = plain | {"minExtent": 40, "maxExtent": 40}
    return {
        "data": {"values": rows},
        "title": heading,
        "mark": {"type": "rect", "color": sheet.style.colour, "stroke": None},
        "encoding": {
            "x": {"field": "column", "type": "ordinal", "sort": list(grid.columns), "scale": {"paddingInner": 0.06}, "axis": hours},
            "y": {"field": "row", "type": "ordinal", "sort": list(grid.rows), "scale": {"paddingInner": 0.06}, "axis": days},
            "opacity": {"field": "strength", "type": "quantitative", "scale": None},
        },
    }
