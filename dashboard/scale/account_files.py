"""Merges slices into the account files of a collection: each account's posts in one file, sorted, and each post once.

The files can be merged one by one, in any order and in several processes. Totals of all of them belong in `finishing`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from dashboard.scale.sampling import draw_candidates
from dashboard.scale.slices import load_account_file, write_parquet
from dashboard.scale.totals import sum_posts
from dashboard.sources.files.collections import format_account_file
from dashboard.sources.files.part_digests import compute_digest
from dashboard.sources.files.post_parts import hash_post_keys
from dashboard.sources.files.source import MAX_SERIES

_ROW_GROUP_ROWS = 10_000
_VERSION_COLUMNS = ("original_id", "version")


@dataclass(frozen=True)
class AccountFileResult:
    """An account file that was written: its digest, its accounts (account, posts, first, last), and how many posts were dropped.

    `totals` and `candidates` are files in the work folder, with its totals and with the posts from which samples are drawn.
    """

    number: int
    digest: str
    totals: Path
    candidates: Path
    accounts: pl.DataFrame
    repeated_posts: int
    older_versions: int


def merge_account_file(number: int, slices: Sequence[Path], methods: Sequence[str], folder: Path, work_folder: Path) -> AccountFileResult:
    """Write one account file of a collection from all slices, and in the work folder its totals and the posts from which samples are drawn.

    Raises OSError if a folder is full.
    """
    rows, repeated, older = _drop_duplicates(load_account_file(slices, number))
    ordered = rows.sort("account", "created_at", "id", descending=[False, True, True], nulls_last=True).drop(_VERSION_COLUMNS)
    accounts = _summarize_accounts(ordered)
    candidates = work_folder / f"candidates-{number:05}.parquet"
    largest = [name for name, *_ in rank_accounts(accounts)[:MAX_SERIES]]
    write_parquet(draw_candidates(ordered, largest, slices, number), candidates, _ROW_GROUP_ROWS)
    ordered = ordered.drop("key")
    content = write_parquet(ordered, folder / format_account_file(number), _ROW_GROUP_ROWS)
    totals = work_folder / f"totals-{number:05}.parquet"
    write_parquet(sum_posts(ordered, methods), totals, _ROW_GROUP_ROWS)
    return AccountFileResult(number, compute_digest(content), totals, candidates, accounts, repeated, older)


def sum_other_accounts(number: int, methods: Sequence[str], folder: Path, left_out: Sequence[str]) -> pl.DataFrame:
    """Return the totals of an account file without some accounts."""
    rows = pl.scan_parquet(folder / format_account_file(number), glob=False).filter(~pl.col("account").is_in(list(left_out)))
    return sum_posts(rows.collect(), methods)


def _drop_duplicates(rows: pl.DataFrame) -> tuple[pl.DataFrame, int, int]:
    """Return the last copy of each post with its `key`, and how many repeated posts and older versions were dropped, as of an upload."""
    hashed = hash_post_keys(rows)
    keys, rows = hashed.sort("key", "version", "order"), rows.with_columns(hashed["key"])
    is_duplicate = keys["key"] == keys["key"].shift(-1)
    older_versions = int((is_duplicate & (keys["version"] < keys["version"].shift(-1))).sum())
    duplicates = keys.filter(is_duplicate.fill_null(value=False))
    remaining = rows.join(duplicates, on="order", how="anti") if duplicates.height else rows
    return remaining, duplicates.height - older_versions, older_versions


def _summarize_accounts(rows: pl.DataFrame) -> pl.DataFrame:
    created_at = pl.col("created_at")
    return rows.group_by("account").agg(posts=pl.len().cast(pl.Int64), first=created_at.min(), last=created_at.max())


def rank_accounts(accounts: pl.DataFrame) -> list[tuple[str, int, datetime | None, datetime | None]]:
    """Return account, posts, first and last, most posts first, as for an uploaded file."""
    return accounts.sort(["posts", "account"], descending=[True, False]).rows()
