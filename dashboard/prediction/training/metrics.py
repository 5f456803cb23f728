"""How good probabilities are, measured against the truth: pure NumPy, no model, no file, no words for people.

Everywhere `probabilities` is n × labels, each row adding up to 1, and `truth` holds n places of labels (0 … labels − 1), n at least 1.
Means over labels are over those that occur in the truth: a set without neutral texts is not punished for it.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BIN_COUNT = 10
_BOOTSTRAP_RESAMPLES = 2000
_Z_SCORE_95 = 1.959963984540054  # of the normal distribution, for 95 %


def compute_metrics(probabilities: Array, true_labels: Array) -> dict[str, Any]:
    """Return every measure below as plain JSON values, exact: `rows`, the numbers, `labels` (a dict a label, in order) and the tables.

    Log loss is the mean of −ln p(truth), 0 … 36 (p counts as at least 2.2e-16); the Brier score (1950) the mean over rows of
    Σ (p − truth)², 0 … 2. Accuracy, recalls, precisions, F1 and ECE lie in 0 … 1.
    """
    counts = confusion_matrix(probabilities, true_labels)
    labels, table = label_metrics(counts), reliability_table(probabilities, true_labels)
    known = [each for each in labels if each["rows"]]
    told = np.clip(probabilities[np.arange(len(true_labels)), true_labels], np.finfo(float).eps, 1)
    return {
        "rows": len(true_labels),
        "macro_recall": _mean([each["recall"] for each in known]),
        "macro_recall_interval": list(macro_recall_interval(counts)),
        "macro_f1": _mean([each["f1"] for each in known]),
        "accuracy": float(np.trace(counts) / counts.sum()),
        "ece": expected_calibration_error(table),
        "brier": float(np.mean(np.sum((probabilities - np.eye(probabilities.shape[1])[true_labels]) ** 2, axis=1))),
        "log_loss": float(-np.mean(np.log(told))),
        "labels": labels,
        "confusion": counts.tolist(),
        "reliability": table,
    }


def confusion_matrix(probabilities: Array, true_labels: Array) -> Array:
    """Return labels × labels counts: a row a true label, a column a predicted one (the likeliest; of equals the first)."""
    labels = probabilities.shape[1]
    return np.bincount(true_labels * labels + probabilities.argmax(axis=1), minlength=labels**2).reshape(labels, labels)


def label_metrics(confusion_counts: Array) -> list[dict[str, Any]]:
    """Return rows, precision, recall and F1 of each label of a confusion matrix, None where they are 0 ÷ 0."""
    right, rows, said = confusion_counts.diagonal(), confusion_counts.sum(axis=1), confusion_counts.sum(axis=0)
    return [
        {"rows": int(row), "precision": _ratio(hit, tell), "recall": _ratio(hit, row), "f1": _ratio(2 * hit, row + tell)}
        for hit, row, tell in zip(right, rows, said, strict=True)
    ]


def macro_recall_interval(confusion_counts: Array, resamples: int = _BOOTSTRAP_RESAMPLES) -> tuple[float, float]:
    """Return the 95 % percentile interval of macro recall by bootstrap (Efron 1979), always the same for the same counts.

    Rows drawn with replacement fall into the cells (true label, right or wrong) as a multinomial does, so cells are drawn, not rows.
    """
    right, rows = confusion_counts.diagonal(), confusion_counts.sum(axis=1)
    cells = np.concatenate([right, rows - right])
    drawn = np.random.default_rng(0).multinomial(rows.sum(), cells / rows.sum(), size=resamples)
    hits, misses = drawn[:, : len(rows)], drawn[:, len(rows) :]
    there = hits + misses > 0
    recalls = (hits / np.maximum(hits + misses, 1)).sum(axis=1) / there.sum(axis=1)
    low, high = np.quantile(recalls, [0.025, 0.975])
    return float(low), float(high)


def reliability_table(probabilities: Array, true_labels: Array) -> list[dict[str, Any]]:
    """Return what becomes of confidence, a dict for each of ten equal bins (low, high] that holds rows, lowest first.

    Confidence is the probability of the predicted label; `accuracy` comes with its 95 % interval by Wilson (1927).
    """
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == true_labels
    place = np.searchsorted(np.arange(1, BIN_COUNT) / BIN_COUNT, sure, side="left")
    return [_reliability_bin(int(each), sure[place == each], right[place == each]) for each in np.unique(place)]


def expected_calibration_error(reliability_bins: list[dict[str, Any]]) -> float:
    """Return the expected calibration error (Guo et al. 2017, eq. 3): the mean of |accuracy − confidence| over the rows of each bin."""
    rows = sum(each["rows"] for each in reliability_bins)
    return float(sum(each["rows"] / rows * abs(each["accuracy"] - each["confidence"]) for each in reliability_bins))


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95 % interval of a share that is `right` of `rows` (Wilson 1927, without a correction for continuity)."""
    share, spread = successes / trials, _Z_SCORE_95**2 / trials
    middle, half = share + spread / 2, _Z_SCORE_95 * np.sqrt(share * (1 - share) / trials + spread / trials / 4)
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return max(0.0, float(low)), min(1.0, float(high))


def round_floats(metrics: Any, digits: int = 4) -> Any:
    """Return JSON values with every float rounded."""
    if isinstance(metrics, dict):
        return {name: round_floats(value, digits) for name, value in metrics.items()}
    if isinstance(metrics, list):
        return [round_floats(value, digits) for value in metrics]
    return round(metrics, digits) if isinstance(metrics, float) else metrics


def _reliability_bin(index: int, confidence: Array, is_correct: Array) -> dict[str, Any]:
    low, high = wilson_interval(int(is_correct.sum()), len(is_correct))
    told = {"low": index / BIN_COUNT, "high": (index + 1) / BIN_COUNT, "rows": len(is_correct), "confidence": float(confidence.mean())}
    return told | {"accuracy": float(is_correct.mean()), "accuracy_interval": [low, high]}


def _ratio(numerator: Any, denominator: Any) -> float | None:
    return float(numerator / denominator) if denominator else None


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
