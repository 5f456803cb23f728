"""Sums of n-grams and of rows, done for many tokens and texts at once, are those done one by one."""

import random
from zlib import crc32

import numpy as np
import pytest

from dashboard.prediction.classifier.char_ngrams import NGRAM_SIZES, hash_ngrams
from dashboard.prediction.classifier.pooling import pool_rows
from dashboard.prediction.classifier.vocabulary import TokenizedTexts

UFUNCS = (np.add, np.maximum, np.minimum)
TOKENS = ["", "a", "ab", "it's", "#größe", "日本", "👍🏽", "\ud800x", "𝒳𝒴", "a" * 70]


def one_by_one(token: str, size: int, bits: int) -> list[int]:
    """Return the places of a token's n-grams of one size, by their definition."""
    padded = f" {token} "
    grams = [padded[at : at + size] for at in range(len(padded) - size + 1)]
    return [crc32(gram.encode("utf-32-le", "surrogatepass")) >> 32 - bits for gram in grams]


@pytest.mark.parametrize("tokens", [TOKENS, TOKENS[:1], TOKENS[-1:], []])
def test_ngram_indices_are_hashes(tokens: list[str]) -> None:
    """Each n-gram has the index of its CRC-32, none spans two tokens, and offsets are where tokens begin."""
    buckets, starts = hash_ngrams(tokens, 18)
    ends = [*starts[1:], buckets.shape[1]] if tokens else []
    for row, size in zip(buckets, NGRAM_SIZES, strict=True):
        mine = [row[start:end] for start, end in zip(starts, ends, strict=True)]
        assert [one_by_one(token, size, 18) for token in tokens] == [bucket[bucket < 1 << 18].tolist() for bucket in mine]


def test_ngrams_of_1000_random_tokens() -> None:
    """They may contain any letters."""
    generator = random.Random(1)
    tokens = [
        "".join(
            chr(generator.choice((generator.randrange(0x80), generator.randrange(0x3000), 0x1F600))) for _ in range(generator.randrange(9))
        )
        for _ in range(1000)
    ]
    buckets, _ = hash_ngrams(tokens, 18)
    for row, size in zip(buckets, NGRAM_SIZES, strict=True):
        assert [place for token in tokens for place in one_by_one(token, size, 18)] == row[row < 1 << 18].tolist()


@pytest.mark.parametrize("lengths", [[1], [5], [1] * 50, [3, 1, 40, 2], [*range(1, 60)], [500, *[4] * 90], [30] * 20 + [1] * 20])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_pooling_equals_reduceat(lengths: list[int], kind: type) -> None:
    """This holds for single texts, equal lengths and very different lengths."""
    counts = np.array(lengths)
    starts, rows = np.cumsum(counts) - counts, np.random.default_rng(0).integers(-9, 9, (counts.sum(), 7)).astype(kind)
    texts = TokenizedTexts(np.arange(len(rows)), starts, counts)
    for ufunc, pooled in zip(UFUNCS, pool_rows(rows, texts, *UFUNCS), strict=True):
        assert ufunc.reduceat(rows, starts, axis=0).tolist() == pooled.tolist()
