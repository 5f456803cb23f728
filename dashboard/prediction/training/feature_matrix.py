"""The linear model's features as one sparse matrix with a row per text, which is what scikit-learn trains on.

It needs SciPy, so only training and tests import it. What the features are is defined in `classifier/features.py`.
"""

from typing import Any

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary

_CHUNK_TEXTS = 4096  # texts whose vectors are in memory at the same time
NGRAM_KINDS = ("word", "letter")


def count_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> tuple[Any, Any]:
    """Count the word n-grams and the character n-grams of each text: two sparse matrices, texts × buckets."""
    return _count_word_ngrams(texts, vocabulary), _count_char_ngrams(texts, vocabulary)


def compute_idf(ngram_counts: Any) -> Array:
    """Return ln((1 + texts) / (1 + texts with an n-gram in this bucket)) + 1 for each bucket, as float16."""
    document_frequency = np.bincount(ngram_counts.indices, minlength=features.BUCKET_COUNT)
    return np.asarray(np.log((1 + ngram_counts.shape[0]) / (1 + document_frequency)) + 1).astype(np.float16)


def build_matrix(ngram_counts: tuple[Any, Any], dense_features: Array, arrays: model_file.Arrays, dense_scale: float | Array = 1.0) -> Any:
    """Return the n-grams, weighted with the idf in `arrays`, next to the dense features, standardized and times `dense_scale`."""
    from scipy import sparse

    weighted = [_apply_tfidf(counts, arrays[f"{kind}_idf"]) for kind, counts in zip(NGRAM_KINDS, ngram_counts, strict=True)]
    standardized = (features.standardize(dense_features, arrays) * dense_scale).astype(dense_features.dtype)
    return sparse.hstack([*weighted, sparse.csr_matrix(standardized)], format="csr")


def build_dense_features(texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return the dense features of many texts as float32, computed in chunks to save memory."""
    ends, chunks = texts.offsets + texts.lengths, []
    for start in range(0, len(ends), _CHUNK_TEXTS):
        offsets, lengths = texts.offsets[start : start + _CHUNK_TEXTS], texts.lengths[start : start + _CHUNK_TEXTS]
        chunk = TokenizedTexts(texts.token_ids[offsets[0] : ends[start + len(offsets) - 1]], offsets - offsets[0], lengths)
        chunks.append(features.build_dense_features(chunk, vocabulary, vectors).astype(np.float32))
    return np.vstack(chunks)


def _apply_tfidf(ngram_counts: Any, idf_weights: Array) -> Any:
    """Return counts times idf, divided by the square root of the sum of idf² over all occurrences in the text."""
    from scipy import sparse

    idf = idf_weights.astype(ngram_counts.dtype)
    norms = np.sqrt(np.maximum(ngram_counts @ idf**2, 1e-12))
    weighted = ngram_counts.data * idf[ngram_counts.indices] / np.repeat(norms, np.diff(ngram_counts.indptr))
    return sparse.csr_matrix((weighted, ngram_counts.indices, ngram_counts.indptr), ngram_counts.shape)


def _count_word_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Any:
    from scipy import sparse

    buckets = features.hash_word_ngrams(texts, vocabulary)
    is_ngram = buckets != features.NO_BUCKET
    text_indices = np.repeat(np.arange(len(texts.lengths)), texts.lengths)
    rows = np.broadcast_to(text_indices, buckets.shape)[is_ngram]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, buckets[is_ngram])), shape=(len(texts.lengths), features.BUCKET_COUNT)).tocsr()


def _count_char_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Any:
    """Count the n-grams of each distinct token once: texts × tokens times tokens × buckets."""
    from scipy import sparse

    token_ids, columns = np.unique(texts.token_ids[texts.token_ids != END_OF_TEXT], return_inverse=True)
    buckets, starts = features.hash_char_ngrams([vocabulary.tokens[token_id // 2] for token_id in token_ids])
    is_ngram = buckets != features.NO_BUCKET
    token_indices = np.repeat(np.arange(len(starts)), np.diff([*starts, buckets.shape[1]]))
    token_rows = np.broadcast_to(token_indices, buckets.shape)[is_ngram]
    ones = np.ones(len(token_rows), dtype=np.float32)
    ngrams_of_tokens = sparse.coo_matrix((ones, (token_rows, buckets[is_ngram])), shape=(len(token_ids), features.BUCKET_COUNT)).tocsr()
    text_rows = np.repeat(np.arange(len(texts.lengths)), texts.lengths - 1)
    ones = np.ones(len(text_rows), dtype=np.float32)
    tokens_of_texts = sparse.coo_matrix((ones, (text_rows, columns)), shape=(len(texts.lengths), len(token_ids))).tocsr()
    counts = (tokens_of_texts @ ngrams_of_tokens).tocsr()
    counts.sum_duplicates()
    return counts
