"""Keeps the columns of a file that may hold the times of its posts, and surveys them together: a row's times are evidence for each other.

What a column's values show is decided in the package `times`, and the times of posts are read in `post_times.py`, not here.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.readers.snowflakes import parse_snowflake_day
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.named_orders import split_order
from dashboard.sources.files.times.read_times import Problem, ReadTime
from dashboard.sources.files.times.zone_columns import split_column_name

_SURVEYED_AT_ONCE = 10_000


class SampleRow(NamedTuple):
    """A post of the sample, with the paths to its fields."""

    post: RawPost
    field_paths: FieldPaths


class TimeColumns:
    """The columns of one file, by their paths.

    `select_paths` returns those of some paths at which times are looked for: the ones that hold times, and another column if one is used.
    """

    def __init__(self, choices: TimeChoices) -> None:
        self._choices = choices
        self._open_column = TimeColumn(replace(choices, usual_order=None))  # because what is usual isn't evidence for another column
        self.by_path: dict[KeyPath, TimeColumn] = {}
        self.unused_paths, self._extra_paths = frozenset[KeyPath](), tuple[KeyPath, ...]()
        self.select_paths = lru_cache(maxsize=64)(self._select_paths)

    def use_only(self, readable_paths: set[KeyPath]) -> None:
        """Ignore the columns without a single time from now on, except another column that is used."""
        self.unused_paths = frozenset(self.by_path) - readable_paths - set(self._extra_paths)
        self.select_paths.cache_clear()

    def use_also(self, path: KeyPath, rows: Sequence[SampleRow]) -> None:
        """Look for times in another column too, and survey it."""
        self._extra_paths = (path,)
        self.select_paths.cache_clear()
        self.column(path).survey((value, None) for value in values_at(path, rows))

    def column(self, path: KeyPath) -> TimeColumn:
        """Return the column at a path, whose name may say which zone its times are in, and in which order its dates are."""
        if path not in self.by_path:
            choices = replace(self._choices, order=self._choices.order or split_order(path[-1])[1] or None)
            self.by_path[path] = TimeColumn(choices, split_column_name(path[-1])[1])
        return self.by_path[path]

    def used_columns(self) -> list[TimeColumn]:
        """Return the columns that hold times, as far as it is known which do."""
        return [column for path, column in self.by_path.items() if path not in self.unused_paths]

    def is_used(self, path: KeyPath, rows: Sequence[SampleRow]) -> bool:
        """Return whether times are looked for at a path in any of the rows."""
        if path in self.unused_paths:
            return False
        return any(path in self.select_paths(row.field_paths.get("created_at", ())) for row in rows)

    def _select_paths(self, paths: tuple[KeyPath, ...]) -> tuple[KeyPath, ...]:
        """Return the paths at which times are looked for: those that hold times, and another column if one is used."""
        return (*(path for path in paths if path not in self.unused_paths), *self._extra_paths)

    def list_values(self, post: RawPost, field_paths: FieldPaths) -> list[tuple[KeyPath, Any]]:
        """Return the values of a post that may be times, with their paths."""
        paths = self.select_paths(field_paths.get("created_at", ()))
        # A time may be in an object, but a text has no keys: in a table, six of seven paths lead nowhere.
        values = ((path, first_value(post, (path,))) for path in paths if len(path) == 1 or not isinstance(post.get(path[0]), str))
        return [(path, value) for path, value in values if value is not None]

    def survey(self, sample: Iterable[tuple[RawPost, FieldPaths]]) -> None:
        """Add posts to the evidence for how times are written, until it leaves no question open."""
        remaining = iter(sample)
        while batch := list(islice(remaining, _SURVEYED_AT_ONCE)):
            self._survey_batch(batch)
            if not self.has_questions():
                return

    def has_questions(self) -> bool:
        """Return whether it is still open in a column what comes first in dates, what a zone means, or whether six digits are dates."""
        return any(column.evidence.has_questions for column in self.used_columns())

    def _survey_batch(self, batch: Sequence[tuple[RawPost, FieldPaths]]) -> None:
        values: dict[KeyPath, list[tuple[Any, date | None]]] = {}
        for post, field_paths in batch:
            written = self.list_values(post, field_paths)
            days = [(path, value, self._find_day(path, value) if len(written) > 1 else None) for path, value in written]
            post_day = parse_snowflake_day(first_value(post, field_paths.get("id")))
            for path, value, _ in days:
                other_days = (day for other_path, _, day in days if other_path != path and day)
                values.setdefault(path, []).append((value, next(other_days, post_day)))
        for path, pairs in values.items():
            self.column(path).survey(pairs)

    def is_readable(self, path: KeyPath, rows: Sequence[SampleRow]) -> bool:
        """Return whether any value is a time, even one that needs an answer first."""
        column = self.column(path)
        readable = (Problem.UNKNOWN_ORDER, Problem.AMBIGUOUS_ZONE, Problem.UNKNOWN_ZONE)
        return any(isinstance(result, ReadTime) or result in readable for result in map(column.parse, values_at(path, rows)))

    def has_time(self, entry: tuple[RawPost, FieldPaths]) -> bool:
        """Return whether a post has a time."""
        return any(self.is_readable(path, [SampleRow(*entry)]) for path, _ in self.list_values(*entry))

    def _find_day(self, path: KeyPath, value: Any) -> date | None:
        """Return the day of a time whose order of day and month is clear without its column."""
        read_time = self._open_column.parse(value) if not self.column(path).evidence.has_unknown_order else None
        return read_time.moment.date() if isinstance(read_time, ReadTime) else None


def values_at(path: KeyPath, rows: Sequence[SampleRow]) -> Iterator[Any]:
    """Return the values of posts at a path."""
    return (value for row in rows if (value := first_value(row.post, (path,))) is not None)
