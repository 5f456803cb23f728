"""Score posts with AFINN: English words and phrases with points from −5 to 5 (Nielsen 2011; lexicons/README.md).

A phrase, written with spaces or hyphens in the lexicon, matches wherever its words follow one another, whatever separates them, because
people often leave out hyphens. Matching goes from left to right and prefers the longest entry; each word belongs to one match at most.
Tokenization belongs in `analytics.lexicon`.
"""

import re
from functools import cache

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import TextScorer
from dashboard.core import look_alikes
from dashboard.core.methods import PredictProbabilities

SUM_COLUMNS = ("matched", "positive", "negative")


def score(posts: pl.DataFrame) -> pl.DataFrame:
    """Add words, matched (words in entries), positive and negative (points, both ≥ 0) and score (their difference) to each post.

    `hits` has the units that are in the lexicon.
    Apostrophes match whatever was typed for them, as in `can’t stand`. A post without text has 0 words.
    """
    rows = posts.with_row_index("_row").with_columns(_words=_extract_words())
    sums = (
        rows.select("_row", unit=merge_phrases(pl.col("_words")))
        .explode("unit")
        .join(load_lexicon(), on="unit", maintain_order="left")
        .group_by("_row", maintain_order=True)
        .agg(pl.col(SUM_COLUMNS).sum(), pl.col("unit").alias("hits"))
    )
    return (
        rows.with_columns(words=pl.col("_words").list.len().cast(pl.Int64))
        .join(sums, on="_row", how="left", maintain_order="left")
        .with_columns(pl.col(SUM_COLUMNS).fill_null(0), pl.col("hits").fill_null([]))
        .with_columns(score=(pl.col("positive") - pl.col("negative")).cast(pl.Float64))
        .drop("_row", "_words")
    )


def merge_phrases(words: pl.Expr) -> pl.Expr:
    """Turn lists of words into lists of units: phrases as load_lexicon writes them, and all other words alone."""
    return _join_words(words).str.extract_all(_term_pattern())


@cache
def load_lexicon() -> pl.DataFrame:
    """Return one row per entry: unit (its words, joined by _join_words), matched (how many words), positive, negative (all Int64)."""
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


def _extract_words() -> pl.Expr:
    return lexicon.extract_words(lexicon.fold_apostrophes(pl.col("text").fill_null("")))


def _join_words(words: pl.Expr) -> pl.Expr:
    """Join words into one text with a space on either side of each, so that consecutive matches don't overlap."""
    return pl.concat_str(pl.lit(" "), words.list.join("  "), pl.lit(" "))


@cache
def _term_pattern() -> str:
    """Return a pattern that matches the units of joined words: the longest phrase that begins at a word, otherwise the word."""
    phrases = load_lexicon().filter(pl.col("matched") > 1).sort("matched", "unit", descending=True)["unit"]
    return f"{'|'.join(map(re.escape, phrases))}| [^ ]+ "


class AfinnScorer(TextScorer):
    """A scorer that looks up words and phrases, with any kind of apostrophe."""

    def score(self, posts: pl.DataFrame, labeller: PredictProbabilities | None = None) -> pl.DataFrame:
        """Score posts, as the function `score` does."""
        return score(posts)

    def find_units(self) -> pl.Expr:
        """Return an expression for the list of phrases and single words of each text."""
        return merge_phrases(_extract_words())

    def load_entries(self) -> pl.DataFrame | None:
        """Return unit, word and points of the lexicon; the word is the unit as people write it."""
        points = (pl.col("positive") - pl.col("negative")).cast(pl.Float64)
        return load_lexicon().select("unit", word=lexicon.strip_unit(pl.col("unit")), points=points)

    def blank_ignored_text(self, text: str) -> str:
        """Return the text without web addresses and with straight apostrophes, as in the lexicon."""
        return look_alikes.fold_apostrophes(super().blank_ignored_text(text))


SCORER = AfinnScorer()
