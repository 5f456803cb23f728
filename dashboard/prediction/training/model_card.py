"""The model card: what a classifier's file says of itself, as Markdown. Its fixed words are in card.md; what is not known is a dash.

`python -m dashboard.prediction.training.model_card` prints the card of the built-in classifier.
"""

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template
from typing import Any

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import BUILT_IN
from dashboard.prediction.protocols import LABELS

_WORDS = Path(__file__).with_name("model_card.md")
_MEASURES = {"macro_f1": "macro F1", "accuracy": "accuracy", "ece": "ECE", "brier": "Brier score", "log_loss": "log loss"}
_CROSS_VALIDATED = {"59e1c2701380": 0.667}  # macro recall on the sets for calibration together, by the version it was measured of
_QUANTISATION = "quantisation"  # among scores, what is of no set


def markdown(path: Path) -> str:
    """Return the card of a classifier's file. Raises ModelUnavailable if there is none."""
    facts, _, digest = model_file.read(path)
    training, scores = facts["training"], {name: each for name, each in facts["scores"].items() if name != _QUANTISATION}
    return Template(_WORDS.read_text(encoding="utf-8")).substitute(
        name=facts["name"],
        version=facts["version"],
        date=f"of {training['date']}" if training.get("date") else "of no recorded day",
        size=f"{path.stat().st_size:,}",
        digest=digest,
        command=_command(training),
        versions=", ".join(f"{name} {number}" for name, number in sorted(training["versions"].items())),
        data=_data(training["data"]),
        lists=_lists(training.get("lists", {})),
        scores=_scores(scores),
        cross_validated=_cross_validated(facts["version"]),
        without_pool=_without_pool(training.get("without_pool", {}) if facts["version"] in _CROSS_VALIDATED else {}),
        labels=_labels(scores),
        quantisation=_quantisation(facts["scores"].get(_QUANTISATION, {})),
        limits="\n".join(f"- {limit}" for limit in facts["limits"]),
    )


def _command(training: dict[str, Any]) -> str:
    day, alone = training.get("date"), bool(training["teacher"] == "none")
    return "chorus train --data DIR" + " --without-pool" * alone + (f" --date {day}" if day else "")


def _cross_validated(version: str) -> str:
    recall = _CROSS_VALIDATED.get(version)
    return f"; cross-validated, the macro recall on both together is {recall:.3f}" if recall else ""


def _without_pool(recalls: dict[str, float]) -> str:
    told = ", ".join(f"{recall:.3f} on {name}" for name, recall in sorted(recalls.items()))
    return (
        f"Made of the same data without the machine-labelled pool (`--without-pool`), the macro recall, cross-validated, is {told}. "
        "Compare this with the cross-validated number above, not with the table.\n\n"
        if told
        else ""
    )


def _data(listed: dict[str, Any]) -> str:
    rows = [
        (name, each["use"], _shown(each.get("rows")), _counts(each.get("labels")), each["licence"], f"`{each['sha256']}`")
        for name, each in listed.items()
    ]
    return _table(("data", "use", "rows", ", ".join(LABELS), "licence", "sha256"), rows)


def _lists(listed: dict[str, Any]) -> str:
    rows = [(name, each["licence"], f"`{each['sha256']}`") for name, each in listed.items()]
    return _table(("word lists and vectors", "licence", "sha256"), rows) if rows else ""


def _scores(scores: dict[str, Any]) -> str:
    rows = [(name, _shown(each["rows"]), _recall(each), *(_shown(each.get(key)) for key in _MEASURES)) for name, each in scores.items()]
    return _table(("set", "rows", "macro recall", *_MEASURES.values()), rows)


def _recall(each: dict[str, Any]) -> str:
    low, high = map(_shown, each.get("macro_recall_interval", (None, None)))
    return f"{_shown(each['macro_recall'])} ({low} to {high})"


def _labels(scores: dict[str, Any]) -> str:
    """Return a table of each set's labels, with the counts of what was said of them."""
    rows = [
        (name, label, _shown(told["rows"]), *(_shown(told[key]) for key in ("precision", "recall", "f1")), *map(_shown, said))
        for name, each in scores.items()
        for label, told, said in zip(LABELS, each.get("labels", ()), each.get("confusion", ()), strict=False)
    ]
    said = (f"said {label}" for label in LABELS)
    return _table(("set", "label", "rows", "precision", "recall", "F1", *said), rows) if rows else ""


def _quantisation(costs: dict[str, Any]) -> str:
    told = (
        f"{each['cost']:.3f} points of macro recall on {name} ({each['agreement']:.2%} of labels agree)" for name, each in costs.items()
    )
    return (
        f"In macro recall, the int8 of the n-grams' weights costs {' and '.join(told)}; below 0 it gains."
        if costs
        else "What the int8 of the n-grams' weights costs is not recorded."
    )


def _counts(labels: Sequence[int] | None) -> str:
    return ", ".join(f"{each:,}" for each in labels) if labels else "—"


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.3f}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(markdown(BUILT_IN))
