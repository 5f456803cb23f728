"""Grids as interactive figures: a sheet an account, two side by side where there is room; each cell is a bar, for the small plotly.js has
no heat map.
"""

from typing import Any

from dashboard.charts.plotlyjs.parts import behind, plain
from dashboard.charts.spec import Grid, Sheet, shortened

_MOST_COLUMNS, _LEAST = 2, 300  # sheets side by side; pixels of the least width of one among others
_SHEET, _HEADING, _AXIS, _ABOVE = 176, 30, 36, 8  # pixels of height
_LEFT, _BETWEEN = 44, 0.06  # pixels before the first column of sheets; share of the width between two
_GAP = 0.92  # of a cell that is filled
_EVERY = 3  # hours between two labels


def draw(grid: Grid) -> dict[str, Any]:
    """Return traces and layout, and the layout for a plot too narrow to have two sheets side by side."""
    columns = min(_MOST_COLUMNS, max(1, len(grid.sheets)))
    traces = [_cells(grid, sheet, _axis(place)) for place, sheet in enumerate(grid.sheets)]
    narrow = {"narrow": {"below": columns * _LEAST, "layout": _layout(grid, 1)}} if columns > 1 else {}
    return {"data": traces, "layout": _layout(grid, columns)} | narrow


def height(grid: Grid) -> int:
    """Return the pixels that the figure needs."""
    return _height(grid, min(_MOST_COLUMNS, max(1, len(grid.sheets))))


def _height(grid: Grid, columns: int) -> int:
    return _ABOVE + max(1, -(-len(grid.sheets) // columns)) * (_HEADING + _SHEET + _AXIS)


def _cells(grid: Grid, sheet: Sheet, axis: str) -> dict[str, Any]:
    cells = sheet.cells
    return {
        "type": "bar",
        "x": [cell.column for cell in cells],
        "y": [_GAP for _ in cells],
        "base": [round(cell.row + (1 - _GAP) / 2, 2) for cell in cells],
        "width": _GAP,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "name": plain(sheet.label),
        "marker": {"color": [_faded(sheet.style.colour, strength) for strength in grid.strengths(sheet)], "line": {"width": 0}},
        "hovertext": [plain(cell.detail).replace("\n", "<br>") for cell in cells],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "customdata": [behind(cell.where) for cell in cells],
    }


def _faded(colour: str, strength: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength:.3f})"


def _layout(grid: Grid, columns: int) -> dict[str, Any]:
    tall, axes, notes = _height(grid, columns), dict[str, Any](), []
    width, room = (1 - _BETWEEN * (columns - 1)) / columns, tall - _ABOVE - _AXIS
    for place, sheet in enumerate(grid.sheets):
        left = place % columns * (width + _BETWEEN)
        high = 1 - (place // columns * (_HEADING + _SHEET + _AXIS) + _HEADING) / room
        axes[f"xaxis{_axis(place)}"] = _columns(grid, place) | {"domain": [left, min(1, left + width)]}
        axes[f"yaxis{_axis(place)}"] = _rows(grid, place) | {"domain": [max(0, high - _SHEET / room), high]}
        notes.append(_heading(grid, sheet, left, high))
    margin = {"l": _LEFT, "r": 8, "t": _ABOVE, "b": _AXIS}
    shared = {"showlegend": False, "barmode": "overlay", "hovermode": "closest"}
    return axes | shared | {"height": tall, "margin": margin, "annotations": notes}


def _columns(grid: Grid, place: int) -> dict[str, Any]:
    ticks = list(range(0, len(grid.columns), _EVERY))
    shown = {"tickvals": ticks, "ticktext": [grid.columns[tick] for tick in ticks], "range": [-0.5, len(grid.columns) - 0.5]}
    return {"anchor": f"y{_axis(place)}", "fixedrange": True, "zeroline": False, "showgrid": False} | shown


def _rows(grid: Grid, place: int) -> dict[str, Any]:
    middles = [row + 0.5 for row in range(len(grid.rows))]
    shown = {"tickvals": middles, "ticktext": list(grid.rows), "range": [len(grid.rows), 0]}
    return {"anchor": f"x{_axis(place)}", "fixedrange": True, "zeroline": False, "showgrid": False} | shown


def _axis(place: int) -> str:
    """Return what plotly.js adds to the name of the axes of a sheet."""
    return str(place + 1) if place else ""


def _heading(grid: Grid, sheet: Sheet, left: float, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": left, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    text = f"<b>{plain(shortened(sheet.label))}</b> · {grid.scale(sheet)}"
    return place | {"text": text, "font": {"color": sheet.style.colour, "size": 13}}
