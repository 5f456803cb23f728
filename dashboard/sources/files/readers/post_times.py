"""Reads the times of a file's posts. How one time is read belongs in the package `times`, and which columns there are in `time_columns.py`.

A question that only a person can answer is raised. What people should know about the times is counted in `time_notices.py`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from dashboard.sources.files.readers import time_questions
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value
from dashboard.sources.files.readers.import_tally import ImportTally
from dashboard.sources.files.readers.other_time_columns import find_other_columns, has_times_elsewhere
from dashboard.sources.files.readers.raw_posts import RawPosts
from dashboard.sources.files.readers.time_columns import SampleRow, TimeColumns, values_at
from dashboard.sources.files.readers.time_notices import TimeNotices
from dashboard.sources.files.times import grammar
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.number_clocks import NumberClocks, detect_number_clocks
from dashboard.sources.files.times.read_times import AlikeTimes, Problem, ReadTime

PostTime = tuple[datetime | None, bool]  # an instant in UTC, None if it is unknown, and whether only its day is known
_ROWS_WITH_CLOCKS = 10
_LATER_ROWS = 10  # rows with a time that are looked for if the first posts have none


class PostTimes:
    """The times of one file's posts, which are in `columns`. `inspect` comes first; then `parse_all` reads the times of posts."""

    def __init__(self, tally: ImportTally, choices: TimeChoices, chosen_column: str = "") -> None:
        self._choices, self._chosen_column = choices, chosen_column
        self.columns, self._notices = TimeColumns(choices), TimeNotices(tally, choices)
        self._clocks, self._has_clocks = NumberClocks(), False

    def inspect(
        self,
        sample: Sequence[tuple[RawPost, FieldPaths]],
        reopen_rest: Callable[[], Iterable[tuple[RawPost, FieldPaths]]],
    ) -> bool:
        """Survey the first posts, choose the columns that hold times, and return whether the rest of the file has to be surveyed too.

        If none of the first posts has a readable time, the rest of the file is searched for one. Raises InvalidFile if nothing is a time,
        or UnknownColumns if a person can say which column has the times.
        """
        rows = [SampleRow(*entry) for entry in sample]
        self.columns.survey(rows)
        readable_paths = {path for path in self.columns.by_path if self.columns.is_readable(path, rows)}
        if not readable_paths and self.columns.has_questions():
            self.columns.survey(reopen_rest())
            readable_paths = {path for path in self.columns.by_path if self.columns.is_readable(path, rows)}
        if not readable_paths:
            later_rows = [SampleRow(*entry) for entry in islice(filter(self.columns.has_time, reopen_rest()), _LATER_ROWS)]
            readable_paths = {path for path in self.columns.by_path if self.columns.is_readable(path, later_rows)}
        if not readable_paths:
            self._use_other_column(rows)
        self.columns.use_only(readable_paths)
        self._inspect_clocks(rows)
        return self.columns.has_questions()

    def _inspect_clocks(self, rows: Sequence[SampleRow]) -> None:
        """Detect what the numbers in a column of times of day are, and say it if the times of posts are dates without it."""
        written = [(path, value) for row in rows for path in row.field_paths.get("hour", ()) for value in values_at(path, [row])]
        if not written:
            return
        name = str(written[0][0][-1])
        self._clocks = detect_number_clocks(name, [value for path, value in written if path == written[0][0]])
        self._has_clocks = any(grammar.parse_clock(str(self._clocks.write(value))) for _, value in written)
        values = [pair for row in rows[:_ROWS_WITH_CLOCKS] for pair in self.columns.list_values(row.post, row.field_paths)]
        results = [self.columns.column(path).parse(value) for path, value in values]
        if self._clocks.example and any(isinstance(result, ReadTime) and result.is_date for result in results):
            self._notices.explain_clocks(name, self._clocks.example, self._clocks.write(self._clocks.example))

    def _use_other_column(self, rows: Sequence[SampleRow]) -> None:
        """Use the only other column that holds times. Raises UnknownColumns if there are several, and InvalidFile if there are none."""
        seen = [(path[-1], value) for path in self.columns.by_path for value in islice(values_at(path, rows), 1)]
        candidates = [] if self._chosen_column else find_other_columns(self.columns.by_path, rows, self._choices)
        is_open = len(candidates) > 1 or (not candidates and has_times_elsewhere(self.columns.by_path, rows))
        if self._chosen_column or is_open:
            raise time_questions.ask_for_column(self._chosen_column, seen, [row.post for row in rows])
        if not candidates:
            names = dict.fromkeys(path[0] for row in rows for path in row.field_paths.get("created_at", ()))
            raise time_questions.no_times_error(seen, list(names))
        self.columns.use_also(candidates[0], rows)
        if seen:
            self._notices.add_other_column(str(candidates[0][0]), time_questions.describe_values(seen))

    def check_questions(self, sample: Sequence[tuple[RawPost, FieldPaths]]) -> None:
        """Raise UnknownColumns if the order of day and month, or the zone, is a question that only a person can answer.

        Raises InvalidFile if a spreadsheet has swapped days and months.
        """
        rows = [SampleRow(*entry) for entry in sample]
        posts, results = [row.post for row in rows], list[ReadTime | Problem | None]()
        if self.columns.has_questions() or any(column.evidence.unknown_zones for column in self.columns.used_columns()):
            results = [self._read(*row)[0] for row in rows]
        for path, column in self.columns.by_path.items():
            if not self.columns.is_used(path, rows):
                continue
            evidence = column.evidence
            if evidence.has_swapped_dates:
                raise time_questions.swapped_dates_error(str(path[-1]), evidence)
            if evidence.has_unknown_order and Problem.UNKNOWN_ORDER in results:
                raise time_questions.ask_for_order(str(path[-1]), evidence, posts)
            if (evidence.ambiguous_zones or evidence.unknown_zones) and not any(isinstance(result, ReadTime) for result in results):
                raise time_questions.ask_for_zone(str(path[-1]), evidence, posts)
            self._notices.explain(evidence, has_clocks=self._has_clocks)

    def parse_all(self, batch: RawPosts, unit: str) -> tuple[Sequence[datetime | None], Sequence[bool]]:
        """Return the times of posts, as `parse` does: the instants, and whether only their days are known."""
        if (alike := self._parse_alike(batch)) is not None:
            if alike.are_zoneless:
                self._notices.count_zoneless(len(batch))
            return alike.moments, [False] * len(batch)
        times = (self.parse(batch.post(n), batch.paths(n), f"{unit} {number:,}") for n, number in enumerate(batch.numbers))
        moments, are_dates = zip(*times, strict=True)
        return moments, are_dates

    def _parse_alike(self, batch: RawPosts) -> AlikeTimes | None:
        """Return the times of posts if the first of each post's times is ISO 8601 like all others, as in most files; None otherwise."""
        field_paths = batch.shared_paths
        paths = self.columns.select_paths(field_paths.get("created_at", ())) if field_paths else ()
        if not field_paths or not paths:
            return None
        alike = self.columns.column(paths[0]).parse_alike(batch.values_at(paths[0]))
        has_other_columns = "zone" in field_paths or "hour" in field_paths
        return None if alike and alike.are_zoneless and has_other_columns else alike

    def parse(self, post: RawPost, field_paths: FieldPaths, location: str) -> PostTime:
        """Return the time of a post: the first of its times that can be read. `location` is like "line 17"."""
        result, value = self._read(post, field_paths)
        if isinstance(result, ReadTime):
            self._notices.count_time(result, first_value(post, field_paths.get("zone")))
            return result.moment, result.is_date
        if result is None:  # then the post may have a value in a column without a single time
            value = first_value(post, tuple(path for path in field_paths.get("created_at", ()) if path in self.columns.unused_paths))
        self._notices.count_problem(result, value, location)
        return None, False

    def _read(self, post: RawPost, field_paths: FieldPaths) -> tuple[ReadTime | Problem | None, Any]:
        """Return the first time of a post that can be read; else the problem with its first value, and that value; else None."""
        zone, clock = first_value(post, field_paths.get("zone")), self._clocks.write(first_value(post, field_paths.get("hour")))
        first_problem, first_raw_value = None, None
        for path in self.columns.select_paths(field_paths.get("created_at", ())):
            value = first_value(post, (path,))
            if value is None:
                continue
            result = self.columns.column(path).parse(value, zone, clock)
            if isinstance(result, ReadTime):
                return result, value
            if first_problem is None:
                first_problem, first_raw_value = result, value
        return first_problem, first_raw_value
