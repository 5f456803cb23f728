"""The neutral chart: what is drawn, in which colour, with which words. No drawing library here, no table, no fetching."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Mark = Literal["line", "bar"]

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
    `details` the words for a point, in lines; `up` and `down`, if given, the pale bars of positive and negative sums behind `y`.
    """

    account: str
    label: str
    style: Style
    x: tuple[datetime, ...]
    y: tuple[float | None, ...]
    details: tuple[str, ...]
    up: tuple[float, ...] = ()
    down: tuple[float, ...] = ()


@dataclass(frozen=True)
class Chart:
    """Everything two renderers need to draw the same picture.

    `hours` is the width of an interval in hours (a month counts 30 days); `percent` says that y is a share of 0 … 1;
    `caption` are lines about coverage, `alt` one paragraph that says what the picture shows.
    """

    kind: str
    title: str
    mark: Mark
    faceted: bool
    series: tuple[Series, ...]
    y_title: str
    hours: float
    caption: tuple[str, ...]
    alt: str
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


def joined(names: Sequence[str], most: int = 4) -> str:
    """List names in words: `a, b and c`, or `a, b, c and 5 more`."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
