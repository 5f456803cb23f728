"""Turns: how many requests of a lane are worked on at the same time. A request that only waits gives its turn to another one.

So threads can wait for a network, for a process that draws, or for each other, without keeping anybody from the processor. Threads that
have no turn, such as those of tests, are never held up. Which requests share turns is decided in `lanes.py`.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

_current = threading.local()


class Turns:
    """A number of turns. A thread that comes back for one goes before a thread that begins.

    `may_begin` guards the turns, and wakes threads that look for new work if `has_work` says that there is some.
    """

    def __init__(self, count: int, has_work: Callable[[], object]) -> None:
        lock = threading.RLock()
        self.may_begin, self._may_return = threading.Condition(lock), threading.Condition(lock)
        self._free_count, self._returning_count, self._has_work = count, 0, has_work

    @property
    def is_free(self) -> bool:
        """Whether a new request may begin. To be read with `may_begin` held."""
        return self._free_count > self._returning_count

    def begin(self) -> None:
        """Take a free turn for a request that begins. To be called with `may_begin` held."""
        _current.busy_seconds = 0.0
        self._take()

    def end(self) -> float:
        """Free the turn of the current thread, and return for how long it has had turns since it began, in seconds."""
        _current.turns = None
        _current.busy_seconds += monotonic() - _current.since
        with self.may_begin:
            self._free_count += 1
            self._wake()
        return float(_current.busy_seconds)

    def take_back(self) -> None:
        """Wait for a free turn and take it."""
        with self.may_begin:
            self._returning_count += 1
            self._may_return.wait_for(lambda: self._free_count > 0)
            self._returning_count -= 1
            self._take()
            self._wake()

    def _take(self) -> None:
        self._free_count -= 1
        _current.turns, _current.since = self, monotonic()

    def _wake(self) -> None:
        """Wake one of those that can have a free turn now."""
        if self._returning_count:
            self._may_return.notify()
        elif self.is_free and self._has_work():
            self.may_begin.notify()


@contextmanager
def give_away() -> Iterator[None]:
    """Let other requests have this thread's turn during the block, and wait for another turn afterwards."""
    turns: Turns | None = getattr(_current, "turns", None)
    if turns is None:
        yield
        return
    turns.end()
    try:
        yield
    finally:
        turns.take_back()
