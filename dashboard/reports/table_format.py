"""A table as people read it: headings in plain words, values with their units and signs. Texts only; no markup, no links."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

import polars as pl

from dashboard.charts.definitions import TITLES, UNITS
from dashboard.charts.definitions.methods import NAMES
from dashboard.core.formatting import NONE, number, share, when
from dashboard.core.query import Query

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MEASURES = {
    "posts_per_day": "Posts a day",
    "net_per_post": "Net sentiment per post",
    "positive_share": "Positive share",
    "posts": "Posts",
    "sentiment": "Mean sentiment",
}
_TITLES = {
    "start": "{Width} from",
    "positive": "Positive {unit}",
    "negative": "Negative {unit}",
    "neutral": "Neutral posts",
    "matched": "Words in the list",
    "value": "{Measure}",
    "low": "95 % from",
    "high": "95 % to",
    "measure": "What",
    "before": "Before",
    "now": "Now",
    "posts_before": "Posts before",
    "posts_now": "Posts now",
    "expected": "Usual",
    "z": "Robust z-score",
    "count": "Times used",
    "contribution": "Adds to sentiment",
    "per_1000_words": "Per 1,000 words",
    "difference": "Against the others (z-score)",
    "agreement": "Agrees with the others",
    "polarity": "Sounds",
    "id": "Post",
}
_OF_KIND = {
    ("engagement", "start"): "Posted",
    ("rhythm", "share"): "Share of its posts",
    ("methods", "share"): "Positive share of posts",
    ("methods", "positive"): "Positive posts",
    ("methods", "negative"): "Negative posts",
    ("events", "value"): "Value",
    ("events", "words"): "Words that came with it",
    ("words", "polarity"): "Counts as",
}


class Column(NamedTuple):
    """A column of a table: its name in exports, its heading, and whether it holds numbers."""

    name: str
    title: str
    number: bool


def columns(table: pl.DataFrame, kind: str, query: Query, width: str) -> list[Column]:
    """Return how the columns of a chart's table are headed; `width` is that of the intervals, if the chart has any."""
    words = {"Width": width.capitalize(), "unit": UNITS[query.method], "Measure": TITLES[query.measure]}
    titles = {name: _OF_KIND.get((kind, name)) or _TITLES.get(name) or name.replace("_", " ").capitalize() for name in table.columns}
    numbers = {name for name, dtype in table.schema.items() if dtype.is_numeric()} - {"weekday", "hour"}
    return [Column(name, title.format(**words), name in numbers) for name, title in titles.items()]


def rows(table: pl.DataFrame, kind: str, query: Query) -> list[dict[str, str]]:
    """Return the values of a chart's table as texts, a dash for what is not known."""
    measured = dict.fromkeys(("value", "low", "high"), _OF_MEASURE[query.measure]) if kind == "sentiment" else {}
    formats = _FORMATS | _OF_CHART.get(kind, {}) | measured
    return [_written(row, formats | _of_row(kind, row)) for row in table.iter_rows(named=True)]


def _written(row: Mapping[str, Any], formats: Mapping[str, "Format"]) -> dict[str, str]:
    return {name: NONE if value is None else formats.get(name, _plainly)(value) for name, value in row.items()}


def _signed(value: float) -> str:
    return _minus(f"{value:+,.0f}" if value == int(value) else f"{value:+,.2f}")


def _hundredths(value: float) -> str:
    return _minus(f"{value:+,.2f}")


def _percent(value: float) -> str:
    return _minus(f"{100 * value:+,.0f}\N{NO-BREAK SPACE}%")


def _points(value: float) -> str:
    return _minus(f"{100 * value:+,.0f}\N{NO-BREAK SPACE}points")


def _tenths(value: float) -> str:
    return f"{100 * value:.1f}\N{NO-BREAK SPACE}%"


def _minus(text: str) -> str:
    """Return a signed number with the sign that people write, and without one if nothing is left of it."""
    return text.replace("-", "−") if any(digit in text for digit in "123456789") else text.lstrip("+-")


def _plainly(value: Any) -> str:
    if isinstance(value, date):
        return when(value)
    return number(value) if isinstance(value, (int, float)) else str(value)


Format = Callable[[Any], str]
_FORMATS: dict[str, Format] = {
    "share": share,
    "agreement": share,
    "weekday": lambda day: _DAYS[day - 1],
    "hour": lambda hour: f"{hour:02}:00",
    "measure": _MEASURES.__getitem__,
    "method": NAMES.__getitem__,
    "contribution": _signed,
    "difference": _hundredths,
    "score": _signed,
    "z": _hundredths,
    "per_1000_words": lambda rate: f"{rate:,.2f}",
}
_OF_CHART: dict[str, dict[str, Format]] = {"rhythm": {"share": _tenths}, "methods": dict.fromkeys(("low", "high"), share)}
_OF_MEASURE: dict[str, Format] = {"net": _signed, "mean": _hundredths, "share": share}
_SIDES: dict[str, tuple[Format, Format]] = {  # a value, and a change of it
    "posts_per_day": (lambda rate: f"{rate:,.2f}", _percent),
    "net_per_post": (_hundredths, _hundredths),
    "positive_share": (share, _points),
}


def _of_row(kind: str, row: Mapping[str, Any]) -> dict[str, Format]:
    """Return the formats of columns whose unit differs from row to row."""
    if kind == "compare":
        value, change = _SIDES[row["measure"]]
        return dict.fromkeys(("before", "now"), value) | dict.fromkeys(("change", "low", "high"), change)
    if kind == "events":
        return dict.fromkeys(("value", "expected"), number if row["measure"] == "posts" else _hundredths)
    return {}
