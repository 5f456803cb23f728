"""What the classifier looks at in a post: hashed n-grams of words and of letters, what word lists say, and vectors of its words.

The same code serves and trains. Arrays only: no scikit-learn, no SciPy. An n-gram counts as often as it occurs, by its idf; the n-grams
of words, and those of letters, are scaled to length 1, where the length is the root of the sum of squares over occurrences.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier import char_ngrams as grams
from dashboard.prediction.classifier.pooling import pool_rows
from dashboard.prediction.classifier.vocabulary import (
    ALL_CAPS_FLAG,
    END_OF_TEXT,
    FAMILIAR_WORD_FLAG,
    HAS_VECTOR_FLAG,
    HASHTAG_FLAG,
    LEXICON_COUNT,
    SURFACE_FLAG_COUNT,
    WORD_FLAG,
    Array,
    TokenizedTexts,
    Vocabulary,
)

HASH_BITS = 18  # of a hash: 2**18 places for n-grams of words, and as many for those of letters
BUCKET_COUNT = 1 << HASH_BITS
NO_BUCKET = BUCKET_COUNT  # the place of an n-gram that would reach over the end of a text or token
MAX_WORDS_PER_NGRAM = 3  # words of an n-gram; the end of a text counts as one
LEXICON_FEATURE_COUNT, VECTOR_FEATURE_COUNT = 17 * LEXICON_COUNT + 1 + SURFACE_FLAG_COUNT, 400  # columns of the dense features
SURFACE_FEATURE_COUNT = 1 + SURFACE_FLAG_COUNT  # the last of LISTED are about the look of a text
MAX_Z_SCORE = 4.0
_POLARITY_TOTAL_COUNT = 8 * LEXICON_COUNT  # columns of `totals` before the flags
_HASH_SHIFT = np.uint64(64 - HASH_BITS)
_HASH_MULTIPLIERS = tuple(np.uint64(odd) for odd in (0xD6E8FEB86659FD93, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))


def hash_word_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the places of the n-grams that begin at each token: a row a length, a column a token."""
    single: Any = vocabulary.column("hash")[texts.token_ids]
    inside = texts.token_ids != END_OF_TEXT
    places = np.full((MAX_WORDS_PER_NGRAM, len(single)), NO_BUCKET, dtype=np.int64)
    places[0] = single >> _HASH_SHIFT
    rolling, starts = single * _HASH_MULTIPLIERS[0], inside
    places[0][~inside] = NO_BUCKET
    for size in range(2, MAX_WORDS_PER_NGRAM + 1):
        rolling = rolling[:-1] * _HASH_MULTIPLIERS[1] + single[size - 1 :] * _HASH_MULTIPLIERS[2]
        row = places[size - 1, : len(rolling)]
        np.copyto(row, (rolling >> _HASH_SHIFT).view(np.int64), where=starts[: len(rolling)])
        starts = starts[: len(rolling)] & inside[size - 1 :]
    return places


def hash_char_ngrams(tokens: Sequence[str]) -> tuple[Array, Array]:
    """Return the places of the n-grams of letters in tokens, a row a length, a column a letter; and each token's first column."""
    return grams.hash_ngrams(tokens, HASH_BITS)


