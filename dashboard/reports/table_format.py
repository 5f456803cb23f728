"""Formats tables for people: headings, and values with units and signs. Markup and links don't belong here."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import polars as pl

from dashboard.core.charts import find_column
from dashboard.core.columns import Column, Formatter
from dashboard.core.definitions import DEFINITIONS
from dashboard.core.formatting.numbers import UNKNOWN_DASH
from dashboard.core.measures import MEASURES, Measure
from dashboard.core.messages import gettext, translatable
from dashboard.core.methods import METHODS
from dashboard.core.query import Query

_INTERVAL_TITLES = {
    "hour": translatable("Hour"),
    "day": translatable("Day"),
    "week": translatable("Week starting"),
    "month": translatable("Month starting"),
}
_COUNTED_HEADINGS = {  # of columns whose heading names what the method counts
    "Positive words": translatable("Positive words"),
    "Positive points": translatable("Positive points"),
    "Positive posts": translatable("Positive posts"),
    "Negative words": translatable("Negative words"),
    "Negative points": translatable("Negative points"),
    "Negative posts": translatable("Negative posts"),
}


class TableColumn(NamedTuple):
    """A column of one table: its name in exports, its heading, whether it holds quantities, and the definition of its heading."""

    name: str
    title: str
    is_numeric: bool
    definition: str = ""


def build_columns(table: pl.DataFrame, kind: str, query: Query, interval: str) -> list[TableColumn]:
    """Return the columns of a chart's table with their headings; `interval` is the width of its rows, if it has any."""
    columns = [find_column(name, kind) for name in table.columns]
    return [
        TableColumn(column.name, _write_heading(column, query, interval), column.is_numeric, _summarize_definition(column, query))
        for column in columns
    ]


def _write_heading(column: Column, query: Query, interval: str) -> str:
    if column.heading == "{Width}":
        return gettext(_INTERVAL_TITLES[interval]) if interval in _INTERVAL_TITLES else gettext("Start")
    if column.heading == "{Measure}":
        return MEASURES[query.measure].title
    return gettext(column.heading.format(unit=METHODS[query.method].unit))


def format_rows(table: pl.DataFrame, kind: str, query: Query, labels: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the values of a chart's table as text: accounts by their `labels`, as in its charts, and a dash for unknown values."""
    columns = [find_column(name, kind) for name in table.columns]

    @cache
    def choose_formats(measure_name: str) -> list[tuple[str, Formatter]]:
        return [(column.name, _choose_format(column, MEASURES[measure_name])) for column in columns]

    return [_format_row(row, choose_formats(row.get("measure", query.measure)), labels) for row in table.iter_rows(named=True)]


def _summarize_definition(column: Column, query: Query) -> str:
    name = column.definition.format(measure=query.measure)
    return DEFINITIONS[name].summary if name else ""


def _format_row(row: Mapping[str, Any], formats: Sequence[tuple[str, Formatter]], labels: Mapping[str, str]) -> dict[str, str]:
    texts = {name: UNKNOWN_DASH if row[name] is None else format_value(row[name]) for name, format_value in formats}
    return texts | ({"account": labels.get(row["account"], row["account"])} if "account" in row else {})


def _choose_format(column: Column, measure: Measure) -> Formatter:
    """Return how the values of a column are written in a row of this measure."""
    return {"": column.format, "value": measure.format_in_table, "change": measure.format_change}[column.measured]
