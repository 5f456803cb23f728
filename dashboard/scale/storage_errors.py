"""Explains to the person at the command line why a collection can't be written. Messages of the server belong elsewhere."""

import tempfile
from pathlib import Path

from dashboard.core.errors import StorageUnavailable
from dashboard.sources.files.durable_files import is_full_disk


def describe_failure(error: OSError, datasets_folder: Path) -> StorageUnavailable:
    """Return the error for a disk that is full, or for a folder or file that can't be used."""
    if is_full_disk(error):
        detail = f"The disk is full: that of {datasets_folder}, or of {tempfile.gettempdir()} for temporary files."
        return StorageUnavailable(detail, "What was read is kept: once there is more space, the same command continues.")
    return StorageUnavailable(f"{error.filename or datasets_folder} can't be used: {error.strerror or error}.", "Check --datasets.")
