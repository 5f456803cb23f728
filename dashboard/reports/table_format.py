"""Formats tables for people: headings, and values with units and signs. Markup and links don't belong here."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

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


def format_columns(table: pl.DataFrame, kind: str, query: Query, labels: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the values of each column of a chart's table as text.

    Accounts are written by their `labels`, as in its charts, and unknown values as a dash.
    """
    measures = table["measure"].to_list() if "measure" in table.columns else [query.measure] * table.height
    texts = {name: _format_column(find_column(name, kind), table[name], measures) for name in table.columns}
    return texts | ({"account": [labels.get(account, account) for account in table["account"]]} if "account" in texts else {})


def _summarize_definition(column: Column, query: Query) -> str:
    name = column.definition.format(measure=query.measure)
    return DEFINITIONS[name].summary if name else ""


def _format_column(column: Column, values: pl.Series, measures: Sequence[str]) -> list[str]:
    if column.measured:
        formats = {measure: _choose_format(column, MEASURES[measure]) for measure in set(measures)}
        return [UNKNOWN_DASH if value is None else formats[measure](value) for value, measure in zip(values, measures, strict=True)]
    is_repetitive = values.dtype.is_integer() or values.dtype in (pl.Date, pl.String)
    format_value = cache(column.format) if is_repetitive else column.format
    return [UNKNOWN_DASH if value is None else format_value(value) for value in values.to_list()]


def _choose_format(column: Column, measure: Measure) -> Formatter:
    """Return how the values of a column are written in a row of this measure."""
    return measure.format_in_table if column.measured == "value" else measure.format_change
