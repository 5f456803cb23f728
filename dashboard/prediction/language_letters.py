"""Which language words look like, by their groups of letters: for languages that nothing else tells, such as Hindi in Latin letters.

Nothing is decided here; that is in `language_detection.py`. The weights are those of a logistic regression, which
`training/train_language_letters.py` trains. Comparing takes as long as asking the detector, so words that are hints, the commonest of these
languages, decide for which texts it is worth it: one English text in 100.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from zlib import crc32

BUILT_IN_PATH = Path(__file__).with_name("language_letters.npz")
LETTER_DETECTED_LANGUAGES = {"ary", "ha", "hi", "ig", "rw", "ts", "tw", "yo"}  # in Latin letters, also Moroccan Arabic and Hindi
ENGLISH, OTHER = "en", "other"  # OTHER: languages that have word lists but no labelled posts
BUCKET_BITS = 14
_MAX_BUCKET = (1 << BUCKET_BITS) - 1
_GROUP_SIZES = range(1, 5)
_MAX_KEPT_WORDS = 2_048  # with their scores, 0.4 KB each
_MAX_WORD_LETTERS = 30  # of which the groups are looked at
_LONG_RUN = re.compile(r"(.)\1\1+")
_LAUGHTER = re.compile(r"(\w{1,2})\1\1")
Array = Any  # of NumPy, which isn't loaded before the first text


class Likeness(NamedTuple):
    """The language that words look most like, apart from English, and how much more: logarithms of odds.

    `over_english` is below 0 if they look more English. `over_others` compares with the next language, English included.
    """

    language: str
    over_english: float
    over_others: float


class _Weights(NamedTuple):
    languages: list[str]
    table: Array  # buckets × languages, int8
    scale: float
    intercept: Array
    hints: frozenset[str]


def compare(words: Sequence[str], min_hints: int = 1) -> Likeness | None:
    """Return what lower-case words look like, each counted once; None if fewer than `min_hints` are common in LETTER_DETECTED_LANGUAGES."""
    weights = _load()
    if weights.hints.isdisjoint(words) or sum(map(weights.hints.__contains__, words)) < min_hints:
        return None
    distinct = pick_words(words)
    scores = dict(zip(weights.languages, (weights.intercept + sum(map(_score, distinct))).tolist(), strict=True))
    likeliest = max(scores.keys() - {ENGLISH}, key=scores.__getitem__)
    runner_up = max(score for language, score in scores.items() if language != likeliest)
    return Likeness(likeliest, scores[likeliest] - scores[ENGLISH], scores[likeliest] - runner_up)


def list_compared_languages() -> list[str]:
    """Return the tags of the languages that are compared, ENGLISH and OTHER included."""
    return _load().languages


def pick_words(words: Sequence[str]) -> list[str]:
    """Return the words that are looked at, each once: without laughter, and with at most two letters alike in a row."""
    return list(dict.fromkeys(_LONG_RUN.sub(r"\1\1", word[:_MAX_WORD_LETTERS]) for word in words if not _LAUGHTER.search(word)))


def list_buckets(word: str) -> list[int]:
    """Return the bucket of each group of letters of a word, of the groups at its ends, and of the word itself."""
    padded = f" {word} "
    sizes = [(start, start + size) for size in _GROUP_SIZES for start in range(len(padded) - size + 1)]
    if word.isascii():
        encoded = padded.encode()
        groups = [encoded[start:end] for start, end in sizes]
    else:
        groups = [padded[start:end].encode("utf-8", "surrogatepass") for start, end in sizes]
    groups.append(f"={padded}".encode("utf-8", "surrogatepass"))
    return [crc32(group) & _MAX_BUCKET for group in groups]


def digest() -> str:
    """Return a digest of the weights."""
    return hashlib.sha256(BUILT_IN_PATH.read_bytes()).hexdigest()


@lru_cache(maxsize=_MAX_KEPT_WORDS)
def _score(word: str) -> Array:
    """Return the logarithm of how likely a word is in each language, up to a constant."""
    weights = _load()
    return weights.table.take(list_buckets(word), axis=0).sum(axis=0, dtype="int32") * weights.scale


@cache
def _load() -> _Weights:
    import numpy as np

    with np.load(BUILT_IN_PATH) as arrays:
        return _Weights(
            arrays["languages"].tolist(),
            arrays["weights"],
            float(arrays["scale"]),
            arrays["intercept"],
            frozenset(arrays["hints"].tobytes().decode().split()),
        )
