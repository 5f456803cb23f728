"""The neutral chart: what is drawn, in which colour, with which words. No drawing library here, no table, no fetching."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Literal, Self

Mark = Literal["line", "bar"]
Tone = Literal["", "up", "down", "faint"]  # a colour: the account's own, that of positive or of negative, or that of what matters less
Where = tuple[tuple[str, str], ...]  # which posts are behind a mark, as parameters of /posts

# Ten hues between 3:1 and 7:1 against both white and the dark page, told apart by lightness or hue in the common
# colour-blindnesses; from the eleventh account on the dash and the point tell them apart.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b5569b", "#8a6d00", "#6a5acd", "#c2255c", "#00808f", "#6b7280", "#a0522d")
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2))
SYMBOLS = ("circle", "square", "diamond")
TONES = {"up": "#12976a", "down": "#cf4f0e", "faint": "#858b93"}  # at least 3:1 against both grounds; up and down are never confused
_AIR = 0.04  # of a scale of bars, beyond its outermost
_MOST_SCORES = 13  # labels of an axis of scores
_BEYOND = 0.5  # of what bars span: what their intervals may take besides, at each side
_DARK, _READ = (0x15, 0x1B, 0x23), 4.6  # the lightest of the dark grounds; a contrast for words, and some more
_CARDED = 2  # lines of the caption of a preview
_MANY = 1_000  # below, the ticks of a logarithmic scale stand closer


@cache
def on_dark(colour: str) -> str:
    """Return a colour as dark grounds have it: mixed with white until its contrast to them suits words, 4.5:1."""
    parts = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    for white in range(100):
        mixed = [round(part + (255 - part) * white / 100) for part in parts]
        if (_light(mixed) + 0.05) / (_light(_DARK) + 0.05) >= _READ:
            break
    return "#" + "".join(f"{part:02x}" for part in mixed)


def _light(parts: Sequence[int]) -> float:
    """Return the relative luminance of WCAG 2.2."""
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@dataclass(frozen=True)
class Style:
    """How one account looks in every renderer: a CSS colour, a dash (pixels on, off; empty is solid), the symbol of its points."""

    colour: str
    dash: tuple[int, ...]
    symbol: str


def styles(accounts: Iterable[str]) -> dict[str, Style]:
    """Give each account its look by its place in sorted order, so that the same accounts look the same in every chart."""
    looks = {}
    for place, account in enumerate(sorted(set(accounts))):
        turn = place // len(PALETTE) % len(DASHES)
        looks[account] = Style(PALETTE[place % len(PALETTE)], DASHES[turn], SYMBOLS[turn])
    return looks


@dataclass(frozen=True)
class Series:
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
    details: tuple[str, ...]
    up: tuple[float, ...] = ()
    down: tuple[float, ...] = ()
    where: tuple[Where, ...] = ()
    hollow: tuple[bool, ...] = ()
    events: tuple[tuple[int, str], ...] = ()
    low: tuple[float | None, ...] = ()
    high: tuple[float | None, ...] = ()

    def top(self, place: int, most: float = float("inf")) -> float:
        """Return the upper end of everything that is drawn of a point, on a scale that ends at `most`."""
        drawn = (*self.y[place : place + 1], *self.up[place : place + 1], *self.high[place : place + 1], 0)
        return min(most, max(value for value in drawn if value is not None))


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What every picture says of itself: `caption` are lines about coverage, `alt` one paragraph that says what it shows, `hint` a line
    on how to read it, `nothing` why there is nothing to draw, if it is not for want of posts.
    """

    kind: str
    title: str
    caption: tuple[str, ...]
    alt: str
    hint: str = ""
    nothing: str = ""

    @property
    def noun(self) -> str:
        """Return what a person clicks."""
        return "point"

    def bare(self) -> Self:
        """Return the picture without its words, for a page that has them."""
        return replace(self, title="", caption=(), hint="")

    def card(self) -> Self:
        """Return the picture with few words, for a preview, which is small."""
        return replace(self, caption=self.caption[:_CARDED], hint="")

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        raise NotImplementedError

    @property
    def marks(self) -> int:
        """Return how many marks there are to point at, of pictures that may have too many."""
        return 0


