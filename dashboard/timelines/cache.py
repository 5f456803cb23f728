"""Bytes and sums that are kept between requests, in whatever cache was set: memory, a folder, or a Redis that processes share.

A cache that fails is an empty one, and the log says so: pages go on without it. Nothing here is pickled, and nothing knows Flask.
"""

import fcntl
import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from cachelib.serializers import BaseSerializer

_logger = logging.getLogger(__name__)
_LOCK_TIMEOUT_SECONDS = 90.0  # seconds that a reader waits for another process; above the deadline of a fetch
_LOCK_POLL_SECONDS = 0.1  # seconds between two looks whether the other is done
COUNTER_TTL_SECONDS = 8 * 24 * 3600  # seconds that a sum lasts: longer than any timeline, for a full cache first drops what ends first

_locks_guard = threading.Lock()
_locks_by_key: dict[str, tuple[threading.Lock, int]] = {}  # a lock a key, for as long as anybody holds or awaits it


class SharedCache:
    """What is kept, over a backend of cachelib."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, key: str) -> bytes | None:
        """Return what was put there, None if nothing is, or nothing can be had."""
        found = self._attempt(lambda: self._backend.get(key))
        return found if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Keep bytes for some seconds."""
        self._attempt(lambda: self._backend.set(key, value, timeout=seconds))

    def increment(self, key: str, amount: int) -> int | None:
        """Add to a sum that lasts some days and return it; None if it can't be reached."""
        if self._is_redis:
            self._attempt(lambda: self._backend.add(key, 0, timeout=COUNTER_TTL_SECONDS))
            total = self._attempt(lambda: self._backend.inc(key, amount))
        else:
            with self.lock(f"sum:{key}"):
                total = (self._attempt(lambda: self._backend.get(key)) or 0) + amount
                if not self._attempt(lambda: self._backend.set(key, total, timeout=COUNTER_TTL_SECONDS)):
                    return None
        return total if isinstance(total, int) else None

    @contextmanager
    def lock(self, key: str) -> Iterator[None]:
        """Let one reader at a time in for a key: of this process, and of all that share the cache."""
        with _thread_lock(key):
            if self._shared_folder:
                with _process_lock(self._shared_folder, key):
                    yield
            elif self._is_redis:
                mine = self._acquire_redis_lock(f"lock:{key}")
                try:
                    yield
                finally:
                    if mine:
                        self._attempt(lambda: self._backend.delete(f"lock:{key}"))
            else:
                yield

    @property
    def _shared_folder(self) -> str:
        """The folder that processes of this machine share, empty if the cache is none."""
        return str(getattr(self._backend, "_path", ""))

    @property
    def _is_redis(self) -> bool:
        return hasattr(self._backend, "_write_client")

    def _acquire_redis_lock(self, key: str) -> bool:
        """Wait until no other process holds a key; return whether we hold it now, False if the cache is away or the wait was long."""
        deadline = time.monotonic() + _LOCK_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            held = self._attempt(lambda: self._backend.add(key, 1, timeout=int(_LOCK_TIMEOUT_SECONDS)), default=None)
            if held is not False:
                return bool(held)
            time.sleep(_LOCK_POLL_SECONDS)
        return False

    def _attempt(self, operation: Callable[[], Any], default: Any = None) -> Any:
        try:
            return operation()
        except Exception as error:  # a cache of any make may raise anything, and none of it is worth a page
            _logger.warning("the cache fails: %s", type(error).__name__)
            return default


@contextmanager
def _process_lock(folder: str, key: str) -> Iterator[None]:
    """Hold a lock of the system's beside the folder, which ends with the process that holds it; none where it can't be made."""
    number = hashlib.sha256(key.encode()).hexdigest()[:2]
    with ExitStack() as held:
        with suppress(OSError):
            lock = held.enter_context(Path(f"{folder.rstrip('/')}.{number}.lock").open("a"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _thread_lock(key: str) -> Iterator[None]:
    with _locks_guard:
        lock, count = _locks_by_key.get(key, (threading.Lock(), 0))
        _locks_by_key[key] = (lock, count + 1)
    try:
        with lock:
            yield
    finally:
        with _locks_guard:
            lock, count = _locks_by_key.pop(key)
            if count > 1:
                _locks_by_key[key] = (lock, count - 1)


class SafeSerializer(BaseSerializer):
    """Bytes, whole numbers and JSON, never pickle: whoever can write to the cache must not run code here."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        """Return bytes that `loads` reads back; whole numbers as digits, so that Redis can add to them."""
        if type(value) is int:
            return str(value).encode()
        return b"B" + value if isinstance(value, bytes) else b"J" + json.dumps(value).encode()

    def loads(self, bvalue: bytes) -> Any:
        """Return the value, None for anything that was not written by `dumps`."""
        if bvalue and bvalue[:1] in b"-0123456789":
            return int(bvalue) if bvalue.lstrip(b"-").isdigit() else None
        if not bvalue or bvalue[:1] not in (b"B", b"J"):
            return None
        return bvalue[1:] if bvalue[:1] == b"B" else json.loads(bvalue[1:])

    def dump(self, value: Any, f: Any, protocol: int = 0) -> None:
        """Write a value to an open file."""
        f.write(self.dumps(value))

    def load(self, f: Any) -> Any:
        """Read a value from an open file."""
        return self.loads(f.read())
