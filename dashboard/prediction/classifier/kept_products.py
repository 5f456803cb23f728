"""The products of the network's filters with tokens, kept for those that occurred first, because the commonest ones do.

It knows nothing about filters: what a token's products are is computed elsewhere.
"""

from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]
_NONE = 0  # the place of tokens whose products aren't kept; the row with this number stays unused


class KeptProducts:
    """Rows of products by token ID. Several threads may use it at the same time."""

    def __init__(self, max_rows: int) -> None:
        """Keep the products of at most this many tokens."""
        self._max_rows = max_rows + 1
        self._rows: Array | None = None
        self._count, self._lock = _NONE + 1, Lock()

    def find_rows(self, token_ids: Array, places: Array, compute: Callable[[Array], Array]) -> Array:
        """Return the products of each token: tokens × columns. `compute` returns those of token IDs; see `find_table` for `places`."""
        missing = self._add_missing(token_ids, places, compute)
        rows = self._rows.take(places.take(token_ids), axis=0, mode="clip") if self._rows is not None else compute(token_ids)
        if missing is not None and self._rows is not None:
            rows[missing] = compute(token_ids[missing])
        return rows

    def find_table(self, token_ids: Array, places: Array, compute: Callable[[Array], Array]) -> tuple[Array, Array]:
        """Return a table of products, and the row in it of each token.

        `places` has a number per token ID, 0 at first, which belongs to this object.
        """
        missing = self._add_missing(token_ids, places, compute)
        if missing is None and self._rows is not None:
            return self._rows, places.take(token_ids)
        distinct_ids, positions = np.unique(token_ids, return_inverse=True)
        return self.find_rows(distinct_ids, places, compute), positions

    def _add_missing(self, token_ids: Array, places: Array, compute: Callable[[Array], Array]) -> Array | None:
        """Keep the products of tokens as long as there is room. Return the positions of tokens that aren't kept, None if all are."""
        if places.take(token_ids).all():
            return None
        if free_rows := self._max_rows - self._count:
            # Not np.unique, which loads NumPy's masked arrays: a fiftieth of a start.
            missing_ids = sorted(set(token_ids[places[token_ids] == _NONE].tolist()))[:free_rows]
            if missing_ids:  # other threads may have added them
                self._add(np.array(missing_ids), places, compute(np.array(missing_ids)))
        missing = np.flatnonzero(places[token_ids] == _NONE)
        return missing if len(missing) else None

    def _add(self, token_ids: Array, places: Array, products: Array) -> None:
        """Add rows, unless another thread has used up the room. Places are written last, because other threads read them."""
        with self._lock:
            if self._rows is None:
                self._rows = np.empty((self._max_rows, products.shape[1]), dtype=products.dtype)
            start, end = self._count, min(self._count + len(token_ids), self._max_rows)
            self._rows[start:end] = products[: end - start]
            self._count = end
            places[token_ids[: end - start]] = np.arange(start, end)
