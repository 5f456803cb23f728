"""Tables as plain values and as CSV, for whoever leaves the house with them."""

from datetime import date
from typing import Any

import polars as pl


def to_csv(frame: pl.DataFrame) -> str:
    """Return a frame as RFC 4180 text, times as ISO 8601, with no cell a spreadsheet would compute."""
    return _escape_formulas(pl.DataFrame(to_plain_rows(frame), schema=_text_schema(frame))).write_csv(line_terminator="\r\n")


def to_plain_rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Return rows as plain values, times as ISO 8601 texts."""
    return [
        {name: value.isoformat() if isinstance(value, date) else value for name, value in row.items()}
        for row in frame.iter_rows(named=True)
    ]


def _text_schema(frame: pl.DataFrame) -> dict[str, Any]:
    return {name: pl.String if dtype.is_temporal() else dtype for name, dtype in frame.schema.items()}


def _escape_formulas(frame: pl.DataFrame) -> pl.DataFrame:
    """Put an apostrophe before texts that a spreadsheet would take for a formula."""
    return frame.with_columns(pl.col(pl.String).str.replace(r"^([=+\-@\t\r])", "'$1"))
