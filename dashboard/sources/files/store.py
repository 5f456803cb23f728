"""Stores imported files as datasets: one folder each, with posts as Parquet and metadata as JSON. No HTTP and no parsing of files.

Layout: ID/part-00000.parquet, … and ID/about.json. A dataset exists once about.json does, and that file is written last and renamed
into place, so a half-written dataset is never visible. Folders aren't renamed, because a bucket mounted as a folder can't do that.
Several processes may share the folder.
"""

import hashlib
import hmac
import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile, InvalidSetting

if TYPE_CHECKING:  # loading them loads polars, which finding and deleting datasets does without
    import polars as pl

    from dashboard.sources.files.readers import reader
    from dashboard.sources.files.readers.import_tally import ImportTally

RETENTION_DAYS = 30
MAX_STORED_BYTES = 10 * 2**30  # for all datasets together
ABANDONED_AFTER = timedelta(days=1)  # after which the remains of an interrupted import are deleted

_ID_PATTERN = re.compile(r"[0-9a-f]{32}")
_METADATA_FILE, _METADATA_FORMAT = "about.json", 1
_MAX_METADATA_BYTES = 4 * 2**20


@dataclass(frozen=True)
class FileAccount:
    """One account of a file: its name, its number of posts, and the times of its first and last post (None if unknown)."""

    name: str
    post_count: int
    first_post_at: datetime | None
    last_post_at: datetime | None


@dataclass(frozen=True)
class Dataset:
    """An imported file. `read` is the number of rows; those neither `kept` nor `unreadable` were duplicates.

    `accounts` is sorted by number of posts, highest first, and has at most post_parts.MAX_LISTED_ACCOUNTS of the `accounts_total` accounts.
    `owner_key` is needed to delete the dataset. It is set only in the return value of `import_file`, because just its hash is stored.
    """

    id: str
    name: str
    created: datetime
    expires: datetime
    read: int
    kept: int
    unreadable: int
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    accounts: tuple[FileAccount, ...]
    accounts_total: int
    key_digest: str = field(repr=False)
    owner_key: str | None = field(default=None, repr=False)

    @property
    def canonical_name(self) -> str:
        """The canonical name for all accounts of the file: `file:ID`."""
        return f"file:{self.id}"


