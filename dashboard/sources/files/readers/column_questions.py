"""Builds the question which columns of a table are which, if a person can answer it. Nothing is parsed here."""

from collections.abc import Sequence
from typing import Any

from dashboard.core import post_text
from dashboard.core.deferred_texts import defer_quote
from dashboard.core.errors import InvalidFile, UnknownColumns
from dashboard.core.formatting.texts import ELLIPSIS, truncate
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers.column_candidates import list_candidates, suggest
from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.required_fields import REQUIRED_FIELDS
from dashboard.sources.files.readers.table_header import find_fields

SAMPLE_ROWS = 3  # rows shown to a person who has to match the columns
_LISTED_COLUMNS = 8  # in a sentence
INSPECTED_ROWS = 50  # rows that decide which columns may have the texts and the dates

_OPEN_QUESTIONS = {  # by the fields that are missing
    ("text",): translatable("We couldn’t tell which column holds the text of the posts. The file has %(columns)s."),
    ("created_at",): translatable("We couldn’t tell which column holds the date of the posts. The file has %(columns)s."),
    ("text", "created_at"): translatable(
        "We couldn’t tell which column holds the text and the date of the posts. The file has %(columns)s."
    ),
}
_REFUSALS = {
    ("text",): translatable("No column has the texts of posts. The file has %(columns)s."),
    ("created_at",): translatable("No column has the dates of posts. The file has %(columns)s."),
    ("text", "created_at"): translatable("No column has the texts or dates of posts. The file has %(columns)s."),
}


def unknown_columns_error(columns: list[str], rows: list[list[Any]], missing_fields: list[str]) -> InvalidFile:
    """Return the error for a table without a known column for the text or the date: a question, if some column can be the answer."""
    absent = [field for field in missing_fields if not list_candidates(field, columns, rows[:INSPECTED_ROWS])]
    if not columns:
        return InvalidFile(translatable("The list of posts is empty."), translatable("Check that you chose the right file."))
    if not absent:
        detail = deferred(_OPEN_QUESTIONS[_sort_fields(missing_fields)], columns=_list_names(columns))
        return build_question(columns, rows, missing_fields, detail)
    return InvalidFile(deferred(_REFUSALS[_sort_fields(absent)], columns=_list_contents(columns, rows)), _ADVICE)


def _sort_fields(fields: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(fields, key=REQUIRED_FIELDS.index))


def build_question(columns: list[str], rows: list[list[Any]], missing_fields: list[str], detail: str) -> UnknownColumns:
    """Return the error that asks a person to match the columns, with a few sample rows shortened for display.

    The column that a missing field is in most likely is suggested, and with the text the account's.
    """
    asked_fields = [*missing_fields, "account"] if "text" in missing_fields and "account" not in find_fields(columns) else missing_fields
    suggestions = {field: suggest(field, columns, rows[:INSPECTED_ROWS]) for field in asked_fields}
    if suggestions.get("account") in (suggestions.get("text"), suggestions.get("created_at")):
        suggestions["account"] = None
    return UnknownColumns(
        detail,
        translatable("Tell us which columns hold the text and the date."),
        columns=columns[:MAX_COLUMNS],
        sample_rows=[[format_sample_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows[:SAMPLE_ROWS]],
        missing_fields=missing_fields,
        suggestions={field: name for field, name in suggestions.items() if name},
    )


def _list_names(columns: list[str]) -> list[str]:
    return [defer_quote(format_sample_cell(column)) for column in columns[:_LISTED_COLUMNS]] + _list_rest(columns)


def _list_contents(columns: list[str], rows: list[list[Any]]) -> list[str]:
    """Return the names of columns, each with its first value."""
    values = [
        next((cell for row in rows[:INSPECTED_ROWS] if (cell := format_sample_cell(row[n])).strip()), "") for n in range(len(columns))
    ]
    quoted = [
        deferred("%(column)s (%(value)s)", column=defer_quote(format_sample_cell(column)), value=defer_quote(truncate(value, 40)))
        if value
        else defer_quote(format_sample_cell(column))
        for column, value in zip(columns[:_LISTED_COLUMNS], values, strict=False)
    ]
    return quoted + _list_rest(columns)


def _list_rest(columns: list[str]) -> list[str]:
    return [ELLIPSIS] if len(columns) > _LISTED_COLUMNS else []


_ADVICE = translatable("Export the posts again, with the text and the date of each, or see which files can be read in the documentation.")


def format_sample_cell(cell: Any) -> str:
    """Return a value as a page shows it: short, and without control characters."""
    text = post_text.clean_text(str(cell)[:400]) if isinstance(cell, (str, int, float)) else ""
    return truncate(text, 80)
