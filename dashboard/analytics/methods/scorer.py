"""Provide the base classes of the scorers: how to find words in a text, and how to count the words of a plain list.

The scorer of a method inherits from one of them and overrides what it does differently. Texts about a method belong in `registry.py`.
"""

import hashlib
import re
import sys
from collections.abc import Callable

import polars as pl

from dashboard.analytics import lexicon, segmentation
from dashboard.core import look_alikes, post_text
from dashboard.core.code_digest import digest_modules
from dashboard.core.methods import PredictProbabilities
from dashboard.core.post_text import URL_PATTERN


class TextScorer:
    """A scorer without a lexicon: all words of a text count, except web addresses. Subclasses add `score`."""

    def find_units(self) -> pl.Expr:
        """Return an expression for the list of words of each text."""
        return lexicon.extract_words(pl.col("text").fill_null(""))

    def load_entries(self) -> pl.DataFrame | None:
        """Return None, because there is no lexicon."""
        return None

    def digest(self) -> str:
        """Return a digest of the scorer's code, of the tokenizer and of the list: posts have other scores only if it differs."""
        entries = self.load_entries()
        list_digest = "" if entries is None else hashlib.blake2b(entries.write_csv().encode()).hexdigest()
        own_modules = [sys.modules[base.__module__] for base in type(self).__mro__ if base is not object]
        return digest_modules(
            [*own_modules, lexicon, segmentation, look_alikes, post_text], pl.__version__, list_digest, segmentation.describe_version()
        )

    def blank_ignored_text(self, text: str) -> str:
        """Return the text as the scorer sees it: web addresses are replaced with spaces, and styled letters with plain ones.

        No character changes its position.
        """
        return look_alikes.fold_letters(re.sub(URL_PATTERN, blank_match, text))


class WordListScorer(TextScorer):
    """A scorer that counts the words of a list: `load_list` returns word, positive, negative (Int64), one row per word.

    A word that is both positive and negative counts once for each, as in tidytext's inner join, and once in `matched`.
    """

    def __init__(self, load_list: Callable[[], pl.DataFrame]) -> None:
        self._load_list = load_list

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Add words, matched, positive, negative, score (positive − negative) and hits to each post."""
        counts = lexicon.count_matches(posts, self._load_list())
        return counts.with_columns(score=(pl.col("positive") - pl.col("negative")).cast(pl.Float64))

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word, points: two rows per word, one for each polarity, with 0 points if the word doesn't have it."""
        words, sides = self._load_list(), [pl.col("positive"), -pl.col("negative")]
        return pl.concat(words.select("word", unit="word", points=side.cast(pl.Float64)) for side in sides)


def blank_match(match: re.Match[str]) -> str:
    """Return as many spaces as the match has characters."""
    return " " * len(match[0])
