"""Sums posts by quarter of an hour, so that a chart of many accounts costs the same however many posts there are.

Every time zone's offset is a multiple of 15 minutes, so each quarter belongs to one hour and one day of any zone. What can't be summed is
left out. Nothing is written here.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl

from dashboard.analytics import analyzed_languages, language_filter
from dashboard.analytics.partial_sums import SUM_COLUMNS, merge_sums
from dashboard.scale.post_facts import POST_COLUMNS

_KEYS = ("quarter", "kind", "date_only", "language")
_SPAN = {"created_at": pl.col("created_at").min(), "last_at": pl.col("last_at").max()}


def find_habits(files: Sequence[Path]) -> pl.DataFrame:
    """Return what accounts usually post in, judged by all of their posts, which are in these parts of an account file."""
    keys = ["account", "kind", "language", "is_sure"]
    counts = [pl.scan_parquet(path, glob=False).group_by(keys).agg(posts=pl.len().cast(pl.Int64)).collect() for path in files]
    return language_filter.find_habits(pl.concat(counts))


def sum_files(files: Sequence[Path], methods: Sequence[str], habits: pl.DataFrame, condition: pl.Expr | None = None) -> pl.DataFrame:
    """Return the sums of the posts in parts of an account file that meet a condition, as `merge_totals` does, one part at a time."""
    totals: pl.DataFrame | None = None
    for path in files:
        rows = pl.scan_parquet(path, glob=False).filter(pl.lit(value=True) if condition is None else condition).collect()
        sums = sum_posts(rows, methods, habits)
        totals = merge_totals([totals, sums], methods) if totals is not None else sums
    assert totals is not None  # a file has at least one part
    return totals


def sum_posts(rows: pl.DataFrame, methods: Sequence[str], habits: pl.DataFrame) -> pl.DataFrame:
    """Return the sums of posts, as `merge_totals` does; `habits` are what their accounts usually post in."""
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