@dataclass(frozen=True, kw_only=True)
class Chart(Picture):
    """A chart of time: lines of accounts in one plot, or if `faceted` a row of bars an account.

    `hours` is the width of an interval in hours (a month counts 30 days); `percent`: y is a share of 0 … 1; `whole`: y counts.
    """

    mark: Mark
    faceted: bool
    series: tuple[Series, ...]
    y_title: str
    hours: float
    percent: bool = False
    whole: bool = False
    bounds: tuple[float, float] | None = None  # beyond which no value can be

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(series.x for series in self.series)

    @property
    def marks(self) -> int:
        """Return how many points or bars there are."""
        return sum(len(series.x) for series in self.series)

    @property
    def width(self) -> str:
        """Return what an interval is called."""
        return {1: "hour", 24: "day", 7 * 24: "week"}.get(int(self.hours), "month")

    @property
    def extent(self) -> tuple[float, float]:
        """The scale of facets: zero, every bar, and of the intervals what a half of that holds, for one long one would flatten all bars."""
        bars = [0.0, *(value for line in self.series for value in (*line.y, *line.up, *line.down) if value is not None)]
        reached = [value for line in self.series for value in (*line.low, *line.high) if value is not None]
        low, high = min(bars), max(bars)
        if low == high:
            return self.bounds or (-1.0, 1.0)
        room = _BEYOND * (high - low)
        low, high = max(low - room, min(low, *reached, low)), min(high + room, max(high, *reached, high))
        least, most = self.bounds or (low, high)
        return max(low, least), min(high, most)

    @property
    def noun(self) -> str:
        """Return what a person clicks."""
        return "bar" if self.mark == "bar" else "point"

    def behind(self, where: Mapping[str, Sequence[Where]]) -> "Chart":
        """Return the chart with the posts behind each point of each account's line."""
        return replace(self, series=tuple(replace(line, where=tuple(where.get(line.account, ()))) for line in self.series))

    @property
    def ends(self) -> tuple[datetime, datetime] | None:
        """The time that the picture spans, the last interval included; None if it is empty."""
        starts = [start for line in self.series for start in line.x]
        return (min(starts), max(starts) + timedelta(hours=self.hours)) if starts else None

    @property
    def largest(self) -> float:
        """The value farthest from zero."""
        return max((abs(value) for line in self.series for value in (*line.y, *line.up, *line.down) if value is not None), default=0)


@dataclass(frozen=True)
class Bar:
    """A bar from zero, or from `low` to `high` around a point; `value` is None where there is none. `detail` is in lines."""

    label: str
    value: float | None
    detail: str
    where: Where = ()
    low: float | None = None
    high: float | None = None
    tone: Tone = ""


@dataclass(frozen=True)
class Panel:
    """One account's bars, from top to bottom; or the bars of something else, with a style of its own."""

    account: str
    label: str
    style: Style
    bars: tuple[Bar, ...]

    def colour(self, bar: Bar) -> str:
        """Return the colour of one of its bars: that of its tone, or the account's own."""
        return TONES.get(bar.tone, self.style.colour)


