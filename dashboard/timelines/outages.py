"""What all stores do when they can't be reached: raise one error, and ask again only after a moment. What is stored doesn't belong here."""

import time
from collections.abc import Callable

_RETRY_SECONDS = (2.2, 2.2, 4.4)  # longer than a pause; together longer than a Redis takes to restart


class StoreUnavailable(Exception):
    """A store can't be reached, read or written, so nobody knows what it contains. Its text never reaches a page."""


class StoreOutage(StoreUnavailable):
    """The server of a store doesn't answer. It may only be restarting."""


class OutagePause:
    """Remembers for a moment that a server has just failed, so that one page waits for one timeout, not for several.

    All stores on the same server share one.
    """

    def __init__(self, pause_seconds: float = 2.0) -> None:
        self.pause_seconds, self._failed_at = pause_seconds, -float("inf")

    @property
    def is_active(self) -> bool:
        """Return whether the server shouldn't be asked yet."""
        return time.monotonic() < self._failed_at + self.pause_seconds

    def record_failure(self) -> None:
        """Start the pause."""
        self._failed_at = time.monotonic()


def is_redis_outage(error: Exception) -> bool:
    """Return whether Redis can't be reached, so that asking again at once would only wait for another timeout."""
    import redis

    return isinstance(error, (redis.ConnectionError, redis.TimeoutError, OSError))


def outlast_restart(operation: Callable[[], object]) -> None:
    """Call an operation, and again after each of a few pauses while it raises StoreOutage. Raises what the last call raises.

    It's for what was paid for: a page that isn't stored would be bought again.
    """
    for seconds in _RETRY_SECONDS:
        try:
            operation()
        except StoreOutage:
            time.sleep(seconds)
        else:
            return
    operation()
