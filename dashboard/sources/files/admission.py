"""Bounds how many files a process receives and imports at once, so that uploads leave it time for everything else. No files in here."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from dashboard.core.errors import ServerBusy
from dashboard.core.messages import translatable

MAX_RECEIVED_FILES = 4  # uploads at once, half of the threads that serve requests
MAX_IMPORTED_FILES = 1  # parsing keeps one core busy, and takes the interpreter's lock in turns with every other request
MAX_WAIT_SECONDS = 20.0  # that an uploaded file waits for its turn
RETRY_AFTER_SECONDS = 60


class UploadAdmission:
    """Lets a few uploads in, and tells the others when to come back."""

    def __init__(self, max_wait_seconds: float = MAX_WAIT_SECONDS) -> None:
        self.max_wait_seconds = max_wait_seconds
        self._receiving, self._importing = BoundedSemaphore(MAX_RECEIVED_FILES), BoundedSemaphore(MAX_IMPORTED_FILES)

    @contextmanager
    def receive(self) -> Iterator[None]:
        """Hold one of the places for uploads. Raises ServerBusy at once if all are taken."""
        if not self._receiving.acquire(blocking=False):
            raise _busy_error()
        try:
            yield
        finally:
            self._receiving.release()

    @contextmanager
    def take_turn(self) -> Iterator[None]:
        """Wait for the turn to import, and hold it. Raises ServerBusy if it doesn't come within `max_wait_seconds`."""
        if not self._importing.acquire(timeout=self.max_wait_seconds):
            raise _busy_error()
        try:
            yield
        finally:
            self._importing.release()


def _busy_error() -> ServerBusy:
    return ServerBusy(
        translatable("Other files are being imported right now."),
        translatable("Try again in a minute."),
        retry_after_seconds=RETRY_AFTER_SECONDS,
    )
