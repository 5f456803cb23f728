"""What the classifier looks at, as scikit-learn wants it: one sparse matrix, a row a text. Needs SciPy; only training and its tests do."""

from typing import Any

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.vocabulary import END, Array, Texts, Vocabulary

_PIECE = 4096  # texts whose vectors are held at once
GRAMS = ("word", "letter")


def counts(texts: Texts, vocabulary: Vocabulary) -> tuple[Any, Any]:
    """Return how often each n-gram of words, and each of letters, occurs in each text: two sparse matrices, texts × SIZE."""
    return _of_words(texts, vocabulary), _of_letters(texts, vocabulary)


def idf(found: Any) -> Array:
    """Return ln((1 + texts) / (1 + texts that have it)) + 1 a place."""
    return np.asarray(np.log((1 + found.shape[0]) / (1 + np.bincount(found.indices, minlength=features.SIZE))) + 1).astype(np.float16)


def whole(found: tuple[Any, Any], values: Array, arrays: model_file.Arrays, scale: float | Array = 1.0) -> Any:
    """Return n-grams weighed by the idf in `arrays` beside dense features, standardised and multiplied by `scale`."""
    from scipy import sparse

    parts = [_weighed(each, arrays[f"{name}_idf"]) for name, each in zip(GRAMS, found, strict=True)]
    standard = (features.standard(values, arrays) * scale).astype(values.dtype)
    return sparse.hstack([*parts, sparse.csr_matrix(standard)], format="csr")


def dense(texts: Texts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return the dense features of many texts as float32, a piece at a time."""
    ends, found = texts.starts + texts.lengths, []
    for at in range(0, len(ends), _PIECE):
        starts, lengths = texts.starts[at : at + _PIECE], texts.lengths[at : at + _PIECE]
        part = Texts(texts.ids[starts[0] : ends[at + len(starts) - 1]], starts - starts[0], lengths)
        found.append(features.dense(part, vocabulary, vectors).astype(np.float32))
    return np.vstack(found)


def _weighed(found: Any, weights: Array) -> Any:
    """Return counts times idf, by the root of the sum of squares over occurrences."""
    from scipy import sparse

    by_place = weights.astype(found.dtype)
    lengths = np.sqrt(np.maximum(found @ by_place**2, 1e-12))
    return sparse.csr_matrix(
        (found.data * by_place[found.indices] / np.repeat(lengths, np.diff(found.indptr)), found.indices, found.indptr), found.shape
    )


def _of_words(texts: Texts, vocabulary: Vocabulary) -> Any:
    from scipy import sparse

    places = features.words(texts, vocabulary)
    inside = places != features.NOWHERE
    rows = np.broadcast_to(np.repeat(np.arange(len(texts.lengths)), texts.lengths), places.shape)[inside]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, places[inside])), shape=(len(texts.lengths), features.SIZE)).tocsr()


def _of_letters(texts: Texts, vocabulary: Vocabulary) -> Any:
    """Return the texts' tokens times the tokens' n-grams."""
    from scipy import sparse

    read = texts.ids[texts.ids != END]
    rows = np.repeat(np.arange(len(texts.lengths)), texts.lengths - 1)
    different, columns = np.unique(read, return_inverse=True)
    places, starts = features.letters([vocabulary.tokens[row // 2] for row in different])
    inside = places != features.NOWHERE
    begun = np.broadcast_to(np.repeat(np.arange(len(starts)), np.diff([*starts, places.shape[1]])), places.shape)[inside]
    ones = np.ones(len(begun), dtype=np.float32)
    grams = sparse.coo_matrix((ones, (begun, places[inside])), shape=(len(different), features.SIZE)).tocsr()
    said = sparse.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(texts.lengths), len(different)))
    found = (said.tocsr() @ grams).tocsr()
    found.sum_duplicates()
    return found
