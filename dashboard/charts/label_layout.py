"""Places labels inside and beside a plot so that none overlaps another: pure geometry in pixels, from the top left corner of the plot.

What the labels say, and how they are drawn, doesn't belong here.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

CHAR_PX, LINE_PX = 6.4, 15  # average width of a character, and height of a line, of a label
_CLEARANCE_PX = 6  # between a point and its label
_MAX_LIFTS = 2  # how many lines a label may be away from its point
Box = tuple[float, float, float, float]  # left, top, right, bottom
Polyline = Sequence[tuple[float, float]]  # from left to right


@dataclass(frozen=True)
class Anchor:
    """A point to label, with the texts to choose from, the most informative first. `below`: its label belongs below it.

    `half_width` is that of a bar, beside which there may be room for the label.
    """

    x: float
    y: float
    texts: tuple[str, ...]
    below: bool = False
    half_width: float = 0


@dataclass(frozen=True)
class PlacedLabel:
    """A label and the middle of its place. `anchor_x` and `anchor_y` are its point, from which it keeps its distance in a larger plot."""

    text: str
    x: float
    y: float
    anchor_x: float = 0
    anchor_y: float = 0

    @property
    def box(self) -> Box:
        """Return the place that the label covers."""
        half_width = text_width(self.text) / 2
        return self.x - half_width, self.y - LINE_PX / 2, self.x + half_width, self.y + LINE_PX / 2


def text_width(text: str) -> float:
    """Return the width of a text, approximately."""
    return CHAR_PX * len(text)


def spread(positions: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Return positions near the given ones, in the same order, that are `gap` apart and between `low` and `high` if they fit."""
    order = sorted(range(len(positions)), key=lambda index: positions[index])
    placed = [0.0] * len(positions)
    floor = low
    for index in order:
        placed[index] = floor = max(floor, positions[index])
        floor += gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    return placed


def place_labels(
    anchors: Sequence[Anchor], size: tuple[float, float], lines: Sequence[Polyline] = (), boxes: Sequence[Box] = ()
) -> list[PlacedLabel | None]:
    """Return the place of each anchor's label, None if there is no room for any of its texts; the first anchors choose first.

    A label stays inside the plot, and covers neither another label, nor an anchor, nor one of `boxes`, nor a line if it can be helped.
    """
    marks = [*boxes, *((anchor.x - 5, anchor.y - 5, anchor.x + 5, anchor.y + 5) for anchor in anchors)]
    placed: list[PlacedLabel | None] = []
    for anchor in anchors:
        taken = [*marks, *(label.box for label in placed if label)]
        free = [label for label in _candidates(anchor, size) if not _overlaps_any(label.box, taken)]
        placed.append(next((label for label in free if not any(_crosses(line, label.box) for line in lines)), next(iter(free), None)))
    return placed


def _candidates(anchor: Anchor, size: tuple[float, float]) -> Iterator[PlacedLabel]:
    """Yield the places to try: above the point and beside it, for each text, and then higher above it; or below it in the same way."""
    for lift in range(_MAX_LIFTS + 1):
        for text in anchor.texts:
            half_width = text_width(text) / 2
            for x, y in _places(anchor, half_width, size, lift):
                if half_width <= x <= size[0] - half_width and LINE_PX / 2 <= y <= size[1] - LINE_PX / 2:
                    yield PlacedLabel(text, x, y, anchor.x, anchor.y)


def _places(anchor: Anchor, half_width: float, size: tuple[float, float], lift: int) -> list[tuple[float, float]]:
    """Return the middles of the places for a label that is `lift` lines away from its point; 0 lines can also be beside it."""
    direction = 1 if anchor.below else -1
    beyond = anchor.y + direction * (_CLEARANCE_PX + LINE_PX / 2 + lift * LINE_PX)
    centered = min(max(anchor.x, half_width), size[0] - half_width)
    beside = min(max(anchor.y, LINE_PX / 2), size[1] - LINE_PX / 2)
    side = half_width + anchor.half_width + _CLEARANCE_PX
    return [(centered, beyond)] if lift else [(centered, beyond), (anchor.x + side, beside), (anchor.x - side, beside)]


def _overlaps_any(box: Box, others: Iterable[Box]) -> bool:
    left, top, right, bottom = box
    return any(left < other[2] and other[0] < right and top < other[3] and other[1] < bottom for other in others)


def _crosses(line: Polyline, box: Box) -> bool:
    """Return whether a line passes through a box."""
    first = max(0, bisect_left(line, box[0], key=_get_x) - 1)
    part = line[first : bisect_right(line, box[2], key=_get_x) + 1]
    return any(_segment_crosses(start, end, box) for start, end in pairwise(part) if start[0] <= box[2] and end[0] >= box[0])


def _get_x(point: tuple[float, float]) -> float:
    return point[0]


def _segment_crosses(start: tuple[float, float], end: tuple[float, float], box: Box) -> bool:
    """Return whether the part of a segment between the sides of a box is also between its top and bottom."""
    slope = (end[1] - start[1]) / (end[0] - start[0]) if end[0] > start[0] else 0.0
    heights = [start[1] + slope * (min(max(x, start[0]), end[0]) - start[0]) for x in (box[0], box[2])]
    heights += [start[1], end[1]] if end[0] == start[0] else []
    return min(heights) <= box[3] and max(heights) >= box[1]
