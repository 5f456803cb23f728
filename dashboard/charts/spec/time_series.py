"""One account's values over time, with the points to name."""

from dataclasses import dataclass
from datetime import datetime

from dashboard.charts.palette import Style
from dashboard.charts.spec.chart import PostQuery


@dataclass(frozen=True)
class Peak:
    """A point to name: its index, its value and its first words as labels, and its tooltip, which may have several lines.

    Without labels, the point is only marked.
    """

    index: int
    tooltip: str
    value: str = ""
    words: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Return the labels to choose from, the longest first."""
        full = f"{self.value} · {self.words}" if self.words else self.value
        return tuple(dict.fromkeys(filter(None, (full, self.value))))


@dataclass(frozen=True)
class TimeSeries:
    """One account's line or bars.

    `x` are the starts of the intervals in local time of the view (naive), `y` the values, None if unknown. `tooltips` may have several
    lines. `positive` and `negative`, if not empty, are sums drawn as pale bars behind `y`. `post_queries` are the posts behind each point.
    `is_open`: the last interval isn't complete yet. `is_cut`: posts are known only from within the first interval on. `peaks` are the
    points to name, the most unusual first. `low` and `high`, if not empty, are the confidence interval of each value. `is_sparse`: most
    intervals have hardly any posts, so a line would only zigzag.
    """

    account: str
    label: str
    style: Style
    x: tuple[datetime, ...]
    y: tuple[float | None, ...]
    tooltips: tuple[str, ...]
    positive: tuple[float, ...] = ()
    negative: tuple[float, ...] = ()
    post_queries: tuple[PostQuery, ...] = ()
    is_open: bool = False
    is_cut: bool = False
    is_sparse: bool = False
    peaks: tuple[Peak, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    @property
    def hollow(self) -> tuple[bool, ...]:
        """Return which points are drawn as an outline: the first and the last one if their interval isn't complete."""
        last = len(self.x) - 1
        return tuple((self.is_cut and index == 0) or (self.is_open and index == last) for index in range(len(self.x)))

    @property
    def dashed_ways(self) -> tuple[slice, ...]:
        """Return the pairs of points between which a line is dashed, because one of them is incomplete."""
        if len(self.x) < 2:
            return ()
        ways = [slice(0, 2)] * self.is_cut + [slice(-2, None)] * self.is_open
        return tuple(ways[:1] if len(self.x) == 2 else ways)

    @property
    def bar_ends(self) -> tuple[float, ...]:
        """Return the values at which bars end, the pale ones included."""
        return tuple(value for value in (*self.y, *self.positive, *self.negative) if value is not None)

    def end_of(self, index: int) -> float:
        """Return the value where a point's drawing ends on its side of zero, its interval included."""
        value = self.y[index] or 0
        parts = (values[index] for values in (self.positive, self.negative, self.low, self.high) if values)
        ends = [value, *(part for part in parts if part is not None)]
        return min(ends) if value < 0 else max(ends)
