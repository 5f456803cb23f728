"""Horizontal bars and dots as interactive figures: a panel an account, side by side, or below one another where there is no room."""

from textwrap import wrap
from typing import Any, NamedTuple

from dashboard.charts.plotlyjs.parts import encode_post_query, escape_markup
from dashboard.charts.spec import Bar, BarChart, BarPanel
from dashboard.core.formatting import truncate

_MAX_COLUMNS = 3
_MIN_PANEL_WIDTH_PX = 300  # pixels: the least width of one panel among others
_BAR_PX, _HEADING_PX, _AXIS_PX, _TITLE_PX = 24, 30, 34, 30  # pixels of height
_TOP_MARGIN_PX, _BOTTOM_MARGIN_PX = 8, 10
_LABEL_CHAR_PX, _MAX_LABEL_CHARS, _MAX_LABEL_CHARS_OF_THREE_COLUMNS = (
    7,
    32,
    20,
)  # pixels of a letter of a label; letters of which a label shows; of three panels side by side
_MAX_TITLE_LINE_CHARS = 44  # letters that fit beneath one panel
_UNIT_TICKS_BELOW = 6  # below, an axis of whole numbers would repeat them


class _PanelArea(NamedTuple):
    """Where a panel stands, as shares of the plot; `rows` is how many bars its row of panels has room for."""

    left: float
    right: float
    bottom: float
    top: float
    bar_slots: int


def build_figure(chart: BarChart) -> dict[str, Any]:
    """Return traces and layout, and the layout for a plot too narrow to have its panels side by side."""
    columns = _column_count(chart)
    below = {"below": columns * _MIN_PANEL_WIDTH_PX, "layout": _build_layout(chart, 1)}
    traces = [
        _build_trace(chart, panel, _axis_suffix(place), alike)
        for place, panel in enumerate(chart.panels)
        for alike in _group_by_color(chart, panel)
    ]
    return {"data": traces, "layout": _build_layout(chart, columns), "narrow": below}


def figure_height(chart: BarChart) -> int:
    """Return the pixels that the figure needs."""
    return _total_height(chart, _column_count(chart))


def _column_count(chart: BarChart) -> int:
    return chart.column_count(_MAX_COLUMNS if _longest_label_chars(chart) <= _MAX_LABEL_CHARS_OF_THREE_COLUMNS else _MAX_COLUMNS - 1)


def _group_by_color(chart: BarChart, panel: BarPanel) -> list[list[int]]:
    """Return the places of bars that are drawn together: all, or of dots those of each colour, for whiskers have one a trace."""
    colours = [panel.bar_color(bar) for bar in panel.bars]
    if not chart.draw_as_points:
        return [list(range(len(colours)))]
    return [[place for place, each in enumerate(colours) if each == colour] for colour in dict.fromkeys(colours)]


def _build_trace(chart: BarChart, panel: BarPanel, axis_suffix: str, bar_indices: list[int]) -> dict[str, Any]:
    drawn = [panel.bars[place] for place in bar_indices]
    colours = [panel.bar_color(bar) for bar in drawn]
    shared = {
        "x": [bar.value for bar in drawn],
        "y": bar_indices,
        "name": escape_markup(panel.label),
        "hovertext": [escape_markup(bar.tooltip).replace("\n", "<br>") for bar in drawn],
        "hovertemplate": "%{fullData.name}<br>%{hovertext}<extra></extra>" if panel.label else "%{hovertext}<extra></extra>",
        "customdata": [encode_post_query(bar.post_query) for bar in drawn],
        "error_x": _error_bars(drawn, colours[0] if chart.draw_as_points else panel.style.color),
        "xaxis": f"x{axis_suffix}",
        "yaxis": f"y{axis_suffix}",
    }
    if chart.draw_as_points:
        marker = {"color": colours, "symbol": panel.style.symbol, "size": 10}
        return shared | {"type": "scatter", "mode": "markers", "cliponaxis": False, "marker": marker}
    return shared | {"type": "bar", "orientation": "h", "width": 0.74, "marker": {"color": colours}}


def _error_bars(bars: list[Bar], color: str) -> dict[str, Any]:
    """Return the intervals around values; none where a bar has none."""
    reaches = [_error_lengths(bar) for bar in bars]
    look = {"color": color, "thickness": 2, "width": 4}
    given = {"type": "data", "symmetric": False, "array": [up for _, up in reaches], "arrayminus": [down for down, _ in reaches]}
    return given | look | {"visible": any(up or down for down, up in reaches)}


def _error_lengths(bar: Bar) -> tuple[float, float]:
    if bar.value is None or bar.low is None or bar.high is None:
        return 0, 0
    return bar.value - bar.low, bar.high - bar.value


