"""One verdict sums up what all methods make of a post."""

import pytest

from dashboard.reports.verdicts import Verdict, sum_up


@pytest.mark.parametrize(
    ("verdicts", "text", "polarity"),
    [
        ([-1, -1, -1, -1], "Negative by all four methods", "down"),
        ([1, 1, 1, None], "Positive by all three methods", "up"),
        ([0, 0], "Neutral by both methods", "flat"),
        ([1, None], "Positive", "up"),
        ([-1, 1, -1, -1], "Methods disagree: 3 negative, 1 positive", "flat"),
        ([-1, 1, 0, 0], "Methods disagree: 2 neutral, 1 positive, 1 negative", "flat"),
        ([1] * 7, "Positive by all 7 methods", "up"),
        ([None, None], "No sentiment", "flat"),
    ],
)
def test_a_verdict_says_whether_the_methods_agree(verdicts: list[int | None], text: str, polarity: str) -> None:
    """A method that doesn't know the post isn't counted."""
    assert sum_up(verdicts) == Verdict(text, polarity)
