"""Cache the scores of slow methods, so that the next chart, format or interval of the same query doesn't compute them again.

Only numbers are kept, never texts: posts are identified by a digest of their texts. Posts themselves are cached in `timelines`.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from threading import Lock

import polars as pl

MAX_ENTRIES = 128  # sets of at most a few thousand posts, about 130 kB each
_SEPARATOR = "\x1e"


class ScoreCache:
    """A thread-safe cache of the MAX_ENTRIES most recently used results. Threads that ask for the same result at once each compute it."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._lock = Lock()

    def get_or_compute(self, scorer_key: Hashable, posts: pl.DataFrame, compute: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Return the cached result for this scorer and these texts in this order, or compute it. It must depend on the texts alone."""
        key = scorer_key, digest_texts(posts["text"])
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = compute()
        with self._lock:
            self._results[key] = result
            while len(self._results) > MAX_ENTRIES:
                self._results.popitem(last=False)
        return result


def digest_texts(texts: pl.Series) -> bytes:
    """Return a 16-byte digest of a sequence of texts, in which nulls differ from empty texts."""
    sizes = "".join("-," if size is None else f"{size}," for size in texts.str.len_bytes())
    return blake2b(_SEPARATOR.join([sizes, *texts.drop_nulls()]).encode(), digest_size=16).digest()
