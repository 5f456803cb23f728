"""Locks by name: against other threads, against processes on the same machine, and against all that share a Redis.

Each lock is a context manager that yields a Lease. What a lock protects, and what to do without it, doesn't belong here.
"""

import fcntl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from dashboard.timelines.outages import StoreUnavailable

LOCK_SECONDS = 50.0  # a Redis lock's lease, renewed before each request; longer than a request with its retry may take
LOCK_WAIT_SECONDS = 90.0  # how long to wait for another reader; longer than the deadline of a read
_POLL_SECONDS = 0.1  # between two attempts

Attempt = Callable[[Callable[[], Any]], Any]  # calls an operation and returns its result
_guard = threading.Lock()
_locks_by_name: dict[str, tuple[threading.Lock, int]] = {}  # a lock per name and the number of threads that hold or await it


class Lease(Protocol):
    """A lock that is held, or was."""

    def renew(self) -> bool:
        """Extend the lease and return True, or return False if somebody else holds the lock. Raises StoreUnavailable if nobody can tell."""
        ...


def is_held(lease: Lease) -> bool:
    """Extend a lease and return whether it is certainly held."""
    try:
        return lease.renew()
    except StoreUnavailable:
        return False


class FixedLease:
    """A lease that lasts until the end of its context, or a lock that somebody else holds."""

    def __init__(self, is_held: bool) -> None:
        self._is_held = is_held

    def renew(self) -> bool:
        """Return whether the lock is held."""
        return self._is_held


class UnknownLease:
    """A lock of a store that can't be reached."""

    def renew(self) -> bool:
        """Raise StoreUnavailable."""
        raise StoreUnavailable


class _RedisLease:
    def __init__(self, lock: Any, attempt: Attempt) -> None:
        self._lock, self._attempt = lock, attempt

    def renew(self) -> bool:
        """Start the lease again, unless it has ended or another process holds the lock. Raises what `attempt` raises."""
        return bool(self._attempt(self._reacquire))

    def _reacquire(self) -> bool:
        from redis.exceptions import LockError

        try:
            return bool(self._lock.reacquire())
        except LockError:
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
        yield UnknownLease()
        return
    with lock_file:
        yield _wait_for_file(lock_file, wait_seconds)


def _wait_for_file(lock_file: Any, wait_seconds: float) -> Lease:
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return FixedLease(True)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return FixedLease(False)
        except OSError:  # for example a drive without locks
            return UnknownLease()
        time.sleep(_POLL_SECONDS)


def _release(lock: Any) -> None:
    """Release a lock of Redis, unless its lease has ended."""
    from redis.exceptions import LockError

    with suppress(LockError):
        lock.release()


@contextmanager
def hold_redis_lock(client: Any, name: str, wait_seconds: float, attempt: Attempt, lease_seconds: float = LOCK_SECONDS) -> Iterator[Lease]:
    """Hold a lock against all processes that share a Redis. It has a token, so only its holder can extend or release it.

    `attempt` calls each operation on Redis, and raises StoreUnavailable if it fails or isn't worth trying.
    """
    from redis.lock import Lock

    lock = Lock(client, name, timeout=lease_seconds, sleep=_POLL_SECONDS, blocking_timeout=wait_seconds, thread_local=False)
    try:
        is_acquired = attempt(lock.acquire)
    except StoreUnavailable:
        yield UnknownLease()
        return
    if not is_acquired:
        yield FixedLease(False)
        return
    try:
        yield _RedisLease(lock, attempt)
    finally:
        with suppress(StoreUnavailable):
            attempt(lambda: _release(lock))
