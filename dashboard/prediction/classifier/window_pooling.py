"""Max pooling of the network's windows over many texts at once, for serving.

The result is that of `cnn.convolve` and `cnn.max_pool`, to the last bit, without an array of all windows: it takes the first token of all
texts, then the second, and so on. Training and explanations need the windows themselves, so they don't use this.
"""

from typing import Any

import numpy as np

from dashboard.prediction.classifier.vocabulary import Array, TokenizedTexts

_TEXTS_PER_BLOCK = 64  # so that the products of a block's tokens at one position fit into the processor's cache


def pool_text(products: Array, filter_count: int) -> Array:
    """Return the maximum of each filter over the windows of a text, 2 · `filter_count` numbers.

    `products` has a row for the blank before the text, and one per token; its columns are `filter_count` for each position within a window
    of two tokens, then within a window of three.
    """
    maxima = np.empty(2 * filter_count, dtype=products.dtype)
    first, second, third, fourth, fifth = (products[:, start : start + filter_count] for start in range(0, 5 * filter_count, filter_count))
    np.maximum.reduce(first[:-1] + second[1:], axis=0, out=maxima[:filter_count])
    if len(products) > 2:
        windows = third[:-2] + fourth[1:-1]
        windows += fifth[2:]
        np.maximum.reduce(windows, axis=0, out=maxima[filter_count:])
    else:
        maxima[filter_count:] = -np.inf
    return maxima


def pool_texts(products: Array, rows: Array, blank_row: int, texts: TokenizedTexts, filter_count: int) -> Array:
    """Return the maximum of each filter over the windows of each text: texts × 2 · `filter_count`.

    `rows` has the row of each token in `products`, whose columns are those of `pool_text`, and `blank_row` that of the blank.
    """
    longest_first = np.argsort(-texts.lengths, kind="stable")
    maxima = np.full((len(longest_first), 2 * filter_count), -np.inf, dtype=products.dtype)
    for start in range(0, len(longest_first), _TEXTS_PER_BLOCK):
        block = longest_first[start : start + _TEXTS_PER_BLOCK]
        maxima[block] = _pool_block(products, rows, blank_row, texts.offsets[block], texts.lengths[block], filter_count)
    return maxima


def _pool_block(products: Array, rows: Array, blank_row: int, offsets: Array, lengths: Array, filter_count: int) -> Array:
    """Return the maxima of texts that are sorted by length, longest first."""
    maxima = np.full((len(offsets), 2 * filter_count), -np.inf, dtype=products.dtype)
    buffers = [np.empty((len(offsets), 5 * filter_count), dtype=products.dtype) for _ in range(3)]
    window = np.empty((len(offsets), filter_count), dtype=products.dtype)
    buffers[0][:] = products[blank_row]
    columns = [slice(start, start + filter_count) for start in range(0, 5 * filter_count, filter_count)]
    text_counts = np.searchsorted(-lengths, -np.arange(1, int(lengths[0]) + 1), side="right").tolist()
    for position, count in enumerate(text_counts, start=1):
        current, last, before_last = (buffers[(position - distance) % 3][:count] for distance in range(3))
        np.take(products, rows[offsets[:count] + (position - 1)], axis=0, out=current, mode="clip")
        _update(maxima[:count, :filter_count], window[:count], (last[:, columns[0]], current[:, columns[1]]))
        if position > 1:
            windows_of_three = before_last[:, columns[2]], last[:, columns[3]], current[:, columns[4]]
            _update(maxima[:count, filter_count:], window[:count], windows_of_three)
    return maxima


def _update(maxima: Array, window: Array, parts: tuple[Any, ...]) -> None:
    """Raise the maxima to the sum of a window's parts, which `window` holds meanwhile."""
    np.add(parts[0], parts[1], out=window)
    for part in parts[2:]:
        np.add(window, part, out=window)
    np.maximum(maxima, window, out=maxima)
