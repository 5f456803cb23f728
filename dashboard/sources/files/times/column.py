"""Reads the times of one column: first a survey of its values, which decides what they have in common, then each value.

Formats that are fast to recognize come first; everything else goes through `grammar.py`. Which column holds the times of posts, and what
people are told about it, is decided by the readers.
"""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from enum import Enum
from operator import attrgetter
from typing import Any, NamedTuple

from dashboard.core.plausible_times import FUTURE_TOLERANCE, is_plausible
from dashboard.sources.files.times import grammar
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.date_order import DateOrder
from dashboard.sources.files.times.grammar import DOTTED_ORDERS, MAX_TIME_CHARS, MONTH_NUMBERS, WrittenTime
from dashboard.sources.files.times.numeric_times import build_date, parse_compact, parse_epoch, parse_serial
from dashboard.sources.files.times.zone_columns import find_zone
from dashboard.sources.files.times.zones import list_meanings, parse_offset, resolve_zone

_MONTHS, _MIN_CELL_DATES = 12, 2
_CLEAR_ISO_CHARS = 16  # of 2026-11-02T10:15
MIN_MIDNIGHTS = 3  # times that all are midnight, from which on they are dates

_NUMBER_PATTERN = re.compile(r"\d{5,19}(?:[.,]\d*)?|\d{1,3}(?:,\d{3}){3,5}", re.ASCII)  # the last one is 1,793,650,500
_NET_DATE_PATTERN = re.compile(r"/Date\((\d{12,13})(?:[+-]\d{4})?\)/", re.ASCII)  # as .NET writes milliseconds
_BASIC_ISO_PATTERN = re.compile(r"\d{8}T\d{4}(\d\d(\.\d+)?)?(Z|[+-]\d\d:?(\d\d)?)?", re.ASCII)
_X_TIME_PATTERN = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})", re.ASCII)


class ReadTime(NamedTuple):
    """A time that was read: an instant in UTC or, if `is_date`, the midnight in UTC that begins the day.

    `is_zoneless`: its zone isn't in the file. `is_repeated`: clocks showed it twice, and the earlier of both was taken.
    """

    moment: datetime
    is_date: bool = False
    is_zoneless: bool = False
    is_repeated: bool = False


class AlikeTimes(NamedTuple):
    """Times that are all written alike, as instants in UTC. `are_zoneless`: their zone isn't in the file."""

    moments: Sequence[datetime]
    are_zoneless: bool


class Problem(Enum):
    """Why a value isn't a time."""

    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"  # before 2006, or in the future
    AMBIGUOUS_ZONE = "ambiguous_zone"
    UNKNOWN_ZONE = "unknown_zone"
    UNKNOWN_ORDER = "unknown_order"


