"""Stores what access control remembers for a while: sign-ins and numbers of wrong keys. They share the setting of the cache, not its space.

Timelines would push sign-ins out of a full cache, and strangers' attempts would push timelines out. In memory, each process has its own
store, which ends with it. Unlike the cache of timelines, every method says whether the store could be reached.
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from cachelib import FileSystemCache, RedisCache, SimpleCache

from dashboard.timelines.cache import SafeSerializer, SharedCache
from dashboard.timelines.outages import OutagePause, StoreUnavailable, is_redis_outage

_log = logging.getLogger(__name__)
_MAX_ENTRIES = 10_000  # in memory or in a folder; beyond them, whatever expires first is dropped
_Result = TypeVar("_Result")


class AccessStore:
    """Short-lived entries in memory, a folder or Redis. Every method raises StoreUnavailable."""

    def __init__(self, cache_url: str, pause: OutagePause | None = None) -> None:
        self._backend, self._pause = _build_backend(cache_url), pause or OutagePause()
        self._is_redis = isinstance(self._backend, RedisCache)

    def load(self, key: str) -> bytes | None:
        """Return the value of a key, None if there is none."""
        value = self._attempt(lambda: self._backend.get(key))
        return value if isinstance(value, bytes) else None

    def save(self, key: str, value: bytes, seconds: int) -> None:
        """Store a value for a number of seconds."""
        if not self._attempt(lambda: self._backend.set(key, value, timeout=seconds)):
            raise StoreUnavailable

    def remove(self, key: str) -> None:
        """Remove a key, if it is there."""
        self._attempt(lambda: self._backend.delete(key))
        if self.load(key) is not None:
            raise StoreUnavailable

    def count(self, key: str, seconds: int) -> int:
        """Add one to a number that lasts `seconds` from its first use, for all processes that share the store, and return it."""
        if self._is_redis:
            self._attempt(lambda: self._backend.add(key, 0, timeout=seconds))
            return int(self._attempt(lambda: self._backend.inc(key)))
        with SharedCache(self._backend).lock(key):
            number = int(self._attempt(lambda: self._backend.get(key)) or 0) + 1
            self._attempt(lambda: self._backend.set(key, number, timeout=seconds))
        return number

    def _attempt(self, operation: Callable[[], _Result]) -> _Result:
        if self._is_redis and self._pause.is_active:
            raise StoreUnavailable
        try:
            return operation()
        except Exception as error:  # each backend raises its own errors
            _log.warning("The store of sign-ins failed: %s", type(error).__name__)
            if self._is_redis and is_redis_outage(error):
                self._pause.record_failure()
            raise StoreUnavailable from error


def _build_backend(cache_url: str) -> Any:
    parts = urlsplit(cache_url)
    if parts.scheme == "file":
        backend: Any = _build_folder(unquote(parts.path))
    elif parts.scheme in ("redis", "rediss"):
        import redis  # loaded only where it's used, because it's slow

        from dashboard.timelines.redis_store import REDIS_OPTIONS

        backend = RedisCache(redis.from_url(cache_url, **REDIS_OPTIONS), key_prefix="chorus:access:")
    else:
        backend = SimpleCache(threshold=_MAX_ENTRIES)
    backend.serializer = SafeSerializer()
    return backend


def _build_folder(path: str) -> FileSystemCache:
    """Return a store in a folder next to that of the cache, or in the same one if no other may be created."""
    with suppress(OSError):
        return FileSystemCache(f"{path.rstrip('/')}.access", threshold=_MAX_ENTRIES)
    return FileSystemCache(path, threshold=_MAX_ENTRIES)
