"""Score posts by counting the positive and negative words of Hu and Liu's opinion lexicon (2004).

Tokenization belongs in `analytics.lexicon`.
"""

from functools import cache

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods.scorer import WordListScorer


@cache
def load_lexicon() -> pl.DataFrame:
    """Return Hu and Liu's opinion lexicon (lexicons/README.md): word, positive, negative (0 or 1), one row per word."""
    rows = pl.read_csv(lexicon.LEXICON_DIR / "bing.csv")
    sides = {side: (pl.col("polarity") == side).any().cast(pl.Int64) for side in ("positive", "negative")}
    return rows.group_by("word", maintain_order=True).agg(**sides)


SCORER = WordListScorer(load_lexicon)
