"""Points by two values."""

from dataclasses import dataclass

from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import Chart, PostQuery
from dashboard.charts.spec.log_ticks import list_log_ticks

_MAX_SCORE_LABELS = 13  # on an axis of scores


@dataclass(frozen=True)
class Point:
    """One post, or the median of several with its interval from `low` to `high`."""

    x: float
    y: float
    tooltip: str
    post_query: PostQuery = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ScatterSeries:
    """One account's points, and the `medians` of groups of them from left to right, drawn larger."""

    account: str
    label: str
    style: Style
    points: tuple[Point, ...]
    medians: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScatterChart(Chart):
    """Points by two values.

    `log_y`: y is drawn as log(1 + y), with ticks labelled by y. `integer_x`: x is an integer, so points with the same x are drawn next to
    each other.
    """

    series: tuple[ScatterSeries, ...]
    x_title: str
    y_title: str
    log_y: bool = False
    integer_x: bool = False

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(series.points for series in self.series)

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "dot"

    @property
    def x_range(self) -> tuple[float, float]:
        """Return the ends of the x scale, with padding: every x, and at least −1 to 1."""
        values = [point.x for series in self.series for point in (*series.points, *series.medians)]
        padding = 0.25 if self.integer_x else 0.05
        return min(-1.0, *values, -1.0) - padding, max(1.0, *values, 1.0) + padding

    @property
    def x_ticks(self) -> list[int]:
        """Return the integers to label on the x axis: all of them, or every n-th if there are many."""
        low, high = (int(end) for end in self.x_range)
        step = -(-(high - low + 1) // _MAX_SCORE_LABELS)
        return [score for score in range(low, high + 1) if score % step == 0]

    @property
    def max_y(self) -> float:
        """Return the largest y, intervals included, or 1 if there is none above zero."""
        points = [point for series in self.series for point in (*series.points, *series.medians)]
        return max((value for point in points for value in (point.y, point.high) if value is not None), default=1) or 1

    @property
    def y_ticks(self) -> list[tuple[int, str]]:
        """Return the values to label on a logarithmic y axis, with their labels."""
        return list_log_ticks(self.max_y * 1.2)
