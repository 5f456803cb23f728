"""The durable store of one machine: an SQLite database in a file, or in memory. What its entries mean doesn't belong here.

Every write is one short transaction, on the disk before it returns. Processes that share the file lock each other out by files in a folder
next to it.
"""

import hashlib
import logging
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from dashboard.core.clock import Clock, system_clock
from dashboard.timelines.locks import LOCK_WAIT_SECONDS, Lease, hold_file_lock, hold_thread_lock
from dashboard.timelines.outages import OutagePause, StoreUnavailable

_BUSY_SECONDS = 5.0  # how long to wait for another process's transaction
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (day TEXT, position INTEGER, entry BLOB NOT NULL, PRIMARY KEY (day, position)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS paid (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at REAL NOT NULL) WITHOUT ROWID;
CREATE TRIGGER IF NOT EXISTS entries_are_final BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries are only appended'); END;
"""

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class SqliteStore:
    """A durable store in an SQLite database, in memory without a path. It's opened by the first use, so never before a fork."""

    def __init__(
        self, path: Path | None, clock: Clock = system_clock, *, limitation: str = "", lock_wait_seconds: float = LOCK_WAIT_SECONDS
    ) -> None:
        self.limitation, self._path, self._clock, self._lock_wait_seconds = limitation, path, clock, lock_wait_seconds
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._pause = OutagePause()
        self._guard = threading.Lock()

    def read_entries(self, day: str, start: int) -> list[bytes]:
        """Return the entries of a day from a position on."""
        query = "SELECT CAST(entry AS BLOB) FROM entries WHERE day = ? AND position >= ? ORDER BY position"
        return self._transact(lambda database: [row[0] for row in database.execute(query, (day, start))])

    def append_entry(self, day: str, entry: bytes, position: int | None = None) -> bool:
        """Append an entry, if the day has as many entries as expected."""

        def append(database: sqlite3.Connection) -> bool:
            (length,) = database.execute("SELECT COALESCE(MAX(position) + 1, 0) FROM entries WHERE day = ?", (day,)).fetchone()
            if position is not None and length != position:
                return False
            database.execute("INSERT INTO entries VALUES (?, ?, ?)", (day, length, entry))
            return True

        return self._transact(append)

    def delete_entries_before(self, day: str) -> None:
        """Delete the entries of earlier days."""
        self._transact(lambda database: database.execute("DELETE FROM entries WHERE day < ?", (day,)).rowcount)

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key that haven't expired."""
        query, now = "SELECT value FROM paid WHERE key = ? AND expires_at > ?", self._clock().timestamp()
        row = self._transact(lambda database: database.execute(query, (key, now)).fetchone())
        return bytes(row[0]) if row else None

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store or delete the bytes of all keys in one transaction, and remove what has expired."""
        now = self._clock().timestamp()
        kept = [(key, value, now + seconds) for key, (value, seconds) in values.items() if value]

        def put(database: sqlite3.Connection) -> None:
            database.executemany("DELETE FROM paid WHERE key = ?", [(key,) for key in values])
            database.executemany("INSERT INTO paid VALUES (?, ?, ?)", kept)
            database.execute("DELETE FROM paid WHERE expires_at <= ?", (now,))

        self._transact(put)

    def lock(self, key: str) -> AbstractContextManager[Lease]:
        """Hold the lock of a key, with a file next to the database if other processes may use it."""
        if self._path is None:
            return hold_thread_lock(f"{id(self)}:{key}", self._lock_wait_seconds)
        folder = self._path.with_name(f"{self._path.name}.locks")
        with suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return hold_file_lock(folder / hashlib.sha256(key.encode()).hexdigest()[:3], self._lock_wait_seconds)

    def _transact(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Return the result of `work` in one transaction, which is rolled back if it raises."""
        with self._guard:
            if self._pause.is_active:
                raise StoreUnavailable
            try:
                with _transaction(self._open()) as database:
                    return work(database)
            except (sqlite3.Error, OSError, ValueError) as error:
                _log.warning("The ledger failed: %s", type(error).__name__)
                self._recover(error)
                raise StoreUnavailable from None

    def _recover(self, error: Exception) -> None:
        """Open the file again next time, because it may have been emptied; don't wait for another program again at once."""
        if self._path and self._connection:
            self._connection.close()
            self._connection = None
        if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            self._pause.record_failure()

    def _open(self) -> sqlite3.Connection:
        """Return the connection, a new one if the file has been replaced, for example by a backup."""
        inode = _create_file(self._path) if self._path else 0
        if self._connection is None or inode != self._inode:
            options: dict[str, Any] = {"timeout": _BUSY_SECONDS, "isolation_level": None, "check_same_thread": False}
            connection = sqlite3.connect(self._path or ":memory:", **options)
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(_SCHEMA)
            self._connection, self._inode = connection, inode
        return self._connection


def _create_file(path: Path) -> int:
    """Create the database's file, readable by its owner only, unless it exists, and return its inode."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        return os.fstat(descriptor).st_ino
    finally:
        os.close(descriptor)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:  # including a signal that stops the worker
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise
