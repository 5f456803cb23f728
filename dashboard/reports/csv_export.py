"""Exports tables as CSV and as plain values for JSON. Which tables are exported, and their URLs, don't belong here."""

from datetime import date
from typing import Any

import polars as pl

from dashboard.core.spreadsheet_cells import guard_formula

_BYTE_ORDER_MARK = "\ufeff"
_MAX_EXACT_DIGITS = 15  # of a number in Excel, which replaces all further digits by zeros


def to_csv(frame: pl.DataFrame, *, is_for_spreadsheet: bool = False) -> str:
    """Return a frame as CSV text (RFC 4180), with times in ISO 8601 and no cell that a spreadsheet would run as a formula.

    For a spreadsheet, it begins with a byte order mark, without which Excel takes UTF-8 for the system's encoding, and a text of
    digits that Excel would round is written as ="…", which every spreadsheet reads as text.
    """
    text_frame = _escape_formulas(to_text_frame(frame))
    if not is_for_spreadsheet:
        return text_frame.write_csv(line_terminator="\r\n")
    return _BYTE_ORDER_MARK + _protect_digits(text_frame).write_csv(line_terminator="\r\n")


def to_text_frame(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame with its times as ISO 8601 texts."""
    return pl.DataFrame(to_plain_rows(frame), schema=_text_schema(frame))


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


def _protect_digits(frame: pl.DataFrame) -> pl.DataFrame:
    """Write texts of more digits than a spreadsheet's numbers have, such as the IDs of posts, as formulas of a text."""
    is_long_number = pl.col(pl.String).str.contains(rf"^[0-9]{{{_MAX_EXACT_DIGITS + 1},}}$")
    return frame.with_columns(pl.when(is_long_number).then('="' + pl.col(pl.String) + '"').otherwise(pl.col(pl.String)).name.keep())
