"""How the panels of a bar chart share an image: how many are side by side, and how much room their labels and bars have.

What is drawn in a panel belongs in `bars.py`. All lengths are in pixels.
"""

from dataclasses import dataclass
from functools import cached_property
from textwrap import wrap

from dashboard.charts.spec.bars import BarChart
from dashboard.charts.vega.theme import PADDING_PX, non_plot_height

HEADING_PX, AXIS_PX, PANEL_GAP_PX = 24, 26, 24
LABEL_CHAR_PX = 6.2  # average width of a character of a label
MAX_LABEL_SHARE_ALONE = 0.62  # of a panel's width, in a single column
_MAX_LABEL_SHARE_OF_MANY = 0.45  # of a panel's width, with panels side by side
_MAX_COLUMNS, _MIN_PANEL_WIDTH_PX = 3, 240
_TITLE_LINE_PX = 16
_BAR_PX, _MIN_BAR_PX = 19, 13  # a comfortable height of a bar, and the smallest legible one
_MIRRORED_LABELS_SHARE = 0.75  # of the labels on both sides, when it is decided how many panels fit side by side


@dataclass(frozen=True)
class PanelFrame:
    """The place of a panel: its size, the width of its labels, its number of rows, and the lines of the title below its axis."""

    width: float
    height: float
    label_width: float
    row_count: int
    title_lines: list[str]


@dataclass(frozen=True)
class BarLayout:
    """The arrangement of a chart's panels in an image of this width."""

    chart: BarChart
    image_width: int

    @cached_property
    def columns(self) -> int:
        """How many panels are side by side, so that labels aren't cut off and leave enough room for the bars."""
        fitting_columns = (self.image_width - 2 * PADDING_PX + PANEL_GAP_PX) // (_MIN_PANEL_WIDTH_PX + PANEL_GAP_PX)
        for max_columns in range(max(1, min(_MAX_COLUMNS, fitting_columns)), 1, -1):
            columns = self.chart.column_count(max_columns)
            if self._longest_label <= _MAX_LABEL_SHARE_OF_MANY * self._divide_width(columns):
                return columns
        return 1

    @cached_property
    def panel_width(self) -> float:
        """The width of each panel."""
        return self._divide_width(self.columns)

    @cached_property
    def label_width(self) -> float:
        """The width of the labels of a panel."""
        return min(MAX_LABEL_SHARE_ALONE * self.panel_width, self._longest_label)

    @cached_property
    def title_lines(self) -> list[str]:
        """The title of the value axes, wrapped to fit below all panels."""
        available_width = self.image_width - 2 * PADDING_PX - self.label_width
        return wrap(self.chart.x_title, max(12, int(available_width / LABEL_CHAR_PX)))

    @cached_property
    def bars_per_row(self) -> list[int]:
        """How many bars each row of panels has room for."""
        counts = [self.chart.row_count(panel) for panel in self.chart.panels] or [0]
        return [max(1, *counts[start : start + self.columns]) for start in range(0, len(counts), self.columns)]

    @property
    def min_plot_height(self) -> int:
        """The smallest height that the panels need."""
        title_height = _TITLE_LINE_PX * max(0, len(self.title_lines) - 1)
        return self._frame_height + _MIN_BAR_PX * sum(self.bars_per_row) + title_height

    @property
    def readable_height(self) -> int:
        """The height of an image in which each bar is easy to read."""
        bars_height = _BAR_PX * sum(self.bars_per_row)
        return non_plot_height(self.chart, self.image_width) + self._frame_height + bars_height + _TITLE_LINE_PX * len(self.title_lines)

    def frame_panels(self, image_height: int) -> list[PanelFrame]:
        """Return the place of each panel in an image of this height. The first panel of the last row has the title of the axes."""
        titles_height = _TITLE_LINE_PX - _TITLE_LINE_PX * len(self.title_lines)
        bars_height = image_height - non_plot_height(self.chart, self.image_width) + titles_height - self._frame_height
        bar_height = max(1.0, bars_height / sum(self.bars_per_row))
        row_counts = [self.bars_per_row[index // self.columns] for index in range(len(self.chart.panels))]
        titled_index = (len(row_counts) - 1) // self.columns * self.columns
        return [
            PanelFrame(self.panel_width, bar_height * count, self.label_width, count, self.title_lines if index == titled_index else [])
            for index, count in enumerate(row_counts)
        ]

    @property
    def _frame_height(self) -> int:
        """The height of headings and of the axes between rows of panels, without the axis of the last row."""
        return HEADING_PX * len(self.bars_per_row) + AXIS_PX * (len(self.bars_per_row) - 1)

    @cached_property
    def _longest_label(self) -> float:
        """The width of the longest label."""
        if self.chart.is_mirrored:
            return _MIRRORED_LABELS_SHARE * LABEL_CHAR_PX * sum(self.chart.side_label_chars())
        return 10 + LABEL_CHAR_PX * max((len(bar.label) for panel in self.chart.panels for bar in panel.bars), default=0)

    def _divide_width(self, columns: int) -> float:
        return (self.image_width - 2 * PADDING_PX - PANEL_GAP_PX * (columns - 1)) / columns
