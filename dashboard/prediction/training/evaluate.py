"""Evaluating a text model on labelled texts, and reporting the result as JSON values or as lines of text.

Nothing is drawn or written to disk here, and the metrics themselves are in `metrics.py`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.core.formatting.texts import format_list
from dashboard.prediction.protocols import LABELS, ModelCard, TextModel
from dashboard.prediction.training import metrics
from dashboard.prediction.training.labelled_data import LabelledDataset

_USE_VERBS = {"training": "trained", "calibration": "calibrated"}


@dataclass(frozen=True)
class Evaluation:
    """How well a model predicts LABELS on a dataset; `metrics` is what `compute_metrics` returns."""

    card: ModelCard
    dataset: LabelledDataset
    metrics: dict[str, Any]

    @property
    def caveats(self) -> list[str]:
        """Sentences that a reader must know to judge the numbers."""
        absent = [label for label, rows in zip(LABELS, self.dataset.label_counts, strict=True) if not rows]
        sentences = []
        if absent:
            sentences.append(f"No text is {format_list(absent, conjunction='or')}, so averages cover the other labels only.")
        datasets = self.card.training.get("data")
        for dataset in datasets.values() if isinstance(datasets, Mapping) else ():
            if isinstance(dataset, Mapping) and dataset.get("sha256") == self.dataset.digest:
                verb = _USE_VERBS.get(str(dataset.get("use")), "made")
                sentences.append(f"The model was {verb} on this same file, so these numbers are too optimistic.")
        return sentences


def evaluate(model: TextModel, dataset: LabelledDataset) -> Evaluation:
    """Evaluate a model whose labels are LABELS, in this order, on every text of a dataset."""
    return Evaluation(model.card, dataset, metrics.compute_metrics(np.array(model.predict_proba(dataset.texts)), dataset.labels))


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return an evaluation as JSON values: `model`, `data`, `remarks` and `scores`."""
    dataset, measured = evaluation.dataset, evaluation.metrics
    data = {"file": dataset.path.name, "sha256": dataset.digest, "rows": len(dataset.texts)}
    return {
        "model": {"name": evaluation.card.name, "version": evaluation.card.version, "digest": evaluation.card.digest},
        "data": data | {"labels": dict(zip(LABELS, dataset.label_counts, strict=True)), "left_out": dataset.skipped_rows},
        "remarks": evaluation.caveats,
        "scores": metrics.round_floats(measured | {"labels": dict(zip(LABELS, measured["labels"], strict=True))}, 6),
    }


def format_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield the lines of a report for people."""
    dataset, measured = evaluation.dataset, evaluation.metrics
    counts = ", ".join(f"{count:,} {label}" for label, count in zip(LABELS, dataset.label_counts, strict=True))
    skipped = ", ".join(f"{count:,} with {reason}" for reason, count in dataset.skipped_rows.items()) or "none"
    low, high = measured["macro_recall_interval"]
    yield f"{evaluation.card.title} on {dataset.path.name}"
    yield f"  rows          {len(dataset.texts):,}: {counts}; skipped: {skipped}"
    yield from (f"  note          {sentence}" for sentence in evaluation.caveats)
    yield f"  macro recall  {measured['macro_recall']:.3f}  (95%: {low:.3f} to {high:.3f})"
    yield f"  macro F1      {measured['macro_f1']:.3f}"
    yield f"  accuracy      {measured['accuracy']:.3f}"
    losses = f"Brier score {measured['brier']:.3f}, log loss {measured['log_loss']:.3f}"
    yield f"  calibration   expected error (ECE, ten bins) {measured['ece']:.3f}, {losses}"
    yield from _format_label_metrics(measured["labels"])
    yield from _format_confusion_matrix(measured["confusion"])
    yield from _format_reliability_table(measured["reliability"])


def _format_label_metrics(label_metrics: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"  {'label':<12}{'rows':>9}{'precision':>11}{'recall':>11}{'F1':>11}"
    for label, scores in zip(LABELS, label_metrics, strict=True):
        columns = "".join(f"{_format_score(scores[name]):>11}" for name in ("precision", "recall", "f1"))
        yield f"  {label:<12}{scores['rows']:>9,}{columns}"


def _format_confusion_matrix(counts: list[list[int]]) -> Iterator[str]:
    yield ""
    yield "  confusion matrix (rows: actual label, columns: predicted label)"
    yield f"  {'':<12}" + "".join(f"{label:>11}" for label in LABELS)
    for label, row in zip(LABELS, counts, strict=True):
        yield f"  {label:<12}" + "".join(f"{count:>11,}" for count in row)


def _format_reliability_table(table: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"  {'confidence':<12}{'rows':>9}{'mean':>11}{'accuracy':>11}{'95%':>19}"
    for table_bin in table:
        low, high = table_bin["accuracy_interval"]
        bounds, interval = f"{table_bin['low']:.1f} to {table_bin['high']:.1f}", f"{low:.3f} to {high:.3f}"
        scores = f"{table_bin['confidence']:>11.3f}{table_bin['accuracy']:>11.3f}"
        yield f"  {bounds:<12}{table_bin['rows']:>9,}{scores}{interval:>19}"


def _format_score(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
