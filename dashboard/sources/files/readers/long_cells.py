"""Finds the end of a cell that is too long to be read, so that its lines aren't taken for rows. How rows are split doesn't belong here."""

import re
from collections.abc import Iterable, Sequence

from dashboard.sources.files.readers.csv_dialect import CsvDialect


def is_open(row_lines: Sequence[bytes], dialect: CsvDialect) -> bool:
    """Return whether a quotation continues after the lines in which a row begins."""
    return bool(dialect.quote) and sum(line.count(dialect.quote.encode()) for line in row_lines) % 2 == 1


def take_to_end(lines: Iterable[str], dialect: CsvDialect) -> tuple[list[str], bool]:
    """Take lines up to the first with a quotation mark that isn't doubled, and return them and whether this mark closes a cell.

    It does if the cell ends there. If it opens another cell instead, the quotation before it was never closed.
    """
    quote, taken = re.escape(dialect.quote), list[str]()
    single_quote = re.compile(rf"[^{quote}]*+(?:{quote}{quote}[^{quote}]*+)*+{quote}(.?)")
    for line in lines:
        taken.append(line)
        if match := single_quote.match(line):
            return taken, match[1] in ("", dialect.delimiter)
    return taken, False
