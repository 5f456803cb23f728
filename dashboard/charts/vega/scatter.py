"""Clouds of dots as still images, the medians above them."""

from math import ceil
from typing import Any

from dashboard.charts.spec import Cloud, Dot, Scatter
from dashboard.charts.vega.theme import LEFT, PADDING, Theme, fitted

_PALE = 0.6  # of a dot among others
_LOWEST, _LINE = 190, 18  # pixels of height of a plot at least, and of a line of its legend


def drawing(scatter: Scatter, width: int, height: int, look: Theme) -> dict[str, Any]:
    """Return the dots as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    many = sum(len(cloud.dots) for cloud in scatter.clouds)
    dots = {"type": "point", "filled": True, "opacity": _PALE, "size": 26 if many <= 1000 else 16}
    rim = {"type": "point", "filled": True, "opacity": 1, "size": 150, "color": look.background}
    point = {"type": "point", "filled": True, "opacity": 1, "size": 80}
    shared = {"x": _scores(scatter), "y": _values(scatter), "color": _colour(scatter, width), "shape": _shape(scatter, width)}
    whisker = {"x": shared["x"], "y": _values(scatter, "low"), "y2": {"field": "high"}}
    layers = [
        {"data": {"name": "dots"}, "mark": dots, "encoding": shared},
        {"data": {"name": "medians"}, "mark": rim, "encoding": {key: shared[key] for key in ("x", "y", "shape")}},
        {"data": {"name": "medians"}, "mark": {"type": "rule", "strokeWidth": 2.5, "color": look.ink}, "encoding": whisker},
        {"data": {"name": "medians"}, "mark": point, "encoding": shared},
    ]
    return fitted({"layer": layers, "datasets": _datasets(scatter)}, width, height)


def besides(scatter: Scatter) -> int:
    """Return the pixels at the left of the plot, which title and caption start after."""
    return 0


def lowest(scatter: Scatter, width: int) -> int:
    """Return the pixels of height that a plot of such a width needs at least."""
    return _LOWEST + _LINE * ceil(len(scatter.clouds) / _columns(scatter, width))


def fitting(scatter: Scatter, height: int, width: int) -> int:
    """Return a height that leaves everything readable: `height`, or more where there are many accounts."""
    return max(height, 480 + _LINE * ceil(len(scatter.clouds) / _columns(scatter, width)))


def _datasets(scatter: Scatter) -> dict[str, Any]:
    return {
        "dots": [_row(cloud, dot) for cloud in scatter.clouds for dot in cloud.dots],
        "medians": [_row(cloud, dot) for cloud in scatter.clouds for dot in cloud.medians],
    }


def _row(cloud: Cloud, dot: Dot) -> dict[str, Any]:
    return {"label": cloud.label, "x": dot.x, "y": dot.y, "low": dot.low, "high": dot.high}


def _scores(scatter: Scatter) -> dict[str, Any]:
    shown: dict[str, Any] = {"format": "d", "values": scatter.scores, "ticks": True} if scatter.whole else {"format": ".1f"}
    scale = {"domain": list(scatter.ends), "nice": False, "zero": False}
    return {"field": "x", "type": "quantitative", "scale": scale, "axis": {"title": scatter.x_title, "grid": False} | shown}


def _values(scatter: Scatter, field: str = "y") -> dict[str, Any]:
    axis: dict[str, Any] = {"title": scatter.y_title, "minExtent": LEFT - 24}
    scale: dict[str, Any] = {"type": "linear", "nice": True}
    if scatter.log:  # Vega's symlog is the logarithm of 1 + y
        names = " : ".join(f"datum.value === {value} ? '{name}'" for value, name in scatter.ticks)
        axis |= {"values": [value for value, _ in scatter.ticks], "labelExpr": f"{names} : ''"}
        scale = {"type": "symlog", "constant": 1, "domain": [-0.13, scatter.highest * 1.15], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _colour(scatter: Scatter, width: int) -> dict[str, Any]:
    scale = {"domain": [cloud.label for cloud in scatter.clouds], "range": [cloud.style.colour for cloud in scatter.clouds]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(scatter, width)}


def _shape(scatter: Scatter, width: int) -> dict[str, Any]:
    scale = {"domain": [cloud.label for cloud in scatter.clouds], "range": [cloud.style.symbol for cloud in scatter.clouds]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(scatter, width)}


def _legend(scatter: Scatter, width: int) -> dict[str, Any] | None:
    shown = {"title": None, "orient": "top", "columns": _columns(scatter, width), "labelLimit": 260, "symbolOpacity": 1}
    return shown if len(scatter.clouds) > 1 else None


def _columns(scatter: Scatter, width: int) -> int:
    longest = max((len(cloud.label) for cloud in scatter.clouds), default=1)
    return max(1, min(len(scatter.clouds), (width - 2 * PADDING - LEFT) // (40 + 7 * longest)))
