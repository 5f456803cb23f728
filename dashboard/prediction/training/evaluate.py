"""A model measured on labelled texts, and told: as JSON values and as lines of text. Nothing is drawn or written here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.prediction.protocols import LABELS, ModelCard, TextModel
from dashboard.prediction.training import metrics
from dashboard.prediction.training.labelled_data import LabelledDataset

_USE_VERBS = {"training": "trained", "calibration": "calibrated"}


@dataclass(frozen=True)
class Evaluation:
    """How good a model of LABELS is on some examples; `measured` is what `scores.measure` gives."""

    card: ModelCard
    dataset: LabelledDataset
    metrics: dict[str, Any]

    @property
    def caveats(self) -> list[str]:
        """What a reader must know to judge the numbers, in sentences."""
        absent = [label for label, rows in zip(LABELS, self.dataset.label_counts, strict=True) if not rows]
        remarks = [f"No text here is {' or '.join(absent)}: means over labels are over the others."] if absent else []
        listed = self.card.training.get("data")
        for known in listed.values() if isinstance(listed, Mapping) else ():
            if isinstance(known, Mapping) and known.get("sha256") == self.dataset.digest:
                use = _USE_VERBS.get(str(known.get("use")), "made")
                remarks.append(f"The model was {use} on this very file, so these numbers flatter it.")
        return remarks


def evaluate(model: TextModel, dataset: LabelledDataset) -> Evaluation:
    """Ask a model whose labels are LABELS, in this order, about every text, and measure what it says."""
    return Evaluation(model.card, dataset, metrics.compute_metrics(np.array(model.predict_proba(dataset.texts)), dataset.labels))


def to_dict(evaluation: Evaluation) -> dict[str, Any]:
    """Return everything that is known of an evaluation as JSON values: `model`, `data`, `remarks`, `scores`."""
    examples, measured = evaluation.dataset, evaluation.metrics
    data = {"file": examples.path.name, "sha256": examples.digest, "rows": len(examples.texts)}
    return {
        "model": {"name": evaluation.card.name, "version": evaluation.card.version, "digest": evaluation.card.digest},
        "data": data | {"labels": dict(zip(LABELS, examples.label_counts, strict=True)), "left_out": examples.skipped_rows},
        "remarks": evaluation.caveats,
        "scores": metrics.round_floats(measured | {"labels": dict(zip(LABELS, measured["labels"], strict=True))}, 6),
    }


def format_lines(evaluation: Evaluation) -> Iterator[str]:
    """Yield the lines of a report that people read."""
    examples, measured = evaluation.dataset, evaluation.metrics
    counts = ", ".join(f"{count:,} {label}" for label, count in zip(LABELS, examples.label_counts, strict=True))
    left_out = ", ".join(f"{count:,} with {why}" for why, count in examples.skipped_rows.items()) or "none"
    low, high = measured["macro_recall_interval"]
    yield f"{evaluation.card.title} on {examples.path.name}"
    yield f"  rows          {len(examples.texts):,}: {counts}; left out: {left_out}"
    yield from (f"  note          {remark}" for remark in evaluation.caveats)
    yield f"  macro recall  {measured['macro_recall']:.3f}  (95 %: {low:.3f} to {high:.3f})"
    yield f"  macro F1      {measured['macro_f1']:.3f}"
    yield f"  accuracy      {measured['accuracy']:.3f}"
    told = f"{measured['ece']:.3f}, Brier score {measured['brier']:.3f}, log loss {measured['log_loss']:.3f}"
    yield f"  calibration   expected error (ECE, ten bins) {told}"
    yield from _format_label_metrics(measured["labels"])
    yield from _format_confusion_matrix(measured["confusion"])
    yield from _format_reliability_table(measured["reliability"])


def _format_label_metrics(label_metrics: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"  {'label':<12}{'rows':>9}{'precision':>11}{'recall':>11}{'F1':>11}"
    for label, each in zip(LABELS, label_metrics, strict=True):
        yield f"  {label:<12}{each['rows']:>9,}" + "".join(f"{_format_score(each[name]):>11}" for name in ("precision", "recall", "f1"))


def _format_confusion_matrix(counts: list[list[int]]) -> Iterator[str]:
    yield ""
    yield f"  {'truth, said':<12}" + "".join(f"{label:>11}" for label in LABELS)
    for label, row in zip(LABELS, counts, strict=True):
        yield f"  {label:<12}" + "".join(f"{count:>11,}" for count in row)


def _format_reliability_table(table: list[dict[str, Any]]) -> Iterator[str]:
    yield ""
    yield f"  {'confidence':<12}{'rows':>9}{'mean':>11}{'right':>11}{'95 %':>19}"
    for each in table:
        low, high = each["accuracy_interval"]
        bounds, interval = f"{each['low']:.1f} to {each['high']:.1f}", f"{low:.3f} to {high:.3f}"
        yield f"  {bounds:<12}{each['rows']:>9,}{each['confidence']:>11.3f}{each['accuracy']:>11.3f}{interval:>19}"


def _format_score(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f}"
