"""Remembers which columns a client chose for a table, so that the same tool's next export needs no answer. No file is read here.

Answers are small files in the datasets' folder, by a digest of the client and the header. They are bounded in number and deleted as late as
the files themselves.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from dashboard.core.clock import Clock, system_clock
from dashboard.sources.files.durable_files import write_file
from dashboard.sources.files.import_summary import NO_COLUMN

MAX_ANSWERS = 1_000
RETENTION_SECONDS = 30 * 86_400.0
_MAX_ANSWER_BYTES = 20_000


class ColumnAnswers:
    """The answers in one folder, which several processes may share. What can't be read or written is forgotten."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self._folder, self._clock = folder / "answers", clock

    def find(self, client: str, columns: Sequence[str]) -> dict[str, str]:
        """Return the columns that a client chose for this header, by field; empty if it has chosen none."""
        path = self._folder / digest_header(client, columns)
        try:
            if path.stat().st_mtime < self._clock().timestamp() - RETENTION_SECONDS:
                return {}
            answer = json.loads(path.read_bytes()[:_MAX_ANSWER_BYTES])
        except (OSError, ValueError):
            return {}
        pairs = answer.items() if isinstance(answer, dict) else ()
        return {field: column for field, column in pairs if isinstance(column, str) and (column in columns or column == NO_COLUMN)}

    def remember(self, client: str, columns: Sequence[str], column_by_field: Mapping[str, str]) -> None:
        """Store the answer of a client for a header. The oldest answers make room."""
        content = json.dumps(dict(column_by_field)).encode()
        if not columns or not column_by_field or len(content) > _MAX_ANSWER_BYTES:
            return
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._make_room()
            write_file(self._folder / digest_header(client, columns), [content])

    def _make_room(self) -> None:
        oldest_time = self._clock().timestamp() - RETENTION_SECONDS
        paths = sorted(self._folder.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for number, path in enumerate(paths):
            if number >= MAX_ANSWERS - 1 or path.stat().st_mtime < oldest_time:
                path.unlink(missing_ok=True)


def digest_header(client: str, columns: Sequence[str]) -> str:
    """Return the name of the answer of a client, such as an address, for a table with these columns."""
    text = "\0".join((client, *columns))
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
