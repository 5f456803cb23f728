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
from dashboard.core.errors import InvalidArchive, InvalidSetting
from dashboard.sources.files.readers import reader
from dashboard.sources.files.readers.import_tally import Tally

DAYS = 30  # that a dataset is kept
MOST_STORED = 10 * 2**30  # bytes of all datasets together
MOST_LISTED = 2_000  # accounts of a dataset that are told by name; the posts of others are kept too
ABANDONED = timedelta(days=1)  # after which what a killed import left behind is removed

_ID = re.compile(r"[0-9a-f]{32}")
_ABOUT, _FORMAT = "about.json", 1
_LARGEST_ABOUT = 4 * 2**20
_PART_ROWS, _PART_BYTES, _GROUP_ROWS = 50_000, 2**25, 10_000
_COLUMNS = [column for column in posts.SCHEMA if column != "account"]


@dataclass(frozen=True)
class FileAccount:
    """One account of a file: its name there, its posts, and the times of the first and the last, None if no time is known."""

    name: str
    posts: int
    first: datetime | None
    last: datetime | None


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
    def written(self) -> str:
        """The canonical form of all its accounts: `file:ID`."""
        return f"file:{self.id}"


class Datasets:
    """The datasets of one folder. Making one touches no disk."""

    def __init__(self, folder: Path, days: int = DAYS, most_stored: int = MOST_STORED) -> None:
        self._folder, self._days, self._most_stored = Path(folder), days, most_stored

    def create(self, file: BinaryIO, name: str, columns: Mapping[str, str] | None = None) -> Dataset:
        """Import a file; arguments as of `archives.read`. The answer has the owner's key, this once.

        Raises InvalidArchive, or UnknownColumns, which is one, or InvalidSetting if the folder can't be written; nothing is left then.
        """
        self.sweep(datetime.now(UTC))
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            room = self._most_stored - sum(_size(each) for each in self._folders())
            if room <= 0:
                raise _full()
            return self._create(secrets.token_hex(16), reader.read(file, name, columns), reader.shown_name(name), room)
        except (OSError, pl.exceptions.PolarsError) as problem:
            detail = "Files can't be imported: the folder of CHORUS_DATASETS can't be written, or its disk is full."
            raise InvalidSetting(detail, "Tell whoever runs this Chorus.") from problem

    def find(self, identity: str) -> Dataset | None:
        """Return a dataset, None if there is none of that id, its time is over, or what is known of it is damaged."""
        if not _ID.fullmatch(identity):
            return None
        found = _load(self._folder / identity)
        if found and found.expires <= datetime.now(UTC):
            _remove(self._folder / identity)
            return None
        return found

    def delete(self, identity: str, owner_key: str) -> bool:
        """Delete a dataset by its owner's key; say whether that happened: not if there is none, or the key is another one's."""
        found = self.find(identity)
        if found is None or not hmac.compare_digest(found.key_digest, _digest(owner_key)):
            return False
        _remove(self._folder / found.id)
        return True

    def sweep(self, now: datetime) -> int:
        """Remove what has expired, is damaged or was abandoned half-written, and say how many that were."""
        over = [each for each in self._folders() if self._is_over(each, now)]
        for each in over:
            _remove(each)
        return len(over)

    def posts(self, identity: str, account: str, limit: int, since: datetime | None = None, until: datetime | None = None) -> pl.DataFrame:
        """Return the newest posts of an account in the half-open span, those without a time last, in the columns of SCHEMA but `account`.

        Nothing but times is read of posts that do not come. An unknown dataset or account has none. Raises InvalidArchive if the
        dataset is damaged, or is deleted meanwhile.
        """
        try:
            return self._posts(identity, account, limit, _within(since, until))
        except (OSError, pl.exceptions.PolarsError) as damage:
            raise InvalidArchive("This imported file is damaged, or was deleted just now.", "Import the file again.") from damage

    def _posts(self, identity: str, account: str, limit: int, within: pl.Expr) -> pl.DataFrame:
        parts = sorted(self._folder.glob(f"{identity}/part-*.parquet")) if _ID.fullmatch(identity) else []
        if not parts:
            return posts.empty().select(_COLUMNS)
        moment = pl.col("created_at")
        theirs = pl.scan_parquet(parts, glob=False).filter(pl.col("account") == f"file:{identity}/{account}")
        inside = theirs.filter(within)
        oldest = inside.select(moment.top_k(limit).min()).collect().item()
        wanted = [theirs.filter(moment.is_null()).head(limit)]  # of those nobody knows when they were written
        wanted += [inside.filter(moment >= oldest)] if oldest is not None else []
        found = pl.concat([frame.select(_COLUMNS).collect() for frame in wanted])
        return found.sort("created_at", "id", descending=True, nulls_last=True).head(limit)

    def _create(self, identity: str, reading: reader.Reading, name: str, room: int) -> Dataset:
        folder = self._folder / identity
        folder.mkdir(mode=0o700)
        try:
            _write(folder, reading, room)
            repeated = _drop_repeated(folder)
            reading.tally.notice("repeated", repeated)
            dataset, key = self._about(folder, reading.tally, name, repeated), secrets.token_hex(16)
            _save(folder, replace(dataset, key_digest=_digest(key)))
            return replace(dataset, key_digest=_digest(key), owner_key=key)
        except BaseException:  # also when a worker is told to stop
            _remove(folder)
            raise

    def _about(self, folder: Path, tally: Tally, name: str, repeated: int) -> Dataset:
        (total, listed), now = _accounts(folder), datetime.now(UTC).replace(microsecond=0)
        warnings = tally.warnings()
        if total > len(listed):
            warnings.append(f"The file has {total:,} accounts; the {len(listed):,} with the most posts are listed.")
        return Dataset(
            id=folder.name,
            name=name,
            created=now,
            expires=now + timedelta(days=self._days),
            read=tally.read,
            kept=tally.kept - repeated,
            unreadable=tally.unreadable,
            reasons=tuple(tally.reasons),
            warnings=tuple(warnings),
            accounts=tuple(listed),
            accounts_total=total,
            key_digest="",
        )

    def _folders(self) -> list[Path]:
        try:
            return [each for each in self._folder.iterdir() if _ID.fullmatch(each.name) and each.is_dir() and not each.is_symlink()]
        except OSError:
            return []

    def _is_over(self, folder: Path, now: datetime) -> bool:
        found = _load(folder)
        if found is not None:
            return found.expires <= now
        try:
            return datetime.fromtimestamp(folder.stat().st_mtime, UTC) + ABANDONED <= now
        except OSError:
            return False


