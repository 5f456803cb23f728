"""Evaluating the model for other languages on labelled texts in several of them: one evaluation per language, reported together.

What is measured of one language is in `evaluate.py`; nothing is drawn or written to disk here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from dashboard.core.readings import Reading
from dashboard.prediction.protocols import ModelCard, TextModel
from dashboard.prediction.training import evaluate
from dashboard.prediction.training.evaluate import Evaluation
from dashboard.prediction.training.labelled_data import LabelledDataset

_OTHER_LANGUAGE = "another language"  # the reason for which `labelled_data` skips a row
_COLUMNS = ("rows", "macro recall", "95%", "misread", "opposite", "bias", "ECE")
_WIDTHS = (9, 14, 18, 9, 10, 8, 8)


class ModelFamily(Protocol):
    """A model that has a reader for each of its languages."""

    card: ModelCard

    def reader(self, language: str) -> TextModel:
        """Return the reader of a language."""
        ...


@dataclass(frozen=True)
class LanguagesEvaluation:
    """How well a model reads each language of a file."""

    card: ModelCard
    by_language: Mapping[str, Evaluation]

    @property
    def dataset(self) -> LabelledDataset:
        """The first language's part of the file."""
        return next(iter(self.by_language.values())).dataset

    @property
    def rows(self) -> int:
        """The number of texts that were read."""
        return sum(len(evaluation.dataset.texts) for evaluation in self.by_language.values())

    @property
    def skipped_rows(self) -> dict[str, int]:
        """The number of rows that weren't read, by reason."""
        skipped = [Counter(evaluation.dataset.skipped_rows) for evaluation in self.by_language.values()]
        total = len(self.dataset.texts) + skipped[0].total()
        reasons = sum(skipped, Counter[str]())
        reasons[_OTHER_LANGUAGE] = 0
        reasons[_OTHER_LANGUAGE] = total - self.rows - reasons.total()
        return {reason: count for reason, count in reasons.items() if count}

    @property
    def caveats(self) -> list[str]:
        """Sentences that a reader must know to judge the numbers: once what holds for all languages, the others with their tag."""
        sentences = {language: evaluation.caveats for language, evaluation in self.by_language.items()}
        shared = [sentence for sentence in next(iter(sentences.values())) if all(sentence in own for own in sentences.values())]
        return shared + [f"{language}: {sentence}" for language, own in sentences.items() for sentence in own if sentence not in shared]


def evaluate_languages(model: ModelFamily, datasets: Mapping[str, LabelledDataset]) -> LanguagesEvaluation:
    """Evaluate a model on the texts of each language."""
    evaluations = {language: evaluate.evaluate(model.reader(language), dataset) for language, dataset in datasets.items()}
    return LanguagesEvaluation(model.card, evaluations)


def to_dict(evaluation: LanguagesEvaluation) -> dict[str, Any]:
    """Return an evaluation as JSON values: `model`, `data`, `remarks` and, by language, `languages`."""
    single = {language: evaluate.to_dict(measured) for language, measured in evaluation.by_language.items()}
    dataset, first = evaluation.dataset, next(iter(single.values()))
    return {
        "model": first["model"],
        "data": {"file": dataset.path.name, "sha256": dataset.digest, "rows": evaluation.rows, "left_out": evaluation.skipped_rows},
        "remarks": evaluation.caveats,
        "languages": {
            language: document["scores"] | _describe_errors(evaluation.by_language[language]) for language, document in single.items()
        },
    }


def format_lines(evaluation: LanguagesEvaluation) -> Iterator[str]:
    """Yield the lines of a report for people: a row per language."""
    yield f"{evaluation.card.title} on {evaluation.dataset.path.name}"
    yield from (f"  note      {sentence}" for sentence in evaluation.caveats)
    skipped = ", ".join(f"{count:,} with {reason}" for reason, count in evaluation.skipped_rows.items()) or "none"
    yield f"  rows      {evaluation.rows:,}; skipped: {skipped}"
    yield ""
    yield f"  {'language':<10}" + _align(_COLUMNS) + "   grade"
    for language, measured in evaluation.by_language.items():
        metrics, errors = measured.metrics, _describe_errors(measured)
        low, high = metrics["macro_recall_interval"]
        shares = [f"{value:.3f}" for value in (errors["error_rate"], errors["opposite_rate"])]
        cells = [f"{metrics['rows']:,}", f"{metrics['macro_recall']:.3f}", f"{low:.3f} to {high:.3f}", *shares]
        yield f"  {language:<10}" + _align([*cells, f"{errors['bias']:+.3f}", f"{metrics['ece']:.3f}"]) + f"   {errors['grade']}"


def _align(cells: Sequence[str]) -> str:
    return "".join(f"{cell:>{width}}" for cell, width in zip(cells, _WIDTHS, strict=True))


def _describe_errors(evaluation: Evaluation) -> dict[str, Any]:
    """Return the error rates, bias and grade of a language, as `/model` has them."""
    metrics = evaluation.metrics
    reading = Reading(evaluation.dataset.path.name, metrics["confusion"], metrics["macro_recall"], metrics["macro_recall_interval"][0])
    return {
        "error_rate": round(reading.error_rate, 6),
        "opposite_rate": round(reading.opposite_rate, 6),
        "bias": round(reading.bias, 6),
        "grade": reading.grade,
    }
