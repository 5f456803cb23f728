"""Draws horizontal bars or points as static images: one panel per account, side by side where they fit, all on the same scale.

Which values are drawn, and in which colours, is decided by the chart.
"""

from textwrap import wrap
from typing import Any

from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.charts.vega.theme import PADDING_PX, Theme, non_plot_height

_MAX_COLUMNS, _MIN_PANEL_WIDTH_PX, _PANEL_GAP_PX = 3, 240, 24
_HEADING_PX, _AXIS_PX, _TITLE_LINE_PX = 24, 26, 16  # heights
_BAR_PX, _MIN_BAR_PX = 19, 13  # a comfortable height of a bar, and the smallest legible one
_LABEL_CHAR_PX = 6.2  # average width of a character of a label
_MAX_LABEL_SHARE_OF_MANY, _MAX_LABEL_SHARE_ALONE = 0.45, 0.62  # of a panel's width, with panels side by side and in a single column
_MIRRORED_LABELS_SHARE = 0.75  # of the labels on both sides, when it is decided how many panels fit side by side
_EXPLICIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels


def build_view(chart: BarChart, width: int, height: int, theme: Theme) -> dict[str, Any]:
    """Return the chart as Vega-Lite for a canvas of `width` × `height` pixels, without title and theme."""
    columns, counts = _column_count(chart, width), _bars_per_row(chart, width)
    panel_width, title_lines = _panel_width(width, columns), _axis_title_lines(chart, width)
    bars_height = height - non_plot_height(chart, width) + _TITLE_LINE_PX - _TITLE_LINE_PX * len(title_lines) - _frame_height(counts)
    bar_height = max(1.0, bars_height / sum(counts))
    bar_slots = [counts[index // columns] for index in range(len(chart.panels))]
    titled_index = (len(bar_slots) - 1) // columns * columns  # the first panel of the last row
    views = [
        _build_panel(
            chart,
            panel,
            index,
            panel_width,
            bar_height * bar_slots[index],
            bar_slots[index],
            theme,
            title_lines=title_lines if index == titled_index else [],
        )
        for index, panel in enumerate(chart.panels)
    ]
    datasets = {
        str(index): [_row_values(panel, row, bar) for row, bar in zip(chart.rows_of(panel), panel.bars, strict=True)]
        for index, panel in enumerate(chart.panels)
    }
    spacing = {"row": _HEADING_PX + _AXIS_PX, "column": _PANEL_GAP_PX}
    return {"concat": views, "columns": columns, "bounds": "flush", "align": "none", "spacing": spacing, "datasets": datasets}


def left_offset(chart: BarChart) -> int:
    """Return the offset in pixels of title and caption from the left: 0, because labels are inside the panels."""
    return 0


def min_plot_height(chart: BarChart, width: int) -> int:
    """Return the smallest height in pixels that the panels need."""
    counts = _bars_per_row(chart, width)
    return _frame_height(counts) + _MIN_BAR_PX * sum(counts) + _TITLE_LINE_PX * max(0, len(_axis_title_lines(chart, width)) - 1)


def readable_height(chart: BarChart, min_height: int, width: int) -> int:
    """Return a height that keeps each bar readable: `min_height`, or more if there are many bars."""
    counts = _bars_per_row(chart, width)
    return max(
        min_height,
        non_plot_height(chart, width)
        + _frame_height(counts)
        + _BAR_PX * sum(counts)
        + _TITLE_LINE_PX * len(_axis_title_lines(chart, width)),
    )


def _column_count(chart: BarChart, width: int) -> int:
    """Return how many panels to put side by side, so that labels aren't cut off and leave enough room for the bars."""
    fitting_columns = (width - 2 * PADDING_PX + _PANEL_GAP_PX) // (_MIN_PANEL_WIDTH_PX + _PANEL_GAP_PX)
    for max_columns in range(max(1, min(_MAX_COLUMNS, fitting_columns)), 1, -1):
        if _longest_label_px(chart) <= _MAX_LABEL_SHARE_OF_MANY * _panel_width(width, chart.column_count(max_columns)):
            return chart.column_count(max_columns)
    return 1


def _panel_width(width: int, columns: int) -> float:
    return (width - 2 * PADDING_PX - _PANEL_GAP_PX * (columns - 1)) / columns


def _longest_label_px(chart: BarChart) -> float:
    """Return the width of the longest label, in pixels."""
    if chart.is_mirrored:
        return _MIRRORED_LABELS_SHARE * _LABEL_CHAR_PX * sum(chart.side_label_chars())
    return 10 + _LABEL_CHAR_PX * max((len(bar.label) for panel in chart.panels for bar in panel.bars), default=0)


def _label_width(chart: BarChart, panel_width: float) -> float:
    return min(_MAX_LABEL_SHARE_ALONE * panel_width, _longest_label_px(chart))


def _axis_title_lines(chart: BarChart, width: int) -> list[str]:
    """Return the title of the value axes, wrapped to fit below all panels."""
    available_width = width - 2 * PADDING_PX - _label_width(chart, _panel_width(width, _column_count(chart, width)))
    return wrap(chart.x_title, max(12, int(available_width / _LABEL_CHAR_PX)))


def _bars_per_row(chart: BarChart, width: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    columns, counts = _column_count(chart, width), [chart.row_count(panel) for panel in chart.panels] or [0]
    return [max(1, *counts[start : start + columns]) for start in range(0, len(counts), columns)]


def _frame_height(bar_counts: list[int]) -> int:
    """Return the height in pixels of headings and of the axes between rows of panels, without the axis of the last row."""
    return _HEADING_PX * len(bar_counts) + _AXIS_PX * (len(bar_counts) - 1)


def _build_panel(
    chart: BarChart, panel: BarPanel, index: int, width: float, height: float, row_count: int, theme: Theme, *, title_lines: list[str]
) -> dict[str, Any]:
    label_width = _label_width(chart, width)
    x = {"type": "quantitative", "scale": _x_scale(chart, label_width, width), "axis": _x_axis(chart, label_width, width, title_lines)}
    y = {
        "field": "row",
        "type": "ordinal",
        "scale": {"domain": list(range(row_count)), "paddingInner": 0.24, "paddingOuter": 0.2},
        "axis": None,
    }
    heading = {"anchor": "start", "fontSize": 12, "fontWeight": 600, "offset": 6, "text": panel.label or " ", "color": panel.style.color}
    labels = _mirrored_label_layer(x) if chart.is_mirrored else _label_layer(label_width)
    layers = [
        _zero_line(x, theme),
        *(mark | {"encoding": mark["encoding"] | {"y": y}} for mark in [*_build_marks(chart, panel, x, theme), labels]),
    ]
    return {"data": {"name": str(index)}, "title": heading, "width": width, "height": height, "layer": layers}


def _x_scale(chart: BarChart, label_width: float, width: float) -> dict[str, Any]:
    """Return a scale that leaves room for labels on its left, or on both sides of mirrored bars."""
    if chart.is_mirrored:
        left, right = (_LABEL_CHAR_PX * chars + 8 for chars in chart.side_label_chars())
        squeeze = min(1.0, _MAX_LABEL_SHARE_ALONE * width / (left + right))
        return {"domain": list(chart.value_range), "range": [left * squeeze, width - right * squeeze], "nice": False, "zero": False}
    return {"domain": list(chart.value_range), "range": [label_width, width], "nice": False, "zero": False}


def _x_axis(chart: BarChart, label_width: float, width: float, title_lines: list[str]) -> dict[str, Any]:
    ticks = {"grid": True, "tickCount": max(2, int((width - label_width) / 50)), "labelOverlap": True, "labelFlush": False}
    title_style = {"titleAnchor": "start", "titleAlign": "left", "titleLimit": 10_000}
    return ticks | {"title": title_lines or None} | title_style | _tick_format(chart)


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
    if chart.percent:
        return {"format": ".0%"}
    low, high = chart.value_range
    if chart.integer_values and max(-low, high) < _EXPLICIT_TICKS_BELOW:
        return {"format": ",d", "values": list(range(int(low), int(high) + 1))}
    return {"format": ",d", "tickMinStep": 1} if chart.integer_values else {"format": ",.2~f"}
