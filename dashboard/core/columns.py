"""What a column of a table is, and the registry of the columns that tables share. `core/column_descriptions.py` fills it.

Pages, exports, OpenAPI and the documentation look columns up with `core.charts.find_column`, because a chart may have columns of its own.
Which columns a table has isn't here: its builder decides that. polars is not loaded here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, TypedDict

from dashboard.core.formatting.dates import format_date
from dashboard.core.formatting.numbers import format_number
from dashboard.core.registry import Registry

Formatter = Callable[[Any], str]


def format_plain(value: Any) -> str:
    """Return a date, a number or a text as tables show it."""
    if isinstance(value, date):
        return format_date(value)
    return format_number(value) if isinstance(value, (int, float)) else str(value)


class ColumnInChart(TypedDict, total=False):
    """What is different about a column in one chart; everything else is as in its entry."""

    value_type: type
    heading: str
    description: str
    unit: str
    format: Formatter
    measured: Literal["", "value", "change"]
    definition: str


@dataclass(frozen=True)
class Column:
    """A column: its name in exports, the Python type of its values, its heading on pages, and what it means.

    `heading` is in English; {Width} stands for the title of the intervals, {unit} for what the method counts, {Measure} for the measure. In
    `definition`, {measure} stands for the name of the measure.
    `in_charts` has, by kind of chart, what is different there.
    """

    name: str
    value_type: type
    heading: str
    description: str  # a sentence for people who write programs
    unit: str = ""  # of its values in exports; empty if they have none
    format: Formatter = format_plain  # for pages, where the value is known
    measured: Literal["", "value", "change"] = ""  # if so, pages write it as the measure of the row, or else of the query, is written
    is_nullable: bool = True  # unknown values are null
    is_code: bool = False  # a number that stands for a name, such as a weekday
    example: str = ""  # for programs
    definition: str = ""  # the entry of `core.definitions` that explains its heading to people; empty if it needs no explanation
    in_charts: Mapping[str, ColumnInChart] = field(default_factory=dict, hash=False)

    @property
    def is_numeric(self) -> bool:
        """Say whether its values are quantities, which tables align to the right."""
        return self.value_type in (int, float) and not self.is_code

    def for_chart(self, kind: str) -> "Column":
        """Return the column as it is in a kind of chart."""
        return replace(self, in_charts={}, **self.in_charts[kind]) if kind in self.in_charts else self


COLUMNS: Registry[Column] = Registry("column", filled_by="dashboard.core.column_descriptions")
