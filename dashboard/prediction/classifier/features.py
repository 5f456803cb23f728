"""The linear model's features: hashed n-grams of words and of characters, word-list statistics, and pooled word vectors.

Training and serving share this code, so it uses NumPy only: no scikit-learn, no SciPy, no weights.

Each occurrence of an n-gram counts with its idf. The word n-grams of a text, and likewise its character n-grams, are scaled to length 1,
where the length is the square root of the sum of idf² over all occurrences.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier import char_ngrams
from dashboard.prediction.classifier.pooling import pool_rows
from dashboard.prediction.classifier.token_columns import (
    FAMILIAR_WORD_FLAG,
    HAS_VECTOR_FLAG,
    LEXICON_COUNT,
    POLARITY_SUMMAND_COUNT,
    SURFACE_FLAG_COUNT,
    WORD_FLAG,
)
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary

HASH_BITS = 18  # 2**18 buckets for word n-grams, and 2**18 more for character n-grams
BUCKET_COUNT = 1 << HASH_BITS
NO_BUCKET = BUCKET_COUNT  # for an n-gram that would reach beyond the end of its text or token
MAX_WORDS_PER_NGRAM = 3  # the end of a text counts as a word
LEXICON_FEATURE_COUNT, VECTOR_FEATURE_COUNT = 17 * LEXICON_COUNT + 1 + SURFACE_FLAG_COUNT, 400  # columns
SURFACE_FEATURE_COUNT = 1 + SURFACE_FLAG_COUNT  # the last of the lexicon features: length and surface flags
MAX_Z_SCORE = 4.0
_WORD_SUMMANDS = slice(POLARITY_SUMMAND_COUNT + WORD_FLAG, POLARITY_SUMMAND_COUNT + FAMILIAR_WORD_FLAG + 1)  # two columns
_HASH_MULTIPLIERS = tuple(np.uint64(odd) for odd in (0xD6E8FEB86659FD93, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))


def hash_word_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the bucket of the n-gram of each length that begins at each token: lengths × tokens; NO_BUCKET where there is none."""
    return hash_sequences(vocabulary.column("hash").take(texts.token_ids), texts.token_ids != END_OF_TEXT, HASH_BITS)


def hash_sequences(token_hashes: Any, is_word: Array, hash_bits: int) -> Array:
    """Return the bucket of the sequence of each length that begins at each token: lengths × … × tokens; 2**hash_bits where there is none.

    `token_hashes` is … × tokens (uint64), and `is_word` says which tokens aren't the end of a text.
    """
    hashes = np.empty((MAX_WORDS_PER_NGRAM, *token_hashes.shape), dtype=np.uint64)
    has_sequence = np.zeros(hashes.shape, dtype=np.bool_)
    hashes[0], has_sequence[0] = token_hashes, is_word
    rolling_hashes, within_text = token_hashes * _HASH_MULTIPLIERS[0], is_word
    for size in range(2, MAX_WORDS_PER_NGRAM + 1):
        rolling_hashes = rolling_hashes[..., :-1] * _HASH_MULTIPLIERS[1]
        rolling_hashes += token_hashes[..., size - 1 :] * _HASH_MULTIPLIERS[2]
        count = rolling_hashes.shape[-1]
        hashes[size - 1, ..., :count], has_sequence[size - 1, ..., :count] = rolling_hashes, within_text[:count]
        within_text = within_text[:count] & is_word[size - 1 :]
    hashes >>= np.uint64(64 - hash_bits)
    buckets = hashes.view(np.int64)
    np.copyto(buckets, 1 << hash_bits, where=~has_sequence)
    return buckets


def hash_char_ngrams(tokens: Sequence[str]) -> tuple[Array, Array]:
    """Return the buckets of the character n-grams of tokens (lengths × characters), and each token's first column."""
    return char_ngrams.hash_ngrams(tokens, HASH_BITS)


def build_dense_features(texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array, totals: Array | None = None) -> Array:
    """Return texts × (LEXICON_FEATURE_COUNT + VECTOR_FEATURE_COUNT): word-list and surface statistics, then pooled word vectors.

    `totals` is what `sum_tokens` returns, if it is known.
    """
    totals = sum_tokens(texts, vocabulary) if totals is None else totals
    dense_features = np.empty((len(texts.offsets), LEXICON_FEATURE_COUNT + 4 * vectors.shape[1]))
    lexicon_features = _list_lexicon_features(texts, vocabulary, totals)
    np.concatenate(lexicon_features, axis=1, out=dense_features[:, :LEXICON_FEATURE_COUNT])
    _fill_vector_features(dense_features[:, LEXICON_FEATURE_COUNT:], texts, vocabulary, vectors, totals)
    return dense_features


