"""The weights of hashed n-grams in several languages: each n-gram counts twice, for all languages and for the one it was written in.

Weights are kept as int8, as the file stores them, because there are many buckets. Training hashes with the same functions.
"""

from collections.abc import Sequence
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier import features, model_file
from dashboard.prediction.classifier.char_ngrams import hash_ngrams
from dashboard.prediction.classifier.vocabulary import END_OF_TEXT, Array, TokenizedTexts, Vocabulary
from dashboard.prediction.multilingual.languages import TRAINING_LANGUAGES

WORD_HASH_BITS, CHAR_HASH_BITS = 19, 20
HASH_BITS = {"word": WORD_HASH_BITS, "letter": CHAR_HASH_BITS}
IDF_STEP = 0.05  # idf is stored as 1 + a whole number of steps, uint8
_NO_IDF = 255  # steps that stand for an idf of 0
_CHAR_MULTIPLIER, _WORD_MULTIPLIER = 0x9E3779B1, np.uint64(0xD1B54A32D192ED03)


class LanguageNgrams:
    """The n-gram weights as one language reads them."""

    def __init__(self, tables: dict[str, "NgramTable"], language: str) -> None:
        """Take the tables of both kinds of n-grams, which all languages share."""
        self._tables, self._language = tables, language

    def word_rows(self, texts: TokenizedTexts, vocabulary: Vocabulary) -> Array:
        """Return the numbers of the word n-gram of each length that begins at each token: lengths × tokens × 4."""
        rows = self._tables["word"].rows(hash_word_ngrams(texts, vocabulary, self._language))
        return np.asarray(rows[:, 0] + rows[:, 1])

    def char_sums(self, tokens: Sequence[str]) -> Array:
        """Return the sums over the character n-grams of each token: tokens × 4."""
        buckets, starts = hash_char_ngrams(tokens, self._language)
        return np.add.reduceat(self._tables["letter"].rows(buckets).sum(axis=(0, 1), dtype=np.float64), starts, axis=0)


class NgramTable:
    """The weights for each label and the idf of each bucket, four bytes each, and a last bucket of zeros for n-grams that don't exist."""

    def __init__(self, arrays: model_file.Arrays, ngram_kind: str) -> None:
        steps = arrays[f"{ngram_kind}_idf"]
        self._bytes = np.zeros((len(steps) + 1, 4), dtype=np.uint8)
        self._bytes[:-1, :3] = arrays[f"{ngram_kind}_weights"].view(np.uint8)
        self._bytes[:-1, 3], self._bytes[-1, 3] = steps, _NO_IDF
        self._scale = arrays[f"{ngram_kind}_scale"].astype(np.float32)

    def rows(self, buckets: Array) -> Array:
        """Return the weights for the labels times idf, and idf squared: … × 4, float32."""
        encoded = self._bytes.take(buckets, axis=0)
        idf = _IDF_BY_STEPS[encoded[..., 3]]
        rows = np.empty(encoded.shape, dtype=np.float32)
        np.multiply(_SIGNED_SQUARES[encoded[..., :3]], self._scale, out=rows[..., :3])
        rows[..., :3] *= idf[..., None]
        np.multiply(idf, idf, out=rows[..., 3])
        return rows


def hash_word_ngrams(texts: TokenizedTexts, vocabulary: Vocabulary, language: str) -> Array:
    """Return the buckets of word n-grams: lengths × 2 × tokens, for all languages and for this one."""
    token_hashes = vocabulary.column("hash").take(texts.token_ids)
    hashes = np.stack([token_hashes, (token_hashes ^ np.uint64(_salt(language))) * _WORD_MULTIPLIER])
    return features.hash_sequences(hashes, texts.token_ids != END_OF_TEXT, WORD_HASH_BITS)


def hash_char_ngrams(tokens: Sequence[str], language: str) -> tuple[Array, Array]:
    """Return the buckets of character n-grams, 2 × sizes × characters, for all languages and for this one; and tokens' first columns."""
    crcs, starts = hash_ngrams(tokens, 32)
    shift, no_bucket = 32 - CHAR_HASH_BITS, 1 << CHAR_HASH_BITS
    own = np.where(crcs < 1 << 32, (((crcs ^ _salt(language)) * _CHAR_MULTIPLIER) & 0xFFFFFFFF) >> shift, no_bucket)
    return np.stack([crcs >> shift, own]), starts


def quantize_idf(idf: Array) -> Array:
    """Return idf as steps above 1, uint8."""
    return np.asarray(np.clip(np.round((idf - 1) / IDF_STEP), 0, _NO_IDF - 1)).astype(np.uint8)


def dequantize_idf(steps: Array) -> Array:
    """Return the idf of steps, float32."""
    return np.asarray(_IDF_BY_STEPS[steps])


def _salt(language: str) -> int:
    return _SALTS[language]


_SALTS = {language: crc32(language.encode()) | 1 for language in TRAINING_LANGUAGES}
_IDF_BY_STEPS = (1 + np.arange(256) * IDF_STEP).astype(np.float32)
_IDF_BY_STEPS[_NO_IDF] = 0
_ROOTS = np.arange(256, dtype=np.uint8).view(np.int8).astype(np.float32)
_SIGNED_SQUARES = _ROOTS * np.abs(_ROOTS)  # of int8, indexed by its bits
