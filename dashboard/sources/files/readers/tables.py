"""Posts out of tables: CSV with commas, semicolons, tabs or bars, of any tool that names its columns. What a cell means is `rows.py`'s."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.core import post_text
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.readers.column_names import find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS, MAX_LINE_BYTES, iter_lines, line_too_long_error
from dashboard.sources.files.readers.rows import REQUIRED_FIELDS, SAMPLE_ROWS, unknown_columns_error

_DELIMITERS = ",;\t|"


def iter_table_posts(
    file: io.BufferedReader, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally
) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row, by the names of its columns, with the number of its first line.

    Raises UnknownColumns if the names leave open where the text or the time is, InvalidArchive if this is no table.
    """
    text = _LineReader(file, file_name)
    header, delimiter = _parse_header(text, file_name)
    columns = _deduplicate_names([post_text.clean_text(name[:400]).strip() for name in header])
    rows = _iter_rows(text, delimiter, len(columns), tally)
    _check_columns(columns, column_by_field, rows)
    for number, row in rows:
        yield number, dict(zip(columns, row, strict=True))


class _LineReader:
    """The lines of a table as text, numbered, and bounded for each row."""

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
            detail = f"Line {self.line_number:,} of {self._file_name} is not in UTF-8."
            raise InvalidFile(detail, "Save it in UTF-8 (Excel: “CSV UTF-8”), and import it again.") from None

    def start_row(self) -> None:
        """Begin a row with the next line."""
        self.row_start, self.row_bytes = self.line_number + 1, 0


def _parse_header(line_reader: _LineReader, file_name: str) -> tuple[list[str], str]:
    """Return the names of the columns and what parts them; Excel's `sep=;` before them is believed."""
    line = next((line for line in line_reader if line.strip()), "")
    if line.lower().startswith("sep=") and len(line.strip()) == 5:
        delimiters, line = line[4], next(line_reader, "")
    else:
        delimiters = _DELIMITERS
    found = [(delimiter, _split_line(line, delimiter)) for delimiter in delimiters]
    delimiter, header = max(found, key=lambda each: (len(find_paths(tuple(each[1]))) if len(each[1]) <= MAX_COLUMNS else 0, len(each[1])))
    if len(header) < 2:
        raise InvalidFile(
            f"{file_name} is no table: nothing parts its first line into columns.", "Import a CSV file with their names in it."
        )
    if len(header) > MAX_COLUMNS:
        raise InvalidFile(f"{file_name} has {len(header):,} columns, {MAX_COLUMNS} at most are read.", "Delete those that are not needed.")
    return header, delimiter


def _split_line(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _deduplicate_names(columns: list[str]) -> list[str]:
    """Return the names with a number after those that came before; one without a name is told by its place."""
    found: dict[str, None] = {}
    for place, column in enumerate(columns, 1):
        name = column or f"column {place}"
        found[name if name not in found else f"{name} (column {place})"] = None
    return list(found)


def _check_columns(columns: list[str], column_by_field: Mapping[str, str], rows: Iterator[tuple[int, list[str]]]) -> None:
    """Raise UnknownColumns if the text or the time can't be found, or a chosen column is not there."""
    absent = [column for column in column_by_field.values() if column not in columns]
    where = find_paths(tuple(columns), tuple(sorted(column_by_field.items())))
    missing = [field for field in REQUIRED_FIELDS if field not in where]
    if absent or missing:
        sample = [row for _, row in zip(range(SAMPLE_ROWS), (row for _, row in rows), strict=False)]
        detail = f"There is no column “{absent[0][:40]}” in this file." if absent else ""
        raise unknown_columns_error(columns, sample, missing, detail)


def _iter_rows(line_reader: _LineReader, delimiter: str, column_count: int, tally: ImportTally) -> Iterator[tuple[int, list[str]]]:
    """Yield rows of the right width; others are counted, and rows of nothing but blanks are no rows."""
    cells = csv.reader(line_reader, delimiter=delimiter)
    while True:
        line_reader.start_row()
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error:
            _reject_row(line_reader, tally, "has a quotation mark that is never closed, or a stray line end")
            continue
        if not any(row) or not any(cell.strip() for cell in row):
            continue
        if line_reader.at_end:
            _reject_row(line_reader, tally, "breaks off inside a quotation mark")
        elif len(row) > column_count and any(cell.strip() for cell in row[column_count:]):
            _reject_row(line_reader, tally, f"has {len(row)} cells, but there are {column_count} columns")
        else:
            yield line_reader.row_start, row[:column_count] + [""] * (column_count - len(row))


def _reject_row(line_reader: _LineReader, tally: ImportTally, reason: str) -> None:
    """Count every line of a row that can't be read: each may have been a row."""
    lost = line_reader.line_number - line_reader.row_start + 1
    tally.count_rows(lost)
    for line in range(lost):
        tally.reject_row(f"line {line_reader.row_start + line:,}", reason)
