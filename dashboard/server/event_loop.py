"""One turn of the event loop: waits until connections are ready, and lets each of them read or send."""

import select
from typing import Any

from waitress import wasyncore


def run_turn(connections: dict[int, Any], max_seconds: float) -> None:
    """Handle the events of all connections, waiting for the first one at most `max_seconds`.

    waitress's own loop finds connections by file descriptor, which a new connection may have taken over from one that was closed in the
    same turn; it would get that one's events, and be closed. Here an event only reaches the connection it is about.
    """
    poller, watched = select.poll(), dict[int, Any]()
    for descriptor, connection in connections.items():
        if flags := _requested_events(connection):
            poller.register(descriptor, flags)
            watched[descriptor] = connection
    for descriptor, flags in poller.poll(max_seconds * 1000):
        if connections.get(descriptor) is watched[descriptor]:
            wasyncore.readwrite(watched[descriptor], flags)


def _requested_events(connection: Any) -> int:
    reading = select.POLLIN | select.POLLPRI if connection.readable() else 0
    return reading | (select.POLLOUT if connection.writable() and not connection.accepting else 0)
