"""Rank the words that contribute to an account's sentiment, and those that it uses more than the other accounts do.

The method's scorer decides what a word is and how much it weighs. For a method without a lexicon, the words are those that distinguish
positive posts from negative ones. Scoring whole posts belongs in `methods/`.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import polars as pl

from dashboard.analytics import lexicon, uncertainty
from dashboard.analytics.stopwords import is_stopword
from dashboard.analytics.uncertainty import Numbers
from dashboard.core.methods import METHODS
from dashboard.core.posts import iter_slices

WordLister = Callable[[pl.DataFrame], pl.DataFrame]  # posts -> what lexicon.list_words returns for them

MAX_WORDS = 500  # per account, by contribution
SIGNIFICANT_Z = 1.96  # chance alone exceeds it one time in twenty
_PRIOR_WORDS = 500  # weight of the prior, in words
_SCHEMA = {
    "account": pl.String,
    "word": pl.String,
    "polarity": pl.String,
    "count": pl.Int64,
    "posts": pl.Int64,
    "contribution": pl.Float64,
    "per_1000_words": pl.Float64,
    "difference": pl.Float64,
}


def rank_words(
    scored_posts: pl.DataFrame,
    method: str,
    accounts: Sequence[str],
    list_words: WordLister = lexicon.list_words,
    languages: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """Return one row per account and word, in the order of `accounts` and the strongest words of an account first.

    Columns: account, word, polarity, count, posts, contribution, per_1000_words, difference. `scored_posts` is what sentiment.score_posts
    returns for the same method. `contribution` is what the word adds to the account's sentiment, in the unit of the lexicon and without
    the method's rules. For a method without a lexicon it is the z-score by which the word distinguishes positive from negative posts, and
    only words beyond SIGNIFICANT_Z that aren't stopwords are listed. `difference` is the z-score by which the account uses the word more
    than all other accounts of its language together, null if there is no other. `languages` has the language of accounts that don't write
    in English.
    """
    language = pl.col("account").replace_strict(languages or {}, default="en", return_dtype=pl.String)
    totals = scored_posts.group_by("account").agg(_words=pl.col("words").sum()).with_columns(_language=language)
    entries = METHODS[method].load_scorer().load_entries()
    sums, group_keys = (
        (_contrast_words(scored_posts, list_words, language), ["word"])
        if entries is None
        else (_sum_matches(_find_matches(scored_posts, entries)), ["word", "polarity"])
    )
    strength = pl.col("contribution").abs()
    order = pl.col("account").replace_strict({account: index for index, account in enumerate(accounts)}, return_dtype=pl.Int64)
    return (
        _add_difference(sums, totals, group_keys)
        .with_columns(per_1000_words=pl.col("count") * 1000 / pl.col("_words"))
        .with_columns(pl.col("contribution", "difference").round(9))  # the order of summation changes the last digits
        .filter(pl.col("polarity") != "none")
        .sort(order, strength, "word", "polarity", descending=[False, True, False, True])
        .filter(pl.int_range(pl.len()).over("account") < MAX_WORDS)
        .select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())
    )


@np.errstate(divide="ignore", invalid="ignore")
def log_odds_z(count: Numbers, total: Numbers | float, other_count: Numbers, other_total: Numbers | float) -> Numbers:
    """Return by how many standard errors the odds of a word in one set of words exceed those in the other.

    `count` of `total` words in the one set and `other_count` of `other_total` in the other are the word. The formula is the log-odds ratio
    with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, Political Analysis 16, 372-403, eq. 16, 20-22): a priori, each
    set uses the word as often as both together do, with the weight of _PRIOR_WORDS words.
    """
    prior = _PRIOR_WORDS * (count + other_count) / (total + other_total)
    here, there = count + prior, other_count + prior
    odds = np.log(here) - np.log(total + _PRIOR_WORDS - here) - np.log(there) + np.log(other_total + _PRIOR_WORDS - there)
    return odds / np.sqrt(1 / here + 1 / there)


def _find_matches(scored_posts: pl.DataFrame, entries: pl.DataFrame) -> pl.DataFrame:
    """Return account, _row, word, points: one row per occurrence of a lexicon entry that has points."""
    weighted_entries = entries.filter(pl.col("points") != 0)
    return pl.concat(
        part.select("account", "_row", unit="hits").explode("unit").drop_nulls("unit").join(weighted_entries, on="unit").drop("unit")
        for part in iter_slices(scored_posts.with_row_index("_row"))
    )


def _sum_matches(matches: pl.DataFrame) -> pl.DataFrame:
    polarity = pl.when(pl.col("points") > 0).then(pl.lit("positive")).otherwise(pl.lit("negative"))
    return matches.group_by("account", "word", polarity.alias("polarity")).agg(
        count=pl.len().cast(pl.Int64),
        posts=pl.col("_row").n_unique().cast(pl.Int64),
        contribution=pl.col("points").sum(),
    )


def _all_words(words: pl.DataFrame) -> pl.Series:
    return words.select(words=pl.concat_list("unique_words", "repeated_words")).to_series()


def _contrast_words(scored_posts: pl.DataFrame, list_words: WordLister, language: pl.Expr) -> pl.DataFrame:
    """Return account, word, polarity, count, posts, contribution of every word; words that distinguish nothing have the polarity `none`."""
    parts = [
        part.select("account", "_row", "positive", "negative", word=_all_words(list_words(part)))
        .explode("word")
        .drop_nulls("word")
        .group_by("account", "word")
        .agg(
            pl.col("positive", "negative").sum().cast(pl.Float64),
            count=pl.len().cast(pl.Int64),
            posts=pl.col("_row").n_unique().cast(pl.Int64),
        )
        for part in iter_slices(scored_posts.with_row_index("_row"))
    ]
    sides = [pl.col(side).sum().over("account").alias(f"all_{side}") for side in ("positive", "negative")]
    sums = pl.concat(parts).group_by("account", "word").agg(pl.col("positive", "negative", "count", "posts").sum()).with_columns(*sides)
    z = log_odds_z(*uncertainty.read_numbers(sums, "positive", "all_positive", "negative", "all_negative"))
    is_content_word = pl.col("word").str.contains(r"\p{Alphabetic}") & ~is_stopword(
        pl.col("word"), language=language, include_negations=False
    )
    is_comparable = (pl.col("all_positive") > 0) & (pl.col("all_negative") > 0) & is_content_word
    contrasts = sums.with_columns(contribution=pl.when(is_comparable).then(pl.Series(z)).otherwise(0.0).fill_nan(0.0))
    polarity = (
        pl.when(pl.col("contribution") >= SIGNIFICANT_Z)
        .then(pl.lit("positive"))
        .when(pl.col("contribution") <= -SIGNIFICANT_Z)
        .then(pl.lit("negative"))
    )
    return contrasts.with_columns(polarity=polarity.otherwise(pl.lit("none")))


def _add_difference(sums: pl.DataFrame, totals: pl.DataFrame, group_keys: list[str]) -> pl.DataFrame:
    """Add each account's total words, and `difference`, which is null if no other account has its language."""
    totals = totals.with_columns(_all_words=pl.col("_words").sum().over("_language"), _accounts=pl.len().over("_language"))
    table = sums.join(totals, on="account").with_columns(_all=pl.col("count").sum().over("_language", *group_keys))
    count, account_total, all_counts, all_words = uncertainty.read_numbers(table, "count", "_words", "_all", "_all_words")
    z = log_odds_z(count, account_total, all_counts - count, all_words - account_total)
    difference = pl.Series(np.where(np.isfinite(z), z, 0.0), dtype=pl.Float64)  # it isn't finite if all posts are of one word
    return table.with_columns(difference=pl.when(pl.col("_accounts") > 1).then(difference))
