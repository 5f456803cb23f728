"""Reliability diagrams: how sure a model is, against how often it is right. One panel per model, language or data set."""

from dataclasses import dataclass

from dashboard.charts.spec.chart import Chart
from dashboard.charts.spec.panels import count_columns


@dataclass(frozen=True)
class ReliabilityPoint:
    """The texts about which a model is equally sure: their mean confidence, the share that is read correctly, with its 95% interval."""

    confidence: float
    accuracy: float
    low: float
    high: float
    rows: int


@dataclass(frozen=True)
class ReliabilityPanel:
    """The points of one diagram, from left to right. `heading` is empty if it's the only one."""

    heading: str
    points: tuple[ReliabilityPoint, ...]


@dataclass(frozen=True, kw_only=True)
class ReliabilityChart(Chart):
    """A panel per diagram, whose axes go from 0 to 1. The area of a point is its share of its panel's texts."""

    panels: tuple[ReliabilityPanel, ...]
    x_title: str
    y_title: str
    diagonal_label: str

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(panel.points for panel in self.panels)

    def column_count(self, max_columns: int) -> int:
        """Return how many panels to put side by side, at most `max_columns`, so that the last row is as full as possible."""
        return count_columns(len(self.panels), max_columns)

    def relative_areas(self, panel: ReliabilityPanel) -> list[float]:
        """Return the area of each of a panel's points, 1 for the one with the most texts."""
        max_rows = max((point.rows for point in panel.points), default=1)
        return [point.rows / max_rows for point in panel.points]