@dataclass(frozen=True, kw_only=True)
class Bars(Picture):
    """Horizontal bars, a panel an account side by side or below one another, on one scale of values.

    `dots` draws each as a point with its interval; else as a bar, with its interval as a whisker if it has one.
    """

    panels: tuple[Panel, ...]
    x_title: str
    percent: bool = False
    whole: bool = False
    dots: bool = False
    worded: bool = False  # the labels hold the values, of more than one unit: the scale has no numbers

    @property
    def noun(self) -> str:
        """Return what a person clicks."""
        return "point" if self.dots else "bar"

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(bar.value is not None for panel in self.panels for bar in panel.bars)

    @property
    def ends(self) -> tuple[float, float]:
        """The scale that all panels share: zero, every value and interval, and some air beyond; a share ends at 1."""
        bars = [bar for panel in self.panels for bar in panel.bars]
        known = [value for bar in bars for value in (bar.value, bar.low, bar.high) if value is not None]
        low, high = min(0.0, *known, 0.0), max(0.0, *known, 0.0)
        air = _AIR * (high - low or 1)
        most = 1.0 if self.percent and high <= 1 else high + air
        return low - air * (low < 0), min(high + air, most)

    def columns(self, most: int) -> int:
        """Return how many panels stand side by side, at most so many, that the last row is as full as can be."""
        rows = -(-len(self.panels) // most)
        return -(-len(self.panels) // rows) if rows else 1


@dataclass(frozen=True)
class Cell:
    """A square of a grid, by the places of its column and row; `value` is None where nothing is known."""

    column: int
    row: int
    value: float | None
    detail: str
    where: Where = ()


@dataclass(frozen=True)
class Sheet:
    """One account's cells."""

    account: str
    label: str
    style: Style
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Grid(Picture):
    """A grid of squares an account, the darker the larger, each account on a scale of its own; `rows` from top to bottom."""

    columns: tuple[str, ...]
    rows: tuple[str, ...]
    sheets: tuple[Sheet, ...]
    value_title: str

    @property
    def noun(self) -> str:
        """Return what a person clicks."""
        return "square"

    def strengths(self, sheet: Sheet) -> list[float]:
        """Return how opaque each cell is: 0 where nothing is known, else 0.08 … 1, the more the nearer to its sheet's largest value."""
        most = self.most(sheet) or 1
        return [0 if cell.value is None else 0.2 + 0.8 * cell.value / most if cell.value else 0.08 for cell in sheet.cells]

    def most(self, sheet: Sheet) -> float:
        """Return the largest value of a sheet."""
        return max((cell.value or 0 for cell in sheet.cells), default=0)

    def scale(self, sheet: Sheet) -> str:
        """Say in words what the full colour of a sheet stands for."""
        most = self.most(sheet)
        return f"up to {most:,.0f} {self.value_title}{'s' * (most != 1)}" if most else f"no {self.value_title}s"

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cell.value for sheet in self.sheets for cell in sheet.cells)


@dataclass(frozen=True)
class Dot:
    """A post among others; or the middle of many, with its interval from `low` to `high`."""

    x: float
    y: float
    detail: str
    where: Where = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Cloud:
    """One account's dots, and the `medians` of parts of them, drawn larger, from left to right."""

    account: str
    label: str
    style: Style
    dots: tuple[Dot, ...]
    medians: tuple[Dot, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Scatter(Picture):
    """Dots by two values; `log` says that y is drawn as the logarithm of 1 + y, its ticks as y; `whole`: x counts, and so many dots
    stand at one value that they are drawn beside one another.
    """

    clouds: tuple[Cloud, ...]
    x_title: str
    y_title: str
    log: bool = False
    whole: bool = False

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cloud.dots for cloud in self.clouds)

    @property
    def noun(self) -> str:
        """Return what a person clicks."""
        return "dot"

    @property
    def ends(self) -> tuple[float, float]:
        """The values of x that are drawn, −1 and 1 at least, with some air."""
        known = [dot.x for cloud in self.clouds for dot in (*cloud.dots, *cloud.medians)]
        air = 0.25 if self.whole else 0.05
        return min(-1.0, *known, -1.0) - air, max(1.0, *known, 1.0) + air

    @property
    def scores(self) -> list[int]:
        """The whole values of x that are labelled: all, or every so many-th."""
        low, high = (int(end) for end in self.ends)
        step = -(-(high - low + 1) // _MOST_SCORES)
        return [score for score in range(low, high + 1) if score % step == 0]

    @property
    def highest(self) -> float:
        """The largest y, intervals included; at least 1."""
        dots = [dot for cloud in self.clouds for dot in (*cloud.dots, *cloud.medians)]
        return max((value for dot in dots for value in (dot.y, dot.high) if value is not None), default=1) or 1

    @property
    def ticks(self) -> list[tuple[int, str]]:
        """The values of y that are labelled, with their labels: 0, 1, 10, 100, 1k; between them 3 and 30 if there are few."""
        steps = (1, 3) if self.highest < _MANY else (1,)
        values = [0, *(step * 10**power for power in range(10) for step in steps)]
        return [(value, _thousands(value)) for value in values if value <= self.highest * 1.2]


def _thousands(value: int) -> str:
    """Return a round number as short as can be: `100`, `10k`, `1M`."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)


def shortened(label: str, most: int = 28) -> str:
    """Return a label of at most so many letters."""
    return label if len(label) <= most else f"{label[: most - 1]}…"


def joined(names: Sequence[str], most: int = 4) -> str:
    """List names in words: `a, b and c`, or `a, b, c and 5 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
