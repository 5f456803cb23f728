"""How much of a file is read at most, and the readers that hold to it. Nothing here knows what is inside a file.

Everything from a file is hostile: no reader gives more than it was asked for, and what goes wrong below is told as InvalidArchive.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from dashboard.core.errors import InvalidFile

MAX_UNPACKED_BYTES = 2 * 2**30  # unpacked bytes of text that are read of one file; media are never unpacked
MAX_LINE_BYTES = 2**20  # bytes of a line, or of a row of a table with line breaks in it
MAX_ELEMENT_CHARS = 2**20  # characters of one post in JSON; an honest one has some thousands
MAX_ROWS = 2_000_000
MAX_COLUMNS = 200
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
_MAX_EMPTY_BYTES = 2**22  # packed bytes that may unpack to nothing before a file is given up


class Readable(Protocol):
    """Anything that gives bytes, at most as many as asked for."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class ByteBudget:
    """The bytes that may still be read of one file, over all its members."""

    def __init__(self) -> None:
        self._remaining_bytes = MAX_UNPACKED_BYTES

    def spend(self, byte_count: int) -> None:
        """Take bytes off. Raises InvalidArchive when there are none left."""
        self._remaining_bytes -= byte_count
        if self._remaining_bytes < 0:
            raise InvalidFile(f"The file holds more than {MAX_UNPACKED_BYTES / 2**30:g} GB of text.", "Split it, and import the parts.")


def open_limited_reader(source: Readable, file_name: str, budget: ByteBudget) -> io.BufferedReader:
    """Return a buffered reader of a source that spends from a budget; `what` names the source in messages."""
    return io.BufferedReader(_LimitedReader(source, file_name, budget), _BLOCK_BYTES)


def iter_lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Yield lines with their ends; a longer one than LONGEST_LINE comes as its first LONGEST_LINE + 1 bytes, the rest as if a new one."""
    while line := file.readline(MAX_LINE_BYTES + 1):
        yield line


def line_too_long_error(line_number: int) -> InvalidFile:
    """Return the error for a line that is too long."""
    detail = f"Line {line_number:,} is longer than {MAX_LINE_BYTES // 2**20} MB, so this is no table and no list of posts."
    return InvalidFile(detail, "Check that it is the file you meant, and that it was saved whole.")


class _LimitedReader(io.RawIOBase):
    """A source whose bytes are counted and whose failures are told in words."""

    def __init__(self, source: Readable, file_name: str, budget: ByteBudget) -> None:
        super().__init__()
        self._source, self._file_name, self._budget = source, file_name, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            block = self._source.read(len(buffer))
        except DAMAGED_FILE_ERRORS as damage:
            raise InvalidFile(f"{self._file_name} is damaged or breaks off.", "Download or pack it again, and import it whole.") from damage
        self._budget.spend(len(block))
        buffer[: len(block)] = block
        return len(block)


class GzipReader:
    """The bytes inside a gzip file, never more of them in memory than asked for."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file, self._compressed, self._in_member = file, b"", False
        self._decompressor = zlib.decompressobj(wbits=31)

    def read(self, size: int, /) -> bytes:
        """Return some unpacked bytes. Raises EOFError if the file breaks off, ValueError if much of it unpacks to nothing."""
        idle = 0
        while idle < _MAX_EMPTY_BYTES:
            if not self._compressed:
                self._compressed = self._file.read(_BLOCK_BYTES)
                idle += len(self._compressed)
            if not self._compressed and self._in_member:
                raise EOFError
            unpacked = self._decompress(size) if self._compressed else b""
            if unpacked or (not self._compressed and not self._in_member):
                return unpacked
        raise ValueError("nothing comes out")

    def _decompress(self, size: int) -> bytes:
        if not self._in_member:
            self._compressed = self._compressed.lstrip(b"\0")  # padding, as tape drives leave it
        if not self._compressed:
            return b""
        unpacked = self._decompressor.decompress(self._compressed, size)
        self._compressed, self._in_member = self._decompressor.unconsumed_tail, True
        if self._decompressor.eof:  # another gzip file may follow, and belongs to it
            self._compressed, self._decompressor, self._in_member = self._decompressor.unused_data, zlib.decompressobj(wbits=31), False
        return unpacked
