"""The event loop: waits until connections are ready, and lets each of them read or send. What they do then isn't decided here."""

import select
from typing import Any

from waitress import wasyncore


class EventLoop(dict[int, Any]):
    """All connections by file descriptor, as waitress keeps them, with the events that each of them waits for.

    waitress's own loop asks every connection in every turn what it waits for, so 1,000 idle ones would double the cost of each request.
    Here an idle connection isn't asked again until something happens to it. waitress also delivers an event to whatever connection has
    the file descriptor by then, which may be one accepted in the same turn; here it only reaches the connection that it's about.
    """

    def __init__(self) -> None:
        super().__init__()
        self._poller = select.epoll() if hasattr(select, "epoll") else select.poll()
        self._ticks_per_second = 1 if hasattr(select, "epoll") else 1000  # epoll counts in seconds, poll in milliseconds
        self._watched, self._busy = dict[int, int](), dict[int, Any]()

    def __setitem__(self, descriptor: int, connection: Any) -> None:
        super().__setitem__(descriptor, connection)
        self._busy[descriptor] = connection

    def __delitem__(self, descriptor: int) -> None:
        super().__delitem__(descriptor)
        self._busy.pop(descriptor, None)
        if self._watched.pop(descriptor, 0):
            self._poller.unregister(descriptor)

    def mark_busy(self, descriptor: int) -> None:
        """Ask a connection in the next turn what it waits for."""
        self._busy[descriptor] = self[descriptor]

    def run_turn(self, max_seconds: float) -> None:
        """Handle the events of all connections, waiting for the first one at most `max_seconds`."""
        for descriptor, connection in list(self._busy.items()):
            if getattr(connection, "is_idle", False):
                del self._busy[descriptor]
            self._watch(descriptor, _requested_events(connection))
        for descriptor, events in self._poller.poll(max_seconds * self._ticks_per_second):
            if descriptor in self._watched:  # otherwise it was closed in this turn, and perhaps taken over
                self.mark_busy(descriptor)
                wasyncore.readwrite(self[descriptor], events)

    def _watch(self, descriptor: int, events: int) -> None:
        if events == self._watched.get(descriptor, 0):
            return
        if not events:
            self._poller.unregister(descriptor)
            del self._watched[descriptor]
            return
        (self._poller.modify if descriptor in self._watched else self._poller.register)(descriptor, events)
        self._watched[descriptor] = events


def _requested_events(connection: Any) -> int:
    reading = select.POLLIN | select.POLLPRI if connection.readable() else 0
    return reading | (select.POLLOUT if connection.writable() and not connection.accepting else 0)
