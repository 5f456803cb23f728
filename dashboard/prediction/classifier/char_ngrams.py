"""The n-grams of letters of many tokens at once, and their places among the hashes.

The hash of an n-gram is the CRC-32 of its letters as UTF-32. A CRC is linear: it is that of as many zeros, changed (exclusive or) by
each byte, in a way that only the byte and its distance from the end decide. So n-grams that share letters share the work.
"""

from collections.abc import Sequence
from functools import cache
from zlib import crc32

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array

NGRAM_SIZES = (2, 3, 4, 5)


def hash_ngrams(tokens: Sequence[str], hash_bits: int) -> tuple[Array, Array]:
    """Return the places, 0 … 2**bits - 1, of the n-grams that begin at each letter of tokens and of the blanks around them, and where in
    these columns each token starts: a row a size; 2**bits where an n-gram would reach over the end of its token.
    """
    lengths = np.array([len(token) + 2 for token in tokens], dtype=np.int64)
    letters = np.frombuffer("".join(f" {token} " for token in tokens).encode("utf-32-le", "surrogatepass"), dtype=np.uint8).reshape(-1, 4)
    ends = np.cumsum(lengths)
    left = np.repeat(ends, lengths) - np.arange(len(letters))
    changed = [change[0][letters[:, 0]] ^ change[1][letters[:, 1]] ^ change[2][letters[:, 2]] for change in _build_crc_tables()]
    found = np.full((len(NGRAM_SIZES), len(letters)), 1 << hash_bits, dtype=np.int64)
    for row, size in zip(found, NGRAM_SIZES, strict=True):
        begun = max(len(letters) - size + 1, 0)
        hashes = np.full(begun, crc32(bytes(4 * size)), dtype=np.uint32)
        for at in range(size):
            hashes ^= changed[size - at - 1][at : at + begun]
        np.copyto(row[:begun], hashes >> np.uint32(32 - hash_bits), where=left[:begun] >= size)
    return found, ends - lengths


@cache
def _build_crc_tables() -> Array:
    """Return what a letter changes a CRC by: a row for the last letter, the one before …, in it one for each byte, by the byte's value.

    The fourth byte of UTF-32 is 0 and changes nothing.
    """
    behind = [[4 * place + 3 - byte for byte in range(3)] for place in range(max(NGRAM_SIZES))]
    tables = [[[crc32(bytes([value, *bytes(after)])) for value in range(256)] for after in row] for row in behind]
    found = np.array(tables, dtype=np.uint32)
    return found ^ found[:, :, :1]
