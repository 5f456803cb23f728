"""Imported files as datasets: a folder each, with posts as Parquet and what is known of them as JSON. No HTTP, no parsing of files.

Layout: ID/part-00000.parquet, … and ID/about.json, which comes last and by a rename: a dataset is there when that file is, so a
half-written one never is. A folder is not renamed, because a bucket mounted as one can't do that. Processes may share the folder.
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

RETENTION_DAYS = 30  # that a dataset is kept
MAX_STORED_BYTES = 10 * 2**30  # bytes of all datasets together
MAX_LISTED_ACCOUNTS = 2_000  # accounts of a dataset that are told by name; the posts of others are kept too
ABANDONED_AFTER = timedelta(days=1)  # after which what a killed import left behind is removed

_ID_PATTERN = re.compile(r"[0-9a-f]{32}")
_METADATA_FILE, _METADATA_FORMAT = "about.json", 1
_MAX_METADATA_BYTES = 4 * 2**20
_PART_ROWS, _PART_BYTES, _ROW_GROUP_ROWS = 50_000, 2**25, 10_000
_POST_COLUMNS = [column for column in posts.SCHEMA if column != "account"]


@dataclass(frozen=True)
class FileAccount:
    """One account of a file: its name there, its posts, and the times of the first and the last, None if no time is known."""

    name: str
    post_count: int
    first_post_at: datetime | None
    last_post_at: datetime | None


@dataclass(frozen=True)
class Dataset:
    """An imported file. Of the `read` rows those neither `kept` nor `unreadable` came again later.

    `accounts` has those with most posts first, at most MOST_LISTED of `accounts_total`.
    `owner_key` deletes it, and is known only to whoever imported it: None ever after.
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
        """The canonical form of all its accounts: `file:ID`."""
        return f"file:{self.id}"


