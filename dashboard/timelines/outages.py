"""What all stores do when they can't be reached: raise one error, and ask again only after a moment. What is stored doesn't belong here."""

import time


class StoreUnavailable(Exception):
    """A store can't be reached, read or written, so nobody knows what it contains. Its text never reaches a page."""


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
