"""Digests of the parts of a dataset, checked before polars reads them, because a damaged Parquet file can end the process.

A part that was verified isn't read again for VERIFIED_SECONDS, so that the accounts of one report cost one check. Which parts a dataset
has is in its metadata; polars and metadata don't belong here.
"""

import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable

VERIFIED_SECONDS = 60.0  # a flipped bit changes neither the time nor the size of a file, so a check can't count forever
_MAX_REMEMBERED_PARTS = 10_000
_MAX_BYTES_AT_ONCE = 64 * 2**20  # whose digests are computed in a few tenths of a second


class PartVersion(NamedTuple):
    """What a part was when it was verified. If any of this changes, it is another version."""

    path: Path
    digest: str
    inode: int
    size: int
    changed_at_ns: int


_verified_at: dict[PartVersion, float] = {}  # to the time of the check


def compute_digest(content: bytes | memoryview) -> str:
    """Return the SHA-256 digest of a part as hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def verify_parts(folder: Path, digests: Mapping[str, str]) -> list[PartVersion]:
    """Return the parts, given their digests by name, in order. Raises InvalidFile if one is missing or isn't what was written."""
    return [_verify_part(folder / name, digests[name]) for name in sorted(digests)]


def verify_at_once(folder: Path, digests: Mapping[str, str], max_bytes: int = _MAX_BYTES_AT_ONCE) -> list[PartVersion] | None:
    """Return the same, None if that takes long because parts of more than `max_bytes` weren't verified lately. Raises InvalidFile."""
    versions = [_look_up_part(folder / name, digests[name]) for name in sorted(digests)]
    unverified = [version for version in versions if not _is_verified(version)]
    if sum(version.size for version in unverified) > max_bytes:
        return None
    return verify_parts(folder, digests) if unverified else versions


def damaged_file_error() -> InvalidFile:
    """Return the error for a dataset that isn't what was written."""
    return InvalidFile(translatable("The file is damaged."), translatable("Import it again."))


def _look_up_part(path: Path, digest: str) -> PartVersion:
    try:
        status = path.stat()
    except OSError as error:
        raise damaged_file_error() from error
    return PartVersion(path, digest, status.st_ino, status.st_size, status.st_mtime_ns)


def _is_verified(version: PartVersion) -> bool:
    return time.monotonic() < _verified_at.get(version, float("-inf")) + VERIFIED_SECONDS


def _verify_part(path: Path, digest: str) -> PartVersion:
    version = _look_up_part(path, digest)
    if _is_verified(version):
        return version
    try:
        with path.open("rb") as part:
            actual_digest = hashlib.file_digest(part, "sha256").hexdigest()
    except OSError as error:
        raise damaged_file_error() from error
    if actual_digest != digest:
        raise damaged_file_error()
    if len(_verified_at) >= _MAX_REMEMBERED_PARTS:
        _verified_at.clear()
    _verified_at[version] = time.monotonic()
    return version