class DatasetStore:
    """The datasets in one folder. Creating a DatasetStore doesn't access the disk."""

    def __init__(
        self,
        folder: Path,
        retention_days: int = RETENTION_DAYS,
        max_stored_bytes: int = MAX_STORED_BYTES,
        clock: Clock = system_clock,
    ) -> None:
        self._folder, self._retention_days, self._max_stored_bytes = Path(folder), retention_days, max_stored_bytes
        self._clock = clock

    def import_file(self, file: BinaryIO, name: str, column_by_field: Mapping[str, str] | None = None) -> Dataset:
        """Import a file and return its dataset, with the owner's key. The arguments are those of `reader.open_reader`.

        Raises InvalidFile if the file can't be read, UnknownColumns if its columns have to be matched, or InvalidSetting if the folder
        can't be written to. After an error nothing is stored.
        """
        from dashboard.sources.files import post_parts
        from dashboard.sources.files.readers import reader

        self.delete_expired()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            free_bytes = self._max_stored_bytes - sum(_folder_bytes(folder) for folder in self._dataset_folders())
            if free_bytes <= 0:
                raise post_parts.storage_full_error()
            return self._write_dataset(
                secrets.token_hex(16), reader.open_reader(file, name, column_by_field), reader.display_filename(name), free_bytes
            )
        except post_parts.STORAGE_ERRORS as error:
            detail = "Files can't be stored: the folder of CHORUS_DATASETS isn't writable, or its disk is full."
            raise InvalidSetting(detail, "Ask your administrator.") from error

    def find(self, dataset_id: str) -> Dataset | None:
        """Return a dataset, or None if there is none with that ID, it has expired, or its metadata is damaged."""
        if not _ID_PATTERN.fullmatch(dataset_id):
            return None
        dataset = _load_metadata(self._folder / dataset_id)
        if dataset and dataset.expires <= self._clock():
            _remove_dataset(self._folder / dataset_id)
            return None
        return dataset

    def delete(self, dataset_id: str, owner_key: str) -> bool:
        """Delete a dataset if the owner's key is right; return whether it was deleted."""
        dataset = self.find(dataset_id)
        if dataset is None or not hmac.compare_digest(dataset.key_digest, _hash_key(owner_key)):
            return False
        _remove_dataset(self._folder / dataset.id)
        return True

    def delete_expired(self) -> int:
        """Delete datasets that are expired, damaged or abandoned half-written; return how many there were."""
        now = self._clock()
        expired = [folder for folder in self._dataset_folders() if self._is_expired(folder, now)]
        for folder in expired:
            _remove_dataset(folder)
        return len(expired)

    def load_posts(
        self, dataset_id: str, account_name: str, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> "pl.DataFrame":
        """Return the newest posts of an account from `since` up to, but not including, `until`; posts without a time come last.

        Columns: those of posts.SCHEMA except `account`. An unknown dataset or account has no posts. Of posts that aren't returned only
        the times are read. Raises InvalidFile if the dataset is damaged or is deleted meanwhile.
        """
        from dashboard.sources.files import post_parts

        if not _ID_PATTERN.fullmatch(dataset_id):
            return post_parts.empty_frame()
        try:
            return post_parts.load_posts(self._folder / dataset_id, account_name, limit, since, until)
        except post_parts.STORAGE_ERRORS as error:
            raise InvalidFile("This file is damaged or was just deleted.", "Upload the file again.") from error

    def _write_dataset(self, dataset_id: str, file_reader: "reader.FileReader", name: str, free_bytes: int) -> Dataset:
        from dashboard.sources.files import post_parts

        folder = self._folder / dataset_id
        folder.mkdir(mode=0o700)
        try:
            post_parts.write_parts(folder, file_reader, free_bytes)
            duplicate_count = post_parts.drop_duplicates(folder)
            file_reader.tally.add_notice("repeated", duplicate_count)
            dataset, key = self._build_dataset(folder, file_reader.tally, name, duplicate_count), secrets.token_hex(16)
            _save_metadata(folder, replace(dataset, key_digest=_hash_key(key)))
            return replace(dataset, key_digest=_hash_key(key), owner_key=key)
        except BaseException:  # including a signal that stops the worker
            _remove_dataset(folder)
            raise

    def _build_dataset(self, folder: Path, tally: "ImportTally", name: str, duplicate_count: int) -> Dataset:
        from dashboard.sources.files import post_parts

        (account_count, rows), now = post_parts.summarize_accounts(folder), self._clock().replace(microsecond=0)
        accounts = [FileAccount(name, count, _to_utc(first), _to_utc(last)) for name, count, first, last in rows]
        warnings = tally.format_warnings()
        if account_count > len(accounts):
            warnings.append(f"The file has {account_count:,} accounts; only the {len(accounts):,} with the most posts are listed.")
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
        )

    def _dataset_folders(self) -> list[Path]:
        try:
            return [path for path in self._folder.iterdir() if _ID_PATTERN.fullmatch(path.name) and path.is_dir() and not path.is_symlink()]
        except OSError:
            return []

    def _is_expired(self, folder: Path, now: datetime) -> bool:
        dataset = _load_metadata(folder)
        if dataset is not None:
            return dataset.expires <= now
        try:
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC) + ABANDONED_AFTER <= now
        except OSError:
            return False


# --- metadata --------------------------------------------------------------------------------------------------------


def _save_metadata(folder: Path, dataset: Dataset) -> None:
    """Write a dataset's metadata and rename it into place, which makes the dataset exist."""
    metadata = {name: _to_json_value(value) for name, value in vars(dataset).items() if name != "owner_key"}
    metadata["accounts"] = [
        [account.name, account.post_count, _to_json_value(account.first_post_at), _to_json_value(account.last_post_at)]
        for account in dataset.accounts
    ]
    temporary_file = folder / f"{_METADATA_FILE}.new"
    temporary_file.write_text(json.dumps({"format": _METADATA_FORMAT} | metadata), encoding="utf-8")
    os.replace(temporary_file, folder / _METADATA_FILE)


def _load_metadata(folder: Path) -> Dataset | None:
    """Return the dataset that `_save_metadata` wrote, or None if it is missing, damaged or of another format."""
    try:
        with (folder / _METADATA_FILE).open("rb") as file:
            metadata = json.loads(file.read(_MAX_METADATA_BYTES))
        if metadata.pop("format") != _METADATA_FORMAT or metadata["id"] != folder.name:
            return None
        metadata |= {name: _parse_timestamp(metadata[name]) for name in ("created", "expires")} | {
            name: tuple(metadata[name]) for name in ("reasons", "warnings")
        }
        metadata["accounts"] = tuple(
            FileAccount(name, count, _parse_timestamp(first), _parse_timestamp(last)) for name, count, first, last in metadata["accounts"]
        )
        return Dataset(**metadata)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _to_json_value(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _parse_timestamp(text: str | None) -> datetime | None:
    return _to_utc(datetime.fromisoformat(text)) if text else None


def _to_utc(timestamp: datetime | None) -> datetime | None:
    return timestamp.astimezone(UTC) if timestamp else None


def _hash_key(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _remove_dataset(folder: Path) -> None:
    """Delete a dataset, its metadata first so that it stops existing at once."""
    (folder / _METADATA_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _folder_bytes(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.iterdir())
    except OSError:
        return 0
