"""A chart over time: its scales, its ticks and its cells, in values and hours. Where labels fit is decided in `time_layout`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from math import ceil, isinf
from typing import Literal

from dashboard.charts.spec.chart import Chart, PostQuery, SemanticColor
from dashboard.charts.spec.time_series import TimeSeries

Mark = Literal["line", "bar", "strip"]
_MAX_EXPLICIT_TICKS = 6  # on an axis of time
_TICK_STEPS = {"hour": (1, 2), "day": (1, 2), "week": (1, 2, 3, 4)}  # intervals between two ticks
_MAX_WHISKER_OVERHANG_SHARE = 0.2  # of the range of the bars, at either end: bars have at least five sevenths of the height
_TOP_ROOM_PX, _PEAK_ROOM_PX = 8, 30  # above the highest point of lines, without and with named peaks
_FACET_ROOM_PX, _MIN_LABELLED_FACET_PX = 24, 90  # beyond the bars of a facet for labels, in facets at least this high


@dataclass(frozen=True, kw_only=True)
class TimeSeriesChart(Chart):
    """A chart over time: one line per account in a single plot, or one row of bars or a heat strip per account if `faceted`.

    `interval_hours` is the width of an interval in hours (30 days for a month). `percent`: y is a share, 0 … 1. `integer_values`: y is a
    count. `shared_scale`: all facets have one scale, otherwise each has its own. `incomplete_note` says which intervals may be incomplete.
    """

    mark: Mark
    faceted: bool
    series: tuple[TimeSeries, ...]
    y_title: str
    interval_hours: float
    percent: bool = False
    integer_values: bool = False
    value_limits: tuple[float, float] | None = None  # the smallest and largest possible value
    shared_scale: bool = True
    incomplete_note: str = ""
    bars_note: str = ""  # what dark and pale bars are, a sentence

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(series.x for series in self.series)

    @property
    def mark_count(self) -> int:
        """Return the number of points or bars."""
        return sum(len(series.x) for series in self.series)

    @property
    def interval(self) -> str:
        """Return the name of the interval: hour, day, week or month."""
        return {1: "hour", 24: "day", 7 * 24: "week"}.get(int(self.interval_hours), "month")

    def scale_of(self, line: TimeSeries) -> tuple[float, float]:
        """Return the ends of the scale of an account's facet: zero, every bar, and the confidence intervals as far as they fit.

        Intervals may extend the scale by a fifth of the range of the bars at either end, because one long interval would flatten all bars.
        A shared scale of shares is always 0 … 1.
        """
        if self.shared_scale and self.percent:
            return 0.0, 1.0
        return self._fit_scale(self.series if self.shared_scale else (line,))

    @property
    def cuts_intervals(self) -> bool:
        """Return whether any confidence interval reaches beyond the scale, so that its line ends at the edge."""
        scales = [(line, *self.scale_of(line)) for line in self.series]
        return any(value is not None and not low <= value <= high for line, low, high in scales for value in (*line.low, *line.high))

    def _fit_scale(self, lines: Sequence[TimeSeries]) -> tuple[float, float]:
        values = [0.0, *(value for line in lines for value in line.bar_ends)]
        bounds = [value for line in lines for value in (*line.low, *line.high) if value is not None]
        low, high = min(values), max(values)
        if low == high:
            smallest, largest = self.value_limits or (-1.0, 1.0)
            return smallest, 1.0 if isinf(largest) else largest
        overhang = _MAX_WHISKER_OVERHANG_SHARE * (high - low)
        low, high = max(low - overhang, min(low, *bounds, low)), min(high + overhang, max(high, *bounds, high))
        min_value, max_value = self.value_limits or (low, high)
        return max(low, min_value), min(high, max_value)

    def tick_values(self, line: TimeSeries, label_share: float) -> list[float]:
        """Return what an account's own scale labels: zero, and the ends of its bars unless their label would overlap that of zero.

        Those are the ends of its values, which are named where they peak, or of the pale bars if all values are next to zero.
        `label_share` is the height of a label as a share of the facet's.
        """
        low, high = self.scale_of(line)
        values, label_height = [0.0, *(value for value in line.y if value is not None)], label_share * (high - low)
        ends = {end for end in (min(values), max(values)) if abs(end) > label_height}
        return sorted({0.0, *(ends or {low, high})})

    @property
    def has_choice_of_scales(self) -> bool:
        """Return whether accounts could have one scale or their own: there are several rows, and not bars of shares, which have 0 … 1."""
        return self.faceted and len(self.series) > 1 and not (self.percent and self.mark == "bar")

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return {"bar": "bar", "strip": "square"}.get(self.mark, "point")

    def with_post_queries(self, post_queries: Mapping[str, Sequence[PostQuery]]) -> "TimeSeriesChart":
        """Return the chart with the post queries of each account's points."""
        return replace(self, series=tuple(replace(line, post_queries=tuple(post_queries.get(line.account, ()))) for line in self.series))

    @cached_property
    def time_range(self) -> tuple[datetime, datetime] | None:
        """Return the time that the chart spans, including the last interval; None if it is empty."""
        starts = [start for line in self.series for start in line.x]
        return (min(starts), max(starts) + timedelta(hours=self.interval_hours)) if starts else None

    @property
    def explicit_tick_step(self) -> timedelta | None:
        """Return the time between two ticks where an automatic axis would put ticks inside intervals; None where it wouldn't.

        That is inside few hours or days, and on Sundays, while weeks begin on Mondays, if weeks are too few for ticks at months.
        """
        if not self.time_range or self.interval not in _TICK_STEPS:
            return None
        width = timedelta(hours=self.interval_hours)
        most = _MAX_EXPLICIT_TICKS * width
        span = self.time_range[1] - self.time_range[0]
        return next((step for step in (count * width for count in _TICK_STEPS[self.interval]) if span <= most * (step / width)), None)

    @property
    def explicit_ticks(self) -> list[datetime]:
        """Return the ticks that `explicit_tick_step` asks for, each at the start of an interval."""
        if not self.time_range or self.explicit_tick_step is None:
            return []
        (first, last), step = self.time_range, self.explicit_tick_step
        return [first + number * step for number in range(ceil((last - first) / step))]

    def facet_range(self, line: TimeSeries, height: float) -> tuple[float, float]:
        """Return the ends of the axis of a facet of `height` pixels: its scale, and if there is room, space for labels beyond the bars."""
        low, high = self.scale_of(line)
        lines = self.series if self.shared_scale else (line,)
        values = [labelled.y[peak.index] or 0 for labelled in lines for peak in labelled.peaks if peak.labels]
        room = _FACET_ROOM_PX * (height >= _MIN_LABELLED_FACET_PX)
        rooms = room * (min([0, *values]) < 0), room * (max([0, *values]) > 0)
        unit = (high - low) / (height - sum(rooms))
        return low - rooms[0] * unit, high + rooms[1] * unit

    @property
    def neutral_value(self) -> float:
        """Return the value that is neither positive nor negative."""
        return 0.5 if self.percent else 0.0

    def cell_tone(self, value: float | None) -> SemanticColor:
        """Return the tone of a cell of a heat strip."""
        return "up" if (value or 0) >= self.neutral_value else "down"

    def cell_opacities(self, line: TimeSeries) -> list[float]:
        """Return the opacity of each cell of a heat strip, 1 at the largest distance from neutral on the account's scale."""
        lines = self.series if self.shared_scale else (line,)
        distances = [abs(value - self.neutral_value) for scaled in lines for value in scaled.y if value is not None]
        farthest = max(distances, default=0) or 1
        values = [self.neutral_value if value is None else value for value in line.y]
        return [round(0.08 + 0.92 * abs(value - self.neutral_value) / farthest, 3) for value in values]

    def interval_ends(self, line: TimeSeries) -> list[datetime]:
        """Return where each interval is drawn to end: where the next one begins."""
        width = timedelta(hours=self.interval_hours)
        return [min(start + width, after) for start, after in zip(line.x, (*line.x[1:], datetime.max), strict=True)]

    def line_top(self, height: float) -> float:
        """Return the upper end of the scale of lines in a plot of `height` pixels: room for labels above the highest point."""
        room = min(0.3, (_PEAK_ROOM_PX if any(line.peaks for line in self.series) else _TOP_ROOM_PX) / height)
        return (self.max_abs_value or 1) / (1 - room)

    @property
    def max_abs_value(self) -> float:
        """Return the largest absolute value."""
        return max((abs(value) for line in self.series for value in line.bar_ends), default=0)
