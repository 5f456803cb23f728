"""Draws the sample of a collection's posts, with their texts: of each series and month, the posts with the lowest keys.

Keys depend on posts alone, and what is lowest of parts and then of all is lowest of all, so samples of parts are merged in any order. How a
sample is read belongs in `sources.files.collection_samples`.
"""

from collections.abc import Collection, Sequence

import polars as pl

from dashboard.core import posts
from dashboard.scale.slices import TEXT_COLUMNS, AccountRows
from dashboard.sources.files.collection_samples import ACCOUNT_POSTS_PER_MONTH, SERIES_POSTS_PER_MONTH
from dashboard.sources.files.network import ALL_ACCOUNTS, OTHER_ACCOUNTS
from dashboard.sources.files.post_parts import hash_post_keys

_MONTH = pl.col("created_at").dt.truncate("1mo")
_DRAWN_COLUMNS = ["key", *posts.SCHEMA]


def keep_candidate_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a slice with their keys, and without the texts of posts that can't be in a sample. Copies of a post count once."""
    is_candidate = pl.col("key").rank("dense").over("account", _MONTH) <= SERIES_POSTS_PER_MONTH
    return rows.with_columns(hash_post_keys(rows)["key"]).with_columns(pl.when(is_candidate).then(pl.col(TEXT_COLUMNS)))


def draw_candidates(frame: pl.DataFrame, largest: Sequence[str], rows: AccountRows) -> pl.DataFrame:
    """Return the posts of a part of an account file from which the sample of any series can be drawn, with posts.SCHEMA and `key`.

    `frame` has the posts of the part, each once. `largest` are those accounts of the file that may be series of their own.
    """
    drawn = limit_candidates(frame.filter(pl.col("created_at").is_not_null()), largest)
    return drawn.join(rows.load_texts(drawn.select("order", "created_at")), on="order", how="left", maintain_order="left").select(
        _DRAWN_COLUMNS
    )


def limit_candidates(candidates: pl.DataFrame, largest: Sequence[str]) -> pl.DataFrame:
    """Return those of the candidates that may be in a sample, because their keys are among the lowest of a month."""
    group = pl.when(pl.col("account").is_in(list(largest))).then("account")
    return candidates.filter(pl.col("key").rank("ordinal").over(group, _MONTH) <= SERIES_POSTS_PER_MONTH)


def select_series(candidates: pl.DataFrame, largest: Collection[str], *, has_others: bool) -> pl.DataFrame:
    """Return the samples of all series that candidates are of, with `series` and the columns of `draw_candidates`."""
    is_largest = pl.col("account").is_in(list(largest))
    series = [candidates.with_columns(series=pl.lit(ALL_ACCOUNTS)), candidates.filter(is_largest).with_columns(series="account")]
    series += [candidates.filter(~is_largest).with_columns(series=pl.lit(OTHER_ACCOUNTS))] if has_others else []
    return merge_samples(series)


def merge_samples(samples: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the sample of each series from those of its parts, sorted by series and time."""
    rows = pl.concat(samples)
    is_of_several = pl.col("series").is_in([ALL_ACCOUNTS, OTHER_ACCOUNTS])
    limit = pl.when(is_of_several).then(SERIES_POSTS_PER_MONTH).otherwise(ACCOUNT_POSTS_PER_MONTH)
    return rows.filter(pl.col("key").rank("ordinal").over("series", _MONTH) <= limit).sort("series", "created_at", "key")
