"""What the classifier looks at, as scikit-learn wants it: one sparse matrix, a row a text. Needs SciPy; only training and its tests do."""

from typing import Any

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary

_CHUNK_TEXTS = 4096  # texts whose vectors are held at once
NGRAM_KINDS = ("word", "letter")


def count_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> tuple[Any, Any]:
    """Return how often each n-gram of words, and each of letters, occurs in each text: two sparse matrices, texts × SIZE."""
    return _count_word_ngrams(texts, vocabulary), _count_char_ngrams(texts, vocabulary)


def compute_idf(ngram_counts: Any) -> Array:
    """Return ln((1 + texts) / (1 + texts that have it)) + 1 a place."""
    return np.asarray(
        np.log((1 + ngram_counts.shape[0]) / (1 + np.bincount(ngram_counts.indices, minlength=features.BUCKET_COUNT))) + 1
    ).astype(np.float16)


def build_matrix(ngram_counts: tuple[Any, Any], dense_features: Array, arrays: model_file.Arrays, dense_scale: float | Array = 1.0) -> Any:
    """Return n-grams weighed by the idf in `arrays` beside dense features, standardised and multiplied by `scale`."""
    from scipy import sparse

    parts = [_apply_tfidf(each, arrays[f"{name}_idf"]) for name, each in zip(NGRAM_KINDS, ngram_counts, strict=True)]
    standard = (features.standardize(dense_features, arrays) * dense_scale).astype(dense_features.dtype)
    return sparse.hstack([*parts, sparse.csr_matrix(standard)], format="csr")


def build_dense_features(texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return the dense features of many texts as float32, a piece at a time."""
    ends, found = texts.offsets + texts.lengths, []
    for at in range(0, len(ends), _CHUNK_TEXTS):
        starts, lengths = texts.offsets[at : at + _CHUNK_TEXTS], texts.lengths[at : at + _CHUNK_TEXTS]
        part = TokenizedTexts(texts.token_ids[starts[0] : ends[at + len(starts) - 1]], starts - starts[0], lengths)
        found.append(features.build_dense_features(part, vocabulary, vectors).astype(np.float32))
    return np.vstack(found)


def _apply_tfidf(ngram_counts: Any, idf_weights: Array) -> Any:
    """Return counts times idf, by the root of the sum of squares over occurrences."""
    from scipy import sparse

    by_place = idf_weights.astype(ngram_counts.dtype)
    lengths = np.sqrt(np.maximum(ngram_counts @ by_place**2, 1e-12))
    return sparse.csr_matrix(
        (
            ngram_counts.data * by_place[ngram_counts.indices] / np.repeat(lengths, np.diff(ngram_counts.indptr)),
            ngram_counts.indices,
            ngram_counts.indptr,
        ),
        ngram_counts.shape,
    )


def _count_word_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Any:
    from scipy import sparse

    places = features.hash_word_ngrams(texts, vocabulary)
    inside = places != features.NO_BUCKET
    rows = np.broadcast_to(np.repeat(np.arange(len(texts.lengths)), texts.lengths), places.shape)[inside]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, places[inside])), shape=(len(texts.lengths), features.BUCKET_COUNT)).tocsr()


def _count_char_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Any:
    """Return the texts' tokens times the tokens' n-grams."""
    from scipy import sparse

    read = texts.token_ids[texts.token_ids != END_OF_TEXT]
    rows = np.repeat(np.arange(len(texts.lengths)), texts.lengths - 1)
    different, columns = np.unique(read, return_inverse=True)
    places, starts = features.hash_char_ngrams([vocabulary.tokens[row // 2] for row in different])
    inside = places != features.NO_BUCKET
    begun = np.broadcast_to(np.repeat(np.arange(len(starts)), np.diff([*starts, places.shape[1]])), places.shape)[inside]
    ones = np.ones(len(begun), dtype=np.float32)
    grams = sparse.coo_matrix((ones, (begun, places[inside])), shape=(len(different), features.BUCKET_COUNT)).tocsr()
    said = sparse.coo_matrix((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=(len(texts.lengths), len(different)))
    found = (said.tocsr() @ grams).tocsr()
    found.sum_duplicates()
    return found
