"""The space that uploaded files may take: datasets and waiting tables count together. Nothing is written or deleted here."""

from pathlib import Path

from dashboard.core.errors import InvalidFile

MAX_STORED_BYTES = 10 * 2**30  # for everything in the folder


def count_stored_bytes(folder: Path) -> int:
    """Return the size of all datasets and waiting tables in a folder."""
    return sum(count_folder_bytes(path) for path in _list_paths(folder))


def count_folder_bytes(folder: Path) -> int:
    """Return the size of the files directly in a folder."""
    return sum(_file_bytes(path) for path in _list_paths(folder))


def storage_full_error() -> InvalidFile:
    """Return the error for a folder without free space."""
    return InvalidFile("The storage for uploaded files is full.", "Delete a file that you no longer need, or ask your administrator.")


def _list_paths(folder: Path) -> list[Path]:
    try:
        return [] if folder.is_symlink() else list(folder.iterdir())
    except OSError:
        return []


def _file_bytes(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
