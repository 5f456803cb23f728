"""Stores bytes between requests in the configured cache: memory, a folder, or a Redis that several processes share.

A cache that fails counts as empty and is logged, so that pages still work. Nothing is pickled. What was paid for is in the durable store,
because a full cache drops entries. Flask doesn't belong here.
"""

import hashlib
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from cachelib.serializers import BaseSerializer

from dashboard.timelines.locks import LOCK_WAIT_SECONDS, FixedLease, Lease, hold_file_lock, hold_redis_lock, hold_thread_lock
from dashboard.timelines.outages import OutagePause, is_redis_outage

_logger = logging.getLogger(__name__)


class SharedCache:
    """A cache on top of a cachelib backend."""

    def __init__(self, backend: Any, pause: OutagePause | None = None) -> None:
        self._backend, self._pause = backend, pause or OutagePause()

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none or the cache can't be reached."""
        value = self._attempt(lambda: self._backend.get(key))
        return value if isinstance(value, bytes) else None

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes for a number of seconds."""
        self._attempt(lambda: self._backend.set(key, value, timeout=seconds))

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store bytes for a number of seconds. Empty bytes delete a key."""
        for key, (value, seconds) in values.items():
            self.put(key, value, seconds if value else 1)

    @contextmanager
    def lock(self, key: str) -> Iterator[Lease]:
        """Hold the lock of a key against all that share the cache. If it can't be acquired in time, go on without it."""
        with ExitStack() as stack:
            stack.enter_context(hold_thread_lock(key, LOCK_WAIT_SECONDS))
            if self._shared_folder:
                number = hashlib.sha256(key.encode()).hexdigest()[:2]
                stack.enter_context(hold_file_lock(Path(f"{self._shared_folder.rstrip('/')}.{number}.lock"), LOCK_WAIT_SECONDS))
            elif self.is_redis:
                client = self._backend._write_client
                stack.enter_context(hold_redis_lock(client, f"chorus:lock:{key}", LOCK_WAIT_SECONDS, self._attempt))
            yield FixedLease(True)

    @property
    def _shared_folder(self) -> str:
        """The folder that processes on this machine share, or "" if the cache isn't a folder."""
        return str(getattr(self._backend, "_path", ""))

    @property
    def is_shared(self) -> bool:
        """Whether the cache outlives this process, and others may use it."""
        return self.is_redis or bool(self._shared_folder)

    @property
    def is_redis(self) -> bool:
        """Whether the cache is a Redis, which several instances may share."""
        return hasattr(self._backend, "_write_client")

    def _attempt(self, operation: Callable[[], Any], default: Any = None) -> Any:
        if self._pause.is_active:
            return default
        try:
            return operation()
        except Exception as error:  # each backend raises its own errors, and none of them should break a page
            _logger.warning("The cache failed: %s", type(error).__name__)
            if self.is_redis and is_redis_outage(error):
                self._pause.record_failure()
            return default


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
