"""Posts out of tables: CSV with commas, semicolons, tabs or bars, of any tool that names its columns. What a cell means is `rows.py`'s."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.core import posts
from dashboard.core.errors import InvalidArchive
from dashboard.sources.files.readers.column_names import paths
from dashboard.sources.files.readers.import_tally import Tally
from dashboard.sources.files.readers.limits import LONGEST_LINE, MOST_COLUMNS, lines, too_long
from dashboard.sources.files.readers.rows import NEEDED, SAMPLE, unknown_columns

_DELIMITERS = ",;\t|"


def table(file: io.BufferedReader, what: str, chosen: Mapping[str, str], tally: Tally) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield each row, by the names of its columns, with the number of its first line.

    Raises UnknownColumns if the names leave open where the text or the time is, InvalidArchive if this is no table.
    """
    text = _Lines(file, what)
    header, delimiter = _header(text, what)
    columns = _distinct([posts.clean(name[:400]).strip() for name in header])
    rows = _rows(text, delimiter, len(columns), tally)
    _check(columns, chosen, rows)
    for number, row in rows:
        yield number, dict(zip(columns, row, strict=True))


class _Lines:
    """The lines of a table as text, numbered, and bounded for each row."""

    def __init__(self, file: io.BufferedReader, what: str) -> None:
        self._lines, self._what = lines(file), what
        self.number, self.begun, self.length, self.ended = 0, 1, 0, False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines, b"")
        if not line:
            self.ended = True
            raise StopIteration
        self.number += 1
        self.length += len(line)
        if self.length > LONGEST_LINE:
            raise too_long(self.begun)
        try:
            return line.decode("utf-8-sig" if self.number == 1 else "utf-8")
        except UnicodeDecodeError:
            detail = f"Line {self.number:,} of {self._what} is not in UTF-8."
            raise InvalidArchive(detail, "Save it in UTF-8 (Excel: “CSV UTF-8”), and import it again.") from None

    def begin(self) -> None:
        """Begin a row with the next line."""
        self.begun, self.length = self.number + 1, 0


def _header(text: _Lines, what: str) -> tuple[list[str], str]:
    """Return the names of the columns and what parts them; Excel's `sep=;` before them is believed."""
    line = next((line for line in text if line.strip()), "")
    if line.lower().startswith("sep=") and len(line.strip()) == 5:
        delimiters, line = line[4], next(text, "")
    else:
        delimiters = _DELIMITERS
    found = [(delimiter, _split(line, delimiter)) for delimiter in delimiters]
    delimiter, header = max(found, key=lambda each: (len(paths(tuple(each[1]))) if len(each[1]) <= MOST_COLUMNS else 0, len(each[1])))
    if len(header) < 2:
        raise InvalidArchive(f"{what} is no table: nothing parts its first line into columns.", "Import a CSV file with their names in it.")
    if len(header) > MOST_COLUMNS:
        raise InvalidArchive(f"{what} has {len(header):,} columns, {MOST_COLUMNS} at most are read.", "Delete those that are not needed.")
    return header, delimiter


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _distinct(columns: list[str]) -> list[str]:
    """Return the names with a number after those that came before; one without a name is told by its place."""
    found: dict[str, None] = {}
    for place, column in enumerate(columns, 1):
        name = column or f"column {place}"
        found[name if name not in found else f"{name} (column {place})"] = None
    return list(found)


def _check(columns: list[str], chosen: Mapping[str, str], rows: Iterator[tuple[int, list[str]]]) -> None:
    """Raise UnknownColumns if the text or the time can't be found, or a chosen column is not there."""
    absent = [column for column in chosen.values() if column not in columns]
    where = paths(tuple(columns), tuple(sorted(chosen.items())))
    missing = [field for field in NEEDED if field not in where]
    if absent or missing:
        sample = [row for _, row in zip(range(SAMPLE), (row for _, row in rows), strict=False)]
        detail = f"There is no column “{absent[0][:40]}” in this file." if absent else ""
        raise unknown_columns(columns, sample, missing, detail)


def _rows(text: _Lines, delimiter: str, width: int, tally: Tally) -> Iterator[tuple[int, list[str]]]:
    """Yield rows of the right width; others are counted, and rows of nothing but blanks are no rows."""
    cells = csv.reader(text, delimiter=delimiter)
    while True:
        text.begin()
        try:
            row = next(cells)
        except StopIteration:
            return
        except csv.Error:
            _refuse(text, tally, "has a quotation mark that is never closed, or a stray line end")
            continue
        if not any(row) or not any(cell.strip() for cell in row):
            continue
        if text.ended:
            _refuse(text, tally, "breaks off inside a quotation mark")
        elif len(row) > width and any(cell.strip() for cell in row[width:]):
            _refuse(text, tally, f"has {len(row)} cells, but there are {width} columns")
        else:
            yield text.begun, row[:width] + [""] * (width - len(row))


def _refuse(text: _Lines, tally: Tally, reason: str) -> None:
    """Count every line of a row that can't be read: each may have been a row."""
    lost = text.number - text.begun + 1
    tally.count(lost)
    for line in range(lost):
        tally.refuse(f"line {text.begun + line:,}", reason)
