"""Bounds how much work of one kind is done at the same time, and how much may wait for it.

Work that waits has given its turn away, so it doesn't hold up any other kind. Beyond the bound, requests get 503 at once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from dashboard.core.errors import ServerBusy
from dashboard.web import turns

_RETRY_AFTER_SECONDS = 10


class Share:
    """The share of the server that one kind of work may use."""

    def __init__(self, slot_count: int, max_waiting: int) -> None:
        self._slots, self._guard = threading.Semaphore(slot_count), threading.Lock()
        self._max_present, self.present_count = slot_count + max_waiting, 0

    @contextmanager
    def take(self) -> Iterator[None]:
        """Wait for a slot and hold it during the block. Raises ServerBusy if too many requests are waiting already."""
        with self._guard:
            if self.present_count >= self._max_present:
                raise ServerBusy(
                    "There are too many large requests at the moment.",
                    "Try again in a few seconds.",
                    retry_after_seconds=_RETRY_AFTER_SECONDS,
                )
            self.present_count += 1
        try:
            if not self._slots.acquire(blocking=False):
                with turns.give_away():
                    self._slots.acquire()
            try:
                yield
            finally:
                self._slots.release()
        finally:
            with self._guard:
                self.present_count -= 1
