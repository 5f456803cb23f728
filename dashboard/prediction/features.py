"""What the classifier looks at in a post: hashed n-grams of words and of letters, what word lists say, and vectors of its words.

The same code serves and trains. Arrays only: no scikit-learn, no SciPy. Hashes are of our own, so that Python's seed changes nothing.
"""

from typing import Any, NamedTuple

import numpy as np

from dashboard.prediction.tokens import CAPITALS, FACE, HASHTAG, NEGATED, NEGATORS, STRETCHED, WORD, Texts

BITS = 18  # of a hash: 2**18 places for n-grams of words, and as many for those of letters
SIZE = 1 << BITS
WORDS, LETTERS = 3, (2, 3, 4, 5)  # the longest n-gram of words, and the n-grams of letters
LEXICON_SCALE, VECTOR_SCALE, CLIP = 0.1, 0.03, 4.0

Array = np.ndarray[Any, Any]
_U = np.uint64
_GOLDEN, _NOT = _U(0x9E3779B97F4A7C15), _U(0xD6E8FEB86659FD93)
_FIRST = frozenset(["i", "i'm", "im", "me", "my", "mine", "we", "our", "us"])
_SECOND = frozenset(["you", "your", "you're", "u", "ur", "yours"])
_BOOSTERS = frozenset(["very", "so", "really", "too", "extremely", "absolutely", "totally", "super", "such", "most", "more"])


class Grams(NamedTuple):
    """Occurrences of n-grams: the `text` each is in, its `place` among the hashes, its first token (`at`) and its length in tokens."""

    text: Array
    place: Array
    at: Array
    length: Array


def _mixed(value: Array) -> Array:
    """Return hashes whose every bit depends on every bit (the finaliser of MurmurHash3)."""
    value = value ^ (value >> _U(33))
    value = value * _U(0xFF51AFD7ED558CCD)
    value = value ^ (value >> _U(33))
    value = value * _U(0xC4CEB9FE1A85EC53)
    return np.asarray(value ^ (value >> _U(33)))


def _powers(most: int) -> Array:
    powers = np.full(most + 1, _GOLDEN, dtype=np.uint64)
    powers[0] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _place(hashes: Array) -> Array:
    return (hashes >> _U(64 - BITS)).astype(np.int64)


def grams(texts: Texts) -> tuple[Grams, Grams]:
    """Return the n-grams of words (marked if negated) and those of letters (inside a token and the blanks around it)."""
    if not len(texts.ids):
        nothing = np.zeros(0, dtype=np.int64)
        return Grams(nothing, nothing, nothing, nothing), Grams(nothing, nothing, nothing, nothing)
    words, token, letters = _hashes(texts.vocabulary)
    return _word_grams(texts, words), _letter_grams(texts, token, letters)


