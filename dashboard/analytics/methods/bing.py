"""Hu and Liu's opinion lexicon (2004): words that are positive or negative, counted. What a word is, `lexicon` decides."""

from functools import cache

import polars as pl

from dashboard.analytics import lexicon


def score(posts: pl.DataFrame) -> pl.DataFrame:
    """Add to each post its words and those that Hu and Liu (2004) list: words, matched, positive, negative, score (= positive − negative).

    A word on both sides counts once on each, as in tidytext's inner join, and once in `matched`.
    """
    return lexicon.count_matches(posts, load_lexicon()).with_columns(score=(pl.col("positive") - pl.col("negative")).cast(pl.Float64))


@cache
def load_lexicon() -> pl.DataFrame:
    """Return Hu and Liu's opinion lexicon (lexicons/README.md): word, positive, negative (0 or 1), a row a word."""
    rows = pl.read_csv(lexicon.LEXICON_DIR / "bing.csv")
    sides = {side: (pl.col("polarity") == side).any().cast(pl.Int64) for side in ("positive", "negative")}
    return rows.group_by("word").agg(**sides)
