"""Relate the reactions to a post to its sentiment. Reactions that a network doesn't count are null, never 0.

How a post is scored belongs in `methods/`.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl

from dashboard.analytics import significance
from dashboard.core import sharing_terms
from dashboard.core.accounts import Account
from dashboard.core.posts import REACTION_COLUMNS, list_author_column

POLARITIES = ("negative", "neutral", "positive")
_COLUMNS = ("account", "id", "start", "score", "polarity", *REACTION_COLUMNS, "views", "reactions")
_INVERSE_TAIL_PROBABILITY = 40  # at most one sample in 40 may miss the median on either side
_MAX_KEPT_RANKS = 4096  # one for each number of posts


def engagement(scored_posts: pl.DataFrame, tz: str) -> pl.DataFrame:
    """Return one row per post: account, id, start (when, in `tz`), score, polarity, likes, reposts, replies, quotes, views, reactions.

    `scored_posts` come from sentiment.score_posts. `reactions` is the sum of the known likes, reposts, replies and quotes, null if none is
    known. Reposts are left out, because networks report the original's reactions for them. AUTHOR is kept.
    """
    leaning = pl.col("positive") - pl.col("negative")
    return (
        scored_posts.filter(pl.col("kind") != "repost")
        .with_columns(
            start=pl.col("created_at").dt.truncate("1s").dt.convert_time_zone(tz),
            polarity=pl.when(leaning > 0).then(pl.lit("positive")).when(leaning < 0).then(pl.lit("negative")).otherwise(pl.lit("neutral")),
            reactions=sum_reactions(),
        )
        .select(*_COLUMNS, *list_author_column(scored_posts))
    )


def count_reactions(posts: pl.DataFrame) -> pl.DataFrame:
    """Return account, id, created_at, text and reactions of each post whose reactions are known, in their order; AUTHOR is kept.

    Reposts are left out, because networks report the original's reactions for them.
    """
    own_posts = posts.filter(pl.col("kind") != "repost")
    return own_posts.select("account", *list_author_column(posts), "id", "created_at", "text", reactions=sum_reactions()).drop_nulls(
        "reactions"
    )


def find_top_post(counted_posts: pl.DataFrame) -> dict[str, Any] | None:
    """Return the row of `count_reactions` with more reactions than any other; None if there isn't exactly one, or if it has none."""
    top = counted_posts.filter(pl.col("reactions") == pl.col("reactions").max(), pl.col("reactions") > 0)
    return top.row(0, named=True) if top.height == 1 else None


def limit_rows(table: pl.DataFrame, accounts: Sequence[Account], max_rows: int) -> pl.DataFrame:
    """Return the rows to list, in their original order: at most `max_rows`, and of each network as many as its terms allow.

    Each account's newest rows come first in the selection, so that accounts keep about equally many.
    """
    recency = pl.col("start").rank("ordinal", descending=True).over("account")
    newest_first = table.with_row_index("_row").sort(recency, "_row")
    listed = newest_first.filter(sharing_terms.is_within_limit(accounts)).head(max_rows)
    return listed.sort("_row").drop("_row")


def median_reactions(table: pl.DataFrame) -> pl.DataFrame:
    """Summarize the reactions of the posts that have counts, one row per account and polarity.

    Columns: account, polarity, posts, score (the lower median of the scores), median, low, high. `low` and `high` are the
    distribution-free 95 % interval of the median by order statistics (Conover 1999, Practical Nonparametric Statistics, 3.2; David and
    Nagaraja 2003, Order Statistics, 7.1), null for fewer than six posts.
    """
    counted = table.drop_nulls("reactions").sort("reactions")
    grouped = counted.group_by("account", "polarity").agg(
        pl.len().cast(pl.Int64).alias("posts"),
        pl.col("score").quantile(0.5, "lower"),
        pl.col("reactions").median().alias("median"),
        pl.col("reactions").alias("_sorted"),
    )
    sizes = grouped[["posts"]].unique()
    ranks = sizes.with_columns(_rank=pl.Series([median_bound_rank(size) for size in sizes["posts"]], dtype=pl.Int64))
    low, high = pl.col("_rank") - 1, pl.col("posts") - pl.col("_rank")
    order = pl.col("polarity").cast(pl.Enum(POLARITIES))
    return (
        grouped.join(ranks, on="posts", how="left")
        .with_columns(low=pl.col("_sorted").list.get(low), high=pl.col("_sorted").list.get(high))
        .sort("account", order)
        .select("account", "polarity", "posts", "score", "median", "low", "high")
    )


def find_clear_contrasts(table: pl.DataFrame) -> frozenset[str]:
    """Return the accounts whose negative and positive posts clearly differ in their median of reactions.

    `table` is that of `engagement`, with all accounts that are compared together: significance.select_discoveries decides among them.
    """
    counted = table.filter(pl.col("polarity") != "neutral").drop_nulls("reactions").group_by("account", "polarity").agg("reactions")
    samples = {(account, polarity): np.array(reactions, dtype=float) for account, polarity, reactions in counted.iter_rows()}
    accounts = [account for account, polarity in samples if polarity == "negative" and (account, "positive") in samples]
    pairs = [(samples[account, "negative"], samples[account, "positive"]) for account in accounts]
    is_clear = significance.select_discoveries(np.array([significance.p_of_medians(*pair) for pair in pairs]))
    return frozenset(account for account, clear in zip(accounts, is_clear, strict=True) if clear)


def sum_reactions() -> pl.Expr:
    """Return the sum of a post's known reactions, null if none is known."""
    is_counted = pl.any_horizontal(pl.col(name).is_not_null() for name in REACTION_COLUMNS)
    return pl.when(is_counted).then(pl.sum_horizontal(*REACTION_COLUMNS))


@lru_cache(maxsize=_MAX_KEPT_RANKS)
def median_bound_rank(sample_size: int) -> int | None:
    """Return the rank, counted from 1 at either end of the sorted values, of the bounds of the median's interval; None if it has none.

    It is the greatest k for which a binomial(sample_size, ½) variable is below k with a probability of at most 1/40.
    """
    binomial, cumulative, rank = 1, 0, 0  # integers, because 2.0**-3200 is 0.0
    while _INVERSE_TAIL_PROBABILITY * (cumulative + binomial) <= 2**sample_size:
        cumulative, binomial, rank = cumulative + binomial, binomial * (sample_size - rank) // (rank + 1), rank + 1
    return rank or None
