"""Training the model for languages other than English: `chorus train --languages --data DIR`.

Nothing here is needed to serve a model. The same data give the same bytes. The validation sets only calibrate the model; UMSAB's Hindi,
whose labels are noise, and its English posts, which are TweetEval's validation set, aren't used.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.vocabulary import Array
from dashboard.prediction.multilingual import ngrams
from dashboard.prediction.multilingual.languages import LANGUAGES
from dashboard.prediction.multilingual.model import BUILT_IN_MODEL_PATH, MultilingualModel
from dashboard.prediction.training import (
    cnn,
    feature_matrix,
    labelled_data,
    language_calibration,
    language_corpus,
    language_model_card,
    language_tables,
    output,
    provenance,
)
from dashboard.prediction.training.language_corpus import Corpus, PostSet

ENGLISH_SET, POOL_SET = "tweeteval-sentiment/train", "pseudo/pseudo"
TRAINING_SET_WEIGHTS = {
    "languages/umsab-train": 1.0,
    "languages/afrisenti-train": 0.3,
    "languages/arsarcasm-train": 0.3,
    "languages/idsa-train": 0.5,
    "languages/smsa-train": 0.3,
    ENGLISH_SET: 0.3,
}  # dataset: weight of its rows
CALIBRATION_SETS = ("languages/umsab-val", "languages/arsarcasm-val", "languages/idsa-val", "languages/smsa-val")
_LANGUAGE_BY_TAG = {language: language for language in LANGUAGES} | {"pt-MZ": "pt"}
_MAX_ROWS = {"languages/smsa-train": 6000, ENGLISH_SET: 12_000}  # of a dataset
_POOL_ROWS = 30_000  # of the machine-labelled English posts, from which only the polarity of words is learnt
_CNN_EPOCHS = 5
_LIMITATIONS = (
    "It has to know a post's language: a post in another language than the given one gets an answer that means little.",
    "Arabic is mostly standard and Egyptian; Maghrebi dialects aren't read.",
    "Indonesian posts are much harder than reviews; Portuguese is mostly Brazilian, about television.",
    "Irony and sarcasm are mostly missed.",
    "Sums are damped: a balance moves with the true one, but by less. Compare a language with itself over time, not with another language.",
)
_LEXICON_SCALE, _VECTOR_SCALE = 0.07, 0.05  # of the dense features, next to n-grams scaled to length 1
_SVM_C = 0.1


def train_model(
    data_folder: Path, *, training_date: date | None = None, on_step: cnn.StepListener | None = None
) -> tuple[dict[str, Any], model_file.Arrays]:
    """Train a model on the datasets of a folder, and return its metadata and arrays. Needs up to 4 GB of memory.

    The date goes into the metadata. It is a parameter, not looked up, so that the same data give the same bytes. Raises
    InvalidLabelledData.
    """
    sets = _load_training_sets(data_folder)
    english, pool = _load_english_sets(data_folder)
    arrays = language_tables.build_tables(data_folder, [english, pool])
    sample = language_corpus.sample_set(english, _MAX_ROWS[ENGLISH_SET])
    corpus = language_corpus.encode([*sets, sample], language_tables.lookup_builder(arrays))
    _train_linear_model(corpus, arrays)
    arrays |= _train_cnn(corpus, arrays, on_step)

    calibration_sets = _load_sets(data_folder, CALIBRATION_SETS)
    metadata = _build_metadata(data_folder, [*sets, english, pool], calibration_sets, training_date)
    arrays |= language_calibration.identity(len(LANGUAGES), 6)
    inputs = _read_calibration_inputs(MultilingualModel(metadata, arrays, ""), calibration_sets)
    arrays |= language_calibration.fit(inputs)
    metadata["scores"] = language_calibration.measure(inputs)
    metadata["version"] = hashlib.sha256(b"".join(arrays[name].tobytes() for name in sorted(arrays))).hexdigest()[:12]
    return metadata, arrays


def _load_training_sets(data_folder: Path) -> list[PostSet]:
    names = [name for name in TRAINING_SET_WEIGHTS if name != ENGLISH_SET]
    sets = _load_sets(data_folder, names)
    return [language_corpus.sample_set(posts, _MAX_ROWS.get(posts.dataset, len(posts.texts))) for posts in sets]


def _load_sets(data_folder: Path, names: Sequence[str]) -> list[PostSet]:
    return [posts for name in names for posts in language_corpus.load_sets(data_folder / f"{name}.tsv.gz", name, _LANGUAGE_BY_TAG)]


def _load_english_sets(data_folder: Path) -> tuple[PostSet, PostSet]:
    """Return the labelled English posts, and a sample of the machine-labelled pool with their teacher's probabilities."""
    english, pool = (labelled_data.load_dataset(data_folder / f"{name}.tsv.gz") for name in (ENGLISH_SET, POOL_SET))
    targets = cnn.load_targets(data_folder / f"{POOL_SET}.tsv.gz", pool.labels)
    pool_set = language_corpus.build_set(POOL_SET, "en", pool.texts, pool.labels, targets)
    return language_corpus.build_set(ENGLISH_SET, "en", english.texts, english.labels), language_corpus.sample_set(pool_set, _POOL_ROWS)


