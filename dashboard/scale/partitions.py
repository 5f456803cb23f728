"""Finds the files of a collection: each is a partition, which is read at once, in one process, and again if that process is lost.

Of a zip with several files, each is a partition. Posts aren't read here.
"""

import glob
import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.limits import ByteBudget
from dashboard.sources.files.readers.x_zip import XArchive
from dashboard.sources.files.shapes.archives import find_archive_kind
from dashboard.sources.files.source_files import SourceFile, open_file_system, remote_errors

SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".zip", ".gz", ".xlsx", ".js", ".car")  # in folders
_MEMBER_SUFFIXES = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".gz")  # in zips
_PATTERN_CHARACTERS = "*?["


@dataclass(frozen=True)
class Partition:
    """A file to read: where it is among all, the file itself, and its size in bytes. `fingerprint` changes if the file does."""

    number: int
    source: SourceFile
    size: int
    fingerprint: str

    @property
    def name(self) -> str:
        """Its name in messages."""
        return self.source.name


def list_partitions(sources: Sequence[str]) -> list[Partition]:
    """Return the files of all sources, each file once.

    A source is a file, a folder with everything in it, or a pattern such as `2026/*.csv`; also in a bucket. Raises InvalidFile if a source
    doesn't exist or has no files, and InvalidSetting if buckets can't be read here.
    """
    paths = dict.fromkeys(path for source in sources for path in _find_files(source))
    files = [file for path in paths for file in _list_members(path)]
    return [Partition(number, file, *_describe(file)) for number, file in enumerate(files)]


def _describe(file: SourceFile) -> tuple[int, str]:
    """Return the size and the fingerprint of a file; of one that isn't there any more, reading it will say so."""
    try:
        return file.describe(is_just_listed=True)
    except OSError:
        return 0, ""


def _find_files(source: str) -> list[str]:
    """Return the paths that a source stands for. Raises InvalidFile if there are none, or if a folder can't be read."""
    try:
        files = list(_find_remote_files(source) if "://" in source else _find_local_files(source))
    except OSError as error:
        raise InvalidFile(f"{error.filename or source} can't be read: {error.strerror or error}.") from error
    if not files:
        raise InvalidFile(_describe_absence(source), f"In folders, files ending in {', '.join(SUFFIXES)} count.")
    return files


def _describe_absence(source: str) -> str:
    if Path(source).is_dir() or "://" in source:
        return f"{source} has no files with posts."
    return f"No file is called {source}." if set(source) & set(_PATTERN_CHARACTERS) else f"{source} doesn't exist."


def _find_local_files(source: str) -> Iterator[str]:
    path = Path(source)
    if path.is_dir():
        yield from sorted(_walk(path))
    elif path.exists():
        yield source
    else:
        yield from (file for match in sorted(glob.glob(source, recursive=True)) for file in _find_local_files(match))


def _walk(folder: Path) -> Iterator[str]:
    """Yield the files of posts in a folder, and links to files that are gone. Raises OSError for a folder that can't be read."""
    for parent, _, names in os.walk(folder, onerror=_raise):
        paths = (Path(parent, name) for name in names if _is_post_file(name))
        yield from (str(path) for path in paths if path.is_file() or not path.exists())


def _raise(error: OSError) -> None:
    raise error


def _find_remote_files(source: str) -> Iterator[str]:
    is_pattern = any(character in source for character in _PATTERN_CHARACTERS)
    with remote_errors():
        file_system = open_file_system(source)
        names = file_system.glob(source) if is_pattern else [source] if file_system.isfile(source) else file_system.find(source)
    is_single = not is_pattern and names == [source]
    for name in sorted(map(str, names)):
        address = name if "://" in name else file_system.unstrip_protocol(name)
        if is_single or _is_post_file(name.rpartition("/")[2]):
            yield address


def _is_post_file(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith((".", "_"))


def _list_members(path: str) -> list[SourceFile]:
    """Return a file, or what is in it if it is a zip with several files of posts that isn't an archive of a network."""
    if "://" in path or not path.lower().endswith(".zip"):
        return [SourceFile(path)]
    try:
        with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
            names = [name for name in archive.namelist() if name.lower().endswith(_MEMBER_SUFFIXES) and not name.startswith("__MACOSX")]
            is_archive = XArchive(file, ByteBudget()).has_posts_of_x() or find_archive_kind(archive.namelist()) is not None
    except (OSError, zipfile.BadZipFile, InvalidFile):
        return [SourceFile(path)]  # the reader says what is wrong
    return [SourceFile(path)] if is_archive or len(names) < 2 else [SourceFile(path, name) for name in names]
