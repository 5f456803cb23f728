"""Draws reliability diagrams as static images: one square per diagram, up to three side by side where there is room."""

import math
from typing import Any

from dashboard.charts.palette import PALETTE
from dashboard.charts.spec.reliability import ReliabilityChart, ReliabilityPanel, ReliabilityPoint
from dashboard.charts.vega.theme import LEFT_AXIS_PX, PADDING_PX, Theme, non_plot_height
from dashboard.core.formatting.texts import truncate

_MAX_COLUMNS, _MIN_PANEL_WIDTH_PX = 3, 110  # of panels side by side
_PANEL_GAP_PX = 14  # between two panels
_HEADING_PX, _LABELS_PX = 24, 30  # heights of a panel's heading and of the labels below it; those of the last row are part of AXIS_PX
_PANEL_FRAME_PX = _HEADING_PX + _LABELS_PX
_MIN_PANEL_PX = 90  # the smallest height of a panel
_MIN_LABELLED_PX = 320  # the width from which a panel has room for numbers next to its points
_POINT_AREA_SHARE, _MIN_POINT_AREA_PX = 0.0025, 16  # of the largest point in the area of a panel; of the smallest one
_LABEL_GAP_PX = 5  # between a point and its number of texts
_HEADING_CHAR_PX = 7.0  # average width of a character of a panel's heading
_PROBABILITY_SCALE = {"domain": [0, 1], "nice": False}


