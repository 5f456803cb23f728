"""Define charts independently of what draws them: marks and texts.

Colours are in `palette`. No drawing library, no data frames and no fetching here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, Self

from dashboard.charts.palette import SEMANTIC_COLORS, Style
from dashboard.core.formatting import format_count, format_list, truncate

Mark = Literal["line", "bar", "strip"]
# The colour of the account, of positive values, of negative values, or of something less important.
SemanticColor = Literal["", "up", "down", "faint"]
PostQuery = tuple[tuple[str, str], ...]  # the posts behind a mark, as query parameters of /posts

_SCALE_PADDING_SHARE = 0.04  # of the range of values, added beyond the outermost bar
_MAX_EXPLICIT_TICKS = 6  # on an axis of time
_MAX_SCORE_LABELS = 13  # on an axis of scores
_MAX_WHISKER_OVERHANG_SHARE = 0.5  # of the range of the bars, at either end
_TOP_ROOM_PX, _PEAK_ROOM_PX = 8, 30  # above the highest point of lines, without and with named peaks
_FACET_ROOM_PX, _MIN_LABELLED_FACET_PX = 24, 90  # beyond the bars of a facet for labels, in facets at least this high
_MAX_LABEL_CHARACTERS = 28  # of an account's label above its panel
_MAX_LISTED_NAMES = 4  # in a sentence
_PREVIEW_CAPTION_LINES = 2
_DENSE_TICKS_BELOW = 1_000  # largest value of a logarithmic axis with extra ticks


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
class SlideTexts:
    """The texts of a slide: a claim as its title, what is drawn, and where the numbers come from."""

    title: str
    subtitle: str
    source: str


@dataclass(frozen=True)
class TimeSeries:
    """One account's line or bars.

    `x` are the starts of the intervals in local time of the view (naive), `y` the values, None if unknown. `tooltips` may have several
    lines. `positive` and `negative`, if not empty, are sums drawn as pale bars behind `y`. `post_queries` are the posts behind each point.
    `is_open`: the last interval isn't complete yet. `peaks` are the points to name, the most unusual first. `low` and `high`, if not empty,
    are the confidence interval of each value. `is_sparse`: most intervals have hardly any posts, so a line would only zigzag.
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
    is_sparse: bool = False
    peaks: tuple[Peak, ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    @property
    def hollow(self) -> tuple[bool, ...]:
        """Return which points are drawn as an outline: the last one if its interval isn't complete."""
        return tuple(self.is_open and index == len(self.x) - 1 for index in range(len(self.x)))

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


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The base of all charts: what kind it is, and its texts.

    `caption` has one line per fact about coverage, `alt` is the alternative text (one paragraph), `hint` is one line on how to read the
    chart. `key` is the part of the hint without which marks can't be understood, as a phrase. `empty_message` explains why there is nothing
    to draw, if the reason isn't a lack of posts.
    """

    kind: str
    title: str
    caption: tuple[str, ...]
    alt: str
    hint: str = ""
    key: str = ""
    empty_message: str = ""

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "point"

    def without_text(self) -> Self:
        """Return the chart without its texts, for a page that shows them itself."""
        return replace(self, title="", caption=(), hint="")

    def for_preview(self) -> Self:
        """Return the chart with a shorter caption and no hint, for a small preview."""
        return replace(self, caption=self.caption[:_PREVIEW_CAPTION_LINES], hint="")

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        raise NotImplementedError

    @property
    def mark_count(self) -> int:
        """Return the number of interactive marks, 0 for kinds of charts that never have too many."""
        return 0


@dataclass(frozen=True, kw_only=True)
class TimeSeriesChart(Chart):
    """A chart over time: one line per account in a single plot, or one row of bars or a heat strip per account if `faceted`.

    `interval_hours` is the width of an interval in hours (30 days for a month). `percent`: y is a share, 0 … 1. `integer_values`: y is a
    count. `shared_scale`: all facets have one scale, otherwise each has its own.
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

        The intervals may extend the scale by half the range of the bars at either end, because one long interval would flatten all bars.
        A shared scale of shares is always 0 … 1.
        """
        if self.shared_scale and self.percent:
            return 0.0, 1.0
        return self._fit_scale(self.series if self.shared_scale else (line,))

    def _fit_scale(self, lines: Sequence[TimeSeries]) -> tuple[float, float]:
        values = [0.0, *(value for line in lines for value in line.bar_ends)]
        bounds = [value for line in lines for value in (*line.low, *line.high) if value is not None]
        low, high = min(values), max(values)
        if low == high:
            return self.value_limits or (-1.0, 1.0)
        overhang = _MAX_WHISKER_OVERHANG_SHARE * (high - low)
        low, high = max(low - overhang, min(low, *bounds, low)), min(high + overhang, max(high, *bounds, high))
        min_value, max_value = self.value_limits or (low, high)
        return max(low, min_value), min(high, max_value)

    def tick_values(self, line: TimeSeries, label_share: float) -> list[float]:
        """Return what an account's own scale labels: the ends of its bars, and zero unless its label would overlap one of theirs.

        `label_share` is the height of a label as a share of the facet's.
        """
        low, high = self.scale_of(line)
        ends = {value for value in (min(0.0, *line.bar_ends, 0.0), max(0.0, *line.bar_ends, 0.0)) if value} or {low, high}
        is_zero_clear = all(abs(end) > label_share * (high - low) for end in ends)
        return sorted({*ends, 0.0} if is_zero_clear else ends)

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return {"bar": "bar", "strip": "square"}.get(self.mark, "point")

    def with_post_queries(self, post_queries: Mapping[str, Sequence[PostQuery]]) -> "TimeSeriesChart":
        """Return the chart with the post queries of each account's points."""
        return replace(self, series=tuple(replace(line, post_queries=tuple(post_queries.get(line.account, ()))) for line in self.series))

    @property
    def time_range(self) -> tuple[datetime, datetime] | None:
        """Return the time that the chart spans, including the last interval; None if it is empty."""
        starts = [start for line in self.series for start in line.x]
        return (min(starts), max(starts) + timedelta(hours=self.interval_hours)) if starts else None

    @property
    def explicit_tick_step(self) -> timedelta | None:
        """Return the time between two ticks where an automatic axis would put ticks inside hours or days; None where it wouldn't."""
        if not self.time_range or self.interval not in ("hour", "day"):
            return None
        width = timedelta(hours=self.interval_hours)
        most = _MAX_EXPLICIT_TICKS * width
        span = self.time_range[1] - self.time_range[0]
        return next((step for step in (width, 2 * width) if span <= most * (step / width)), None)

    @property
    def explicit_ticks(self) -> list[datetime]:
        """Return the ticks that `explicit_tick_step` asks for, from the first interval on."""
        if not self.time_range or self.explicit_tick_step is None:
            return []
        (first, last), step = self.time_range, self.explicit_tick_step
        return [first + number * step for number in range(int((last - first) / step) + 1)]

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


@dataclass(frozen=True)
class Bar:
    """A bar from zero to `value` (None if unknown), or a point; `low` and `high` are its interval. The tooltip may have several lines.

    `value_text` follows the label of a mirrored bar, and `is_emphasized` makes that label bold.
    """

    label: str
    value: float | None
    tooltip: str
    post_query: PostQuery = ()
    low: float | None = None
    high: float | None = None
    semantic_color: SemanticColor = ""
    value_text: str = ""
    is_emphasized: bool = False

    @property
    def mirrored_label(self) -> str:
        """Return the label with the value, as written at the end of a mirrored bar."""
        return f"{self.label} {self.value_text}".strip()


@dataclass(frozen=True)
class BarPanel:
    """The bars of one account, or of something else with its own style, from top to bottom."""

    account: str
    label: str
    style: Style
    bars: tuple[Bar, ...]

    def bar_color(self, bar: Bar) -> str:
        """Return the colour of a bar: its semantic colour if it has one, otherwise that of the panel."""
        return SEMANTIC_COLORS.get(bar.semantic_color, self.style.color)


@dataclass(frozen=True, kw_only=True)
class BarChart(Chart):
    """Horizontal bars, one panel per account, side by side or stacked, on a shared scale.

    `draw_as_points` draws each bar as a point with its interval, instead of a bar with its interval as a whisker. `is_mirrored`: negative
    bars are beside positive ones, the strongest of both in the first row, with labels at their ends.
    """

    panels: tuple[BarPanel, ...]
    x_title: str
    percent: bool = False
    integer_values: bool = False
    draw_as_points: bool = False
    is_mirrored: bool = False
    values_in_labels: bool = False  # the labels contain the values, in several units, so the scale has no numbers

    @property
    def mark_noun(self) -> str:
        """Return what users call a mark that they can click."""
        return "point" if self.draw_as_points else "bar"

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(bar.value is not None for panel in self.panels for bar in panel.bars)

    @property
    def value_range(self) -> tuple[float, float]:
        """Return the ends of the scale that all panels share: zero, every value and interval, and padding; a share ends at 1."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        values = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
        low, high = min(0.0, *values, 0.0), max(0.0, *values, 0.0)
        padding = _SCALE_PADDING_SHARE * (high - low or 1)
        max_value = 1.0 if self.percent and high <= 1 else high + padding
        return low - padding * (low < 0), min(high + padding, max_value)

    def rows_of(self, panel: BarPanel) -> list[int]:
        """Return the row of each bar, counted from the top."""
        if not self.is_mirrored:
            return list(range(len(panel.bars)))
        rank, last_rank = 0, sum((bar.value or 0) < 0 for bar in panel.bars)
        rows = []
        for bar in panel.bars:
            if (bar.value or 0) < 0:
                last_rank -= 1
                rows.append(last_rank)
            else:
                rows.append(rank)
                rank += 1
        return rows

    def row_count(self, panel: BarPanel) -> int:
        """Return how many rows the bars of a panel need."""
        return max(self.rows_of(panel), default=-1) + 1

    def side_label_chars(self) -> tuple[int, int]:
        """Return the length of the longest label at the left and the right ends of mirrored bars, in characters."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        sides = ([bar for bar in bars if (bar.value or 0) < 0], [bar for bar in bars if (bar.value or 0) >= 0])
        left, right = (max((len(bar.mirrored_label) for bar in side), default=0) for side in sides)
        return left, right

    def column_count(self, max_columns: int) -> int:
        """Return how many panels to put side by side, at most `max_columns`, so that the last row is as full as possible."""
        return _count_columns(len(self.panels), max_columns)


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
        return _count_columns(len(self.panels), max_columns)

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
        return f"up to {format_count(max_value, self.value_noun)}" if max_value else f"no {self.value_noun}s"

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to draw."""
        return not any(cell.value for panel in self.panels for cell in panel.cells)


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
        """Return the values to label on a logarithmic y axis, with their labels: 0, 1, 10, 100, 1k, and also 3, 30 if y is small."""
        steps = (1, 3) if self.max_y < _DENSE_TICKS_BELOW else (1,)
        values = [0, *(step * 10**power for power in range(10) for step in steps)]
        return [(value, _format_compact(value)) for value in values if value <= self.max_y * 1.2]


def _count_columns(panel_count: int, max_columns: int) -> int:
    rows = -(-panel_count // max_columns)
    return -(-panel_count // rows) if rows else 1


def _format_compact(value: int) -> str:
    """Return a round number in its shortest form: `100`, `10k`, `1M`."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)


def truncate_label(label: str) -> str:
    """Truncate an account's label to fit the heading of its panel."""
    return truncate(label, _MAX_LABEL_CHARACTERS)


def list_names(names: Sequence[str]) -> str:
    """List names in a sentence about a chart: all of them if there are at most four, otherwise the first three."""
    return format_list(names, _MAX_LISTED_NAMES)
