"""Draws heat maps as static images: one panel per account, up to three side by side where there is room."""

from typing import Any

from dashboard.charts.spec.heatmap import HeatmapChart, HeatmapPanel
from dashboard.charts.spec.panels import truncate_label
from dashboard.charts.vega.theme import AXIS_PX, LEFT_AXIS_PX, PADDING_PX, Theme, non_plot_height
from dashboard.core.formatting.texts import truncate

_MAX_COLUMNS, _MIN_PANEL_WIDTH_PX = 3, 180  # of panels side by side
_PANEL_GAP_PX, _PANEL_FRAME_PX = 22, 26 + 18  # between two panels; the height of a panel's heading and labels
_MIN_CELLS_PX, _READABLE_CELLS_PX = 60, 130  # the height of a panel's cells: the smallest, and a comfortable one
_HOURS_PER_LABEL = 3
_HEADING_CHAR_PX = 7.0  # average width of a character of a panel's heading
_MIN_LABEL_CHARACTERS = 6  # of an account in it


def build_view(chart: HeatmapChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    columns = _column_count(chart, width)
    rows = -(-len(chart.panels) // columns)
    plots_height = height - non_plot_height(chart, width, left_offset=left_offset(chart)) + AXIS_PX // 2
    panel_width = (width - 2 * PADDING_PX - LEFT_AXIS_PX - (columns - 1) * (LEFT_AXIS_PX + _PANEL_GAP_PX)) / columns
    panel_height = max(20.0, plots_height / rows - _PANEL_FRAME_PX)
    views = [_build_panel(chart, panel, panel_width) | {"width": panel_width, "height": panel_height} for panel in chart.panels]
    spacing = {"row": _PANEL_FRAME_PX, "column": LEFT_AXIS_PX + _PANEL_GAP_PX}
    return {"concat": views, "columns": columns, "spacing": spacing, "bounds": "flush"}


def left_offset(chart: HeatmapChart) -> int:
    """Return the offset in pixels of title and caption from the left: the width of the left axis."""
    return LEFT_AXIS_PX


def min_plot_height(chart: HeatmapChart, width: int) -> int:
    """Return the smallest height in pixels that the panels need."""
    return (_PANEL_FRAME_PX + _MIN_CELLS_PX) * max(1, -(-len(chart.panels) // _column_count(chart, width)))


def readable_height(chart: HeatmapChart, min_height: int, width: int) -> int:
    """Return a height that keeps each panel readable: `min_height`, or more if there are many panels."""
    return max(min_height, 140 + (_PANEL_FRAME_PX + _READABLE_CELLS_PX) * -(-len(chart.panels) // _column_count(chart, width)))


def _column_count(chart: HeatmapChart, width: int) -> int:
    return chart.column_count(max(1, min(_MAX_COLUMNS, (width - 2 * PADDING_PX) // (_MIN_PANEL_WIDTH_PX + LEFT_AXIS_PX))))


def _build_panel(chart: HeatmapChart, panel: HeatmapPanel, width: float) -> dict[str, Any]:
    rows = [
        {"column": chart.column_labels[cell.column], "row": chart.row_labels[cell.row], "value": cell.value, "opacity": opacity}
        for cell, opacity in zip(panel.cells, chart.cell_opacities(panel), strict=True)
    ]
    mark = {"type": "rect", "color": panel.style.color, "stroke": None}
    return {"data": {"values": rows}, "title": _build_heading(chart, panel, width), "mark": mark, "encoding": _build_encoding(chart)}


def _build_heading(chart: HeatmapChart, panel: HeatmapPanel, width: float) -> dict[str, Any]:
    """Return the title of a panel, in which the account's label leaves room for what the darkest colour stands for."""
    room, scale = width + LEFT_AXIS_PX, f" · {chart.describe_scale(panel)}"
    label = truncate(truncate_label(panel.label), max(_MIN_LABEL_CHARACTERS, int(room / _HEADING_CHAR_PX) - len(scale)))
    style = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 4, "limit": room}
    return style | {"text": label + scale, "color": panel.style.color}


def _build_encoding(chart: HeatmapChart) -> dict[str, Any]:
    axis = {"domain": False, "ticks": False, "title": None, "grid": False}
    hour_axis = axis | {"labelAngle": 0, "values": list(chart.column_labels[::_HOURS_PER_LABEL])}
    day_axis = axis | {"minExtent": 40, "maxExtent": 40}
    return {
        "x": {"field": "column", "type": "ordinal", "scale": _band_scale(chart.column_labels), "axis": hour_axis},
        "y": {"field": "row", "type": "ordinal", "scale": _band_scale(chart.row_labels), "axis": day_axis},
        "opacity": {"field": "opacity", "type": "quantitative", "scale": None},
    }


def _band_scale(labels: tuple[str, ...]) -> dict[str, Any]:
    return {"domain": list(labels), "paddingInner": 0.08}
