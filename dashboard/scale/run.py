"""Analyzes a collection from beginning to end: reads partitions, merges account files, writes totals and metadata.

What is finished stays in the work folder, so the same call continues after an interruption. The pool that runs the tasks is passed in.
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import chain
from math import ceil
from pathlib import Path
from typing import Any

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.counts import format_count
from dashboard.scale.finishing import Parts, build_dataset, write_samples, write_sources, write_totals
from dashboard.scale.local_pool import ProcessLost, report_progress
from dashboard.scale.merging import Folders, merge_account_files
from dashboard.scale.options import Options
from dashboard.scale.partitions import Partition, list_partitions
from dashboard.scale.pool import Pool
from dashboard.scale.post_facts import PostAnalyzer
from dashboard.scale.reading import PartitionReader, PartitionResult, RawSlice, analyze_slice, explain_failure
from dashboard.scale.storage_errors import describe_failure
from dashboard.scale.work_folder import WorkFolder
from dashboard.sources.files.collection_facts import UnreadablePartition
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.source_files import SOURCES_FILE
from dashboard.sources.files.storage_limit import SAMPLES_FILE, TOTALS_FILE
from dashboard.sources.files.store import DatasetStore

_ACCOUNT_FILE_ROWS = 300_000  # on average, at most
_MAX_ACCOUNT_FILES = 4096
_SHARED_BYTES = 2**26  # from which a file is read by one process and analyzed by all, unless there are many files


@dataclass(frozen=True)
class Collection:
    """A collection to analyze: its name, the files of its posts, and the folder of datasets in which it will be."""

    name: str
    partitions: Sequence[Partition]
    datasets_folder: Path
    clock: Clock = system_clock
    is_strict: bool = False
    on_unreadable: Callable[[UnreadablePartition], None] = field(default=lambda partition: None)
    on_resumed: Callable[[int], None] = field(default=lambda size: None)  # gets the size of the files that needn't be read again

    @property
    def size(self) -> int:
        """The size of all files in bytes."""
        return sum(partition.size for partition in self.partitions)


@dataclass(frozen=True)
class _ReadTask:
    partition: Partition
    options: Options
    folder: Path

    @property
    def size(self) -> int:
        """The size of the partition in bytes."""
        return self.partition.size


@dataclass(frozen=True)
class _SliceTask:
    raw: RawSlice
    options: Options
    folder: Path


def find_collection(name: str, sources: Sequence[str], datasets_folder: Path, **options: Any) -> Collection:
    """Return the collection of all files of some sources. Raises InvalidFile if one doesn't exist."""
    return Collection(name, list_partitions(sources), datasets_folder, **options)


def find_finished(collection: Collection) -> Dataset | None:
    """Return the dataset that has the collection's name already, None if there is none. Raises InvalidFile for an invalid name."""
    dataset_id = WorkFolder(collection.datasets_folder, collection.name).find_dataset_id()
    return DatasetStore(collection.datasets_folder, clock=collection.clock).find(dataset_id) if dataset_id else None


def analyze(collection: Collection, options: Options, pool: Pool) -> Dataset:
    """Write a collection as a dataset and return it, with the owner's key.

    Raises InvalidFile if its name is taken or another command is writing it, or if nothing can be read, or not everything although it
    `is_strict`; StorageUnavailable if the folder can't be written to or its disk is full; ModelUnavailable if a model can't be loaded.
    """
    _refuse_taken_name(collection)
    versions = PostAnalyzer(options).find_versions()
    pool.check_workers(options, versions)
    work = WorkFolder(collection.datasets_folder, collection.name)
    try:
        with work.locked():
            _refuse_taken_name(collection)  # another command may have ended meanwhile
            return _analyze(collection, options, versions, work, pool)
    except OSError as error:
        raise describe_failure(error, collection.datasets_folder) from error


def _refuse_taken_name(collection: Collection) -> None:
    if existing := find_finished(collection):
        raise InvalidFile(f"There is a collection “{collection.name}” already: {existing.canonical_name}.", "Choose another --out.")


