"""Stores imported files as datasets: one folder each, with posts as Parquet and metadata as JSON. No HTTP and no parsing of files.

Layout: ID/part-00000.parquet, …, ID/about.json, which has the parts' digests, and what `fact_files` adds later. A dataset exists once
about.json does, and that file is written last and renamed into place, so a half-written dataset is never visible. Folders aren't renamed,
because a bucket mounted as a folder can't do that. Several processes may share the folder.
"""

import hashlib
import hmac
import re
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import StorageUnavailable
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.dataset import MAX_METADATA_BYTES, METADATA_FILE, Dataset, FileAccount, dump_metadata, parse_metadata
from dashboard.sources.files.durable_files import describe_storage_error, write_file
from dashboard.sources.files.fact_files import FactFiles
from dashboard.sources.files.import_summary import ImportChoices, build_summary
from dashboard.sources.files.kept_posts import KeptPosts, PostSelection
from dashboard.sources.files.part_digests import damaged_file_error, verify_parts
from dashboard.sources.files.storage_limit import MAX_STORED_BYTES, count_stored_bytes, storage_full_error

if TYPE_CHECKING:  # loading them loads polars, which finding and deleting datasets does without
    import polars as pl

    from dashboard.core.post_sums import PostSums
    from dashboard.sources.base import TimelineRequest
    from dashboard.sources.files.readers import reader
    from dashboard.sources.files.readers.import_tally import ImportTally

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
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            free_bytes = self._max_stored_bytes - count_stored_bytes(self._folder)
            if free_bytes <= 0:
                raise storage_full_error()
            file_reader = reader.open_reader(file, name, column_by_field, time_choices=time_choices, account_name=account)
            choices = ImportChoices(dict(column_by_field or {}), time_choices.zone_name, date_order.strip().lower(), account.strip())
            return self._write_dataset(secrets.token_hex(16), file_reader, choices, reader.display_filename(name), free_bytes)
        except post_parts.STORAGE_ERRORS as error:
            raise describe_storage_error(error) from error

    def find(self, dataset_id: str) -> Dataset | None:
        """Return a dataset, or None if there is none with that ID, it has expired, or its metadata is damaged.

        Raises StorageUnavailable if the folder can't be read.
        """
        if not _ID_PATTERN.fullmatch(dataset_id):
            return None
        try:
            dataset = _load_metadata(self._folder / dataset_id)
        except OSError as error:
            raise StorageUnavailable(
                translatable("Imported files can't be read right now."), translatable("Ask your administrator: it's CHORUS_DATASETS.")
            ) from error
        if dataset and dataset.expires <= self._clock():
            self._remove(dataset_id)
            return None
        return dataset

    def delete(self, dataset_id: str, owner_key: str) -> bool:
        """Delete a dataset if the owner's key is right; return whether it was deleted. Raises StorageUnavailable if it can't be."""
        dataset = self.find(dataset_id)
        if dataset is None or not self.is_owner(dataset, owner_key):
            return False
        self._remove(dataset.id)
        if (self._folder / dataset.id / METADATA_FILE).exists():
            raise StorageUnavailable(
                translatable("This file couldn't be deleted."), translatable("Ask your administrator: the folder is CHORUS_DATASETS.")
            )
        return True

    def delete_expired(self) -> int:
        """Delete datasets that are expired, damaged or abandoned half-written; return how many there were."""
        now = self._clock()
        expired = [folder for folder in self._dataset_folders() if self._is_expired(folder, now)]
        for folder in expired:
            self._remove(folder.name)
        return len(expired)

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
        account has no posts. Of posts that aren't returned only the times
        are read. Raises InvalidFile if the dataset is damaged or is deleted meanwhile.
        """
        from dashboard.sources.files import post_parts

        if dataset.collection:
            from dashboard.sources.files import collections

            span = collections.Span(since, until, tz)
            return collections.load_posts(self._folder / dataset.id, dataset, dataset.collection, account_name, limit, span)
        folder, digests, account = self._folder / dataset.id, dataset.part_digests, f"{dataset.canonical_name}/{account_name}"
        selection = PostSelection(dataset.id, account_name, limit, since, until, tz)

        def read_parts(paths: list[Path]) -> "pl.DataFrame":
            with _reading_lock:
                return post_parts.load_posts(paths, account, limit, since, until, tz)

        try:
            if digests is None:
                return read_parts(_list_old_parts(folder))
            versions = verify_parts(folder, digests)
            return self._kept_posts.load(selection, tuple(versions), lambda: read_parts([version.path for version in versions]))
        except post_parts.STORAGE_ERRORS as error:
            raise damaged_file_error() from error

    def _remove(self, dataset_id: str) -> None:
        """Delete a dataset, and forget its posts."""
        _remove_dataset(self._folder / dataset_id)
        self._kept_posts.forget(dataset_id)

    def add_collection(self, dataset: Dataset) -> Dataset:
        """Store the metadata of a collection whose files are written, and return it with the owner's key. Raises StorageUnavailable."""
        key = secrets.token_hex(16)
        try:
            write_file(self._folder / dataset.id / METADATA_FILE, [dump_metadata(replace(dataset, key_digest=_hash_key(key)))])
        except OSError as error:
            raise describe_storage_error(error) from error
        return replace(dataset, key_digest=_hash_key(key), owner_key=key)

    def load_sums(self, dataset: Dataset, account_name: str, request: "TimelineRequest", fetched_at: datetime) -> "PostSums | None":
        """Return the rows of an account of a collection, None if the dataset is an imported file. Raises InvalidFile if it is damaged."""
        from dashboard.sources.files import collections

        if dataset.collection is None:
            return None
        span = collections.Span(request.since, request.until, request.tz)
        return collections.load_sums(self._folder / dataset.id, dataset, dataset.collection, account_name, span, fetched_at)

    def is_owner(self, dataset: Dataset, owner_key: str) -> bool:
        """Return whether a key is that of a dataset's owner."""
        return hmac.compare_digest(dataset.key_digest, _hash_key(owner_key))

    def _write_dataset(
        self, dataset_id: str, file_reader: "reader.FileReader", choices: ImportChoices, name: str, free_bytes: int
    ) -> Dataset:
        from dashboard.sources.files import post_parts

        folder = self._folder / dataset_id
        folder.mkdir(mode=0o700)
        try:
            digests = post_parts.write_parts(folder, file_reader, free_bytes, self._max_part_rows or post_parts.MAX_PART_ROWS)
            duplicate_count, version_count, changed_digests = post_parts.drop_duplicates(_verify_paths(folder, digests))
            file_reader.tally.add_notice("repeated", duplicate_count)
            file_reader.tally.add_notice("edited", version_count)
            digests |= changed_digests
            dataset = self._build_dataset(folder, digests, file_reader.tally, name, duplicate_count + version_count)
            verified = _verify_paths(folder, digests)
            languages, kinds = post_parts.count_languages(verified), post_parts.count_kinds(verified)
            dataset = replace(dataset, summary=build_summary(file_reader.tally, choices, languages, kinds))
            key = secrets.token_hex(16)
            write_file(folder / METADATA_FILE, [dump_metadata(replace(dataset, key_digest=_hash_key(key)))])
            return replace(dataset, key_digest=_hash_key(key), owner_key=key)
        except BaseException:  # including a signal that stops the worker
            _remove_dataset(folder)
            raise

    def _build_dataset(self, folder: Path, digests: Mapping[str, str], tally: "ImportTally", name: str, duplicate_count: int) -> Dataset:
        from dashboard.sources.files import post_parts

        (account_count, rows), now = post_parts.summarize_accounts(_verify_paths(folder, digests)), self._clock().replace(microsecond=0)
        accounts = [FileAccount(name, count, _to_utc(first), _to_utc(last)) for name, count, first, last in rows]
        warnings = tally.format_warnings()
        if account_count > len(accounts):
            listed = translatable("The file has %(count)s accounts; only the %(limit)s with the most posts are listed.")
            warnings.append(deferred(listed, count=account_count, limit=len(accounts)))
        return Dataset(
            id=folder.name,
            name=name,
            created=now,
            expires=now + timedelta(days=self._retention_days),
            read=tally.rows_read,
            kept=tally.rows_kept - duplicate_count,
            unreadable=tally.rows_unreadable,
            reasons=tuple(tally.reasons),
            warnings=tuple(warnings),
            accounts=tuple(accounts),
            accounts_total=account_count,
            key_digest="",
            part_digests=digests,
            spellings=_select_spellings(tally, accounts),
        )

    def _dataset_folders(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _ID_PATTERN.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
        except OSError:
            return []

    def _is_expired(self, folder: Path, now: datetime) -> bool:
        try:
            dataset = _load_metadata(folder)
            if dataset is not None:
                return dataset.expires <= now
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC) + ABANDONED_AFTER <= now
        except OSError:
            return False


