"""Export tables as CSV and as plain values for JSON. Which tables are exported, and their URLs, don't belong here."""

from datetime import date
from typing import Any

import polars as pl

from dashboard.core.spreadsheet_cells import guard_formula


def to_csv(frame: pl.DataFrame) -> str:
    """Return a frame as CSV text (RFC 4180), with times in ISO 8601 and no cell that a spreadsheet would run as a formula."""
    return _escape_formulas(pl.DataFrame(to_plain_rows(frame), schema=_text_schema(frame))).write_csv(line_terminator="\r\n")


def to_plain_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return one dictionary of plain values per row, with dates and times in ISO 8601."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _text_schema(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: pl.String if dtype.is_temporal() else dtype for name, dtype in frame.schema.items()}


def _escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would treat as formulas; numbers stay numbers."""
    texts = [column for column in frame if column.dtype == pl.String]
    return frame.with_columns(
        pl.Series(column.name, [text and guard_formula(text) for text in column], dtype=pl.String) for column in texts
    )
