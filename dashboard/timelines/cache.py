"""Stores bytes and totals between requests in the configured cache: memory, a folder, or a Redis that several processes share.

A cache that fails counts as empty and is logged, so that pages still work. Nothing is pickled, and Flask doesn't belong here.
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
_LOCK_TIMEOUT_SECONDS = 90.0  # how long to wait for another process; longer than the deadline of a fetch
_LOCK_POLL_SECONDS = 0.1  # between two attempts
COUNTER_TTL_SECONDS = 8 * 24 * 3600  # longer than any timeline, because a full cache drops the entries that expire first

_locks_guard = threading.Lock()
_locks_by_key: dict[str, tuple[threading.Lock, int]] = {}  # a lock per key and the number of threads that hold or await it


class SharedCache:
    """A cache on top of a cachelib backend."""

    def __init__(self, backend: Any) -> None:
        self._backend = backend

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none or the cache can't be reached."""
        value = self._attempt(lambda: self._backend.get(key))
        return value if isinstance(value, bytes) else None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes for a number of seconds."""
        self._attempt(lambda: self._backend.set(key, value, timeout=seconds))

    def increment(self, key: str, amount: int) -> int | None:
        """Add to a total that lasts COUNTER_TTL_SECONDS and return it, or None if the cache can't be reached."""
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
        """Hold the lock of a key, against other threads and all processes that share the cache."""
        with _thread_lock(key):
            if self._shared_folder:
                with _process_lock(self._shared_folder, key):
                    yield
            elif self._is_redis:
                is_acquired = self._acquire_redis_lock(f"lock:{key}")
                try:
                    yield
                finally:
                    if is_acquired:
                        self._attempt(lambda: self._backend.delete(f"lock:{key}"))
            else:
                yield

    @property
    def _shared_folder(self) -> str:
        """The folder that processes on this machine share, or "" if the cache isn't a folder."""
        return str(getattr(self._backend, "_path", ""))

    @property
    def _is_redis(self) -> bool:
        return hasattr(self._backend, "_write_client")

    def _acquire_redis_lock(self, key: str) -> bool:
        """Wait for the lock of a key; return whether it was acquired. It isn't if Redis can't be reached or the wait took too long."""
        deadline = time.monotonic() + _LOCK_TIMEOUT_SECONDS
        while time.monotonic() < deadline:
            is_added = self._attempt(lambda: self._backend.add(key, 1, timeout=int(_LOCK_TIMEOUT_SECONDS)), default=None)
            if is_added is not False:
                return bool(is_added)
            time.sleep(_LOCK_POLL_SECONDS)
        return False

    def _attempt(self, operation: Callable[[], Any], default: Any = None) -> Any:
        try:
            return operation()
        except Exception as error:  # each backend raises its own errors, and none of them should break a page
            _logger.warning("The cache failed: %s", type(error).__name__)
            return default


@contextmanager
def _process_lock(folder: str, key: str) -> Iterator[None]:
    """Hold a file lock next to the folder. The system releases it if the process dies; if it can't be created, go on without it."""
    number = hashlib.sha256(key.encode()).hexdigest()[:2]
    with ExitStack() as stack:
        with suppress(OSError):
            lock_file = stack.enter_context(Path(f"{folder.rstrip('/')}.{number}.lock").open("a"))
            fcntl.flock(lock_file, fcntl.LOCK_EX)
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
    """Serializes bytes, integers and JSON, never pickle, because write access to the cache must not allow running code here."""

    def dumps(self, value: Any, protocol: int = 0) -> bytes:
        """Return bytes that `loads` reads back. Integers become digits, so that Redis can add to them."""
        if type(value) is int:
            return str(value).encode()
        return b"B" + value if isinstance(value, bytes) else b"J" + json.dumps(value).encode()

    def loads(self, bvalue: bytes) -> Any:
        """Return the value that `dumps` wrote, or None for anything else."""
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
