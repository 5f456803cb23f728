"""Posts as sums that can be added: a post is a row that stands for one post, and rows can be merged into rows that stand for many.

Sums of parts are exactly the sums of the whole, in whatever order they are added, because every sum is a whole number: scores are counted
in units of 1/SCORE_UNITS. So the same functions answer from posts and from what `chorus analyze` wrote. What sums mean belongs in
`sentiment`, and where they are stored, in `sources.files`.
"""

import polars as pl

SCORE_UNITS = 1_000_000  # per point of a score; VADER's have four digits
SQUARE_UNITS = 100_000_000  # per point of a squared score; those of VADER's have eight digits
_ONE = pl.lit(1, pl.Int64).alias("posts")
_BOTH = pl.col("positive") + pl.col("negative")
_SUMS = {
    "words": pl.col("words"),
    "matched": pl.col("matched"),
    "positive": pl.col("positive"),
    "negative": pl.col("negative"),
    "score": (pl.col("score") * SCORE_UNITS).round(),
    # Those that confidence intervals need:
    "score_score": (pl.col("score") ** 2 * SQUARE_UNITS).round(),
    "positive_positive": pl.col("positive") ** 2,
    "positive_both": pl.col("positive") * _BOTH,
    "both_both": _BOTH**2,
    "opinionated": _BOTH > 0,
}
SUM_COLUMNS = ("posts", *_SUMS)
_SUMS_OF_POST = [expression.cast(pl.Int64).alias(name) for name, expression in _SUMS.items()]
_KNOWN_MATCHES = pl.when(pl.col("matched").null_count() == 0).then(pl.col("matched").sum()).alias("matched")
_TOTALS = [_KNOWN_MATCHES if name == "matched" else pl.col(name).sum() for name in SUM_COLUMNS]


def count_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Return rows with `posts` (Int64), how many posts each stands for: 1 for a post. Rows that have it stay as they are."""
    return rows if "posts" in rows.columns else rows.with_columns(_ONE)


def split_sums(rows: pl.DataFrame) -> pl.DataFrame:
    """Return scored posts with SUM_COLUMNS (Int64), each as the sums of one post. Rows that are sums stay as they are."""
    if "score_score" in rows.columns:
        return rows
    return count_each(rows).with_columns(_SUMS_OF_POST)


def merge_sums(rows: pl.DataFrame, *group_keys: pl.Expr | str) -> pl.DataFrame:
    """Return the group keys and SUM_COLUMNS (Int64), one row per group. `matched` is null if it is unknown for any post of the group."""
    return split_sums(rows).group_by(*group_keys).agg(_TOTALS)


def restore_scores(sums: pl.DataFrame) -> pl.DataFrame:
    """Return merged sums with the sums of scores (Float64) in points instead of units."""
    return sums.with_columns(score=pl.col("score") / SCORE_UNITS, score_score=pl.col("score_score") / SQUARE_UNITS)