# --- posts -----------------------------------------------------------------------------------------------------------


def _within(since: datetime | None, until: datetime | None) -> pl.Expr:
    moment = pl.col("created_at")
    inside = moment.is_not_null()
    inside = inside & (moment >= since) if since else inside
    return inside & (moment < until) if until else inside


def _write(folder: Path, reading: reader.Reading, room: int) -> None:
    """Write the rows of a file as parts, each in memory by itself."""
    for number, part in enumerate(_parts(reading, folder.name)):
        path = folder / f"part-{number:05}.parquet"
        _write_part(part, path)
        room -= path.stat().st_size
        if room < 0:
            raise _full()


def _parts(reading: reader.Reading, identity: str) -> Iterator[pl.DataFrame]:
    """Yield frames with accounts in canonical form, and with `order`, by which the last of repeated posts is known."""
    waiting, begun = list[pl.DataFrame](), 0
    for batch in reading:
        frame = posts.conform(batch).with_columns(pl.format("file:{}/{}", pl.lit(identity), "account").alias("account"))
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
    ordered.write_parquet(path, compression="zstd", row_group_size=_GROUP_ROWS, statistics=True)


def _drop_repeated(folder: Path) -> int:
    """Write parts with posts that come again later once more, without them; return how many those were."""
    parts = sorted(folder.glob("part-*.parquet"))
    keys = pl.concat([_keys(part) for part in parts]).sort("key", "order")
    repeated = keys.filter(pl.col("key") == pl.col("key").shift(-1))
    for part in parts if repeated.height else []:
        frame = pl.read_parquet(part)
        kept = frame.join(repeated, on="order", how="anti", maintain_order="left")
        if kept.height < frame.height:
            _write_part(kept, part)
    return repeated.height


def _keys(part: Path) -> pl.DataFrame:
    """Return a number that stands for account and id of each post: small enough for millions."""
    keys = pl.read_parquet(part, columns=["account", "id", "order"])
    return keys.select(pl.struct("account", "id").hash().alias("key"), "order")


def _accounts(folder: Path) -> tuple[int, list[FileAccount]]:
    """Return how many accounts the parts have, and those with most posts."""
    moment = pl.col("created_at")
    rows = pl.scan_parquet(sorted(folder.glob("part-*.parquet")), glob=False).group_by("account")
    counted = rows.agg(pl.len().cast(pl.Int64).alias("posts"), moment.min().alias("first"), moment.max().alias("last")).collect()
    most = counted.sort(["posts", "account"], descending=[True, False]).head(MOST_LISTED)
    names = most["account"].str.split_exact("/", 1).struct[1]
    rows_of_most = most.with_columns(names.alias("account")).iter_rows()
    return counted.height, [FileAccount(name, count, _utc(first), _utc(last)) for name, count, first, last in rows_of_most]


# --- what is known of them -------------------------------------------------------------------------------------------


def _save(folder: Path, dataset: Dataset) -> None:
    """Write what is known, by a rename: from then on the dataset is there."""
    told = {name: _plain(value) for name, value in vars(dataset).items() if name != "owner_key"}
    told["accounts"] = [[each.name, each.posts, _plain(each.first), _plain(each.last)] for each in dataset.accounts]
    waiting = folder / f"{_ABOUT}.new"
    waiting.write_text(json.dumps({"format": _FORMAT} | told), encoding="utf-8")
    os.replace(waiting, folder / _ABOUT)


def _load(folder: Path) -> Dataset | None:
    """Return what `_save` wrote, None if there is nothing, or it is damaged or of another format."""
    try:
        with (folder / _ABOUT).open("rb") as file:
            told = json.loads(file.read(_LARGEST_ABOUT))
        if told.pop("format") != _FORMAT or told["id"] != folder.name:
            return None
        told |= {name: _moment(told[name]) for name in ("created", "expires")} | {
            name: tuple(told[name]) for name in ("reasons", "warnings")
        }
        told["accounts"] = tuple(FileAccount(name, count, _moment(first), _moment(last)) for name, count, first, last in told["accounts"])
        return Dataset(**told)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _moment(written: str | None) -> datetime | None:
    return _utc(datetime.fromisoformat(written)) if written else None


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _remove(folder: Path) -> None:
    """Remove a dataset, first what makes it one."""
    (folder / _ABOUT).unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)


def _size(folder: Path) -> int:
    try:
        return sum(each.stat().st_size for each in folder.iterdir())
    except OSError:
        return 0


def _full() -> InvalidArchive:
    return InvalidArchive("There is no room for more imported files here.", "Delete one that is no longer needed, or ask its operator.")