class DatasetStore:
    """The datasets of one folder. Making one touches no disk."""

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
        """Import a file; arguments as of `archives.read`. The answer has the owner's key, this once.

        Raises InvalidArchive, or UnknownColumns, which is one, or InvalidSetting if the folder can't be written; nothing is left then.
        """
        self.delete_expired()
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            room = self._max_stored_bytes - sum(_folder_bytes(each) for each in self._dataset_folders())
            if room <= 0:
                raise _storage_full_error()
            return self._write_dataset(
                secrets.token_hex(16), reader.open_reader(file, name, column_by_field), reader.display_filename(name), room
            )
        except (OSError, pl.exceptions.PolarsError) as problem:
            detail = "Files can't be imported: the folder of CHORUS_DATASETS can't be written, or its disk is full."
            raise InvalidSetting(detail, "Tell whoever runs this Chorus.") from problem

    def find(self, dataset_id: str) -> Dataset | None:
        """Return a dataset, None if there is none of that id, its time is over, or what is known of it is damaged."""
        if not _ID_PATTERN.fullmatch(dataset_id):
            return None
        found = _load_metadata(self._folder / dataset_id)
        if found and found.expires <= self._clock():
            _remove_dataset(self._folder / dataset_id)
            return None
        return found

    def delete(self, dataset_id: str, owner_key: str) -> bool:
        """Delete a dataset by its owner's key; say whether that happened: not if there is none, or the key is another one's."""
        found = self.find(dataset_id)
        if found is None or not hmac.compare_digest(found.key_digest, _hash_key(owner_key)):
            return False
        _remove_dataset(self._folder / found.id)
        return True

    def delete_expired(self) -> int:
        """Remove what has expired, is damaged or was abandoned half-written, and say how many that were."""
        now = self._clock()
        over = [each for each in self._dataset_folders() if self._is_expired(each, now)]
        for each in over:
            _remove_dataset(each)
        return len(over)

    def load_posts(
        self, dataset_id: str, account_name: str, limit: int, since: datetime | None = None, until: datetime | None = None
    ) -> pl.DataFrame:
        """Return the newest posts of an account in the half-open span, those without a time last, in the columns of SCHEMA but `account`.

        Nothing but times is read of posts that do not come. An unknown dataset or account has none. Raises InvalidArchive if the
        dataset is damaged, or is deleted meanwhile.
        """
        try:
            return self._query_posts(dataset_id, account_name, limit, _build_time_filter(since, until))
        except (OSError, pl.exceptions.PolarsError) as damage:
            raise InvalidFile("This imported file is damaged, or was deleted just now.", "Import the file again.") from damage

    def _query_posts(self, dataset_id: str, account_name: str, limit: int, time_filter: pl.Expr) -> pl.DataFrame:
        parts = sorted(self._folder.glob(f"{dataset_id}/part-*.parquet")) if _ID_PATTERN.fullmatch(dataset_id) else []
        if not parts:
            return posts.empty_frame().select(_POST_COLUMNS)
        moment = pl.col("created_at")
        theirs = pl.scan_parquet(parts, glob=False).filter(pl.col("account") == f"file:{dataset_id}/{account_name}")
        inside = theirs.filter(time_filter)
        oldest = inside.select(moment.top_k(limit).min()).collect().item()
        wanted = [theirs.filter(moment.is_null()).head(limit)]  # of those nobody knows when they were written
        wanted += [inside.filter(moment >= oldest)] if oldest is not None else []
        found = pl.concat([frame.select(_POST_COLUMNS).collect() for frame in wanted])
        return found.sort("created_at", "id", descending=True, nulls_last=True).head(limit)

    def _write_dataset(self, dataset_id: str, file_reader: reader.FileReader, name: str, free_bytes: int) -> Dataset:
        folder = self._folder / dataset_id
        folder.mkdir(mode=0o700)
        try:
            _write_parts(folder, file_reader, free_bytes)
            repeated = _drop_duplicates(folder)
            file_reader.tally.add_notice("repeated", repeated)
            dataset, key = self._build_dataset(folder, file_reader.tally, name, repeated), secrets.token_hex(16)
            _save_metadata(folder, replace(dataset, key_digest=_hash_key(key)))
            return replace(dataset, key_digest=_hash_key(key), owner_key=key)
        except BaseException:  # also when a worker is told to stop
            _remove_dataset(folder)
            raise

    def _build_dataset(self, folder: Path, tally: ImportTally, name: str, duplicate_count: int) -> Dataset:
        (total, listed), now = _summarize_accounts(folder), self._clock().replace(microsecond=0)
        warnings = tally.format_warnings()
        if total > len(listed):
            warnings.append(f"The file has {total:,} accounts; the {len(listed):,} with the most posts are listed.")
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
            accounts=tuple(listed),
            accounts_total=total,
            key_digest="",
        )

    def _dataset_folders(self) -> list[Path]:
        try:
            return [each for each in self._folder.iterdir() if _ID_PATTERN.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]
        except OSError:
            return []

    def _is_expired(self, folder: Path, now: datetime) -> bool:
        found = _load_metadata(folder)
        if found is not None:
            return found.expires <= now
        try:
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC) + ABANDONED_AFTER <= now
        except OSError:
            return False


# --- posts -----------------------------------------------------------------------------------------------------------


def _build_time_filter(since: datetime | None, until: datetime | None) -> pl.Expr:
    moment = pl.col("created_at")
    inside = moment.is_not_null()
    inside = inside & (moment >= since) if since else inside
    return inside & (moment < until) if until else inside


def _write_parts(folder: Path, file_reader: reader.FileReader, free_bytes: int) -> None:
    """Write the rows of a file as parts, each in memory by itself."""
    for number, part in enumerate(_iter_parts(file_reader, folder.name)):
        path = folder / f"part-{number:05}.parquet"
        _write_part(part, path)
        free_bytes -= path.stat().st_size
        if free_bytes < 0:
            raise _storage_full_error()


def _iter_parts(file_reader: reader.FileReader, dataset_id: str) -> Iterator[pl.DataFrame]:
    """Yield frames with accounts in canonical form, and with `order`, by which the last of repeated posts is known."""
    waiting, begun = list[pl.DataFrame](), 0
    for batch in file_reader:
        frame = posts.build_frame(batch).with_columns(pl.format("file:{}/{}", pl.lit(dataset_id), "account").alias("account"))
        waiting.append(frame.with_row_index("order", begun))
        begun += frame.height
        if sum(each.height for each in waiting) >= _PART_ROWS or sum(each.estimated_size() for each in waiting) >= _PART_BYTES:
            yield pl.concat(waiting)
            waiting.clear()
    if waiting:
        yield pl.concat(waiting)


