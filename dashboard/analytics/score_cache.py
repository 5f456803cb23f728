"""Scores of slow methods for posts that were read a moment ago: for the next picture, format or interval of the same question.

Numbers are kept, never texts: posts are known again by a digest of theirs.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from threading import Lock

import polars as pl

MAX_ENTRIES = 128  # sets of posts, each of at most a few thousand: some 130 kB
_SEPARATOR = "\x1e"


class ScoreCache:
    """The results of the last MOST different questions, from any thread. Two that ask the same at the same time both compute it."""

    def __init__(self) -> None:
        self._results: OrderedDict[Hashable, pl.DataFrame] = OrderedDict()
        self._lock = Lock()

    def get_or_compute(self, scorer_key: Hashable, posts: pl.DataFrame, compute: Callable[[], pl.DataFrame]) -> pl.DataFrame:
        """Return what `who` said of these texts in this order, or make it; what it is made of must be the texts alone."""
        key = scorer_key, digest_texts(posts["text"])
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        made = compute()
        with self._lock:
            self._results[key] = made
            while len(self._results) > MAX_ENTRIES:
                self._results.popitem(last=False)
        return made


def digest_texts(texts: pl.Series) -> bytes:
    """Return a digest that tells sequences of texts apart, nulls and empty ones too."""
    sizes = "".join("-," if size is None else f"{size}," for size in texts.str.len_bytes())
    return blake2b(_SEPARATOR.join([sizes, *texts.drop_nulls()]).encode(), digest_size=16).digest()
