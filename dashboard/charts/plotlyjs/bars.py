"""Build interactive figures of horizontal bars or points: one panel per account, side by side, or stacked in a narrow plot.

Which values are drawn, and in which colours, is decided by the chart.
"""

from math import log10
from textwrap import wrap
from typing import Any, NamedTuple

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup, heading_font
from dashboard.charts.spec.bars import Bar, BarChart, BarPanel
from dashboard.core.formatting.texts import truncate

_MAX_COLUMNS = 3
_MIN_PANEL_WIDTH_PX = 300  # if panels are side by side
_BAR_PX, _HEADING_PX, _AXIS_PX, _TITLE_PX = 24, 30, 34, 30  # heights
_TOP_MARGIN_PX, _BOTTOM_MARGIN_PX = 8, 10
_LABEL_CHAR_PX = 7  # average width of a character of a label
_MAX_LABEL_CHARS, _MAX_LABEL_CHARS_OF_THREE_COLUMNS = 32, 20
_MAX_TITLE_LINE_CHARS = 44  # under a single column of panels
_MIN_MIRRORED_PANEL_PX = 220  # if mirrored panels are side by side
_MIRRORED_PANEL_PX, _MAX_MIRRORED_LABELS_SHARE = 240, 0.6  # labels are placed for a panel of this width, and take up to this share of it
_UNIT_TICKS_BELOW = 6  # below this value, an axis of integers would repeat its labels


class _PanelArea(NamedTuple):
    """The edges of a panel, as shares of the plot; `bar_slots` is how many bars its row of panels has room for."""

    left: float
    right: float
    bottom: float
    top: float
    bar_slots: int


def build_figure(chart: BarChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` the layout for a plot too narrow for panels side by side."""
    columns = _column_count(chart)
    narrow = {"below": columns * (_MIN_MIRRORED_PANEL_PX if chart.is_mirrored else _MIN_PANEL_WIDTH_PX), "layout": _build_layout(chart, 1)}
    traces = [
        _build_trace(chart, panel, _axis_suffix(index), bar_indices)
        for index, panel in enumerate(chart.panels)
        for bar_indices in _group_by_color(chart, panel)
    ]
    return {"data": traces, "layout": _build_layout(chart, columns), "narrow": narrow}


def figure_height(chart: BarChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return _total_height(chart, _column_count(chart))


def _column_count(chart: BarChart) -> int:
    return chart.column_count(_MAX_COLUMNS if _longest_label_chars(chart) <= _MAX_LABEL_CHARS_OF_THREE_COLUMNS else _MAX_COLUMNS - 1)


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
        "x": [_x_position(chart, bar.value) for bar in bars],
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
    texts = [escape_markup(truncate(bar.mirrored_label, _MAX_LABEL_CHARS)) for bar in bars]
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
    low, value, high = (_x_position(chart, end) for end in (bar.low, bar.value, bar.high))
    return (0, 0) if low is None or value is None or high is None else (value - low, high - value)


def _x_position(chart: BarChart, value: float | None) -> float | None:
    return round(log10(1 + value), 3) if chart.log_x and value is not None else value


def _build_layout(chart: BarChart, columns: int) -> dict[str, Any]:
    height, areas = _total_height(chart, columns), _panel_areas(chart, columns)
    axes: dict[str, Any] = {}
    for index, (panel, area) in enumerate(zip(chart.panels, areas, strict=True)):
        axes[f"xaxis{_axis_suffix(index)}"] = _x_axis(chart) | {"domain": [area.left, area.right], "anchor": f"y{_axis_suffix(index)}"}
        axes[f"yaxis{_axis_suffix(index)}"] = _y_axis(panel, area, has_labels=not chart.is_mirrored) | {"anchor": f"x{_axis_suffix(index)}"}
    annotations = [
        _panel_heading(panel, area, align_right=columns == 1 and _longest_label_chars(chart) > _MAX_LABEL_CHARS_OF_THREE_COLUMNS)
        for panel, area in zip(chart.panels, areas, strict=True)
        if panel.label
    ]
    annotations += [_axis_title(chart, columns)] if chart.x_title and chart.panels else []
    margin = {"l": 8, "r": 16, "t": _TOP_MARGIN_PX, "b": _AXIS_PX + _TITLE_PX + _BOTTOM_MARGIN_PX}
    return axes | {"height": height, "margin": margin, "showlegend": False, "hovermode": "closest", "annotations": annotations}


def _axis_title(chart: BarChart, columns: int) -> dict[str, Any]:
    """Return the title of the value axes, below all panels; wrapped if there is only one column."""
    lines = [chart.x_title] if columns > 1 else wrap(chart.x_title, _MAX_TITLE_LINE_CHARS)
    placement = {"x": 1, "xanchor": "right", "align": "right", "y": 0, "yanchor": "top", "yshift": -_AXIS_PX + 6}
    text = "<br>".join(escape_markup(line) for line in lines)
    return {"xref": "paper", "yref": "paper", "showarrow": False, "text": text, "font": {"size": 12}} | placement


def _panel_areas(chart: BarChart, columns: int) -> list[_PanelArea]:
    """Return the area of each panel. All bars are equally thick, and the labels are in the gap to the left of their panel."""
    rows = _bars_per_row(chart, columns)
    plot_height = sum(_row_height(bar_count) for bar_count in rows) - _AXIS_PX
    gap = min(0.45, _LABEL_CHAR_PX * (_longest_label_chars(chart) + 2) / (columns * _MIN_PANEL_WIDTH_PX)) if columns > 1 else 0
    width, areas, row_top = (1 - gap * (columns - 1)) / columns, list[_PanelArea](), plot_height
    for bar_count in rows:
        top = row_top - _HEADING_PX
        bottom = top - max(1, bar_count) * _BAR_PX
        for column in range(columns):
            left = column * (width + gap)
            areas.append(_PanelArea(left, min(1, left + width), max(0, bottom / plot_height), top / plot_height, max(1, bar_count)))
        row_top = bottom - _AXIS_PX
    return areas[: len(chart.panels)]


def _bars_per_row(chart: BarChart, columns: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    counts = [chart.row_count(panel) for panel in chart.panels] or [0]
    return [max(counts[start : start + columns]) for start in range(0, len(counts), columns)]


def _row_height(bar_count: int) -> int:
    return _HEADING_PX + max(1, bar_count) * _BAR_PX + _AXIS_PX


def _total_height(chart: BarChart, columns: int) -> int:
    return _TOP_MARGIN_PX + sum(map(_row_height, _bars_per_row(chart, columns))) + _TITLE_PX + _BOTTOM_MARGIN_PX


def _longest_label_chars(chart: BarChart) -> int:
    """Return the length of the longest label beside a panel."""
    if chart.is_mirrored:
        return 0
    return min(_MAX_LABEL_CHARS, max((len(bar.label) for panel in chart.panels for bar in panel.bars), default=0))


def _x_axis(chart: BarChart) -> dict[str, Any]:
    low, high = _axis_range(chart)
    if chart.log_x:
        tickvals, ticktext = ([_x_position(chart, value) for value, _ in chart.x_ticks], [label for _, label in chart.x_ticks])
        axis_range = [_x_position(chart, low), _x_position(chart, high)]
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
    left, right = (_LABEL_CHAR_PX * min(chars, _MAX_LABEL_CHARS) / _MIRRORED_PANEL_PX for chars in chart.side_label_chars())
    squeeze = min(1.0, _MAX_MIRRORED_LABELS_SHARE / ((left + right) or 1))
    unit = (high - low) / (1 - squeeze * (left + right))
    return low - squeeze * left * unit, high + squeeze * right * unit


def _y_axis(panel: BarPanel, area: _PanelArea, *, has_labels: bool) -> dict[str, Any]:
    if not has_labels:
        placement = {"range": [area.bar_slots - 0.5, -0.5], "domain": [area.bottom, area.top], "fixedrange": True}
        return placement | {"showticklabels": False, "ticks": "", "zeroline": False, "showgrid": False, "showline": False}
    labels = [truncate(bar.label, _MAX_LABEL_CHARS) for bar in panel.bars]
    ticks = {"tickmode": "array", "tickvals": list(range(len(labels))), "ticktext": [escape_markup(label) for label in labels], "ticks": ""}
    placement = {"range": [area.bar_slots - 0.5, -0.5], "domain": [area.bottom, area.top], "fixedrange": True}
    return ticks | placement | {"automargin": True, "zeroline": False, "showgrid": False, "showline": False, "ticklabelstandoff": 4}


def _panel_heading(panel: BarPanel, area: _PanelArea, *, align_right: bool) -> dict[str, Any]:
    """Return a panel's heading: above its left edge, or aligned with its right edge where long labels leave it little width."""
    alignment = {"x": area.right, "xanchor": "right"} if align_right else {"x": area.left, "xanchor": "left"}
    placement = {"xref": "paper", "yref": "paper", "y": area.top, "yanchor": "bottom", "showarrow": False} | alignment
    return placement | {"text": escape_markup(panel.label), "font": heading_font(panel.style.color)}


def _axis_suffix(index: int) -> str:
    return str(index + 1) if index else ""
