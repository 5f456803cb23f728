"""The neutral chart: what is drawn, in which colour, with which words. No drawing library here, no table, no fetching."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, Self

from dashboard.core.formatting import format_count, format_list, truncate

Mark = Literal["line", "bar"]
SemanticColor = Literal[
    "", "up", "down", "faint"
]  # a colour: the account's own, that of positive or of negative, or that of what matters less
PostQuery = tuple[tuple[str, str], ...]  # which posts are behind a mark, as parameters of /posts

# Ten hues between 3:1 and 7:1 against both white and the dark page, told apart by lightness or hue in the common
# colour-blindnesses; from the eleventh account on the dash and the point tell them apart.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b5569b", "#8a6d00", "#6a5acd", "#c2255c", "#00808f", "#6b7280", "#a0522d")
DASH_PATTERNS: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2))
MARKER_SYMBOLS = ("circle", "square", "diamond")
SEMANTIC_COLORS = {
    "up": "#12976a",
    "down": "#cf4f0e",
    "faint": "#858b93",
}  # at least 3:1 against both grounds; up and down are never confused
_SCALE_PADDING_SHARE = 0.04  # of a scale of bars, beyond its outermost
_MAX_SCORE_LABELS = 13  # labels of an axis of scores
_MAX_WHISKER_OVERHANG_SHARE = 0.5  # of what bars span: what their intervals may take besides, at each side
_DARK_BACKGROUND_RGB, _MIN_TEXT_CONTRAST = (0x15, 0x1B, 0x23), 4.6  # the lightest of the dark grounds; a contrast for words, and some more
_MAX_LABEL_CHARACTERS = 28  # characters of an account's label above its panel
_MAX_LISTED_NAMES = 4  # names that a sentence lists
_PREVIEW_CAPTION_LINES = 2  # lines of the caption of a preview
_DENSE_TICKS_BELOW = 1_000  # below, the ticks of a logarithmic scale stand closer


@cache
def color_on_dark(color: str) -> str:
    """Return a colour as dark grounds have it: mixed with white until its contrast to them suits words, 4.5:1."""
    parts = [int(color[at : at + 2], 16) for at in (1, 3, 5)]
    for white in range(100):
        mixed = [round(part + (255 - part) * white / 100) for part in parts]
        if (_relative_luminance(mixed) + 0.05) / (_relative_luminance(_DARK_BACKGROUND_RGB) + 0.05) >= _MIN_TEXT_CONTRAST:
            break
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _relative_luminance(rgb: Sequence[int]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in rgb]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@dataclass(frozen=True)
class Style:
    """How one account looks in every renderer: a CSS colour, a dash (pixels on, off; empty is solid), the symbol of its points."""

    color: str
    dash: tuple[int, ...]
    symbol: str


def assign_styles(accounts: Iterable[str]) -> dict[str, Style]:
    """Give each account its look by its place in sorted order, so that the same accounts look the same in every chart."""
    looks = {}
    for place, account in enumerate(sorted(set(accounts))):
        turn = place // len(PALETTE) % len(DASH_PATTERNS)
        looks[account] = Style(PALETTE[place % len(PALETTE)], DASH_PATTERNS[turn], MARKER_SYMBOLS[turn])
    return looks


@dataclass(frozen=True)
class TimeSeries:
    """One account's line or bars.

    `x` are starts of intervals as wall-clock times of the view's zone (naive); `y` the values, None where there is none;
    `details` the words for a point, in lines; `up` and `down`, if given, the pale bars of positive and negative sums behind `y`;
    `where` the posts behind each point; `hollow` which are drawn as an outline, for they rest on few posts or part of an interval;
    `events` which stand out, strongest first, each as its place and a short name; `low` and `high`, if given, the interval of each value.
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
    hollow: tuple[bool, ...] = ()
    events: tuple[tuple[int, str], ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    def upper_end(self, index: int, max_value: float = float("inf")) -> float:
        """Return the upper end of everything that is drawn of a point, on a scale that ends at `most`."""
        drawn = (*self.y[index : index + 1], *self.positive[index : index + 1], *self.high[index : index + 1], 0)
        return min(max_value, max(value for value in drawn if value is not None))


@dataclass(frozen=True, kw_only=True)
class Chart:
    """What every picture says of itself: `caption` are lines about coverage, `alt` one paragraph that says what it shows, `hint` a line
    on how to read it, `nothing` why there is nothing to draw, if it is not for want of posts.
    """

    kind: str
    title: str
    caption: tuple[str, ...]
    alt: str
    hint: str = ""
    empty_message: str = ""

    @property
    def mark_noun(self) -> str:
        """Return what a person clicks."""
        return "point"

    def without_text(self) -> Self:
        """Return the picture without its words, for a page that has them."""
        return replace(self, title="", caption=(), hint="")

    def for_preview(self) -> Self:
        """Return the picture with few words, for a preview, which is small."""
        return replace(self, caption=self.caption[:_PREVIEW_CAPTION_LINES], hint="")

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        raise NotImplementedError

    @property
    def mark_count(self) -> int:
        """Return how many marks there are to point at, of pictures that may have too many."""
        return 0


@dataclass(frozen=True, kw_only=True)
class TimeSeriesChart(Chart):
    """A chart of time: lines of accounts in one plot, or if `faceted` a row of bars an account.

    `hours` is the width of an interval in hours (a month counts 30 days); `percent`: y is a share of 0 … 1; `whole`: y counts.
    """

    mark: Mark
    faceted: bool
    series: tuple[TimeSeries, ...]
    y_title: str
    interval_hours: float
    percent: bool = False
    integer_values: bool = False
    value_limits: tuple[float, float] | None = None  # beyond which no value can be

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(series.x for series in self.series)

    @property
    def mark_count(self) -> int:
        """Return how many points or bars there are."""
        return sum(len(series.x) for series in self.series)

    @property
    def interval(self) -> str:
        """Return what an interval is called."""
        return {1: "hour", 24: "day", 7 * 24: "week"}.get(int(self.interval_hours), "month")

    @property
    def value_range(self) -> tuple[float, float]:
        """The scale of facets: zero, every bar, and of the intervals what a half of that holds, for one long one would flatten all bars."""
        bars = [0.0, *(value for line in self.series for value in (*line.y, *line.positive, *line.negative) if value is not None)]
        reached = [value for line in self.series for value in (*line.low, *line.high) if value is not None]
        low, high = min(bars), max(bars)
        if low == high:
            return self.value_limits or (-1.0, 1.0)
        room = _MAX_WHISKER_OVERHANG_SHARE * (high - low)
        low, high = max(low - room, min(low, *reached, low)), min(high + room, max(high, *reached, high))
        least, most = self.value_limits or (low, high)
        return max(low, least), min(high, most)

    @property
    def mark_noun(self) -> str:
        """Return what a person clicks."""
        return "bar" if self.mark == "bar" else "point"

    def with_post_queries(self, post_queries: Mapping[str, Sequence[PostQuery]]) -> "TimeSeriesChart":
        """Return the chart with the posts behind each point of each account's line."""
        return replace(self, series=tuple(replace(line, post_queries=tuple(post_queries.get(line.account, ()))) for line in self.series))

    @property
    def time_range(self) -> tuple[datetime, datetime] | None:
        """The time that the picture spans, the last interval included; None if it is empty."""
        starts = [start for line in self.series for start in line.x]
        return (min(starts), max(starts) + timedelta(hours=self.interval_hours)) if starts else None

    @property
    def max_abs_value(self) -> float:
        """The value farthest from zero."""
        return max(
            (abs(value) for line in self.series for value in (*line.y, *line.positive, *line.negative) if value is not None), default=0
        )


@dataclass(frozen=True)
class Bar:
    """A bar from zero, or from `low` to `high` around a point; `value` is None where there is none. `detail` is in lines."""

    label: str
    value: float | None
    tooltip: str
    post_query: PostQuery = ()
    low: float | None = None
    high: float | None = None
    semantic_color: SemanticColor = ""


@dataclass(frozen=True)
class BarPanel:
    """One account's bars, from top to bottom; or the bars of something else, with a style of its own."""

    account: str
    label: str
    style: Style
    bars: tuple[Bar, ...]

    def bar_color(self, bar: Bar) -> str:
        """Return the colour of one of its bars: that of its tone, or the account's own."""
        return SEMANTIC_COLORS.get(bar.semantic_color, self.style.color)


@dataclass(frozen=True, kw_only=True)
class BarChart(Chart):
    """Horizontal bars, a panel an account side by side or below one another, on one scale of values.

    `dots` draws each as a point with its interval; else as a bar, with its interval as a whisker if it has one.
    """

    panels: tuple[BarPanel, ...]
    x_title: str
    percent: bool = False
    integer_values: bool = False
    draw_as_points: bool = False
    values_in_labels: bool = False  # the labels hold the values, of more than one unit: the scale has no numbers

    @property
    def mark_noun(self) -> str:
        """Return what a person clicks."""
        return "point" if self.draw_as_points else "bar"

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(bar.value is not None for panel in self.panels for bar in panel.bars)

    @property
    def value_range(self) -> tuple[float, float]:
        """The scale that all panels share: zero, every value and interval, and some air beyond; a share ends at 1."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        known = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
        low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
        air = _SCALE_PADDING_SHARE * (high - low or 1)
        most = 1.0 if self.percent and high <= 1 else high + air
        return low - air * (low < 0), min(high + air, most)

    def column_count(self, max_columns: int) -> int:
        """Return how many panels stand side by side, at most so many, that the last row is as full as can be."""
        rows = -(-len(self.panels) // max_columns)
        return -(-len(self.panels) // rows) if rows else 1


@dataclass(frozen=True)
class HeatmapCell:
    """A square of a grid, by the places of its column and row; `value` is None where nothing is known."""

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
    """A grid of squares an account, the darker the larger, each account on a scale of its own; `rows` from top to bottom."""

    column_labels: tuple[str, ...]
    row_labels: tuple[str, ...]
    panels: tuple[HeatmapPanel, ...]
    value_noun: str

    @property
    def mark_noun(self) -> str:
        """Return what a person clicks."""
        return "square"

    def cell_opacities(self, panel: HeatmapPanel) -> list[float]:
        """Return how opaque each cell is: 0 where nothing is known, else 0.08 … 1, the more the nearer to its sheet's largest value."""
        most = self.max_value(panel) or 1
        return [0 if cell.value is None else 0.2 + 0.8 * cell.value / most if cell.value else 0.08 for cell in panel.cells]

    def max_value(self, panel: HeatmapPanel) -> float:
        """Return the largest value of a sheet."""
        return max((cell.value or 0 for cell in panel.cells), default=0)

    def describe_scale(self, panel: HeatmapPanel) -> str:
        """Say in words what the full colour of a sheet stands for."""
        most = self.max_value(panel)
        return f"up to {format_count(most, self.value_noun)}" if most else f"no {self.value_noun}s"

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cell.value for sheet in self.panels for cell in sheet.cells)