def _analyze(collection: Collection, options: Options, versions: dict[str, str], work: WorkFolder, pool: Pool) -> Dataset:
    dataset_id = work.prepare(options, versions)
    collection = replace(collection, partitions=work.renumber(collection.partitions))
    results, unreadable = _read_partitions(collection, options, work, pool)
    has_posts = any(result.slices for result in results)
    if unreadable and (collection.is_strict or not has_posts):
        raise _unreadable_error(unreadable, len(collection.partitions))
    if not has_posts:
        raise InvalidFile(f"There are no posts in {format_count(len(results), 'file')}.", "Check that you chose the right ones.")
    work.delete_other_slices(results)
    options = replace(options, account_file_count=_count_account_files(sum(result.rows_read for result in results)))
    folder = collection.datasets_folder / dataset_id
    try:
        shutil.rmtree(folder, ignore_errors=True)  # what a run that was killed wrote
        folder.mkdir(mode=0o700, exist_ok=True)
        folders = Folders(work.path, folder)
        files = merge_account_files(results, options, folders, pool)
        digests = {
            TOTALS_FILE: write_totals(files, options, folders, pool),
            SAMPLES_FILE: write_samples(files, folders, pool),
            SOURCES_FILE: write_sources(collection.partitions, folder),
        }
        parts = Parts(options, versions, results, unreadable, files, digests)
        dataset = build_dataset(dataset_id, collection.name, collection.clock().replace(microsecond=0), parts)
        dataset = DatasetStore(collection.datasets_folder, clock=collection.clock).add_collection(dataset)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    work.clear()
    return dataset


def _read_partitions(
    collection: Collection, options: Options, work: WorkFolder, pool: Pool
) -> tuple[list[PartitionResult], list[UnreadablePartition]]:
    """Return the results of all partitions in their order, of which finished ones aren't read again, and those that can't be read."""
    results, unreadable = work.find_results(collection.partitions), list[UnreadablePartition]()
    finished = {result.number for result in results}
    collection.on_resumed(sum(partition.size for partition in collection.partitions if partition.number in finished))
    remaining = [partition for partition in collection.partitions if partition.number not in finished]
    is_shared = pool.worker_count > 1 and len(remaining) < 2 * pool.worker_count
    shared = [partition for partition in remaining if is_shared and partition.size >= _SHARED_BYTES]
    tasks = [_ReadTask(partition, options, work.path) for partition in remaining if partition not in shared]
    read_alone = ((task.partition, outcome) for task, outcome in pool.run(_read, tasks))
    read_here = ((partition, _read_shared(partition, options, work.path, pool)) for partition in shared)
    for partition, outcome in chain(read_alone, read_here):
        if isinstance(outcome, PartitionResult):
            work.save_result(outcome)
            results.append(outcome)
        else:
            unreadable.append(_explain(partition, outcome))
            collection.on_unreadable(unreadable[-1])
    return sorted(results, key=lambda result: result.number), sorted(unreadable, key=lambda partition: partition.name)


@cache
def _load_analyzer(options: Options) -> PostAnalyzer:
    """Return the analyzer of this process."""
    return PostAnalyzer(options)


def _read(task: _ReadTask) -> PartitionResult | UnreadablePartition:
    """Read a partition and analyze it, in one process."""
    reader = PartitionReader(task.partition, task.options, report_progress)
    try:
        for raw in reader:
            analyze_slice(raw, _load_analyzer(task.options), task.folder, report_progress)
        return reader.build_result()
    except Exception as error:
        return _name_unreadable(task.partition, error)


def _read_shared(partition: Partition, options: Options, folder: Path, pool: Pool) -> PartitionResult | UnreadablePartition | Exception:
    """Read a large partition here, while the processes of the pool analyze its slices. Slices that are written already stay."""
    reader = PartitionReader(partition, options, pool.report_progress)
    tasks = (_SliceTask(raw, options, folder) for raw in reader if not (folder / raw.name).is_file())
    try:
        for _, outcome in pool.run(_analyze_slice, tasks):
            if isinstance(outcome, Exception):
                return outcome
        return reader.build_result()
    except Exception as error:
        return _name_unreadable(partition, error)


def _analyze_slice(task: _SliceTask) -> None:
    analyze_slice(task.raw, _load_analyzer(task.options), task.folder, report_progress)


def _name_unreadable(partition: Partition, error: Exception) -> UnreadablePartition:
    """Return why a partition can't be read. Raises the error if it is about something else."""
    if reason := explain_failure(error):
        return UnreadablePartition(partition.name, reason)
    raise error


def _explain(partition: Partition, outcome: UnreadablePartition | Exception) -> UnreadablePartition:
    """Return why a partition can't be read. Raises the error if it is about something else."""
    if isinstance(outcome, UnreadablePartition):
        return outcome
    if isinstance(outcome, ProcessLost):
        return UnreadablePartition(partition.name, "It ended the process that read it.")
    raise outcome


def _unreadable_error(unreadable: Sequence[UnreadablePartition], total: int) -> InvalidFile:
    first = unreadable[0]
    detail = f"{len(unreadable):,} of {total:,} files can't be read, such as {first.name}: {first.reason}"
    return InvalidFile(detail, "What was read is kept, so the same command continues once they are repaired or left out.")


def _count_account_files(rows: int) -> int:
    return min(max(1, ceil(rows / _ACCOUNT_FILE_ROWS)), _MAX_ACCOUNT_FILES)
