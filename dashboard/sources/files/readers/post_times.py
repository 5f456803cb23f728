"""Finds the columns that hold the times of a file's posts, and reads them. How one time is read belongs in the package `times`.

Every value that isn't a time is counted in the tally with its first example, and a question that only a person can answer is raised.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import chain, islice
from typing import Any, NamedTuple

from dashboard.core.deferred_texts import defer_quote
from dashboard.core.messages import deferred, translatable
from dashboard.sources.files.readers import time_questions
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.column_candidates import list_candidates
from dashboard.sources.files.readers.column_questions import INSPECTED_ROWS, format_sample_cell
from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.places import defer_place
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.column import TimeColumn
from dashboard.sources.files.times.read_times import AlikeTimes, Problem, ReadTime
from dashboard.sources.files.times.time_evidence import TimeEvidence
from dashboard.sources.files.times.zone_columns import split_column_name

PostTime = tuple[datetime | None, bool]  # an instant in UTC, None if it is unknown, and whether only its day is known
_SURVEYED_AT_ONCE = 10_000
_LATER_ROWS = 10  # rows with a time that are looked for if the first posts have none
_MIN_READABLE_SHARE = 0.9  # of the values of a column that is used although its name isn't known
_TIME_NAME = re.compile(r"date|time|publi|posted|created|sent", re.IGNORECASE)
_OTHER_TIME_NAME = re.compile(
    r"updat|edit|modif|collect|scrap|crawl|fetch|import|export|delet|birth|join|start|end|last|zone|account", re.I
)
_SNOWFLAKE_PATTERN = re.compile(r"\d{17,19}", re.ASCII)
_SNOWFLAKE_ORIGIN = datetime(2010, 11, 4, 1, 42, 54, 657_000, tzinfo=UTC)
_NOTICE_BY_ORDER = {
    "dmy": translatable("Dates such as %(example)s were read with the day first."),
    "mdy": translatable("Dates such as %(example)s were read with the month first."),
    "ymd": translatable("Dates such as %(example)s were read with the year first."),
}
_NOTICE_BY_PROBLEM = {
    Problem.UNREADABLE: "untimed",
    Problem.UNKNOWN_ORDER: "untimed",
    Problem.IMPOSSIBLE: "impossible",
    Problem.AMBIGUOUS_ZONE: "ambiguous_zone",
    Problem.UNKNOWN_ZONE: "unknown_zone",
}


class _SampleRow(NamedTuple):
    """A post of the sample, with the paths to its fields."""

    post: RawPost
    field_paths: FieldPaths


class PostTimes:
    """The times of one file's posts. `inspect` comes first; then `parse_all` reads the times of posts."""

    def __init__(self, tally: ImportTally, choices: TimeChoices, chosen_column: str = "") -> None:
        self._tally, self._choices, self._chosen_column = tally, choices, chosen_column
        self._open_column = TimeColumn(replace(choices, usual_order=None))  # because what is usual isn't evidence for another column
        self._columns: dict[KeyPath, TimeColumn] = {}
        self._unused_paths, self._extra_paths = frozenset[KeyPath](), tuple[KeyPath, ...]()
        self._list_paths = lru_cache(maxsize=64)(self.select_paths)

    def inspect(
        self,
        sample: Sequence[tuple[RawPost, FieldPaths]],
        reopen_rest: Callable[[], Iterable[tuple[RawPost, FieldPaths]]],
    ) -> bool:
        """Survey the first posts, choose the columns that hold times, and return whether the rest of the file has to be surveyed too.

        If none of the first posts has a readable time, the rest of the file is searched for one. Raises InvalidFile if nothing is a time,
        or UnknownColumns if a person can say which column has the times.
        """
        rows = [_SampleRow(*entry) for entry in sample]
        self.survey(rows)
        readable_paths = {path for path in self._columns if self._is_readable(path, rows)}
        if not readable_paths:
            later_rows = [_SampleRow(*entry) for entry in islice(filter(self._has_time, reopen_rest()), _LATER_ROWS)]
            readable_paths = {path for path in self._columns if self._is_readable(path, later_rows)}
        if not readable_paths:
            self._use_other_column(rows)
        self._unused_paths = frozenset(self._columns) - readable_paths - set(self._extra_paths)
        self._list_paths.cache_clear()
        return self._has_questions()

    def survey(self, sample: Iterable[tuple[RawPost, FieldPaths]]) -> None:
        """Add posts to the evidence for how times are written, until it leaves no question open."""
        remaining = iter(sample)
        while batch := list(islice(remaining, _SURVEYED_AT_ONCE)):
            self._survey_batch(batch)
            if not self._has_questions():
                return

    def _has_questions(self) -> bool:
        return any(column.evidence.has_unknown_order or column.evidence.ambiguous_zones for column in self._used_columns())

    def _survey_batch(self, batch: Sequence[tuple[RawPost, FieldPaths]]) -> None:
        values: dict[KeyPath, list[tuple[Any, date | None]]] = {}
        for post, field_paths in batch:
            written = self._list_values(post, field_paths)
            days = [(path, value, self._find_day(path, value) if len(written) > 1 else None) for path, value in written]
            post_day = _parse_snowflake_day(first_value(post, field_paths.get("id")))
            for path, value, _ in days:
                other_days = (day for other_path, _, day in days if other_path != path and day)
                values.setdefault(path, []).append((value, next(other_days, post_day)))
        for path, pairs in values.items():
            self._column(path).survey(pairs)

    def check_questions(self, sample: Sequence[tuple[RawPost, FieldPaths]]) -> None:
        """Raise UnknownColumns if the order of day and month, or the zone, is a question that only a person can answer.

        Raises InvalidFile if a spreadsheet has swapped days and months.
        """
        rows = [_SampleRow(*entry) for entry in sample]
        posts, results = [row.post for row in rows], list[ReadTime | Problem | None]()
        if self._has_questions() or any(column.evidence.unknown_zones for column in self._used_columns()):
            results = [self._read(*row)[0] for row in rows]
        for path, column in self._columns.items():
            if path in self._unused_paths or not any(path in self._list_paths(row.field_paths.get("created_at", ())) for row in rows):
                continue
            evidence = column.evidence
            if evidence.has_swapped_dates:
                raise time_questions.swapped_dates_error(str(path[-1]), evidence)
            if evidence.has_unknown_order and Problem.UNKNOWN_ORDER in results:
                raise time_questions.ask_for_order(str(path[-1]), evidence, posts)
            if (evidence.ambiguous_zones or evidence.unknown_zones) and not any(isinstance(result, ReadTime) for result in results):
                raise time_questions.ask_for_zone(str(path[-1]), evidence, posts)
            self._explain(evidence)

    def _explain(self, evidence: TimeEvidence) -> None:
        """Add a notice on what was concluded from the whole column, so that people can object."""
        if evidence.date_order.is_needed and (order := evidence.date_order.decide()):
            example = defer_quote(format_sample_cell(evidence.date_order.examples[0]))
            self._tally.add_notice("date_order", example=deferred(_NOTICE_BY_ORDER[order], example=example))
        if evidence.has_only_midnights:
            self._tally.add_notice("midnights", example=deferred("All times are 00:00, so only their dates count."))

    def parse_all(self, batch: RawPosts, unit: str) -> tuple[Sequence[datetime | None], Sequence[bool]]:
        """Return the times of posts, as `parse` does: the instants, and whether only their days are known."""
        if (alike := self._parse_alike(batch)) is not None:
            if alike.are_zoneless:
                self._tally.add_notice("zoneless", count=len(batch), example=self._choices.zone_name)
            return alike.moments, [False] * len(batch)
        times = (self.parse(batch.post(n), batch.paths(n), f"{unit} {number:,}") for n, number in enumerate(batch.numbers))
        moments, are_dates = zip(*times, strict=True)
        return moments, are_dates

    def _parse_alike(self, batch: RawPosts) -> AlikeTimes | None:
        """Return the times of posts if the first of each post's times is ISO 8601 like all others, as in most files; None otherwise."""
        field_paths = batch.shared_paths
        paths = self._list_paths(field_paths.get("created_at", ())) if field_paths else ()
        if not field_paths or not paths:
            return None
        alike = self._column(paths[0]).parse_alike(batch.values_at(paths[0]))
        has_other_columns = "zone" in field_paths or "hour" in field_paths
        return None if alike and alike.are_zoneless and has_other_columns else alike

    def parse(self, post: RawPost, field_paths: FieldPaths, location: str) -> PostTime:
        """Return the time of a post: the first of its times that can be read. `location` is like "line 17"."""
        result, value = self._read(post, field_paths)
        if isinstance(result, ReadTime):
            self._count_notices(result, first_value(post, field_paths.get("zone")))
            return result.moment, result.is_date
        self._count_problem(result, value, post, field_paths, location)
        return None, False

    def _read(self, post: RawPost, field_paths: FieldPaths) -> tuple[ReadTime | Problem | None, Any]:
        """Return the first time of a post that can be read; else the problem with its first value, and that value; else None."""
        zone, clock = first_value(post, field_paths.get("zone")), first_value(post, field_paths.get("hour"))
        first_problem, first_raw_value = None, None
        for path in self._list_paths(field_paths.get("created_at", ())):
            value = first_value(post, (path,))
            if value is None:
                continue
            result = self._column(path).parse(value, zone, clock)
            if isinstance(result, ReadTime):
                return result, value
            if first_problem is None:
                first_problem, first_raw_value = result, value
        return first_problem, first_raw_value

    def _count_notices(self, read_time: ReadTime, row_zone: Any) -> None:
        if read_time.is_date:
            self._tally.add_notice("date_only")
        elif read_time.is_zoneless:
            self._tally.add_notice("chosen_zone" if self._choices.zone else "zoneless", example=self._choices.zone_name)
            if row_zone is not None:
                self._tally.add_notice("unread_zones", example=lambda: defer_quote(format_sample_cell(row_zone)))
            if read_time.is_repeated:
                self._tally.add_notice("repeated_hour")

    def _count_problem(self, problem: Problem | None, value: Any, post: RawPost, field_paths: FieldPaths, location: str) -> None:
        if problem is None:
            value = first_value(post, tuple(path for path in field_paths.get("created_at", ()) if path in self._unused_paths))
        kind = "undated" if value is None else _NOTICE_BY_PROBLEM[problem or Problem.UNREADABLE]
        self._tally.add_notice(kind, example=lambda: _describe_problem(value, location))

    # --- which columns ----------------------------------------------------------------------------------------------

    def _column(self, path: KeyPath) -> TimeColumn:
        if path not in self._columns:
            self._columns[path] = TimeColumn(self._choices, split_column_name(path[-1])[1])
        return self._columns[path]

    def _used_columns(self) -> list[TimeColumn]:
        return [column for path, column in self._columns.items() if path not in self._unused_paths]

    def select_paths(self, paths: tuple[KeyPath, ...]) -> tuple[KeyPath, ...]:
        """Return the paths at which times are looked for: those that hold times, and another column if one is used."""
        return (*(path for path in paths if path not in self._unused_paths), *self._extra_paths)

    def _list_values(self, post: RawPost, field_paths: FieldPaths) -> list[tuple[KeyPath, Any]]:
        values = ((path, first_value(post, (path,))) for path in self._list_paths(field_paths.get("created_at", ())))
        return [(path, value) for path, value in values if value is not None]

    def _values_at(self, path: KeyPath, rows: Sequence[_SampleRow]) -> Iterator[Any]:
        return (value for row in rows if (value := first_value(row.post, (path,))) is not None)

    def _is_readable(self, path: KeyPath, rows: Sequence[_SampleRow]) -> bool:
        """Return whether any value is a time, even one that needs an answer first."""
        column = self._column(path)
        readable = (Problem.UNKNOWN_ORDER, Problem.AMBIGUOUS_ZONE, Problem.UNKNOWN_ZONE)
        return any(isinstance(result, ReadTime) or result in readable for result in map(column.parse, self._values_at(path, rows)))

    def _has_time(self, entry: tuple[RawPost, FieldPaths]) -> bool:
        return any(self._is_readable(path, [_SampleRow(*entry)]) for path, _ in self._list_values(*entry))

    def _find_day(self, path: KeyPath, value: Any) -> date | None:
        """Return the day of a time whose order of day and month is clear without its column."""
        read_time = self._open_column.parse(value) if not self._column(path).evidence.has_unknown_order else None
        return read_time.moment.date() if isinstance(read_time, ReadTime) else None

    def _use_other_column(self, rows: Sequence[_SampleRow]) -> None:
        """Use the only other column that holds times. Raises UnknownColumns if there are several, and InvalidFile if there are none."""
        seen = [(path[-1], value) for path in self._columns for value in islice(self._values_at(path, rows), 1)]
        candidates = [] if self._chosen_column else self._find_other_columns(rows)
        is_open = len(candidates) > 1 or (not candidates and self._has_times_elsewhere(rows))
        if self._chosen_column or is_open:
            raise time_questions.ask_for_column(self._chosen_column, seen, [row.post for row in rows])
        if not candidates:
            names = dict.fromkeys(path[0] for row in rows for path in row.field_paths.get("created_at", ()))
            raise time_questions.no_times_error(seen, list(names))
        self._extra_paths = (candidates[0],)
        self._list_paths.cache_clear()
        self._column(candidates[0]).survey((value, None) for value in self._values_at(candidates[0], rows))
        if seen:
            column, reason = defer_quote(str(candidates[0][0])), time_questions.describe_values(seen)
            self._tally.add_notice("other_column", example=deferred("%(column)s, because %(reason)s", column=column, reason=reason))

    def _has_times_elsewhere(self, rows: Sequence[_SampleRow]) -> bool:
        """Return whether columns of any other name may have the times."""
        posts = [row.post for row in rows[:INSPECTED_ROWS]]
        columns = list(dict.fromkeys(chain.from_iterable(posts)))
        candidates = list_candidates("created_at", columns, [[post.get(column) for column in columns] for post in posts])
        return not {path[0] for path in self._columns}.issuperset(candidates)

    def _find_other_columns(self, rows: Sequence[_SampleRow]) -> list[KeyPath]:
        keys = [key for key in dict.fromkeys(chain.from_iterable(row.post for row in rows)) if isinstance(key, str)]
        named = [key for key in keys if (key,) not in self._columns and _TIME_NAME.search(key) and not _OTHER_TIME_NAME.search(key)]
        return [(key,) for key in named if self._is_mostly_readable((key,), rows)]

    def _is_mostly_readable(self, path: KeyPath, rows: Sequence[_SampleRow]) -> bool:
        column, values = TimeColumn(self._choices, split_column_name(path[-1])[1]), list(self._values_at(path, rows))
        column.survey((value, None) for value in values)
        read_count = sum(isinstance(result, ReadTime) or result is Problem.UNKNOWN_ORDER for result in map(column.parse, values))
        return read_count > 0 and read_count >= _MIN_READABLE_SHARE * len(values)


def _parse_snowflake_day(value: Any) -> date | None:
    """Return the day that an ID of X reveals, None for other IDs."""
    text = str(value) if isinstance(value, (str, int)) else ""
    if not _SNOWFLAKE_PATTERN.fullmatch(text):
        return None
    return (_SNOWFLAKE_ORIGIN + timedelta(milliseconds=int(text) >> 22)).date()


def _describe_problem(value: Any, location: str) -> str:
    return deferred("%(value)s in %(place)s", value=defer_quote(format_sample_cell(value)), place=defer_place(location))
