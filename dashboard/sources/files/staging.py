"""Holds uploaded tables for up to an hour, until a person has matched their columns. Nothing is parsed or imported here.

The files are stored in the datasets' folder.
"""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile

RETENTION_SECONDS = 3600.0
MAX_FILE_BYTES = 100 * 2**20  # a larger file has to be uploaded again with other column names
_TOKEN_PATTERN = re.compile(r"[0-9a-f]{32}")


class StagingArea:
    """The staged files of one folder, which several processes may share."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self._folder, self._clock = folder / "waiting", clock

    def stage_file(self, file: BinaryIO, name: str) -> str:
        """Store a file with its name and return its token. Raises InvalidFile if it exceeds MAX_FILE_BYTES."""
        self._remove_expired()
        token = secrets.token_hex(16)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.seek(0, 2)
        if file.tell() > MAX_FILE_BYTES:
            raise InvalidFile(
                f"We couldn't recognize the columns, and files over {MAX_FILE_BYTES // 2**20} MB can't be matched by hand.",
                "Rename the columns to created_at, text, id and account, then upload the file again.",
            )
        file.seek(0)
        (self._folder / f"{token}.name").write_text(name, encoding="utf-8")
        with (self._folder / token).open("wb") as staged:
            shutil.copyfileobj(file, staged)
        return token

    @contextmanager
    def open_staged(self, token: str) -> Iterator[tuple[BinaryIO, str]]:
        """Open a staged file and yield it with its name. Raises InvalidFile if it has expired."""
        self._remove_expired()
        path = self._folder / token
        if not _TOKEN_PATTERN.fullmatch(token) or not path.is_file():
            raise InvalidFile("This upload has expired.", "Upload the file again.")
        with path.open("rb") as file:
            yield file, path.with_suffix(".name").read_text(encoding="utf-8")

    def remove_file(self, token: str) -> None:
        """Delete a staged file."""
        if _TOKEN_PATTERN.fullmatch(token):
            for path in (self._folder / token, self._folder / f"{token}.name"):
                path.unlink(missing_ok=True)

    def _remove_expired(self) -> None:
        oldest = self._clock().timestamp() - RETENTION_SECONDS
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
