"""Draws horizontal bars or points as static images: one panel per account, side by side where they fit, all on the same scale.

Which values are drawn, and in which colours, is decided by the chart; how panels share the image, by `bar_layout.py`.
"""

from typing import Any

from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.vega.bar_layout import AXIS_PX, HEADING_PX, LABEL_CHAR_PX, MAX_LABEL_SHARE_ALONE, PANEL_GAP_PX, BarLayout, PanelFrame
from dashboard.charts.vega.theme import Theme

_EXPLICIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels


def build_view(chart: BarChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    layout = BarLayout(chart, width)
    frames = layout.frame_panels(height)
    views = [
        {"data": {"name": str(index)}} | _build_panel(chart, panel, frame, theme)
        for index, (panel, frame) in enumerate(zip(chart.panels, frames, strict=True))
    ]
    datasets = {
        str(index): [_row_values(panel, row, bar) for row, bar in zip(chart.rows_of(panel), panel.bars, strict=True)]
        for index, panel in enumerate(chart.panels)
    }
    spacing = {"row": HEADING_PX + AXIS_PX, "column": PANEL_GAP_PX}
    return {"concat": views, "columns": layout.columns, "bounds": "flush", "align": "none", "spacing": spacing, "datasets": datasets}


def left_offset(chart: BarChart) -> int:
    """Return the offset in pixels of title and caption from the left: 0, because labels are inside the panels."""
    return 0


def min_plot_height(chart: BarChart, width: int) -> int:
    """Return the smallest height in pixels that the panels need."""
    return BarLayout(chart, width).min_plot_height


def readable_height(chart: BarChart, min_height: int, width: int) -> int:
    """Return a height that keeps each bar readable: `min_height`, or more if there are many bars."""
    return max(min_height, BarLayout(chart, width).readable_height)


def _build_panel(chart: BarChart, panel: BarPanel, frame: PanelFrame, theme: Theme) -> dict[str, Any]:
    """Return a panel without its data."""
    x = {"type": "quantitative", "scale": _x_scale(chart, frame), "axis": _x_axis(chart, frame)}
    y = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": list(range(frame.row_count)), "paddingInner": 0.24, "paddingOuter": 0.2},
        "axis": None,
    }
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 6, "text": panel.label or " ", "color": panel.style.color}
    labels = _mirrored_label_layer(x) if chart.is_mirrored else _label_layer(frame.label_width)
    layers = [
        _zero_line(x, theme),
        *(mark | {"encoding": mark["encoding"] | {"y": y}} for mark in [*_build_marks(chart, panel, x, theme), labels]),
    ]
    return {"title": heading, "width": frame.width, "height": frame.height, "layer": layers}


def _x_scale(chart: BarChart, frame: PanelFrame) -> dict[str, Any]:
    """Return a scale that leaves room for labels on its left, or on both sides of mirrored bars."""
    if chart.is_mirrored:
        left, right = (LABEL_CHAR_PX * chars + 8 for chars in chart.side_label_chars())
        squeeze = min(1.0, MAX_LABEL_SHARE_ALONE * frame.width / (left + right))
        return {"domain": list(chart.value_range), "range": [left * squeeze, frame.width - right * squeeze], "nice": False, "zero": False}
    scale = {"domain": list(chart.value_range), "range": [frame.label_width, frame.width], "nice": False}
    return scale | ({"type": "symlog", "constant": 1} if chart.log_x else {"zero": False})  # symlog is the logarithm of 1 + value


def _x_axis(chart: BarChart, frame: PanelFrame) -> dict[str, Any]:
    ticks = {"grid": True, "tickCount": max(2, int((frame.width - frame.label_width) / 50)), "labelOverlap": True, "labelFlush": False}
    title_style = {"titleAnchor": "start", "titleAlign": "left", "titleLimit": 10_000}
    return ticks | {"title": frame.title_lines or None} | title_style | _tick_format(chart)


def _zero_line(x_encoding: dict[str, Any], theme: Theme) -> dict[str, Any]:
    return {"mark": {"type": "rule", "color": theme.muted}, "encoding": {"x": x_encoding | {"datum": 0}}}


def _build_marks(chart: BarChart, panel: BarPanel, x_encoding: dict[str, Any], theme: Theme) -> list[dict[str, Any]]:
    """Return points on top of their intervals, or bars below theirs."""
    value, color = x_encoding | {"field": "value"}, {"field": "colour", "type": "nominal", "scale": None}
    interval = {"x": x_encoding | {"field": "low"}, "x2": {"field": "high"}}
    if not chart.draw_as_points:
        bar = {"mark": {"type": "bar"}, "encoding": {"x": value, "x2": {"datum": 0}, "color": color}}
        return [bar, {"mark": {"type": "rule", "color": theme.foreground}, "encoding": interval}]
    point = {"type": "point", "filled": True, "opacity": 1, "size": 75, "shape": panel.style.symbol}
    whisker = {"mark": {"type": "rule", "strokeWidth": 2}, "encoding": interval | {"color": color}}
    return [whisker, {"mark": point, "encoding": {"x": value, "color": color}}]


def _label_layer(label_width: float) -> dict[str, Any]:
    mark = {"type": "text", "align": "right", "baseline": "middle", "limit": label_width - 8, "fontSize": 12, "style": "ink"}
    return {"mark": mark, "encoding": {"x": {"value": label_width - 6}, "text": {"field": "label", "type": "nominal"}}}


def _mirrored_label_layer(x_encoding: dict[str, Any]) -> dict[str, Any]:
    """Return labels beyond the ends of bars: on the left of negative ones, on the right of others."""
    sides = {"align": {"expr": "datum.value < 0 ? 'right' : 'left'"}, "dx": {"expr": "datum.value < 0 ? -4 : 4"}}
    weight = {"fontWeight": {"expr": "datum.bold ? 'bold' : 'normal'"}}
    mark = {"type": "text", "baseline": "middle", "fontSize": 12, "style": "ink"} | sides | weight
    return {"mark": mark, "encoding": {"x": x_encoding | {"field": "value"}, "text": {"field": "text", "type": "nominal"}}}


def _row_values(panel: BarPanel, row: int, bar: Bar) -> dict[str, Any]:
    values = {"value": bar.value, "low": bar.low, "high": bar.high, "text": bar.mirrored_label, "bold": bar.is_emphasized}
    return {"row": row, "label": bar.label, "colour": panel.bar_color(bar), "account": panel.label} | values


def _tick_format(chart: BarChart) -> dict[str, Any]:
    if chart.values_in_labels:
        return {"values": [0], "labels": False, "ticks": False}
    if chart.log_x:
        label_cases = " : ".join(f"datum.value === {value} ? '{label}'" for value, label in chart.x_ticks)
        return {"values": [value for value, _ in chart.x_ticks], "labelExpr": f"{label_cases} : ''", "labelOverlap": "greedy"}
    if chart.percent:
        return {"format": ".0%"}
    low, high = chart.value_range
    if chart.integer_values and max(-low, high) < _EXPLICIT_TICKS_BELOW:
        return {"format": ",d", "values": list(range(int(low), int(high) + 1))}
    return {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
