"""Remembers which servers are down, so that a known outage is reported at once instead of after another timeout.

After MAX_FAILURES consecutive failures of a server, nobody asks it for OUTAGE_SECONDS. Then one request tries it, while all others still
fail at once, and its result decides. What counts as a failure, and what people read about it, doesn't belong here.
"""

import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from dashboard.core.clock import Clock, system_clock

MAX_FAILURES = 3  # consecutive ones, each with its retry
OUTAGE_SECONDS = 30.0  # until a server that is down is tried again
_MAX_SERVERS = 1000  # visitors name Mastodon servers, so their number has a bound


class ServerDown(Exception):
    """A server has failed since `since` and isn't asked before `retry_at`; both are aware UTC times. Nothing was sent."""

    def __init__(self, since: datetime, retry_at: datetime) -> None:
        super().__init__("the server is down")
        self.since, self.retry_at = since, retry_at


@dataclass
class _Outage:
    """Consecutive failures of one server."""

    since: datetime
    failure_count: int
    retry_at: datetime | None = None  # None while there are too few failures


class CircuitBreakers:
    """The outages of all servers, by name. Safe to use from any thread."""

    def __init__(self, clock: Clock = system_clock) -> None:
        self._clock, self._guard, self._outages = clock, threading.Lock(), dict[str, _Outage]()

    def check(self, server: str) -> None:
        """Return if a server may be asked. Raises ServerDown otherwise.

        The first request after `retry_at` is the trial. The next one may be made OUTAGE_SECONDS later, even if nobody reports its result.
        """
        with self._guard:
            outage, now = self._outages.get(server), self._clock()
            if outage is None or outage.retry_at is None:
                return
            if now < outage.retry_at <= now + _outage_duration():  # the computer's clock may have been set back
                raise ServerDown(outage.since, outage.retry_at)
            outage.retry_at = now + _outage_duration()

    def record_success(self, server: str) -> None:
        """Note that a server has answered, which ends its outage."""
        with self._guard:
            self._outages.pop(server, None)

    def record_failure(self, server: str) -> None:
        """Note that a server couldn't be reached, was too slow or had a problem of its own."""
        with self._guard:
            now = self._clock()
            outage = self._outages.pop(server, None) or _Outage(now, 0)
            outage.failure_count += 1
            outage.retry_at = now + _outage_duration() if outage.failure_count >= MAX_FAILURES else None
            self._outages[server] = outage
            if len(self._outages) > _MAX_SERVERS:
                del self._outages[next(iter(self._outages))]  # the one whose last failure is longest ago


def _outage_duration() -> timedelta:
    return timedelta(seconds=OUTAGE_SECONDS)
