"""The column registry: what a column means, and what is different about it in one chart."""

import pytest

from dashboard.core.charts import CHARTS
from dashboard.core.columns import COLUMNS, Column, ColumnInChart

LENGTH = Column("length", int, "Length", "How long it is.", unit="m", in_charts={"maps": ColumnInChart(heading="Distance")})


def test_a_column_is_different_in_the_chart_that_its_entry_names() -> None:
    """What the entry doesn't mention for the chart stays as it is."""
    column = LENGTH.for_chart("maps")
    assert column.heading == "Distance"
    assert column.description == "How long it is."
    assert column.unit == "m"


def test_a_column_is_as_its_entry_says_in_every_other_chart() -> None:
    """Differences are for one chart only."""
    assert LENGTH.for_chart("rivers").heading == "Length"


@pytest.mark.parametrize(
    ("name", "is_numeric"), [("posts", True), ("share", True), ("account", False), ("start", False), ("weekday", False), ("hour", False)]
)
def test_a_quantity_is_a_number_that_does_not_stand_for_a_name(name: str, is_numeric: bool) -> None:
    """Tables align quantities to the right; weekdays and hours are numbers only in exports."""
    assert COLUMNS[name].is_numeric == is_numeric


def test_entries_mention_only_charts_that_exist() -> None:
    """A misspelt kind of chart would change nothing without anybody noticing."""
    assert {kind for column in COLUMNS for kind in column.in_charts} - set(CHARTS.names()) == set()
