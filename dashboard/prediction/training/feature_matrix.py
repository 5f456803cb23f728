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
    token_ids, columns = list_distinct_tokens(texts)
    buckets, starts = features.hash_char_ngrams([vocabulary.tokens[token_id // 2] for token_id in token_ids])
    return (
        count_word_ngrams(texts, features.hash_word_ngrams(texts, vocabulary), features.BUCKET_COUNT),
        count_char_ngrams(texts, columns, buckets, starts, features.BUCKET_COUNT),
    )


def compute_idf(ngram_counts: Any) -> Array:
    """Return ln((1 + texts) / (1 + texts with an n-gram in this bucket)) + 1 for each bucket, as float16."""
    document_frequency = np.bincount(ngram_counts.indices, minlength=ngram_counts.shape[1])
    return np.asarray(np.log((1 + ngram_counts.shape[0]) / (1 + document_frequency)) + 1).astype(np.float16)


def build_matrix(ngram_counts: tuple[Any, Any], dense_features: Array, arrays: model_file.Arrays, dense_scale: float | Array = 1.0) -> Any:
    """Return the n-grams, weighted with the idf in `arrays`, next to the dense features, standardized and times `dense_scale`."""
    from scipy import sparse

    weighted = [apply_tfidf(counts, arrays[f"{kind}_idf"]) for kind, counts in zip(NGRAM_KINDS, ngram_counts, strict=True)]
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


def apply_tfidf(ngram_counts: Any, idf_weights: Array) -> Any:
    """Return counts times idf (per bucket), divided by the square root of the sum of idf² over all occurrences in the text."""
    from scipy import sparse

    idf = idf_weights.astype(ngram_counts.dtype)
    norms = np.sqrt(np.maximum(ngram_counts @ idf**2, 1e-12))
    weighted = ngram_counts.data * idf[ngram_counts.indices] / np.repeat(norms, np.diff(ngram_counts.indptr))
    return sparse.csr_matrix((weighted, ngram_counts.indices, ngram_counts.indptr), ngram_counts.shape)


def count_word_ngrams(texts: TokenizedTexts, buckets: Array, bucket_count: int) -> Any:
    """Count word n-grams, whose buckets are lengths × tokens: a sparse matrix, texts × buckets."""
    from scipy import sparse

    is_ngram = buckets != bucket_count
    text_indices = np.repeat(np.arange(len(texts.lengths)), texts.lengths)
    rows = np.broadcast_to(text_indices, buckets.shape)[is_ngram]
    ones = np.ones(len(rows), dtype=np.float32)
    return sparse.coo_matrix((ones, (rows, buckets[is_ngram])), shape=(len(texts.lengths), bucket_count)).tocsr()


def list_distinct_tokens(texts: TokenizedTexts) -> tuple[Array, Array]:
    """Return the IDs of the distinct tokens, and the index of each token of the texts among them, without the ends of texts."""
    token_ids, columns = np.unique(texts.token_ids[texts.token_ids != END_OF_TEXT], return_inverse=True)
    return token_ids, columns


def count_char_ngrams(texts: TokenizedTexts, columns: Array, buckets: Array, starts: Array, bucket_count: int) -> Any:
    """Count character n-grams, those of each distinct token once: texts × tokens times tokens × buckets.

    `columns` is what `list_distinct_tokens` returns; `buckets` and `starts` are those of the distinct tokens.
    """
    from scipy import sparse

    is_ngram = buckets != bucket_count
    token_indices = np.repeat(np.arange(len(starts)), np.diff([*starts, buckets.shape[1]]))
    token_rows = np.broadcast_to(token_indices, buckets.shape)[is_ngram]
    ones = np.ones(len(token_rows), dtype=np.float32)
    ngrams_of_tokens = sparse.coo_matrix((ones, (token_rows, buckets[is_ngram])), shape=(len(starts), bucket_count)).tocsr()
    text_rows = np.repeat(np.arange(len(texts.lengths)), texts.lengths - 1)
    ones = np.ones(len(text_rows), dtype=np.float32)
    tokens_of_texts = sparse.coo_matrix((ones, (text_rows, columns)), shape=(len(texts.lengths), len(starts))).tocsr()
    counts = (tokens_of_texts @ ngrams_of_tokens).tocsr()
    counts.sum_duplicates()
    return counts


def quantize_weights(weights: Array) -> tuple[Array, Array]:
    """Return weights (buckets × labels) as int8 of their signed square roots, and a scale per label."""
    scale = np.abs(weights).max(axis=0) / 127**2
    roots = np.sign(weights) * np.round(np.sqrt(np.abs(weights) / scale))
    return roots.astype(np.int8), scale