@dataclass(frozen=True)
class Point:
    """A post among others; or the middle of many, with its interval from `low` to `high`."""

    x: float
    y: float
    tooltip: str
    post_query: PostQuery = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class ScatterSeries:
    """One account's dots, and the `medians` of parts of them, drawn larger, from left to right."""

    account: str
    label: str
    style: Style
    points: tuple[Point, ...]
    medians: tuple[Point, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ScatterChart(Chart):
    """Dots by two values; `log` says that y is drawn as the logarithm of 1 + y, its ticks as y; `whole`: x counts, and so many dots
    stand at one value that they are drawn beside one another.
    """

    series: tuple[ScatterSeries, ...]
    x_title: str
    y_title: str
    log_y: bool = False
    integer_x: bool = False

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cloud.points for cloud in self.series)

    @property
    def mark_noun(self) -> str:
        """Return what a person clicks."""
        return "dot"

    @property
    def x_range(self) -> tuple[float, float]:
        """The values of x that are drawn, −1 and 1 at least, with some air."""
        known = [dot.x for cloud in self.series for dot in (*cloud.points, *cloud.medians)]
        air = 0.25 if self.integer_x else 0.05
        return min(-1.0, *known, -1.0) - air, max(1.0, *known, 1.0) + air

    @property
    def x_ticks(self) -> list[int]:
        """The whole values of x that are labelled: all, or every so many-th."""
        low, high = (int(end) for end in self.x_range)
        step = -(-(high - low + 1) // _MAX_SCORE_LABELS)
        return [score for score in range(low, high + 1) if score % step == 0]

    @property
    def max_y(self) -> float:
        """The largest y, intervals included; at least 1."""
        dots = [dot for cloud in self.series for dot in (*cloud.points, *cloud.medians)]
        return max((value for dot in dots for value in (dot.y, dot.high) if value is not None), default=1) or 1

    @property
    def y_ticks(self) -> list[tuple[int, str]]:
        """The values of y that are labelled, with their labels: 0, 1, 10, 100, 1k; between them 3 and 30 if there are few."""
        steps = (1, 3) if self.max_y < _DENSE_TICKS_BELOW else (1,)
        values = [0, *(step * 10**power for power in range(10) for step in steps)]
        return [(value, _format_compact(value)) for value in values if value <= self.max_y * 1.2]


def _format_compact(value: int) -> str:
    """Return a round number as short as can be: `100`, `10k`, `1M`."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)


def truncate_label(label: str) -> str:
    """Return an account's label as short as the heading of its panel needs it."""
    return truncate(label, _MAX_LABEL_CHARACTERS)


def list_names(names: Sequence[str]) -> str:
    """List names in a sentence about a chart: all of four, the first three of more."""
    return format_list(names, _MAX_LISTED_NAMES)
