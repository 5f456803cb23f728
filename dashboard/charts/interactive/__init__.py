"""Charts as interactive figures: a Picture -> the plain JSON that plotly.js draws. Nothing outside this room imports plotly.

Colours of ink, grid and background are the page's, given by its script from the style sheet, so a figure suits light and dark. A kind of
picture is one module with `draw` (traces and layout) and `height`, and one line here.
"""

from typing import Any

import plotly.graph_objects as go

from dashboard.charts.interactive import grid, timeline
from dashboard.charts.spec import Chart, Grid, Picture

# The mode bar's “Share chart” would send the data to Plotly's cloud; it is off, and so is every address it could go to.
CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],  # its image lacks title, dates and source; ours are linked
}
_ROOMS: dict[type[Picture], Any] = {Chart: timeline, Grid: grid}


def figure(picture: Picture) -> dict[str, Any]:
    """Return {"data", "layout", "config"} as plain JSON values."""
    given = _ROOMS[type(picture)].draw(picture)
    drawn = go.Figure(data=given["data"], layout=_layout(picture) | given["layout"]).to_plotly_json()
    return {"data": drawn["data"], "layout": drawn["layout"], "config": CONFIG}


def height(picture: Picture) -> int:
    """Return the pixels that the figure needs."""
    return int(_ROOMS[type(picture)].height(picture))


def _layout(picture: Picture) -> dict[str, Any]:
    margin = {"l": 56, "r": 16, "t": 28, "b": 40}
    return {"template": "none", "height": height(picture), "margin": margin, "hoverlabel": {"align": "left"}}
