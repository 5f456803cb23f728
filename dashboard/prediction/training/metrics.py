"""How good probabilities are, measured against the truth: pure NumPy, no model, no file, no words for people.

Everywhere `probabilities` is n × labels, each row adding up to 1, and `truth` holds n places of labels (0 … labels − 1), n at least 1.
Means over labels are over those that occur in the truth: a set without neutral texts is not punished for it.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BINS = 10
_RESAMPLES = 2000
_Z = 1.959963984540054  # of the normal distribution, for 95 %


def measure(probabilities: Array, truth: Array) -> dict[str, Any]:
    """Return every measure below as plain JSON values, exact: `rows`, the numbers, `labels` (a dict a label, in order) and the tables.

    Log loss is the mean of −ln p(truth), 0 … 36 (p counts as at least 2.2e-16); the Brier score (1950) the mean over rows of
    Σ (p − truth)², 0 … 2. Accuracy, recalls, precisions, F1 and ECE lie in 0 … 1.
    """
    counts = confusion(probabilities, truth)
    labels, table = by_label(counts), reliability(probabilities, truth)
    known = [each for each in labels if each["rows"]]
    told = np.clip(probabilities[np.arange(len(truth)), truth], np.finfo(float).eps, 1)
    return {
        "rows": len(truth),
        "macro_recall": _mean([each["recall"] for each in known]),
        "macro_recall_interval": list(macro_recall_interval(counts)),
        "macro_f1": _mean([each["f1"] for each in known]),
        "accuracy": float(np.trace(counts) / counts.sum()),
        "ece": ece(table),
        "brier": float(np.mean(np.sum((probabilities - np.eye(probabilities.shape[1])[truth]) ** 2, axis=1))),
        "log_loss": float(-np.mean(np.log(told))),
        "labels": labels,
        "confusion": counts.tolist(),
        "reliability": table,
    }


def confusion(probabilities: Array, truth: Array) -> Array:
    """Return labels × labels counts: a row a true label, a column a predicted one (the likeliest; of equals the first)."""
    labels = probabilities.shape[1]
    return np.bincount(truth * labels + probabilities.argmax(axis=1), minlength=labels**2).reshape(labels, labels)


def by_label(counts: Array) -> list[dict[str, Any]]:
    """Return rows, precision, recall and F1 of each label of a confusion matrix, None where they are 0 ÷ 0."""
    right, rows, said = counts.diagonal(), counts.sum(axis=1), counts.sum(axis=0)
    return [
        {"rows": int(row), "precision": _share(hit, tell), "recall": _share(hit, row), "f1": _share(2 * hit, row + tell)}
        for hit, row, tell in zip(right, rows, said, strict=True)
    ]


def macro_recall_interval(counts: Array, resamples: int = _RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile interval of macro recall by bootstrap (Efron 1979), always the same for the same counts.

    Rows drawn with replacement fall into the cells (true label, right or wrong) as a multinomial does, so cells are drawn, not rows.
    """
    right, rows = counts.diagonal(), counts.sum(axis=1)
    cells = np.concatenate([right, rows - right])
    drawn = np.random.default_rng(0).multinomial(rows.sum(), cells / rows.sum(), size=resamples)
    hits, misses = drawn[:, : len(rows)], drawn[:, len(rows) :]
    there = hits + misses > 0
    recalls = (hits / np.maximum(hits + misses, 1)).sum(axis=1) / there.sum(axis=1)
    low, high = np.quantile(recalls, [0.025, 0.975])
    return float(low), float(high)


def reliability(probabilities: Array, truth: Array) -> list[dict[str, Any]]:
    """Return what becomes of confidence, a dict for each of ten equal bins (low, high] that holds rows, lowest first.

    Confidence is the probability of the predicted label; `accuracy` comes with its 95 % interval by Wilson (1927).
    """
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == truth
    place = np.searchsorted(np.arange(1, BINS) / BINS, sure, side="left")
    return [_bin(int(each), sure[place == each], right[place == each]) for each in np.unique(place)]


def ece(table: list[dict[str, Any]]) -> float:
    """Return the expected calibration error (Guo et al. 2017, eq. 3): the mean of |accuracy − confidence| over the rows of each bin."""
    rows = sum(each["rows"] for each in table)
    return float(sum(each["rows"] / rows * abs(each["accuracy"] - each["confidence"]) for each in table))


def wilson(right: int, rows: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that is `right` of `rows` (Wilson 1927, without a correction for continuity)."""
    share, spread = right / rows, _Z**2 / rows
    middle, half = share + spread / 2, _Z * np.sqrt(share * (1 - share) / rows + spread / rows / 4)
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(0.0, float(low)), min(1.0, float(high))


def rounded(measured: Any, digits: int = 4) -> Any:
    """Return JSON values with every float rounded."""
    if isinstance(measured, dict):
        return {name: rounded(value, digits) for name, value in measured.items()}
    if isinstance(measured, list):
        return [rounded(value, digits) for value in measured]
    return round(measured, digits) if isinstance(measured, float) else measured


def _bin(place: int, sure: Array, right: Array) -> dict[str, Any]:
    low, high = wilson(int(right.sum()), len(right))
    told = {"low": place / BINS, "high": (place + 1) / BINS, "rows": len(right), "confidence": float(sure.mean())}
    return told | {"accuracy": float(right.mean()), "accuracy_interval": [low, high]}


def _share(part: Any, whole: Any) -> float | None:
    return float(part / whole) if whole else None


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
