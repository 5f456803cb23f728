"""What the classifier looks at in a post: hashed n-grams of words and of letters, what word lists say, and vectors of its words.

The same code serves and trains. Arrays only: no scikit-learn, no SciPy. An n-gram counts as often as it occurs, by its idf; the n-grams
of words, and those of letters, are scaled to length 1, where the length is the root of the sum of squares over occurrences.
"""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import numpy as np

from dashboard.prediction.vocabulary import END, FAMILIAR, KNOWN, LISTS, LOOK, SAID, WORDS, Array, Texts, Vocabulary

BITS = 18  # of a hash: 2**18 places for n-grams of words, and as many for those of letters
SIZE = 1 << BITS
NOWHERE = SIZE  # the place of an n-gram that would reach over the end of a text
LONGEST = 3  # words of an n-gram; the end of a text counts as one
LISTED, POOLED = 17 * LISTS + 1 + LOOK, 400  # columns of the dense features
LOOKS = 1 + LOOK  # the last of LISTED are about the look of a text
CLIP = 4.0
_LETTERS = (2, 3, 4, 5)
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


def letters(token: str) -> list[int]:
    """Return the places of the n-grams of letters in a token and the blanks around it."""
    padded = f" {token} ".encode("utf-32-le", "surrogatepass")
    length = len(padded)
    return [crc32(padded[at : at + 4 * size]) >> 32 - BITS for size in _LETTERS for at in range(0, length - 4 * size + 1, 4)]


def dense(texts: Texts, vocabulary: Vocabulary, vectors: Array) -> Array:
    """Return LISTED columns of what word lists say of each text and how it looks, and POOLED of its words' vectors."""
    sums = totals(texts, vocabulary)
    return np.hstack([_listed(texts, vocabulary, sums), _pooled(texts, vocabulary, vectors, sums[:, KNOWN])])


def totals(texts: Texts, vocabulary: Vocabulary) -> Array:
    """Return the sums of what adds up over a text."""
    return np.add.reduceat(vocabulary.column("sums")[texts.ids], texts.starts, axis=0, dtype=np.float64)


def familiarity(sums: Array) -> Array:
    """Return the share of each text's words that were met in training, 0 … 1; 1 if it has none."""
    found = sums[:, WORDS]
    return np.where(found > 0, sums[:, FAMILIAR] / np.maximum(found, 1), 1.0)


def _listed(texts: Texts, vocabulary: Vocabulary, sums: Array) -> Array:
    value = vocabulary.column("value")[texts.ids].astype(np.float64)
    place = np.arange(len(texts.ids)) - np.repeat(texts.starts, texts.lengths)
    late = place * 2 >= np.repeat(texts.lengths, texts.lengths) - 1
    last = np.maximum.reduceat(np.where(value != 0, np.arange(len(value))[:, None], -1), texts.starts, axis=0)
    positive, negative = sums[:, :LISTS], sums[:, LISTS : 2 * LISTS]
    net, some, other = positive + negative, positive > 0, negative < 0
    columns = [
        sums[:, :SAID],
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
        sums[:, SAID:WORDS],
    ]
    return np.hstack(columns)


def _pooled(texts: Texts, vocabulary: Vocabulary, vectors: Array, known: Array) -> Array:
    """Return sums over all and over negated words, by the root of how many are known, and maximum and minimum."""
    rows = vectors[vocabulary.column("vector")[texts.ids]].astype(np.float32)
    negated = rows * vocabulary.column("negated")[texts.ids][:, None]
    root = np.sqrt(np.maximum(known, 1))[:, None]
    sums = [np.add.reduceat(each, texts.starts, axis=0) / root for each in (rows, negated)]
    ends = [ufunc.reduceat(rows, texts.starts, axis=0) for ufunc in (np.maximum, np.minimum)]
    return np.hstack([*sums, *ends]) / 127.0


def standard(values: Array, arrays: Mapping[str, Any]) -> Array:
    """Return dense features by their mean and deviation in training, clipped."""
    return np.asarray(np.clip((values - arrays["dense_mean"]) / arrays["dense_std"], -CLIP, CLIP))
