"""Threads in groups, so that requests of one kind can't occupy the threads of another. Which kinds there are is decided in web."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from waitress.task import ThreadedTaskDispatcher

from dashboard.web.lanes import INSTANT, Lane
from dashboard.web.refusals import Refusal

if TYPE_CHECKING:
    from dashboard.server.channel import Channel

_RETRY_AFTER_SECONDS = 5


class ThreadGroup(ThreadedTaskDispatcher):
    """The threads that serve one lane, and the requests that wait for them."""

    def __init__(self, lane: Lane) -> None:
        super().__init__()
        self._max_waiting = lane.max_waiting
        self.set_thread_count(lane.thread_count)

    @property
    def is_full(self) -> bool:
        """Return whether no further request may wait."""
        return len(self.queue) >= self._max_waiting


class ThreadGroups:
    """All threads. A request that finds its queue full is refused at once, by a thread that does nothing slow."""

    def __init__(self, lanes: Iterable[Lane], choose_lane: Callable[[str], Lane]) -> None:
        self._groups = {lane: ThreadGroup(lane) for lane in lanes}
        self._choose_lane = choose_lane

    def add_task(self, channel: "Channel") -> None:
        """Queue the first request of a connection. May be called from any thread that holds the connection's `requests_lock`."""
        request = channel.requests[0]
        lane = INSTANT if request.refusal else self._choose_lane(request.path)
        if lane is not INSTANT and self._groups[lane].is_full:
            request.refuse(Refusal(503, retry_after_seconds=_RETRY_AFTER_SECONDS))
            channel.is_refused, lane = True, INSTANT
        self._groups[lane].add_task(channel)
