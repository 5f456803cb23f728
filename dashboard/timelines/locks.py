"""Locks by name: against other threads, against processes on the same machine, and against all that share a Redis.

Each lock is a context manager that yields a Lease. What a lock protects, and what to do without it, doesn't belong here.
"""

import fcntl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

LOCK_SECONDS = 50.0  # a Redis lock's lease, renewed before each request; longer than a request with its retry may take
LOCK_WAIT_SECONDS = 90.0  # how long to wait for another reader; longer than the deadline of a read
_POLL_SECONDS = 0.1  # between two attempts

_guard = threading.Lock()
_locks_by_name: dict[str, tuple[threading.Lock, int]] = {}  # a lock per name and the number of threads that hold or await it


class Lease(Protocol):
    """A lock that is held, or was."""

    def renew(self) -> bool:
        """Extend the lease and return True, or return False if the lock isn't held (any more) or nobody can tell."""
        ...


class FixedLease:
    """A lease that lasts until the end of its context, or a lock that wasn't acquired."""

    def __init__(self, is_held: bool) -> None:
        self._is_held = is_held

    def renew(self) -> bool:
        """Return whether the lock is held."""
        return self._is_held


class _RedisLease:
    def __init__(self, lock: Any, errors: tuple[type[Exception], ...]) -> None:
        self._lock, self._errors = lock, errors

    def renew(self) -> bool:
        """Start the lease again, unless another process holds the lock."""
        try:
            return bool(self._lock.reacquire())
        except self._errors:
            return False


@contextmanager
def hold_thread_lock(name: str, wait_seconds: float) -> Iterator[Lease]:
    """Hold a lock against the other threads of this process."""
    with _guard:
        lock, count = _locks_by_name.get(name, (threading.Lock(), 0))
        _locks_by_name[name] = (lock, count + 1)
    is_held = lock.acquire(timeout=wait_seconds)
    try:
        yield FixedLease(is_held)
    finally:
        if is_held:
            lock.release()
        with _guard:
            lock, count = _locks_by_name.pop(name)
            if count > 1:
                _locks_by_name[name] = (lock, count - 1)


@contextmanager
def hold_file_lock(path: Path, wait_seconds: float) -> Iterator[Lease]:
    """Hold a lock against all threads and processes that use the same file. The system releases it if the process dies."""
    try:
        lock_file = path.open("a")
    except OSError:
        yield FixedLease(False)
        return
    with lock_file:
        yield FixedLease(_wait_for_file(lock_file, wait_seconds))


def _wait_for_file(lock_file: Any, wait_seconds: float) -> bool:
    deadline = time.monotonic() + wait_seconds
    while True:
        with suppress(OSError):
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)


@contextmanager
def hold_redis_lock(client: Any, name: str, wait_seconds: float, lease_seconds: float = LOCK_SECONDS) -> Iterator[Lease]:
    """Hold a lock against all processes that share a Redis. It has a token, so only its holder can extend or release it.

    Raises what redis-py raises if Redis can't be reached.
    """
    import redis
    from redis.lock import Lock

    lock = Lock(client, name, timeout=lease_seconds, sleep=_POLL_SECONDS, blocking_timeout=wait_seconds, thread_local=False)
    if not lock.acquire():
        yield FixedLease(False)
        return
    errors = (redis.RedisError, OSError)
    try:
        yield _RedisLease(lock, errors)
    finally:
        with suppress(*errors):
            lock.release()
