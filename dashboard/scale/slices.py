"""Slices: files in the work folder with what was found out about some of a partition's posts, a row per post, sorted by account file.

Of posts that may be in a sample they have the texts, too. Each is written at once, so memory is bounded by SLICE_ROWS however large a
partition is. Reading and merging partitions belong elsewhere.
"""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path

import polars as pl

from dashboard.sources.files.collections import find_account_file
from dashboard.sources.files.durable_files import write_file

SLICE_ROWS = 100_000
_ROW_GROUP_ROWS = 20_000
TEXT_COLUMNS = ("text", "url")


def write_slice(rows: pl.DataFrame, path: Path, account_file_count: int) -> None:
    """Write rows with `account_file`, the number of the file that will have their account. Raises OSError."""
    numbers = {account: find_account_file(account, account_file_count) for account in rows["account"].unique()}
    account_file = pl.col("account").replace_strict(numbers, return_dtype=pl.UInt32).alias("account_file")
    ordered = rows.with_columns(account_file).sort("account_file", "account")
    write_parquet(ordered, path, _ROW_GROUP_ROWS)


def load_account_file(paths: Sequence[Path], number: int) -> pl.DataFrame:
    """Return the rows of all slices for one account file, without texts."""
    return pl.concat(scan.drop(TEXT_COLUMNS) for scan in _scan(paths, number)).collect()


def load_texts(paths: Sequence[Path], number: int, orders: pl.DataFrame) -> pl.DataFrame:
    """Return order, text and url of the posts of an account file with these orders. The texts of one slice are in memory at a time."""
    scans = (scan.select("order", *TEXT_COLUMNS) for scan in _scan(paths, number))
    return pl.concat(scan.collect().join(orders, on="order", how="semi") for scan in scans)


def _scan(paths: Sequence[Path], number: int) -> Iterable[pl.LazyFrame]:
    return (pl.scan_parquet(path, glob=False).filter(pl.col("account_file") == number).drop("account_file") for path in paths)


def write_parquet(rows: pl.DataFrame, path: Path, row_group_rows: int) -> bytes | memoryview:
    """Write rows to a file that is complete or absent, and return its content. Raises OSError."""
    content = io.BytesIO()
    rows.write_parquet(content, compression="zstd", row_group_size=row_group_rows, statistics=True)
    write_file(path, [content.getbuffer()])
    return content.getbuffer()
