"""Which words made an account's sentiment, and which it uses more than the others do. Posts in, one row an account and word out.

What a word is, the method's own module says. Where a model labels whole posts no list names the words; then they are those that tell its
positive posts from its negative ones.
"""

from collections.abc import Sequence

import polars as pl

from dashboard.analytics import lexicon
from dashboard.analytics.methods import afinn, bing, vader
from dashboard.analytics.sentiment import Method
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


def rank_words(scored_posts: pl.DataFrame, method: Method, accounts: Sequence[str]) -> pl.DataFrame:
    """Return account, word, polarity, count, posts, contribution, per_1000_words, difference: accounts in the order given, the
    strongest words first.

    `scored` is what sentiment.scored returns of the same method. contribution: what the word adds to the account's sentiment, as words
    (bing), points (afinn) or valences (vader: without its rules, so approximately); for `model` the z-score by which the word tells
    positive from negative posts, of words beyond SURE alone, without those of grammar. difference: the z-score by which the account uses
    it more than the others together; null with one account.
    """
    totals = scored_posts.group_by("account").agg(_words=pl.col("words").sum())
    sums, alike = (
        (_contrast_words(scored_posts), ["word"])
        if method == "model"
        else (_sum_matches(_find_matches(scored_posts, method)), ["word", "polarity"])
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


def _find_matches(scored_posts: pl.DataFrame, method: Method) -> pl.DataFrame:
    """Return account, _row, word, points: a row each time a word of the method's list stands in a post."""
    tokens = {
        "bing": _extract_words(pl.col("text")),
        "afinn": afinn.merge_phrases(_extract_words(pl.col("text"))),
        "vader": _extract_words(vader.clean_text()),
    }[method]
    rows = scored_posts.with_row_index("_row").select("account", "_row", unit=tokens).explode("unit").drop_nulls("unit")
    return rows.join(_load_entries(method), on="unit").drop("unit")


def _load_entries(method: Method) -> pl.DataFrame:
    """Return unit (as it is found), word (as it is shown), points: a row a word, or two if it stands on both sides."""
    if method == "vader":
        return vader.load_lexicon().select("word", unit="word", points="valence")
    sides = (
        bing.load_lexicon().rename({"word": "unit"}) if method == "bing" else afinn.load_lexicon().select("unit", "positive", "negative")
    )
    both = pl.concat([sides.select("unit", points=pl.col("positive")), sides.select("unit", points=-pl.col("negative"))])
    shown = pl.col("unit").str.strip_chars().str.replace_all("  ", " ", literal=True)
    return both.filter(pl.col("points") != 0).select("unit", word=shown, points=pl.col("points").cast(pl.Float64))


def _sum_matches(matches: pl.DataFrame) -> pl.DataFrame:
    polarity = pl.when(pl.col("points") > 0).then(pl.lit("positive")).otherwise(pl.lit("negative"))
    return matches.group_by("account", "word", polarity.alias("polarity")).agg(
        count=pl.len().cast(pl.Int64),
        posts=pl.col("_row").n_unique().cast(pl.Int64),
        contribution=pl.col("points").sum(),
    )


def _contrast_words(scored_posts: pl.DataFrame) -> pl.DataFrame:
    """Return account, word, polarity, count, posts, contribution of every word; `none` is the polarity of those that tell nothing."""
    rows = scored_posts.with_row_index("_row").select("account", "_row", "positive", "negative", word=_extract_words(pl.col("text")))
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


def _extract_words(text: pl.Expr) -> pl.Expr:
    return lexicon.extract_words(text.fill_null(""))
