"""Grids as interactive figures: a sheet an account below one another, each cell a bar, for the small plotly.js has no heat map."""

from typing import Any

import plotly.graph_objects as go

from dashboard.charts.interactive.parts import plain
from dashboard.charts.spec import Grid, Sheet

_SHEET, _HEADING, _AXIS = 210, 34, 60  # pixels
_GAP = 0.94  # of a cell that is filled


def draw(grid: Grid) -> dict[str, Any]:
    """Return traces and layout."""
    count = len(grid.sheets)
    axes: dict[str, Any] = {"xaxis": _columns(grid, f"y{count}" if count > 1 else "y")}
    notes, traces = [], []
    for place, sheet in enumerate(grid.sheets):
        name = f"y{place + 1}" if place else "y"
        low, high = (count - place - 1) / count, (count - place) / count - _HEADING / height(grid)
        axes[name.replace("y", "yaxis")] = _rows(grid) | {"domain": [low, high], "anchor": "x"}
        notes.append(_heading(sheet, high))
        traces.append(_cells(grid, sheet, name))
    return {"data": traces, "layout": axes | {"showlegend": False, "barmode": "overlay", "annotations": notes, "hovermode": "closest"}}


def height(grid: Grid) -> int:
    """Return the pixels that the figure needs."""
    return _AXIS + _SHEET * max(1, len(grid.sheets))


def _cells(grid: Grid, sheet: Sheet, axis: str) -> Any:
    cells = sheet.cells
    return go.Bar(
        x=[cell.column for cell in cells],
        y=[_GAP for _ in cells],
        base=[cell.row + (1 - _GAP) / 2 for cell in cells],
        width=_GAP,
        yaxis=axis,
        name=plain(sheet.label),
        marker={"color": [_faded(sheet.style.colour, strength) for strength in grid.strengths(sheet)], "line": {"width": 0}},
        hovertext=[plain(cell.detail).replace("\n", "<br>") for cell in cells],
        hovertemplate="%{fullData.name}<br>%{hovertext}<extra></extra>",
    )


def _faded(colour: str, strength: float) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength:.3f})"


def _columns(grid: Grid, anchor: str) -> dict[str, Any]:
    ticks = list(range(0, len(grid.columns), 3))
    shown = {"tickvals": ticks, "ticktext": [grid.columns[tick] for tick in ticks], "range": [-0.5, len(grid.columns) - 0.5]}
    return {"anchor": anchor, "fixedrange": True, "zeroline": False, "automargin": True} | shown


def _rows(grid: Grid) -> dict[str, Any]:
    middles = [row + 0.5 for row in range(len(grid.rows))]
    return {"tickvals": middles, "ticktext": list(grid.rows), "range": [len(grid.rows), 0], "fixedrange": True, "zeroline": False}


def _heading(sheet: Sheet, top: float) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": 0, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    return place | {"text": f"<b>{plain(sheet.label)}</b>", "font": {"color": sheet.style.colour, "size": 13}}
