"""The columns of a vocabulary's table, and what they hold for each token: hashes, flags, and what it adds to its text's sums.

Polarity and rows of vectors come from a model file (`token_lookup.py`). The table itself is in `vocabulary.py`.
"""

from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier.tokenizer import ALL_CAPS_BIT, ELONGATED_BIT, EMOJI_BIT, HASHTAG_BIT, WORD_BIT

Array = np.ndarray[Any, Any]
LEXICON_COUNT = 4  # the word lists: Bing, VADER, AFINN and the Emoji Sentiment Ranking
_HASH_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_SPECIAL_TOKENS = ("!", "!!", "?", "??", "..", "@u", "0", '"', "rt", "but")
_FIRST_PERSON_PRONOUNS = ("i", "i'm", "im", "me", "my", "mine", "we", "our", "us")
_SECOND_PERSON_PRONOUNS = ("you", "your", "you're", "u", "ur", "yours")
_BOOSTERS = ("very", "so", "really", "too", "extremely", "absolutely", "totally", "super", "such", "most", "more")
_WORD_FLAG_COLUMNS = {
    word: column
    for column, words in enumerate([*zip(_SPECIAL_TOKENS), _FIRST_PERSON_PRONOUNS, _SECOND_PERSON_PRONOUNS, _BOOSTERS])
    for word in words
}
NEGATION_FACTORS = np.array([[1.0], [-0.5]], dtype=np.float32)  # polarity is multiplied by these: plain, negated
SURFACE_BITS = np.array([HASHTAG_BIT, ALL_CAPS_BIT, ELONGATED_BIT, EMOJI_BIT, WORD_BIT])
SURFACE_FLAG_COUNT = len(_SPECIAL_TOKENS) + 4 + len(SURFACE_BITS)  # flags for how a token looks; two more flags follow
WORD_FLAG, FAMILIAR_WORD_FLAG, HAS_VECTOR_FLAG = (
    SURFACE_FLAG_COUNT - 1,
    SURFACE_FLAG_COUNT,
    SURFACE_FLAG_COUNT + 1,
)  # flags: is a word; is a word that occurs often in the training data; has a GloVe vector
_NEGATOR_FLAG = len(_SPECIAL_TOKENS) + 3
HASHTAG_FLAG, ALL_CAPS_FLAG = SURFACE_FLAG_COUNT - len(SURFACE_BITS), SURFACE_FLAG_COUNT - len(SURFACE_BITS) + 1
TOKEN_FEATURE_COUNT = LEXICON_COUNT + 1 + len(SURFACE_BITS)  # columns of `token_features`
POLARITY_SUMMAND_COUNT = 8 * LEXICON_COUNT  # columns of “summands” before the flags
SUMMAND_COUNT = POLARITY_SUMMAND_COUNT + SURFACE_FLAG_COUNT + 2
COLUMN_TYPES: dict[str, tuple[tuple[int, ...], Any]] = {
    "hash": ((), np.uint64),
    "value": ((LEXICON_COUNT,), np.float32),
    "negated": ((), np.bool_),
    "flags": ((SURFACE_FLAG_COUNT + 2,), np.bool_),
    "summands": ((SUMMAND_COUNT,), np.float32),
    "vector": ((), np.int32),
    "own": ((), np.int32),
    "letters": ((4,), np.float64),
    "place": ((), np.int32),
}


def hash_tokens(token_strings: Sequence[str]) -> Array:
    """Return two hashes per token, for the plain and the negated one: tokens × 2, uint64."""
    encoded_tokens = [token.encode("utf-8", "surrogatepass") for token in token_strings]
    crcs = np.array([(crc32(encoded), crc32(encoded, 1)) for encoded in encoded_tokens], dtype=np.uint64)
    return (crcs + np.uint64(1)) * _HASH_MULTIPLIER


def build_flags(token_strings: Sequence[str], bits: Array, is_negator: Callable[[str], bool]) -> Array:
    """Return flags for special tokens, pronouns, boosters, negators and how tokens are written. The last two flags are left False."""
    flags = np.zeros((len(token_strings), SURFACE_FLAG_COUNT + 2), dtype=np.bool_)
    columns = np.array([_WORD_FLAG_COLUMNS.get(token, -1) for token in token_strings])
    flags[columns >= 0, columns[columns >= 0]] = True
    flags[:, _NEGATOR_FLAG] = [is_negator(token) for token in token_strings]
    flags[:, HASHTAG_FLAG:SURFACE_FLAG_COUNT] = bits[:, None] & SURFACE_BITS
    return flags


def build_summands(polarity: Array, flags: Array) -> Array:
    """Return what a text's sums are made of, for each token: tokens × 2 (plain, negated) × SUMMAND_COUNT.

    Eight columns for each word list: positive and negative polarity, whether there is either, the positive and negative polarity that was
    negated, and the polarity in a hashtag and in an all-caps word. Then the flags.
    """
    values = (polarity[:, None] * NEGATION_FACTORS).astype(np.float32)
    negated = np.stack([np.zeros_like(values[:, 1]), values[:, 1] / NEGATION_FACTORS[1]], axis=1)
    both_flags = np.repeat(flags[:, None], 2, axis=1)
    in_hashtag, in_capitals = (values * both_flags[..., flag, None] for flag in (HASHTAG_FLAG, ALL_CAPS_FLAG))
    columns = [np.maximum(values, 0), np.minimum(values, 0), values > 0, values < 0, np.maximum(negated, 0), np.minimum(negated, 0)]
    return np.concatenate([*columns, in_hashtag, in_capitals, both_flags], axis=2)
