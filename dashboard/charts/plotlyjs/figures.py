"""Charts as interactive figures: a Picture -> the plain JSON that plotly.js draws. plotly.py, 15 MiB of memory, checks it in the tests.

Colours of ink, grid and background are the page's, given by its script from the style sheet, so a figure suits light and dark. A kind of
picture is one module with `draw` (traces and layout) and `height`, and one line here.
"""

from typing import Any

from dashboard.charts.plotlyjs import bars, grid, scatter, timeline
from dashboard.charts.spec import PALETTE, TONES, Bars, Chart, Grid, Picture, Scatter, on_dark

# The mode bar's “Share chart” would send the data to Plotly's cloud; it is off, and so is every address it could go to.
CONFIG = {
    "responsive": True,
    "displaylogo": False,
    "doubleClick": "reset",  # and nothing else: zooming out beyond the scale that was given says nothing
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d", "toImage"],  # its image lacks title, dates and source; ours are linked
}
_DARK = {colour: on_dark(colour) for colour in (*PALETTE, *TONES.values())}
MOST_MARKS = 5_000
_ROOMS: dict[type[Picture], Any] = {Chart: timeline, Bars: bars, Grid: grid, Scatter: scatter}


def figure(picture: Picture) -> dict[str, Any]:
    """Return {"data", "layout", "config"} as plain JSON values, and `dark`: colours of data that a dark ground wants otherwise.

    `narrow` is a layout for plots narrower than `below`, if it has one. A picture of more than MOST_MARKS has {"layout"} with its height
    alone: a page would weigh megabytes, and no mark could be met.
    """
    if picture.marks > MOST_MARKS:
        return {"layout": {"height": height(picture)}}
    given = _ROOMS[type(picture)].draw(picture)
    narrow = {"narrow": given["narrow"]} if "narrow" in given else {}
    return {"data": given["data"], "layout": _layout(picture) | given["layout"], "config": CONFIG, "dark": _DARK} | narrow


def height(picture: Picture) -> int:
    """Return the pixels that the figure needs."""
    return int(_ROOMS[type(picture)].height(picture))


def _layout(picture: Picture) -> dict[str, Any]:
    margin = {"l": 56, "r": 16, "t": 28, "b": 40}
    return {"height": height(picture), "margin": margin, "hoverlabel": {"align": "left"}}
