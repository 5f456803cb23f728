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
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from dashboard.core import posts
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile, InvalidSetting
from dashboard.sources.files.readers import reader
from dashboard.sources.files.readers.import_tally import ImportTally

RETENTION_DAYS = 30
MAX_STORED_BYTES = 10 * 2**30  # for all datasets together
MAX_LISTED_ACCOUNTS = 2_000  # accounts in a dataset's metadata; the posts of the others are stored too
ABANDONED_AFTER = timedelta(days=1)  # after which the remains of an interrupted import are deleted

_ID_PATTERN = re.compile(r"[0-9a-f]{32}")
_METADATA_FILE, _METADATA_FORMAT = "about.json", 1
_MAX_METADATA_BYTES = 4 * 2**20
_PART_ROWS, _PART_BYTES, _ROW_GROUP_ROWS = 50_000, 2**25, 10_000
_POST_COLUMNS = [column for column in posts.SCHEMA if column != "account"]


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

    `accounts` is sorted by number of posts, highest first, and has at most MAX_LISTED_ACCOUNTS of the `accounts_total` accounts.
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
        self.delete_expired()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            free_bytes = self._max_stored_bytes - sum(_folder_bytes(folder) for folder in self._dataset_folders())
            if free_bytes <= 0:
                raise _storage_full_error()
            return self._write_dataset(
                secrets.token_hex(16), reader.open_reader(file, name, column_by_field), reader.display_filename(name), free_bytes
            )
        except (OSError, pl.exceptions.PolarsError) as error:
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
    ) -> pl.DataFrame:
        """Return the newest posts of an account from `since` up to, but not including, `until`; posts without a time come last.

        Columns: those of posts.SCHEMA except `account`. An unknown dataset or account has no posts. Of posts that aren't returned only
        the times are read. Raises InvalidFile if the dataset is damaged or is deleted meanwhile.
        """
        try:
            return self._query_posts(dataset_id, account_name, limit, _build_time_filter(since, until))
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InvalidFile("This file is damaged or was just deleted.", "Upload the file again.") from error

    def _query_posts(self, dataset_id: str, account_name: str, limit: int, time_filter: pl.Expr) -> pl.DataFrame:
        parts = sorted(self._folder.glob(f"{dataset_id}/part-*.parquet")) if _ID_PATTERN.fullmatch(dataset_id) else []
        if not parts:
            return posts.empty_frame().select(_POST_COLUMNS)
        created_at = pl.col("created_at")
        account_posts = pl.scan_parquet(parts, glob=False).filter(pl.col("account") == f"file:{dataset_id}/{account_name}")
        dated_posts = account_posts.filter(time_filter)
        oldest = dated_posts.select(created_at.top_k(limit).min()).collect().item()
        selections = [account_posts.filter(created_at.is_null()).head(limit)]  # posts without a known time
        selections += [dated_posts.filter(created_at >= oldest)] if oldest is not None else []
        selected = pl.concat([frame.select(_POST_COLUMNS).collect() for frame in selections])
        return selected.sort("created_at", "id", descending=True, nulls_last=True).head(limit)

    def _write_dataset(self, dataset_id: str, file_reader: reader.FileReader, name: str, free_bytes: int) -> Dataset:
        folder = self._folder / dataset_id
        folder.mkdir(mode=0o700)
        try:
            _write_parts(folder, file_reader, free_bytes)
            duplicate_count = _drop_duplicates(folder)
            file_reader.tally.add_notice("repeated", duplicate_count)
            dataset, key = self._build_dataset(folder, file_reader.tally, name, duplicate_count), secrets.token_hex(16)
            _save_metadata(folder, replace(dataset, key_digest=_hash_key(key)))
            return replace(dataset, key_digest=_hash_key(key), owner_key=key)
        except BaseException:  # including a signal that stops the worker
            _remove_dataset(folder)
            raise

    def _build_dataset(self, folder: Path, tally: ImportTally, name: str, duplicate_count: int) -> Dataset:
        (account_count, accounts), now = _summarize_accounts(folder), self._clock().replace(microsecond=0)
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


