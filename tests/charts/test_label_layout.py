"""Labels in a plot: none covers another, a point or the edge, whatever the data."""

from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.label_layout import LINE_PX, Anchor, PlacedLabel, place_labels, spread, text_width

SIZE = (300.0, 200.0)
TEXTS = ("40 · sorry, system", "40")


def overlaps(first: PlacedLabel, second: PlacedLabel) -> bool:
    """Return whether two labels share a pixel."""
    return abs(first.x - second.x) < (text_width(first.text) + text_width(second.text)) / 2 and abs(first.y - second.y) < LINE_PX


@given(st.lists(st.tuples(st.floats(0, SIZE[0]), st.floats(0, SIZE[1])), max_size=8))
def test_labels_never_overlap_and_stay_inside(points: list[tuple[float, float]]) -> None:
    """A label without room is left out instead."""
    placed = [label for label in place_labels([Anchor(x, y, TEXTS) for x, y in points], SIZE) if label]
    assert not any(overlaps(first, second) for first, second in combinations(placed, 2))
    assert all(label.box[0] >= 0 and label.box[2] <= SIZE[0] and label.box[1] >= 0 and label.box[3] <= SIZE[1] for label in placed)


def test_peaks_near_each_other_are_all_labelled() -> None:
    """The later ones move aside, or have only their value."""
    placed = place_labels([Anchor(x, 100, TEXTS) for x in (100, 124, 148, 172)], SIZE)
    assert None not in placed
    assert placed[0] == PlacedLabel("40 · sorry, system", 100, 100 - 6 - LINE_PX / 2, 100, 100)


def test_a_label_never_covers_a_box() -> None:
    """Bars all around a low point leave no room, so it isn't labelled rather than written over them."""
    boxes = [(0.0, 20.0, 147.0, 200.0), (153.0, 20.0, 300.0, 200.0)]
    assert place_labels([Anchor(150, 150, TEXTS)], SIZE, boxes=boxes) == [None]


def test_a_label_avoids_lines_if_it_can() -> None:
    """A line right above the point moves the label to the side."""
    (label,) = place_labels([Anchor(150, 100, ("40",))], SIZE, [[(0, 86), (300, 86)]])
    assert label is not None
    assert label.y == 100


def test_the_label_of_a_low_is_below_it() -> None:
    """There it doesn't cover the bar."""
    (label,) = place_labels([Anchor(150, 100, ("−2.2",), below=True)], SIZE)
    assert label is not None
    assert label.y > 100


@pytest.mark.parametrize("positions", [[], [5.0], [10, 10, 10], [95, 96, 97], [40, 12, 90, 41]])
def test_spread_positions_keep_their_order_and_distance(positions: list[float]) -> None:
    """They stay between the bounds if there is room."""
    placed = spread(positions, 15, 0, 100)
    assert sorted(range(len(placed)), key=lambda index: placed[index]) == sorted(range(len(placed)), key=lambda index: positions[index])
    assert all(after - before >= 15 for before, after in pairwise(sorted(placed)))
    assert all(0 <= position <= 100 for position in placed)
