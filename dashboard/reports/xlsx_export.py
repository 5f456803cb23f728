"""Exports a table as an Excel workbook: the rows on the first sheet, and what they cover on the second.

Which columns a table has doesn't belong here. XlsxWriter, which is loaded with this module, writes the file.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

_MAX_CELL_CHARACTERS = 32_767  # Excel's limit, in UTF-16 code units
_MAX_COLUMN_WIDTH = 60  # characters, so that a text doesn't push everything else off the screen
_OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
_TIME_FORMAT, _DATE_FORMAT = "yyyy-mm-dd hh:mm:ss", "yyyy-mm-dd"


def to_xlsx(table: pl.DataFrame, coverage: pl.DataFrame, description: Mapping[str, Any]) -> bytes:
    """Return a workbook of a table, of its coverage, and of the rest of its description (query, notes, fetched_at).

    Texts stay texts, whatever they begin with, and IDs keep all their digits. Times are those of the query's time zone, because Excel's
    have none. The same table and description give the same bytes.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {**_OPTIONS, "default_date_format": _TIME_FORMAT}) as workbook:
        fetched_at = description["fetched_at"]
        created = datetime.fromisoformat(fetched_at).replace(tzinfo=None) if fetched_at else datetime(2000, 1, 1)
        workbook.set_properties({"created": created, "comments": "Made with Chorus"})
        zone = ZoneInfo(description["query"]["tz"])
        _write_table(workbook, "Data", table, zone)
        _write_description(_write_table(workbook, "Coverage", coverage, zone), coverage.height + 3, description)
    return file.getvalue()


def _write_table(workbook: xlsxwriter.Workbook, name: str, table: pl.DataFrame, zone: ZoneInfo) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    table.select(_to_cells(column, zone) for column in table).write_excel(
        workbook,
        sheet,
        table_style="Table Style Light 1",
        dtype_formats={pl.Datetime: _TIME_FORMAT, pl.Date: _DATE_FORMAT, pl.Int64: "0", pl.Float64: "General"},
        autofit=True,
        freeze_panes=(1, 0),
    )
    if "text" in table.columns:
        sheet.set_column(table.columns.index("text"), table.columns.index("text"), _MAX_COLUMN_WIDTH)
    return sheet


def _to_cells(column: pl.Series, zone: ZoneInfo) -> pl.Series:
    """Return a column as Excel can hold it: times without a zone, and texts that aren't too long for a cell."""
    if isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone:
        return column.dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    if column.dtype == pl.String:
        return pl.Series(column.name, [text and _fit_cell(text) for text in column], dtype=pl.String)
    return column


def _fit_cell(text: str) -> str:
    """Return a text, cut off with an ellipsis if a cell can't hold it."""
    if len(text) * 2 <= _MAX_CELL_CHARACTERS:
        return text
    code_units = text.encode("utf-16-le", "replace")
    if len(code_units) <= _MAX_CELL_CHARACTERS * 2:
        return text
    return code_units[: (_MAX_CELL_CHARACTERS - 1) * 2].decode("utf-16-le", "ignore") + "…"


def _write_description(sheet: Worksheet, row: int, description: Mapping[str, Any]) -> None:
    """Write the notes, the query and the time of reading from a row on."""
    lines = [("Notes", note) for note in description["notes"]]
    lines += [(name, _to_text(value)) for name, value in description["query"].items() if value not in (None, "", [])]
    lines += [("fetched_at", description["fetched_at"] or "")]
    for offset, (name, text) in enumerate(lines):
        sheet.write_string(row + offset, 0, name)
        sheet.write_string(row + offset, 1, _fit_cell(text))


def _to_text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
