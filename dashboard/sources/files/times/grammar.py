"""Splits one written time into its parts: date, time of day, zone. What the parts mean together is decided in `column.py`.

A text is understood as a whole or not at all: nothing in it is skipped, and nothing that it lacks is filled in.
"""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple

from dashboard.sources.files.times.foreign_names import translate_names
from dashboard.sources.files.times.local_clocks import translate_clock
from dashboard.sources.files.times.zones import is_zone, parse_offset, shorten_zone_names

MAX_TIME_CHARS = 100
MONTH_NUMBERS = {name: n for n, name in enumerate(("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1)}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


DOTTED_ORDERS = ("dmy", "ymd")  # of 10.9.26; nobody writes the month first with dots


class WrittenTime(NamedTuple):
    """A time as it is written.

    `numbers` are year, month and day in one of the `orders`: "ymd", "dmy" or "mdy". `clock` is None for a date without a time of day.
    `zone` is the offset, or the name of the zone; None if there is neither. `weekday` is 0 for Monday, None if there is none.
    `is_end_of_day`: the clock was 24:00, so that it is the next day's midnight.
    """

    numbers: tuple[int, int, int]
    orders: tuple[str, ...]
    clock: time | None = None
    zone: timedelta | str | None = None
    weekday: int | None = None
    is_end_of_day: bool = False


_MONTH_NAMES = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december")
_MONTH_BY_NAME = {name[:length]: n for n, name in enumerate(_MONTH_NAMES, 1) for length in (3, len(name))} | {"sept": 9}
_WEEKDAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_BY_NAME = {name[:length]: n for n, name in enumerate(_WEEKDAY_NAMES) for length in (3, len(name))} | {
    "tues": 1,
    "wednes": 2,
    "thur": 3,
    "thurs": 3,
}

_MONTH = "(?P<month>[A-Za-z]{3,9})"
_YEAR = r"(?:(?P<year>\d{4})|['\N{RIGHT SINGLE QUOTATION MARK}]?(?P<short_year>\d\d))"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_HALF_DAY = r"[ap]\.? ?m\.?"  # a. m. is how spreadsheets in Spanish write it
_ZONE = r"Z|(?:UTC|GMT)?[+\-\N{MINUS SIGN}]\d{1,2}(?::?\d\d)?(?::00)?(?: [A-Z]{3,5})?|[A-Z][A-Za-z_]+/[A-Za-z0-9_/+-]{2,40}|[A-Za-z]{2,5}"
_FLAGS = re.ASCII | re.IGNORECASE

_CLOCK_PATTERN = re.compile(
    rf"(?<![\d.])(?:(?P<half_before>{_HALF_DAY}) ?)?(?P<hour>\d\d?)"
    rf"(?::(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d{{1,9}}))?)?)?(?![\d:])"
    rf"(?: ?(?P<half>{_HALF_DAY})(?![a-z]))?(?: ?(?P<zone>{_ZONE})(?![A-Za-z\d:/]))?",
    _FLAGS,
)
_COMMON_PATTERN = re.compile(  # what spreadsheets write most, read without the steps below because such files are large
    r"(?P<date>\d\d?([/.-])\d\d?\2\d{4}),? (?P<half_before>(?!))?(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?"
    r"(?P<fraction>(?!))?(?: ?(?P<half>[ap]m))?",
    _FLAGS,
)
_ZONE_DESCRIPTION = re.compile(r" ?(?:\([^()]{1,60}\)|\[[A-Za-z0-9_/+-]{1,60}\])\Z")  # as JavaScript and Java write it after the offset
_BRACKETED_ZONE = re.compile(
    r"(?<=[\dMm]) ?[(\[]((?:UTC|GMT)?[+\-\N{MINUS SIGN}]\d{1,2}(?::?\d\d)?|[A-Z]{2,5}|[A-Z][A-Za-z_]+/[A-Za-z0-9_/+-]{2,40})[)\]]\Z"
)
_ISO_DATE_WITH_OFFSET = re.compile(r"(\d{4}-\d\d-\d\d) ?[+\-\N{MINUS SIGN}]\d\d:\d\d", re.ASCII)
_SPACED_OFFSET = re.compile(r"\b(UTC|GMT) ([+\-\N{MINUS SIGN}]\d)")
_DATE_IN_ZONE = re.compile(
    r"(.*\d) ?(Z|(?:UTC|GMT)?[+\-\N{MINUS SIGN}]\d\d(?::?\d\d)?|[A-Z]{2,5}|[A-Z][A-Za-z_]+/[A-Za-z0-9_/+-]{2,40})", re.ASCII
)
_DOTTED_CLOCK = re.compile(r"(?<=[\d,] )(\d{1,2})[.h](\d\d)(?:\.(\d\d))?(?=\Z| ?[AaPp]\.?[Mm])")  # 21.30 or 21h30, after a date
_END_OF_DAY = re.compile(r"24:00(?::00(?:[.,]0+)?)?(?![\d:.,]| ?[ap]\.? ?m)", _FLAGS)  # as ISO 8601 allows it
_CLOCK_WORD = re.compile(r"(?<=:\d\d) ?(?:Uhr|hrs|h)\Z", re.IGNORECASE)
_QUOTES = " ,'\"="  # around a value that a spreadsheet must not convert
_WEEKDAY_PATTERN = re.compile(r"\A([A-Za-z]{3,9})\.?,? (?=[\dA-Za-z])|,? \(?([A-Za-z]{3,9})\)?\Z")
_OFFSET_SIGN = re.compile(r":\d\d[^ ]* ?(?:UTC|GMT)?[+\-\N{MINUS SIGN}]\d")
_CONNECTORS = re.compile(r"(?:\A|(?<= ))(?:at|on|of)(?= |\Z)|(?<=\d)T(?= |\Z)|[·|@•]", re.IGNORECASE)
_SPACES = re.compile(r"[\s\u00a0\u2000-\u200b\u202f\u3000\u200e\u200f]+")
_NUMERIC_DATE = re.compile(r"(\d{1,4})([./-]) ?(\d{1,2})\2 ?(\d{1,4})\.?", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_NAMED_DATES = tuple(
    re.compile(pattern, _FLAGS)
    for pattern in (
        rf"{_MONTH}\.?[ /-]?{_DAY}(?:, ?| |/|-){_YEAR}",
        rf"{_DAY}\.?[ /.-]?{_MONTH}\.?(?:, ?|[ /.-])?{_YEAR}",
        rf"(?P<year>\d{{4}})[.,]?[ /.-]?{_MONTH}[ /.-]?{_DAY}\.?(?P<short_year>(?!))?",
    )
)


def parse_text(text: str) -> WrittenTime | None:
    """Return the parts of a written time, or None if it isn't understood. Impossible dates such as 31/02/2026 aren't detected here."""
    if (match := _COMMON_PATTERN.fullmatch(text)) and match["hour"] != "24":
        clock = _build_clock(match)
        return _add_clock(_parse_date(match["date"]), clock, None) if clock else None
    if len(text) > MAX_TIME_CHARS:
        return None
    text = translate_clock(text)
    written = _parse_english(text)
    return _parse_english(translated) if written is None and (translated := translate_names(text)) else written


def _parse_english(text: str) -> WrittenTime | None:
    plain = _CLOCK_WORD.sub("", _DOTTED_CLOCK.sub(_write_colons, _SPACES.sub(" ", text).strip(_QUOTES)))
    if _OFFSET_SIGN.search(plain) is None:
        plain = _unify_zone(plain)
    if plain[4:5] == "-" and (match := _ISO_DATE_WITH_OFFSET.fullmatch(plain)):
        return _parse_date(match[1])
    described = _ZONE_DESCRIPTION.sub("", plain)
    for match in filter(_is_clock, _CLOCK_PATTERN.finditer(described)):
        is_end_of_day = _END_OF_DAY.match(match[0]) is not None
        clock, zone = time() if is_end_of_day else _build_clock(match), _parse_zone(match)
        if clock is None or (described != plain and not isinstance(zone, timedelta)):
            return None
        end = match.end() if zone is not None else _end_without_zone(match)
        date = _add_clock(_parse_date(f"{described[: match.start()]} {described[end:]}"), clock, zone)
        return date._replace(is_end_of_day=is_end_of_day) if date else None
    return _parse_date(plain) or _parse_date_in_zone(plain)


def _unify_zone(text: str) -> str:
    """Return a written time with its zone as an abbreviation or an offset that follows the time of day."""
    text = shorten_zone_names(text)
    text = _BRACKETED_ZONE.sub(r" \1", text) if text[-1:] in (")", "]") else text
    return _SPACED_OFFSET.sub(r"\1\2", text) if "UTC " in text or "GMT " in text else text


def _parse_date_in_zone(text: str) -> WrittenTime | None:
    """Parse a date without a time of day, but with a zone, which says nothing: the post counts on that day in every zone."""
    match = _DATE_IN_ZONE.fullmatch(text)
    return _parse_date(match[1]) if match and (is_zone(match[2]) or parse_offset(match[2]) is not None) else None


def parse_short_date(digits: str) -> WrittenTime:
    """Return the date in six digits such as 260905, whose order isn't known."""
    return WrittenTime((int(digits[:2]), int(digits[2:4]), int(digits[4:])), ("dmy", "mdy", "ymd"))


def _write_colons(clock: re.Match[str]) -> str:
    return ":".join(filter(None, clock.groups()))


def parse_clock(text: str) -> time | None:
    """Return a time of day alone, such as `9:15 PM`, or None."""
    match = _CLOCK_PATTERN.fullmatch(_SPACES.sub(" ", text).strip())
    return _build_clock(match) if match and _is_clock(match) and not match["zone"] else None


def _is_clock(match: re.Match[str]) -> bool:
    """Return whether digits are a time of day: they have minutes, or AM or PM."""
    return bool(match["minute"] or match["half"] or match["half_before"])


def _end_without_zone(match: re.Match[str]) -> int:
    """Return the end of a time of day whose next word turned out not to be a zone."""
    return match.start("zone") if match["zone"] else match.end()


def _build_clock(match: re.Match[str]) -> time | None:
    hour, half = int(match["hour"]), (match["half"] or match["half_before"] or "").lower()
    if half and match["half"] and match["half_before"]:
        return None
    if half and hour <= 12:
        if hour == 0 and half[0] == "p":
            return None
        hour = hour % 12 + (12 if half[0] == "p" else 0)
    elif half and half[0] == "a":
        return None  # 13:15 AM; 21:15 PM says the same twice
    try:
        return time(hour, int(match["minute"] or 0), int(match["second"] or 0), int((match["fraction"] or "0")[:6].ljust(6, "0")))
    except ValueError:
        return None


def _parse_zone(match: re.Match[str]) -> timedelta | str | None:
    """Return the offset or the name after a time of day; None if the next word is a month, a weekday or a connector instead."""
    text = match["zone"]
    if not text or text.lower() in _MONTH_BY_NAME or text.lower() in _WEEKDAY_BY_NAME or text.lower() in ("on", "at", "of"):
        return None
    if any(character.isdigit() for character in text) and "/" not in text:
        return parse_offset(text.split(" ")[0])  # a name after the offset says the same twice
    return text


def _add_clock(date: WrittenTime | None, clock: time, zone: timedelta | str | None) -> WrittenTime | None:
    return date._replace(clock=clock, zone=zone) if date else None


@lru_cache(maxsize=4096)
def _parse_date(text: str) -> WrittenTime | None:
    """Parse what is left without a time of day. The dates of a column repeat, so the latest ones are remembered."""
    rest, weekday = _take_weekday(_SPACES.sub(" ", _CONNECTORS.sub(" ", text)).strip(" ,-:\N{EN DASH}"))
    for parse in _DATE_PARSERS:
        if date := parse(rest):
            return date._replace(weekday=weekday)
    return None


def _take_weekday(text: str) -> tuple[str, int | None]:
    for match in _WEEKDAY_PATTERN.finditer(text):
        weekday = _WEEKDAY_BY_NAME.get((match[1] or match[2]).lower())
        if weekday is not None:
            return f"{text[: match.start()]}{text[match.end() :]}".strip(" ,"), weekday
    return text, None


def _parse_numeric_date(text: str) -> WrittenTime | None:
    match = _NUMERIC_DATE.fullmatch(text)
    if match is None:
        return None
    lengths, first, second, third = (len(match[1]), len(match[4])), int(match[1]), int(match[3]), int(match[4])
    if lengths[0] == 4 and lengths[1] <= 2:
        return WrittenTime((first, second, third), ("ymd",))
    if lengths[0] > 2 or lengths[1] not in (2, 4):
        return None
    if lengths[1] == 4:
        return WrittenTime((first, second, third), ("dmy",) if match[2] == "." else ("dmy", "mdy"))
    return WrittenTime((first, second, third), DOTTED_ORDERS if match[2] == "." else ("dmy", "mdy", "ymd"))


def _parse_compact_date(text: str) -> WrittenTime | None:
    match = _COMPACT_DATE.fullmatch(text)
    return WrittenTime((int(match[1]), int(match[2]), int(match[3])), ("ymd",)) if match else None


def _parse_named_date(text: str) -> WrittenTime | None:
    """Parse a date whose month is a name, so that the order is clear."""
    for pattern in _NAMED_DATES:
        match = pattern.fullmatch(text)
        month = _MONTH_BY_NAME.get(match["month"].lower()) if match else None
        if match and month:
            return WrittenTime((int(match["year"] or 2000 + int(match["short_year"])), month, int(match["day"])), ("ymd",))
    return None


_DATE_PARSERS: tuple[Callable[[str], WrittenTime | None], ...] = (_parse_numeric_date, _parse_named_date, _parse_compact_date)


def format_x_timestamp(moment: datetime) -> str:
    """Return a UTC time in the format of X's archives, to the second and in English whatever the locale."""
    month = next(name for name, number in MONTH_NUMBERS.items() if number == moment.month)
    return f"{WEEKDAYS[moment.weekday()]} {month} {moment:%d %H:%M:%S} +0000 {moment.year:04}"
