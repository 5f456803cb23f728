"""Reads the times of one column: first a survey of its values, which decides what they have in common, then each value.

Formats that are fast to recognize come first; everything else goes through `grammar.py`. What the survey looks at is in `time_evidence.py`,
and how zones are applied in `local_times.py`. Which column holds the times of posts is decided by the readers.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from operator import attrgetter
from typing import Any

from dashboard.core.plausible_times import is_plausible
from dashboard.sources.files.times import grammar
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.grammar import MAX_TIME_CHARS, MONTH_NUMBERS
from dashboard.sources.files.times.iso_times import look_like_clear_iso, looks_like_iso
from dashboard.sources.files.times.local_times import LocalTimes
from dashboard.sources.files.times.numeric_times import (
    NUMBER_PATTERN,
    SHORT_DATE_PATTERN,
    parse_compact,
    parse_epoch,
    parse_serial,
    to_float,
)
from dashboard.sources.files.times.read_times import AlikeTimes, Problem, ReadTime
from dashboard.sources.files.times.time_evidence import TimeEvidence
from dashboard.sources.files.times.zones import parse_offset

_NET_DATE_PATTERN = re.compile(r"/Date\((\d{12,13})(?:[+-]\d{4})?\)/", re.ASCII)  # as .NET writes milliseconds
_BASIC_ISO_PATTERN = re.compile(r"\d{8}T\d{4}(\d\d(\.\d+)?)?(Z|[+-]\d\d:?(\d\d)?)?", re.ASCII)
_X_TIME_PATTERN = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})", re.ASCII)


class TimeColumn:
    """The times of one column, whose dates all have the day and the month in the same order.

    `zone_in_name` is the zone that the column's name says its times are in.
    """

    def __init__(self, choices: TimeChoices, zone_in_name: str = "") -> None:
        self._choices, self._zone_in_name = choices, zone_in_name
        self.evidence = TimeEvidence(choices, zone_in_name)
        self._local_times = LocalTimes(choices, zone_in_name, self.evidence)

    def survey(self, values: Iterable[tuple[Any, date | None]]) -> None:
        """Take pairs of a value and the day of another time in its row, None if unknown, as evidence, and decide again what they show."""
        self.evidence.survey(values)

    def parse(self, value: Any, row_zone: Any = None, row_clock: Any = None) -> ReadTime | Problem:
        """Return a value as a time, or why it isn't one.

        `row_zone` is a zone and `row_clock` a time of day from other columns; they count where the value has none.
        """
        try:
            result = self._parse(value, row_zone, row_clock)
        except (ValueError, OverflowError, TypeError):
            return Problem.UNREADABLE
        if isinstance(result, ReadTime) and not is_plausible(result.moment, self._choices.now):
            return Problem.IMPOSSIBLE
        return result

    def parse_alike(self, values: Sequence[Any]) -> AlikeTimes | None:
        """Return times if all are ISO 8601 of the same length and plausible, as in most files; None otherwise.

        `parse` gives the same for each, if its row has no other zone or clock, but takes five times as long.
        """
        is_utc = parse_offset(self._zone_in_name or "-1") == timedelta()
        if self.evidence.has_only_midnights or (self._zone_in_name and not is_utc) or not look_like_clear_iso(values):
            return None
        try:
            moments, are_zoneless = list(map(datetime.fromisoformat, values)), False
            if moments[0].tzinfo is None and (is_utc or self._choices.zone is None):
                moments, are_zoneless = (
                    [datetime.fromisoformat(f"{value}Z") for value in values],
                    not is_utc,
                )  # fails if another one has a zone
        except ValueError:
            return None
        zones = set(map(attrgetter("tzinfo"), moments))
        if None in zones or not all(is_plausible(moment, self._choices.now) for moment in (min(moments), max(moments))):
            return None
        return AlikeTimes(moments if zones == {UTC} else [moment.astimezone(UTC) for moment in moments], are_zoneless)

    def _parse(self, value: Any, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        if isinstance(value, str):
            if looks_like_iso(value):
                try:  # as the time of nearly every post, without what suppress takes
                    return self._locate_iso(value, row_zone, row_clock)
                except ValueError:
                    pass
            elif match := _X_TIME_PATTERN.fullmatch(value):
                month, day, hour, minute, second, year = match.groups()
                if month in MONTH_NUMBERS:
                    return ReadTime(datetime(int(year), MONTH_NUMBERS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC))
            text = value.strip()
            if match := _NET_DATE_PATTERN.fullmatch(text):
                text = match[1]
            elif _BASIC_ISO_PATTERN.fullmatch(text):
                return self._locate_iso(text, row_zone, row_clock)
            if SHORT_DATE_PATTERN.fullmatch(text):
                return self._locate_short_date(text, row_zone, row_clock)
            if len(text) <= MAX_TIME_CHARS and NUMBER_PATTERN.fullmatch(text):
                return self._locate_number(to_float(text), text, row_zone, row_clock)
            written = grammar.parse_text(text)
            return self._local_times.locate_written(written, row_zone, row_clock) if written else Problem.UNREADABLE
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            if SHORT_DATE_PATTERN.fullmatch(str(value)):
                return self._locate_short_date(str(value), row_zone, row_clock)
            return self._locate_number(float(value), str(value), row_zone, row_clock)
        return Problem.UNREADABLE

    def _locate_iso(self, value: str, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        """Parse ISO 8601. Raises ValueError if the value only looks like it."""
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return self._local_times.take_date(moment, row_clock) or ReadTime(moment if moment.tzinfo is UTC else moment.astimezone(UTC))
        return self._local_times.locate(moment, len(value) > 10, row_zone, row_clock)

    def _locate_short_date(self, digits: str, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        if self.evidence.may_have_months:
            return Problem.UNREADABLE
        return self._local_times.locate_written(grammar.parse_short_date(digits), row_zone, row_clock)

    def _locate_number(self, number: float, text: str, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        moment = parse_epoch(number)
        if moment is not None and is_plausible(moment, self._choices.now):
            return self._local_times.take_date(moment, row_clock) or ReadTime(moment)
        local = parse_serial(number) or parse_compact(text)
        if local is not None:
            return self._local_times.locate(*local, row_zone, row_clock)
        return Problem.IMPOSSIBLE if moment is not None or number == 0 else Problem.UNREADABLE