def _write_part(part: pl.DataFrame, path: Path) -> None:
    """Write a part sorted, so that a reader of one account or span skips most of it."""
    ordered = part.sort("account", "created_at", descending=[False, True], nulls_last=True)
    ordered.write_parquet(path, compression="zstd", row_group_size=_ROW_GROUP_ROWS, statistics=True)


def _drop_duplicates(folder: Path) -> int:
    """Write parts with posts that come again later once more, without them; return how many those were."""
    parts = sorted(folder.glob("part-*.parquet"))
    keys = pl.concat([_load_post_keys(part) for part in parts]).sort("key", "order")
    repeated = keys.filter(pl.col("key") == pl.col("key").shift(-1))
    for part in parts if repeated.height else []:
        frame = pl.read_parquet(part)
        kept = frame.join(repeated, on="order", how="anti", maintain_order="left")
        if kept.height < frame.height:
            _write_part(kept, part)
    return repeated.height


def _load_post_keys(path: Path) -> pl.DataFrame:
    """Return a number that stands for account and id of each post: small enough for millions."""
    keys = pl.read_parquet(path, columns=["account", "id", "order"])
    return keys.select(pl.struct("account", "id").hash().alias("key"), "order")


def _summarize_accounts(folder: Path) -> tuple[int, list[FileAccount]]:
    """Return how many accounts the parts have, and those with most posts."""
    moment = pl.col("created_at")
    rows = pl.scan_parquet(sorted(folder.glob("part-*.parquet")), glob=False).group_by("account")
    counted = rows.agg(pl.len().cast(pl.Int64).alias("posts"), moment.min().alias("first"), moment.max().alias("last")).collect()
    most = counted.sort(["posts", "account"], descending=[True, False]).head(MAX_LISTED_ACCOUNTS)
    names = most["account"].str.split_exact("/", 1).struct[1]
    rows_of_most = most.with_columns(names.alias("account")).iter_rows()
    return counted.height, [FileAccount(name, count, _to_utc(first), _to_utc(last)) for name, count, first, last in rows_of_most]


# --- what is known of them -------------------------------------------------------------------------------------------


def _save_metadata(folder: Path, dataset: Dataset) -> None:
    """Write what is known, by a rename: from then on the dataset is there."""
    told = {name: _to_json_value(value) for name, value in vars(dataset).items() if name != "owner_key"}
    told["accounts"] = [
        [each.name, each.post_count, _to_json_value(each.first_post_at), _to_json_value(each.last_post_at)] for each in dataset.accounts
    ]
    waiting = folder / f"{_METADATA_FILE}.new"
    waiting.write_text(json.dumps({"format": _METADATA_FORMAT} | told), encoding="utf-8")
    os.replace(waiting, folder / _METADATA_FILE)


def _load_metadata(folder: Path) -> Dataset | None:
    """Return what `_save` wrote, None if there is nothing, or it is damaged or of another format."""
    try:
        with (folder / _METADATA_FILE).open("rb") as file:
            told = json.loads(file.read(_MAX_METADATA_BYTES))
        if told.pop("format") != _METADATA_FORMAT or told["id"] != folder.name:
            return None
        told |= {name: _parse_timestamp(told[name]) for name in ("created", "expires")} | {
            name: tuple(told[name]) for name in ("reasons", "warnings")
        }
        told["accounts"] = tuple(
            FileAccount(name, count, _parse_timestamp(first), _parse_timestamp(last)) for name, count, first, last in told["accounts"]
        )
        return Dataset(**told)
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
    """Remove a dataset, first what makes it one."""
    (folder / _METADATA_FILE).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _folder_bytes(folder: Path) -> int:
    try:
        return sum(each.stat().st_size for each in folder.iterdir())
    except OSError:
        return 0


def _storage_full_error() -> InvalidFile:
    return InvalidFile("There is no room for more imported files here.", "Delete one that is no longer needed, or ask its operator.")
