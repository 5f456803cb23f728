"""Detects how a table separates and quotes its cells. Which row is the header isn't decided here, but in `table_header.py`."""

import csv
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

DELIMITERS = ",;\t|~^"
CONTROL_DELIMITERS = "\x01\x1f"  # as Hive and other databases write them; tried only where the lines have them
_MIN_WRAPPED_CELLS = 2
_MIN_QUOTED_LINES = 2
_QUOTED_LINE = re.compile(r'"([^"]*+(?:""[^"]*+)*+)"[,;\t]*')


@dataclass(frozen=True)
class CsvDialect:
    """How cells are separated and quoted; `quote` is empty if a quotation mark is a character like any other.

    `skips_blanks`: blanks after a delimiter aren't part of a cell, so a quotation mark may follow them.
    """

    delimiter: str
    quote: str = '"'
    skips_blanks: bool = False

    def parse(self, lines: Iterable[str]) -> Any:
        """Return an iterator over the rows of lines, whose `line_num` is the number of lines that it has taken.

        It raises csv.Error for a broken row, after which the next one can be taken.
        """
        if not self.quote:
            return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE)
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, skipinitialspace=self.skips_blanks)

    def parse_sample(self, lines: list[str]) -> list[tuple[list[str], int]]:
        """Return the rows of the first lines, each with the number of its last line, up to the first broken row."""
        reader, rows = self.parse(lines), list[tuple[list[str], int]]()
        with suppress(csv.Error):
            rows.extend((row, reader.line_num) for row in reader)
        return rows


def list_dialects(lines: list[str], delimiters: str = DELIMITERS) -> list[CsvDialect]:
    """Return the dialects that the first lines may have; single quotes, or none, are tried only where the lines show that."""
    delimiters += "".join(delimiter for delimiter in CONTROL_DELIMITERS if any(delimiter in line for line in lines))
    double_quoted = [
        CsvDialect(delimiter, skips_blanks=True)
        if _has_blanks_before_quotes(lines, delimiter)
        else CsvDialect(delimiter, "" if _is_unquoted(lines, delimiter) else '"')
        for delimiter in delimiters
    ]
    single_quoted = [CsvDialect(delimiter, "'") for delimiter in delimiters if _has_wrapped_cells(lines, delimiter)]
    return double_quoted + single_quoted


def _has_blanks_before_quotes(lines: list[str], delimiter: str) -> bool:
    """Return whether most lines after the first have quoted cells that begin with a blank."""
    cell = re.compile(rf'{re.escape(delimiter)} +"[^"]*+(?:""[^"]*+)*+"(?={re.escape(delimiter)}|\s*$)')
    filled = [line for line in lines if line.strip()][1:]
    return delimiter != "\t" and 2 * sum(cell.search(line) is not None for line in filled) > len(filled)


def has_quoted_lines(lines: list[str]) -> bool:
    """Return whether each line is one quoted cell with a row in it, as a spreadsheet writes a table that it took for one column."""
    filled = [line for line in lines if line.strip()]
    rows = [unquote_line(line).rstrip("\n") for line in filled]
    if len(filled) < _MIN_QUOTED_LINES or not all(_QUOTED_LINE.fullmatch(line.rstrip("\r\n")) for line in filled):
        return False
    return any(min(row.count(delimiter) for row in rows) > 0 for delimiter in DELIMITERS)


def unquote_line(line: str) -> str:
    """Return the row in a line that is one quoted cell, and any other line as it is."""
    match = _QUOTED_LINE.fullmatch(line.rstrip("\r\n"))
    return match[1].replace('""', '"') + "\n" if match else line


def _has_wrapped_cells(lines: list[str], delimiter: str) -> bool:
    """Return whether single quotes wrap whole cells: in each of the first lines or, where they need it, in the same column."""
    cell = re.compile(rf"(?:^|{re.escape(delimiter)})'(?:[^']|''|\\')*'(?={re.escape(delimiter)}|\s*$)")
    filled = [line for line in lines if line.strip()]
    wrapped = sum(bool(cell.search(line)) for line in filled)
    return (
        wrapped >= min(_MIN_WRAPPED_CELLS, len(filled) - 1) > 0 and wrapped >= len(filled) - 1 and not any('"' in line for line in filled)
    )


def _is_unquoted(lines: list[str], delimiter: str) -> bool:
    """Return whether quotation marks don't wrap cells: all lines have as many cells, but not if marks wrap them.

    Read otherwise, a text that begins with a quotation mark would swallow the lines below it.
    """
    filled = [line.rstrip("\r\n") for line in lines if line.strip()]
    if len(filled) < 2 or len({line.count(delimiter) for line in filled}) != 1 or delimiter not in filled[0]:
        return False
    cells = [cell for line in filled for cell in line.split(delimiter)]
    if delimiter == "\t" and not any(len(cell) > 1 and cell[0] == cell[-1] == '"' for cell in cells):
        return True
    rows = [row for row, _ in CsvDialect(delimiter).parse_sample(lines) if any(row)]
    has_swallowed = filled[0].count(delimiter) > 1 and any("\n" in cell for row in rows for cell in row)
    return has_swallowed or len({len(row) for row in rows}) != 1


class QuoteUnescaper:
    """Doubles the quotes that a table escapes by backslashes, as Spark and MySQL do, from the first line that shows it."""

    def __init__(self, dialect: CsvDialect) -> None:
        delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote)
        self._quote, self._marker = dialect.quote, f"\\{dialect.quote}"
        self._evidence = re.compile(rf"(?<!\\)(?:\\\\)*\\{quote}(?![{delimiter}{quote}\r\n]|$)")
        self._escape = re.compile(rf"(\\*)\\{quote}")
        self._is_active = False

    def inspect(self, lines: Iterable[str]) -> None:
        """Decide by the first lines whether backslashes escape quotes."""
        self._is_active = bool(self._quote) and any(self._marker in line and self._shows_escapes(line) for line in lines)

    def unescape(self, line: str) -> str:
        """Return a line with quotes doubled instead of escaped."""
        if not self._quote or self._marker not in line:
            return line
        self._is_active = self._is_active or self._shows_escapes(line)
        return self._escape.sub(self._double, line) if self._is_active else line

    def _shows_escapes(self, line: str) -> bool:
        return self._quote in re.sub(rf"\\{re.escape(self._quote)}", "", line) and self._evidence.search(line) is not None

    def _double(self, match: re.Match[str]) -> str:
        """Double a quote after an odd number of backslashes; after an even one it ends the cell."""
        backslashes = len(match[1]) + 1
        return match[1] + 2 * self._quote if backslashes % 2 else match[0]
