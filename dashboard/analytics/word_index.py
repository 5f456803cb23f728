"""The words of an account's posts as numbers, so that counting them takes no texts. Which words count for what belongs to those who ask."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from dashboard.analytics.post_facts import KEY
from dashboard.analytics.stopwords import is_stopword

Keys = npt.NDArray[np.uint64]  # the KEY of posts
Places = npt.NDArray[np.int64]  # of posts in an index
Counts = npt.NDArray[np.int64]  # by the number of a word


@dataclass(frozen=True)
class WordIndex:
    """Posts with different words, each identified by its KEY, and the words that each of them has, once.

    `is_telling` says of each word whether it has three letters in a row and isn't a stopword.
    """

    keys: Keys  # ascending
    lengths: Counts  # how many words each post has
    numbers: npt.NDArray[np.uint32]  # those of the words of all posts, one post after the other
    words: pl.Series  # by their numbers
    is_telling: npt.NDArray[np.bool_]

    def find(self, keys: Keys) -> Places | None:
        """Return the places of posts, None if one of them isn't here."""
        places = np.minimum(np.searchsorted(self.keys, keys), self.keys.size - 1)
        return places if self.keys.size and (self.keys[places] == keys).all() else None

    def count(self, places: Places) -> Counts:
        """Return in how many of these posts each word is."""
        lengths = self.lengths[places]
        starts = np.cumsum(self.lengths)[places] - lengths
        chosen = np.arange(lengths.sum()) + np.repeat(starts - (np.cumsum(lengths) - lengths), lengths)
        return np.bincount(self.numbers[chosen], minlength=self.words.len())


WordIndexer = Callable[[str, Keys], tuple[WordIndex, Places]]  # an account and some of its posts -> an index, and their places in it


def index_words(table: pl.DataFrame) -> WordIndex:
    """Return the index of posts. `table` has KEY and `unique_words`, as lexicon.list_words returns them."""
    posts = table.unique(KEY).sort(KEY)
    occurrences = posts["unique_words"].explode().drop_nulls()  # a post without words has one that is null
    words = occurrences.unique()
    is_telling = pl.DataFrame([words.alias("word")]).select(
        pl.col("word").str.contains(r"\p{Alphabetic}{3}") & ~is_stopword(pl.col("word"))
    )
    return WordIndex(
        posts[KEY].to_numpy(),
        posts["unique_words"].list.len().cast(pl.Int64).to_numpy(),
        occurrences.cast(pl.Enum(words)).to_physical().cast(pl.UInt32).to_numpy(),
        words,
        is_telling.to_series().to_numpy(),
    )
