"""How well a language is read, and what may be shown of it: the grades of every method, set by what was measured.

Where measurements come from, and how they are worded, is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Grade = Literal["shown", "provisional", "counted"]
MIN_PROVISIONAL_POSTS = 100  # in a provisional language, that a share must be made of to be shown
MIN_PROVISIONAL_PROBABILITY = 0.6  # of the label of a single post in a provisional language, below which it isn't shown
_MIN_SHOWN, _MIN_PROVISIONAL = 0.60, 0.55  # macro recall: the lower end of its interval for “shown”, the value itself for “provisional”


@dataclass(frozen=True)
class Reading:
    """How well a method reads a language, on labelled posts. `confusion` has a row per true label: negative, neutral and positive.

    `macro_recall` is the mean of the labels' recalls, `low` the lower end of its 95% interval.
    """

    dataset: str
    confusion: Sequence[Sequence[int]]
    macro_recall: float
    low: float

    @property
    def posts(self) -> int:
        """The number of labelled posts."""
        return sum(map(sum, self.confusion))

    @property
    def error_rate(self) -> float:
        """The share of posts that are misread."""
        return 1 - sum(row[index] for index, row in enumerate(self.confusion)) / self.posts

    @property
    def opposite_rate(self) -> float:
        """The share of posts that are read with the opposite sign."""
        return (self.confusion[0][-1] + self.confusion[-1][0]) / self.posts

    @property
    def bias(self) -> float:
        """The mean score that is read minus the true one, where a positive post counts 1 and a negative one −1: above 0 is too positive."""
        negative, *_, positive = zip(*self.confusion, strict=True)
        return float(sum(positive) - sum(negative) - sum(self.confusion[-1]) + sum(self.confusion[0])) / self.posts

    @property
    def shown_change(self) -> float:
        """How much of a change of the true balance shows in the balance that is read, if posts turn from negative into positive ones.

        It is half the difference between the mean score of positive posts as they are read, and that of negative ones.
        """
        negative, positive = self.confusion[0], self.confusion[-1]
        return (_mean_score(positive) - _mean_score(negative)) / 2

    @property
    def grade(self) -> Grade:
        """What may be shown: “shown” single posts, “provisional” only shares over many posts, “counted” neither."""
        if self.low >= _MIN_SHOWN:
            return "shown"
        return "provisional" if self.macro_recall >= _MIN_PROVISIONAL else "counted"


def _mean_score(counts: Sequence[int]) -> float:
    """Return the mean score of posts that were read as negative, neutral and positive this often; 0 for no posts."""
    return (counts[-1] - counts[0]) / max(sum(counts), 1)
