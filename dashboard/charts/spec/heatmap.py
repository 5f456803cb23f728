"""Grids of squares, one per account."""

from dataclasses import dataclass

from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import Chart, PostQuery
from dashboard.charts.spec.panels import count_columns
from dashboard.core.formatting.counts import format_count
from dashboard.core.messages import gettext


@dataclass(frozen=True)
class HeatmapCell:
    """A square of a grid at a column and row, counted from 0; `value` is None if it is unknown."""

    column: int
    row: int
    value: float | None
    tooltip: str
    post_query: PostQuery = ()


@dataclass(frozen=True)
class HeatmapPanel:
    """One account's cells."""

    account: str
    label: str
    style: Style
    cells: tuple[HeatmapCell, ...]


@dataclass(frozen=True, kw_only=True)
class HeatmapChart(Chart):
    """One grid of squares per account, darker for larger values, with a scale per account. `row_labels` go from top to bottom."""

    column_labels: tuple[str, ...]
    row_labels: tuple[str, ...]
    panels: tuple[HeatmapPanel, ...]
    value_noun: str

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "square"

    def column_count(self, max_columns: int) -> int:
        """Return how many panels to put side by side, at most `max_columns`, so that the last row is as full as possible."""
        return count_columns(len(self.panels), max_columns)

    def cell_opacities(self, panel: HeatmapPanel) -> list[float]:
        """Return the opacity of each cell: 0 if its value is unknown, 0.08 for zero, and up to 1 for the panel's largest value."""
        max_value = self.max_value(panel) or 1
        return [0 if cell.value is None else 0.2 + 0.8 * cell.value / max_value if cell.value else 0.08 for cell in panel.cells]

    def max_value(self, panel: HeatmapPanel) -> float:
        """Return the largest value of a panel."""
        return max((cell.value or 0 for cell in panel.cells), default=0)

    def describe_scale(self, panel: HeatmapPanel) -> str:
        """Return what the darkest colour of a panel stands for, as a phrase."""
        max_value = self.max_value(panel)
        return gettext("up to %(posts)s", posts=format_count(max_value, self.value_noun)) if max_value else gettext("no posts")

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(cell.value for panel in self.panels for cell in panel.cells)
