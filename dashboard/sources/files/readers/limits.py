"""Limits on how much of a file is read, and the readers that enforce them. Nothing here knows any file format.

Files are treated as hostile: no reader returns more than it was asked for, and low-level errors become InvalidFile.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import deferred, translatable

MAX_UNPACKED_BYTES = 2 * 2**30  # unpacked text per file; media are never unpacked
MAX_LINE_BYTES = 2**20  # per line, or per table row with line breaks in it
MAX_ELEMENT_CHARS = 2**20  # per post in JSON; real ones have a few thousand
MAX_ROWS = 2_000_000
MAX_COLUMNS = 200
TOO_MANY_CELLS = translatable("has %(count)s cells, but the table has %(limit)s columns")  # a row that isn't one of its table
DAMAGED_FILE_ERRORS = (
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
    NotImplementedError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)

_BLOCK_BYTES = 256 * 1024
_MAX_EMPTY_BYTES = 2**22  # packed bytes that may unpack to nothing before we give up on a file


class Readable(Protocol):
    """Anything that returns bytes, at most as many as asked for."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, or b"" at the end."""
        ...


class ByteBudget:
    """The bytes that may still be read from one file, shared by all members of an archive."""

    def __init__(self, max_bytes: int = MAX_UNPACKED_BYTES) -> None:
        self._max_bytes, self.spent_bytes = max_bytes, 0

    def spend(self, byte_count: int) -> None:
        """Subtract bytes that were read. Raises InvalidFile if the budget is exceeded."""
        self.spent_bytes += byte_count
        if self.spent_bytes > self._max_bytes:
            raise InvalidFile(
                deferred("The file contains more than %(limit)s GB of text.", limit=f"{self._max_bytes / 2**30:g}"),
                translatable("Split it into smaller files."),
            )


def open_limited_reader(source: Readable, file_name: str, budget: ByteBudget) -> io.BufferedReader:
    """Return a buffered reader of a source that subtracts from a budget; `file_name` names the source in messages."""
    return io.BufferedReader(_LimitedReader(source, file_name, budget), _BLOCK_BYTES)


class LimitedFile:
    """A file that is opened any number of times, each with a budget of its own, by calling it. `count_read_bytes` counts all of them."""

    def __init__(self, open_source: Callable[[], Readable], file_name: str, max_bytes: int) -> None:
        self._open_source, self._file_name, self._max_bytes = open_source, file_name, max_bytes
        self._budgets = list[ByteBudget]()

    def __call__(self) -> io.BufferedReader:
        """Return a reader that begins at the start of the file."""
        self._budgets.append(ByteBudget(self._max_bytes))
        return open_limited_reader(self._open_source(), self._file_name, self._budgets[-1])

    def count_read_bytes(self) -> int:
        """Return how many bytes were read so far."""
        return sum(budget.spent_bytes for budget in self._budgets)


def iter_lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Yield lines with their line ends. A line longer than MAX_LINE_BYTES comes in pieces of MAX_LINE_BYTES + 1 bytes."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line


def line_too_long_error(line_number: int) -> InvalidFile:
    """Return the error for a line that is too long."""
    detail = deferred(
        "Line %(number)s is longer than %(limit)s MB, so this doesn’t look like a table or a list of posts.",
        number=line_number,
        limit=MAX_LINE_BYTES // 2**20,
    )
    return InvalidFile(detail, translatable("Check that you chose the right file and that it is complete."))


class _LimitedReader(io.RawIOBase):
    """A source whose bytes are counted and whose errors become InvalidFile."""

    def __init__(self, source: Readable, file_name: str, budget: ByteBudget) -> None:
        super().__init__()
        self._source, self._file_name, self._budget = source, file_name, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            block = self._source.read(len(buffer))
        except DAMAGED_FILE_ERRORS as error:
            raise InvalidFile(
                deferred("%(file)s is damaged or incomplete.", file=self._file_name),
                translatable("Download or compress it again, then upload it."),
            ) from error
        self._budget.spend(len(block))
        buffer[: len(block)] = block
        return len(block)


class GzipReader:
    """Unpacks a gzip file, never more bytes at once than requested."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file, self._compressed, self._in_member = file, b"", False
        self._decompressor = zlib.decompressobj(wbits=31)

    def read(self, size: int, /) -> bytes:
        """Return up to `size` unpacked bytes. Raises EOFError if the file is cut short, ValueError if too much of it unpacks to nothing."""
        empty_bytes = 0
        while empty_bytes < _MAX_EMPTY_BYTES:
            if not self._compressed:
                self._compressed = self._file.read(_BLOCK_BYTES)
                empty_bytes += len(self._compressed)
            if not self._compressed and self._in_member:
                raise EOFError
            unpacked = self._decompress(size) if self._compressed else b""
            if unpacked or (not self._compressed and not self._in_member):
                return unpacked
        raise ValueError("the file unpacks to nothing")

    def _decompress(self, size: int) -> bytes:
        if not self._in_member:
            self._compressed = self._compressed.lstrip(b"\0")  # padding between members, as tape drives write it
        if not self._compressed:
            return b""
        unpacked = self._decompressor.decompress(self._compressed, size)
        self._compressed, self._in_member = self._decompressor.unconsumed_tail, True
        if self._decompressor.eof:  # another gzip member may follow
            self._compressed, self._decompressor, self._in_member = self._decompressor.unused_data, zlib.decompressobj(wbits=31), False
        return unpacked
