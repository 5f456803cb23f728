"""What the multilingual model knows about tokens: rows of vectors and embeddings, and polarity, found by the CRC-32 of a token.

Sorted hashes take a tenth of the memory of a dict of words, and the file needs no list of words. A word that isn't listed is mistaken for
a listed one once in 40,000.
"""

import re
from collections.abc import Sequence
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier import model_file
from dashboard.prediction.classifier.token_lookup import TokenFacts
from dashboard.prediction.classifier.vocabulary import Array

_DOUBLED_LETTER = re.compile(r"([^\W\d_])\1")
_MIN_DOUBLED_CHARACTERS = 4
_POLARITY_STEP = 0.02  # polarity is stored as a whole number of steps, int8


class HashedRows:
    """A table's row of each token, from 1 on; row 0 is for unlisted tokens."""

    def __init__(self, keys: Array) -> None:
        """Take the sorted hashes of the table's tokens, uint32."""
        self._keys = keys

    def find(self, tokens: Sequence[str]) -> Array:
        """Return the row of each token, int64."""
        return self.find_hashes(hash_tokens(tokens))

    def find_hashes(self, hashes: Array) -> Array:
        """Return the row of each token from its hash, int64."""
        rows = np.searchsorted(self._keys, hashes)
        is_listed = self._keys[np.minimum(rows, len(self._keys) - 1)] == hashes
        return np.where(is_listed, rows + 1, 0)


class LookupFamily:
    """The tables of a model file that all languages share."""

    def __init__(self, arrays: model_file.Arrays) -> None:
        self.vector_rows, self.term_rows = _read_keys(arrays["vector_keys"]), _read_keys(arrays["term_keys"])
        self.embedding_rows = _read_keys(arrays["embedding_keys"]) if "embedding_keys" in arrays else None
        self.term_polarity, self.word_polarity = (
            arrays[name].astype(np.float32) * np.float32(_POLARITY_STEP) for name in ("term_polarity", "word_polarity")
        )

    @staticmethod
    def quantize(polarity: Array) -> Array:
        """Return polarity (about −2 … 2) as a model file stores it, int8."""
        return np.asarray(np.clip(np.round(polarity / _POLARITY_STEP), -127, 127)).astype(np.int8)

    def build(self, language: str) -> "LanguageLookup":
        """Return the lookup of a language."""
        return LanguageLookup(self, language)


class LanguageLookup:
    """What is known about the tokens of one language."""

    def __init__(self, family: LookupFamily, language: str) -> None:
        self._family, self._language = family, language

    def look_up(self, tokens: Sequence[str]) -> TokenFacts:
        """Return what the tables know about each token.

        Its polarities are those in the translated AFINN and among emoji, and two that were learnt over the vectors. Every token counts as
        familiar, because nobody asks the model to read a language that it doesn't know.
        """
        family, hashes = self._family, hash_tokens(tokens)
        vector_rows = self._find_vector_rows(tokens, hashes)
        term_rows = family.term_rows.find([format_term(self._language, token) for token in tokens])
        polarity = np.hstack([family.term_polarity[term_rows], family.word_polarity[vector_rows]])
        embedding_rows = family.embedding_rows.find_hashes(hashes) if family.embedding_rows else np.zeros(len(tokens), dtype=np.int64)
        return TokenFacts(polarity, vector_rows, embedding_rows, np.ones(len(tokens), dtype=np.bool_))

    def _find_vector_rows(self, tokens: Sequence[str], hashes: Array) -> Array:
        """Return the row of each token itself, or else of a simpler form of it."""
        rows = self._family.vector_rows.find_hashes(hashes)
        missing = np.flatnonzero(rows == 0)
        if len(missing):
            rows[missing] = self._family.vector_rows.find([_simplify(tokens[index]) for index in missing.tolist()])
        return rows


def hash_tokens(tokens: Sequence[str]) -> Array:
    """Return the CRC-32 of each token, uint32."""
    return np.array([crc32(token.encode("utf-8", "surrogatepass")) for token in tokens], dtype=np.uint32)


def format_term(language: str, token: str) -> str:
    """Return the term of the word lists that a token is: emoji belong to every language, words to their own."""
    return token[0] if token > "\u2190" and not token[0].isalpha() else f"{language}|{token}"


def _simplify(token: str) -> str:
    """Return a hashtag without #, a word after an elided one (l'eau), or a word with single letters for double ones."""
    if token.startswith("#"):
        return token[1:]
    if "'" in token:
        return token.rsplit("'", 1)[1]
    return _DOUBLED_LETTER.sub(r"\1", token) if len(token) >= _MIN_DOUBLED_CHARACTERS else token


def _read_keys(key_bytes: Array) -> HashedRows:
    """Return the rows of a table from its sorted hashes, which the file stores as bytes: tokens × 4."""
    return HashedRows(np.ascontiguousarray(key_bytes).view("<u4").ravel())
