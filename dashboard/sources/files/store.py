"""Stores imported files as datasets: one folder each, with posts as Parquet and metadata as JSON. No HTTP and no parsing of files.

Several processes may share the folder. The layout of a dataset is in `dataset_folder.py`, and how one is written in
`dataset_writer.py`.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import StorageUnavailable
from dashboard.core.messages import translatable
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.sources.files import dataset_folder
from dashboard.sources.files.dataset import METADATA_FILE, Dataset
from dashboard.sources.files.durable_files import describe_storage_error
from dashboard.sources.files.fact_files import FactFiles
from dashboard.sources.files.import_summary import ImportChoices
from dashboard.sources.files.kept_posts import KeptPosts, PostSelection, ReadPosts
from dashboard.sources.files.part_digests import PartVersion, damaged_file_error, verify_at_once, verify_parts
from dashboard.sources.files.readers.file_names import display_filename
from dashboard.sources.files.storage_limit import MAX_STORED_BYTES, count_stored_bytes, storage_full_error

if TYPE_CHECKING:  # loading them loads polars, which finding and deleting datasets does without
    import polars as pl

    from dashboard.core.post_sums import PostSums
    from dashboard.sources.base import TimelineRequest
    from dashboard.sources.files.dataset_writer import DatasetWriter

RETENTION_DAYS = 30
ABANDONED_AFTER = timedelta(days=1)  # after which the remains of an interrupted import are deleted

_ID_PATTERN = re.compile(r"[0-9a-f]{32}")
_reading_lock = Lock()  # one account at a time, because decoding a part takes up to 100 MB


class DatasetStore:
    """The datasets in one folder. Creating a DatasetStore doesn't access the disk."""

    def __init__(
        self,
        folder: Path,
        retention_days: int = RETENTION_DAYS,
        max_stored_bytes: int = MAX_STORED_BYTES,
        clock: Clock = system_clock,
        max_part_rows: int | None = None,
    ) -> None:
        self._folder, self._retention_days, self._max_stored_bytes = Path(folder), retention_days, max_stored_bytes
        self._clock, self._max_part_rows = clock, max_part_rows
        self._kept_posts = KeptPosts()
        self.facts = FactFiles(self._folder, max_stored_bytes)  # what was found out about posts, in the folders of their datasets

    def import_file(
        self,
        file: BinaryIO,
        name: str,
        column_by_field: Mapping[str, str] | None = None,
        *,
        zone: str = "",
        date_order: str = "",
        account: str = "",
        are_columns_remembered: bool = False,
    ) -> Dataset:
        """Import a file and return its dataset, with the owner's key. The arguments are those of `reader.open_reader`.

        `zone` is the time zone of times without one, and `date_order` says what comes first in dates such as 04/05/2026: both as in
        `times.choices`. `account` is the account of posts that don't name one. Raises InvalidFile if the choices aren't valid or the file
        can't be read, UnknownColumns if its columns have to be matched, or StorageUnavailable if the folder can't be written to or its disk
        is full. After an error nothing is stored.
        """
        from dashboard.sources.files import post_parts
        from dashboard.sources.files.readers import reader
        from dashboard.sources.files.times.choices import parse_time_choices

        time_choices = parse_time_choices(self._clock(), zone, date_order)
        self.delete_expired()
        try:
            writer = self._open_writer()
            file_reader = reader.open_reader(
                file,
                name,
                column_by_field,
                time_choices=time_choices,
                account_name=account,
                are_columns_remembered=are_columns_remembered,
            )
            choices = ImportChoices(dict(column_by_field or {}), time_choices.zone_name, date_order.strip().lower(), account.strip())
            return writer.write(self._folder / secrets.token_hex(16), file_reader, choices, display_filename(name))
        except post_parts.STORAGE_ERRORS as error:
            raise describe_storage_error(error) from error

    def _open_writer(self) -> "DatasetWriter":
        """Return a writer for what is left of the storage. Raises StorageUnavailable if nothing is, OSError if the folder can't be made."""
        from dashboard.sources.files.dataset_writer import DatasetWriter
        from dashboard.sources.files.post_parts import MAX_PART_ROWS

        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        free_bytes = self._max_stored_bytes - count_stored_bytes(self._folder)
        if free_bytes <= 0:
            raise storage_full_error()
        return DatasetWriter(timedelta(days=self._retention_days), free_bytes, self._max_part_rows or MAX_PART_ROWS, self._clock)

    def find(self, dataset_id: str) -> Dataset | None:
        """Return a dataset, or None if there is none with that ID, it has expired, or its metadata is damaged.

        Raises StorageUnavailable if the folder can't be read.
        """
        if not _ID_PATTERN.fullmatch(dataset_id):
            return None
        try:
            dataset = dataset_folder.load_metadata(self._folder / dataset_id)
        except OSError as error:
            raise StorageUnavailable(
                translatable("Imported files can’t be read right now."), translatable("Ask your administrator: it’s CHORUS_DATASETS.")
            ) from error
        if dataset and dataset.expires <= self._clock():
            self._remove(dataset_id)
            return None
        return dataset

    def is_owner(self, dataset: Dataset, owner_key: str) -> bool:
        """Return whether a key is that of a dataset's owner."""
        return dataset_folder.is_owner_key(dataset, owner_key)

    def delete(self, dataset_id: str, owner_key: str) -> bool:
        """Delete a dataset if the owner's key is right; return whether it was deleted. Raises StorageUnavailable if it can't be."""
        dataset = self.find(dataset_id)
        if dataset is None or not self.is_owner(dataset, owner_key):
            return False
        self._remove(dataset.id)
        if (self._folder / dataset.id / METADATA_FILE).exists():
            raise StorageUnavailable(
                translatable("This file couldn’t be deleted."), translatable("Ask your administrator: the folder is CHORUS_DATASETS.")
            )
        return True

    def delete_expired(self) -> int:
        """Delete datasets that are expired, damaged or abandoned half-written; return how many there were."""
        now = self._clock()
        expired = [folder for folder in self._dataset_folders() if self._is_expired(folder, now)]
        for folder in expired:
            self._remove(folder.name)
        return len(expired)

    def _dataset_folders(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _ID_PATTERN.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
        except OSError:
            return []

    def _is_expired(self, folder: Path, now: datetime) -> bool:
        try:
            dataset = dataset_folder.load_metadata(folder)
            if dataset is not None:
                return dataset.expires <= now
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC) + ABANDONED_AFTER <= now
        except OSError:
            return False

    def _remove(self, dataset_id: str) -> None:
        """Delete a dataset, and forget its posts."""
        dataset_folder.remove(self._folder / dataset_id)
        self._kept_posts.forget(dataset_id)

    def add_collection(self, dataset: Dataset) -> Dataset:
        """Store the metadata of a collection whose files are written, and return it with the owner's key. Raises StorageUnavailable."""
        try:
            return dataset_folder.publish(self._folder / dataset.id, dataset)
        except OSError as error:
            raise describe_storage_error(error) from error

    def find_version(self, dataset: Dataset) -> str:
        """Return what stands for all posts of an imported file. Raises InvalidFile if it is damaged.

        It's "" for a file that was imported before there were digests, and while it would take long to check that they are right.
        """
        parts = verify_at_once(self._folder / dataset.id, dataset.part_digests) if dataset.part_digests else None
        return " ".join(part.digest for part in parts or ())

    def load_posts(
        self,
        dataset: Dataset,
        account_name: str,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
        tz: str = "UTC",
    ) -> "pl.DataFrame":
        """Return the newest posts of an account from `since` up to, but not including, `until`; posts without a time come last.

        Columns: those of posts.SCHEMA except `account`. The time of a post with only a date is the start of that day in `tz`. An unknown
        account has no posts. Of older posts than a report may have only the times are read. Raises InvalidFile if the dataset is damaged or
        is deleted meanwhile.
        """
        from dashboard.sources.files import post_parts

        if dataset.collection:
            from dashboard.sources.files import collections

            span = collections.Span(since, until, tz)
            return collections.load_posts(self._folder / dataset.id, dataset, dataset.collection, account_name, limit, span)
        folder, digests, account = self._folder / dataset.id, dataset.part_digests, f"{dataset.canonical_name}/{account_name}"

        def read_parts(paths: list[Path], read_limit: int) -> ReadPosts:
            with _reading_lock:
                return post_parts.read_posts(paths, account, read_limit, since, until, tz)

        def load_newest(versions: list[PartVersion], read_limit: int) -> ReadPosts:
            selection = PostSelection(dataset.id, account_name, read_limit, since, until, tz)
            return self._kept_posts.load(selection, tuple(versions), lambda: read_parts([part.path for part in versions], read_limit))

        try:
            if digests is None:
                return read_parts(_list_old_parts(folder), limit).frame
            versions = verify_parts(folder, digests)
            newest = load_newest(versions, max(limit, MAX_POSTS_PER_ACCOUNT))  # kept for every other limit
            return newest.frame.head(limit) if newest.may_be_cut(limit) else load_newest(versions, limit).frame
        except post_parts.STORAGE_ERRORS as error:
            raise damaged_file_error() from error

    def load_sums(self, dataset: Dataset, account_name: str, request: "TimelineRequest", fetched_at: datetime) -> "PostSums | None":
        """Return the rows of an account of a collection, None if the dataset is an imported file. Raises InvalidFile if it is damaged."""
        from dashboard.sources.files import collections

        if dataset.collection is None:
            return None
        span = collections.Span(request.since, request.until, request.tz)
        return collections.load_sums(self._folder / dataset.id, dataset, dataset.collection, account_name, span, fetched_at)


def _list_old_parts(folder: Path) -> list[Path]:
    """Return the parts of a dataset that was imported before there were digests. Raises InvalidFile if one of them is missing."""
    parts = sorted(folder.glob("part-*.parquet"))
    if [part.name for part in parts] != [f"part-{number:05}.parquet" for number in range(len(parts) or 1)]:
        raise damaged_file_error()
    return parts
