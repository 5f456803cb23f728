"""How well each language is read, and what may be shown of it: a table made from what training measured and a model file stores.

Nothing is measured here. `/model` returns the table, and reports take their grades and error rates from it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from typing_extensions import TypedDict

from dashboard.prediction.protocols import ModelCard

Grade = Literal["shown", "provisional", "counted"]
_MIN_SHOWN, _MIN_PROVISIONAL = 0.60, 0.55  # macro recall: the lower end of its interval for “shown”, the value itself for “provisional”
MIN_PROVISIONAL_POSTS = 100  # in a provisional language, that a share must be made of to be shown
MIN_PROVISIONAL_PROBABILITY = 0.6  # of the label of a single post in a provisional language, below which it isn't shown


class LanguageScores(TypedDict):
    """How well a language is read, on validation posts that trained nothing. `dataset` is the one that is read worst.

    Macro recall is the mean of the labels' recalls. `error_rate` is the share of posts that are misread, and `opposite_rate` that of
    positive posts read as negative, or the other way round. `ece` is the expected calibration error. `grade` is “shown” if single posts can
    be shown, “provisional” if only shares over many posts can, and “counted” if it is read too badly for either.
    """

    model: str
    dataset: str
    posts: int
    macro_recall: float
    macro_recall_interval: list[float]
    error_rate: float
    opposite_rate: float
    ece: float
    grade: Grade


def build_language_scores(card: ModelCard) -> dict[str, LanguageScores]:
    """Return the scores of each language of a card, by its BCP 47 tag."""
    table: dict[str, LanguageScores] = {}
    for name, measured in sorted(card.scores.items()):
        dataset, _, language = name.rpartition("/")
        scores = _build_scores(card, dataset, measured)
        if language not in table or scores["macro_recall"] < table[language]["macro_recall"]:
            table[language] = scores
    return dict(sorted(table.items()))


def _build_scores(card: ModelCard, dataset: str, measured: Mapping[str, Any]) -> LanguageScores:
    error_rate, opposite_rate = _count_errors(measured["confusion"])
    return {
        "model": card.title,
        "dataset": dataset,
        "posts": measured["rows"],
        "macro_recall": measured["macro_recall"],
        "macro_recall_interval": measured["macro_recall_interval"],
        "error_rate": round(error_rate, 4),
        "opposite_rate": round(opposite_rate, 4),
        "ece": measured["ece"],
        "grade": _grade(measured["macro_recall"], measured["macro_recall_interval"][0]),
    }


def _count_errors(confusion: Sequence[Sequence[int]]) -> tuple[float, float]:
    """Return which share of posts is misread, and which with the opposite sign. A row per true label, in the order of LABELS."""
    total = sum(map(sum, confusion))
    right = sum(row[index] for index, row in enumerate(confusion))
    return 1 - right / total, (confusion[0][-1] + confusion[-1][0]) / total


def _grade(macro_recall: float, lower_bound: float) -> Grade:
    if lower_bound >= _MIN_SHOWN:
        return "shown"
    return "provisional" if macro_recall >= _MIN_PROVISIONAL else "counted"
