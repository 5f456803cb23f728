"""How the panels of an interactive bar chart share the plot: how many are side by side, how high the figure is, and where each panel is.

What is drawn in a panel belongs in `bars.py`.
"""

from typing import NamedTuple

from dashboard.charts.spec.bars import BarChart

_MAX_COLUMNS = 3
MIN_PANEL_WIDTH_PX = 300  # if panels are side by side
_BAR_PX, _HEADING_PX, AXIS_PX, TITLE_PX = 24, 30, 34, 30  # heights
TOP_MARGIN_PX, BOTTOM_MARGIN_PX = 8, 10
LABEL_CHAR_PX = 7  # average width of a character of a label
MAX_LABEL_CHARS, MAX_LABEL_CHARS_OF_THREE_COLUMNS = 32, 20
MAX_MIRRORED_LABELS_SHARE = 0.75  # of a panel's width, of the labels on both sides of mirrored bars
_MIN_MIRRORED_PANEL_PX, _PHONE_PANEL_PX = 220, 310  # the least width of mirrored panels side by side, and that of one on a phone


class PanelArea(NamedTuple):
    """The edges of a panel, as shares of the plot; `bar_slots` is how many bars its row of panels has room for."""

    left: float
    right: float
    bottom: float
    top: float
    bar_slots: int


def count_columns(chart: BarChart) -> int:
    """Return how many panels are side by side in a plot that is wide enough."""
    return chart.column_count(_MAX_COLUMNS if longest_label_chars(chart) <= MAX_LABEL_CHARS_OF_THREE_COLUMNS else _MAX_COLUMNS - 1)


def mirrored_label_chars(chart: BarChart) -> tuple[float, float]:
    """Return the width of the widest label at the left and the right ends of mirrored bars, as they are drawn, in characters."""
    left, right = (min(chars, MAX_LABEL_CHARS) for chars in chart.side_label_chars())
    return left, right


def mirrored_panel_width(chart: BarChart) -> int:
    """Return the width in pixels that a panel needs for mirrored bars and the labels on both sides, at most that of a phone."""
    needed = LABEL_CHAR_PX * sum(mirrored_label_chars(chart)) / MAX_MIRRORED_LABELS_SHARE
    return round(min(_PHONE_PANEL_PX, max(_MIN_MIRRORED_PANEL_PX, needed)))


def place_panels(chart: BarChart, columns: int) -> list[PanelArea]:
    """Return the area of each panel. All bars are equally thick, and the labels are in the gap to the left of their panel."""
    rows = _bars_per_row(chart, columns)
    plot_height = sum(_row_height(bar_count) for bar_count in rows) - AXIS_PX
    gap = min(0.45, LABEL_CHAR_PX * (longest_label_chars(chart) + 2) / (columns * MIN_PANEL_WIDTH_PX)) if columns > 1 else 0
    width, areas, row_top = (1 - gap * (columns - 1)) / columns, list[PanelArea](), plot_height
    for bar_count in rows:
        top = row_top - _HEADING_PX
        bottom = top - max(1, bar_count) * _BAR_PX
        for column in range(columns):
            left = column * (width + gap)
            areas.append(PanelArea(left, min(1, left + width), max(0, bottom / plot_height), top / plot_height, max(1, bar_count)))
        row_top = bottom - AXIS_PX
    return areas[: len(chart.panels)]


def _bars_per_row(chart: BarChart, columns: int) -> list[int]:
    """Return how many bars each row of panels has room for."""
    counts = [chart.row_count(panel) for panel in chart.panels] or [0]
    return [max(counts[start : start + columns]) for start in range(0, len(counts), columns)]


def _row_height(bar_count: int) -> int:
    return _HEADING_PX + max(1, bar_count) * _BAR_PX + AXIS_PX


def total_height(chart: BarChart, columns: int) -> int:
    """Return the height of the figure in pixels."""
    return TOP_MARGIN_PX + sum(map(_row_height, _bars_per_row(chart, columns))) + TITLE_PX + BOTTOM_MARGIN_PX


def longest_label_chars(chart: BarChart) -> int:
    """Return the length of the longest label beside a panel."""
    if chart.is_mirrored:
        return 0
    return min(MAX_LABEL_CHARS, max((len(bar.label) for panel in chart.panels for bar in panel.bars), default=0))
