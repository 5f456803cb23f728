"""Calibrating the model for other languages, and measuring it: scores in; regressions, temperatures and metrics out.

The calibrations are fitted on validation posts. What is measured on the same posts is therefore cross-fitted: each fifth of them gets
probabilities from a calibration fitted on the others. Metrics are those of the mean of several such splits, because with some 320 posts
the split alone moves the calibration error by 0.01.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.softmax import log_softmax, softmax
from dashboard.prediction.classifier.vocabulary import Array
from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.training import metrics

_FOLDS, _SPLITS = 5, 5
_C = 0.03  # inverse strength of the regularization; chosen, like the next value, by the cross-fitted log loss of all sets
_LANGUAGE_SCALE = 0.3  # of the columns that say which language it is, so that the biases of languages are regularized more strongly
_SECONDARY_WEIGHT = 0.5  # of the sets other than the first one of a language


@dataclass(frozen=True)
class CalibrationSet:
    """The scores (texts × inputs) and labels of the posts of a dataset in one language."""

    dataset: str
    language: str
    scores: Array
    labels: Array


def identity(language_count: int, input_count: int) -> model_file.Arrays:
    """Return the arrays of a calibration that changes nothing, for a model whose scores are still to be read."""
    return {"logistic": np.zeros((language_count, 3, input_count)), "logistic_bias": np.zeros((language_count, 3))}


def fit(sets: Sequence[CalibrationSet]) -> model_file.Arrays:
    """Return a calibration fitted on all sets: `logistic` (languages × labels × inputs) and `logistic_bias` (languages × labels)."""
    return _fit(sets, [np.ones(len(posts.labels), dtype=bool) for posts in sets])


def measure(sets: Sequence[CalibrationSet]) -> dict[str, Any]:
    """Return the metrics of each set by “dataset/language”, with the mean probabilities of several cross-fitted calibrations."""
    splits = [_predict_held_out(sets, seed) for seed in range(_SPLITS)]
    probabilities = [np.mean(rows, axis=0) for rows in zip(*splits, strict=True)]
    return {f"{posts.dataset}/{posts.language}": _measure(rows, posts.labels) for posts, rows in zip(sets, probabilities, strict=True)}


def _predict_held_out(sets: Sequence[CalibrationSet], seed: int) -> list[Array]:
    """Return the probabilities of each set's posts (texts × labels), by calibrations fitted without them."""
    fold_by_set = [_split_folds(posts.labels, seed) for posts in sets]
    probabilities = [np.zeros((len(posts.labels), 3)) for posts in sets]
    for fold in range(_FOLDS):
        arrays = _fit(sets, [folds != fold for folds in fold_by_set])
        for posts, folds, rows in zip(sets, fold_by_set, probabilities, strict=True):
            index, is_held_out = LANGUAGES.index(posts.language), folds == fold
            logits = posts.scores[is_held_out] @ arrays["logistic"][index].T + arrays["logistic_bias"][index]
            rows[is_held_out] = softmax(logits)
    return probabilities


def _fit(sets: Sequence[CalibrationSet], included: Sequence[Array]) -> model_file.Arrays:
    """Fit a regression with a bias per language, and then a temperature per language (Guo et al. 2017)."""
    from sklearn.linear_model import LogisticRegression

    inputs = np.vstack([_add_language(posts)[rows] for posts, rows in zip(sets, included, strict=True)])
    labels = np.concatenate([posts.labels[rows] for posts, rows in zip(sets, included, strict=True)])
    weights = np.concatenate([_balance(sets, index, rows) for index, rows in enumerate(included)])
    model = LogisticRegression(C=_C, max_iter=1000).fit(inputs, labels, sample_weight=weights / weights.mean())
    logits, input_count = model.decision_function(inputs), sets[0].scores.shape[1]
    temperatures = _fit_temperatures(logits, labels, weights, inputs[:, input_count:].argmax(axis=1))
    shared, own = model.coef_[:, :input_count], model.coef_[:, input_count:] * _LANGUAGE_SCALE
    return {
        "logistic": shared / temperatures[:, None, None],
        "logistic_bias": (own + model.intercept_[:, None]).T / temperatures[:, None],
    }


def _fit_temperatures(logits: Array, labels: Array, weights: Array, languages: Array) -> Array:
    """Return the temperature of each language with the smallest log loss, to 0.02. Its posts and those of all languages count the same."""
    temperatures = np.arange(0.3, 3, 0.02)
    losses = np.stack([-weights * log_softmax(scaled)[np.arange(len(labels)), labels] for scaled in (logits / t for t in temperatures)])
    shared = losses.sum(axis=1) / weights.sum()
    own = [losses[:, languages == index].sum(axis=1) / weights[languages == index].sum() for index in range(len(LANGUAGES))]
    return np.array([temperatures[np.argmin(shared + of_language)] for of_language in own])


def _add_language(posts: CalibrationSet) -> Array:
    """Return the scores, and columns that say which language it is."""
    columns = np.zeros((len(posts.labels), len(LANGUAGES)))
    columns[:, LANGUAGES.index(posts.language)] = _LANGUAGE_SCALE
    return np.hstack([posts.scores, columns])


def _balance(sets: Sequence[CalibrationSet], index: int, included: Array) -> Array:
    """Return weights with which every language and each of its labels counts the same, and its first set most."""
    posts = sets[index]
    is_first = all(other.language != posts.language for other in sets[:index])
    counts = np.maximum(np.bincount(posts.labels[included], minlength=3), 1)
    return np.asarray((1.0 if is_first else _SECONDARY_WEIGHT) / counts[posts.labels[included]])


def _split_folds(labels: Array, seed: int) -> Array:
    """Return the fold of each text, with all labels in each."""
    folds = np.zeros(len(labels), dtype=np.int64)
    rng = np.random.default_rng(seed)
    for label in range(3):
        indices = rng.permutation(np.flatnonzero(labels == label))
        folds[indices] = np.arange(len(indices)) % _FOLDS
    return folds


def _measure(probabilities: Array, labels: Array) -> dict[str, Any]:
    """Return every metric to four decimals, and the share of texts read the wrong way round: positive ones as negative or vice versa."""
    measured = metrics.compute_metrics(probabilities, labels)
    confusion = np.array(measured["confusion"])
    measured["opposite"] = float((confusion[0, 2] + confusion[2, 0]) / confusion.sum())
    rounded: dict[str, Any] = metrics.round_floats(measured)
    return rounded
