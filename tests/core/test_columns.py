"""The column registry: what a column means, and what is different about it in one chart."""

import pytest

from dashboard.core.charts import CHARTS, ChartKind, find_column
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


def test_a_chart_describes_its_own_columns() -> None:
    """A new chart doesn't add to the columns that all tables share."""
    with CHARTS.registered(ChartKind("maps", "How far it is.", "nowhere:build_maps", columns=(LENGTH,))):
        assert find_column("length", "maps").description == "How long it is."
    assert "length" not in COLUMNS


def test_the_column_of_a_chart_comes_before_the_one_that_tables_share() -> None:
    """A word may mean something else in a new chart."""
    own_column = Column("posts", int, "Places", "Places on the map.")
    with CHARTS.registered(ChartKind("maps", "How far it is.", "nowhere:build_maps", columns=(own_column,))):
        assert find_column("posts", "maps").heading == "Places"
        assert find_column("posts", "frequency").heading == "Posts"


@pytest.mark.parametrize(
    ("name", "is_numeric"), [("posts", True), ("share", True), ("account", False), ("start", False), ("weekday", False), ("hour", False)]
)
def test_a_quantity_is_a_number_that_does_not_stand_for_a_name(name: str, is_numeric: bool) -> None:
    """Tables align quantities to the right; weekdays and hours are numbers only in exports."""
    assert COLUMNS[name].is_numeric == is_numeric


def test_entries_mention_only_charts_that_exist() -> None:
    """A misspelt kind of chart would change nothing without anybody noticing."""
    assert {kind for column in COLUMNS for kind in column.in_charts} - set(CHARTS.names()) == set()
