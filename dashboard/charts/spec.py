"""The neutral chart: what is drawn, in which colour, with which words. No drawing library here, no table, no fetching."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Mark = Literal["line", "bar"]
Tone = Literal["", "up", "down", "faint"]  # a colour: the account's own, that of positive or of negative, or that of what matters less
Where = tuple[tuple[str, str], ...]  # which posts are behind a mark, as parameters of /posts

# Ten hues between 3:1 and 7:1 against both white and the dark page, told apart by lightness or hue in the common
# colour-blindnesses; from the eleventh account on the dash and the point tell them apart.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#b5569b", "#8a6d00", "#6a5acd", "#c2255c", "#00808f", "#6b7280", "#a0522d")
DASHES: tuple[tuple[int, ...], ...] = ((), (6, 3), (2, 2))
SYMBOLS = ("circle", "square", "diamond")


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
    `events` which stand out, each as its place and a short name.
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


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What every picture says of itself: `caption` are lines about coverage, `alt` one paragraph that says what it shows, `hint` a line
    on how to read it.
    """

    kind: str
    title: str
    caption: tuple[str, ...]
    alt: str
    hint: str = ""

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        raise NotImplementedError


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

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(series.x for series in self.series)

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

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(bar.value is not None for panel in self.panels for bar in panel.bars)


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

    def strengths(self, sheet: Sheet) -> list[float]:
        """Return how opaque each cell is, 0.04 … 1: in proportion to its value beside the sheet's largest."""
        most = max((cell.value or 0 for cell in sheet.cells), default=0) or 1
        return [0.1 + 0.9 * cell.value / most if cell.value else 0.04 for cell in sheet.cells]

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cell.value for sheet in self.sheets for cell in sheet.cells)


@dataclass(frozen=True)
class Dot:
    """A post among others."""

    x: float
    y: float
    detail: str
    where: Where = ()


@dataclass(frozen=True)
class Cloud:
    """One account's dots."""

    account: str
    label: str
    style: Style
    dots: tuple[Dot, ...]


@dataclass(frozen=True, kw_only=True)
class Scatter(Picture):
    """Dots by two values; `log` says that y is drawn as the logarithm of 1 + y, its ticks as y."""

    clouds: tuple[Cloud, ...]
    x_title: str
    y_title: str
    log: bool = False

    @property
    def empty(self) -> bool:
        """Say whether there is nothing to draw."""
        return not any(cloud.dots for cloud in self.clouds)


def joined(names: Sequence[str], most: int = 4) -> str:
    """List names in words: `a, b and c`, or `a, b, c and 5 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
