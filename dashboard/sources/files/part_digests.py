"""Digests of the parts of a dataset, checked before polars reads them, because a damaged Parquet file can end the process.

A part that was verified isn't read again for VERIFIED_SECONDS, so that the accounts of one report cost one check. Which parts a dataset
has is in its metadata; polars and metadata don't belong here.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path

from dashboard.core.errors import InvalidFile

VERIFIED_SECONDS = 60.0  # a flipped bit changes neither the time nor the size of a file, so a check can't count forever
_MAX_REMEMBERED_PARTS = 10_000

_verified_at: dict[tuple[str, str, int, int, int], float] = {}  # (path, digest, inode, size, time of change) to the time of the check


def compute_digest(content: bytes | memoryview) -> str:
    """Return the SHA-256 digest of a part as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def verify_parts(folder: Path, digests: Mapping[str, str]) -> list[Path]:
    """Return the paths of parts, given their digests by name, in order. Raises InvalidFile if one is missing or isn't what was written."""
    paths = [folder / name for name in sorted(digests)]
    for path in paths:
        _verify_part(path, digests[path.name])
    return paths


def damaged_file_error() -> InvalidFile:
    """Return the error for a dataset that isn't what was written."""
    return InvalidFile("The file is damaged.", "Import it again.")


def _verify_part(path: Path, digest: str) -> None:
    try:
        status = path.stat()
        key = (str(path), digest, status.st_ino, status.st_size, status.st_mtime_ns)
        if time.monotonic() < _verified_at.get(key, float("-inf")) + VERIFIED_SECONDS:
            return
        with path.open("rb") as part:
            actual_digest = hashlib.file_digest(part, "sha256").hexdigest()
    except OSError as error:
        raise damaged_file_error() from error
    if actual_digest != digest:
        raise damaged_file_error()
    if len(_verified_at) >= _MAX_REMEMBERED_PARTS:
        _verified_at.clear()
    _verified_at[key] = time.monotonic()
