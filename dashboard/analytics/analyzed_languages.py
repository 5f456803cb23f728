"""Decide the languages of posts that were analyzed before, and which of their scores count then.

Only the evidence of each post is stored, because what its account usually posts in depends on which posts are shown. Scores of a post whose
language is unsure are stored twice if they may differ: as if it were in English, and as if it were in its `variant`. Finding the evidence
belongs in `language_filter`.
"""

from collections.abc import Set as AbstractSet

import polars as pl

from dashboard.analytics import language_filter

VARIANT_PREFIX = "variant_"  # of the columns with scores of a post as if it were in its variant
ENGLISH = "en"


def find_variants(posts: pl.DataFrame, languages: AbstractSet[str]) -> pl.Series:
    """Return the language that each post with unsure evidence is probably in, null if that is English or not among `languages`.

    `posts` has account, kind, language and is_sure, and as many posts of each account as are known.
    """
    habits = language_filter.find_habits(posts)
    likely = posts[["account", "language", "is_sure"]].join(habits, on="account", how="left", maintain_order="left")
    language = pl.coalesce("habit", "language")
    is_variant = ~pl.col("is_sure") & (language != ENGLISH) & language.is_in(list(languages))
    return likely.select(variant=pl.when(is_variant).then(language))["variant"]


def decide(rows: pl.DataFrame, habits: pl.DataFrame) -> pl.DataFrame:
    """Return rows of posts with the decided `language`, null if it is English or can't be determined; `habits` are of their accounts."""
    return rows.with_columns(language_filter.decide_languages(rows, habits).alias("language"))


def choose_scores(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Return decided rows with the scores in their language in `columns`, null if they weren't scored in it, without variants.

    Rows of methods that score every post in the same way have no variants and stay as they are.
    """
    if VARIANT_PREFIX + columns[0] not in rows.columns:
        return rows
    is_variant = (pl.col("variant") == pl.col("language")).fill_null(value=False)
    is_scored = pl.col("is_sure") | pl.col("language").is_null()
    chosen = [
        pl.when(is_variant).then(VARIANT_PREFIX + column).when(is_scored).then(column).otherwise(None).alias(column) for column in columns
    ]
    return rows.with_columns(chosen).drop(VARIANT_PREFIX + column for column in columns)