class TimeColumn:
    """The times of one column, whose dates all have the day and the month in the same order.

    `zone_in_name` is the zone that the column's name says its times are in.
    """

    def __init__(self, choices: TimeChoices, zone_in_name: str = "") -> None:
        self._choices, self._zone_in_name = choices, zone_in_name
        self.date_order = DateOrder((choices.now + FUTURE_TOLERANCE).date(), choices.order, choices.usual_order)
        self._order = choices.order or choices.usual_order
        self._zone_names = {zone_in_name.upper()} - {""}
        self._clock_count, self._midnight_count, self._midnights_are_dates = 0, 0, False
        self._cell_dates, self._has_late_cell_date = set[str](), False  # as workbooks hold them; a few are enough
        self._has_convertible_text, self.unconverted_example = False, ""

    def survey(self, values: Iterable[tuple[Any, date | None]]) -> None:
        """Take pairs of a value and the day of another time in its row, None if unknown, as evidence, and decide again what they show."""
        for value, reference in values:
            if self._add_number_evidence(value) or not isinstance(value, str) or self._add_iso_evidence(value):
                continue
            if written := grammar.parse_text(value):
                self._add_evidence(written, value, reference)
        self._order = self.date_order.decide()
        self._midnights_are_dates = self._clock_count >= MIN_MIDNIGHTS and self._midnight_count == self._clock_count

    def _add_number_evidence(self, value: Any) -> bool:
        """Add a number of seconds since 1970, or of fractions of them, to the evidence, and return whether the value is a number."""
        is_number = isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER_PATTERN.fullmatch(value) is not None)
        with suppress(OverflowError):
            if is_number and not isinstance(value, bool) and (moment := parse_epoch(_to_float(value))):
                self._clock_count += 1
                self._midnight_count += moment.time() == time()
        return is_number

    def _add_iso_evidence(self, value: str) -> bool:
        """Add a time in ISO 8601 to the evidence, and return whether it is one."""
        if not _looks_like_iso(value):
            return False
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            return False
        if moment.tzinfo is None and value[10:11] in ("", " "):
            self._has_late_cell_date |= moment.day > _MONTHS
            if len(self._cell_dates) < _MIN_CELL_DATES:
                self._cell_dates.add(value[:10])
        if len(value) > 10:
            self._clock_count += 1
            self._midnight_count += moment.time() == time()
        return True

    def _add_evidence(self, written: WrittenTime, value: str, reference: date | None) -> None:
        self.date_order.add(written, value, reference)
        if "mdy" in written.orders and len(written.orders) > 1:
            self._has_convertible_text |= max(written.numbers[:2]) <= _MONTHS
            self.unconverted_example = self.unconverted_example or value
        if isinstance(written.zone, str):
            self._zone_names.add(written.zone.upper())
        if written.clock is not None:
            self._clock_count += 1
            self._midnight_count += written.clock == time() and not written.is_end_of_day

    @property
    def has_only_midnights(self) -> bool:
        """Whether all times are midnight where they were written, so that only their dates count."""
        return self._midnights_are_dates

    @property
    def has_swapped_dates(self) -> bool:
        """Whether a spreadsheet seems to have read the day as the month: dates with a day above 12 are still texts, and only those are."""
        has_early_dates_only = len(self._cell_dates) >= _MIN_CELL_DATES and not self._has_late_cell_date
        return has_early_dates_only and bool(self.unconverted_example) and not self._has_convertible_text

    @property
    def has_unknown_order(self) -> bool:
        """Whether dates could mean two days, and nothing in the column or a person says which."""
        return self._order is None and (self.date_order.is_needed or self.date_order.is_contradictory)

    @property
    def unknown_zones(self) -> list[str]:
        """The names of zones that nobody knows, unless a person has chosen the zone of the file."""
        now = self._choices.now.replace(tzinfo=None)
        unresolved = (name for name in sorted(self._zone_names) if not resolve_zone(name, now, None, self._zone_names))
        return [name for name in unresolved if not list_meanings(name)] if self._choices.zone is None else []

    @property
    def ambiguous_zones(self) -> dict[str, list[str]]:
        """The abbreviations with several meanings that the column doesn't resolve, with their meanings."""
        now = self._choices.now.replace(tzinfo=None)
        unresolved = [name for name in sorted(self._zone_names) if not resolve_zone(name, now, None, self._zone_names)]
        return {name: meanings for name in unresolved if (meanings := list_meanings(name))}

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
        if self._midnights_are_dates or (self._zone_in_name and not is_utc) or not _look_like_clear_iso(values):
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
            if _looks_like_iso(value):
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
            if len(text) <= MAX_TIME_CHARS and _NUMBER_PATTERN.fullmatch(text):
                return self._locate_number(_to_float(text), text, row_zone, row_clock)
            written = grammar.parse_text(text)
            return self._locate_written(written, row_zone, row_clock) if written else Problem.UNREADABLE
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return self._locate_number(float(value), str(value), row_zone, row_clock)
        return Problem.UNREADABLE

    def _locate_iso(self, value: str, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        """Parse ISO 8601. Raises ValueError if the value only looks like it."""
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is not None:
            return self._take_date(moment) or ReadTime(moment if moment.tzinfo is UTC else moment.astimezone(UTC))
        return self._locate(moment, len(value) > 10, row_zone, row_clock)

    def _take_date(self, moment: datetime) -> ReadTime | None:
        """Return the date of a midnight if all times of the column are midnight: pandas and JavaScript write dates like that."""
        if self._midnights_are_dates and moment.time() == time():
            return ReadTime(moment.replace(tzinfo=UTC), is_date=True)
        return None

    def _locate_number(self, number: float, text: str, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        moment = parse_epoch(number)
        if moment is not None and is_plausible(moment, self._choices.now):
            return self._take_date(moment) or ReadTime(moment)
        local = parse_serial(number) or parse_compact(text)
        if local is not None:
            return self._locate(*local, row_zone, row_clock)
        return Problem.IMPOSSIBLE if moment is not None or number == 0 else Problem.UNREADABLE

    def _locate_written(self, written: WrittenTime, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        order = written.orders[0] if len(written.orders) == 1 else self._order or _only_meaning(written)
        if order is None:
            has_day = any(build_date(written.numbers, possible) for possible in written.orders)
            return Problem.UNKNOWN_ORDER if has_day else Problem.UNREADABLE
        if order not in written.orders:
            order = _only_meaning(written) or DOTTED_ORDERS[0]
        day = build_date(written.numbers, order) if order in written.orders else None
        if day is None:
            return Problem.UNREADABLE
        local = datetime.combine(day, written.clock or time()) + timedelta(days=written.is_end_of_day)
        if read_date := self._take_date(local):
            return read_date
        if written.zone is None or written.clock is None:
            return self._locate(local, written.clock is not None, row_zone, row_clock)
        return self._locate_in_zone(local, written.zone, row_zone)

    def _locate_in_zone(self, local: datetime, zone: timedelta | str, row_zone: Any) -> ReadTime | Problem:
        if isinstance(zone, timedelta):
            return ReadTime((local - zone).replace(tzinfo=UTC))
        resolved = resolve_zone(zone, local, self._choices.zone, self._zone_names)
        offset = parse_offset(row_zone) if resolved is None and isinstance(row_zone, str) else None
        if offset is not None:
            return ReadTime((local - offset).replace(tzinfo=UTC))
        if resolved is None and list_meanings(zone):
            return Problem.AMBIGUOUS_ZONE
        if resolved is None and self._choices.zone is None:
            return Problem.UNKNOWN_ZONE
        return _to_utc(local, resolved) if resolved else _to_utc(local, self._choices.zone or UTC)._replace(is_zoneless=True)

    def _locate(self, local: datetime, has_clock: bool, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        """Return a time without a zone of its own: a date, or a time in the zone of its column's name, of its row, or the chosen one.

        Beside a column “Date (UTC)”, a column of zones says where people are. Without any zone, it's UTC.
        """
        is_date = not has_clock or local.time() == time()  # spreadsheets write dates as midnight
        clock, clock_zone = _read_clock(row_clock, local) if is_date and isinstance(row_clock, str) else (None, None)
        if clock is not None and clock_zone is not None:
            return self._locate_in_zone(datetime.combine(local, clock), clock_zone, row_zone)
        if clock is not None:
            local, has_clock = datetime.combine(local, clock), True
        if not has_clock or (self._midnights_are_dates and local.time() == time()):
            return ReadTime(local.replace(tzinfo=UTC), is_date=True)
        is_named = bool(self._zone_in_name) and not list_meanings(self._zone_in_name)
        if not is_named and (zone := find_zone(row_zone, local, self._choices.zone, self._zone_names)):
            return _to_utc(local, zone)
        if self._zone_in_name:
            offset = parse_offset(self._zone_in_name)
            return self._locate_in_zone(local, self._zone_in_name if offset is None else offset, None)
        return _to_utc(local, self._choices.zone or UTC)._replace(is_zoneless=True)


def _read_clock(text: str, day: datetime) -> tuple[time | None, timedelta | str | None]:
    """Return the time of day in a column of its own, and its zone; None for what it doesn't have."""
    if clock := grammar.parse_clock(text):
        return clock, None
    written = grammar.parse_text(f"{day:%Y-%m-%d} {text.strip()}")
    return (written.clock, written.zone) if written and not written.is_end_of_day else (None, None)


def _to_float(number: Any) -> float:
    """Return a number, whose text has a decimal point, a decimal comma, or commas between groups of digits."""
    if isinstance(number, str):
        number = number.replace(",", "") if number.count(",") > 1 else number.replace(",", ".")
    return float(number)


def _looks_like_iso(value: str) -> bool:
    """Return whether a text begins like ISO 8601, without fractions of hours or minutes: 21.30 isn't 21 hours and 18 minutes."""
    return value[4:5] == "-" and value[10:11] in _ISO_SEPARATORS and value[13:14] not in _FRACTION and value[16:17] not in _FRACTION


def _look_like_clear_iso(values: Sequence[Any]) -> bool:
    """Return whether all values are texts of the same length with a time of day that begin like ISO 8601, as `_looks_like_iso` does."""
    if set(map(type, values)) != {str} or len(lengths := set(map(len, values))) > 1 or (length := lengths.pop()) < _CLEAR_ISO_CHARS:
        return False
    joined = "".join(values)
    at = [set(joined[position::length]) for position in (4, 10, 13, 16)]  # each has the characters of all values at one position
    return at[0] == {"-"} and at[1] <= {"T", " ", "t"} and at[2].isdisjoint(_FRACTION) and at[3].isdisjoint(_FRACTION)


_ISO_SEPARATORS, _FRACTION = ("T", " ", "t", ""), (".", ",")


def _only_meaning(written: WrittenTime) -> str | None:
    """Return an order if all orders that give a day give the same one."""
    days = {order: day for order in written.orders if (day := build_date(written.numbers, order))}
    return next(iter(days)) if len(set(days.values())) == 1 else None


def _to_utc(local: datetime, zone: tzinfo) -> ReadTime:
    """Return a local time in UTC; of a time that clocks show twice, the first one."""
    moment = local.replace(tzinfo=zone)
    is_repeated = not isinstance(zone, timezone) and moment.utcoffset() > moment.replace(fold=1).utcoffset()  # type: ignore[operator]
    return ReadTime(moment.astimezone(UTC), is_repeated=is_repeated)
