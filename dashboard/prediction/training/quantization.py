"""What int8 weights cost: the served classifier against the unquantised model that scikit-learn trained. Only training asks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier.classifier import Classifier, lists
from dashboard.prediction.classifier.vocabulary import Array, Vocabulary
from dashboard.prediction.training import feature_matrix, metrics


def costs(model: Classifier, linear: Any, sets: Mapping[str, tuple[list[str], Array]], scale: Array) -> dict[str, dict[str, float]]:
    """Return the cost on each set of texts and labels against `linear`, trained on features times `scale`; both are calibrated alike.

    `cost` is in points of macro recall (hundredths; below 0, int8 is better), `agreement` the share of texts that get the same label. What
    stands beside the linear model is that of the served classifier on both sides.
    """
    return {name: _cost(model, linear.decision_function(_seen(model, texts, scale)), texts, truth) for name, (texts, truth) in sets.items()}


def _cost(model: Classifier, decisions: Array, texts: list[str], truth: Array) -> dict[str, float]:
    evidence = np.hstack([decisions, model.evidence(*model.read(texts))[:, decisions.shape[1] :]])
    exact, served = _softmax(evidence @ model.arrays["logistic"].T + model.arrays["logistic_bias"]), np.array(model.probabilities(texts))
    before, after = (metrics.measure(each, truth)["macro_recall"] for each in (exact, served))
    agreement = float(np.mean(exact.argmax(axis=1) == served.argmax(axis=1)))
    return {"cost": round(100 * (before - after), 4), "agreement": round(agreement, 6)}


def _softmax(logits: Array) -> Array:
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _seen(model: Classifier, texts: Sequence[str], scale: Array) -> Any:
    """Return texts as the rows of the matrix that scikit-learn was trained with."""
    vocabulary = Vocabulary(lists(model.arrays))
    read = vocabulary.read(texts)
    dense = feature_matrix.dense(read, vocabulary, model.arrays["vectors"])
    return feature_matrix.whole(feature_matrix.counts(read, vocabulary), dense, model.arrays, scale)
