"""Clouds of dots as still images, the medians above them."""

from math import ceil
from typing import Any

from dashboard.charts.spec import Point, ScatterChart, ScatterSeries
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, fit_to_canvas

_POINT_OPACITY = 0.6  # of a dot among others
_MIN_PLOT_PX, _LEGEND_LINE_PX = 190, 18  # pixels of height of a plot at least, and of a line of its legend


def build_view(chart: ScatterChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the dots as Vega-Lite on a canvas of `width` × `height`, without title and theme."""
    many = sum(len(cloud.points) for cloud in chart.series)
    dots = {"type": "point", "filled": True, "opacity": _POINT_OPACITY, "size": 26 if many <= 1000 else 16}
    rim = {"type": "point", "filled": True, "opacity": 1, "size": 150, "color": theme.background}
    point = {"type": "point", "filled": True, "opacity": 1, "size": 80}
    shared = {
        "x": _x_encoding(chart),
        "y": _y_encoding(chart),
        "color": _color_encoding(chart, width),
        "shape": _shape_encoding(chart, width),
    }
    whisker = {"x": shared["x"], "y": _y_encoding(chart, "low"), "y2": {"field": "high"}}
    layers = [
        {"data": {"name": "dots"}, "mark": dots, "encoding": shared},
        {"data": {"name": "medians"}, "mark": rim, "encoding": {key: shared[key] for key in ("x", "y", "shape")}},
        {"data": {"name": "medians"}, "mark": {"type": "rule", "strokeWidth": 2.5, "color": theme.foreground}, "encoding": whisker},
        {"data": {"name": "medians"}, "mark": point, "encoding": shared},
    ]
    return fit_to_canvas({"layer": layers, "datasets": _build_datasets(chart)}, width, height)


def left_offset(chart: ScatterChart) -> int:
    """Return the pixels at the left of the plot, which title and caption start after."""
    return 0


def min_plot_height(chart: ScatterChart, width: int) -> int:
    """Return the pixels of height that a plot of such a width needs at least."""
    return _MIN_PLOT_PX + _LEGEND_LINE_PX * ceil(len(chart.series) / _legend_columns(chart, width))


def readable_height(chart: ScatterChart, min_height: int, width: int) -> int:
    """Return a height that leaves everything readable: `height`, or more where there are many accounts."""
    return max(min_height, 480 + _LEGEND_LINE_PX * ceil(len(chart.series) / _legend_columns(chart, width)))


def _build_datasets(chart: ScatterChart) -> dict[str, Any]:
    return {
        "dots": [_build_row(cloud, dot) for cloud in chart.series for dot in cloud.points],
        "medians": [_build_row(cloud, dot) for cloud in chart.series for dot in cloud.medians],
    }


def _build_row(series: ScatterSeries, point: Point) -> dict[str, Any]:
    return {"label": series.label, "x": point.x, "y": point.y, "low": point.low, "high": point.high}


def _x_encoding(chart: ScatterChart) -> dict[str, Any]:
    shown: dict[str, Any] = {"format": "d", "values": chart.x_ticks, "ticks": True} if chart.integer_x else {"format": ".1f"}
    scale = {"domain": list(chart.x_range), "nice": False, "zero": False}
    return {"field": "x", "type": "quantitative", "scale": scale, "axis": {"title": chart.x_title, "grid": False} | shown}


def _y_encoding(chart: ScatterChart, field: str = "y") -> dict[str, Any]:
    axis: dict[str, Any] = {"title": chart.y_title, "minExtent": LEFT_AXIS_PX - 24}
    scale: dict[str, Any] = {"type": "linear", "nice": True}
    if chart.log_y:  # Vega's symlog is the logarithm of 1 + y
        names = " : ".join(f"datum.value === {value} ? '{name}'" for value, name in chart.y_ticks)
        axis |= {"values": [value for value, _ in chart.y_ticks], "labelExpr": f"{names} : ''"}
        scale = {"type": "symlog", "constant": 1, "domain": [-0.13, chart.max_y * 1.15], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _color_encoding(chart: ScatterChart, width: int) -> dict[str, Any]:
    scale = {"domain": [cloud.label for cloud in chart.series], "range": [cloud.style.color for cloud in chart.series]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(chart, width)}


def _shape_encoding(chart: ScatterChart, width: int) -> dict[str, Any]:
    scale = {"domain": [cloud.label for cloud in chart.series], "range": [cloud.style.symbol for cloud in chart.series]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(chart, width)}


def _legend(chart: ScatterChart, width: int) -> dict[str, Any] | None:
    shown = {"title": None, "orient": "top", "columns": _legend_columns(chart, width), "labelLimit": 260, "symbolOpacity": 1}
    return shown if len(chart.series) > 1 else None


def _legend_columns(chart: ScatterChart, width: int) -> int:
    longest = max((len(cloud.label) for cloud in chart.series), default=1)
    return max(1, min(len(chart.series), (width - 2 * PADDING_PX - LEFT_AXIS_PX) // (40 + 7 * longest)))
