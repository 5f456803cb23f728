"""The lines in the cells of a scorecard."""

from dashboard.web.presenters.sparklines import draw_sparkline


def test_the_lowest_value_is_at_the_bottom_and_the_highest_at_the_top() -> None:
    """The line fills its box of 120 × 28, with a margin of 3."""
    line = draw_sparkline([0.0, 10.0, 5.0])
    assert line.parts == ("3,25 60,3 117,14",)
    assert line.end == (117.0, 14.0)


def test_an_unknown_value_is_a_gap() -> None:
    """Nothing is drawn across it."""
    assert draw_sparkline([1.0, 2.0, None, 2.0, 1.0]).parts == ("3,25 32,3", "88,3 117,25")


def test_equal_values_are_a_line_in_the_middle() -> None:
    """There is no scale to divide by."""
    assert draw_sparkline([4.0, 4.0]).parts == ("3,14 117,14",)


def test_too_few_values_are_not_drawn() -> None:
    """One value shows no development."""
    assert draw_sparkline([None, 1.0, None]).parts == ()
    assert draw_sparkline([]).parts == ()
