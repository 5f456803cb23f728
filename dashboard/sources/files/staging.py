"""Uploaded tables that wait for a person to say which column is which. They lie in the datasets' folder, for an hour at most."""

import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import InvalidFile

RETENTION_SECONDS = 3600.0  # seconds that a file waits
MAX_FILE_BYTES = 100 * 2**20  # bytes of one that may wait; a larger one is chosen again by its owner
_TOKEN_PATTERN = re.compile(r"[0-9a-f]{32}")


class StagingArea:
    """The waiting files of one folder, which other processes may share."""

    def __init__(self, folder: Path, clock: Clock = system_clock) -> None:
        self._folder, self._clock = folder / "waiting", clock

    def stage_file(self, file: BinaryIO, name: str) -> str:
        """Keep a file and its name, and return the token that it is found by. Raises InvalidArchive if it is too large to wait."""
        self._remove_expired()
        token = secrets.token_hex(16)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.seek(0, 2)
        if file.tell() > MAX_FILE_BYTES:
            raise InvalidFile(
                "The columns of this table have unusual names, and it is too large to keep while you say which is which.",
                "Rename the columns to created_at, text, id and account, and upload it again.",
            )
        file.seek(0)
        (self._folder / f"{token}.name").write_text(name, encoding="utf-8")
        with (self._folder / token).open("wb") as kept:
            shutil.copyfileobj(file, kept)
        return token

    @contextmanager
    def open_staged(self, token: str) -> Iterator[tuple[BinaryIO, str]]:
        """Open a waiting file, with its name. Raises InvalidArchive if its hour is over."""
        self._remove_expired()
        path = self._folder / token
        if not _TOKEN_PATTERN.fullmatch(token) or not path.is_file():
            raise InvalidFile("This file is not waiting any more.", "Upload it again.")
        with path.open("rb") as file:
            yield file, path.with_suffix(".name").read_text(encoding="utf-8")

    def remove_file(self, token: str) -> None:
        """Remove a waiting file."""
        if _TOKEN_PATTERN.fullmatch(token):
            for path in (self._folder / token, self._folder / f"{token}.name"):
                path.unlink(missing_ok=True)

    def _remove_expired(self) -> None:
        oldest = self._clock().timestamp() - RETENTION_SECONDS
        with suppress(OSError):
            for path in self._folder.iterdir():
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)
