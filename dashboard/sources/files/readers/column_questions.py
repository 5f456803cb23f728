"""Builds the question which columns of a table are which, if a person can answer it. Nothing is parsed here."""

from collections.abc import Sequence
from typing import Any

from dashboard.core import post_text
from dashboard.core.deferred_texts import defer_quote
from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.core.formatting.texts import ELLIPSIS, truncate
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.table_header import find_fields, is_text_column, is_time_column

SAMPLE_ROWS = 3  # rows shown to a person who has to match the columns
INSPECTED_ROWS = 50  # rows that decide which columns may have the texts and the dates

_REQUIRED_FIELDS = ("text", "created_at")
_OPEN_QUESTIONS = {  # by the fields that are missing
    ("text",): translatable("We couldn't tell which column holds the text of the posts. The file has %(columns)s."),
    ("created_at",): translatable("We couldn't tell which column holds the date of the posts. The file has %(columns)s."),
    ("text", "created_at"): translatable(
        "We couldn't tell which column holds the text and the date of the posts. The file has %(columns)s."
    ),
}
_REFUSALS = {
    ("text",): translatable("No column has the texts of posts. The file has %(columns)s."),
    ("created_at",): translatable("No column has the dates of posts. The file has %(columns)s."),
    ("text", "created_at"): translatable("No column has the texts or dates of posts. The file has %(columns)s."),
}


def unknown_columns_error(columns: list[str], rows: list[list[Any]], missing_fields: list[str]) -> InvalidFile:
    """Return the error for a table without a known column for the text or the date: a question, if some column can be the answer."""
    absent = [field for field in missing_fields if not _list_candidates(field, columns, rows[:INSPECTED_ROWS])]
    if not absent:
        detail = deferred(_OPEN_QUESTIONS[_sort_fields(missing_fields)], columns=_list_names(columns))
        return build_question(columns, rows, missing_fields, detail)
    return InvalidFile(deferred(_REFUSALS[_sort_fields(absent)], columns=_list_names(columns)), _ADVICE)


def _sort_fields(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(fields, key=_REQUIRED_FIELDS.index))


def build_question(columns: list[str], rows: list[list[Any]], missing_fields: list[str], detail: str) -> UnknownColumns:
    """Return the error that asks a person to match the columns, with a few sample rows shortened for display.

    If only one column can hold a missing field, it's suggested.
    """
    candidates = {field: _list_candidates(field, columns, rows[:INSPECTED_ROWS]) for field in missing_fields}
    return UnknownColumns(
        detail,
        translatable("Tell us which columns hold the text and the date."),
        columns=columns[:MAX_COLUMNS],
        sample_rows=[[format_sample_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows[:SAMPLE_ROWS]],
        missing_fields=missing_fields,
        suggestions={field: names[0] for field, names in candidates.items() if len(names) == 1},
    )


def _list_names(columns: list[str]) -> list[str]:
    return [defer_quote(format_sample_cell(column)) for column in columns[:8]] + ([ELLIPSIS] if len(columns) > 8 else [])


_ADVICE = translatable("Export the posts again, with the text and the date of each, or see which files can be read in the documentation.")


def _list_candidates(field: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[str]:
    """Return the columns that may hold a field, by their cells: those with several words per cell, if there are any, have the texts."""
    used_columns = {path[0] for paths in find_fields(columns).values() for path in paths}
    cells_by_column = {
        column: [str(row[number]) for row in rows if number < len(row) and isinstance(row[number], (str, int, float))]
        for number, column in enumerate(columns)
        if column not in used_columns
    }
    if field == "created_at":
        return [column for column, cells in cells_by_column.items() if is_time_column(cells)]
    names = [column for column, cells in cells_by_column.items() if is_text_column(cells)]
    return [name for name in names if _has_sentences(cells_by_column[name])] or names


def _has_sentences(cells: Sequence[str]) -> bool:
    return 2 * sum(len(cell.split()) > 2 for cell in cells) > len(cells)


def format_sample_cell(cell: Any) -> str:
    """Return a value as a page shows it: short, and without control characters."""
    text = post_text.clean_text(str(cell)[:400]) if isinstance(cell, (str, int, float)) else ""
    return truncate(text, 80)
