"""Merges what partitions found out, in the processes of a pool: account files first, from gathered slices, then their totals, in a tree.

Totals are passed on as files in the work folder, so no process holds more than two at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dashboard.scale.account_files import AccountFileResult, merge_account_file
from dashboard.scale.gathering import gather_slices
from dashboard.scale.options import Options
from dashboard.scale.pool import Pool, run_all
from dashboard.scale.reading import PartitionResult
from dashboard.scale.sampling import merge_samples, select_series
from dashboard.scale.slices import AccountRows, write_parquet
from dashboard.scale.totals import find_habits, merge_totals, sum_files
from dashboard.sources.files.collections import find_account_file

_FAN_IN = 8  # totals that a task of the tree merges
_ROW_GROUP_ROWS = 50_000


@dataclass(frozen=True)
class Folders:
    """The folder of finished parts, and that of the collection."""

    work: Path
    collection: Path


@dataclass(frozen=True)
class _FileTask:
    rows: AccountRows
    options: Options
    folders: Folders


@dataclass(frozen=True)
class _TotalsTask:
    parts: tuple[Path, ...]
    target: Path
    options: Options


@dataclass(frozen=True)
class _SampleTask:
    parts: tuple[Path, ...]
    target: Path
    largest: tuple[str, ...] = ()
    has_others: bool = False


@dataclass(frozen=True)
class _AccountsTask:
    files: tuple[Path, ...]
    accounts: tuple[str, ...]
    is_without: bool  # whether these accounts are left out, or all others
    target: Path
    options: Options


def merge_account_files(results: Sequence[PartitionResult], options: Options, folders: Folders, pool: Pool) -> list[AccountFileResult]:
    """Write the account files of a collection, and the totals of each in the work folder. Raises OSError if a folder is full."""
    slices = tuple(folders.work / name for result in results for name in result.slices)
    file_count, row_count = options.account_file_count, sum(result.rows_read for result in results)
    gathered = gather_slices(slices, row_count, file_count, folders.work, pool)
    tasks = [_FileTask(AccountRows(paths, number, file_count), options, folders) for number, paths in enumerate(gathered)]
    return sorted(run_all(pool, _merge_file, tasks), key=lambda file: file.number)


def sum_others(files: Sequence[AccountFileResult], largest: Sequence[str], options: Options, folders: Folders, pool: Pool) -> list[Path]:
    """Return files with the totals of each account file without the largest accounts; most have none of these."""
    with_largest = {find_account_file(name, options.account_file_count) for name in largest}
    tasks = [
        _AccountsTask(
            _list_paths(file, folders),
            tuple(largest),
            is_without=True,
            target=folders.work / f"others-{file.number:05}.parquet",
            options=options,
        )
        for file in files
        if file.number in with_largest
    ]
    return [*run_all(pool, _sum_accounts, tasks), *(file.totals for file in files if file.number not in with_largest)]


def sum_large_accounts(
    files: Sequence[AccountFileResult], names: Sequence[str], options: Options, folders: Folders, pool: Pool
) -> list[pl.DataFrame]:
    """Return the totals of single accounts, with their names as `account`."""
    file_by_number = {file.number: file for file in files}
    files_of_names = [file_by_number[find_account_file(name, options.account_file_count)] for name in names]
    tasks = [
        _AccountsTask(
            _list_paths(file, folders), (name,), is_without=False, target=folders.work / f"account-{place:05}.parquet", options=options
        )
        for place, (name, file) in enumerate(zip(names, files_of_names, strict=True))
    ]
    run_all(pool, _sum_accounts, tasks)
    return [pl.read_parquet(task.target).with_columns(account=pl.lit(task.accounts[0])) for task in tasks]


def _list_paths(file: AccountFileResult, folders: Folders) -> tuple[Path, ...]:
    return tuple(folders.collection / name for name in file.digests)


def draw_sample(files: Sequence[AccountFileResult], largest: Sequence[str], folders: Folders, pool: Pool) -> pl.DataFrame:
    """Return the sample of all accounts together, of the largest ones, and of the others if there are any."""
    has_others = sum(file.accounts.height for file in files) > len(largest)
    tasks = [
        _SampleTask((file.candidates,), folders.work / f"sample-0-{file.number:05}.parquet", tuple(largest), has_others) for file in files
    ]
    level, remaining = 1, run_all(pool, _select_series, tasks)
    while len(remaining) > 1:
        tasks = [_SampleTask(group, folders.work / f"sample-{level}-{number:05}.parquet") for number, group in enumerate(_group(remaining))]
        level, remaining = level + 1, run_all(pool, _merge_samples, tasks)
    return pl.read_parquet(remaining[0])


def merge_in_tree(paths: Sequence[Path], name: str, options: Options, folders: Folders, pool: Pool) -> pl.DataFrame:
    """Return the sums of the totals in some files."""
    level, remaining = 0, list(paths)
    while len(remaining) > 1:
        tasks = [
            _TotalsTask(group, folders.work / f"{name}-{level}-{number:05}.parquet", options)
            for number, group in enumerate(_group(remaining))
        ]
        level, remaining = level + 1, run_all(pool, _merge_totals, tasks)
    return pl.read_parquet(remaining[0])


def _group(paths: Sequence[Path]) -> list[tuple[Path, ...]]:
    return [tuple(paths[start : start + _FAN_IN]) for start in range(0, len(paths), _FAN_IN)]


def _merge_file(task: _FileTask) -> AccountFileResult:
    return merge_account_file(task.rows, task.options.methods, task.folders.collection, task.folders.work)


def _sum_accounts(task: _AccountsTask) -> Path:
    is_named = pl.col("account").is_in(list(task.accounts))
    sums = sum_files(task.files, task.options.methods, find_habits(task.files), ~is_named if task.is_without else is_named)
    write_parquet(sums, task.target, _ROW_GROUP_ROWS)
    return task.target


def _select_series(task: _SampleTask) -> Path:
    sample = select_series(pl.read_parquet(task.parts[0]), task.largest, has_others=task.has_others)
    write_parquet(sample, task.target, _ROW_GROUP_ROWS)
    return task.target


def _merge_samples(task: _SampleTask) -> Path:
    write_parquet(merge_samples([pl.read_parquet(path) for path in task.parts]), task.target, _ROW_GROUP_ROWS)
    return task.target


def _merge_totals(task: _TotalsTask) -> Path:
    merged, *others = task.parts
    totals = pl.read_parquet(merged)
    for path in others:
        totals = merge_totals([totals, pl.read_parquet(path)], task.options.methods)
    write_parquet(totals, task.target, _ROW_GROUP_ROWS)
    return task.target
