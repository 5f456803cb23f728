"""Makes columns of the values in cells that are objects, such as `{'like_count': 4}`, as pandas and others write them in tables.

Only values that are fields of posts become columns, and only in columns that aren't fields themselves. What they mean isn't decided here.
"""

import ast
import json
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.sources.files.readers.limits import MAX_COLUMNS
from dashboard.sources.files.readers.raw_posts import RawPosts, TableRows
from dashboard.sources.files.readers.table_header import find_fields

_MAX_CELL_CHARS, _MAX_KEYS = 4_000, 40


class ObjectCells:
    """The columns of one table, with those that its first rows show to be inside others.

    `columns` has their names: `public_metrics.like_count` is the value of `like_count` in the column `public_metrics`.
    """

    def __init__(self, columns: Sequence[str], sample: Sequence[Sequence[Any]]) -> None:
        self._keys_by_column = {
            column: keys for n, column in enumerate(columns) if (keys := _find_keys(column, [row[n] for row in sample]))
        }
        known = (
            {path[0] for paths in find_fields(columns).values() for path in paths if len(path) == 1} if self._keys_by_column else set[str]()
        )
        self._keys_by_column = {column: keys for column, keys in self._keys_by_column.items() if column not in known}
        inner = [f"{column}.{key}" for column, keys in self._keys_by_column.items() for key in keys]
        self.columns = [*columns, *(name for name in inner if name not in columns)][:MAX_COLUMNS]

    def expand_sample(self, columns: Sequence[str], sample: Sequence[Sequence[Any]]) -> list[list[Any]]:
        """Return the sample with cells for the new columns."""
        rows = [dict(zip(columns, row, strict=False)) for row in sample]
        return [[(row | self._read_row(row)).get(column) for column in self.columns] for row in rows]

    def expand(self, group: RawPosts) -> RawPosts:
        """Return a group of rows with the new columns."""
        if not self._keys_by_column or not isinstance(group, TableRows):
            return group
        rows = [self._read_row(row) for row in group.list_posts()]
        names = [name for name in self.columns if any(name in row for row in rows)]
        return group.with_columns({name: [row.get(name) for row in rows] for name in names})

    def _read_row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        return {
            f"{column}.{key}": value
            for column, keys in self._keys_by_column.items()
            for key, value in _parse_object(row.get(column)).items()
            if key in keys
        }


def _find_keys(column: str, cells: Sequence[Any]) -> set[str]:
    """Return the keys inside a column whose values are fields of posts."""
    objects = [_parse_object(cell) for cell in cells if isinstance(cell, str) and cell.startswith("{")]
    keys = {key for inner in objects for key in inner}
    return {key for key in keys if find_fields([f"{column}.{key}"])}


def _parse_object(cell: Any) -> dict[str, Any]:
    """Return the object in a cell, as JSON or Python writes it; empty if it isn't one."""
    if not isinstance(cell, str) or not cell.startswith("{") or len(cell) > _MAX_CELL_CHARS:
        return {}
    for parse in (json.loads, ast.literal_eval):
        try:
            value = parse(cell)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            continue
        if isinstance(value, dict) and len(value) <= _MAX_KEYS:
            return {key: inner for key, inner in value.items() if isinstance(key, str) and isinstance(inner, (str, int, float))}
    return {}
