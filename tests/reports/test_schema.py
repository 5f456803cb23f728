"""Tables and the column registry agree: every column has an entry, with the type of the values that the table has."""

from collections.abc import Mapping
from functools import cache

import pytest

from dashboard.core.charts import CHARTS, find_column
from dashboard.core.columns import COLUMNS
from dashboard.reports import schema

TITLES = (*CHARTS.names(), "posts", "coverage")


@cache
def columns_of(title: str) -> Mapping[str, type]:
    """Return the columns of a table with their types; of a chart those of every measure and with a row per language."""
    if title == "posts":
        return schema.possible_post_columns()
    if title == "coverage":
        return schema.coverage_columns("frequency")
    return {name: kind for measure in ("net", "mean", "share") for name, kind in schema.possible_columns(title, measure).items()}


@pytest.mark.parametrize("title", TITLES)
def test_every_column_of_a_table_has_an_entry(title: str) -> None:
    """A new column is described by its chart in `core/charts.py`, or in `core/column_descriptions.py` if several tables have it."""
    own_columns = [column.name for column in CHARTS[title].columns] if title in CHARTS else []
    assert [name for name in columns_of(title) if name not in COLUMNS and name not in own_columns] == []


@pytest.mark.parametrize("title", TITLES)
def test_entries_have_the_types_of_the_table(title: str) -> None:
    """Programs get the types that the documentation promises."""
    columns = columns_of(title)
    assert {name: find_column(name, title).value_type for name in columns} == columns


def test_every_entry_is_a_column_of_some_table() -> None:
    """An entry that no table uses any more is deleted."""
    assert set(COLUMNS.names()) - {name for title in TITLES for name in columns_of(title)} == set()
