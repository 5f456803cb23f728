"""Sums posts by quarter of an hour, so that a chart of many accounts costs the same however many posts there are.

Every time zone's offset is a multiple of 15 minutes, so each quarter belongs to one hour and one day of any zone. What can't be summed is
left out. Files don't belong here.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from dashboard.analytics import analyzed_languages, language_filter
from dashboard.analytics.partial_sums import SUM_COLUMNS, merge_sums
from dashboard.scale.post_facts import POST_COLUMNS

_KEYS = ("quarter", "kind", "date_only", "language")
_SPAN = {"created_at": pl.col("created_at").min(), "last_at": pl.col("last_at").max()}


def sum_posts(rows: pl.DataFrame, methods: Sequence[str]) -> pl.DataFrame:
    """Return the sums of posts, as `merge_totals` does. `rows` are those of an account file, which has all posts of its accounts.

    What an account usually posts in is judged by all of its posts.
    """
    habits = language_filter.find_habits(rows.select("account", "kind", "language", "is_sure"))
    decided = analyzed_languages.decide(rows, habits)
    prepared = decided.with_columns(last_at="created_at", posts=pl.lit(1, pl.Int64), quarter=pl.col("created_at").dt.truncate("15m"))
    return _join_scores(prepared, {method: _select_scored_posts(prepared, method) for method in methods})


def merge_totals(parts: Sequence[pl.DataFrame], methods: Sequence[str]) -> pl.DataFrame:
    """Return the sums of sums: a row per quarter of an hour, kind, language, and whether posts have a time of day.

    Columns: these keys, created_at and last_at of the first and last post, posts, and partial_sums.SUM_COLUMNS of each method with its name
    in front, null if no post was scored.
    """
    rows = pl.concat(parts)
    return _join_scores(rows, {method: _select_scored_sums(rows, method) for method in methods})


def _join_scores(rows: pl.DataFrame, scored: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    merged = rows.group_by(_KEYS).agg(**_SPAN, posts=pl.col("posts").sum())
    for method, method_rows in scored.items():
        sums = merge_sums(method_rows, *_KEYS).rename({column: f"{method}_{column}" for column in SUM_COLUMNS})
        merged = merged.join(sums, on=_KEYS, how="left", nulls_equal=True)
    return merged.sort(_KEYS)


def _select_scored_posts(rows: pl.DataFrame, method: str) -> pl.DataFrame:
    """Return the posts that a method scored in their language, with POST_COLUMNS."""
    columns = [f"{prefix}{name}" for prefix in ("", analyzed_languages.VARIANT_PREFIX) for name in POST_COLUMNS]
    stored = {f"{method}_{column}": column for column in columns if f"{method}_{column}" in rows.columns}
    renamed = rows.select(*_KEYS, "is_sure", "variant", *(pl.col(name).alias(column) for name, column in stored.items()))
    return analyzed_languages.choose_scores(renamed, list(POST_COLUMNS)).drop_nulls("score").select(*_KEYS, *POST_COLUMNS)


def _select_scored_sums(rows: pl.DataFrame, method: str) -> pl.DataFrame:
    columns = [pl.col(f"{method}_{column}").alias(column) for column in SUM_COLUMNS]
    return rows.select(*_KEYS, *columns).drop_nulls("posts")
