"""Builds the question that a person is asked when a table's columns can't be told apart. Nothing is parsed here."""

from typing import Any

from dashboard.core import post_text
from dashboard.core.errors import UnknownColumns
from dashboard.core.formatting import ELLIPSIS, format_list, quote, truncate
from dashboard.sources.files.readers.limits import MAX_COLUMNS

SAMPLE_ROWS = 3  # rows shown to a person who has to match the columns


def unknown_columns_error(columns: list[str], rows: list[list[Any]], missing_fields: list[str], detail: str = "") -> UnknownColumns:
    """Return the error that asks a person to match the columns, with a few sample rows shortened for display."""
    field_names = format_list([{"text": "the text", "created_at": "the date"}.get(field, quote(field)) for field in missing_fields])
    column_names = ", ".join(quote(format_sample_cell(column)) for column in columns[:8]) + (f" {ELLIPSIS}" if len(columns) > 8 else "")
    return UnknownColumns(
        detail or f"We couldn't tell which column holds {field_names} of the posts. The file has {column_names}.",
        "Tell us which columns hold the text and the date.",
        columns=columns[:MAX_COLUMNS],
        sample_rows=[[format_sample_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows[:SAMPLE_ROWS]],
        missing_fields=missing_fields,
    )


def format_sample_cell(cell: Any) -> str:
    """Return a value as a page shows it: short, and without control characters."""
    text = post_text.clean_text(str(cell)[:400]) if isinstance(cell, (str, int, float)) else ""
    return truncate(text, 80)
