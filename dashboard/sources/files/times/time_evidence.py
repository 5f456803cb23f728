"""Surveys the values of one column of times, and decides what they have in common: the order of dates, zones, and whether they're dates.

No value is turned into a time here: `column.py` does that.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import date, datetime, time
from typing import Any

from dashboard.core.plausible_times import EARLIEST_POST_AT, FUTURE_TOLERANCE
from dashboard.sources.files.times import grammar
from dashboard.sources.files.times.choices import TimeChoices
from dashboard.sources.files.times.date_order import DateOrder
from dashboard.sources.files.times.grammar import WrittenTime
from dashboard.sources.files.times.iso_times import looks_like_iso
from dashboard.sources.files.times.numeric_times import NUMBER_PATTERN, SHORT_DATE_PATTERN, parse_epoch, to_float
from dashboard.sources.files.times.zones import list_meanings, resolve_zone

MIN_MIDNIGHTS = 3  # times that all are midnight, from which on they are dates
_MONTHS, _MIN_CELL_DATES = 12, 2


class TimeEvidence:
    """What the values of a column show.

    `order` is that of the day and the month, None if it isn't known. `zone_names` are the abbreviations of zones in the column.
    `has_only_midnights`: all times are midnight where they were written, so that only their dates count.
    `unconverted_example` is a date that a spreadsheet left as a text, "" if there is none. `short_date_example` is the first date in six
    digits.
    """

    def __init__(self, choices: TimeChoices, zone_in_name: str) -> None:
        self._choices = choices
        self.date_order = DateOrder((choices.now + FUTURE_TOLERANCE).date(), choices.order, choices.usual_order)
        self.order = choices.order or choices.usual_order
        self.zone_names = {zone_in_name.upper()} - {""}
        self._clock_count, self._midnight_count, self.has_only_midnights = 0, 0, False
        self._cell_dates, self._has_late_cell_date = set[str](), False  # as workbooks hold them; a few are enough
        self._has_convertible_text, self.unconverted_example = False, ""
        self.short_date_example, self._has_only_months = "", True

    def survey(self, values: Iterable[tuple[Any, date | None]]) -> None:
        """Take pairs of a value and the day of another time in its row, None if unknown, as evidence, and decide again what they show."""
        for value, reference in values:
            if (
                self._add_short_date_evidence(value, reference)
                or self._add_number_evidence(value)
                or not isinstance(value, str)
                or self._add_iso_evidence(value)
            ):
                continue
            if written := grammar.parse_text(value):
                self._add_evidence(written, value, reference)
        self.order = self.date_order.decide()
        self.has_only_midnights = self._clock_count >= MIN_MIDNIGHTS and self._midnight_count == self._clock_count

    def _add_short_date_evidence(self, value: Any, reference: date | None) -> bool:
        """Add a date in six digits to the evidence, and return whether the value is one."""
        text = str(value) if isinstance(value, (int, str)) else ""
        if SHORT_DATE_PATTERN.fullmatch(text) is None:
            return False
        self.date_order.add(grammar.parse_short_date(text), text, reference)
        self.short_date_example = self.short_date_example or text
        self._has_only_months = self._has_only_months and self._may_be_month(text)
        return True

    def _may_be_month(self, digits: str) -> bool:
        """Return whether six digits may be a year and a month, such as 202011."""
        year, month = int(digits[:4]), int(digits[4:])
        return EARLIEST_POST_AT.year <= year <= self._choices.now.year and 1 <= month <= _MONTHS

    def _add_number_evidence(self, value: Any) -> bool:
        """Add a number of seconds since 1970, or of fractions of them, to the evidence, and return whether the value is a number."""
        is_number = isinstance(value, (int, float)) or (isinstance(value, str) and NUMBER_PATTERN.fullmatch(value) is not None)
        with suppress(OverflowError):
            if is_number and not isinstance(value, bool) and (moment := parse_epoch(to_float(value))):
                self._clock_count += 1
                self._midnight_count += moment.time() == time()
        return is_number

    def _add_iso_evidence(self, value: str) -> bool:
        """Add a time in ISO 8601 to the evidence, and return whether it is one."""
        if not looks_like_iso(value):
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
            self.zone_names.add(written.zone.upper())
        if written.clock is not None:
            self._clock_count += 1
            self._midnight_count += written.clock == time() and not written.is_end_of_day

    @property
    def has_swapped_dates(self) -> bool:
        """Whether a spreadsheet seems to have read the day as the month: dates with a day above 12 are still texts, and only those are."""
        has_early_dates_only = len(self._cell_dates) >= _MIN_CELL_DATES and not self._has_late_cell_date
        return has_early_dates_only and bool(self.unconverted_example) and not self._has_convertible_text

    @property
    def may_have_months(self) -> bool:
        """Whether all six-digit values may be a year and a month, which isn't a date, and nobody has said what comes first."""
        return bool(self.short_date_example) and self._has_only_months and self._choices.order is None

    @property
    def has_unknown_order(self) -> bool:
        """Whether dates could mean two days, and nothing in the column or a person says which."""
        return self.order is None and (self.date_order.is_needed or self.date_order.is_contradictory)

    @property
    def has_questions(self) -> bool:
        """Whether more values might show what those so far leave open."""
        return self.has_unknown_order or self.may_have_months or bool(self.ambiguous_zones)

    @property
    def unknown_zones(self) -> list[str]:
        """The names of zones that nobody knows, unless a person has chosen the zone of the file."""
        now = self._choices.now.replace(tzinfo=None)
        unresolved = (name for name in sorted(self.zone_names) if not resolve_zone(name, now, None, self.zone_names))
        return [name for name in unresolved if not list_meanings(name)] if self._choices.zone is None else []

    @property
    def ambiguous_zones(self) -> dict[str, list[str]]:
        """The abbreviations with several meanings that the column doesn't resolve, with their meanings."""
        now = self._choices.now.replace(tzinfo=None)
        unresolved = [name for name in sorted(self.zone_names) if not resolve_zone(name, now, None, self.zone_names)]
        return {name: meanings for name in unresolved if (meanings := list_meanings(name))}