def _select_spellings(tally: "ImportTally", accounts: list[FileAccount]) -> dict[str, str]:
    """Return how the file writes the names of the listed accounts, where that differs."""
    spellings = {account.name: tally.spelling_by_account.get(account.name, account.name) for account in accounts}
    return {name: spelling for name, spelling in spellings.items() if spelling != name}


def _load_metadata(folder: Path) -> Dataset | None:
    """Return the dataset of a folder, or None if there is none or its metadata is damaged. Raises OSError if it can't be read."""
    try:
        with (folder / METADATA_FILE).open("rb") as file:
            return parse_metadata(file.read(MAX_METADATA_BYTES), folder.name)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _verify_paths(folder: Path, digests: Mapping[str, str]) -> list[Path]:
    return [version.path for version in verify_parts(folder, digests)]


def _list_old_parts(folder: Path) -> list[Path]:
    """Return the parts of a dataset that was imported before there were digests. Raises InvalidFile if one of them is missing."""
    parts = sorted(folder.glob("part-*.parquet"))
    if [part.name for part in parts] != [f"part-{number:05}.parquet" for number in range(len(parts) or 1)]:
        raise damaged_file_error()
    return parts


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _remove_dataset(folder: Path) -> None:
    """Delete a dataset, its metadata first so that it stops existing at once. What can't be deleted stays."""
    with suppress(OSError):
        (folder / METADATA_FILE).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _to_utc(timestamp: datetime | None) -> datetime | None:
    return timestamp.astimezone(UTC) if timestamp else None
