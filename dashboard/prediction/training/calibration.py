"""The calibration of the classifier: logistic regression on what both models say, and a temperature for its probabilities.

On which posts it is fitted is decided in `train.py`.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import Classifier
from dashboard.prediction.classifier.vocabulary import Array


def calibrate(metadata: dict[str, Any], arrays: model_file.Arrays, sets: Mapping[str, tuple[list[str], Array]]) -> None:
    """Add the weights of the logistic regression to `arrays`, and the temperature to `metadata`. `sets` has texts and their labels."""
    from sklearn.linear_model import LogisticRegression

    inputs, labels = _build_inputs(metadata, arrays, sets)
    logistic = LogisticRegression(C=10, class_weight="balanced").fit(inputs, labels)
    arrays["logistic"], arrays["logistic_bias"] = logistic.coef_, logistic.intercept_
    metadata["temperature"] = _fit_temperature(inputs @ logistic.coef_.T + logistic.intercept_, labels)


def _build_inputs(metadata: dict[str, Any], arrays: model_file.Arrays, sets: Mapping[str, tuple[list[str], Array]]) -> tuple[Array, Array]:
    """Return what the linear model and the network say of each text, texts × 6, and the labels."""
    model = Classifier(metadata | {"temperature": 1}, arrays, "")
    inputs = [model.calibration_inputs(*model.encode(texts)) for texts, _ in sets.values()]
    return np.vstack(inputs), np.concatenate([labels for _, labels in sets.values()])


def _fit_temperature(logits: Array, true_labels: Array) -> float:
    """Return the temperature (Guo et al. 2017) with the smallest log loss, to 0.02."""
    temperatures = np.round(np.arange(0.5, 2.5, 0.02), 2)
    losses = []
    for temperature in temperatures:
        scaled = logits / temperature
        losses.append(np.mean(np.log(np.exp(scaled).sum(axis=1)) - scaled[np.arange(len(true_labels)), true_labels]))
    return float(temperatures[int(np.argmin(losses))])
