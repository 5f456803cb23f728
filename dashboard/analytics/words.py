"""Which words made an account's sentiment, and which it uses more than the others do. Posts in, one row an account and word out.

What a word is and what it weighs, the method's scorer says. Without a list the words are those that tell the method's positive posts from
its negative ones.
"""

from collections.abc import Sequence

import polars as pl

from dashboard.analytics.methods.registry import METHODS
from dashboard.analytics.stopwords import is_stopword

MAX_WORDS = 500  # words of an account in the table, by contribution
SIGNIFICANT_Z = 1.96  # a z-score that chance alone reaches once in twenty times
_PRIOR_WORDS = 500  # words: how much the whole's use of a word weighs before the account's own is seen
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


def rank_words(scored_posts: pl.DataFrame, method: str, accounts: Sequence[str]) -> pl.DataFrame:
    """Return account, word, polarity, count, posts, contribution, per_1000_words, difference: accounts in the order given, the
    strongest words first.

    `scored_posts` is what sentiment.score_posts returns for the same method. contribution: what the word adds to the account's sentiment,
    in the unit of the method's list (without its rules, if it has any); for a method without a list the z-score by which the word tells
    positive from negative posts, of words beyond SIGNIFICANT_Z alone, without those of grammar. difference: the z-score by which the
    account uses it more than the others together; null with one account.
    """
    totals = scored_posts.group_by("account").agg(_words=pl.col("words").sum())
    scorer = METHODS[method].load_scorer()
    entries = scorer.load_entries()
    sums, alike = (
        (_contrast_words(scored_posts, scorer.find_units()), ["word"])
        if entries is None
        else (_sum_matches(_find_matches(scored_posts, scorer.find_units(), entries)), ["word", "polarity"])
    )
    strongest = pl.col("contribution").abs()
    order = pl.col("account").replace_strict({account: place for place, account in enumerate(accounts)}, return_dtype=pl.Int64)
    return (
        _add_difference(sums, totals, alike)
        .with_columns(per_1000_words=pl.col("count") * 1000 / pl.col("_words"))
        .with_columns(pl.col("contribution", "difference").round(9))  # sums of fractions end otherwise in another order
        .filter(pl.col("polarity") != "none")
        .sort(order, strongest, "word", "polarity", descending=[False, True, False, True])
        .filter(pl.int_range(pl.len()).over("account") < MAX_WORDS)
        .select(pl.col(name).cast(dtype) for name, dtype in _SCHEMA.items())
    )


def log_odds_z(count: pl.Expr, total: pl.Expr, other_count: pl.Expr, other_total: pl.Expr) -> pl.Expr:
    """Return by how many standard errors the odds of a word in one set of words exceed those in the other.

    Log-odds ratio with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008, Political Analysis 16, 372-403, eq. 16, 20-22):
    before a text is seen, each side uses the word as both together do, with the weight of _PRIOR words.
    """
    prior = _PRIOR_WORDS * (count + other_count) / (total + other_total)
    here, there = count + prior, other_count + prior
    odds = here.log() - (total + _PRIOR_WORDS - here).log() - there.log() + (other_total + _PRIOR_WORDS - there).log()
    return odds / (1 / here + 1 / there).sqrt()


def _find_matches(scored_posts: pl.DataFrame, units: pl.Expr, entries: pl.DataFrame) -> pl.DataFrame:
    """Return account, _row, word, points: a row each time an entry of the method's list that has points stands in a post."""
    rows = scored_posts.with_row_index("_row").select("account", "_row", unit=units).explode("unit").drop_nulls("unit")
    return rows.join(entries.filter(pl.col("points") != 0), on="unit").drop("unit")


def _sum_matches(matches: pl.DataFrame) -> pl.DataFrame:
    polarity = pl.when(pl.col("points") > 0).then(pl.lit("positive")).otherwise(pl.lit("negative"))
    return matches.group_by("account", "word", polarity.alias("polarity")).agg(
        count=pl.len().cast(pl.Int64),
        posts=pl.col("_row").n_unique().cast(pl.Int64),
        contribution=pl.col("points").sum(),
    )


def _contrast_words(scored_posts: pl.DataFrame, units: pl.Expr) -> pl.DataFrame:
    """Return account, word, polarity, count, posts, contribution of every word; `none` is the polarity of those that tell nothing."""
    rows = scored_posts.with_row_index("_row").select("account", "_row", "positive", "negative", word=units)
    sides = [pl.col(side).sum().over("account").cast(pl.Float64).alias(f"all_{side}") for side in ("positive", "negative")]
    sums = (
        rows.explode("word")
        .drop_nulls("word")
        .with_columns(*sides)
        .group_by("account", "word")
        .agg(
            pl.col("positive", "negative").sum().cast(pl.Float64),
            pl.col("all_positive", "all_negative").first(),
            count=pl.len().cast(pl.Int64),
            posts=pl.col("_row").n_unique().cast(pl.Int64),
        )
    )
    z = log_odds_z(pl.col("positive"), pl.col("all_positive"), pl.col("negative"), pl.col("all_negative"))
    meant = pl.col("word").str.contains(r"\p{Alphabetic}") & ~is_stopword(pl.col("word"), include_negations=False)
    known = (pl.col("all_positive") > 0) & (pl.col("all_negative") > 0) & meant
    told = sums.with_columns(contribution=pl.when(known).then(z).otherwise(0.0).fill_nan(0.0))
    side = (
        pl.when(pl.col("contribution") >= SIGNIFICANT_Z)
        .then(pl.lit("positive"))
        .when(pl.col("contribution") <= -SIGNIFICANT_Z)
        .then(pl.lit("negative"))
    )
    return told.with_columns(polarity=side.otherwise(pl.lit("none")))


def _add_difference(sums: pl.DataFrame, totals: pl.DataFrame, group_keys: list[str]) -> pl.DataFrame:
    """Add each account's words, and `difference`; null with one account, for there is nobody to differ from."""
    counts = pl.col("count").cast(pl.Float64)
    size, whole = pl.col("_words").cast(pl.Float64), float(totals["_words"].sum())
    z = log_odds_z(counts, size, counts.sum().over(group_keys) - counts, whole - size)
    none = pl.lit(0.0) if totals.height > 1 else pl.lit(None, pl.Float64)  # where everybody says one word and nothing else, z is no number
    return sums.join(totals, on="account").with_columns(difference=pl.when(z.is_finite() & (totals.height > 1)).then(z).otherwise(none))