def _build_layout(chart: BarChart, columns: int) -> dict[str, Any]:
    tall, places = _total_height(chart, columns), _panel_areas(chart, columns)
    axes: dict[str, Any] = {}
    for number, (panel, place) in enumerate(zip(chart.panels, places, strict=True)):
        axes[f"xaxis{_axis_suffix(number)}"] = _x_axis(chart) | {"domain": [place.left, place.right], "anchor": f"y{_axis_suffix(number)}"}
        axes[f"yaxis{_axis_suffix(number)}"] = _y_axis(panel, place) | {"anchor": f"x{_axis_suffix(number)}"}
    notes = [
        _panel_heading(panel, place, align_right=columns == 1 and _longest_label_chars(chart) > _MAX_LABEL_CHARS_OF_THREE_COLUMNS)
        for panel, place in zip(chart.panels, places, strict=True)
        if panel.label
    ]
    notes += [_axis_title(chart, columns)] if chart.x_title and chart.panels else []
    margin = {"l": 8, "r": 16, "t": _TOP_MARGIN_PX, "b": _AXIS_PX + _TITLE_PX + _BOTTOM_MARGIN_PX}
    return axes | {"height": tall, "margin": margin, "showlegend": False, "hovermode": "closest", "annotations": notes}


def _axis_title(chart: BarChart, columns: int) -> dict[str, Any]:
    """Return what the values are, beneath all panels; in two lines if they stand below one another."""
    lines = [chart.x_title] if columns > 1 else wrap(chart.x_title, _MAX_TITLE_LINE_CHARS)
    spot = {"x": 1, "xanchor": "right", "align": "right", "y": 0, "yanchor": "top", "yshift": -_AXIS_PX + 6}
    text = "<br>".join(escape_markup(line) for line in lines)
    return {"xref": "paper", "yref": "paper", "showarrow": False, "text": text, "font": {"size": 12}} | spot


def _panel_areas(chart: BarChart, columns: int) -> list[_PanelArea]:
    """Return where each panel stands; every bar is equally thick, and labels stand in the gap at the left of their panel."""
    rows = _bars_per_row(chart, columns)
    room = sum(_row_height(row) for row in rows) - _AXIS_PX
    gap = min(0.45, _LABEL_CHAR_PX * (_longest_label_chars(chart) + 2) / (columns * _MIN_PANEL_WIDTH_PX)) if columns > 1 else 0
    width, places, top = (1 - gap * (columns - 1)) / columns, list[_PanelArea](), room
    for row in rows:
        high = top - _HEADING_PX
        low = high - max(1, row) * _BAR_PX
        for column in range(columns):
            left = column * (width + gap)
            places.append(_PanelArea(left, min(1, left + width), max(0, low / room), high / room, max(1, row)))
        top = low - _AXIS_PX
    return places[: len(chart.panels)]


def _bars_per_row(chart: BarChart, columns: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    counts = [len(panel.bars) for panel in chart.panels] or [0]
    return [max(counts[at : at + columns]) for at in range(0, len(counts), columns)]


def _row_height(bar_count: int) -> int:
    return _HEADING_PX + max(1, bar_count) * _BAR_PX + _AXIS_PX


def _total_height(chart: BarChart, columns: int) -> int:
    return _TOP_MARGIN_PX + sum(map(_row_height, _bars_per_row(chart, columns))) + _TITLE_PX + _BOTTOM_MARGIN_PX


def _longest_label_chars(chart: BarChart) -> int:
    return min(_MAX_LABEL_CHARS, max((len(bar.label) for panel in chart.panels for bar in panel.bars), default=0))


def _x_axis(chart: BarChart) -> dict[str, Any]:
    low, high = chart.value_range
    shown: dict[str, Any] = {"tickformat": ".0%"} if chart.percent else {"tickformat": ",d"} if chart.integer_values else {}
    shown |= {"showticklabels": False, "ticks": ""} if chart.values_in_labels else {}
    single = (
        {"tickvals": [0]}
        if chart.values_in_labels
        else {"dtick": 1}
        if chart.integer_values and max(-low, high) < _UNIT_TICKS_BELOW
        else {"nticks": 6}
    )
    return {"range": [low, high], "zeroline": True, "showgrid": True, "fixedrange": True} | shown | single


def _y_axis(panel: BarPanel, area: _PanelArea) -> dict[str, Any]:
    shown = [truncate(bar.label, _MAX_LABEL_CHARS) for bar in panel.bars]
    ticks = {"tickmode": "array", "tickvals": list(range(len(shown))), "ticktext": [escape_markup(label) for label in shown], "ticks": ""}
    span = {"range": [area.bar_slots - 0.5, -0.5], "domain": [area.bottom, area.top], "fixedrange": True}
    return ticks | span | {"automargin": True, "zeroline": False, "showgrid": False, "showline": False, "ticklabelstandoff": 4}


def _panel_heading(panel: BarPanel, area: _PanelArea, *, align_right: bool) -> dict[str, Any]:
    """Return a panel's name above it: at its left, or where long labels leave it little width at its right."""
    side = {"x": area.right, "xanchor": "right"} if align_right else {"x": area.left, "xanchor": "left"}
    spot = {"xref": "paper", "yref": "paper", "y": area.top, "yanchor": "bottom", "showarrow": False} | side
    return spot | {"text": f"<b>{escape_markup(panel.label)}</b>", "font": {"color": panel.style.color, "size": 13}}


def _axis_suffix(index: int) -> str:
    return str(index + 1) if index else ""
