"""What money depends on: a ledger of entries that are only ever appended, bytes that were paid for, and locks.

It is separate from the cache, where free timelines push others out. Which entries mean what is in `ledger.py`; where they are stored is in
`sqlite_store.py` and `redis_store.py`, and chosen in `store_location.py`.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from dashboard.timelines.locks import Lease
from dashboard.timelines.outages import StoreUnavailable

LEDGER_RETENTION_DAYS = 35


class DurableStore(Protocol):
    """A store that all processes share. Every method raises StoreUnavailable if it can't do what it says, except `lock`."""

    @property
    def limitation(self) -> str:
        """A sentence for visitors that says when today's spending is forgotten, empty if it never is."""
        ...

    def read_entries(self, day: str, start: int) -> list[bytes]:
        """Return the entries of a day (YYYY-MM-DD) from a position on, oldest first."""
        ...

    def append_entry(self, day: str, entry: bytes, position: int | None = None) -> bool:
        """Append an entry durably and return True, or False if a position is given and the day doesn't have that many entries."""
        ...

    def delete_entries_before(self, day: str) -> None:
        """Delete the entries of earlier days."""
        ...

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none or they have expired."""
        ...

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store bytes for a number of seconds, all keys or none. Empty bytes delete a key."""
        ...

    def lock(self, key: str) -> AbstractContextManager[Lease]:
        """Wait for the lock of a key and hold it. If somebody else holds it for too long, or the store fails, the lease says so."""
        ...


class StoredLookups:
    """The bytes of a durable store as a source may use them: a store that can't be reached counts as empty."""

    def __init__(self, store: DurableStore) -> None:
        self._store = store

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none."""
        try:
            return self._store.get(key)
        except StoreUnavailable:
            return None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes for a number of seconds."""
        try:
            self._store.put_all({key: (value, seconds)})
        except StoreUnavailable:
            return
