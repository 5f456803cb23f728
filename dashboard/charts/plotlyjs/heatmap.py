"""Build interactive figures of heat maps: one panel per account, up to three side by side where there is room.

Each cell is a bar, because the small plotly.js bundle has no heat maps. Values and colours are decided by the chart.
"""

from typing import Any

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup, heading_font, to_rgba
from dashboard.charts.spec.heatmap import HeatmapChart, HeatmapPanel
from dashboard.charts.spec.panels import truncate_label
from dashboard.core.formatting.texts import truncate

_MAX_COLUMNS, _MIN_PANEL_WIDTH_PX = 3, 210  # of panels side by side
_PANEL_PX, _HEADING_PX, _AXIS_PX, _TOP_MARGIN_PX = 140, 26, 32, 4  # heights
_LEFT_MARGIN_PX, _PANEL_GAP_SHARE = 44, 0.06  # before the first panel; between two panels, as a share of the width
_CELL_FILL_SHARE = 0.92  # of a cell's width and height
_HOURS_PER_LABEL = 3
_HEADING_CHARS_BESIDE, _HEADING_CHARS_ALONE = 33, 35  # of a heading above a panel beside another, and above one as wide as a phone
_MIN_LABEL_CHARACTERS = 6  # of an account in it


def build_figure(chart: HeatmapChart) -> dict[str, Any]:
    """Return the traces, the layout, and as `narrow` the layout for a plot too narrow for panels side by side."""
    columns = chart.column_count(_MAX_COLUMNS)
    traces = [_build_trace(chart, panel, _axis_suffix(index)) for index, panel in enumerate(chart.panels)]
    narrow = {"narrow": {"below": columns * _MIN_PANEL_WIDTH_PX, "layout": _build_layout(chart, 1)}} if columns > 1 else {}
    return {"data": traces, "layout": _build_layout(chart, columns)} | narrow


def figure_height(chart: HeatmapChart) -> int:
    """Return the height that the figure needs, in pixels."""
    return _total_height(chart, chart.column_count(_MAX_COLUMNS))


def _total_height(chart: HeatmapChart, columns: int) -> int:
    return _TOP_MARGIN_PX + max(1, -(-len(chart.panels) // columns)) * (_HEADING_PX + _PANEL_PX + _AXIS_PX)


def _build_trace(chart: HeatmapChart, panel: HeatmapPanel, axis_suffix: str) -> dict[str, Any]:
    cells = panel.cells
    return {
        "type": "bar",
        "x": [cell.column for cell in cells],
        "y": [_CELL_FILL_SHARE for _ in cells],
        "base": [round(cell.row + (1 - _CELL_FILL_SHARE) / 2, 2) for cell in cells],
        "width": _CELL_FILL_SHARE,
        "xaxis": f"x{axis_suffix}",
        "yaxis": f"y{axis_suffix}",
        "name": escape_markup(panel.label),
        "marker": {"color": [to_rgba(panel.style.color, opacity) for opacity in chart.cell_opacities(panel)], "line": {"width": 0}},
        "hovertext": [escape_markup(cell.tooltip).replace("\n", "<br>") for cell in cells],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>",
        "customdata": [encode_post_query(cell.post_query) for cell in cells],
    }


def _build_layout(chart: HeatmapChart, columns: int) -> dict[str, Any]:
    height, axes, headings = _total_height(chart, columns), dict[str, Any](), []
    width, plot_height = (1 - _PANEL_GAP_SHARE * (columns - 1)) / columns, height - _TOP_MARGIN_PX - _AXIS_PX
    for index, panel in enumerate(chart.panels):
        left = index % columns * (width + _PANEL_GAP_SHARE)
        top = 1 - (index // columns * (_HEADING_PX + _PANEL_PX + _AXIS_PX) + _HEADING_PX) / plot_height
        axes[f"xaxis{_axis_suffix(index)}"] = _x_axis(chart, index) | {"domain": [left, min(1, left + width)]}
        axes[f"yaxis{_axis_suffix(index)}"] = _y_axis(chart, index) | {"domain": [max(0, top - _PANEL_PX / plot_height), top]}
        headings.append(_panel_heading(chart, panel, left, top, is_alone=columns == 1))
    margin = {"l": _LEFT_MARGIN_PX, "r": 8, "t": _TOP_MARGIN_PX, "b": _AXIS_PX}
    shared = {"showlegend": False, "barmode": "overlay", "hovermode": "closest"}
    return axes | shared | {"height": height, "margin": margin, "annotations": headings}


def _x_axis(chart: HeatmapChart, index: int) -> dict[str, Any]:
    ticks = list(range(0, len(chart.column_labels), _HOURS_PER_LABEL))
    scale = {"tickvals": ticks, "ticktext": [chart.column_labels[tick] for tick in ticks], "range": [-0.5, len(chart.column_labels) - 0.5]}
    return {"anchor": f"y{_axis_suffix(index)}", "fixedrange": True, "zeroline": False, "showgrid": False} | scale


def _y_axis(chart: HeatmapChart, index: int) -> dict[str, Any]:
    middles = [row + 0.5 for row in range(len(chart.row_labels))]
    scale = {"tickvals": middles, "ticktext": list(chart.row_labels), "range": [len(chart.row_labels), 0]}
    return {"anchor": f"x{_axis_suffix(index)}", "fixedrange": True, "zeroline": False, "showgrid": False} | scale


def _axis_suffix(index: int) -> str:
    """Return the suffix of the names of a panel's axes in plotly.js: none for the first."""
    return str(index + 1) if index else ""


def _panel_heading(chart: HeatmapChart, panel: HeatmapPanel, left: float, top: float, *, is_alone: bool) -> dict[str, Any]:
    placement = {"xref": "paper", "yref": "paper", "x": left, "y": top, "xanchor": "left", "yanchor": "bottom", "showarrow": False}
    scale = f" · {chart.describe_scale(panel)}"
    room = (_HEADING_CHARS_ALONE if is_alone else _HEADING_CHARS_BESIDE) - len(scale)
    text = escape_markup(truncate(truncate_label(panel.label), max(_MIN_LABEL_CHARACTERS, room)) + scale)
    return placement | {"text": text, "font": heading_font(panel.style.color)}
