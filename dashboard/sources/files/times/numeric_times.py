"""Times that are numbers: seconds since 1970 or fractions of them, and the days that spreadsheets count."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

NUMBER_PATTERN = re.compile(r"\d{5,19}(?:[.,]\d*)?|\d{1,3}(?:,\d{3}){3,5}", re.ASCII)  # the last one is 1,793,650,500
_EPOCH_SCALES = ((1e11, 1), (1e14, 1_000), (1e17, 1_000_000), (1e20, 1_000_000_000))  # seconds, milli-, micro- and nanoseconds
_FIRST_SERIAL, _LAST_SERIAL = 38_718, 73_051  # 2006-01-01 and 2100-01-01
_SERIAL_ORIGIN = datetime(1899, 12, 30)  # Excel counts a 29 February 1900 that never was
SHORT_DATE_PATTERN = re.compile(r"\d{6}", re.ASCII)  # 260905: in a column of times, a date of three numbers
_COMPACT_FORMATS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class LocalTime(NamedTuple):
    """A time without a zone; `has_clock` says whether it has a time of day."""

    moment: datetime
    has_clock: bool


def to_float(number: Any) -> float:
    """Return a number, whose text has a decimal point, a decimal comma, or commas between groups of digits."""
    if isinstance(number, str):
        number = number.replace(",", "") if number.count(",") > 1 else number.replace(",", ".")
    return float(number)


def parse_epoch(number: float) -> datetime | None:
    """Return the time of a number of seconds, milli-, micro- or nanoseconds since 1970, or None if it is far too small or large."""
    scale = next((scale for bound, scale in _EPOCH_SCALES if 1e8 <= number < bound), None)
    return datetime.fromtimestamp(number / scale, UTC) if scale else None


def parse_serial(number: float) -> LocalTime | None:
    """Return the local time of a spreadsheet's serial number, to the second, or None if it isn't one of 2006 to 2099.

    Whole numbers are dates. Numbers are days since 1899-12-30, as Excel, Google Sheets and LibreOffice write them.
    """
    if not _FIRST_SERIAL <= number < _LAST_SERIAL:
        return None
    moment = _SERIAL_ORIGIN + timedelta(seconds=round(number * 86_400))
    return LocalTime(moment, has_clock=number != int(number))


def parse_compact(digits: str) -> LocalTime | None:
    """Return the local time of 8, 12 or 14 digits such as 20261102 or 20261102101500, or None."""
    if not digits.startswith("20") or len(digits) not in _COMPACT_FORMATS:
        return None
    try:
        moment = datetime.strptime(digits, _COMPACT_FORMATS[len(digits)])
    except ValueError:
        return None
    return LocalTime(moment, has_clock=len(digits) > 8)


@lru_cache(maxsize=8192)
def build_date(numbers: tuple[int, int, int], order: str) -> date | None:
    """Return the date of three numbers in an order such as "dmy", or None if there is no such day. Years below 100 are of this century."""
    year, month, day = (numbers[order.index(letter)] for letter in "ymd")
    try:
        return date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return None
