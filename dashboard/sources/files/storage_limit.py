"""The space that uploaded files may take: datasets and waiting tables count together. Nothing is written or deleted here.

Collections that an operator analyzes don't count: they may be larger than all uploads together.
"""

from pathlib import Path

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable

WORK_FOLDER_PREFIX = "analyzing-"  # of a folder in which a collection is being analyzed
TOTALS_FILE, SAMPLES_FILE = "totals.parquet", "samples.parquet"  # of a collection
MAX_STORED_BYTES = 10 * 2**30  # for everything in the folder


def count_stored_bytes(folder: Path) -> int:
    """Return the size of all datasets and waiting tables in a folder, without collections and what is left of analyzing them."""
    return sum(count_folder_bytes(path) for path in _list_paths(folder) if not _is_collection(path))


def count_folder_bytes(folder: Path) -> int:
    """Return the size of the files directly in a folder."""
    return sum(_file_bytes(path) for path in _list_paths(folder))


def storage_full_error() -> InvalidFile:
    """Return the error for a folder without free space."""
    return InvalidFile(
        translatable("The storage for uploaded files is full."),
        translatable("Delete a file that you no longer need, or ask your administrator."),
    )


def _is_collection(path: Path) -> bool:
    return path.name.startswith(WORK_FOLDER_PREFIX) or (path / TOTALS_FILE).exists()


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
