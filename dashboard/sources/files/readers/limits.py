"""How much of a file is read at most, and the readers that hold to it. Nothing here knows what is inside a file.

Everything from a file is hostile: no reader gives more than it was asked for, and what goes wrong below is told as InvalidArchive.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

from dashboard.core.errors import InvalidArchive

MOST_BYTES = 2 * 2**30  # unpacked bytes of text that are read of one file; media are never unpacked
LONGEST_LINE = 2**20  # bytes of a line, or of a row of a table with line breaks in it
LONGEST_ELEMENT = 2**20  # characters of one post in JSON; an honest one has some thousands
MOST_ROWS = 2_000_000
MOST_COLUMNS = 200
DAMAGE = (EOFError, OSError, OverflowError, RuntimeError, ValueError, NotImplementedError, struct.error, zipfile.BadZipFile, zlib.error)

_BLOCK = 256 * 1024
_MOST_IDLE = 2**22  # packed bytes that may unpack to nothing before a file is given up


class Readable(Protocol):
    """Anything that gives bytes, at most as many as asked for."""

    def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes, none at the end."""
        ...


class Budget:
    """The bytes that may still be read of one file, over all its members."""

    def __init__(self) -> None:
        self._left = MOST_BYTES

    def spend(self, count: int) -> None:
        """Take bytes off. Raises InvalidArchive when there are none left."""
        self._left -= count
        if self._left < 0:
            raise InvalidArchive(f"The file holds more than {MOST_BYTES / 2**30:g} GB of text.", "Split it, and import the parts.")


def reader(source: Readable, what: str, budget: Budget) -> io.BufferedReader:
    """Return a buffered reader of a source that spends from a budget; `what` names the source in messages."""
    return io.BufferedReader(_Counted(source, what, budget), _BLOCK)


def lines(file: io.BufferedReader) -> Iterator[bytes]:
    """Yield lines with their ends; a longer one than LONGEST_LINE comes as its first LONGEST_LINE + 1 bytes, the rest as if a new one."""
    while line := file.readline(LONGEST_LINE + 1):
        yield line


def too_long(number: int) -> InvalidArchive:
    """Return the error for a line that is too long."""
    detail = f"Line {number:,} is longer than {LONGEST_LINE // 2**20} MB, so this is no table and no list of posts."
    return InvalidArchive(detail, "Check that it is the file you meant, and that it was saved whole.")


class _Counted(io.RawIOBase):
    """A source whose bytes are counted and whose failures are told in words."""

    def __init__(self, source: Readable, what: str, budget: Budget) -> None:
        super().__init__()
        self._source, self._what, self._budget = source, what, budget

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            block = self._source.read(len(buffer))
        except DAMAGE as damage:
            raise InvalidArchive(f"{self._what} is damaged or breaks off.", "Download or pack it again, and import it whole.") from damage
        self._budget.spend(len(block))
        buffer[: len(block)] = block
        return len(block)


class Gunzip:
    """The bytes inside a gzip file, never more of them in memory than asked for."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self._file, self._packed, self._begun = file, b"", False
        self._inflate = zlib.decompressobj(wbits=31)

    def read(self, size: int, /) -> bytes:
        """Return some unpacked bytes. Raises EOFError if the file breaks off, ValueError if much of it unpacks to nothing."""
        idle = 0
        while idle < _MOST_IDLE:
            if not self._packed:
                self._packed = self._file.read(_BLOCK)
                idle += len(self._packed)
            if not self._packed and self._begun:
                raise EOFError
            unpacked = self._unpack(size) if self._packed else b""
            if unpacked or (not self._packed and not self._begun):
                return unpacked
        raise ValueError("nothing comes out")

    def _unpack(self, size: int) -> bytes:
        if not self._begun:
            self._packed = self._packed.lstrip(b"\0")  # padding, as tape drives leave it
        if not self._packed:
            return b""
        unpacked = self._inflate.decompress(self._packed, size)
        self._packed, self._begun = self._inflate.unconsumed_tail, True
        if self._inflate.eof:  # another gzip file may follow, and belongs to it
            self._packed, self._inflate, self._begun = self._inflate.unused_data, zlib.decompressobj(wbits=31), False
        return unpacked
