"""Reads posts from tables: CSV in the dialects of many tools, with a header row somewhere near the top.

What the cells mean is decided in `post_fields.py`, not here.
"""

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any

from dashboard.core.deferred_texts import defer_quote
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.import_summary import NO_COLUMN
from dashboard.sources.files.readers.column_questions import INSPECTED_ROWS, build_question, unknown_columns_error
from dashboard.sources.files.readers.csv_dialect import DELIMITERS, CsvDialect, list_dialects
from dashboard.sources.files.readers.field_paths import find_paths
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.object_cells import ObjectCells
from dashboard.sources.files.readers.raw_posts import RawPosts, TableRows
from dashboard.sources.files.readers.required_fields import REQUIRED_FIELDS, check_shape
from dashboard.sources.files.readers.table_header import Header, deduplicate_names, find_header, find_repeated_name
from dashboard.sources.files.readers.table_lines import TableLines
from dashboard.sources.files.readers.table_rows import RowSplitter
from dashboard.sources.files.shapes.shape import recognize_object

_RULER = re.compile(r"[\s:+=-]*")  # with a hyphen among them
_INSPECTED_GROUPS = 1_000  # each row that can't be read is a group of its own


def iter_table_posts(file: io.BufferedReader, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally) -> Iterator[RawPosts]:
    """Yield the rows in groups, numbered by their first lines.

    Raises UnknownColumns if no column is recognized as the text or the time, InvalidFile if the file isn't a table.
    """
    lines = TableLines(file, file_name, tally)
    dialect, header = _find_csv_header(lines, file_name)
    columns = check_width(deduplicate_names(header.columns), file_name)
    note_repeated_name(header.columns, tally)
    yield from check_groups(columns, iter(RowSplitter(lines, dialect, columns)), column_by_field)


def check_groups(columns: list[str], groups: Iterator[RawPosts], column_by_field: Mapping[str, str]) -> Iterator[RawPosts]:
    """Yield groups of rows, after a check that their columns are understood, and without the header again, as where files were joined."""
    first_groups, sample = list[RawPosts](), list[list[Any]]()
    for group in islice(groups, _INSPECTED_GROUPS):
        first_groups.append(group)
        first_posts = map(group.post, range(min(len(group), INSPECTED_ROWS - len(sample))))
        sample += [list(post.values()) for post in first_posts if isinstance(post, dict)]
        if len(sample) >= INSPECTED_ROWS:
            break
    object_cells = ObjectCells(columns, sample)
    _check_columns(object_cells.columns, column_by_field, object_cells.expand_sample(columns, sample))
    for group in chain(first_groups, groups):
        yield object_cells.expand(group.without_header() if isinstance(group, TableRows) else group)


def note_repeated_name(columns: Sequence[str], tally: ImportTally) -> None:
    """Add a notice if several columns have a name that is known."""
    if name := find_repeated_name(columns):
        tally.add_notice("repeated_columns", example=defer_quote(excerpt(name)))


def check_width(columns: list[str], file_name: str) -> list[str]:
    """Return the columns. Raises InvalidFile if there are too few or too many for a table of posts."""
    if len(columns) < 2:
        raise InvalidFile(
            deferred("%(file)s isn’t a table: its first line has no columns.", file=file_name),
            translatable("Upload a CSV file with a header row."),
        )
    if len(columns) > MAX_COLUMNS:
        raise InvalidFile(
            deferred("%(file)s has %(count)s columns; up to %(limit)s can be read.", file=file_name, count=len(columns), limit=MAX_COLUMNS),
            translatable("Delete the columns that you don’t need."),
        )
    return columns


def _find_csv_header(table_lines: TableLines, file_name: str) -> tuple[CsvDialect, Header]:
    """Return the dialect and the header of a table, and take its lines up to the header.

    A line such as `sep=;` before the header, as Excel writes it, sets the delimiter.
    """
    lines = table_lines.unquote_lines(table_lines.peek())
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
    table_lines.set_dialect(dialect, lines)
    last = header.index + (header.index >= 0 and _is_ruler(rows[header.index + 1 : header.index + 2]))
    table_lines.take(start + (rows[last][1] if last >= 0 else 0))
    return dialect, header


def _is_ruler(rows: list[tuple[list[str], int]]) -> bool:
    """Return whether a row only separates a header from the rows below it, as in Markdown and in what databases print."""
    texts = ("".join(cells) for cells, _ in rows)
    return any("-" in text and _RULER.fullmatch(text) is not None for text in texts)


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
