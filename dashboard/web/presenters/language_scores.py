"""How well each language is read, for the page of the model: the rows of its two tables, as texts.

The diagrams of the same numbers are in `reliability_images.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.core.formatting.numbers import format_decimal, format_number, format_share, format_signed_points
from dashboard.core.messages import gettext, translatable
from dashboard.core.readings import MIN_PROVISIONAL_POSTS, MIN_PROVISIONAL_PROBABILITY, Grade
from dashboard.prediction.language_scores import LanguageScores, ReliabilityBin
from dashboard.prediction.protocols import LABELS, ModelCard
from dashboard.reports.language_reliability import list_scores, name_dataset

_CONTENTS = {
    "umsab-val": translatable("posts on X"),
    "arsarcasm-val": translatable("posts on X, many of them sarcastic"),
    "idsa-val": translatable("posts on X"),
    "smsa-val": translatable("reviews and comments"),
}
_GRADES: dict[Grade, str] = {
    "shown": translatable("shown"),
    "provisional": translatable("provisional"),
    "counted": translatable("counted, not read"),
}


@dataclass(frozen=True)
class ScoreRow:
    """What was measured of a language on a data set. `dataset_file` is the name of its file, `contents` its kind of texts."""

    language: str
    dataset: str
    dataset_file: str
    posts: str
    macro_recall: str
    misread: str
    opposite: str
    bias: str
    shown_change: str
    calibration_error: str
    grade: str
    contents: str


@dataclass(frozen=True)
class ReliabilityRow:
    """The posts of a language and data set about which the model is equally sure. `right` is the share that is read correctly."""

    language: str
    dataset: str
    sureness: str
    posts: str
    mean_sureness: str
    right: str
    interval: str


@dataclass(frozen=True)
class LanguageTables:
    """The rows of both tables, what the grades mean, and the macro recall of guessing."""

    scores: Sequence[ScoreRow]
    reliability: Sequence[ReliabilityRow]
    grades: str
    guess: str


def build_tables(card: ModelCard) -> LanguageTables:
    """Return the tables of the model for other languages."""
    scores = list_scores(card)
    return LanguageTables(
        [_build_scores(name, measured) for name, measured in scores],
        [_build_bin(name, measured, table_bin) for name, measured in scores for table_bin in measured["reliability"]],
        gettext(
            "In languages graded “shown”, reports also say how single posts sound. In provisional ones, trust shares over %(posts)s posts "
            "or more, and single posts from %(share)s on.",
            posts=MIN_PROVISIONAL_POSTS,
            share=format_share(MIN_PROVISIONAL_PROBABILITY),
        ),
        format_decimal(1 / len(LABELS), 3),
    )


def _build_scores(language: str, scores: LanguageScores) -> ScoreRow:
    low, high = (format_decimal(end, 3) for end in scores["macro_recall_interval"])
    return ScoreRow(
        language,
        name_dataset(scores["dataset"]),
        scores["dataset"],
        format_number(scores["posts"]),
        f"{format_decimal(scores['macro_recall'], 3)} ({low}–{high})",
        format_share(scores["error_rate"]),
        format_share(scores["opposite_rate"]),
        format_signed_points(scores["bias"]),
        format_share(scores["shown_change"]),
        format_decimal(scores["ece"], 3),
        gettext(_GRADES[scores["grade"]]),
        _describe_contents(scores["dataset"]),
    )


def _build_bin(language: str, scores: LanguageScores, table_bin: ReliabilityBin) -> ReliabilityRow:
    low, high = table_bin["accuracy_interval"]
    return ReliabilityRow(
        language,
        name_dataset(scores["dataset"]),
        f"{round(100 * table_bin['low'])}–{format_share(table_bin['high'])}",
        format_number(table_bin["rows"]),
        format_share(table_bin["confidence"]),
        format_share(table_bin["accuracy"]),
        f"{round(100 * low)}–{format_share(high)}",
    )


def _describe_contents(dataset: str) -> str:
    """Return what kind of texts a data set has, empty if that isn't known."""
    contents = _CONTENTS.get(dataset.rpartition("/")[2])
    return gettext(contents) if contents else ""
