"""Reads posts from Excel workbooks (.xlsx): of several sheets, the one that looks most like posts. Cells become the texts of a table.

How workbooks are opened belongs in `workbook_sheets.py`; what the cells mean is decided in `post_fields.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any, BinaryIO

from dashboard.core.deferred_texts import defer_quote
from dashboard.core.errors import InvalidFile
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.limits import DAMAGED_FILE_ERRORS, MAX_COLUMNS, MAX_LINE_BYTES
from dashboard.sources.files.readers.raw_posts import MAX_GROUPED_POSTS, RawPosts, TableRows
from dashboard.sources.files.readers.table_header import SAMPLE_LINES, Header, deduplicate_names, find_header
from dashboard.sources.files.readers.tables import check_groups, check_width, note_repeated_name

Record = tuple[int, list[Any]]  # the number of a row, and its cells

MAX_SHEETS = 50
MAX_SHEET_ROWS = 1_048_576  # of Excel itself; more can only be written to exhaust a server
_EXACT_DIGITS = 1e15
_MAX_COVERAGE_ROWS = 200
_ADVICE = translatable("Save it as “CSV UTF-8” and upload that.")


def iter_workbook_posts(file: BinaryIO, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally) -> Iterator[RawPosts]:
    """Yield the rows in groups, numbered as in their sheet. The errors are those of `tables.iter_table_posts`."""
    file.seek(0)
    try:
        yield from _iter_sheet_posts(file, file_name, column_by_field, tally)
    except (*DAMAGED_FILE_ERRORS, KeyError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise InvalidFile(deferred("%(file)s is damaged, or isn’t a workbook that we can read.", file=file_name), _ADVICE) from error


def _iter_sheet_posts(file: BinaryIO, file_name: str, column_by_field: Mapping[str, str], tally: ImportTally) -> Iterator[RawPosts]:
    from dashboard.sources.files.readers.workbook_sheets import load_sheets  # loads openpyxl, which few files need

    candidates, sheets, full_sheets = list[tuple[Header, Any]](), load_sheets(file)[:MAX_SHEETS], list[Any]()
    zone = _find_own_zone(sheets)
    for sheet in sheets:
        rows = [_trim([str(cell) for cell in cells]) for _, cells in islice(_iter_cells(sheet, MAX_COLUMNS + 1), SAMPLE_LINES)]
        candidates.append((find_header(rows), sheet))
        if candidates[-1][0].rank()[0] and any(map(any, rows[candidates[-1][0].index + 1 :])):
            full_sheets.append(sheet)
    header, best_sheet = max(candidates, key=lambda candidate: candidate[0].rank(), default=(Header(0, []), None))
    columns = check_width(deduplicate_names(header.columns), file_name)
    note_repeated_name(header.columns, tally)
    if best_sheet and len(full_sheets) > 1:
        tally.add_notice("other_sheets", example=defer_quote(excerpt(best_sheet.title)))
    groups = _group_rows(_iter_rows(best_sheet, header.index + 1, len(columns)), columns)
    for group in check_groups(columns, groups, column_by_field):
        yield _add_zone(group, zone) if zone else group


def _find_own_zone(sheets: Sequence[Any]) -> str:
    """Return the zone of the times in a workbook that Chorus wrote, which its sheet Coverage names; empty for any other workbook."""
    if [sheet.title for sheet in sheets] != ["Data", "Coverage"]:
        return ""
    rows = (cells for _, cells in islice(_iter_cells(sheets[1], 2), _MAX_COVERAGE_ROWS))
    return next((str(cells[1]) for cells in rows if len(cells) == 2 and cells[0] == "tz"), "")


def _trim(cells: list[str]) -> list[str]:
    """Return a row without the empty cells at its end."""
    return cells[: max((number for number, cell in enumerate(cells, 1) if cell.strip()), default=0)]


def _add_zone(group: RawPosts, zone: str) -> RawPosts:
    """Return rows with the zone of their times, which dates don't have."""
    rows = group.list_posts()
    return RawPosts(group.numbers, [row | {"timezone": "" if row.get("date_only") == "true" else zone} for row in rows])


def _group_rows(rows: Iterator[Record], columns: list[str]) -> Iterator[RawPosts]:
    """Yield rows in groups, which end so early that large rows don't add up."""
    group, characters = list[Record](), 0
    for record in rows:
        group.append(record)
        characters += sum(len(cell) for cell in record[1] if isinstance(cell, str))
        if len(group) >= MAX_GROUPED_POSTS or characters >= MAX_LINE_BYTES:
            yield TableRows.from_rows(columns, group)
            group, characters = [], 0
    if group:
        yield TableRows.from_rows(columns, group)


def _iter_rows(sheet: Any, first_row: int, column_count: int) -> Iterator[Record]:
    """Yield the rows below the header that aren't empty."""
    for number, cells in islice(_iter_cells(sheet, column_count), first_row, None):
        if any(cells):
            yield number, cells + [""] * (column_count - len(cells))


def _iter_cells(sheet: Any, column_count: int) -> Iterator[tuple[int, list[Any]]]:
    """Yield the rows of a sheet with their numbers. Raises InvalidFile if there are more than Excel can have."""
    for number, cells in enumerate(sheet.iter_cells(column_count), 1):
        if number > MAX_SHEET_ROWS:
            raise InvalidFile(deferred("A sheet has more than %(limit)s rows.", limit=MAX_SHEET_ROWS), _ADVICE)
        yield number, [_to_text(cell) for cell in cells]


def _to_text(cell: Any) -> Any:
    """Return a cell as a CSV file would have it; only numbers that Excel has rounded stay numbers."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        is_date = value.time() == time() and "h" not in str(cell.number_format).lower()
        return value.date().isoformat() if is_date else value.isoformat(" ", "seconds")
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, float) and abs(value) >= _EXACT_DIGITS:
        return value
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
