"""The lines of a table as text: decoded, with quotes escaped in one way, and counted. How cells are separated doesn't belong here."""

import io
from collections.abc import Iterator

from dashboard.sources.files.readers.csv_dialect import CsvDialect, QuoteUnescaper, has_quoted_lines, unquote_line
from dashboard.sources.files.readers.encodings import LineDecoder
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_LINE_BYTES, line_too_long_error
from dashboard.sources.files.readers.table_header import SAMPLE_LINES

_SAMPLE_BYTES = 2**18
_BLOCK_BYTES = 2**17  # the cells of larger blocks don't fit into the processor's caches
_MARK = b"\xef\xbb\xbf"


class TableLines:
    """The lines of a table. `peek` and `take` come first, for its header; then come blocks of lines.

    In the file, lines end with \\n, \\r or both. Here all end with \\n, because a line end counts as one character of a cell's length.
    `end_line` is the number of the last line that was taken or is in the latest block, and `latest_blocks` has the bytes of blocks until it
    is cleared. `at_end` says whether somebody has asked for more than there is.
    """

    def __init__(self, file: io.BufferedReader, file_name: str, tally: ImportTally) -> None:
        self._file, self._file_name, self._has_mac_newlines = file, file_name, False
        self._decoder, self._unescaper = LineDecoder(file_name, tally), QuoteUnescaper(CsvDialect(","))
        self._unquotes_lines = False
        self._peeked, self._tail, self._next_block = list[bytes](), b"", list[list[str]]()
        self.end_line, self.at_end, self.latest_blocks = 0, False, list[bytes]()

    def peek(self) -> list[str]:
        """Return the first lines, without taking or counting them."""
        lines = list[bytes]()
        for line in self._iter_first_lines():
            if len(line) > MAX_LINE_BYTES:
                raise line_too_long_error(len(lines) + 1)
            lines.append(line)
            if len(lines) == SAMPLE_LINES or sum(map(len, lines)) >= _SAMPLE_BYTES:
                break
        decoder = LineDecoder(self._file_name, ImportTally())
        for line_decoder in (decoder, self._decoder):
            line_decoder.inspect(lines, has_mac_newlines=self._has_mac_newlines)
        return self._decode_each(decoder, lines, 1)

    def _iter_first_lines(self) -> Iterator[bytes]:
        try:
            while block := self._read_block():
                self._has_mac_newlines = self._has_mac_newlines or (not self._peeked and b"\r" in block and b"\n" not in block)
                lines = split_lines(_unify_line_ends(block if self._peeked else block.removeprefix(_MARK)))
                self._peeked += lines
                yield from lines
        except RowTooLong:
            raise line_too_long_error(len(self._peeked) + 1) from None

    def set_dialect(self, dialect: CsvDialect, lines: list[str]) -> None:
        """Set how quotes are written, as the first lines show it."""
        self._unescaper = QuoteUnescaper(dialect)
        self._unescaper.inspect(lines)

    def unquote_lines(self, lines: list[str]) -> list[str]:
        """Return the first lines; if each of them is one quoted cell, without these quotes, and so will be all others."""
        self._unquotes_lines = has_quoted_lines(lines)
        return list(map(unquote_line, lines)) if self._unquotes_lines else lines

    def take(self, line_count: int) -> None:
        """Take the first of the lines that were peeked at."""
        self._read_lines(b"".join(self._peeked[:line_count]))
        del self._peeked[:line_count]

    def __iter__(self) -> Iterator[list[str]]:
        return self

    def __next__(self) -> list[str]:
        if not self._next_block:
            self.load_block()
        if not self._next_block:
            self.at_end = True
            raise StopIteration
        return self._next_block.pop()

    def load_block(self) -> None:
        """Read the next block, if there is one. Raises RowTooLong if a block was needed only to continue a row, and was long."""
        if sum(map(len, self.latest_blocks[1:])) > MAX_LINE_BYTES:
            raise RowTooLong
        block, self._peeked = b"".join(self._peeked) or _unify_line_ends(self._read_block()), []
        if block:
            self.latest_blocks.append(block)
            self._next_block.append(self._read_lines(block))

    def _read_block(self) -> bytes:
        """Return some complete lines, or nothing at the end of the file. Raises RowTooLong if a line exceeds MAX_LINE_BYTES."""
        block = self._tail + self._file.read(_BLOCK_BYTES)
        self._tail, rest = b"", b"" if block.endswith(b"\n") else self._file.readline(MAX_LINE_BYTES + 1)
        block += rest
        if len(rest) <= MAX_LINE_BYTES or rest.endswith(b"\n"):
            return block
        end = max(block.rfind(b"\n"), block.rfind(b"\r", 0, -1)) + 1  # a \r at the end may be half of an end
        if not end:
            raise RowTooLong
        self._tail = block[end:]
        return block[:end]

    def _read_lines(self, block: bytes) -> list[str]:
        """Return lines as texts, and count them."""
        lines = split_lines(block)
        first_line, self.end_line = self.end_line + 1, self.end_line + len(lines)
        texts = self._decoder.decode_all(lines)
        if texts is None:
            texts = self._decode_each(self._decoder, lines, first_line)
        if self._unquotes_lines:
            texts = list(map(unquote_line, texts))
        return list(map(self._unescaper.unescape, texts)) if b"\\" in block else texts

    def _decode_each(self, decoder: LineDecoder, lines: list[bytes], first_line: int) -> list[str]:
        """Return lines as texts, decoded one by one. `first_line` is the number of the first."""
        return [decoder.decode(line, number, has_mac_newlines=self._has_mac_newlines) for number, line in enumerate(lines, first_line)]


def split_lines(block: bytes) -> list[bytes]:
    """Return lines with their ends, which are \\n."""
    return list(io.BytesIO(block))


def _unify_line_ends(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


class RowTooLong(Exception):
    """A row has more bytes than a row can have."""
