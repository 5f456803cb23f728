"""The axes and the headings of the panels of an interactive bar chart."""

from math import log10
from textwrap import wrap
from typing import Any

from dashboard.charts.plotlyjs.bar_layout import (
    AXIS_PX,
    LABEL_CHAR_PX,
    MAX_LABEL_CHARS,
    MAX_MIRRORED_LABELS_SHARE,
    PanelArea,
    mirrored_label_chars,
    mirrored_panel_width,
)
from dashboard.charts.plotlyjs.parts import escape_markup, heading_font
from dashboard.charts.spec.bars import BarChart, BarPanel
from dashboard.core.formatting.texts import truncate

_MAX_TITLE_LINE_CHARS = 44  # under a single column of panels
_MIRRORED_PANEL_PX = 240  # labels are placed for a panel of this width, or wider if they need it
_UNIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels


def x_position(chart: BarChart, value: float | None) -> float | None:
    """Return where a value is on the axis, None if it is unknown."""
    return round(log10(1 + value), 3) if chart.log_x and value is not None else value


def build_axis_title(chart: BarChart, columns: int) -> dict[str, Any]:
    """Return the title of the value axes, below all panels; wrapped if there is only one column."""
    lines = [chart.x_title] if columns > 1 else wrap(chart.x_title, _MAX_TITLE_LINE_CHARS)
    placement = {"x": 1, "xanchor": "right", "align": "right", "y": 0, "yanchor": "top", "yshift": -AXIS_PX + 6}
    text = "<br>".join(escape_markup(line) for line in lines)
    return {"xref": "paper", "yref": "paper", "showarrow": False, "text": text, "font": {"size": 12}} | placement


def build_x_axis(chart: BarChart) -> dict[str, Any]:
    """Return the axis of values."""
    low, high = _axis_range(chart)
    if chart.log_x:
        tickvals, ticktext = ([x_position(chart, value) for value, _ in chart.x_ticks], [label for _, label in chart.x_ticks])
        axis_range = [x_position(chart, low), x_position(chart, high)]
        return {"range": axis_range, "zeroline": True, "showgrid": True, "fixedrange": True, "tickvals": tickvals, "ticktext": ticktext}
    ticks: dict[str, Any] = {"tickformat": ".0%"} if chart.percent else {"tickformat": ",d"} if chart.integer_values else {}
    ticks |= {"showticklabels": False, "ticks": ""} if chart.values_in_labels else {}
    spacing = (
        {"tickvals": [0]}
        if chart.values_in_labels
        else {"dtick": 1}
        if chart.integer_values and max(-low, high) < _UNIT_TICKS_BELOW
        else {"nticks": 6}
    )
    return {"range": [low, high], "zeroline": True, "showgrid": True, "fixedrange": True} | ticks | spacing


def _axis_range(chart: BarChart) -> tuple[float, float]:
    """Return the ends of the axis of values: those of the scale, and room for labels at the ends of mirrored bars."""
    low, high = chart.value_range
    if not chart.is_mirrored:
        return low, high
    panel_width = max(_MIRRORED_PANEL_PX, mirrored_panel_width(chart))
    left, right = (LABEL_CHAR_PX * chars / panel_width for chars in mirrored_label_chars(chart))
    squeeze = min(1.0, MAX_MIRRORED_LABELS_SHARE / ((left + right) or 1))
    unit = (high - low) / (1 - squeeze * (left + right))
    return low - squeeze * left * unit, high + squeeze * right * unit


def build_y_axis(panel: BarPanel, area: PanelArea, *, has_labels: bool) -> dict[str, Any]:
    """Return the axis of labels, hidden if the labels are at the ends of the bars."""
    if not has_labels:
        placement = {"range": [area.bar_slots - 0.5, -0.5], "domain": [area.bottom, area.top], "fixedrange": True}
        return placement | {"showticklabels": False, "ticks": "", "zeroline": False, "showgrid": False, "showline": False}
    labels = [truncate(bar.label, MAX_LABEL_CHARS) for bar in panel.bars]
    ticks = {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": [escape_markup(label) for label in labels], "ticks": ""}
    placement = {"range": [area.bar_slots - 0.5, -0.5], "domain": [area.bottom, area.top], "fixedrange": True}
    return ticks | placement | {"automargin": True, "zeroline": False, "showgrid": False, "showline": False, "ticklabelstandoff": 4}


def build_heading(panel: BarPanel, area: PanelArea, *, align_right: bool) -> dict[str, Any]:
    """Return a panel's heading: above its left edge, or aligned with its right edge where long labels leave it little width."""
    alignment = {"x": area.right, "xanchor": "right"} if align_right else {"x": area.left, "xanchor": "left"}
    placement = {"xref": "paper", "yref": "paper", "y": area.top, "yanchor": "bottom", "showarrow": False} | alignment
    return placement | {"text": escape_markup(panel.label), "font": heading_font(panel.style.color)}