def build_view(chart: ReliabilityChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    columns = _column_count(chart, width)
    size = (_panel_width(columns, width), _panel_height(chart, width, height))
    views = [_build_panel(chart, index, columns, size, theme) for index in range(len(chart.panels))]
    spacing = {"row": _PANEL_FRAME_PX, "column": LEFT_AXIS_PX + _PANEL_GAP_PX}
    return {"concat": views, "columns": columns, "spacing": spacing, "bounds": "flush"}


def left_offset(chart: ReliabilityChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the left axis."""
    return LEFT_AXIS_PX


def min_plot_height(chart: ReliabilityChart, width: int) -> int:
    """Return the smallest height in pixels that the panels need."""
    return (_PANEL_FRAME_PX + _MIN_PANEL_PX) * _row_count(chart, width)


def readable_height(chart: ReliabilityChart, min_height: int, width: int) -> int:
    """Return the height with which panels are about square, at least `min_height`."""
    panels_height = _row_count(chart, width) * (_PANEL_FRAME_PX + round(_panel_width(_column_count(chart, width), width)))
    return max(min_height, non_plot_height(chart, width, left_offset=left_offset(chart)) + panels_height - _LABELS_PX)


def _column_count(chart: ReliabilityChart, width: int) -> int:
    return chart.column_count(max(1, min(_MAX_COLUMNS, (width - 2 * PADDING_PX) // (_MIN_PANEL_WIDTH_PX + LEFT_AXIS_PX))))


def _row_count(chart: ReliabilityChart, width: int) -> int:
    return max(1, -(-len(chart.panels) // _column_count(chart, width)))


def _panel_width(columns: int, width: int) -> float:
    return (width - 2 * PADDING_PX - LEFT_AXIS_PX - (columns - 1) * (LEFT_AXIS_PX + _PANEL_GAP_PX)) / columns


def _panel_height(chart: ReliabilityChart, width: int, height: int) -> float:
    rows = _row_count(chart, width)
    panels_height = height - non_plot_height(chart, width, left_offset=left_offset(chart)) + _LABELS_PX
    return max(20.0, panels_height / rows - _PANEL_FRAME_PX)


def _build_panel(chart: ReliabilityChart, index: int, columns: int, size: tuple[float, float], theme: Theme) -> dict[str, Any]:
    """Return a panel. Only those at the left and those above no other have titles at their axes."""
    panel, (width, height) = chart.panels[index], size
    is_labelled = width >= _MIN_LABELLED_PX
    x = _build_axis("confidence", chart.x_title if index + columns >= len(chart.panels) else None, is_labelled)
    y = _build_axis("accuracy", chart.y_title if index % columns == 0 else None, is_labelled)
    layers = [
        *_build_diagonal(x, y, size, chart.diagonal_label if is_labelled else ""),
        {"mark": {"type": "rule", "color": PALETTE[1], "strokeWidth": 5, "opacity": 0.35}, "encoding": _between(x, y, "confidence")},
        {"mark": {"type": "circle", "color": PALETTE[0], "opacity": 0.85}, "encoding": {"x": x, "y": y, "size": _unscaled("area")}},
        {"mark": {"type": "rule", "color": theme.foreground, "strokeWidth": 1.25}, "encoding": _between(x, y | {"field": "low"}, "high")},
        *[_build_labels(x, y, theme)] * is_labelled,
    ]
    values = [_build_row(point, area, size) for point, area in zip(panel.points, chart.relative_areas(panel), strict=True)]
    heading = {"title": _build_heading(panel, width, theme)} if panel.heading else {}
    return heading | {"width": width, "height": height, "data": {"values": values}, "layer": layers}


def _build_row(point: ReliabilityPoint, relative_area: float, size: tuple[float, float]) -> dict[str, Any]:
    """Return a point, and how far to the right of it (if negative, to the left) its number goes: away from the diagonal."""
    area = max(_MIN_POINT_AREA_PX, _POINT_AREA_SHARE * size[0] * size[1] * relative_area)
    distance = math.sqrt(area / math.pi) + _LABEL_GAP_PX
    is_too_sure = point.accuracy < point.confidence
    values = {"confidence": point.confidence, "accuracy": point.accuracy, "low": point.low, "high": point.high, "rows": point.rows}
    return values | {"area": area, "aside": distance if is_too_sure else -distance}


def _build_heading(panel: ReliabilityPanel, width: float, theme: Theme) -> dict[str, Any]:
    text = truncate(panel.heading, int((width + LEFT_AXIS_PX) / _HEADING_CHAR_PX))
    return {"text": text, "anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4, "color": theme.foreground}


def _build_labels(x: dict[str, Any], y: dict[str, Any], theme: Theme) -> dict[str, Any]:
    mark = {"type": "text", "color": theme.foreground, "align": {"expr": "datum.aside > 0 ? 'left' : 'right'"}}
    rows = {"field": "rows", "type": "quantitative", "format": ",d"}
    return {"mark": mark | {"dx": {"expr": "datum.aside"}}, "encoding": {"x": x, "y": y, "text": rows}}


def _build_axis(field: str, title: str | None, is_labelled: bool) -> dict[str, Any]:
    axis = {"title": title, "format": ".0%", "values": [step / 10 for step in range(0, 11, 2 if is_labelled else 5)]}
    extent = {"minExtent": 40, "maxExtent": 40} if field == "accuracy" else {}
    return {"field": field, "type": "quantitative", "scale": _PROBABILITY_SCALE, "axis": axis | extent}


def _between(x: dict[str, Any], y: dict[str, Any], end: str) -> dict[str, Any]:
    return {"x": x, "y": y, "y2": {"field": end}}


def _unscaled(field: str) -> dict[str, Any]:
    return {"field": field, "type": "quantitative", "scale": None}


def _build_diagonal(x: dict[str, Any], y: dict[str, Any], size: tuple[float, float], label: str) -> list[dict[str, Any]]:
    """Return the line on which accuracy equals confidence, with its label along it."""
    angle = 360 - math.degrees(math.atan2(size[1], size[0]))
    line = {"type": "line", "style": "faint", "strokeDash": [5, 4]}
    text = {"type": "text", "style": "faint", "text": label, "angle": angle, "dy": -9, "fontSize": 12}
    encoding = {"x": x, "y": y}
    return [
        {"data": {"values": [{"confidence": 0, "accuracy": 0}, {"confidence": 1, "accuracy": 1}]}, "mark": line, "encoding": encoding},
        *[{"data": {"values": [{"confidence": 0.16, "accuracy": 0.16}]}, "mark": text, "encoding": encoding}] * bool(label),
    ]
