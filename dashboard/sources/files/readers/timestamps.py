"""Times in every form that files write them, read as aware UTC. No locale, no clock, no guess: what can be read two ways is not read."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from dashboard.sources.files.readers.import_tally import Tally

LONGEST = 64  # characters of a time
MONTHS = {name: n for n, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_X = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) (\d\d) (\d\d):(\d\d):(\d\d) \+0000 (\d{4})", re.ASCII)
_NUMBER = re.compile(r"\d{9,19}(\.\d*)?", re.ASCII)
_ZONED = re.compile(r"(\d{4}-\d\d-\d\d[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(UTC|GMT|[+-]\d\d:?\d\d|[A-Z]{2,5})", re.ASCII)
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)", re.ASCII)
_LOCAL = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:,? +(\d{1,2}):(\d\d)(?::(\d\d))?(?: ?([AP])M)?)?", re.ASCII | re.IGNORECASE)
_SCALES = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))  # seconds, milli-, micro- and nanoseconds


class Times:
    """A reader of one file's times: it knows the order of day and month once a date has shown it."""

    def __init__(self, tally: Tally) -> None:
        self._tally, self._day_first = tally, None

    _day_first: bool | None

    def learn(self, written: Iterable[Any]) -> None:
        """Find out from some times whether the day or the month comes first; a contradiction teaches nothing."""
        found = [match for one in written if isinstance(one, str) and (match := _LOCAL.fullmatch(one.strip()[:LONGEST]))]
        first, second = any(int(one[1]) > 12 for one in found), any(int(one[3]) > 12 for one in found)
        self._day_first = first if first != second else None

    def read(self, written: Any, zone: Any = None) -> datetime | None:
        """Return a time as aware UTC, None if it is missing, malformed or not of 2006 to 2099; `zone` is an offset from another column."""
        try:
            moment = self._read(written, zone)
        except (ValueError, OverflowError, TypeError, IndexError, KeyError):
            moment = None
        if moment is None or not 2006 <= moment.year < 2100:
            self._tally.notice("untimed")
            return None
        return moment

    def _read(self, written: Any, zone: Any) -> datetime | None:
        if isinstance(written, (int, float)) and not isinstance(written, bool):
            return _from_number(float(written))
        if not isinstance(written, str):
            return None
        text = written.strip()[: LONGEST + 1]
        if len(text) > LONGEST:
            return None
        if match := _X.fullmatch(text):
            month, day, hour, minute, second, year = match.groups()
            return datetime(int(year), MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        if _NUMBER.fullmatch(text):
            return _from_number(float(text))
        return self._from_words(text, zone)

    def _from_words(self, text: str, zone: Any) -> datetime | None:
        if match := _ZONED.fullmatch(text):
            known = "+00:00" if match[2] in ("UTC", "GMT") else match[2]
            return self._placed(datetime.fromisoformat(match[1]), known if _OFFSET.fullmatch(known) else zone)
        if match := _LOCAL.fullmatch(text):
            return self._from_local(match, zone)
        try:
            return self._placed(datetime.fromisoformat(text.replace("/", "-")), zone)
        except ValueError:
            return self._placed(parsedate_to_datetime(text), zone)

    def _from_local(self, match: re.Match[str], zone: Any) -> datetime | None:
        """Read a date as spreadsheets write it; points mean that the day comes first."""
        day_first = True if match[2] == "." else self._day_first
        if day_first is None:
            self._tally.notice("ambiguous")
            return None
        day, month = (int(match[1]), int(match[3])) if day_first else (int(match[3]), int(match[1]))
        hour = int(match[5] or 0)
        if match[8]:
            hour = hour % 12 + (12 if match[8] in "pP" else 0)
        return self._placed(datetime(int(match[4]), month, day, hour, int(match[6] or 0), int(match[7] or 0)), zone)

    def _placed(self, moment: datetime, zone: Any) -> datetime:
        """Return a time in UTC: by its own zone, else by the offset given beside it, else as if it were UTC, which is noticed."""
        if moment.tzinfo:
            return moment.astimezone(UTC)
        offset = _OFFSET.fullmatch(zone.strip()) if isinstance(zone, str) else None
        if offset is None:
            self._tally.notice("zoneless")
            return moment.replace(tzinfo=UTC)
        span = timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return moment.replace(tzinfo=timezone(-span if offset[1] == "-" else span)).astimezone(UTC)


def as_x_writes(moment: datetime) -> str:
    """Return a UTC time as X's archives write it, to the second; in English whatever the locale."""
    month = next(name for name, number in MONTHS.items() if number == moment.month)
    return f"{DAYS[moment.weekday()]} {month} {moment:%d %H:%M:%S} +0000 {moment.year:04}"


def _from_number(number: float) -> datetime | None:
    scale = next((scale for bound, scale in _SCALES if 1e8 <= number < bound), None)
    return datetime.fromtimestamp(number / scale, UTC) if scale else None
