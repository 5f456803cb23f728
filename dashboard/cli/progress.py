"""The progress bar of long work, and the file that moves it."""

import io
import sys
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click


def progress_bar(label: str, length: int) -> AbstractContextManager[Any]:
    """Return a progress bar on stderr, which is hidden unless that is a terminal."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


class TrackedFile(io.FileIO):
    """A file that moves a progress bar to the farthest byte read so far."""

    def __init__(self, path: Path, bar: Any) -> None:
        super().__init__(path)
        self._bar = bar

    def readinto(self, buffer: Any) -> int:
        """Read into a buffer, move the bar, and return the number of bytes."""
        count = super().readinto(buffer)
        self._bar.update(max(0, self.tell() - self._bar.pos))
        return count or 0