def build_dense_features(texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return LISTED columns of what word lists say of each text and how it looks, and POOLED of its words' vectors."""
    sums = sum_token_features(texts, vocabulary)
    return np.hstack(
        [
            _build_lexicon_features(texts, vocabulary, sums),
            _pool_vectors(texts, vocabulary, vectors, sums[:, _POLARITY_TOTAL_COUNT + HAS_VECTOR_FLAG]),
        ]
    )


def sum_token_features(texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the sums of what adds up over a text: sums and counts of either side, what was negated, what stood in hashtags and capitals,
    for each word list; then the flags.
    """
    value, flags = vocabulary.column("value")[texts.token_ids], vocabulary.column("flags")[texts.token_ids]
    turned = value * (np.float32(-2) * vocabulary.column("negated")[texts.token_ids])[:, None]  # a negated value is that times -0.5
    sides = [np.maximum(value, 0), np.minimum(value, 0), value > 0, value < 0, np.maximum(turned, 0), np.minimum(turned, 0)]
    found = np.hstack([*sides, *(value * flags[:, at, None] for at in (HASHTAG_FLAG, ALL_CAPS_FLAG)), flags])
    return np.add.reduceat(found, texts.offsets, axis=0, dtype=np.float64)


def familiar_word_share(texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the share of each text's words that were met in training, 0 … 1; 1 if it has none."""
    flags = vocabulary.column("flags")[texts.token_ids, WORD_FLAG : FAMILIAR_WORD_FLAG + 1]
    words, familiar = np.add.reduceat(flags, texts.offsets, axis=0, dtype=np.float64).T
    return np.where(words > 0, familiar / np.maximum(words, 1), 1.0)


def _build_lexicon_features(texts: TokenizedTexts, vocabulary: Vocabulary, totals: Array) -> Array:
    value = vocabulary.column("value")[texts.token_ids].astype(np.float64)
    place = np.arange(len(texts.token_ids)) - np.repeat(texts.offsets, texts.lengths)
    late = place * 2 >= np.repeat(texts.lengths, texts.lengths) - 1
    last = np.maximum.reduceat(np.where(value != 0, np.arange(len(value))[:, None], -1), texts.offsets, axis=0)
    positive, negative = totals[:, :LEXICON_COUNT], totals[:, LEXICON_COUNT : 2 * LEXICON_COUNT]
    net, some, other = positive + negative, positive > 0, negative < 0
    columns = [
        totals[:, :_POLARITY_TOTAL_COUNT],
        np.maximum.reduceat(value, texts.offsets, axis=0),
        np.minimum.reduceat(value, texts.offsets, axis=0),
        np.add.reduceat(value * late[:, None], texts.offsets, axis=0),
        net / np.sqrt(net**2 + 15 / 4),  # VADER's squashed sum
        some,
        other,
        some & other,
        ~(some | other),
        np.where(last >= 0, np.take_along_axis(value, last, axis=0), 0),
        np.log1p(texts.lengths - 1)[:, None],
        totals[:, _POLARITY_TOTAL_COUNT : _POLARITY_TOTAL_COUNT + SURFACE_FLAG_COUNT],
    ]
    return np.hstack(columns)


def _pool_vectors(texts: TokenizedTexts, vocabulary: Vocabulary, vectors: Array, vector_counts: Array) -> Array:
    """Return sums over all and over negated words, by the root of how many are known, and maximum and minimum."""
    rows = vectors[vocabulary.column("vector")[texts.token_ids]].astype(np.float32)
    root = np.sqrt(np.maximum(vector_counts, 1))[:, None]
    whole, most, least = pool_rows(rows, texts, np.add, np.maximum, np.minimum)
    return np.hstack([whole / root, _sum_negated_vectors(rows, texts, vocabulary) / root, most, least]) / 127.0


def _sum_negated_vectors(token_vectors: Array, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
    """Return the sum of the rows of each text's negated tokens."""
    places = np.flatnonzero(vocabulary.column("negated")[texts.token_ids])
    found = np.zeros((len(texts.offsets), token_vectors.shape[1]), dtype=token_vectors.dtype)
    if len(places):
        which, starts = np.unique(np.searchsorted(texts.offsets, places, side="right") - 1, return_index=True)
        found[which] = np.add.reduceat(token_vectors[places], starts, axis=0)
    return found


def standardize(dense_features: Array, arrays: Mapping[str, Any]) -> Array:
    """Return dense features by their mean and deviation in training, clipped."""
    return np.asarray(np.clip((dense_features - arrays["dense_mean"]) / arrays["dense_std"], -MAX_Z_SCORE, MAX_Z_SCORE))
