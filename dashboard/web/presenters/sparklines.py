"""The lines in the cells of a scorecard: numbers become the points of an SVG polyline. Colours and sizes belong in the style sheet."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from flask import Flask

WIDTH, HEIGHT = 120, 28
_MARGIN = 3.0  # room for the dot at the end
_MIN_POINTS = 2


@dataclass(frozen=True)
class Sparkline:
    """The points of each part of a line without gaps, and the position of its last point; no parts if there is too little to draw."""

    parts: tuple[str, ...] = ()
    end: tuple[float, float] = (0.0, 0.0)
    width: int = WIDTH
    height: int = HEIGHT


def init_app(app: Flask) -> None:
    """Make lines available to templates."""
    app.jinja_env.globals.update(draw_sparkline=draw_sparkline)


def draw_sparkline(values: Sequence[float | None]) -> Sparkline:
    """Return a line from the first value at the left to the last at the right; an unknown value is a gap."""
    known = [value for value in values if value is not None]
    if len(known) < _MIN_POINTS:
        return Sparkline()
    low, span = min(known), max(known) - min(known)
    step = (WIDTH - 2 * _MARGIN) / (len(values) - 1)
    points = [None if value is None else (_MARGIN + index * step, _place(value, low, span)) for index, value in enumerate(values)]
    parts = [[point for point in run if point] for is_known, run in groupby(points, bool) if is_known]
    return Sparkline(tuple(" ".join(f"{x:.0f},{y:.0f}" for x, y in part) for part in parts), parts[-1][-1])


def _place(value: float, low: float, span: float) -> float:
    """Return the distance of a value from the upper edge; values that are all equal are in the middle."""
    return HEIGHT - _MARGIN - (HEIGHT - 2 * _MARGIN) * ((value - low) / span if span else 0.5)
