"""Draws scatter charts as static images, with medians on top. Which posts are drawn is decided by the chart."""

from math import ceil
from typing import Any

from dashboard.charts.spec.scatter import Point, ScatterChart, ScatterSeries
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, fit_to_canvas

_POINT_OPACITY = 0.6
_MIN_PLOT_PX, _LEGEND_LINE_PX = 190, 18  # heights


def build_view(chart: ScatterChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    point_count = sum(len(series.points) for series in chart.series)
    dots = {"type": "point", "filled": True, "opacity": _POINT_OPACITY, "size": 26 if point_count <= 1000 else 16}
    outline = {"type": "point", "filled": True, "opacity": 1, "size": 150, "color": theme.background}
    median = {"type": "point", "filled": True, "opacity": 1, "size": 80}
    shared = {
        "x": _x_encoding(chart),
        "y": _y_encoding(chart),
        "color": _color_encoding(chart, width),
        "shape": _shape_encoding(chart, width),
    }
    whisker = {"x": shared["x"], "y": _y_encoding(chart, "low"), "y2": {"field": "high"}}
    layers = [
        {"data": {"name": "dots"}, "mark": dots, "encoding": shared},
        {"data": {"name": "medians"}, "mark": outline, "encoding": {key: shared[key] for key in ("x", "y", "shape")}},
        {"data": {"name": "medians"}, "mark": {"type": "rule", "strokeWidth": 2.5, "color": theme.foreground}, "encoding": whisker},
        {"data": {"name": "medians"}, "mark": median, "encoding": shared},
    ]
    return fit_to_canvas({"layer": layers, "datasets": _build_datasets(chart)}, width, height)


def left_offset(chart: ScatterChart) -> int:
    """Return the offset in pixels of title and caption from the left: 0."""
    return 0


def min_plot_height(chart: ScatterChart, width: int) -> int:
    """Return the smallest height in pixels that a plot and its legend need at this width."""
    return _MIN_PLOT_PX + _LEGEND_LINE_PX * ceil(len(chart.series) / _legend_columns(chart, width))


def readable_height(chart: ScatterChart, min_height: int, width: int) -> int:
    """Return a height that keeps the chart readable: `min_height`, or more if there are many accounts."""
    return max(min_height, 480 + _LEGEND_LINE_PX * ceil(len(chart.series) / _legend_columns(chart, width)))


def _build_datasets(chart: ScatterChart) -> dict[str, Any]:
    return {
        "dots": [_build_row(series, point) for series in chart.series for point in series.points],
        "medians": [_build_row(series, point) for series in chart.series for point in series.medians],
    }


def _build_row(series: ScatterSeries, point: Point) -> dict[str, Any]:
    return {"label": series.label, "x": point.x, "y": point.y, "low": point.low, "high": point.high}


def _x_encoding(chart: ScatterChart) -> dict[str, Any]:
    tick_format: dict[str, Any] = {"format": "d", "values": chart.x_ticks, "ticks": True} if chart.integer_x else {"format": ".1f"}
    scale = {"domain": list(chart.x_range), "nice": False, "zero": False}
    return {"field": "x", "type": "quantitative", "scale": scale, "axis": {"title": chart.x_title, "grid": False} | tick_format}


def _y_encoding(chart: ScatterChart, field: str = "y") -> dict[str, Any]:
    axis: dict[str, Any] = {"title": chart.y_title, "minExtent": LEFT_AXIS_PX - 24}
    scale: dict[str, Any] = {"type": "linear", "nice": True}
    if chart.log_y:  # Vega's symlog is the logarithm of 1 + y
        label_cases = " : ".join(f"datum.value === {value} ? '{label}'" for value, label in chart.y_ticks)
        axis |= {"values": [value for value, _ in chart.y_ticks], "labelExpr": f"{label_cases} : ''"}
        scale = {"type": "symlog", "constant": 1, "domain": [-0.13, chart.max_y * 1.15], "nice": False}
    return {"field": field, "type": "quantitative", "scale": scale, "axis": axis}


def _color_encoding(chart: ScatterChart, width: int) -> dict[str, Any]:
    scale = {"domain": [series.label for series in chart.series], "range": [series.style.color for series in chart.series]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(chart, width)}


def _shape_encoding(chart: ScatterChart, width: int) -> dict[str, Any]:
    scale = {"domain": [series.label for series in chart.series], "range": [series.style.symbol for series in chart.series]}
    return {"field": "label", "type": "nominal", "scale": scale, "legend": _legend(chart, width)}


def _legend(chart: ScatterChart, width: int) -> dict[str, Any] | None:
    legend = {"title": None, "orient": "top", "columns": _legend_columns(chart, width), "labelLimit": 260, "symbolOpacity": 1}
    return legend if len(chart.series) > 1 else None


def _legend_columns(chart: ScatterChart, width: int) -> int:
    longest_label_chars = max((len(series.label) for series in chart.series), default=1)
    return max(1, min(len(chart.series), (width - 2 * PADDING_PX - LEFT_AXIS_PX) // (40 + 7 * longest_label_chars)))
