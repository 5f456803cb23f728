"""Parses times in all the formats that files use, into aware datetimes in UTC.

Nothing depends on the locale or the current time, and nothing is guessed: an ambiguous date is rejected.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from dashboard.sources.files.readers.import_tally import ImportTally

MAX_TIME_CHARS = 64
MONTH_NUMBERS = {name: n for n, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_X_TIME_PATTERN = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})", re.ASCII)
_EPOCH_PATTERN = re.compile(r"\d{9,19}(\.\d*)?", re.ASCII)
_ZONED_TIME_PATTERN = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(UTC|GMT|[+-]\d\d:?\d\d|[A-Z]{2,5})", re.ASCII)
_UTC_OFFSET_PATTERN = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_NUMERIC_DATE_PATTERN = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,? +(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.ASCII | re.IGNORECASE
)
_EPOCH_SCALES = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))  # seconds, milli-, micro- and nanoseconds


class TimestampParser:
    """Parses the times of one file, whose dates all have the day and the month in the same order."""

    def __init__(self, tally: ImportTally) -> None:
        self._tally, self._day_first = tally, None

    _day_first: bool | None

    def detect_date_order(self, values: Iterable[Any]) -> None:
        """Detect from sample values whether the day or the month comes first; contradictory values leave it unknown."""
        texts = (value.strip()[:MAX_TIME_CHARS] for value in values if isinstance(value, str))
        dates = [match for text in texts if (match := _NUMERIC_DATE_PATTERN.fullmatch(text))]
        has_day_first, has_month_first = any(int(date[1]) > 12 for date in dates), any(int(date[3]) > 12 for date in dates)
        self._day_first = has_day_first if has_day_first != has_month_first else None

    def parse(self, value: Any, zone: Any = None) -> datetime | None:
        """Return a time in UTC, or None if it is missing, malformed or outside 2006 to 2099; `zone` is an offset from another column."""
        try:
            moment = self._parse(value, zone)
        except (ValueError, OverflowError, TypeError, IndexError, KeyError):
            moment = None
        if moment is None or not 2006 <= moment.year < 2100:
            self._tally.add_notice("untimed")
            return None
        return moment

    def _parse(self, value: Any, zone: Any) -> datetime | None:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return _parse_epoch(float(value))
        if not isinstance(value, str):
            return None
        text = value.strip()[: MAX_TIME_CHARS + 1]
        if len(text) > MAX_TIME_CHARS:
            return None
        if match := _X_TIME_PATTERN.fullmatch(text):
            month, day, hour, minute, second, year = match.groups()
            return datetime(int(year), MONTH_NUMBERS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        if _EPOCH_PATTERN.fullmatch(text):
            return _parse_epoch(float(text))
        return self._parse_text(text, zone)

    def _parse_text(self, text: str, zone: Any) -> datetime | None:
        if match := _ZONED_TIME_PATTERN.fullmatch(text):
            offset = "+00:00" if match[2] in ("UTC", "GMT") else match[2]
            return self._to_utc(datetime.fromisoformat(match[1]), offset if _UTC_OFFSET_PATTERN.fullmatch(offset) else zone)
        if match := _NUMERIC_DATE_PATTERN.fullmatch(text):
            return self._parse_numeric_date(match, zone)
        try:
            return self._to_utc(datetime.fromisoformat(text.replace("/", "-")), zone)
        except ValueError:
            return self._to_utc(parsedate_to_datetime(text), zone)

    def _parse_numeric_date(self, match: re.Match[str], zone: Any) -> datetime | None:
        """Parse a date as spreadsheets write it; in dates with dots the day comes first."""
        day_first = True if match[2] == "." else self._day_first
        if day_first is None:
            self._tally.add_notice("ambiguous")
            return None
        day, month = (int(match[1]), int(match[3])) if day_first else (int(match[3]), int(match[1]))
        hour = int(match[5] or 0)
        if match[8]:
            hour = hour % 12 + (12 if match[8] in "pP" else 0)
        return self._to_utc(datetime(int(match[4]), month, day, hour, int(match[6] or 0), int(match[7] or 0)), zone)

    def _to_utc(self, timestamp: datetime, zone: Any) -> datetime:
        """Convert a time to UTC by its own zone, else by `zone`; a time with neither is taken as UTC and adds a notice."""
        if timestamp.tzinfo:
            return timestamp.astimezone(UTC)
        offset = _UTC_OFFSET_PATTERN.fullmatch(zone.strip()) if isinstance(zone, str) else None
        if offset is None:
            self._tally.add_notice("zoneless")
            return timestamp.replace(tzinfo=UTC)
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return timestamp.replace(tzinfo=timezone(-span if offset[1] == "-" else span)).astimezone(UTC)


def format_x_timestamp(timestamp: datetime) -> str:
    """Return a UTC time in the format of X's archives, to the second and in English whatever the locale."""
    month = next(name for name, number in MONTH_NUMBERS.items() if number == timestamp.month)
    return f"{WEEKDAYS[timestamp.weekday()]} {month} {timestamp:%d %H:%M:%S} +0000 {timestamp.year:04}"


def _parse_epoch(epoch: float) -> datetime | None:
    scale = next((scale for bound, scale in _EPOCH_SCALES if 1e8 <= epoch < bound), None)
    return datetime.fromtimestamp(epoch / scale, UTC) if scale else None
