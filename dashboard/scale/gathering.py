"""Gathers the rows of slices by ranges of accounts, so that each account file of a large collection is merged from few files, not from all.

Without it, the time to merge would grow with the square of the number of posts. Merging account files belongs in `account_files`.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path

import polars as pl

from dashboard.scale import slices
from dashboard.scale.pool import Pool, run_all
from dashboard.scale.slices import AccountRows

MAX_SLICE_READS = 10_000  # slices times account files up to which reading each slice for each file takes less time than gathering


@dataclass(frozen=True)
class _GatherTask:
    rows: AccountRows  # of a range of accounts in some slices
    folder: Path
    name: str


def gather_slices(slice_paths: Sequence[Path], row_count: int, file_count: int, work_folder: Path, pool: Pool) -> list[tuple[Path, ...]]:
    """Return, for each account file, the files with its rows: all slices, or files of its range of accounts in the work folder.

    With r ranges, each slice is read r times, and each of f account files reads 1/r of as many files, twice: √(2f) is the best r. Raises
    OSError if the folder is full.
    """
    if len(slice_paths) * file_count <= MAX_SLICE_READS:
        return [tuple(slice_paths)] * file_count
    range_count = round(sqrt(2 * file_count))
    group_size = max(1, ceil(len(slice_paths) * range_count * slices.SLICE_ROWS / row_count))
    starts = range(0, len(slice_paths), group_size)
    tasks = [
        _GatherTask(AccountRows(slice_paths[start : start + group_size], number, range_count), work_folder, f"{number:05}-{start:07}")
        for number in range(range_count)
        for start in starts
    ]
    paths_by_range = defaultdict[int, list[Path]](list)
    for number, paths in run_all(pool, _gather, tasks):
        paths_by_range[number] += paths
    ranges = (_find_ranges(number, file_count, range_count) for number in range(file_count))
    return [tuple(sorted(path for number in numbers for path in paths_by_range[number])) or (slice_paths[0],) for numbers in ranges]


def _find_ranges(number: int, file_count: int, range_count: int) -> range:
    """Return the numbers of the ranges that have accounts of an account file."""
    return range(number * range_count // file_count, -(-(number + 1) * range_count // file_count))


def _gather(task: _GatherTask) -> tuple[int, list[Path]]:
    """Write the rows of a range as files of about SLICE_ROWS rows. Return its number and the files."""
    paths = list[Path]()
    for rows in _iter_batches(task.rows):
        paths.append(task.folder / f"gathered-{task.name}-{len(paths):05}.parquet")
        slices.write_sorted(rows, paths[-1])
    return task.rows.number, paths


def _iter_batches(rows: AccountRows) -> Iterator[pl.DataFrame]:
    frames, height = list[pl.DataFrame](), 0
    for frame in rows.iter_complete_frames():
        frames.append(frame)
        height += frame.height
        if height >= slices.SLICE_ROWS:
            yield pl.concat(frames)
            frames, height = [], 0
    if height:
        yield pl.concat(frames)
