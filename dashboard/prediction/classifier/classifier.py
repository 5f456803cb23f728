"""The built-in English classifier: reads its model file, and makes a `TextClassifier` of it.

What a classifier computes is in `text_classifier.py`. It needs NumPy and its model file only: training, and with it scikit-learn, belongs
in `prediction/training`.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.cnn import TextCNN
from dashboard.prediction.classifier.text_classifier import Parts, TextClassifier
from dashboard.prediction.classifier.token_lookup import LookupTables
from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts, Vocabulary
from dashboard.prediction.protocols import LABELS, ModelCard

BUILT_IN_MODEL_PATH = Path(__file__).with_name("sentiment.chorus")
_METADATA_TYPES = {"name": str, "version": str, "training": dict, "scores": dict, "limits": list, "temperature": int | float}
_WORD_LIST_ARRAYS = ("terms", "words", "met", "felt")  # arrays that contain one word per line
_PROBABILITY_SUM_TOLERANCE = 1e-6
_MAX_KEPT_PRODUCTS = 4_096  # tokens: 8 MB


class Classifier(TextClassifier):
    """The classifier of a file."""

    def __init__(self, metadata: dict[str, Any], arrays: model_file.Arrays, digest: str) -> None:
        """Take what `model_file.read` returns."""
        float64_arrays = {name: _to_float64(array) for name, array in arrays.items()}
        self.lookup_tables = build_lookup_tables(float64_arrays)
        super().__init__(
            Parts(
                build_card(metadata, digest),
                float64_arrays,
                float(metadata["temperature"]),
                self.lookup_tables,
                _NgramTables(float64_arrays),
                TextCNN(arrays) if "filters" in arrays else None,
                max_kept_products=_MAX_KEPT_PRODUCTS,
            )
        )


class _NgramTables:
    """The weights of n-grams as float32, which saves memory; the rows of a text are added up as float64."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        self._word_table, self._char_table = _build_ngram_table(arrays, "word"), _build_ngram_table(arrays, "letter")

    def word_rows(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        return np.asarray(self._word_table.take(features.hash_word_ngrams(texts, vocabulary), axis=0))

    def char_sums(self, tokens: Sequence[str]) -> Array:
        buckets, starts = features.hash_char_ngrams(tokens)
        return np.add.reduceat(self._char_table[buckets].sum(axis=0, dtype=np.float64), starts, axis=0)


def _build_ngram_table(arrays: model_file.Arrays, ngram_kind: str) -> Array:
    """Return the weights for each label times idf, and idf squared, per bucket: buckets × 4, and a row of zeros for NO_BUCKET."""
    idf = arrays[f"{ngram_kind}_idf"].astype(np.float64)
    table = np.zeros((features.BUCKET_COUNT + 1, 4), dtype=np.float32)
    table[:-1, :3] = dequantize_ngram_weights(arrays, ngram_kind) * idf[:, None]
    table[:-1, 3] = idf**2
    return table


def build_card(metadata: dict[str, Any], digest: str) -> ModelCard:
    """Return the card of a model file's metadata."""
    return ModelCard(
        metadata["name"],
        metadata["version"],
        digest,
        LABELS,
        training=metadata["training"],
        scores=metadata["scores"],
        limits=tuple(metadata["limits"]),
    )


def load_classifier(path: Path) -> Classifier:
    """Return the classifier of a file, after a test prediction. Raises ModelUnavailable with the reason."""
    metadata, arrays, digest = model_file.read(path)
    try:
        validate_metadata(metadata)
        classifier = Classifier(metadata, arrays, digest)
        check_can_predict(classifier)
        _validate_shapes(arrays, classifier.lookup_tables)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise ModelUnavailable(
            f"{path.name} doesn't contain a classifier that this version of Chorus can use.", "Train it again with `chorus train`."
        ) from None
    return classifier


def validate_metadata(metadata: Any) -> None:
    """Raise ValueError, or an error of Python's own, if metadata lacks what a model card needs or the temperature isn't positive."""
    if not all(isinstance(metadata[name], kind) for name, kind in _METADATA_TYPES.items()):
        raise ValueError("metadata of unexpected types")
    if not all(isinstance(limit, str) for limit in metadata["limits"]):
        raise ValueError("limits that aren't strings")
    if not all(isinstance(scores, dict) for scores in metadata["scores"].values()):
        raise ValueError("scores that aren't objects")
    if not metadata["temperature"] > 0:
        raise ValueError("temperature that isn't positive")


def check_can_predict(classifier: TextClassifier) -> None:
    """Raise ValueError, or an error of Python's own, if a classifier doesn't return probabilities."""
    with np.errstate(all="ignore"):
        probabilities = classifier.predict_proba(["a first text"])[0]
    if not abs(sum(probabilities) - 1) < _PROBABILITY_SUM_TOLERANCE:
        raise ValueError("probabilities that don't add up to 1")


def _validate_shapes(arrays: model_file.Arrays, tables: LookupTables) -> None:
    """Raise ValueError if an array has fewer rows than its word list has words, or n-gram arrays don't have one row per bucket."""
    rows_by_array = {"polarity": tables.polarity_rows, "vectors": tables.vector_rows}
    if tables.embedding_rows:
        rows_by_array["own"] = tables.embedding_rows
    if not all(len(rows) < len(arrays[name]) for name, rows in rows_by_array.items()):
        raise ValueError("fewer rows than words")
    names = ("word_weights", "word_idf", "letter_weights", "letter_idf")
    if not all(arrays[name].shape[:1] == (features.BUCKET_COUNT,) for name in names):
        raise ValueError("n-gram arrays of another size")


@cache
def load_built_in_classifier() -> Classifier:
    """Return the classifier that Chorus ships, loaded once per process. Raises ModelUnavailable if its file is missing or damaged."""
    return load_classifier(BUILT_IN_MODEL_PATH)


def build_lookup_tables(arrays: model_file.Arrays) -> LookupTables:
    """Return the word lists and vector rows that a classifier's arrays contain."""
    interned: dict[str, str] = {}  # saves memory, because most words are in several lists
    words = {name: [interned.setdefault(word, word) for word in _split_lines(arrays[name])] for name in _WORD_LIST_ARRAYS if name in arrays}
    return LookupTables(
        _number_rows(words["terms"]),
        arrays["polarity"].astype(np.float32),
        _number_rows(words["words"]),
        frozenset(words["met"]),
        _number_rows(words.get("felt", [])),
    )


def dequantize_ngram_weights(arrays: model_file.Arrays, ngram_kind: str) -> Array:
    """Return the weights of n-grams, buckets × labels.

    They are stored as int8 of their signed square roots, because most weights are small and need the finer steps. The result is in the
    order of its columns, whose arithmetic takes a third of the time that rows of three numbers would take.
    """
    roots = arrays[f"{ngram_kind}_weights"].astype(np.float64, order="F")
    return np.asarray(roots * np.abs(roots) * arrays[f"{ngram_kind}_scale"])


def _number_rows(lines: Sequence[str]) -> dict[str, int]:
    """Return the row of each line, from 1 on; row 0 is for unlisted words."""
    return {line: row for row, line in enumerate(lines, start=1)}


def _split_lines(encoded_lines: Array) -> list[str]:
    return encoded_lines.tobytes().decode().split("\n")


def _to_float64(array: Array) -> Array:
    """Return float arrays as float64, except for those with one row per bucket, which stay small."""
    return array.astype(np.float64) if array.dtype.kind == "f" and len(array) < features.BUCKET_COUNT else array
