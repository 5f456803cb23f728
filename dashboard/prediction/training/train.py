"""Training the built-in classifier with scikit-learn (the `train` extra): `chorus train --data DIR`.

Nothing here is needed to serve a model, and nothing that serves one may import this. The same data give the same bytes. Of the evaluation
sets, only `val` and `devtest2016` are read: the calibration is fitted on them.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH, Classifier, build_lookup_tables
from dashboard.prediction.classifier.text_classifier import MAX_TEXT_CHARACTERS
from dashboard.prediction.classifier.tokenizer import MAX_TOKENS_PER_TEXT
from dashboard.prediction.classifier.vocabulary import Array, Vocabulary
from dashboard.prediction.training import (
    cnn,
    labelled_data,
    metrics,
    model_card,
    output,
    provenance,
    quantization,
)
from dashboard.prediction.training.calibration import calibrate
from dashboard.prediction.training.linear_arrays import (
    DENSE_FEATURE_SCALES,
    fit_features,
    load_lexicons_and_vectors,
    store_quantized_weights,
)

_TRAINING_SET_WEIGHTS = {
    "tweeteval-sentiment/train": 1.0,
    "tse/tse": 0.25,
    "emotion/emotion": 0.5,
    "vader-tweets/vader-tweets": 0.5,
}  # dataset: weight of its rows
_POOL_SET = "pseudo/pseudo"
_POOL_WEIGHT = 0.3  # of the pool's labels, for the linear model
_TEACHER_WEIGHT = 1.0  # of the probabilities of the pool's teacher, for the network
_CALIBRATION_SETS = ("tweeteval-sentiment/val", "tweeteval-sentiment/devtest2016")
_MACRO_RECALL_WITHOUT_POOL = {
    "tweeteval-sentiment/val": 0.721,
    "tweeteval-sentiment/devtest2016": 0.599,
}  # cross-validated, measured in November 2026
_LIMITATIONS = (
    "English only: a text in another language gets an answer that means little.",
    "Trained on posts of X from 2009 to 2021; irony and sarcasm are mostly missed.",
    f"Of a text, the first {MAX_TEXT_CHARACTERS:,} characters and {MAX_TOKENS_PER_TEXT:,} words and marks are read.",
    "The machine labels of the pool come from a teacher that also saw a set for non-commercial use (airline, CC BY-NC-SA 4.0).",
)


def load_set(data_folder: Path, name: str) -> tuple[list[str], Array]:
    """Return the texts and labels (0 negative, 1 neutral, 2 positive) of a dataset. Raises InvalidLabelledData."""
    dataset = labelled_data.load_dataset(data_folder / f"{name}.tsv.gz")
    return dataset.texts, dataset.labels


def train_classifier(
    data_folder: Path, *, use_pool: bool = True, training_date: date | None = None, on_step: cnn.StepListener | None = None
) -> tuple[dict[str, Any], model_file.Arrays]:
    """Train a classifier on the datasets of a folder, and return its metadata and arrays. Needs up to 7 GB of memory with the pool.

    The date goes into the metadata. It is a parameter, not looked up, so that the same data give the same bytes. Raises
    InvalidLabelledData.
    """
    from sklearn.svm import LinearSVC

    training_sets = {name: (*load_set(data_folder, name), weight) for name, weight in _TRAINING_SET_WEIGHTS.items()}
    if use_pool:
        training_sets[_POOL_SET] = (*load_set(data_folder, _POOL_SET), _POOL_WEIGHT)
    training_labels = {name: labels for name, (_, labels, _) in training_sets.items()}
    arrays = load_lexicons_and_vectors(data_folder)
    feature_rows = fit_features([text for texts, _, _ in training_sets.values() for text in texts], arrays)
    arrays |= _train_cnn(data_folder, training_sets, arrays, on_step)
    weights = np.concatenate([weight * _balanced_weights(labels) for _, labels, weight in training_sets.values()])
    linear_model = LinearSVC(C=0.1, random_state=0).fit(feature_rows, np.concatenate([*training_labels.values()]), sample_weight=weights)
    store_quantized_weights(arrays, linear_model.coef_.T, linear_model.intercept_)

    calibration_sets = {name: load_set(data_folder, name) for name in _CALIBRATION_SETS}
    calibration_labels = {name: labels for name, (_, labels) in calibration_sets.items()}
    training = provenance.describe_training(
        data_folder, training_labels, calibration_labels, training_date=training_date, use_pool=use_pool
    )
    metadata = _build_metadata(training, use_pool=use_pool)
    calibrate(metadata, arrays, calibration_sets)
    model = Classifier(metadata, arrays, "")
    metadata["scores"] = {name: _evaluate(model, *dataset) for name, dataset in calibration_sets.items()}
    metadata["scores"]["quantisation"] = quantization.measure_costs(model, linear_model, calibration_sets, DENSE_FEATURE_SCALES)
    metadata["version"] = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:12]
    return metadata, arrays


def _train_cnn(
    data_folder: Path,
    training_sets: Mapping[str, tuple[list[str], Array, float]],
    arrays: model_file.Arrays,
    on_step: cnn.StepListener | None,
) -> model_file.Arrays:
    """Train the network on the labels of the datasets, and on the teacher's probabilities for the pool; return its arrays."""
    vocabulary = Vocabulary(build_lookup_tables(arrays))
    texts = vocabulary.encode([text for texts, _, _ in training_sets.values() for text in texts])
    targets = [cnn.load_targets(data_folder / f"{name}.tsv.gz", labels) for name, (_, labels, _) in training_sets.items()]
    weights = [
        (_TEACHER_WEIGHT if name == _POOL_SET else weight) * _balanced_weights(labels)
        for name, (_, labels, weight) in training_sets.items()
    ]
    training_set = cnn.TrainingSet(texts, np.concatenate(targets), np.concatenate(weights))
    return cnn.train_cnn(training_set, vocabulary, arrays["vectors"], on_step=on_step)


