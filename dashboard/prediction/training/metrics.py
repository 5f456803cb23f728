"""Metrics of predicted probabilities: pure NumPy, without models, files or sentences.

Everywhere, `probabilities` is texts × labels, each row adding up to 1, and `true_labels` has one label index (0 … labels − 1) per text.
There is at least one text. Means over labels only include labels that occur in `true_labels`, so a dataset without neutral texts isn't
penalized.
"""

from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
BIN_COUNT = 10
_BOOTSTRAP_RESAMPLES = 2000
_Z_SCORE_95 = 1.959963984540054  # the 97.5th percentile of the standard normal distribution


def compute_metrics(probabilities: Array, true_labels: Array) -> dict[str, Any]:
    """Return every metric below as JSON values, unrounded.

    Log loss is the mean of −ln p(true label), 0 … 36 (p is at least 2.2e-16). The Brier score (Brier 1950) is the mean over texts of
    Σ (p − truth)² over labels, 0 … 2. Accuracy, recall, precision, F1 and ECE are in 0 … 1. `labels` has one dict per label, in order.
    """
    counts = confusion_matrix(probabilities, true_labels)
    labels, table = label_metrics(counts), reliability_table(probabilities, true_labels)
    occurring = [label for label in labels if label["rows"]]
    true_probabilities = np.clip(probabilities[np.arange(len(true_labels)), true_labels], np.finfo(float).eps, 1)
    squared_errors = np.sum((probabilities - np.eye(probabilities.shape[1])[true_labels]) ** 2, axis=1)
    return {
        "rows": len(true_labels),
        "macro_recall": _mean([label["recall"] for label in occurring]),
        "macro_recall_interval": list(macro_recall_interval(counts)),
        "macro_f1": _mean([label["f1"] for label in occurring]),
        "accuracy": float(np.trace(counts) / counts.sum()),
        "ece": expected_calibration_error(table),
        "brier": float(np.mean(squared_errors)),
        "log_loss": float(-np.mean(np.log(true_probabilities))),
        "labels": labels,
        "confusion": counts.tolist(),
        "reliability": table,
    }


def confusion_matrix(probabilities: Array, true_labels: Array) -> Array:
    """Return counts, true labels × predicted labels. The predicted label is the most probable one, the first of equals."""
    label_count = probabilities.shape[1]
    cells = true_labels * label_count + probabilities.argmax(axis=1)
    return np.bincount(cells, minlength=label_count**2).reshape(label_count, label_count)


def label_metrics(confusion_counts: Array) -> list[dict[str, Any]]:
    """Return `rows`, `precision`, `recall` and `f1` for each label of a confusion matrix; None where a metric is 0 ÷ 0."""
    correct, actual, predicted = confusion_counts.diagonal(), confusion_counts.sum(axis=1), confusion_counts.sum(axis=0)
    return [
        {
            "rows": int(actual_count),
            "precision": _ratio(correct_count, predicted_count),
            "recall": _ratio(correct_count, actual_count),
            "f1": _ratio(2 * correct_count, actual_count + predicted_count),
        }
        for correct_count, actual_count, predicted_count in zip(correct, actual, predicted, strict=True)
    ]


def macro_recall_interval(confusion_counts: Array, resamples: int = _BOOTSTRAP_RESAMPLES) -> tuple[float, float]:
    """Return the 95% bootstrap percentile interval (Efron 1979) of macro recall. The seed is fixed, so equal counts give equal intervals.

    Rows drawn with replacement are distributed over the cells (true label, correct or not) as a multinomial, so counts of cells are drawn.
    """
    correct, actual = confusion_counts.diagonal(), confusion_counts.sum(axis=1)
    cells = np.concatenate([correct, actual - correct])
    samples = np.random.default_rng(0).multinomial(actual.sum(), cells / actual.sum(), size=resamples)
    hits, misses = samples[:, : len(actual)], samples[:, len(actual) :]
    occurs = hits + misses > 0
    recalls = (hits / np.maximum(hits + misses, 1)).sum(axis=1) / occurs.sum(axis=1)
    low, high = np.quantile(recalls, [0.025, 0.975])
    return float(low), float(high)


def reliability_table(probabilities: Array, true_labels: Array) -> list[dict[str, Any]]:
    """Compare confidence with accuracy in ten equal bins (low, high]: one dict per bin that has rows, lowest first.

    Confidence is the probability of the predicted label. `accuracy_interval` is the 95% interval of accuracy (Wilson 1927).
    """
    confidence, is_correct = probabilities.max(axis=1), probabilities.argmax(axis=1) == true_labels
    bins = np.searchsorted(np.arange(1, BIN_COUNT) / BIN_COUNT, confidence, side="left")
    return [_reliability_bin(int(index), confidence[bins == index], is_correct[bins == index]) for index in np.unique(bins)]


def expected_calibration_error(reliability_bins: list[dict[str, Any]]) -> float:
    """Return the expected calibration error (Guo et al. 2017, eq. 3): the mean over rows of their bin's |accuracy − confidence|."""
    total = sum(table_bin["rows"] for table_bin in reliability_bins)
    return float(sum(table_bin["rows"] / total * abs(table_bin["accuracy"] - table_bin["confidence"]) for table_bin in reliability_bins))


def wilson_interval(successes: int, trials: int) -> tuple[float, float]:
    """Return the 95% interval of a proportion (Wilson 1927, without continuity correction)."""
    proportion, z_squared_per_trial = successes / trials, _Z_SCORE_95**2 / trials
    center = proportion + z_squared_per_trial / 2
    half_width = _Z_SCORE_95 * np.sqrt(proportion * (1 - proportion) / trials + z_squared_per_trial / trials / 4)
    low, high = (center - half_width) / (1 + z_squared_per_trial), (center + half_width) / (1 + z_squared_per_trial)
    return max(0.0, float(low)), min(1.0, float(high))


def round_floats(metrics: Any, digits: int = 4) -> Any:
    """Return JSON values with every float rounded to a number of decimals."""
    if isinstance(metrics, dict):
        return {name: round_floats(value, digits) for name, value in metrics.items()}
    if isinstance(metrics, list):
        return [round_floats(value, digits) for value in metrics]
    return round(metrics, digits) if isinstance(metrics, float) else metrics


def _reliability_bin(index: int, confidence: Array, is_correct: Array) -> dict[str, Any]:
    return {
        "low": index / BIN_COUNT,
        "high": (index + 1) / BIN_COUNT,
        "rows": len(is_correct),
        "confidence": float(confidence.mean()),
        "accuracy": float(is_correct.mean()),
        "accuracy_interval": list(wilson_interval(int(is_correct.sum()), len(is_correct))),
    }


def _ratio(numerator: Any, denominator: Any) -> float | None:
    return float(numerator / denominator) if denominator else None


def _mean(values: list[float]) -> float:
    return float(np.mean(values))
