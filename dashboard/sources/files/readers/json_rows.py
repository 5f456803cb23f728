"""Reads tables that JSON has as a list of rows, each a list of cells, as spreadsheets' APIs and databases write them.

Where such a list begins is found in the modules that read JSON; what the cells mean is decided in `post_fields.py`.
"""

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import Any

from dashboard.core.messages import deferred
from dashboard.sources.files.readers.json_elements import NumberedElement
from dashboard.sources.files.readers.limits import MAX_COLUMNS, TOO_MANY_CELLS
from dashboard.sources.files.readers.raw_posts import Unreadable
from dashboard.sources.files.readers.table_header import SAMPLE_LINES, deduplicate_names, find_header

NAME_KEYS = ("columns", "header", "headers", "fields")
_MIN_CELLS = 2


def is_row(value: Any, names: Sequence[str] = ()) -> bool:
    """Return whether a value is a row of a table: a list of no more cells than tables have columns.

    No cell is an object or a list, except beside `names` of columns; then not all are.
    """
    if not isinstance(value, list) or not _MIN_CELLS <= len(value) <= MAX_COLUMNS:
        return False
    are_plain = (not isinstance(cell, (dict, list)) for cell in value)
    return any(are_plain) if names else all(are_plain)


def list_names(key: str, value: Any) -> list[str]:
    """Return the names of columns that an object has beside its rows, as pandas and Datasette write them; none if a value isn't that."""
    is_list = key in NAME_KEYS and isinstance(value, list) and len(value) <= MAX_COLUMNS and all(isinstance(name, str) for name in value)
    return deduplicate_names(value) if is_list else []


def iter_row_posts(rows: Iterator[NumberedElement], names: Sequence[str] = ()) -> Iterator[NumberedElement]:
    """Yield rows as objects, by their `names` or, without these, the first row that looks like a header.

    What isn't a list is yielded as it is.
    """
    first_rows: list[NumberedElement] = []
    if not names:
        names, first_rows = _take_header(rows)
    for number, row in chain(first_rows, rows):
        if not isinstance(row, list):
            yield number, row
        elif len(row) > len(names):
            yield number, Unreadable(deferred(TOO_MANY_CELLS, count=len(row), limit=len(names)))
        elif any(cell not in (None, "") for cell in row):
            yield number, dict(zip(names, row, strict=False))


def _take_header(rows: Iterator[NumberedElement]) -> tuple[list[str], list[NumberedElement]]:
    """Return the names of columns, and the first rows below them."""
    first_rows = list(islice(rows, SAMPLE_LINES))
    lists = [position for position, (_, row) in enumerate(first_rows) if isinstance(row, list) and len(row) <= MAX_COLUMNS]
    header = find_header([["" if cell is None else str(cell) for cell in first_rows[position][1]] for position in lists])
    return deduplicate_names(header.columns), first_rows[lists[header.index] + 1 if header.index >= 0 else 0 :]
