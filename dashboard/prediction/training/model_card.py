"""The model card: what a classifier's file says of itself, as Markdown. Its fixed words are in card.md; what is not known is a dash.

`python -m dashboard.prediction.training.model_card` prints the card of the built-in classifier.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH
from dashboard.prediction.protocols import LABELS

_TEMPLATE_PATH = Path(__file__).with_name("model_card.md")
_METRIC_TITLES = {"macro_f1": "macro F1", "accuracy": "accuracy", "ece": "ECE", "brier": "Brier score", "log_loss": "log loss"}
_CROSS_VALIDATED_MACRO_RECALL = {
    "59e1c2701380": 0.667
}  # macro recall on the sets for calibration together, by the version it was measured of
_QUANTIZATION_KEY = "quantisation"  # among scores, what is of no set


def render_markdown(path: Path) -> str:
    """Return the card of a classifier's file. Raises ModelUnavailable if there is none."""
    facts, _, digest = model_file.read(path)
    training, scores = facts["training"], {name: each for name, each in facts["scores"].items() if name != _QUANTIZATION_KEY}
    return Template(_TEMPLATE_PATH.read_text(encoding="utf-8")).substitute(
        name=facts["name"],
        version=facts["version"],
        date=f"of {training['date']}" if training.get("date") else "of no recorded day",
        size=f"{path.stat().st_size:,}",
        digest=digest,
        command=_format_command(training),
        versions=", ".join(f"{name} {number}" for name, number in sorted(training["versions"].items())),
        data=_format_datasets(training["data"]),
        lists=_format_lexicons(training.get("lists", {})),
        scores=_format_scores(scores),
        cross_validated=_format_cross_validation(facts["version"]),
        without_pool=_format_without_pool(training.get("without_pool", {}) if facts["version"] in _CROSS_VALIDATED_MACRO_RECALL else {}),
        labels=_format_label_metrics(scores),
        quantisation=_format_quantization_costs(facts["scores"].get(_QUANTIZATION_KEY, {})),
        limits="\n".join(f"- {limit}" for limit in facts["limits"]),
    )


def _format_command(training: dict[str, Any]) -> str:
    day, alone = training.get("date"), bool(training["teacher"] == "none")
    return "chorus train --data DIR" + " --without-pool" * alone + (f" --date {day}" if day else "")


def _format_cross_validation(version: str) -> str:
    recall = _CROSS_VALIDATED_MACRO_RECALL.get(version)
    return f"; cross-validated, the macro recall on both together is {recall:.3f}" if recall else ""


def _format_without_pool(recalls: dict[str, float]) -> str:
    told = ", ".join(f"{recall:.3f} on {name}" for name, recall in sorted(recalls.items()))
    return (
        f"Made of the same data without the machine-labelled pool (`--without-pool`), the macro recall, cross-validated, is {told}. "
        "Compare this with the cross-validated number above, not with the table.\n\n"
        if told
        else ""
    )


def _format_datasets(datasets: dict[str, Any]) -> str:
    rows = [
        (
            name,
            each["use"],
            _format_number(each.get("rows")),
            _format_label_counts(each.get("labels")),
            each["licence"],
            f"`{each['sha256']}`",
        )
        for name, each in datasets.items()
    ]
    return _format_table(("data", "use", "rows", ", ".join(LABELS), "licence", "sha256"), rows)


def _format_lexicons(lexicons: dict[str, Any]) -> str:
    rows = [(name, each["licence"], f"`{each['sha256']}`") for name, each in lexicons.items()]
    return _format_table(("word lists and vectors", "licence", "sha256"), rows) if rows else ""


def _format_scores(scores: dict[str, Any]) -> str:
    rows = [
        (name, _format_number(each["rows"]), _format_macro_recall(each), *(_format_number(each.get(key)) for key in _METRIC_TITLES))
        for name, each in scores.items()
    ]
    return _format_table(("set", "rows", "macro recall", *_METRIC_TITLES.values()), rows)


def _format_macro_recall(metrics: dict[str, Any]) -> str:
    low, high = map(_format_number, metrics.get("macro_recall_interval", (None, None)))
    return f"{_format_number(metrics['macro_recall'])} ({low} to {high})"


def _format_label_metrics(scores: dict[str, Any]) -> str:
    """Return a table of each set's labels, with the counts of what was said of them."""
    rows = [
        (
            name,
            label,
            _format_number(told["rows"]),
            *(_format_number(told[key]) for key in ("precision", "recall", "f1")),
            *map(_format_number, said),
        )
        for name, each in scores.items()
        for label, told, said in zip(LABELS, each.get("labels", ()), each.get("confusion", ()), strict=False)
    ]
    said = (f"said {label}" for label in LABELS)
    return _format_table(("set", "label", "rows", "precision", "recall", "F1", *said), rows) if rows else ""


def _format_quantization_costs(costs: dict[str, Any]) -> str:
    told = (
        f"{each['cost']:.3f} points of macro recall on {name} ({each['agreement']:.2%} of labels agree)" for name, each in costs.items()
    )
    return (
        f"In macro recall, the int8 of the n-grams' weights costs {' and '.join(told)}; below 0 it gains."
        if costs
        else "What the int8 of the n-grams' weights costs is not recorded."
    )


def _format_label_counts(counts: Sequence[int] | None) -> str:
    return ", ".join(f"{each:,}" for each in counts) if counts else "—"


def _format_number(value: float | None) -> str:
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _format_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(render_markdown(BUILT_IN_MODEL_PATH))
