"""Exports a table as an Excel workbook: the rows on the first sheet, and what they cover on the second.

Which columns a table has doesn't belong here. XlsxWriter, which is loaded with this module, writes the file.
"""

import io
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter
from xlsxwriter.exceptions import FileCreateError
from xlsxwriter.worksheet import Worksheet

_MAX_CELL_CHARACTERS = 32_767  # Excel's limit, in UTF-16 code units
_MAX_COLUMN_WIDTH = 60  # characters, so that a text doesn't push everything else off the screen
_MEASURED_ROWS = 100  # rows that decide how wide a column is
_TIME_FORMAT = "yyyy-mm-dd hh:mm:ss"
_OPTIONS = {
    "constant_memory": True,
    "default_date_format": _TIME_FORMAT,
    "nan_inf_to_errors": True,
}  # each row is written to a temporary file at once


def to_xlsx(table: pl.DataFrame, coverage: pl.DataFrame, description: Mapping[str, Any]) -> bytes:
    """Return a workbook of a table, of its coverage, and of the rest of its description (query, notes, fetched_at).

    Texts stay texts, whatever they begin with, and IDs keep all their digits. Times are those of the query's time zone, because Excel's
    have none; posts with a date alone stay on it. The same table and description give the same bytes. Raises OSError if the folder for
    temporary files is full.
    """
    file = io.BytesIO()
    zone, fetched_at = ZoneInfo(description["query"]["tz"]), description["fetched_at"]
    created = datetime.fromisoformat(fetched_at).replace(tzinfo=None) if fetched_at else datetime(2000, 1, 1)
    try:
        with xlsxwriter.Workbook(file, _OPTIONS) as workbook:
            workbook.set_properties({"created": created, "comments": "Made with Chorus"})
            _write_table(workbook, "Data", _without_zones(table, zone))
            sheet = _write_table(workbook, "Coverage", _without_zones(coverage, zone))
            _write_description(sheet, coverage.height + 3, description)
    except FileCreateError as error:
        raise OSError(str(error)) from error
    return file.getvalue()


def _without_zones(table: pl.DataFrame, zone: ZoneInfo) -> pl.DataFrame:
    """Return a table whose times are those of a zone; those of posts with a date alone are midnight of that date in every zone."""
    times = [name for name, dtype in table.schema.items() if isinstance(dtype, pl.Datetime) and dtype.time_zone]
    local = pl.col(times).dt.convert_time_zone(zone.key).dt.replace_time_zone(None)
    if not times or "date_only" not in table.columns:
        return table.with_columns(local) if times else table
    dates = pl.col("created_at").dt.replace_time_zone(None)
    return table.with_columns(local).with_columns(
        created_at=pl.when(table["date_only"]).then(table.select(dates).to_series()).otherwise(pl.col("created_at"))
    )


def _write_table(workbook: xlsxwriter.Workbook, name: str, table: pl.DataFrame) -> Worksheet:
    sheet = workbook.add_worksheet(name)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, table.height, max(0, table.width - 1))
    heading_format = workbook.add_format({"bold": True})
    for place, column in enumerate(table):
        sheet.set_column(place, place, _measure_width(column))
        sheet.write_string(0, place, column.name, heading_format)
    writers = [_choose_writer(sheet, dtype) for dtype in table.dtypes]
    for row_number, row in enumerate(table.iter_rows(), 1):
        for place, (write, value) in enumerate(zip(writers, row, strict=True)):
            if value is not None:
                write(row_number, place, value)
    return sheet


def _measure_width(column: pl.Series) -> int:
    longest = column.head(_MEASURED_ROWS).cast(pl.String).str.len_chars().max()
    return min(max(len(column.name), int(longest or 0)) + 3, _MAX_COLUMN_WIDTH)  # type: ignore[arg-type]


def _choose_writer(sheet: Worksheet, dtype: pl.DataType) -> Callable[[int, int, Any], Any]:
    """Return the method that writes the values of a type, so that no text is ever taken for something else."""
    if dtype.is_numeric():
        return sheet.write_number  # type: ignore[no-any-return]
    if dtype.is_temporal():
        return sheet.write_datetime  # type: ignore[no-any-return]
    if dtype == pl.Boolean:
        return sheet.write_boolean  # type: ignore[no-any-return]
    return lambda row, place, text: sheet.write_string(row, place, _fit_cell(text))


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
