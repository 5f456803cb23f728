"""What storing the n-grams' weights as int8 costs: the served classifier compared with the linear model that scikit-learn trained.

Only training measures this; how weights are quantized is in `linear_arrays.py`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier.classifier import Classifier, build_lookup_tables
from dashboard.prediction.classifier.softmax import softmax
from dashboard.prediction.classifier.vocabulary import Array, Vocabulary
from dashboard.prediction.training import feature_matrix, metrics


def measure_costs(
    model: Classifier, linear_model: Any, datasets: Mapping[str, tuple[list[str], Array]], dense_scale: Array
) -> dict[str, dict[str, float]]:
    """Return `cost` and `agreement` for each dataset of texts and labels.

    `cost` is in points (hundredths) of macro recall; below 0, int8 is better. `agreement` is the share of texts that get the same label.
    `linear_model` was trained on dense features times `dense_scale`. The network and the calibration are the same on both sides.
    """
    return {
        name: _measure_cost(model, linear_model.decision_function(_build_matrix(model, texts, dense_scale)), texts, labels)
        for name, (texts, labels) in datasets.items()
    }


def _measure_cost(model: Classifier, linear_scores: Array, texts: list[str], true_labels: Array) -> dict[str, float]:
    network_scores = model.calibration_inputs(*model.encode(texts))[:, linear_scores.shape[1] :]
    calibration_inputs = np.hstack([linear_scores, network_scores])
    exact = softmax(calibration_inputs @ model.arrays["logistic"].T + model.arrays["logistic_bias"])
    quantized = np.array(model.predict_proba(texts))
    exact_recall, quantized_recall = (metrics.compute_metrics(rows, true_labels)["macro_recall"] for rows in (exact, quantized))
    agreement = float(np.mean(exact.argmax(axis=1) == quantized.argmax(axis=1)))
    return {"cost": round(100 * (exact_recall - quantized_recall), 4), "agreement": round(agreement, 6)}


def _build_matrix(model: Classifier, texts: Sequence[str], dense_scale: Array) -> Any:
    """Return texts as rows of the matrix that scikit-learn was trained with."""
    vocabulary = Vocabulary(build_lookup_tables(model.arrays))
    tokenized = vocabulary.encode(texts)
    dense_features = feature_matrix.build_dense_features(tokenized, vocabulary, model.arrays["vectors"])
    return feature_matrix.build_matrix(feature_matrix.count_ngrams(tokenized, vocabulary), dense_features, model.arrays, dense_scale)
