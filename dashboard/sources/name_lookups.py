"""Looks names up with a deadline and a bound, because the system's resolver has neither. What the addresses are for isn't decided here."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

MAX_LOOKUPS = 32  # at the same time; those that nobody waits for any longer included, until the resolver gives up
MAX_WAIT_SECONDS = 1.0  # for one of them to end


class LookupsBusy(TimeoutError):
    """Too many names are being looked up, which says nothing about this one."""


class NameLookups:
    """The lookups of a process, each in a thread of its own that ends with the process. Safe to use from any thread."""

    def __init__(self, max_count: int = MAX_LOOKUPS, wait_seconds: float = MAX_WAIT_SECONDS) -> None:
        self._places, self._wait_seconds = threading.BoundedSemaphore(max_count), wait_seconds

    def run(self, look_up: Callable[[], Any], deadline: float) -> Any:
        """Return what `look_up` returns. Raises TimeoutError at the deadline (time.monotonic()), LookupsBusy if too many are running."""
        if not self._places.acquire(timeout=max(0.0, min(self._wait_seconds, deadline - time.monotonic()))):
            raise LookupsBusy("too many names are being looked up")
        result = Future[Any]()
        try:
            threading.Thread(target=self._finish, args=(look_up, result), name="name-lookup", daemon=True).start()
        except RuntimeError as error:  # the system has no thread left
            self._places.release()
            raise LookupsBusy("no thread can be started") from error
        return result.result(max(0.0, deadline - time.monotonic()))

    def _finish(self, look_up: Callable[[], Any], result: Future[Any]) -> None:
        try:
            result.set_result(look_up())
        except BaseException as error:  # whoever waits for the result gets it
            result.set_exception(error)
        finally:
            self._places.release()
