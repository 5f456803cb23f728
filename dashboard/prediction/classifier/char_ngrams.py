"""Hashes of the character n-grams of many tokens at once.

This is only about hashing; what the classifier does with the hashes is in `features.py`.

The hash of an n-gram is the CRC-32 of its characters as UTF-32. A CRC is linear: the CRC of a string is that of equally many zero bytes,
XORed with one value per byte, which depends only on the byte and its distance from the end. So n-grams that share characters share the
work.
"""

from collections.abc import Sequence
from functools import cache
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array

NGRAM_SIZES = (2, 3, 4, 5)


def hash_ngrams(tokens: Sequence[str], hash_bits: int) -> tuple[Array, Array]:
    """Hash the n-grams of each token, padded with one space on each side.

    Returns the buckets, 0 … 2**hash_bits - 1, as sizes × characters of all padded tokens: the n-gram that begins at each character, or
    2**hash_bits where it would reach beyond its token. Also returns the column in which each token starts.
    """
    lengths = np.array([len(token) + 2 for token in tokens], dtype=np.int64)
    code_points = np.frombuffer("".join(f" {token} " for token in tokens).encode("utf-32-le", "surrogatepass"), dtype=np.uint8)
    code_points = code_points.reshape(-1, 4)
    ends = np.cumsum(lengths)
    characters_left = np.repeat(ends, lengths) - np.arange(len(code_points))
    contributions = [
        table[0][code_points[:, 0]] ^ table[1][code_points[:, 1]] ^ table[2][code_points[:, 2]] for table in _build_crc_tables()
    ]
    buckets = np.full((len(NGRAM_SIZES), len(code_points)), 1 << hash_bits, dtype=np.int64)
    for row, size in zip(buckets, NGRAM_SIZES, strict=True):
        ngram_count = max(len(code_points) - size + 1, 0)
        hashes = np.full(ngram_count, crc32(bytes(4 * size)), dtype=np.uint32)
        for offset in range(size):
            hashes ^= contributions[size - offset - 1][offset : offset + ngram_count]
        np.copyto(row[:ngram_count], hashes >> np.uint32(32 - hash_bits), where=characters_left[:ngram_count] >= size)
    return buckets, ends - lengths


@cache
def _build_crc_tables() -> Array:
    """Return what each byte contributes to a CRC: positions from the end × bytes of a character × byte values.

    The fourth byte of UTF-32 is always 0 and contributes nothing.
    """
    bytes_after = [[4 * position + 3 - byte for byte in range(3)] for position in range(max(NGRAM_SIZES))]
    crcs = np.array(
        [[[crc32(bytes([value, *bytes(count)])) for value in range(256)] for count in row] for row in bytes_after], dtype=np.uint32
    )
    return crcs ^ crcs[:, :, :1]
