"""Threads in groups, so that requests of one kind can't occupy the threads of another. Which kinds there are is decided in web."""

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dashboard.web.lanes import INSTANT, Lane
from dashboard.web.refusals import Refusal
from dashboard.web.turns import Turns

if TYPE_CHECKING:
    from dashboard.server.channel import Channel
    from dashboard.server.request_parser import RequestParser

_log = logging.getLogger(__name__)
_RETRY_AFTER_SECONDS = 5
_INSTANT_PER_TURN = 4  # responses per turn of the event loop, which then looks for new requests
_WEIGHT_OF_LATEST = 0.1  # of the latest request in the average


class ThreadGroup:
    """The threads that serve one lane, and the requests that wait for them. Threads start when they are needed.

    At most as many requests as the lane has turns are worked on at the same time. The others of its threads serve requests that wait for
    something, and have given their turns away.
    """

    def __init__(self, lane: Lane) -> None:
        self._lane, self._turns, self._queue = lane, Turns(lane.turn_count, lambda: self._queue), deque["Channel"]()
        self._thread_count = self._idle_count = 0
        self._average_seconds = 0.0  # that a request has a turn

    @property
    def is_full(self) -> bool:
        """Return whether no further request may wait: too many do, or it would take too long."""
        waiting_count = len(self._queue)
        expected_seconds = waiting_count * self._average_seconds / self._lane.turn_count
        return waiting_count >= self._lane.max_waiting or expected_seconds > self._lane.max_wait_seconds

    def add_task(self, channel: "Channel") -> None:
        """Queue the first request of a connection."""
        with self._turns.may_begin:
            self._queue.append(channel)
            if len(self._queue) > self._idle_count and self._thread_count < self._lane.thread_count:
                self._thread_count += 1
                threading.Thread(target=self._serve, name=f"{self._lane.name}-{self._thread_count}", daemon=True).start()
            self._turns.may_begin.notify()

    @property
    def is_idle(self) -> bool:
        """Whether no request is worked on, or waits."""
        return not self._queue and self._idle_count == self._thread_count

    def _serve(self) -> None:
        while True:
            channel = self._wait_for_next()
            try:
                channel.service()  # does nothing if the client has left
            except BaseException:  # a thread that ended would be missing for all later requests
                _log.exception("Unexpected error while serving %r", channel)
            busy_seconds = self._turns.end()
            self._average_seconds += _WEIGHT_OF_LATEST * (busy_seconds - self._average_seconds)

    def _wait_for_next(self) -> "Channel":
        """Wait for a request and a turn, and return the request."""
        with self._turns.may_begin:
            self._idle_count += 1
            self._turns.may_begin.wait_for(lambda: self._queue and self._turns.is_free)
            self._idle_count -= 1
            self._turns.begin()
            return self._queue.popleft()


class ThreadGroups:
    """All threads. A request that finds its queue full is refused at once."""

    def __init__(self, lanes: Iterable[Lane], choose_lane: Callable[["RequestParser"], Lane]) -> None:
        self._groups = {lane: ThreadGroup(lane) for lane in lanes}
        self._choose_lane, self._instant = choose_lane, deque["Channel"]()

    def add_task(self, channel: "Channel") -> None:
        """Queue the first request of a connection. May be called from any thread that holds the connection's `requests_lock`."""
        request = channel.requests[0]
        lane = INSTANT if request.refusal else self._choose_lane(request)
        if lane in self._groups and self._groups[lane].is_full:
            request.refuse(Refusal(503, retry_after_seconds=_RETRY_AFTER_SECONDS), ends_connection=False)
            lane = INSTANT
        if lane in self._groups:
            self._groups[lane].add_task(channel)
        else:
            (self._instant.appendleft if lane is INSTANT and not request.refusal else self._instant.append)(channel)
            channel.server.pull_trigger()

    @property
    def is_idle(self) -> bool:
        """Whether no request is worked on by a thread, or waits for one."""
        return all(group.is_idle for group in self._groups.values())

    @property
    def has_instant_work(self) -> bool:
        """Whether something waits for `serve_instant`."""
        return bool(self._instant)

    def serve_instant(self) -> None:
        """Serve some of what waits for nothing, /health first.

        The event loop does that itself, because a thread would have to wait for Python's lock first.
        """
        for _ in range(min(len(self._instant), _INSTANT_PER_TURN)):
            self._instant.popleft().service()
