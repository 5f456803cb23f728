"""Formats tables for people: headings, and values with units and signs. Markup and links don't belong here."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import polars as pl

from dashboard.charts.definitions.time_series import MEASURE_TITLES
from dashboard.core.charts import find_column
from dashboard.core.columns import Column, Formatter
from dashboard.core.definitions import DEFINITIONS
from dashboard.core.formatting.numbers import (
    UNKNOWN_DASH,
    format_decimal,
    format_number,
    format_score,
    format_share,
    format_signed,
    format_signed_points,
    format_signed_share,
)
from dashboard.core.methods import METHODS
from dashboard.core.query import Query

_INTERVAL_TITLES = {"hour": "Hour", "day": "Day", "week": "Week starting", "month": "Month starting"}


class TableColumn(NamedTuple):
    """A column of one table: its name in exports, its heading, whether it holds quantities, and the definition of its heading."""

    name: str
    title: str
    is_numeric: bool
    definition: str = ""


def build_columns(table: pl.DataFrame, kind: str, query: Query, interval: str) -> list[TableColumn]:
    """Return the columns of a chart's table with their headings; `interval` is the width of its rows, if it has any."""
    placeholders = {
        "Width": _INTERVAL_TITLES.get(interval, "Start"),
        "unit": METHODS[query.method].unit,
        "Measure": MEASURE_TITLES[query.measure],
    }
    columns = [find_column(name, kind) for name in table.columns]
    return [
        TableColumn(column.name, column.heading.format(**placeholders), column.is_numeric, _summarize_definition(column, query))
        for column in columns
    ]


def format_rows(table: pl.DataFrame, kind: str, query: Query, labels: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the values of a chart's table as text: accounts by their `labels`, as in its charts, and a dash for unknown values."""
    measure_formatters = dict.fromkeys(("value", "low", "high"), _MEASURE_FORMATTERS[query.measure]) if kind == "sentiment" else {}
    formatters = {name: find_column(name, kind).format for name in table.columns} | measure_formatters
    formatters |= {"account": lambda account: labels.get(account, account)} if "account" in formatters else {}
    return [_format_row(row, formatters | _row_formatters(kind, row)) for row in table.iter_rows(named=True)]


def _summarize_definition(column: Column, query: Query) -> str:
    name = column.definition.format(measure=query.measure)
    return DEFINITIONS[name].summary if name else ""


def _format_row(row: Mapping[str, Any], formatters: Mapping[str, Formatter]) -> dict[str, str]:
    return {name: UNKNOWN_DASH if value is None else formatters[name](value) for name, value in row.items()}


def _format_signed_hundredths(value: float) -> str:
    return format_signed(value, 2)


def _format_hundredths(value: float) -> str:
    return format_decimal(value, 2)


_MEASURE_FORMATTERS: dict[str, Formatter] = {"net": format_score, "mean": _format_signed_hundredths, "share": format_share}
_VALUE_AND_CHANGE_FORMATTERS: dict[str, tuple[Formatter, Formatter]] = {  # a value, and a change of it
    "posts_per_day": (_format_hundredths, format_signed_share),
    "net_per_post": (_format_signed_hundredths, _format_signed_hundredths),
    "positive_share": (format_share, format_signed_points),
}


def _row_formatters(kind: str, row: Mapping[str, Any]) -> dict[str, Formatter]:
    """Return the formats of columns whose unit differs from row to row."""
    if kind == "compare":
        value, change = _VALUE_AND_CHANGE_FORMATTERS[row["measure"]]
        return dict.fromkeys(("before", "now"), value) | dict.fromkeys(("change", "low", "high"), change)
    if kind == "events":
        return dict.fromkeys(("value", "expected"), format_number if row["measure"] == "posts" else _format_signed_hundredths)
    return {}