def _train_linear_model(corpus: Corpus, arrays: model_file.Arrays) -> None:
    """Train the linear model, and add its weights, the idf of n-grams and the scale of dense features to `arrays`."""
    from sklearn.svm import LinearSVC

    ngram_counts = corpus.count_ngrams()
    dense_features = feature_matrix.build_dense_features(corpus.texts, corpus.vocabulary, arrays["vectors"])
    for kind, counts in zip(feature_matrix.NGRAM_KINDS, ngram_counts, strict=True):
        arrays[f"{kind}_idf"] = ngrams.quantize_idf(feature_matrix.compute_idf(counts).astype(np.float32))
    idf = {f"{kind}_idf": ngrams.dequantize_idf(arrays[f"{kind}_idf"]) for kind in feature_matrix.NGRAM_KINDS}
    arrays["dense_mean"] = dense_features.mean(axis=0).astype(np.float32)
    arrays["dense_std"] = (dense_features.std(axis=0) + 1e-6).astype(np.float32)
    vector_columns = dense_features.shape[1] - features.LEXICON_FEATURE_COUNT
    scales = np.repeat(np.array([_LEXICON_SCALE, _VECTOR_SCALE], dtype=np.float32), [features.LEXICON_FEATURE_COUNT, vector_columns])
    matrix = feature_matrix.build_matrix(ngram_counts, dense_features, arrays | idf, scales)
    weights = balance_sets(corpus.sets, TRAINING_SET_WEIGHTS)
    model = LinearSVC(C=_SVM_C, random_state=0).fit(matrix, corpus.labels, sample_weight=weights)
    _store_weights(arrays, model.coef_.T, model.intercept_, scales)


def balance_sets(sets: Sequence[PostSet], weight_by_dataset: Mapping[str, float]) -> Array:
    """Return a weight per row with which all labels of a dataset in a language add up to the same."""
    weights = []
    for posts in sets:
        counts = np.bincount(posts.labels, minlength=3)
        balanced = len(posts.labels) / ((counts > 0).sum() * np.maximum(counts, 1))
        weights.append(weight_by_dataset[posts.dataset] * balanced[posts.labels])
    return np.concatenate(weights)


def _store_weights(arrays: model_file.Arrays, weights: Array, intercept: Array, dense_scales: Array) -> None:
    """Add the weights (features × labels) to `arrays`: those of n-grams as int8 of their signed square roots, with a scale per label."""
    first = 0
    for kind in feature_matrix.NGRAM_KINDS:
        ngram_weights = weights[first : first + len(arrays[f"{kind}_idf"])]
        arrays[f"{kind}_weights"], arrays[f"{kind}_scale"] = feature_matrix.quantize_weights(ngram_weights)
        first += len(ngram_weights)
    arrays["dense_weights"] = (weights[first:] * dense_scales[:, None]).astype(np.float32)
    arrays["intercept"] = intercept


