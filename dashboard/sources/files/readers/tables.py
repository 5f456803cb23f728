"""Reads posts from tables: CSV in the dialects of many tools, with a header row somewhere near the top.

What the cells mean is decided in `rows.py`, not here.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.column_questions import INSPECTED_ROWS, build_question, unknown_columns_error
from dashboard.sources.files.readers.csv_dialect import DELIMITERS, CsvDialect, QuoteUnescaper, list_dialects
from dashboard.sources.files.readers.encodings import LineDecoder, NewlineReader
from dashboard.sources.files.readers.field_paths import NO_COLUMN, find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS, MAX_LINE_BYTES, iter_lines, line_too_long_error
from dashboard.sources.files.readers.rows import REQUIRED_FIELDS, check_shape
from dashboard.sources.files.readers.table_header import SAMPLE_LINES, Header, deduplicate_names, find_header
from dashboard.sources.files.shapes.shape import recognize_object

Record = tuple[int, list[Any]]  # the number of a row's first line, and its cells

_SAMPLE_BYTES = 2**18


def iter_table_posts(
    file: io.BufferedReader, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield pairs of a row's first line number and its cells by column name.

    Raises UnknownColumns if no column is recognized as the text or the time, InvalidFile if the file isn't a table.
    """
    line_reader = _LineReader(file, file_name, tally)
    dialect, header = _find_csv_header(line_reader, file_name)
    columns = check_width(deduplicate_names(header.columns), file_name)
    yield from iter_records(columns, _iter_rows(line_reader, dialect, len(columns), tally), column_by_field)


