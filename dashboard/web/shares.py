"""Bounds how much work of one kind is done at the same time, and how much may wait for it.

Work that waits has given its turn away, so it doesn't hold up any other kind. Beyond the bounds, requests get 503 at once.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from dashboard.core.errors import ServerBusy
from dashboard.core.messages import translatable
from dashboard.web import turns

_RETRY_AFTER_SECONDS = 10
_WEIGHT_OF_LATEST = 0.1  # of the latest work in the average


class Share:
    """The share of the server that one kind of work may use: `reason` is the sentence that refuses further work.

    At most `max_waiting` requests wait for one of its slots, and none that would probably have to wait longer than `max_wait_seconds`.
    """

    def __init__(
        self,
        slot_count: int,
        max_waiting: int,
        reason: str = translatable("There are too many large requests at the moment."),
        max_wait_seconds: float = float("inf"),
    ) -> None:
        self._slots, self._guard = threading.Semaphore(slot_count), threading.Lock()
        self._slot_count, self._max_waiting, self._reason, self._max_wait_seconds = slot_count, max_waiting, reason, max_wait_seconds
        self.present_count, self._average_seconds = 0, 0.0  # that work has a slot

    @contextmanager
    def take(self, *, has_begun: bool = False) -> Iterator[None]:
        """Wait for a slot and hold it during the block. Raises ServerBusy if too many requests are waiting already."""
        self._enter(has_begun=has_begun)
        try:
            if not self._slots.acquire(blocking=False):
                with turns.give_away():
                    self._slots.acquire()
            began_at = monotonic()
            try:
                yield
            finally:
                self._slots.release()
                self._record_seconds(monotonic() - began_at)
        finally:
            with self._guard:
                self.present_count -= 1

    @contextmanager
    def take_instead_of_turn(self, *, has_begun: bool = False) -> Iterator[None]:
        """Like `take`, but without the thread's turn during the block, so that others can be served in the meantime.

        Work that has begun in an earlier slot isn't refused, because what was done for it would be lost.
        """
        with turns.give_away(), self.take(has_begun=has_begun):
            yield

    def _enter(self, *, has_begun: bool) -> None:
        with self._guard:
            waiting_count = self.present_count + 1 - self._slot_count
            expected_seconds = max(0, waiting_count) * self._average_seconds / self._slot_count
            if not has_begun and (waiting_count > self._max_waiting or expected_seconds > self._max_wait_seconds):
                raise ServerBusy(self._reason, translatable("Try again in a few seconds."), retry_after_seconds=_RETRY_AFTER_SECONDS)
            self.present_count += 1

    def _record_seconds(self, seconds: float) -> None:
        with self._guard:
            self._average_seconds += _WEIGHT_OF_LATEST * (seconds - self._average_seconds)
