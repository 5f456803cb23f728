"""Writes files that are complete or absent: under a temporary name first, forced to the disk, then renamed. No formats in here."""

import os
from collections.abc import Iterable
from contextlib import suppress
from errno import EACCES, EDQUOT, EFBIG, ENOSPC, EPERM, EROFS
from pathlib import Path

from dashboard.core.errors import StorageUnavailable
from dashboard.core.messages import translatable

TEMPORARY_SUFFIX = ".new"
_FOLDERS_ADVICE = translatable("Ask your administrator to check CHORUS_DATASETS and TMPDIR.")
_FULL_DISK_ERRORS, _READ_ONLY_ERRORS = {ENOSPC, EDQUOT, EFBIG}, {EROFS, EACCES, EPERM}


def write_file(path: Path, blocks: Iterable[bytes | memoryview]) -> None:
    """Write a file so that it has all of the blocks or doesn't exist, even after a crash. Raises OSError and leaves nothing then."""
    temporary_path = path.with_name(path.name + TEMPORARY_SUFFIX)
    try:
        with temporary_path.open("wb") as file:
            file.writelines(blocks)
            file.flush()
            os.fsync(file.fileno())
        temporary_path.replace(path)
    except BaseException:  # including a signal that stops the worker
        with suppress(OSError):
            temporary_path.unlink()
        raise
    _sync_folder(path.parent)


def is_full_disk(error: OSError) -> bool:
    """Return whether an error means that the disk is full."""
    return error.errno in _FULL_DISK_ERRORS


def is_storage_error(error: OSError) -> bool:
    """Return whether an error means that a file can't be written, rather than that something else isn't there."""
    return error.errno in _FULL_DISK_ERRORS | _READ_ONLY_ERRORS


def describe_storage_error(error: Exception) -> StorageUnavailable:
    """Return the error to report when a file can't be stored, with a sentence for what the operating system says."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL_DISK_ERRORS:
        return StorageUnavailable(
            translatable("The server’s disk is full."), translatable("Ask your administrator to free some space, then try again.")
        )
    if number in _READ_ONLY_ERRORS:
        return StorageUnavailable(translatable("This server may not write to its folder for files."), _FOLDERS_ADVICE)
    return StorageUnavailable(translatable("This server can’t store files right now."), _FOLDERS_ADVICE)


def _sync_folder(folder: Path) -> None:
    """Force the new name to the disk, where the file system can do that; a bucket mounted as a folder can't."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