def iter_records(columns: list[str], rows: Iterator[Record], column_by_field: Mapping[str, str]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield rows as dictionaries, after a check that their columns are understood."""
    sample = list(islice(rows, INSPECTED_ROWS))
    _check_columns(columns, column_by_field, [row for _, row in sample])
    for number, row in chain(sample, rows):
        if row == columns:  # the header again, as where files were joined
            continue
        yield number, dict(zip(columns, row, strict=True))


def check_width(columns: list[str], file_name: str) -> list[str]:
    """Return the columns. Raises InvalidFile if there are too few or too many for a table of posts."""
    if len(columns) < 2:
        raise InvalidFile(
            deferred("%(file)s isn't a table: its first line has no columns.", file=file_name),
            translatable("Upload a CSV file with a header row."),
        )
    if len(columns) > MAX_COLUMNS:
        raise InvalidFile(
            deferred("%(file)s has %(count)s columns; up to %(limit)s can be read.", file=file_name, count=len(columns), limit=MAX_COLUMNS),
            translatable("Delete the columns that you don't need."),
        )
    return columns


class _LineReader:
    """The lines of a table as text. It counts lines, and limits the bytes per row."""

    def __init__(self, file: io.BufferedReader, file_name: str, tally: ImportTally) -> None:
        self._newlines, self._file_name = NewlineReader(file), file_name
        self._lines: Iterator[bytes] = iter_lines(io.BufferedReader(self._newlines, _SAMPLE_BYTES))
        self._decoder, self._unescaper = LineDecoder(file_name, tally), QuoteUnescaper(CsvDialect(","))
        self.line_number, self.row_start, self.row_bytes, self.at_end = 0, 1, 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, b"")
        if not line:
            self.at_end = True
            raise StopIteration
        self.line_number += 1
        self.row_bytes += len(line)
        if self.row_bytes > MAX_LINE_BYTES:
            raise line_too_long_error(self.row_start)
        if self.line_number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        return self._unescaper.unescape(self._decode(line, self._decoder, self.line_number))

    def peek(self) -> list[str]:
        """Return the first lines, without taking or counting them."""
        lines, size = list[bytes](), 0
        while len(lines) < SAMPLE_LINES and size < _SAMPLE_BYTES and (line := next(self._lines, b"")):
            if len(line) > MAX_LINE_BYTES:
                raise line_too_long_error(len(lines) + 1)
            lines.append(line)
            size += len(line)
        self._lines = chain(lines, self._lines)
        decoder = LineDecoder(self._file_name, ImportTally())
        for one in (decoder, self._decoder):
            one.inspect(lines, has_mac_newlines=bool(self._newlines.has_mac_newlines))
        return [self._decode(line.removeprefix(b"\xef\xbb\xbf"), decoder, number) for number, line in enumerate(lines, 1)]

    def _decode(self, line: bytes, decoder: LineDecoder, number: int) -> str:
        return decoder.decode(line, number, has_mac_newlines=bool(self._newlines.has_mac_newlines))

    def set_dialect(self, dialect: CsvDialect, lines: list[str]) -> None:
        """Set how quotes are written, as the first lines show it."""
        self._unescaper = QuoteUnescaper(dialect)
        self._unescaper.inspect(lines)

    def start_row(self) -> None:
        """Start a row at the next line."""
        self.row_start, self.row_bytes = self.line_number + 1, 0


def _find_csv_header(line_reader: _LineReader, file_name: str) -> tuple[CsvDialect, Header]:
    """Return the dialect and the header of a table, and take its lines up to the header.

    A line such as `sep=;` before the header, as Excel writes it, sets the delimiter.
    """
    lines = line_reader.peek()
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    is_marked = bool(lines) and lines[first].lower().startswith("sep=") and len(lines[first].strip("\r\n")) == 5
    start = first + 1 if is_marked else first
    candidates = [
        (dialect, rows, find_header([row for row, _ in rows]))
        for dialect in list_dialects(lines[start:], lines[first][4] if is_marked else DELIMITERS)
        if (rows := dialect.parse_sample(lines[start:]))
    ]
    if not candidates:
        check_width([], file_name)
    dialect, rows, header = max(candidates, key=lambda candidate: (*candidate[2].rank(), candidate[0].quote == "'"))
    line_reader.set_dialect(dialect, lines)
    taken_lines = start + (rows[header.index][1] if header.index >= 0 else 0)
    for _ in islice(line_reader, taken_lines):
        line_reader.start_row()
    return dialect, header


def _check_columns(columns: list[str], column_by_field: Mapping[str, str], sample: list[list[Any]]) -> None:
    """Raise UnknownColumns if no column has the text or the time, or if a chosen column doesn't exist."""
    absent = [column for column in column_by_field.values() if column not in columns and column != NO_COLUMN]
    shape = recognize_object(dict.fromkeys(columns, ""))
    field_paths = find_paths(tuple(columns), tuple(sorted(column_by_field.items())), shape)
    missing = [field for field in REQUIRED_FIELDS if field not in field_paths]
    check_shape(shape, missing)
    if absent or missing:
        if not absent:
            raise unknown_columns_error(columns, sample, missing)
        raise build_question(columns, sample, missing, deferred("This file has no column “%(column)s”.", column=excerpt(absent[0])))


def _iter_rows(line_reader: _LineReader, dialect: CsvDialect, column_count: int, tally: ImportTally) -> Iterator[Record]:
    """Yield rows of the right width. Rows that are too wide or broken are counted as unreadable, and blank rows are ignored."""
    cells = dialect.parse(line_reader)
    while True:
        line_reader.start_row()
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error:
            _reject_row(line_reader, tally, deferred("has a quotation mark that is never closed or a stray line break"))
            continue
        if not any(map(str.strip, row)):
            continue
        if line_reader.at_end:
            _reject_row(line_reader, tally, deferred("ends inside a quotation"))
        elif len(row) > column_count and any(cell.strip() for cell in row[column_count:]):
            reason = deferred("has %(count)s cells, but the table has %(limit)s columns", count=len(row), limit=column_count)
            _reject_row(line_reader, tally, reason, row)
        else:
            yield line_reader.row_start, row if len(row) == column_count else row[:column_count] + [""] * (column_count - len(row))


def _reject_row(line_reader: _LineReader, tally: ImportTally, reason: str, row: list[Any] | None = None) -> None:
    """Count every line of an unreadable row, because each may have been a row."""
    lost_lines = line_reader.line_number - line_reader.row_start + 1
    tally.count_rows(lost_lines)
    for line in range(lost_lines):
        tally.reject_row(f"line {line_reader.row_start + line:,}", reason, row)