def _train_cnn(corpus: Corpus, arrays: model_file.Arrays, on_step: cnn.StepListener | None) -> model_file.Arrays:
    """Train the network, and return its arrays, with the hashes of the tokens that have an embedding."""
    tokens = cnn.list_frequent_tokens(corpus.texts.token_ids, corpus.vocabulary)
    keys, rows_by_token = language_tables.number_by_hash(tokens)
    corpus.vocabulary.set_embedding_rows(rows_by_token)
    weights = balance_sets(corpus.sets, TRAINING_SET_WEIGHTS)
    targets = np.concatenate([posts.targets for posts in corpus.sets])
    training_set = cnn.TrainingSet(corpus.texts, targets, weights)
    trained = cnn.train_cnn(training_set, corpus.vocabulary, arrays["vectors"], epochs=_CNN_EPOCHS, on_step=on_step)
    return trained | {"embedding_keys": keys}


def _read_calibration_inputs(model: MultilingualModel, sets: Sequence[PostSet]) -> list[language_calibration.CalibrationSet]:
    """Return the scores of the linear model and of the network for each calibration set."""
    inputs = []
    for posts in sets:
        reader = model.reader(posts.language)
        scores = reader.calibration_inputs(*reader.encode(posts.texts))
        inputs.append(language_calibration.CalibrationSet(posts.dataset, posts.language, scores, posts.labels))
    return inputs


def _build_metadata(
    data_folder: Path, sets: Sequence[PostSet], calibration_sets: Sequence[PostSet], training_date: date | None
) -> dict[str, Any]:
    labels, calibration_labels = _join_labels(sets), _join_labels(calibration_sets)
    training = provenance.describe_training(
        data_folder,
        labels,
        calibration_labels,
        training_date=training_date,
        use_pool=True,
        licences=provenance.LANGUAGE_DATASET_LICENCES,
        resource_licences=language_tables.list_resources(),
    )
    training["rows"] = {language: sum(len(posts.texts) for posts in sets if posts.language == language) for language in ("en", *LANGUAGES)}
    return {
        "name": "chorus-languages",
        "version": "",
        "languages": list(LANGUAGES),
        "training": training,
        "scores": {},
        "limits": list(_LIMITATIONS),
        "temperature": 1.0,
    }


def _join_labels(sets: Sequence[PostSet]) -> dict[str, Array]:
    """Return the labels of each dataset, of all languages together."""
    names = dict.fromkeys(posts.dataset for posts in sets)
    return {name: np.concatenate([posts.labels for posts in sets if posts.dataset == name]) for name in names}


def train_to_file(
    data_folder: Path,
    model_path: Path | None = None,
    *,
    card_path: Path | None = None,
    day: str | None = None,
    on_step: cnn.StepListener | None = None,
) -> list[str]:
    """Train, write the model (by default over the built-in one) and its card, and return the scores as lines of text.

    Raises InvalidLabelledData for the data, InvalidSetting for what can't be read, written or imported.
    """
    path, training_date = model_path or BUILT_IN_MODEL_PATH, provenance.parse_training_date(day)
    metadata, _ = output.write_trained(
        lambda: train_model(data_folder, training_date=training_date, on_step=on_step), path, card_path, language_model_card.render_markdown
    )
    return list(_format_summary(path, metadata))


def _format_summary(model_path: Path, metadata: dict[str, Any]) -> Iterator[str]:
    trained_on = metadata["training"]["date"] or "no training date"
    yield f"{model_path}: {model_path.stat().st_size:,} bytes, {metadata['name']} {metadata['version']}, {trained_on}"
    for name, scores in metadata["scores"].items():
        yield f"  {name}: " + ", ".join(f"{key} {scores[key]:.4f}" for key in ("macro_recall", "accuracy", "opposite", "ece"))