def _balanced_weights(labels: Array) -> Array:
    """Return a weight per row with which all labels of a dataset add up to the same."""
    counts = np.bincount(labels, minlength=3)
    return np.asarray((len(labels) / ((counts > 0).sum() * np.maximum(counts, 1)))[labels])


def _evaluate(model: Classifier, texts: list[str], true_labels: Array) -> dict[str, Any]:
    """Return every metric to four decimals, without the reliability table, which `chorus evaluate` prints."""
    measured = metrics.round_floats(metrics.compute_metrics(np.array(model.predict_proba(texts)), true_labels))
    return {name: value for name, value in measured.items() if name != "reliability"}


def _build_metadata(training: dict[str, Any], *, use_pool: bool) -> dict[str, Any]:
    limits = _LIMITATIONS if use_pool else _LIMITATIONS[:-1]
    training |= {"without_pool": _MACRO_RECALL_WITHOUT_POOL} if use_pool else {}
    return {"name": "chorus-sentiment", "version": "", "training": training, "scores": {}, "limits": list(limits), "temperature": 1.0}


def train_to_file(
    data_folder: Path,
    model_path: Path | None = None,
    *,
    card_path: Path | None = None,
    use_pool: bool = True,
    day: str | None = None,
    on_step: cnn.StepListener | None = None,
) -> list[str]:
    """Train, write the classifier (by default over the built-in one) and its card, and return the scores as lines of text.

    Raises InvalidLabelledData for the data, InvalidSetting for what can't be read, written or imported.
    """
    path, training_date = model_path or BUILT_IN_MODEL_PATH, provenance.parse_training_date(day)
    metadata, _ = output.write_trained(
        lambda: train_classifier(data_folder, use_pool=use_pool, training_date=training_date, on_step=on_step),
        path,
        card_path,
        model_card.render_markdown,
    )
    return list(_format_summary(path, metadata))


def _format_summary(model_path: Path, metadata: dict[str, Any]) -> Iterator[str]:
    trained_on = metadata["training"]["date"] or "no training date"
    yield f"{model_path}: {model_path.stat().st_size:,} bytes, {metadata['name']} {metadata['version']}, {trained_on}"
    for name in _CALIBRATION_SETS:
        scores = metadata["scores"][name]
        yield f"  {name}: " + ", ".join(f"{key} {scores[key]:.4f}" for key in ("macro_recall", "macro_f1", "accuracy", "ece"))
    for name, costs in metadata["scores"]["quantisation"].items():
        yield f"  quantization costs {costs['cost']:.3f} points on {name} ({costs['agreement']:.2%} of labels agree)"
