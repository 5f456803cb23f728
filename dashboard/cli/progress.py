"""The progress of long work on stderr, and the file that moves a bar."""

import io
import sys
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import click


def progress_bar(label: str, length: int) -> AbstractContextManager[Any]:
    """Return a progress bar on stderr, which is hidden unless that is a terminal."""
    return click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty())


@dataclass
class AnalysisProgress:
    """The progress of an analysis on stderr: a bar with the remaining time and the rate, or a line now and then in a file or pipe."""

    line_seconds: float = 30.0  # between two lines
    finished_size: int = 0
    total_size: int = 1
    bar: Any = None
    started_at: float = 0.0
    line_at: float = 0.0  # when the last line was written

    def open(self, size: int) -> Any:
        """Return the bar as a context manager."""
        self.started_at = self.line_at = monotonic()
        self.total_size = max(1, size)
        is_hidden = not sys.stderr.isatty()
        self.bar = click.progressbar(
            length=self.total_size, label="Analyzing", file=sys.stderr, hidden=is_hidden, item_show_func=lambda text: text, show_pos=False
        )
        return self.bar

    def add_finished(self, size: int) -> None:
        """Count files that needn't be read again."""
        self.finished_size = size

    def show(self, size: int, posts: int) -> None:
        """Move the bar to a number of bytes; the rate is that of this run."""
        if self.bar is None:
            return
        now, read = monotonic(), self.finished_size + size
        rate = f"{posts:,} posts, {posts / max(1e-9, now - self.started_at):,.0f}/s"
        self.bar.update(max(0, read - self.bar.pos), rate)
        if self.bar.hidden and now - self.line_at >= self.line_seconds:
            self.line_at = now
            click.echo(f"Analyzing: {min(1, read / self.total_size):.0%}, {rate}", err=True)


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
