"""Pooling: the sum, maximum or minimum of the rows of each text.

It knows nothing of what the rows mean.
"""

from typing import Any

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts

_MIN_PARALLEL_TEXTS = 8  # average number of texts per step below which `reduceat` is faster


def pool_rows(rows: Array, texts: TokenizedTexts, *ufuncs: Any) -> list[Array]:
    """Reduce the rows of each text with each ufunc, as its `reduceat` would.

    `rows` is tokens × columns (float). Returns one array per ufunc, each texts × columns.

    `reduceat` runs its inner loop once per column of each text. For many texts of similar length it is faster to take the first token of
    every text, then the second, and so on, and to reduce all columns of all texts that are long enough at once.
    """
    max_length = int(texts.lengths.max(initial=1)) if len(texts.lengths) >= _MIN_PARALLEL_TEXTS else len(texts.token_ids)
    if len(texts.token_ids) < max_length * _MIN_PARALLEL_TEXTS:
        return [ufunc.reduceat(rows, texts.offsets, axis=0) for ufunc in ufuncs]
    longest_first = np.argsort(-texts.lengths, kind="stable")
    offsets, lengths = texts.offsets[longest_first], texts.lengths[longest_first]
    first_rows = rows[offsets]
    results = [first_rows.copy() for _ in ufuncs]
    for position, text_count in enumerate(np.searchsorted(-lengths, -np.arange(1, max_length)).tolist(), start=1):
        next_rows = rows[offsets[:text_count] + position]
        for result, ufunc in zip(results, ufuncs, strict=True):
            ufunc(result[:text_count], next_rows, out=result[:text_count])
    original_order = np.argsort(longest_first)
    return [result[original_order] for result in results]
