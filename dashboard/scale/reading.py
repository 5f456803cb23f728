"""Reads one partition: from a file, by the readers of uploads, to slices with what was found out about its posts.

A partition counts as read once its result is written, which comes last. Which partitions there are, and who reads them, belongs in `run`.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from errno import EIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import polars as pl

from dashboard.core import posts
from dashboard.core.errors import InvalidFile
from dashboard.scale.options import Options
from dashboard.scale.partitions import Partition
from dashboard.scale.post_facts import PostAnalyzer
from dashboard.scale.slices import SLICE_ROWS, write_slice
from dashboard.sources.files.collection_posts import open_source
from dashboard.sources.files.readers.reader import FileReader
from dashboard.sources.files.source_files import ROWS_PER_PARTITION

ReportProgress = Callable[[int, int], None]  # gets how many more bytes were read, and how many more posts were analyzed


@dataclass(frozen=True)
class PartitionResult:
    """A partition that was read: its slices, in the work folder, and what the reader counted, as `Dataset` has it for a file."""

    number: int
    name: str
    fingerprint: str
    slices: tuple[str, ...]
    rows_read: int
    rows_unreadable: int
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    spellings: dict[str, str] = field(default_factory=dict)


def read_partition(
    partition: Partition, options: Options, analyzer: PostAnalyzer, folder: Path, report: ReportProgress = lambda size, posts: None
) -> PartitionResult:
    """Write the slices of a partition to a folder and return its result.

    Raises InvalidFile or UnknownColumns if the partition can't be read, OSError if it isn't there, or if the folder is full.
    """
    slices = list[str]()
    with partition.source.open_local() as path, _open_tracked(path, lambda size: report(size, 0)) as file:
        reader = open_source(file, path, options.reading)
        for number, rows in enumerate(_iter_slices(reader, partition, analyzer, report)):
            name = f"{partition.number:06}-{partition.fingerprint}-{number:05}.parquet"
            write_slice(rows, folder / name, options.account_file_count)
            slices.append(name)
    tally = reader.tally
    return PartitionResult(
        partition.number,
        partition.name,
        partition.fingerprint,
        tuple(slices),
        tally.rows_read,
        tally.rows_unreadable,
        tuple(tally.reasons),
        tuple(tally.format_warnings()),
        dict(tally.spelling_by_account),
    )


def _iter_slices(reader: FileReader, partition: Partition, analyzer: PostAnalyzer, report: ReportProgress) -> Iterator[pl.DataFrame]:
    """Yield what was found out about the posts, with what tells which of several versions of a post is the newest."""
    frames, order = list[pl.DataFrame](), partition.number * ROWS_PER_PARTITION
    for batch in reader:
        frame = posts.build_frame(batch).with_columns(
            pl.Series("original_id", [row.get("original_id") for row in batch], pl.String),
            pl.Series("version", [row.get("version") for row in batch], pl.Int64),
            pl.int_range(order, order + len(batch), dtype=pl.Int64, eager=True).alias("order"),
        )
        frames.append(analyzer.analyze(frame))
        order += len(batch)
        report(0, len(batch))
        if sum(part.height for part in frames) >= SLICE_ROWS:
            yield pl.concat(frames)
            frames.clear()
    if frames:
        yield pl.concat(frames)


def _open_tracked(path: Path, report: Callable[[int], None]) -> BinaryIO:
    return cast(BinaryIO, io.BufferedReader(_TrackedFile(path, report)))


class _TrackedFile(io.FileIO):
    """A file that reports how many more bytes were read than ever before; readers look at the beginning several times."""

    def __init__(self, path: Path, report: Callable[[int], None]) -> None:
        super().__init__(path)
        self._report, self._farthest = report, 0

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer and return the number of bytes."""
        count = super().readinto(buffer) or 0
        if (position := self.tell()) > self._farthest:
            self._report(position - self._farthest)
            self._farthest = position
        return count


def explain_failure(error: Exception) -> str | None:
    """Return why a partition can't be read, None if the error is about something else, such as a full disk."""
    if isinstance(error, InvalidFile):
        return error.message
    if isinstance(error, FileNotFoundError | PermissionError | IsADirectoryError) or getattr(error, "errno", None) == EIO:
        return f"{error.strerror}."  # type: ignore[attr-defined]
    return None
