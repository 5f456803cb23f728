"""How well each language is read by the model for other languages: tables made from what training measured and its file stores.

Nothing is measured here. `/model` returns the tables, and reports take their grades and error rates from them.
"""

from collections.abc import Mapping
from typing import Any

from typing_extensions import TypedDict

from dashboard.core.readings import Grade, Reading
from dashboard.prediction.protocols import ModelCard


class ReliabilityBin(TypedDict):
    """The posts about which the model is equally sure: those whose predicted label has a probability above `low`, up to `high`.

    `confidence` is the mean of these probabilities, `accuracy` the share of the `rows` posts that are read correctly.
    """

    low: float
    high: float
    rows: int
    confidence: float
    accuracy: float
    accuracy_interval: list[float]


class LanguageScores(TypedDict):
    """How well a language is read, on the validation posts of `dataset`, which trained nothing.

    Macro recall is the mean of the labels' recalls. `error_rate` is the share of posts that are misread, and `opposite_rate` that of
    positive posts read as negative, or the other way round. `bias` is the mean score that is read minus the true one, where a positive post
    counts 1 and a negative one −1. `shown_change` is how much of a change from negative to positive posts shows in what is read. `ece` is
    the expected calibration error, and `reliability` its origin. `grade` is “shown” if single posts can be shown, “provisional”
    if only shares over many posts can, and “counted” if it is read too badly for either.
    """

    model: str
    dataset: str
    posts: int
    macro_recall: float
    macro_recall_interval: list[float]
    error_rate: float
    opposite_rate: float
    bias: float
    shown_change: float
    ece: float
    reliability: list[ReliabilityBin]
    grade: Grade


def build_language_scores(card: ModelCard) -> dict[str, LanguageScores]:
    """Return the scores of each language of a card, by its BCP 47 tag: those of the dataset that is read worst."""
    return {
        language: min(by_dataset, key=lambda scores: scores["macro_recall"]) for language, by_dataset in build_dataset_scores(card).items()
    }


def build_dataset_scores(card: ModelCard) -> dict[str, list[LanguageScores]]:
    """Return the scores of each language of a card on every dataset, by its BCP 47 tag."""
    table: dict[str, list[LanguageScores]] = {}
    for name, measured in sorted(card.scores.items()):
        dataset, _, language = name.rpartition("/")
        table.setdefault(language, []).append(_build_scores(card, dataset, measured))
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
        "bias": round(reading.bias, 4),
        "shown_change": round(reading.shown_change, 4),
        "ece": measured["ece"],
        "reliability": measured.get("reliability", []),
        "grade": reading.grade,
    }
