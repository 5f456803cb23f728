"""Clouds of dots as interactive figures, the medians above them. A logarithm of 1 + y is no axis of plotly.js: y is computed here, its
ticks are named.
"""

from math import log10
from typing import Any

from dashboard.charts.plotlyjs.parts import behind, plain
from dashboard.charts.spec import Cloud, Dot, Scatter

_HEIGHT, _LEGEND, _NAMES = 460, 20, 3  # pixels; names beside one another in a legend


def draw(scatter: Scatter) -> dict[str, Any]:
    """Return traces and layout."""
    traces = [_dots(scatter, cloud) for cloud in scatter.clouds]
    traces += [_medians(scatter, cloud) for cloud in scatter.clouds if cloud.medians]
    axes = {"xaxis": _scores(scatter), "yaxis": _values(scatter)}
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    shared = {"showlegend": len(scatter.clouds) > 1, "legend": legend, "hovermode": "closest"}
    return {"data": traces, "layout": axes | shared}


def height(scatter: Scatter) -> int:
    """Return the pixels that the figure needs."""
    return _HEIGHT + _LEGEND * (len(scatter.clouds) // _NAMES)


def _dots(scatter: Scatter, cloud: Cloud) -> dict[str, Any]:
    marker = {"color": cloud.style.colour, "symbol": cloud.style.symbol, "size": 6, "opacity": 0.6}
    return _marks(scatter, cloud, cloud.dots) | {"marker": marker, "showlegend": False}


def _medians(scatter: Scatter, cloud: Cloud) -> dict[str, Any]:
    colour = cloud.style.colour
    reaches = [_reach(scatter, dot) for dot in cloud.medians]
    bounds = {"array": [up for _, up in reaches], "arrayminus": [down for down, _ in reaches]}
    whisker = {"type": "data", "symmetric": False, "color": colour, "thickness": 3, "width": 6} | bounds
    marker = {"color": colour, "symbol": cloud.style.symbol, "size": 12, "line": {"width": 1.5, "color": "#ffffff"}}
    return _marks(scatter, cloud, cloud.medians) | {"marker": marker, "error_y": whisker}


def _marks(scatter: Scatter, cloud: Cloud, dots: tuple[Dot, ...]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "markers",
        "legendgroup": cloud.account,
        "x": [dot.x for dot in dots],
        "y": [_place(scatter, dot.y) for dot in dots],
        "name": plain(cloud.label),
        "hovertext": [plain(dot.detail).replace("\n", "<br>") for dot in dots],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "customdata": [behind(dot.where) for dot in dots],
    }


def _reach(scatter: Scatter, dot: Dot) -> tuple[float, float]:
    """Return how far the interval reaches below and above, as drawn."""
    if dot.low is None or dot.high is None:
        return 0, 0
    here = _place(scatter, dot.y)
    return round(here - _place(scatter, dot.low), 3), round(_place(scatter, dot.high) - here, 3)


def _place(scatter: Scatter, value: float) -> float:
    return round(log10(1 + value), 3) if scatter.log else value


def _scores(scatter: Scatter) -> dict[str, Any]:
    shown = {"range": list(scatter.ends), "title": {"text": scatter.x_title}, "zeroline": False, "automargin": True}
    return shown | ({"tickvals": scatter.scores, "ticks": "outside"} if scatter.whole else {"tickformat": ".1f"})


def _values(scatter: Scatter) -> dict[str, Any]:
    shown = {"title": {"text": scatter.y_title}, "automargin": True, "zeroline": True}
    if not scatter.log:
        return shown | {"rangemode": "tozero"}
    ticks = {"tickvals": [_place(scatter, value) for value, _ in scatter.ticks], "ticktext": [name for _, name in scatter.ticks]}
    return shown | ticks | {"range": [-0.06, _place(scatter, scatter.highest) * 1.04 + 0.02]}
