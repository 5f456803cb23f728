"""What int8 weights cost: the served classifier against the unquantised model that scikit-learn trained. Only training asks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier.classifier import Classifier, build_lookup_tables
from dashboard.prediction.classifier.vocabulary import Array, Vocabulary
from dashboard.prediction.training import feature_matrix, metrics


def measure_costs(
    model: Classifier, linear_model: Any, datasets: Mapping[str, tuple[list[str], Array]], dense_scale: Array
) -> dict[str, dict[str, float]]:
    """Return the cost on each set of texts and labels against `linear`, trained on features times `scale`; both are calibrated alike.

    `cost` is in points of macro recall (hundredths; below 0, int8 is better), `agreement` the share of texts that get the same label. What
    stands beside the linear model is that of the served classifier on both sides.
    """
    return {
        name: _measure_cost(model, linear_model.decision_function(_build_matrix(model, texts, dense_scale)), texts, truth)
        for name, (texts, truth) in datasets.items()
    }


def _measure_cost(model: Classifier, linear_scores: Array, texts: list[str], true_labels: Array) -> dict[str, float]:
    evidence = np.hstack([linear_scores, model.calibration_inputs(*model.encode(texts))[:, linear_scores.shape[1] :]])
    exact, served = _softmax(evidence @ model.arrays["logistic"].T + model.arrays["logistic_bias"]), np.array(model.predict_proba(texts))
    before, after = (metrics.compute_metrics(each, true_labels)["macro_recall"] for each in (exact, served))
    agreement = float(np.mean(exact.argmax(axis=1) == served.argmax(axis=1)))
    return {"cost": round(100 * (before - after), 4), "agreement": round(agreement, 6)}


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _build_matrix(model: Classifier, texts: Sequence[str], dense_scale: Array) -> Any:
    """Return texts as the rows of the matrix that scikit-learn was trained with."""
    vocabulary = Vocabulary(build_lookup_tables(model.arrays))
    read = vocabulary.encode(texts)
    dense = feature_matrix.build_dense_features(read, vocabulary, model.arrays["vectors"])
    return feature_matrix.build_matrix(feature_matrix.count_ngrams(read, vocabulary), dense, model.arrays, dense_scale)
