"""Reads one partition: from a file, by the readers of uploads, to slices with what was found out about its posts.

A partition counts as read once its result is written, which comes last. Which partitions there are, and who reads them, belongs in `run`.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from errno import EIO
from pathlib import Path
from typing import Any, BinaryIO, cast

import polars as pl

from dashboard.core.errors import InvalidFile, NoPosts
from dashboard.scale.options import Options
from dashboard.scale.partitions import Partition
from dashboard.scale.post_facts import PostAnalyzer
from dashboard.scale.sampling import keep_candidate_texts
from dashboard.scale.slices import SLICE_ROWS, write_slice
from dashboard.sources.files.batch_frames import build_frame
from dashboard.sources.files.collection_posts import open_source
from dashboard.sources.files.readers.import_tally import ImportTally
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
    unidentified_posts: int = 0
    reasons: tuple[str, ...] = ()
    notices: dict[str, int] = field(default_factory=dict)
    examples: dict[str, str] = field(default_factory=dict)
    spellings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RawSlice:
    """Posts of a partition that are analyzed together: the name of their slice, and the batches in which they were read."""

    name: str
    batches: tuple[pl.DataFrame, ...]


class PartitionReader:
    """Reads one partition: iterate over it once to get its slices, then ask for the result. A partition without a row has no slices.

    Iterating raises InvalidFile or UnknownColumns if the partition can't be read, and OSError if it isn't there.
    """

    def __init__(self, partition: Partition, options: Options, report: ReportProgress = lambda size, posts: None) -> None:
        self._partition, self._options, self._report = partition, options, report
        self._slices, self._tally = list[str](), ImportTally()

    def __iter__(self) -> Iterator[RawSlice]:
        source = self._partition.source
        with suppress(NoPosts), source.open_local() as path, _open_tracked(path, self._report_size) as file:
            reader = open_source(file, path, self._partition.number, self._options.reading)
            self._tally = reader.tally
            batches = list[pl.DataFrame]()
            for batch in self._iter_batches(reader):
                batches.append(batch)
                if sum(part.height for part in batches) >= SLICE_ROWS:
                    yield self._build_slice(batches)
                    batches.clear()
            if batches:
                yield self._build_slice(batches)

    def _report_size(self, size: int) -> None:
        self._report(size, 0)

    def _iter_batches(self, reader: FileReader) -> Iterator[pl.DataFrame]:
        """Yield posts with what tells which of several versions of a post is the newest."""
        order = self._partition.number * ROWS_PER_PARTITION
        for batch in reader:
            numbers = pl.int_range(order, order + len(batch), dtype=pl.Int64, eager=True)
            yield build_frame(batch).with_columns(numbers.alias("order"))
            order += len(batch)

    def _build_slice(self, batches: Sequence[pl.DataFrame]) -> RawSlice:
        name = f"{self._partition.number:06}-{self._partition.fingerprint}-{len(self._slices):05}.parquet"
        self._slices.append(name)
        return RawSlice(name, tuple(batches))

    def build_result(self) -> PartitionResult:
        """Return the result once all slices are written."""
        tally, partition = self._tally, self._partition
        return PartitionResult(
            partition.number,
            partition.name,
            partition.fingerprint,
            tuple(self._slices),
            tally.rows_read,
            tally.rows_unreadable,
            tally.unidentified_posts,
            tuple(tally.reasons),
            dict(tally.notices),
            dict(tally.examples),
            dict(tally.spelling_by_account),
        )


def analyze_slice(raw: RawSlice, analyzer: PostAnalyzer, folder: Path, report: ReportProgress) -> None:
    """Find out about the posts of a slice, batch by batch, and write it. Raises OSError if the folder is full."""
    frames = list[pl.DataFrame]()
    for batch in raw.batches:
        frames.append(analyzer.analyze(batch))
        report(0, batch.height)
    write_slice(keep_candidate_texts(pl.concat(frames)), folder / raw.name)


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
