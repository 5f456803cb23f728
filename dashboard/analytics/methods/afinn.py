"""AFINN: English words and phrases with points from −5 to 5 (Nielsen 2011; lexicons/README.md). Tokens are lexicon's, nothing else is.

An entry of several words, written with blanks or hyphens, is found where these words follow one another, however they are parted: a
hyphen parts words, and people leave it out. From left to right the longest entry counts, and the words it takes count in no other.
"""

import re
from functools import cache

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer
from dashboard.core.methods import PredictProbabilities

SUM_COLUMNS = ("matched", "positive", "negative")


def score(posts: pl.DataFrame) -> pl.DataFrame:
    """Add to each post words, matched (words that entries take), positive and negative (points, both ≥ 0), score (their difference).

    `can’t stand` is the list's `can't stand`. A post without text has no words.
    """
    rows = posts.with_row_index("_row").with_columns(_words=lexicon.extract_words(pl.col("text").fill_null("")))
    found = (
        rows.select("_row", unit=merge_phrases(pl.col("_words")))
        .explode("unit")
        .join(load_lexicon(), on="unit")
        .group_by("_row")
        .agg(pl.col(SUM_COLUMNS).sum())
    )
    return (
        rows.with_columns(words=pl.col("_words").list.len().cast(pl.Int64))
        .join(found, on="_row", how="left", maintain_order="left")
        .with_columns(pl.col(SUM_COLUMNS).fill_null(0))
        .with_columns(score=(pl.col("positive") - pl.col("negative")).cast(pl.Float64))
        .drop("_row", "_words")
    )


def merge_phrases(words: pl.Expr) -> pl.Expr:
    """Return lists of words as lists of units: entries' words as `listed` writes them, and each other word alone."""
    return _join_words(words).str.replace_all("’", "'", literal=True).str.extract_all(_term_pattern())


@cache
def load_lexicon() -> pl.DataFrame:
    """Return the list: unit (an entry's words as `_joined` writes them), matched (how many), positive, negative (Int64), a row an entry."""
    entries = pl.read_csv(
        lexicon.LEXICON_DIR / "afinn.txt",
        separator="\t",
        has_header=False,
        quote_char=None,
        schema={"entry": pl.String, "points": pl.Int64},
    )
    words, points = lexicon.extract_words(pl.col("entry")), pl.col("points")
    return entries.select(
        unit=_join_words(words),
        matched=words.list.len().cast(pl.Int64),
        positive=points.clip(lower_bound=0),
        negative=-points.clip(upper_bound=0),
    )


def _join_words(words: pl.Expr) -> pl.Expr:
    """Return words as one text in which each stands between blanks of its own, so that matches that follow one another do not overlap."""
    return pl.concat_str(pl.lit(" "), words.list.join("  "), pl.lit(" "))


@cache
def _term_pattern() -> str:
    """Return a pattern that cuts such a text into units: the longest phrase that begins at a word, else the word."""
    phrases = load_lexicon().filter(pl.col("matched") > 1).sort("matched", "unit", descending=True)["unit"]
    return f"{'|'.join(map(re.escape, phrases))}| [^ ]+ "


class AfinnScorer(TextScorer):
    """Looks up words and phrases; people may write an apostrophe either way."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts by the list, as `score` does."""
        return score(posts)

    def find_units(self) -> pl.Expr:
        """Return the list of entries and single words of each text."""
        return merge_phrases(super().find_units())

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word, points of the list; the word is the unit as people write it."""
        points = (pl.col("positive") - pl.col("negative")).cast(pl.Float64)
        return load_lexicon().select("unit", word=lexicon.strip_unit(pl.col("unit")), points=points)

    def normalize_token(self, token: str) -> str:
        """Return the token with a straight apostrophe, as the list has it."""
        return token.replace("’", "'")


SCORER = AfinnScorer()