# --- posts -----------------------------------------------------------------------------------------------------------


def _build_time_filter(since: datetime | None, until: datetime | None) -> pl.Expr:
    created_at = pl.col("created_at")
    in_span = created_at.is_not_null()
    in_span = in_span & (created_at >= since) if since else in_span
    return in_span & (created_at < until) if until else in_span


def _write_parts(folder: Path, file_reader: reader.FileReader, free_bytes: int) -> None:
    """Write the rows of a file in parts, with one part in memory at a time. Raises InvalidFile if the storage is full."""
    for number, part in enumerate(_iter_parts(file_reader, folder.name)):
        path = folder / f"part-{number:05}.parquet"
        _write_part(part, path)
        free_bytes -= path.stat().st_size
        if free_bytes < 0:
            raise _storage_full_error()


def _iter_parts(file_reader: reader.FileReader, dataset_id: str) -> Iterator[pl.DataFrame]:
    """Yield frames with canonical account names and `order`, a row number that tells which duplicate comes last."""
    frames, row_count = list[pl.DataFrame](), 0
    for batch in file_reader:
        frame = posts.build_frame(batch).with_columns(pl.format("file:{}/{}", pl.lit(dataset_id), "account").alias("account"))
        frames.append(frame.with_row_index("order", row_count))
        row_count += frame.height
        if sum(frame.height for frame in frames) >= _PART_ROWS or sum(frame.estimated_size() for frame in frames) >= _PART_BYTES:
            yield pl.concat(frames)
            frames.clear()
    if frames:
        yield pl.concat(frames)


def _write_part(part: pl.DataFrame, path: Path) -> None:
    """Write a part sorted by account and time, so that reading one account or time span skips most of it."""
    sorted_part = part.sort("account", "created_at", descending=[False, True], nulls_last=True)
    sorted_part.write_parquet(path, compression="zstd", row_group_size=_ROW_GROUP_ROWS, statistics=True)


def _drop_duplicates(folder: Path) -> int:
    """Rewrite the parts without posts that are repeated later; return how many posts were dropped."""
    parts = sorted(folder.glob("part-*.parquet"))
    keys = pl.concat([_load_post_keys(part) for part in parts]).sort("key", "order")
    duplicates = keys.filter(pl.col("key") == pl.col("key").shift(-1))
    for part in parts if duplicates.height else []:
        frame = pl.read_parquet(part)
        remaining = frame.join(duplicates, on="order", how="anti", maintain_order="left")
        if remaining.height < frame.height:
            _write_part(remaining, part)
    return duplicates.height


def _load_post_keys(path: Path) -> pl.DataFrame:
    """Return columns `key` and `order`; `key` is a hash of a post's account and ID, compact enough for millions of posts."""
    keys = pl.read_parquet(path, columns=["account", "id", "order"])
    return keys.select(pl.struct("account", "id").hash().alias("key"), "order")


def _summarize_accounts(folder: Path) -> tuple[int, list[FileAccount]]:
    """Return the number of accounts, and the accounts with the most posts."""
    created_at = pl.col("created_at")
    posts_by_account = pl.scan_parquet(sorted(folder.glob("part-*.parquet")), glob=False).group_by("account")
    summary = posts_by_account.agg(
        pl.len().cast(pl.Int64).alias("posts"), created_at.min().alias("first"), created_at.max().alias("last")
    ).collect()
    listed = summary.sort(["posts", "account"], descending=[True, False]).head(MAX_LISTED_ACCOUNTS)
    names = listed["account"].str.split_exact("/", 1).struct[1]
    rows = listed.with_columns(names.alias("account")).iter_rows()
    return summary.height, [FileAccount(name, count, _to_utc(first), _to_utc(last)) for name, count, first, last in rows]


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


def _storage_full_error() -> InvalidFile:
    return InvalidFile("The storage for uploaded files is full.", "Delete a file that you no longer need, or ask your administrator.")
