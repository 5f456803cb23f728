"""Writing the model card of a classifier's file as Markdown. Unknown values become a dash.

The fixed text is in `model_card.md`; everything measured comes from the file, so nothing is computed here.

`python -m dashboard.prediction.training.model_card` prints the card of the built-in classifier.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from dashboard.core.formatting.texts import format_list
from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH
from dashboard.prediction.protocols import LABELS

_TEMPLATE_PATH = Path(__file__).with_name("model_card.md")
_METRIC_TITLES = {"macro_f1": "macro F1", "accuracy": "accuracy", "ece": "ECE", "brier": "Brier score", "log_loss": "log loss"}
_CROSS_VALIDATED_MACRO_RECALL = {"59e1c2701380": 0.667}  # model version: macro recall on all calibration sets together
_QUANTIZATION_KEY = "quantisation"  # the entry of `scores` that isn't a dataset


def render_markdown(path: Path) -> str:
    """Return the model card of a classifier's file. Raises ModelUnavailable."""
    metadata, _, digest = model_file.read(path)
    version, training = metadata["version"], metadata["training"]
    scores = {name: metrics for name, metrics in metadata["scores"].items() if name != _QUANTIZATION_KEY}
    recalls_without_pool = training.get("without_pool", {}) if version in _CROSS_VALIDATED_MACRO_RECALL else {}
    return Template(_TEMPLATE_PATH.read_text(encoding="utf-8")).substitute(
        name=metadata["name"],
        version=version,
        date=f"trained on {training['date']}" if training.get("date") else "training date not recorded",
        size=f"{path.stat().st_size:,}",
        digest=digest,
        command=_format_command(training),
        versions=", ".join(f"{name} {number}" for name, number in sorted(training["versions"].items())),
        data=format_datasets(training["data"]),
        lists=format_lexicons(training.get("lists", {})),
        scores=_format_scores(scores),
        cross_validated=_format_cross_validation(version),
        without_pool=_format_without_pool(recalls_without_pool),
        labels=_format_label_metrics(scores),
        quantisation=_format_quantization_costs(metadata["scores"].get(_QUANTIZATION_KEY, {})),
        limits="\n".join(f"- {limit}" for limit in metadata["limits"]),
    )


def _format_command(training: dict[str, Any]) -> str:
    """Return the command that trains this classifier again."""
    command = "chorus train --data DIR"
    if training["teacher"] == "none":
        command += " --without-pool"
    if training.get("date"):
        command += f" --date {training['date']}"
    return command


def _format_cross_validation(version: str) -> str:
    recall = _CROSS_VALIDATED_MACRO_RECALL.get(version)
    return f"; the cross-validated macro recall on both sets together is {recall:.3f}" if recall else ""


def _format_without_pool(recalls: dict[str, float]) -> str:
    if not recalls:
        return ""
    recalls_by_set = format_list([f"{recall:.3f} on {name}" for name, recall in sorted(recalls.items())])
    return (
        "Trained on the same data without the machine-labelled pool (`--without-pool`), the model has a cross-validated macro recall of "
        f"{recalls_by_set}. Compare this with the cross-validated number above, not with the table.\n\n"
    )


def format_datasets(datasets: dict[str, Any]) -> str:
    """Return a table with a row per dataset."""
    rows = [
        (
            name,
            dataset["use"],
            format_number(dataset.get("rows")),
            _format_label_counts(dataset.get("labels")),
            dataset["licence"],
            f"`{dataset['sha256']}`",
        )
        for name, dataset in datasets.items()
    ]
    return format_table(("dataset", "use", "rows", ", ".join(LABELS), "licence", "SHA-256"), rows)


def format_lexicons(lexicons: dict[str, Any]) -> str:
    """Return a table with a row per file of word lists or vectors, empty if there are none."""
    rows = [(name, lexicon["licence"], f"`{lexicon['sha256']}`") for name, lexicon in lexicons.items()]
    return format_table(("word lists and vectors", "licence", "SHA-256"), rows) if rows else ""


def _format_scores(scores: dict[str, Any]) -> str:
    rows = [
        (
            name,
            format_number(metrics["rows"]),
            format_macro_recall(metrics),
            *(format_number(metrics.get(key)) for key in _METRIC_TITLES),
        )
        for name, metrics in scores.items()
    ]
    return format_table(("dataset", "rows", "macro recall", *_METRIC_TITLES.values()), rows)


def format_macro_recall(metrics: dict[str, Any]) -> str:
    """Return macro recall and its 95% interval."""
    low, high = map(format_number, metrics.get("macro_recall_interval", (None, None)))
    return f"{format_number(metrics['macro_recall'])} ({low} to {high})"


def _format_label_metrics(scores: dict[str, Any]) -> str:
    """Return a table with a row per dataset and label: the label's metrics, and how often each label was predicted for it."""
    rows = [
        (
            name,
            label,
            format_number(label_metrics["rows"]),
            *(format_number(label_metrics[key]) for key in ("precision", "recall", "f1")),
            *map(format_number, predicted_counts),
        )
        for name, metrics in scores.items()
        for label, label_metrics, predicted_counts in zip(LABELS, metrics.get("labels", ()), metrics.get("confusion", ()), strict=False)
    ]
    predicted_titles = (f"predicted {label}" for label in LABELS)
    return format_table(("dataset", "label", "rows", "precision", "recall", "F1", *predicted_titles), rows) if rows else ""


def _format_quantization_costs(costs: dict[str, Any]) -> str:
    if not costs:
        return "The cost of storing the n-grams' weights as int8 wasn't recorded."
    costs_by_set = format_list(
        [
            f"{dataset['cost']:.3f} points of macro recall on {name} ({dataset['agreement']:.2%} of labels agree)"
            for name, dataset in costs.items()
        ]
    )
    return f"Storing the n-grams' weights as int8 costs {costs_by_set}. A negative cost is a gain."


def _format_label_counts(counts: Sequence[int] | None) -> str:
    return ", ".join(f"{label_count:,}" for label_count in counts) if counts else "—"


def format_number(value: float | None) -> str:
    """Return a count, a score with three decimals, or a dash."""
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(render_markdown(BUILT_IN_MODEL_PATH))
