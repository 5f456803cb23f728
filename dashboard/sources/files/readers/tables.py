"""Reads posts from tables: CSV separated by commas, semicolons, tabs or bars, with a header row.

What the cells mean is decided in `rows.py`, not here.
"""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.core import post_text
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting import excerpt
from dashboard.sources.files.readers.column_names import find_paths
from dashboard.sources.files.readers.column_questions import SAMPLE_ROWS, unknown_columns_error
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS, MAX_LINE_BYTES, iter_lines, line_too_long_error
from dashboard.sources.files.readers.rows import REQUIRED_FIELDS, check_shape
from dashboard.sources.files.shapes.shape import recognize_object

_DELIMITERS = ",;\t|"


def iter_table_posts(
    file: io.BufferedReader, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield pairs of a row's first line number and its cells by column name.

    Raises UnknownColumns if no column is recognized as the text or the time, InvalidFile if the file isn't a table.
    """
    line_reader = _LineReader(file, file_name)
    header, delimiter = _parse_header(line_reader, file_name)
    columns = _deduplicate_names([post_text.clean_text(name[:400]).strip() for name in header])
    rows = _iter_rows(line_reader, delimiter, len(columns), tally)
    _check_columns(columns, column_by_field, rows)
    for number, row in rows:
        yield number, dict(zip(columns, row, strict=True))


class _LineReader:
    """The lines of a table as text. It counts lines, and limits the bytes per row."""

    def __init__(self, file: io.BufferedReader, file_name: str) -> None:
        self._lines, self._file_name = iter_lines(file), file_name
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
        try:
            return line.decode("utf-8-sig" if self.line_number == 1 else "utf-8")
        except UnicodeDecodeError:
            detail = f"Line {self.line_number:,} of {self._file_name} isn't encoded as UTF-8."
            raise InvalidFile(detail, "Save it as UTF-8 (in Excel: “CSV UTF-8”) and upload it again.") from None

    def start_row(self) -> None:
        """Start a row at the next line."""
        self.row_start, self.row_bytes = self.line_number + 1, 0


def _parse_header(line_reader: _LineReader, file_name: str) -> tuple[list[str], str]:
    """Return the column names and their delimiter. A line such as `sep=;` before them, as Excel writes it, sets the delimiter."""
    line = next((line for line in line_reader if line.strip()), "")
    if line.lower().startswith("sep=") and len(line.strip()) == 5:
        delimiters, line = line[4], next(line_reader, "")
    else:
        delimiters = _DELIMITERS
    header, delimiter = max(
        ((_split_line(line, delimiter), delimiter) for delimiter in delimiters), key=lambda split: _rank_header(split[0])
    )
    if len(header) < 2:
        raise InvalidFile(f"{file_name} isn't a table: its first line has no columns.", "Upload a CSV file with a header row.")
    if len(header) > MAX_COLUMNS:
        raise InvalidFile(
            f"{file_name} has {len(header):,} columns; up to {MAX_COLUMNS} can be read.", "Delete the columns that you don't need."
        )
    return header, delimiter


def _rank_header(header: list[str]) -> tuple[int, int]:
    """Return how plausible a header is: the number of known fields, then of columns."""
    return len(find_paths(tuple(header))) if len(header) <= MAX_COLUMNS else 0, len(header)


def _split_line(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _deduplicate_names(columns: list[str]) -> list[str]:
    """Return unique names: an empty name becomes its column's number, and a repeated name gets that number appended."""
    names: dict[str, None] = {}
    for column_number, column in enumerate(columns, 1):
        name = column or f"column {column_number}"
        names[name if name not in names else f"{name} (column {column_number})"] = None
    return list(names)


def _check_columns(columns: list[str], column_by_field: Mapping[str, str], rows: Iterator[tuple[int, list[str]]]) -> None:
    """Raise UnknownColumns if no column has the text or the time, or if a chosen column doesn't exist."""
    absent = [column for column in column_by_field.values() if column not in columns]
    shape = recognize_object(dict.fromkeys(columns, ""))
    field_paths = find_paths(tuple(columns), tuple(sorted(column_by_field.items())), shape)
    missing = [field for field in REQUIRED_FIELDS if field not in field_paths]
    check_shape(shape, missing)
    if absent or missing:
        sample = [row for _, row in zip(range(SAMPLE_ROWS), (row for _, row in rows), strict=False)]
        detail = f"This file has no column “{excerpt(absent[0])}”." if absent else ""
        raise unknown_columns_error(columns, sample, missing, detail)


def _iter_rows(line_reader: _LineReader, delimiter: str, column_count: int, tally: ImportTally) -> Iterator[tuple[int, list[str]]]:
    """Yield rows of the right width. Rows that are too wide or broken are counted as unreadable, and blank rows are ignored."""
    cells = csv.reader(line_reader, delimiter=delimiter)
    while True:
        line_reader.start_row()
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error:
            _reject_row(line_reader, tally, "has a quotation mark that is never closed or a stray line break")
            continue
        if not any(row) or not any(cell.strip() for cell in row):
            continue
        if line_reader.at_end:
            _reject_row(line_reader, tally, "ends inside a quotation")
        elif len(row) > column_count and any(cell.strip() for cell in row[column_count:]):
            _reject_row(line_reader, tally, f"has {len(row)} cells, but the table has {column_count} columns")
        else:
            yield line_reader.row_start, row[:column_count] + [""] * (column_count - len(row))


def _reject_row(line_reader: _LineReader, tally: ImportTally, reason: str) -> None:
    """Count every line of an unreadable row, because each may have been a row."""
    lost_lines = line_reader.line_number - line_reader.row_start + 1
    tally.count_rows(lost_lines)
    for line in range(lost_lines):
        tally.reject_row(f"line {line_reader.row_start + line:,}", reason)
