"""What is made of the rows of each text: sums, largest and smallest values."""

from typing import Any

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts

_MIN_PARALLEL_TEXTS = 8  # texts in the middle that are read at once, below which their tokens are better taken one after another


def pool_rows(rows: Array, texts: TokenizedTexts, *ufuncs: Any) -> list[Array]:
    """Return what each ufunc makes of each text's rows, as its `reduceat` would: texts × columns. `rows` has a row of floats a token.

    `reduceat` calls its loop for each column of each text. For many texts of like length, this goes over first tokens, then over second
    tokens …, each time over all columns of all texts that are so long.
    """
    longest = int(texts.lengths.max(initial=1))
    if len(texts.token_ids) < longest * _MIN_PARALLEL_TEXTS:
        return [ufunc.reduceat(rows, texts.offsets, axis=0) for ufunc in ufuncs]
    order = np.argsort(-texts.lengths, kind="stable")
    starts, lengths = texts.offsets[order], texts.lengths[order]
    first = rows[starts]
    found = [first.copy() for _ in ufuncs]
    for at, many in enumerate(np.searchsorted(-lengths, -np.arange(1, longest)).tolist(), start=1):
        here = rows[starts[:many] + at]
        for each, ufunc in zip(found, ufuncs, strict=True):
            ufunc(each[:many], here, out=each[:many])
    back = np.argsort(order)
    return [each[back] for each in found]
