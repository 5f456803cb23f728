"""Build interactive figures of horizontal bars or points: one panel per account, side by side, or stacked in a narrow plot.

Which values are drawn, and in which colours, is decided by the chart; how panels share the plot, by `bar_layout.py`.
"""

from typing import Any

from dashboard.charts.plotlyjs.bar_axes import build_axis_title, build_heading, build_x_axis, build_y_axis, x_position
from dashboard.charts.plotlyjs.bar_layout import (
    AXIS_PX,
    BOTTOM_MARGIN_PX,
    MAX_LABEL_CHARS,
    MAX_LABEL_CHARS_OF_THREE_COLUMNS,
    MIN_PANEL_WIDTH_PX,
    TITLE_PX,
    TOP_MARGIN_PX,
    count_columns,
    longest_label_chars,
    mirrored_panel_width,
    place_panels,
    total_height,
)
from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.core.formatting.texts import truncate


def build_figure(chart: BarChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` the layout for a plot too narrow for panels side by side."""
    columns = count_columns(chart)
    narrow = {
        "below": columns * (mirrored_panel_width(chart) if chart.is_mirrored else MIN_PANEL_WIDTH_PX),
        "layout": _build_layout(chart, 1),
    }
    traces = [
        _build_trace(chart, panel, _axis_suffix(index), bar_indices)
        for index, panel in enumerate(chart.panels)
        for bar_indices in _group_by_color(chart, panel)
    ]
    return {"data": traces, "layout": _build_layout(chart, columns), "narrow": narrow}


def figure_height(chart: BarChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return total_height(chart, count_columns(chart))


def _group_by_color(chart: BarChart, panel: BarPanel) -> list[list[int]]:
    """Return the indices of bars in one trace: all bars, or the points of each colour, because a trace has one colour of whiskers."""
    colors = [panel.bar_color(bar) for bar in panel.bars]
    if not chart.draw_as_points:
        return [list(range(len(colors)))]
    return [[index for index, color in enumerate(colors) if color == group_color] for group_color in dict.fromkeys(colors)]


def _build_trace(chart: BarChart, panel: BarPanel, axis_suffix: str, bar_indices: list[int]) -> dict[str, Any]:
    bars = [panel.bars[index] for index in bar_indices]
    colors, rows = [panel.bar_color(bar) for bar in bars], chart.rows_of(panel)
    shared = {
        "x": [x_position(chart, bar.value) for bar in bars],
        "y": [rows[index] for index in bar_indices],
        "name": escape_markup(panel.label),
        "hovertext": [escape_markup(bar.tooltip).replace("\n", "<br>") for bar in bars],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>" if panel.label else "%{hovertext}<extra></extra>",
        "customdata": [encode_post_query(bar.post_query) for bar in bars],
        "error_x": _error_bars(chart, bars, colors[0] if chart.draw_as_points else panel.style.color),
        "xaxis": f"x{axis_suffix}",
        "yaxis": f"y{axis_suffix}",
    }
    if chart.draw_as_points:
        marker = {"color": colors, "symbol": panel.style.symbol, "size": 10}
        return shared | {"type": "scatter", "mode": "markers", "cliponaxis": False, "marker": marker}
    return shared | {"type": "bar", "orientation": "h", "width": 0.74, "marker": {"color": colors}} | _bar_labels(chart, bars)


def _bar_labels(chart: BarChart, bars: list[Bar]) -> dict[str, Any]:
    """Return the labels at the ends of mirrored bars; other charts have them beside the panel."""
    if not chart.is_mirrored:
        return {}
    weights = ["bold" if bar.is_emphasized else "normal" for bar in bars]
    texts = [escape_markup(truncate(bar.mirrored_label, MAX_LABEL_CHARS)) for bar in bars]
    return {
        "text": texts,
        "textposition": "outside",
        "textangle": 0,
        "constraintext": "none",
        "cliponaxis": False,
        "textfont": {"weight": weights},
    }


def _error_bars(chart: BarChart, bars: list[Bar], color: str) -> dict[str, Any]:
    """Return the error bars of a trace, of length zero where a bar has no interval."""
    lengths = [_error_lengths(chart, bar) for bar in bars]
    style = {"color": color, "thickness": 2, "width": 4}
    errors = {"type": "data", "symmetric": False, "array": [up for _, up in lengths], "arrayminus": [down for down, _ in lengths]}
    return errors | style | {"visible": any(up or down for down, up in lengths)}


def _error_lengths(chart: BarChart, bar: Bar) -> tuple[float, float]:
    """Return the lengths of the interval below and above the value, on the scale of the axis."""
    low, value, high = (x_position(chart, end) for end in (bar.low, bar.value, bar.high))
    return (0, 0) if low is None or value is None or high is None else (value - low, high - value)


def _build_layout(chart: BarChart, columns: int) -> dict[str, Any]:
    height, areas = total_height(chart, columns), place_panels(chart, columns)
    axes: dict[str, Any] = {}
    for index, (panel, area) in enumerate(zip(chart.panels, areas, strict=True)):
        axes[f"xaxis{_axis_suffix(index)}"] = build_x_axis(chart) | {"domain": [area.left, area.right], "anchor": f"y{_axis_suffix(index)}"}
        axes[f"yaxis{_axis_suffix(index)}"] = build_y_axis(panel, area, has_labels=not chart.is_mirrored) | {
            "anchor": f"x{_axis_suffix(index)}"
        }
    annotations = [
        build_heading(panel, area, align_right=columns == 1 and longest_label_chars(chart) > MAX_LABEL_CHARS_OF_THREE_COLUMNS)
        for panel, area in zip(chart.panels, areas, strict=True)
        if panel.label
    ]
    annotations += [build_axis_title(chart, columns)] if chart.x_title and chart.panels else []
    margin = {"l": 8, "r": 16, "t": TOP_MARGIN_PX, "b": AXIS_PX + TITLE_PX + BOTTOM_MARGIN_PX}
    return axes | {"height": height, "margin": margin, "showlegend": False, "hovermode": "closest", "annotations": annotations}


def _axis_suffix(index: int) -> str:
    return str(index + 1) if index else ""
