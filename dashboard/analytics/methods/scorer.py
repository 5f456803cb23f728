"""How methods read posts unless they have a way of their own: what a word is, and how a plain list of words is counted.

Scorers of methods inherit from these two classes and override what they do differently. What people read of a method is in `registry.py`.
"""

import re
from collections.abc import Callable

import polars as pl

from dashboard.analytics import lexicon
from dashboard.core.methods import PredictProbabilities


class TextScorer:
    """A scorer without a list: words are those of the text, web addresses aside. `score` is missing."""

    def find_units(self) -> pl.Expr:
        """Return the list of words of each text."""
        return lexicon.extract_words(pl.col("text").fill_null(""))

    def load_entries(self) -> pl.DataFrame | None:
        """Return None: there is no list."""
        return None

    def blank_ignored_text(self, text: str) -> str:
        """Return a text with blanks instead of web addresses."""
        return re.sub(lexicon.URL_PATTERN, blank_match, text)

    def normalize_token(self, token: str) -> str:
        """Return the token as it is."""
        return token


class WordListScorer(TextScorer):
    """A scorer that counts the words of a list: `load_list` returns word, positive, negative (Int64), a row per word.

    A word on both sides counts once on each, as in tidytext's inner join, and once in `matched`.
    """

    def __init__(self, load_list: Callable[[], pl.DataFrame]) -> None:
        self._load_list = load_list

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Add to each post words, matched, positive, negative, score (= positive − negative)."""
        counts = lexicon.count_matches(posts, self._load_list())
        return counts.with_columns(score=(pl.col("positive") - pl.col("negative")).cast(pl.Float64))

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word, points: a row for each side of each word, with 0 points if the word is not on it."""
        words, sides = self._load_list(), [pl.col("positive"), -pl.col("negative")]
        return pl.concat(words.select("word", unit="word", points=side.cast(pl.Float64)) for side in sides)


def blank_match(match: re.Match[str]) -> str:
    """Return as many blanks as a match has characters."""
    return " " * len(match[0])