def _hashes(vocabulary: list[str]) -> tuple[Array, Array, Array]:
    """Return a hash a token, and the tokens and hashes of their n-grams of letters, sorted by token."""
    padded = [f" {token} " for token in vocabulary]
    lengths = np.array([len(token) for token in padded])
    letters = np.frombuffer("".join(padded).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    starts = np.cumsum(lengths) - lengths
    token = np.repeat(np.arange(len(vocabulary)), lengths)
    place = np.arange(len(letters)) - np.repeat(starts, lengths)
    words = _mixed(np.add.reduceat((letters + _U(1)) * _powers(int(lengths.max()))[place], starts))
    left, rolling, found = lengths[token] - place, letters, []
    for size in LETTERS:
        rolling = rolling[: len(letters) - size + 1] * _GOLDEN + letters[size - 1 :]
        whole = left[: len(rolling)] >= size
        found.append((token[: len(rolling)][whole], _mixed(rolling[whole] * _U(2 * size + 1) + _U(size))))
    tokens, hashes = (np.concatenate(parts) for parts in zip(*found, strict=True))
    order = np.argsort(tokens, kind="stable")
    return words, tokens[order], hashes[order]


def _word_grams(texts: Texts, words: Array) -> Grams:
    single = words[texts.ids]
    single = np.where(texts.flags & NEGATED, _mixed(single ^ _NOT), single)
    at = np.arange(len(single))
    rolling, found = single, [(texts.text, single, at, np.ones(len(single), dtype=np.int64))]
    for size in range(2, WORDS + 1):
        rolling = _mixed(rolling[:-1] * _U(31) + single[size - 1 :])
        within = texts.text[: len(rolling)] == texts.text[size - 1 :]
        starts = at[: len(rolling)][within]
        found.append((texts.text[starts], rolling[within], starts, np.full(len(starts), size)))
    text, hashes, starts, length = (np.concatenate(parts) for parts in zip(*found, strict=True))
    return Grams(text, _place(hashes), starts, length)


def _letter_grams(texts: Texts, token: Array, hashes: Array) -> Grams:
    """Return each token's n-grams of letters wherever the token stands."""
    counts = np.bincount(token, minlength=len(texts.vocabulary))
    starts = np.cumsum(counts) - counts
    each = counts[texts.ids]
    at = np.repeat(np.arange(len(texts.ids)), each)
    offset = np.arange(int(each.sum())) - np.repeat(np.cumsum(each) - each, each)
    return Grams(texts.text[at], _place(hashes)[starts[texts.ids][at] + offset], at, np.ones(len(at), dtype=np.int64))


def weighed(found: Grams, idf: Array, rows: int) -> tuple[Array, Array, Array, Array]:
    """Return rows, places and values of a matrix of tf-idf (1 + ln tf, each row of length 1), and which entry each n-gram is part of."""
    keys, part, counts = np.unique(found.text * SIZE + found.place, return_inverse=True, return_counts=True)
    text, place = keys // SIZE, keys % SIZE
    values = (1 + np.log(counts)) * idf[place].astype(np.float64)
    norms = np.sqrt(np.bincount(text, weights=values**2, minlength=rows))
    return text, place, values / np.maximum(norms, 1e-12)[text], part


def dense(texts: Texts, polarity: Array, vectors: Array) -> tuple[Array, Array]:
    """Return what word lists say of each text, and its words' vectors pooled.

    `polarity` has a row a token of the vocabulary and a column a word list; `vectors` a row a token and 100 columns, 0 where unknown.
    """
    return _listed(texts, polarity), _pooled(texts, vectors)


def _over(ufunc: Any, values: Array, texts: Texts, empty: float = 0.0) -> Array:
    """Return a ufunc's value over the tokens of each text."""
    out = np.full((len(texts.lengths), *values.shape[1:]), empty)
    some = texts.lengths > 0
    if some.any():
        out[some] = ufunc.reduceat(values, (np.cumsum(texts.lengths) - texts.lengths)[some], axis=0)
    return out


def _listed(texts: Texts, polarity: Array) -> Array:
    raw = polarity[texts.ids].astype(np.float64).reshape(len(texts.ids), polarity.shape[1])
    negated = ((texts.flags & NEGATED) > 0)[:, None]
    value = np.where(negated, -0.5 * raw, raw)
    positive, negative = _over(np.add, np.maximum(value, 0), texts), _over(np.add, np.minimum(value, 0), texts)
    last = _over(np.maximum, np.where(value != 0, np.arange(len(value))[:, None], -1), texts, -1).astype(np.int64)
    padded = np.vstack([value, np.zeros((1, value.shape[1]))])
    late = (texts.place * 2 >= np.repeat(texts.lengths, texts.lengths))[:, None]
    flagged = [np.where(mask[:, None], value, 0) for mask in ((texts.flags & HASHTAG) > 0, (texts.flags & CAPITALS) > 0)]
    net = positive + negative
    columns = [positive, negative, _over(np.add, (value > 0) * 1.0, texts), _over(np.add, (value < 0) * 1.0, texts)]
    columns += [_over(np.maximum, value, texts), _over(np.minimum, value, texts)]
    columns += [
        _over(np.add, np.where(negated, np.maximum(raw, 0), 0), texts),
        _over(np.add, np.where(negated, np.minimum(raw, 0), 0), texts),
    ]
    columns += [_over(np.add, each, texts) for each in (*flagged, np.where(late, value, 0))]
    columns += [net / np.sqrt(net**2 + 15 / 4), (positive > 0) * 1.0, (negative < 0) * 1.0]  # VADER's squashed sum
    columns += [((positive > 0) & (negative < 0)) * 1.0, ((positive == 0) & (negative == 0)) * 1.0]
    columns.append(np.take_along_axis(padded, last, axis=0))
    return np.hstack([*columns, _surface(texts)])


def _surface(texts: Texts) -> Array:
    """Return counts of marks, mentions, numbers, persons, boosters, negators, capitals, stretched words, faces and words."""
    exact = ["!", "!!", "?", "??", "..", "@u", "0", '"', "rt", "but"]
    kinds = [[token == mark for mark in exact] + _said(token) for token in texts.vocabulary]
    told = np.array(kinds, dtype=np.float64).reshape(len(kinds), len(exact) + 5)[texts.ids]
    bits = np.stack([(texts.flags & bit) > 0 for bit in (CAPITALS, STRETCHED, FACE, WORD)], axis=1)
    return np.hstack([np.log1p(texts.lengths)[:, None], _over(np.add, told, texts), _over(np.add, bits * 1.0, texts)])


def _said(token: str) -> list[bool]:
    negates = token in NEGATORS or token.endswith("n't")
    return [token.startswith("#"), token in _FIRST, token in _SECOND, token in _BOOSTERS, negates]


def _pooled(texts: Texts, vectors: Array) -> Array:
    """Return sums over all and over negated words, by the root of how many are known, and maximum and minimum."""
    rows = vectors[texts.ids].reshape(len(texts.ids), vectors.shape[1])
    known = np.any(rows, axis=1)
    root = np.sqrt(np.maximum(_over(np.add, known * 1.0, texts), 1))[:, None]
    negated = ((texts.flags & NEGATED) > 0)[:, None]
    high = _over(np.maximum, np.where(known[:, None], rows, -np.inf), texts, -np.inf)
    low = _over(np.minimum, np.where(known[:, None], rows, np.inf), texts, np.inf)
    sums = [_over(np.add, rows, texts) / root, _over(np.add, rows * negated, texts) / root]
    return np.hstack([*sums, np.where(np.isfinite(high), high, 0), np.where(np.isfinite(low), low, 0)])
