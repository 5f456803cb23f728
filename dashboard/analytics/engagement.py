"""What posts got: the reactions that networks count beside how each post sounds. What nobody counted is null, never 0."""

from collections.abc import Sequence

import polars as pl

from dashboard.core import sharing_terms
from dashboard.core.accounts import Account

REACTION_COLUMNS = ("likes", "reposts", "replies", "quotes")  # views are no reaction
POLARITIES = ("negative", "neutral", "positive")
_COLUMNS = ("account", "id", "start", "score", "polarity", *REACTION_COLUMNS, "views", "reactions")
_INVERSE_TAIL_PROBABILITY = 40  # samples may miss the median on either side


def engagement(scored_posts: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return a row a post: account, id, start (when, in `tz`), score, polarity, likes, reposts, replies, quotes, views, reactions.

    `scored` is sentiment.scored's. reactions is the sum of those that are known of likes, reposts, replies and quotes, null if none is.
    Reposts are left out: what is counted of them is counted of the original.
    """
    known = pl.any_horizontal(pl.col(name).is_not_null() for name in REACTION_COLUMNS)
    leaning = pl.col("positive") - pl.col("negative")
    return (
        scored_posts.filter(pl.col("kind") != "repost")
        .with_columns(start=pl.col("created_at").dt.truncate("1s").dt.convert_time_zone(tz))
        .with_columns(
            polarity=pl.when(leaning > 0).then(pl.lit("positive")).when(leaning < 0).then(pl.lit("negative")).otherwise(pl.lit("neutral"))
        )
        .with_columns(reactions=pl.when(known).then(pl.sum_horizontal(*REACTION_COLUMNS)))
        .select(_COLUMNS)
    )


def limit_rows(table: pl.DataFrame, accounts: Sequence[Account], max_rows: int) -> pl.DataFrame:
    """Return the rows that are listed, in the order they had: at most `max_rows`, and of each network as many as its terms allow.

    Rows are left out from the oldest on, so that accounts keep equally many.
    """
    turn = pl.col("start").rank("ordinal", descending=True).over("account")
    numbered = table.with_row_index("_row").sort(turn, "_row")
    kept = numbered.filter(sharing_terms.is_within_limit(accounts)).head(max_rows)
    return kept.sort("_row").drop("_row")


def median_reactions(table: pl.DataFrame) -> pl.DataFrame:
    """Return account, polarity, posts, score (the middle one), median, low, high: reactions of the posts that have counts.

    low and high are the 95 % interval of the median by order statistics: the values so many places from either end that fewer than one in
    twenty samples have the median beyond them, whatever the distribution (Conover 1999, Practical Nonparametric Statistics, 3.2; David
    and Nagaraja 2003, Order Statistics, 7.1). Fewer than six posts have none: null.
    """
    counted = table.drop_nulls("reactions").sort("reactions")
    grouped = counted.group_by("account", "polarity").agg(
        pl.len().cast(pl.Int64).alias("posts"),
        pl.col("score").quantile(0.5, "lower"),
        pl.col("reactions").median().alias("median"),
        pl.col("reactions").alias("_sorted"),
    )
    sizes = grouped.select("posts").unique()
    places = sizes.with_columns(_place=pl.Series([median_bound_rank(size) for size in sizes["posts"]], dtype=pl.Int64))
    low, high = pl.col("_place") - 1, pl.col("posts") - pl.col("_place")
    order = pl.col("polarity").cast(pl.Enum(POLARITIES))
    return (
        grouped.join(places, on="posts", how="left")
        .with_columns(low=pl.col("_sorted").list.get(low), high=pl.col("_sorted").list.get(high))
        .sort("account", order)
        .select("account", "polarity", "posts", "score", "median", "low", "high")
    )


def median_bound_rank(sample_size: int) -> int | None:
    """Return how many places from either end of so many sorted values the bounds of the median's interval stand, the first being 1.

    The greatest k for which a binomial(size, ½) is below k with a chance of at most one in forty.
    """
    ways, beyond, place = 1, 0, 0  # to choose as many places as there are below: whole numbers, for a fraction of 2^3200 is none
    while _INVERSE_TAIL_PROBABILITY * (beyond + ways) <= 2**sample_size:
        beyond, ways, place = beyond + ways, ways * (sample_size - place) // (place + 1), place + 1
    return place or None
