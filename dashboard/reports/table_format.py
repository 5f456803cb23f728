"""A table as text: readable headings, and values with their units and signs. No markup and no links."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from dashboard.charts.definitions.time_series import MEASURE_TITLES
from dashboard.core.formatting import (
    NO_BREAK_SPACE,
    UNKNOWN_DASH,
    format_date,
    format_decimal,
    format_hours,
    format_number,
    format_share,
    format_signed,
    format_signed_share,
)
from dashboard.core.methods import METHODS
from dashboard.core.query import Query

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEASURE_TITLES = {
    "posts_per_day": "Posts per day",
    "net_per_post": "Balance per post",
    "positive_share": "Positive share",
    "posts": "Posts",
    "sentiment": "Sentiment",
}
_COLUMN_TITLES = {
    "start": "{Width}",
    "positive": "Positive {unit}",
    "negative": "Negative {unit}",
    "neutral": "Neutral posts",
    "matched": "Words in the list",
    "value": "{Measure}",
    "low": "Low (95%)",
    "high": "High (95%)",
    "measure": "Measure",
    "before": "Before",
    "now": "Now",
    "posts_before": "Posts before",
    "posts_now": "Posts now",
    "expected": "Usually",
    "z": "Robust z-score",
    "count": "Uses",
    "contribution": "Contribution",
    "per_1000_words": "Per 1,000 words",
    "difference": "Difference from others (z)",
    "agreement": "Agreement",
    "polarity": "Sentiment",
    "id": "Post",
}
_CHART_COLUMN_TITLES = {
    ("engagement", "start"): "Posted",
    ("rhythm", "share"): "Share of posts",
    ("methods", "share"): "Positive share",
    ("methods", "positive"): "Positive posts",
    ("methods", "negative"): "Negative posts",
    ("events", "value"): "Value",
    ("events", "words"): "Related words",
}


_INTERVAL_TITLES = {"hour": "Hour", "day": "Day", "week": "Week starting", "month": "Month starting"}


class Column(NamedTuple):
    """A column of a table: its name in exports, its heading, and whether it holds numbers."""

    name: str
    title: str
    is_numeric: bool


def build_columns(table: pl.DataFrame, kind: str, query: Query, interval: str) -> list[Column]:
    """Return the columns of a chart's table with their headings; `interval` is the width of its rows, if it has any."""
    words = {"Width": _INTERVAL_TITLES.get(interval, "Start"), "unit": METHODS[query.method].unit, "Measure": MEASURE_TITLES[query.measure]}
    titles = {
        name: _CHART_COLUMN_TITLES.get((kind, name)) or _COLUMN_TITLES.get(name) or name.replace("_", " ").capitalize()
        for name in table.columns
    }
    numbers = {name for name, dtype in table.schema.items() if dtype.is_numeric()} - {"weekday", "hour"}
    return [Column(name, title.format(**words), name in numbers) for name, title in titles.items()]


def format_rows(table: pl.DataFrame, kind: str, query: Query) -> list[dict[str, str]]:
    """Return the values of a chart's table as text, with a dash for unknown values."""
    measured = dict.fromkeys(("value", "low", "high"), _MEASURE_FORMATTERS[query.measure]) if kind == "sentiment" else {}
    formats = _COLUMN_FORMATTERS | _CHART_FORMATTERS.get(kind, {}) | measured
    return [_format_row(row, formats | _row_formatters(kind, row)) for row in table.iter_rows(named=True)]


def _format_row(row: Mapping[str, Any], formatters: Mapping[str, "Formatter"]) -> dict[str, str]:
    return {name: UNKNOWN_DASH if value is None else formatters.get(name, _format_value)(value) for name, value in row.items()}


def _format_signed(value: float) -> str:
    return format_signed(value, 0 if value == int(value) else 2)


def _format_signed_hundredths(value: float) -> str:
    return format_signed(value, 2)


def _format_percentage_points(value: float) -> str:
    return f"{format_signed(100 * value)}{NO_BREAK_SPACE}points"


def _format_percent_tenths(value: float) -> str:
    return format_share(value, 1)


def _format_hundredths(value: float) -> str:
    return format_decimal(value, 2)


def _format_value(value: Any) -> str:
    if isinstance(value, date):
        return format_date(value)
    return format_number(value) if isinstance(value, (int, float)) else str(value)


Formatter = Callable[[Any], str]
_COLUMN_FORMATTERS: dict[str, Formatter] = {
    "share": format_share,
    "agreement": format_share,
    "weekday": lambda day: _WEEKDAYS[day - 1],
    "hour": lambda hour: format_hours(hour)[0],
    "measure": _MEASURE_TITLES.__getitem__,
    "method": lambda name: METHODS[name].short_title,
    "contribution": _format_signed,
    "difference": _format_signed_hundredths,
    "score": _format_signed,
    "z": _format_signed_hundredths,
    "per_1000_words": _format_hundredths,
}
_CHART_FORMATTERS: dict[str, dict[str, Formatter]] = {
    "rhythm": {"share": _format_percent_tenths},
    "methods": dict.fromkeys(("low", "high"), format_share),
}
_MEASURE_FORMATTERS: dict[str, Formatter] = {"net": _format_signed, "mean": _format_signed_hundredths, "share": format_share}
_VALUE_AND_CHANGE_FORMATTERS: dict[str, tuple[Formatter, Formatter]] = {  # a value, and a change of it
    "posts_per_day": (_format_hundredths, format_signed_share),
    "net_per_post": (_format_signed_hundredths, _format_signed_hundredths),
    "positive_share": (format_share, _format_percentage_points),
}


def _row_formatters(kind: str, row: Mapping[str, Any]) -> dict[str, Formatter]:
    """Return the formats of columns whose unit differs from row to row."""
    if kind == "compare":
        value, change = _VALUE_AND_CHANGE_FORMATTERS[row["measure"]]
        return dict.fromkeys(("before", "now"), value) | dict.fromkeys(("change", "low", "high"), change)
    if kind == "events":
        return dict.fromkeys(("value", "expected"), format_number if row["measure"] == "posts" else _format_signed_hundredths)
    return {}
