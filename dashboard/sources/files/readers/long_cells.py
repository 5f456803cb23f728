"""Finds the end of a cell that is too long to be read, so that its lines aren't taken for rows. How rows are split doesn't belong here."""

import re
from collections.abc import Iterable, Sequence

from dashboard.sources.files.readers.csv_dialect import CsvDialect
from dashboard.sources.files.readers.table_header import is_data

_INSPECTED_LINES, _MIN_ROWS_SHARE = 500, 0.9
COMPARED_ROWS = 50  # whether they have times or addresses of posts takes longer to see than how wide they are


def is_open(row_lines: Sequence[bytes], dialect: CsvDialect) -> bool:
    """Return whether a quotation continues after the lines in which a row begins."""
    return bool(dialect.quote) and sum(line.count(dialect.quote.encode()) for line in row_lines) % 2 == 1


class Quotation:
    """An open quotation, whose end is the next quotation mark that isn't doubled."""

    def __init__(self, dialect: CsvDialect) -> None:
        quote, self._delimiter = re.escape(dialect.quote), dialect.delimiter
        self._single_quote = re.compile(rf"[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}(.?)")

    def ends_in(self, line: str) -> bool | None:
        """Return whether a line has the end of a cell: None if no mark is in it, False if its mark opens another cell.

        In the latter case, the quotation before it was never closed.
        """
        match = self._single_quote.match(line)
        return match[1] in ("", self._delimiter) if match else None


def take_to_end(lines: Iterable[str], dialect: CsvDialect) -> tuple[list[str], bool | None]:
    """Take lines up to the first that ends a quotation, and return them and what `Quotation.ends_in` says of the last one."""
    quotation, taken = Quotation(dialect), list[str]()
    for line in lines:
        taken.append(line)
        if (is_closed := quotation.ends_in(line)) is not None:
            return taken, is_closed
    return taken, None


def are_rows(lines: Sequence[str], dialect: CsvDialect, width: int, earlier_rows: Sequence[Sequence[str]]) -> bool:
    """Return whether lines are rows of a table with this number of columns, rather than a text of many lines.

    Most of them have a time or the address of a post in them, unless most of the `earlier_rows` of the table don't.
    """
    rows = [row for row, _ in dialect.parse_sample([line for line in lines[:_INSPECTED_LINES] if line.strip()])]
    if not rows or sum(len(row) == width for row in rows) < _MIN_ROWS_SHARE * len(rows):
        return False
    return _have_data(rows) or (bool(earlier_rows) and not _have_data(earlier_rows))


def _have_data(rows: Sequence[Sequence[str]]) -> bool:
    compared = rows[:COMPARED_ROWS]
    return 2 * sum(map(is_data, compared)) > len(compared)
