"""Opens a zip that is treated as hostile: nothing is extracted to disk, and member names are never used as paths.

Sizes are checked both as declared and as actually read. What the members mean is decided in `x_zip.py` and `member_files.py`, not here.
"""

import io
import zipfile
from bisect import bisect_left
from collections.abc import Callable
from typing import BinaryIO

from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.directions import remove_bidi_controls
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.limits import DAMAGED_FILE_ERRORS, MAX_UNPACKED_BYTES, ByteBudget, open_limited_reader
from dashboard.sources.files.readers.zip_refusals import UNCHANGED_ADVICE

Member = tuple[str, zipfile.ZipInfo]  # its path with forward slashes, and the member itself

MAX_MEMBERS = 100_000
MAX_DIRECTORY_BYTES = 24 * 2**20  # of the zip's list of members
MAX_COMPRESSION_RATIO = 200  # unpacked to packed bytes; usually about 10, and 140 if all posts are identical
MIN_RATIO_CHECK_BYTES = 16 * 2**20  # unpacked bytes from which on the ratio is checked

_ENTRY_SIGNATURE = b"PK\x01\x02"  # starts each entry in the list of members
_LOCAL_HEADER_BYTES = 30  # at least, before each member


class LimitedZip:
    """An open zip. `members` are those that people put there, without what macOS adds."""

    def __init__(self, file: BinaryIO, budget: ByteBudget) -> None:
        """Read the list of members. Raises InvalidFile if it is damaged, too long, or has unsafe paths."""
        self._byte_budget = budget
        try:
            self._zip_file = zipfile.ZipFile(_DirectoryLimitedFile(file))
            members = [(remove_bidi_controls(member.filename).replace("\\", "/"), member) for member in self._zip_file.infolist()]
        except DAMAGED_FILE_ERRORS as error:
            raise InvalidFile(
                translatable("The zip is damaged or incomplete."), translatable("Download it again and upload it unchanged.")
            ) from error
        if any(".." in path.split("/") or path.startswith("/") or path[1:2] == ":" for path, _ in members):
            raise InvalidFile(translatable("The zip contains unsafe paths, which X’s archives never do."), UNCHANGED_ADVICE)
        self._header_offsets = sorted(member.header_offset for _, member in members)
        self.members = [(path, member) for path, member in members if "__MACOSX" not in path.split("/")]

    def open_member(self, path: str, member: zipfile.ZipInfo) -> io.BufferedReader:
        """Open a member as a stream. Raises InvalidFile if it can't be read without danger."""
        self._check_member(path, member)
        try:
            return open_limited_reader(self._zip_file.open(member), path, self._byte_budget)
        except DAMAGED_FILE_ERRORS as error:
            raise InvalidFile(
                deferred("%(path)s in the zip is damaged.", path=path), translatable("Download the zip again and upload it unchanged.")
            ) from error

    def _check_member(self, path: str, member: zipfile.ZipInfo) -> None:
        """Raise InvalidFile for a member that is encrypted, compressed in a way X doesn't use, too large, or overlaps another one."""
        if member.flag_bits & 0x1:
            raise InvalidFile(
                deferred("%(path)s in the zip is encrypted.", path=path),
                translatable("Unpack the zip with its password and upload just tweets.js."),
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InvalidFile(
                deferred("%(path)s in the zip is compressed in an unusual way.", path=path),
                translatable("Unpack the zip and upload just tweets.js."),
            )
        start, end = member.header_offset, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size
        if bisect_left(self._header_offsets, end) - bisect_left(self._header_offsets, start) > 1:
            raise InvalidFile(
                deferred("%(path)s overlaps another file in the zip, which never happens in a real archive.", path=path), UNCHANGED_ADVICE
            )
        if member.file_size > max(MIN_RATIO_CHECK_BYTES, MAX_COMPRESSION_RATIO * member.compress_size):
            detail = deferred(
                "%(path)s would unpack to %(size)s MB, far more than a real archive of this size.",
                path=path,
                size=f"{member.file_size / 2**20:,.0f}",
            )
            raise InvalidFile(detail, UNCHANGED_ADVICE)
        if member.file_size > MAX_UNPACKED_BYTES:
            detail = deferred(
                "%(path)s unpacks to more than %(limit)s GB, the limit for one file.", path=path, limit=f"{MAX_UNPACKED_BYTES / 2**30:g}"
            )
            raise InvalidFile(detail, translatable("Split tweets.js and upload the parts one at a time."))


def check_unique(members: list[Member]) -> list[Member]:
    """Return the members. Raises InvalidFile if two of them have the same file name."""
    seen = set[str]()
    for path, _ in members:
        name = path.rsplit("/", 1)[-1].lower()
        if name in seen:
            raise InvalidFile(
                deferred("The zip has %(name)s more than once.", name=name),
                translatable("Upload one archive at a time, exactly as X provides it."),
            )
        seen.add(name)
    return members


class _DirectoryLimitedFile:
    """A file for zipfile that refuses a list of members longer than real archives have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek: Callable[..., int] = file.seek
        self.tell: Callable[[], int] = file.tell

    def read(self, size: int = -1, /) -> bytes:
        if size > MAX_DIRECTORY_BYTES:
            raise InvalidFile(translatable("The zip’s list of contents is too long."), translatable("Upload just tweets.js."))
        block = self._file.read(size if size >= 0 else MAX_DIRECTORY_BYTES)  # zipfile reads to the end only when it is close
        if len(block) > len(_ENTRY_SIGNATURE) * MAX_MEMBERS and block.count(_ENTRY_SIGNATURE) > MAX_MEMBERS:
            raise InvalidFile(
                deferred("The zip contains more than %(limit)s files.", limit=MAX_MEMBERS), translatable("Upload just tweets.js.")
            )
        return block

    def seekable(self) -> bool:
        return True
