"""What the classifier looks at in a post: hashed n-grams of words and of letters, what word lists say, and vectors of its words.

The same code serves and trains. Arrays only: no scikit-learn, no SciPy. An n-gram counts as often as it occurs, by its idf; the n-grams
of words, and those of letters, are scaled to length 1, where the length is the root of the sum of squares over occurrences.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dashboard.prediction.classifier import char_ngrams as grams
from dashboard.prediction.classifier.pooling import pooled
from dashboard.prediction.classifier.vocabulary import (
    CAPITALISED,
    END,
    FAMILIAR,
    HASHTAGS,
    KNOWN,
    LISTS,
    LOOK,
    WORDS,
    Array,
    Texts,
    Vocabulary,
)

BITS = 18  # of a hash: 2**18 places for n-grams of words, and as many for those of letters
SIZE = 1 << BITS
NOWHERE = SIZE  # the place of an n-gram that would reach over the end of a text or token
LONGEST = 3  # words of an n-gram; the end of a text counts as one
LISTED, POOLED = 17 * LISTS + 1 + LOOK, 400  # columns of the dense features
LOOKS = 1 + LOOK  # the last of LISTED are about the look of a text
CLIP = 4.0
_SAID = 8 * LISTS  # columns of `totals` before the flags
_DOWN = np.uint64(64 - BITS)
_FACTORS = tuple(np.uint64(odd) for odd in (0xD6E8FEB86659FD93, 0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53))


def words(texts: Texts, vocabulary: Vocabulary) -> Array:
    """Return the places of the n-grams that begin at each token: a row a length, a column a token."""
    single: Any = vocabulary.column("hash")[texts.ids]
    inside = texts.ids != END
    places = np.full((LONGEST, len(single)), NOWHERE, dtype=np.int64)
    places[0] = single >> _DOWN
    rolling, starts = single * _FACTORS[0], inside
    places[0][~inside] = NOWHERE
    for size in range(2, LONGEST + 1):
        rolling = rolling[:-1] * _FACTORS[1] + single[size - 1 :] * _FACTORS[2]
        row = places[size - 1, : len(rolling)]
        np.copyto(row, (rolling >> _DOWN).view(np.int64), where=starts[: len(rolling)])
        starts = starts[: len(rolling)] & inside[size - 1 :]
    return places


def letters(tokens: Sequence[str]) -> tuple[Array, Array]:
    """Return the places of the n-grams of letters in tokens, a row a length, a column a letter; and each token's first column."""
    return grams.places(tokens, BITS)


def dense(texts: Texts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return LISTED columns of what word lists say of each text and how it looks, and POOLED of its words' vectors."""
    sums = totals(texts, vocabulary)
    return np.hstack([_listed(texts, vocabulary, sums), _pooled(texts, vocabulary, vectors, sums[:, _SAID + KNOWN])])


def totals(texts: Texts, vocabulary: Vocabulary) -> Array:
    """Return the sums of what adds up over a text: sums and counts of either side, what was negated, what stood in hashtags and capitals,
    for each word list; then the flags.
    """
    value, flags = vocabulary.column("value")[texts.ids], vocabulary.column("flags")[texts.ids]
    turned = value * (np.float32(-2) * vocabulary.column("negated")[texts.ids])[:, None]  # a negated value is that times -0.5
    sides = [np.maximum(value, 0), np.minimum(value, 0), value > 0, value < 0, np.maximum(turned, 0), np.minimum(turned, 0)]
    found = np.hstack([*sides, *(value * flags[:, at, None] for at in (HASHTAGS, CAPITALISED)), flags])
    return np.add.reduceat(found, texts.starts, axis=0, dtype=np.float64)


def familiarity(texts: Texts, vocabulary: Vocabulary) -> Array:
    """Return the share of each text's words that were met in training, 0 … 1; 1 if it has none."""
    flags = vocabulary.column("flags")[texts.ids, WORDS : FAMILIAR + 1]
    words, familiar = np.add.reduceat(flags, texts.starts, axis=0, dtype=np.float64).T
    return np.where(words > 0, familiar / np.maximum(words, 1), 1.0)


def _listed(texts: Texts, vocabulary: Vocabulary, sums: Array) -> Array:
    value = vocabulary.column("value")[texts.ids].astype(np.float64)
    place = np.arange(len(texts.ids)) - np.repeat(texts.starts, texts.lengths)
    late = place * 2 >= np.repeat(texts.lengths, texts.lengths) - 1
    last = np.maximum.reduceat(np.where(value != 0, np.arange(len(value))[:, None], -1), texts.starts, axis=0)
    positive, negative = sums[:, :LISTS], sums[:, LISTS : 2 * LISTS]
    net, some, other = positive + negative, positive > 0, negative < 0
    columns = [
        sums[:, :_SAID],
        np.maximum.reduceat(value, texts.starts, axis=0),
        np.minimum.reduceat(value, texts.starts, axis=0),
        np.add.reduceat(value * late[:, None], texts.starts, axis=0),
        net / np.sqrt(net**2 + 15 / 4),  # VADER's squashed sum
        some,
        other,
        some & other,
        ~(some | other),
        np.where(last >= 0, np.take_along_axis(value, last, axis=0), 0),
        np.log1p(texts.lengths - 1)[:, None],
        sums[:, _SAID : _SAID + LOOK],
    ]
    return np.hstack(columns)


def _pooled(texts: Texts, vocabulary: Vocabulary, vectors: Array, known: Array) -> Array:
    """Return sums over all and over negated words, by the root of how many are known, and maximum and minimum."""
    rows = vectors[vocabulary.column("vector")[texts.ids]].astype(np.float32)
    root = np.sqrt(np.maximum(known, 1))[:, None]
    whole, most, least = pooled(rows, texts, np.add, np.maximum, np.minimum)
    return np.hstack([whole / root, _negated(rows, texts, vocabulary) / root, most, least]) / 127.0


def _negated(rows: Array, texts: Texts, vocabulary: Vocabulary) -> Array:
    """Return the sum of the rows of each text's negated tokens."""
    places = np.flatnonzero(vocabulary.column("negated")[texts.ids])
    found = np.zeros((len(texts.starts), rows.shape[1]), dtype=rows.dtype)
    if len(places):
        which, starts = np.unique(np.searchsorted(texts.starts, places, side="right") - 1, return_index=True)
        found[which] = np.add.reduceat(rows[places], starts, axis=0)
    return found


def standard(values: Array, arrays: Mapping[str, Any]) -> Array:
    """Return dense features by their mean and deviation in training, clipped."""
    return np.asarray(np.clip((values - arrays["dense_mean"]) / arrays["dense_std"], -CLIP, CLIP))
