"""Slices: files in the work folder with what was found out about some of a partition's posts, a row per post, sorted by account.

Of posts that may be in a sample they have the texts, too. Each is written at once, so memory is bounded by SLICE_ROWS however large a
partition is. Reading and merging partitions belong elsewhere.
"""

import io
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from dashboard.sources.files.collections import ACCOUNT_HASHES
from dashboard.sources.files.durable_files import write_file

SLICE_ROWS = 100_000
TEXT_COLUMNS = ("text", "url")
_HASH = "account_hash"
_ROW_GROUP_ROWS = 10_000


def write_slice(rows: pl.DataFrame, path: Path) -> None:
    """Write rows, sorted by what decides which file will have their account. Raises OSError."""
    hashes = {account: zlib.crc32(account.encode()) for account in rows["account"].unique()}
    account_hash = pl.col("account").replace_strict(hashes, return_dtype=pl.Int64).alias(_HASH)
    write_sorted(rows.with_columns(account_hash), path)


def write_sorted(rows: pl.DataFrame, path: Path) -> None:
    """Write rows of slices, so that those of an account file, or of a period of an account, are in few row groups. Raises OSError."""
    write_parquet(rows.sort(_HASH, "account", "created_at"), path, _ROW_GROUP_ROWS)


@dataclass(frozen=True)
class AccountRows:
    """The rows of slices for one of `file_count` account files. `frame` has them all, without texts, if they are held in memory."""

    slices: Sequence[Path]
    number: int
    file_count: int
    frame: pl.DataFrame | None = None

    def hold_in_memory(self, max_rows: int) -> "AccountRows":
        """Return the same with the rows in memory, unless they are more than `max_rows`."""
        frames, rows = list[pl.DataFrame](), 0
        for frame in self.iter_frames():
            frames.append(frame)
            rows += frame.height
            if rows > max_rows:
                return self
        return replace(self, frame=pl.concat(frames))

    def release(self) -> "AccountRows":
        """Return the same without rows in memory."""
        return replace(self, frame=None)

    def iter_frames(self, columns: Sequence[str] = (), condition: pl.Expr | None = None) -> Iterator[pl.DataFrame]:
        """Yield the rows that meet a condition, one slice at a time, with these columns, or with all but the texts."""
        is_selected = pl.lit(value=True) if condition is None else condition
        selected: pl.Expr = pl.col(columns) if columns else pl.exclude(*TEXT_COLUMNS, _HASH)
        if self.frame is not None:
            yield self.frame.filter(is_selected).select(pl.col(columns) if columns else pl.all())
            return
        for path in self.slices:
            yield self._scan(path).filter(is_selected).select(selected).collect()

    def iter_complete_frames(self) -> Iterator[pl.DataFrame]:
        """Yield the rows with all columns, as slices have them, one slice at a time."""
        yield from (self._scan(path).collect() for path in self.slices)

    def load_texts(self, posts: pl.DataFrame) -> pl.DataFrame:
        """Return order, text and url of dated posts, which have order and created_at. The texts of one slice are in memory at a time."""
        is_in_span = pl.col("created_at").is_between(posts["created_at"].min(), posts["created_at"].max())  # which few row groups have
        is_asked_for = is_in_span & pl.col("order").is_in(posts["order"].implode())
        return pl.concat(self._scan(path).filter(is_asked_for).select("order", *TEXT_COLUMNS).collect() for path in self.slices)

    def _scan(self, path: Path) -> pl.LazyFrame:
        first, end = (-(-number * ACCOUNT_HASHES // self.file_count) for number in (self.number, self.number + 1))
        return pl.scan_parquet(path, glob=False).filter(pl.col(_HASH) >= first, pl.col(_HASH) < end)


def write_parquet(rows: pl.DataFrame, path: Path, row_group_rows: int) -> bytes | memoryview:
    """Write rows to a file that is complete or absent, and return its content. Raises OSError."""
    content = io.BytesIO()
    rows.write_parquet(content, compression="zstd", row_group_size=row_group_rows, statistics=True)
    write_file(path, [content.getbuffer()])
    return content.getbuffer()
