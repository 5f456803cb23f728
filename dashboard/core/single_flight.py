"""Does identical work that is asked for at the same moment once. Nothing is kept afterwards; caches do that."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar, cast

_T = TypeVar("_T")


class SingleFlight:
    """Work in progress, by what identifies it. Safe to use from any thread."""

    def __init__(self) -> None:
        self._guard, self._running = threading.Lock(), dict[Hashable, Future[Any]]()

    def do(self, key: Hashable, work: Callable[[], _T], waiting: Callable[[], AbstractContextManager[None]] = nullcontext) -> _T:
        """Return the result of `work`, or of the same work that another thread is doing. Errors are shared as well.

        `waiting` is the context in which to wait for the other thread.
        """
        with self._guard:
            running = self._running.get(key)
            own = Future[Any]()
            if running is None:
                self._running[key] = own
        if running is not None:
            with waiting():
                return cast(_T, running.result())
        try:
            result = work()
        except BaseException as error:  # whatever it is, all who wait for this result get it
            self._end(key)
            own.set_exception(error)
            raise
        self._end(key)
        own.set_result(result)
        return result

    def _end(self, key: Hashable) -> None:
        with self._guard:
            del self._running[key]