def sum_tokens(texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the sums of the vocabulary's summands over each text's tokens: texts × summands, float64."""
    (sums,) = pool_rows(vocabulary.column("summands").take(texts.token_ids, axis=0).astype(np.float64), texts, np.add)
    return sums


def familiar_word_share(totals: Array) -> Array:
    """Return the share of each text's words that occur often in the training data, 0 … 1; 1 for a text without words.

    `totals` is what `sum_tokens` returns.
    """
    words, familiar = totals[:, _WORD_SUMMANDS].T
    return np.asarray(np.maximum(familiar / np.maximum(words, 1), words == 0))


def _list_lexicon_features(texts: TokenizedTexts, vocabulary: Vocabulary, totals: Array) -> list[Array]:
    """Return groups of columns, LEXICON_FEATURE_COUNT in all, each texts × columns. `totals` is what `sum_tokens` returns."""
    polarity = vocabulary.column("value").take(texts.token_ids, axis=0)
    positive, negative = totals[:, :LEXICON_COUNT], totals[:, LEXICON_COUNT : 2 * LEXICON_COUNT]
    net, has_positive, has_negative = positive + negative, positive > 0, negative < 0
    return [
        totals[:, :POLARITY_SUMMAND_COUNT],
        *pool_rows(polarity, texts, np.maximum, np.minimum),
        _sum_second_halves(polarity, texts),
        net / np.sqrt(net**2 + 15 / 4),  # VADER's normalization (Hutto and Gilbert 2014), for polarities half as large
        has_positive,
        has_negative,
        has_positive & has_negative,
        ~(has_positive | has_negative),
        _find_last_listed(polarity, texts),
        np.log1p(texts.lengths - 1)[:, None],
        totals[:, POLARITY_SUMMAND_COUNT : POLARITY_SUMMAND_COUNT + SURFACE_FLAG_COUNT],
    ]


def _find_last_listed(polarity: Array, texts: TokenizedTexts) -> Array:
    """Return the polarity of the last token of each text that each word list has, 0 if it has none: texts × lists."""
    positions = np.arange(len(polarity))[:, None]
    last_listed = np.maximum.reduceat(np.where(polarity, positions, -1), texts.offsets, axis=0)  # −1, the end of a text, if none
    return np.asarray(polarity[last_listed, np.arange(LEXICON_COUNT)])


def _sum_second_halves(rows: Array, texts: TokenizedTexts) -> Array:
    """Return the sums of the rows of each text's second half, which has the token in the middle: texts × columns, float64."""
    halves = np.repeat(texts.offsets, 2)
    halves[1::2] += texts.lengths // 2
    return np.asarray(np.add.reduceat(rows, halves, axis=0, dtype=np.float64)[1::2])


def _fill_vector_features(columns: Array, texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array, totals: Array) -> None:
    """Fill the columns of the vectors' sum, the sum of negated words', the maximum and the minimum, texts × columns.

    Sums are divided by the square root of how many words have a vector. `totals` is what `sum_tokens` returns.
    """
    token_vectors = vectors.take(vocabulary.column("vector").take(texts.token_ids), axis=0).astype(np.float32)
    divisors = np.sqrt(np.maximum(totals[:, POLARITY_SUMMAND_COUNT + HAS_VECTOR_FLAG], 1))[:, None]
    sums, maxima, minima = pool_rows(token_vectors, texts, np.add, np.maximum, np.minimum)
    size = vectors.shape[1]
    np.divide(sums, divisors, out=columns[:, :size])
    np.divide(_sum_negated_vectors(token_vectors, texts, vocabulary), divisors, out=columns[:, size : 2 * size])
    columns[:, 2 * size : 3 * size], columns[:, 3 * size :] = maxima, minima
    columns /= 127


def _sum_negated_vectors(token_vectors: Array, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the sum of the vectors of each text's negated tokens: texts × columns."""
    positions = vocabulary.column("negated").take(texts.token_ids).nonzero()[0]
    sums = np.zeros((len(texts.offsets), token_vectors.shape[1]), dtype=token_vectors.dtype)
    if len(positions):
        text_indices, starts = np.unique(np.searchsorted(texts.offsets, positions, side="right") - 1, return_index=True)
        sums[text_indices] = np.add.reduceat(token_vectors[positions], starts, axis=0)
    return sums


def standardize(dense_features: Array, arrays: Mapping[str, Any]) -> Array:
    """Return dense features as z-scores (mean and standard deviation of the training data), clipped to ±MAX_Z_SCORE."""
    scores = dense_features - arrays["dense_mean"]
    scores /= arrays["dense_std"]
    np.minimum(scores, MAX_Z_SCORE, out=scores)
    return np.asarray(np.maximum(scores, -MAX_Z_SCORE, out=scores))
