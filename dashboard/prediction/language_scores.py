"""How well each language is read by the model for other languages: a table made from what training measured and its file stores.

Nothing is measured here. `/model` returns the table, and reports take their grades and error rates from it.
"""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from dashboard.core.readings import Grade, Reading
from dashboard.prediction.protocols import ModelCard


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
    reading = Reading(dataset, measured["confusion"], measured["macro_recall"], measured["macro_recall_interval"][0])
    return {
        "model": card.title,
        "dataset": dataset,
        "posts": measured["rows"],
        "macro_recall": measured["macro_recall"],
        "macro_recall_interval": measured["macro_recall_interval"],
        "error_rate": round(reading.error_rate, 4),
        "opposite_rate": round(reading.opposite_rate, 4),
        "ece": measured["ece"],
        "grade": reading.grade,
    }
