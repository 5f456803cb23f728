"""Turns the local times of one column into instants in UTC: by their own zone, their row's, the column's, or the chosen one.

How values are parsed belongs in `column.py` and `grammar.py`, and how zones are named in `zones.py` and `zone_columns.py`.
"""

from datetime import UTC, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from dashboard.sources.files.times import grammar
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.grammar import DOTTED_ORDERS, WrittenTime
from dashboard.sources.files.times.numeric_times import build_date
from dashboard.sources.files.times.read_times import Problem, ReadTime
from dashboard.sources.files.times.time_evidence import TimeEvidence
from dashboard.sources.files.times.zone_columns import find_zone
from dashboard.sources.files.times.zones import list_meanings, parse_offset, resolve_zone


class LocalTimes:
    """The local times of a column, of which `evidence` says what they have in common. `zone_in_name` is the zone in the column's name."""

    def __init__(self, choices: TimeChoices, zone_in_name: str, evidence: TimeEvidence) -> None:
        self._choices, self._zone_in_name, self._evidence = choices, zone_in_name, evidence

    def locate_written(self, written: WrittenTime, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        """Return a time that was parsed from a text, whose order of day and month the column decides, or why it isn't one."""
        order = written.orders[0] if len(written.orders) == 1 else self._evidence.order or _only_meaning(written)
        if order is None:
            has_day = any(build_date(written.numbers, possible) for possible in written.orders)
            return Problem.UNKNOWN_ORDER if has_day else Problem.UNREADABLE
        if order not in written.orders:
            order = _only_meaning(written) or DOTTED_ORDERS[0]
        day = build_date(written.numbers, order) if order in written.orders else None
        if day is None:
            return Problem.UNREADABLE
        local = datetime.combine(day, written.clock or time()) + timedelta(days=written.is_end_of_day)
        if read_date := self.take_date(local, row_clock):
            return read_date
        if written.zone is None or written.clock is None:
            return self.locate(local, written.clock is not None, row_zone, row_clock)
        return self._locate_in_zone(local, written.zone, row_zone)

    def _locate_in_zone(self, local: datetime, zone: timedelta | str, row_zone: Any) -> ReadTime | Problem:
        if isinstance(zone, timedelta):
            return ReadTime((local - zone).replace(tzinfo=UTC))
        resolved = resolve_zone(zone, local, self._choices.zone, self._evidence.zone_names)
        offset = parse_offset(row_zone) if resolved is None and isinstance(row_zone, str) else None
        if offset is not None:
            return ReadTime((local - offset).replace(tzinfo=UTC))
        if resolved is None and list_meanings(zone):
            return Problem.AMBIGUOUS_ZONE
        if resolved is None and self._choices.zone is None:
            return Problem.UNKNOWN_ZONE
        return _to_utc(local, resolved) if resolved else _to_utc(local, self._choices.zone or UTC)._replace(is_zoneless=True)

    def locate(self, local: datetime, has_clock: bool, row_zone: Any, row_clock: Any) -> ReadTime | Problem:
        """Return a time without a zone of its own: a date, or a time in the zone of its column's name, of its row, or the chosen one.

        Beside a column “Date (UTC)”, a column of zones says where people are. Without any zone, it's UTC.
        """
        is_date = not has_clock or local.time() == time()  # spreadsheets write dates as midnight
        clock, clock_zone = _read_clock(row_clock, local) if is_date and isinstance(row_clock, str) else (None, None)
        if clock is not None and clock_zone is not None:
            return self._locate_in_zone(datetime.combine(local, clock), clock_zone, row_zone)
        if clock is not None:
            local, has_clock = datetime.combine(local, clock), True
        if not has_clock or (clock is None and self._evidence.has_only_midnights and local.time() == time()):
            return ReadTime(local.replace(tzinfo=UTC), is_date=True)
        is_named = bool(self._zone_in_name) and not list_meanings(self._zone_in_name)
        if not is_named and (zone := find_zone(row_zone, local, self._choices.zone, self._evidence.zone_names)):
            return _to_utc(local, zone)
        if self._zone_in_name:
            offset = parse_offset(self._zone_in_name)
            return self._locate_in_zone(local, self._zone_in_name if offset is None else offset, None)
        return _to_utc(local, self._choices.zone or UTC)._replace(is_zoneless=True)

    def take_date(self, moment: datetime, row_clock: Any = None) -> ReadTime | None:
        """Return the date of a midnight if all times of the column are midnight: pandas and JavaScript write dates like that.

        None for any other time, and for a local date with a time of day in its row.
        """
        if not self._evidence.has_only_midnights or moment.time() != time():
            return None
        clock, zone = _read_clock(row_clock, moment) if isinstance(row_clock, str) else (None, None)
        if clock is None:
            return ReadTime(moment.replace(tzinfo=UTC), is_date=True)
        is_located = moment.tzinfo is not None and zone is None
        return ReadTime(datetime.combine(moment, clock, moment.tzinfo).astimezone(UTC)) if is_located else None


def _read_clock(text: str, day: datetime) -> tuple[time | None, timedelta | str | None]:
    """Return the time of day in a column of its own, and its zone; None for what it doesn't have."""
    if clock := grammar.parse_clock(text):
        return clock, None
    written = grammar.parse_text(f"{day:%Y-%m-%d} {text.strip()}")
    return (written.clock, written.zone) if written and not written.is_end_of_day else (None, None)


def _only_meaning(written: WrittenTime) -> str | None:
    """Return an order if all orders that give a day give the same one."""
    days = {order: day for order in written.orders if (day := build_date(written.numbers, order))}
    return next(iter(days)) if len(set(days.values())) == 1 else None


def _to_utc(local: datetime, zone: tzinfo) -> ReadTime:
    """Return a local time in UTC; of a time that clocks show twice, the first one."""
    moment = local.replace(tzinfo=zone)
    is_repeated = not isinstance(zone, timezone) and moment.utcoffset() > moment.replace(fold=1).utcoffset()  # type: ignore[operator]
    return ReadTime(moment.astimezone(UTC), is_repeated=is_repeated)
