"""The files that a collection was analyzed from: where they are, whether they are still the same, and how they were read.

Reading posts from them belongs in `collection_posts`, writing the list in `scale`.
"""

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from errno import EIO, ENOENT
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any

from dashboard.core.errors import ChorusError, InvalidSetting

SOURCES_FILE = "sources.parquet"
_VERSION_KEYS = ("ETag", "etag", "md5Hash", "generation", "mtime", "created", "LastModified")  # of what buckets know of a file
_CONTENT_KEY = "ETag"  # of S3, where times are in another zone in a listing than of a single file
ROWS_PER_PARTITION = 2**40  # the order of a post is the number of its partition times this, plus that of its row


@dataclass(frozen=True)
class ReadingChoices:
    """How the files were read: as `DatasetStore.import_file` takes it, and when times began to be in the future."""

    started_at: datetime
    column_by_field: Mapping[str, str] = field(default_factory=dict)
    zone: str = ""
    date_order: str = ""
    account: str = ""


@dataclass(frozen=True)
class SourceFile:
    """A file of posts: a path or an address of a bucket, such as gs://posts/a.csv, and the member of a zip if it is one of several."""

    path: str
    member: str = ""

    @property
    def name(self) -> str:
        """Its name in messages."""
        return f"{self.path}/{self.member}" if self.member else self.path

    @property
    def is_remote(self) -> bool:
        """Whether it is in a bucket."""
        return "://" in self.path

    def describe(self, *, is_just_listed: bool = False) -> tuple[int, str]:
        """Return its size in bytes, and a fingerprint that changes if the file does. Raises OSError.

        If the bucket `is_just_listed`, what its listing said of the file is used; otherwise the bucket is asked again.
        """
        if self.is_remote:
            with remote_errors():
                file_system = open_file_system(self.path)
                if not is_just_listed:
                    file_system.invalidate_cache(self.path)  # a server's listing may be days old
                information = file_system.info(self.path)
            size, version = int(information["size"]), _find_version(information)
        else:
            status = Path(self.path).stat()
            size, version = status.st_size, [status.st_mtime_ns]
        place = self.path if self.is_remote else str(Path(self.path).resolve())
        identity = f"{place} {size} {version} {self.member}"
        if self.member:
            with self._open_zip() as archive:
                size = archive.getinfo(self.member).compress_size
        return size, hashlib.sha256(identity.encode()).hexdigest()[:16]

    @contextmanager
    def open_local(self) -> Iterator[Path]:
        """Yield the path of the file on this machine: its own, or that of a copy, which is deleted afterwards. Raises OSError."""
        if not self.is_remote and not self.member:
            yield Path(self.path)
            return
        with TemporaryDirectory(prefix="chorus-") as folder:
            copy = Path(folder) / PurePosixPath(self.member or self.path).name
            if self.member:
                with self._open_zip() as archive, archive.open(self.member) as packed, copy.open("wb") as file:
                    shutil.copyfileobj(packed, file)
            else:
                with remote_errors():
                    open_file_system(self.path).get_file(self.path, str(copy))
            yield copy

    @contextmanager
    def _open_zip(self) -> Iterator[zipfile.ZipFile]:
        """Open the zip that the file is in. Raises OSError, also if it is damaged."""
        try:
            with SourceFile(self.path).open_local() as path, zipfile.ZipFile(path) as archive:
                yield archive
        except (zipfile.BadZipFile, KeyError, NotImplementedError, RuntimeError, zlib.error) as error:
            raise OSError(EIO, "the zip is damaged") from error


def _find_version(information: Mapping[str, Any]) -> list[Any]:
    """Return what changes if a file in a bucket does, the same from a listing as of the file alone."""
    return [information[_CONTENT_KEY]] if information.get(_CONTENT_KEY) else [information.get(key) for key in _VERSION_KEYS]


@contextmanager
def remote_errors() -> Iterator[None]:
    """Convert errors of the bucket libraries, such as missing credentials, to an OSError with a readable message."""
    try:
        yield
    except ChorusError:
        raise
    except FileNotFoundError as error:
        raise FileNotFoundError(ENOENT, error.strerror or os.strerror(ENOENT)) from error
    except Exception as error:
        number = getattr(error, "errno", None) or EIO
        raise OSError(number, (getattr(error, "strerror", None) or str(error) or type(error).__name__).rstrip(".")) from error


def open_file_system(address: str) -> Any:
    """Return the file system of an address, as fsspec calls it. Raises InvalidSetting if it isn't installed."""
    try:
        import fsspec  # type: ignore[import-untyped]

        return fsspec.url_to_fs(address)[0]
    except (ImportError, ValueError) as error:
        scheme = address.partition("://")[0]
        raise InvalidSetting(f"Addresses with {scheme}:// can't be read here.", "Install requirements-scale.txt.") from error
