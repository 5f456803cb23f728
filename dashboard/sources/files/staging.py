"""Holds uploaded files for up to an hour: until a person has matched their columns, or in case the import has to be corrected.

The files are stored in the datasets' folder. Nothing is parsed or imported here.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile, StorageUnavailable
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.durable_files import describe_storage_error, write_file
from dashboard.sources.files.storage_limit import MAX_STORED_BYTES, count_folder_bytes, count_stored_bytes, storage_full_error

RETENTION_SECONDS = 3600.0
MAX_FILE_BYTES = 100 * 2**20  # a larger file has to be uploaded again with other column names
_BLOCK_BYTES = 2**20
MAX_FILES_PER_CLIENT = 5
MAX_WAITING_BYTES = 2 * 2**30  # of all clients together
_CLIENT_DIGITS = 16
_TOKEN_PATTERN = re.compile(r"[0-9a-f]{48}")  # 16 digits of a digest of the client, then 32 random ones, or those of a digest of a key
_ORIGINALS_OF = "originals of"  # keeps the originals of a client apart from its files that wait for an answer


class StagingArea:
    """The staged files of one folder, which several processes may share."""

    def __init__(self, folder: Path, clock: Clock = system_clock, max_stored_bytes: int = MAX_STORED_BYTES) -> None:
        self._datasets_folder, self._folder, self._clock = folder, folder / "waiting", clock
        self._max_stored_bytes = max_stored_bytes

    def stage_file(self, file: BinaryIO, name: str, client: str = "") -> str:
        """Store a file with its name and return its token. After an error nothing is stored.

        Of one client, such as an address, at most MAX_FILES_PER_CLIENT wait: the oldest ones make room. Raises InvalidFile if the file
        exceeds MAX_FILE_BYTES or the storage is full, or StorageUnavailable if the disk is full or the folder can't be written to.
        """
        self.remove_expired()
        size = file.seek(0, 2)
        if size > MAX_FILE_BYTES:
            raise InvalidFile(
                deferred(
                    "We couldn’t recognize the columns, and files over %(limit)s MB can’t be matched by hand.",
                    limit=MAX_FILE_BYTES // 2**20,
                ),
                translatable("Rename the columns to created_at, text, id and account, then upload the file again."),
            )
        client_digest = hashlib.sha256(client.encode("utf-8", "replace")).hexdigest()[:_CLIENT_DIGITS]
        self._make_room(client_digest, size)
        token = f"{client_digest}{secrets.token_hex(16)}"
        try:
            self._write_file(token, file, name)
        except OSError as error:
            self.remove_file(token)
            raise describe_storage_error(error) from error
        return token

    def stage_original(self, file: BinaryIO, name: str, client: str, owner_key: str) -> None:
        """Keep the file of a dataset, so that its owner can correct how it was read, unless it is too large or there is no room.

        Originals leave half of the room to files that wait for an answer, and of one client there are at most MAX_FILES_PER_CLIENT.
        """
        self.remove_expired()
        if count_folder_bytes(self._folder) + file.seek(0, 2) > MAX_WAITING_BYTES // 2:
            return
        with suppress(InvalidFile, StorageUnavailable):
            self.keep_as_original(self.stage_file(file, name, f"{_ORIGINALS_OF} {client}"), owner_key)

    def keep_as_original(self, token: str, owner_key: str) -> None:
        """Keep a staged file as that of a dataset; only somebody with the owner's key finds it from now on."""
        original_token = f"{token[:_CLIENT_DIGITS]}{_hash_owner_key(owner_key)}"
        if _TOKEN_PATTERN.fullmatch(token):
            with suppress(OSError):
                (self._folder / f"{token}.name").replace(self._folder / f"{original_token}.name")
                (self._folder / token).replace(self._folder / original_token)

    def find_original(self, owner_key: str) -> str | None:
        """Return the token of the file that a dataset was imported from, or None if it isn't kept."""
        self.remove_expired()
        ending = _hash_owner_key(owner_key)
        return next((path.name for path in self._list_files() if path.name.endswith(ending) and _TOKEN_PATTERN.fullmatch(path.name)), None)

    def remove_original(self, owner_key: str) -> None:
        """Delete the file that a dataset was imported from, if it is kept."""
        if token := self.find_original(owner_key):
            self.remove_file(token)

    def _write_file(self, token: str, file: BinaryIO, name: str) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.seek(0)
        write_file(self._folder / f"{token}.name", [name.encode("utf-8", "replace")])
        write_file(self._folder / token, iter(lambda: file.read(_BLOCK_BYTES), b""))

    @contextmanager
    def open_staged(self, token: str) -> Iterator[tuple[BinaryIO, str]]:
        """Open a staged file and yield it with its name. Raises InvalidFile if it has expired."""
        self.remove_expired()
        path = self._folder / token
        if not _TOKEN_PATTERN.fullmatch(token) or not path.is_file():
            raise InvalidFile(translatable("This upload has expired."), translatable("Upload the file again."))
        try:
            file, name = path.open("rb"), path.with_suffix(".name").read_text(encoding="utf-8")
        except OSError as error:  # another request has just imported or removed it
            raise InvalidFile(translatable("This upload has expired."), translatable("Upload the file again.")) from error
        with file:
            yield file, name

    def remove_file(self, token: str) -> None:
        """Delete a staged file."""
        if _TOKEN_PATTERN.fullmatch(token):
            for path in (self._folder / token, self._folder / f"{token}.name"):
                with suppress(OSError):
                    path.unlink()

    def _make_room(self, client_digest: str, size: int) -> None:
        """Remove the oldest files of a client that has too many. Raises InvalidFile if the storage is full even then."""
        tokens = [path.name for path in self._list_files() if _TOKEN_PATTERN.fullmatch(path.name) and path.name.startswith(client_digest)]
        for token in sorted(tokens, key=self._time_of)[: max(0, len(tokens) + 1 - MAX_FILES_PER_CLIENT)]:
            self.remove_file(token)
        is_waiting_full = count_folder_bytes(self._folder) + size > min(MAX_WAITING_BYTES, self._max_stored_bytes)
        if is_waiting_full or count_stored_bytes(self._datasets_folder) + size > self._max_stored_bytes:
            raise storage_full_error()

    def _time_of(self, token: str) -> float:
        try:
            return (self._folder / token).stat().st_mtime
        except OSError:
            return 0.0

    def remove_expired(self) -> None:
        """Delete the files that have waited for longer than RETENTION_SECONDS."""
        oldest = self._clock().timestamp() - RETENTION_SECONDS
        for path in self._list_files():
            with suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _list_files(self) -> list[Path]:
        try:
            return list(self._folder.iterdir())
        except OSError:
            return []


def _hash_owner_key(owner_key: str) -> str:
    return hashlib.sha256(b"original " + owner_key.encode("utf-8", "replace")).hexdigest()[:32]
