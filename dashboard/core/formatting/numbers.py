"""Format numbers, shares, dates, lists, plurals and quotations for sentences, tables and tooltips.

Every decision about notation is made here: the minus sign, percentages, ranges of dates, "a, b and 3 more", the ellipsis. Whole
sentences belong to the modules that build them, and nothing here knows about queries, charts or posts. An integer in the middle of a
sentence may also be written as `{count:,}`, which gives the same result as `format_number`.
"""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

UNKNOWN_DASH = "–"
MINUS_SIGN = "−"
ELLIPSIS = "…"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_REPLACEMENT_CHARACTER = "\N{REPLACEMENT CHARACTER}"
_FSI, _PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MULTIPLE_TOLERANCE = 0.05  # how far a ratio may be from an integer, relative to it, to be written as that integer
MAX_QUOTED_CHARACTERS = 40  # of user input repeated in a message


# --- numbers -------------------------------------------------------------------------------------------------------------


def format_number(value: float | None) -> str:
    """Return `12,345`, with one decimal if it is below ten and not an integer, or a dash if it is unknown."""
    if value is None:
        return UNKNOWN_DASH
    return format_decimal(value, 1 if value != int(value) and abs(value) < 10 else 0)


def format_decimal(value: float, decimals: int) -> str:
    """Return a number with this many decimals: `1,234.50`, `−0.31`."""
    return _with_minus_sign(f"{value:,.{decimals}f}")


def format_median(value: float) -> str:
    """Return a median of integers, which may lie halfway between two of them: `12`, `12.5`."""
    return format_decimal(value, 1).removesuffix(".0")


def format_signed(value: float, decimals: int = 0) -> str:
    """Return a number with its sign: `+1,234`, `−0.50`. A number that rounds to zero has no sign."""
    return _with_minus_sign(f"{value:+,.{decimals}f}")


def format_score(value: float) -> str:
    """Return a number with its sign: a whole one without decimals, any other with two."""
    return format_signed(value, 0 if value == int(value) else 2)


def format_share(value: float | None, decimals: int = 0) -> str:
    """Return a share from 0 to 1 as `64%`, a dash for unknown."""
    return UNKNOWN_DASH if value is None else f"{100 * value:,.{decimals}f}%"


def format_signed_share(value: float) -> str:
    """Return a relative change, 0.12 being an increase by 12%, as `+12%` or `−12%`."""
    return f"{format_signed(100 * value)}%"


def format_signed_points(value: float) -> str:
    """Return the change of a share in percentage points, 0.12 being an increase by 12 points: `+12 points`, `−1 point`, `0 points`."""
    points = round(100 * value)
    return f"{format_signed(points)}{NO_BREAK_SPACE}{pluralize(abs(points), 'point')}"


def format_ordinal(number: int) -> str:
    """Return `second`, `third`, or from four on `4th`, `21st`."""
    return {2: "second", 3: "third"}.get(number, f"{number}{_ordinal_ending(number)}")


def format_small_number(number: int) -> str:
    """Return a number as a word up to ten, in digits from there on: `two`, `ten`, `11`."""
    return _NUMBER_WORDS[number] if 0 <= number < len(_NUMBER_WORDS) else f"{number:,}"


def format_multiple(ratio: float) -> str:
    """Return how many times, for a ratio of at least 1: `twice`, `three times`, `1.7 times`, `24 times`. It's rounded, so say “about”."""
    nearest = round(ratio)
    if nearest >= 2 and abs(ratio - nearest) <= _MULTIPLE_TOLERANCE * nearest:
        return "twice" if nearest == 2 else f"{format_small_number(nearest)} times"
    return f"{format_decimal(ratio, 0 if ratio >= 10 else 1)} times"


# --- counts and plurals --------------------------------------------------------------------------------------------------


def pluralize(count: float, singular: str, plural: str = "") -> str:
    """Return the form of a word that goes with a count: `post` or `posts`, `is` or `are`."""
    return singular if count == 1 else plural or f"{singular}s"


def format_count(count: float, singular: str, plural: str = "") -> str:
    """Return `1 post`, `2,345 posts`, `1 reply`, `0 replies`."""
    return f"{count:,.0f} {pluralize(count, singular, plural)}"


def format_bytes(count: int) -> str:
    """Return a size in the largest unit that it fills: `512 bytes`, `64 KiB`, `1.5 MiB`, `4 GiB`."""
    for size, unit in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if count >= size:
            return f"{count / size:,.1f}".removesuffix(".0") + f" {unit}"
    return format_count(count, "byte")


def format_times(count: int) -> str:
    """Return how often something happened: `once`, `12 times`."""
    return "once" if count == 1 else f"{count:,} times"


# --- dates and times -----------------------------------------------------------------------------------------------------


def format_day(day: date, *, year: bool = True) -> str:
    """Return a day as `3 Aug 2026`, or as `3 Aug`."""
    return f"{day.day} {day:%b %Y}" if year else f"{day.day} {day:%b}"


def format_day_in_full(day: date, *, year: bool = True) -> str:
    """Return a day as `3 August 2026`, or as `3 August`."""
    return f"{day.day} {day:%B %Y}" if year else f"{day.day} {day:%B}"


def format_day_of_month(day: date) -> str:
    """Return a day as part of a month that is named nearby: `1st`, `16th`."""
    return f"{day.day}{_ordinal_ending(day.day)}"


def format_month(day: date) -> str:
    """Return a month as `Aug 2026`."""
    return f"{day:%b %Y}"


def format_month_in_full(day: date) -> str:
    """Return a month as `August 2026`."""
    return f"{day:%B %Y}"


def format_clock(moment: date) -> str:
    """Return the time of day as `14:05`."""
    return f"{moment:%H:%M}"


def format_hours(hour: int) -> tuple[str, str]:
    """Return when an hour of the day, 0 to 23, begins and ends: `23:00` and `00:00`."""
    return f"{hour:02}:00", f"{(hour + 1) % 24:02}:00"


def format_minute(moment: date) -> str:
    """Return a time as `3 Aug 2026 14:05`, for places that mention the zone nearby."""
    return f"{format_day(moment)} {format_clock(moment)}"


def format_date(moment: date) -> str:
    """Return a date as `3 Aug 2026`, a zoned time as `3 Aug 2026, 14:05 CEST`."""
    return f"{format_day(moment)}, {moment:%H:%M %Z}" if isinstance(moment, datetime) else format_day(moment)


def format_moment(moment: datetime) -> str:
    """Return a zoned time with its weekday: `Tue 3 Mar 2026, 14:05 CET`."""
    return f"{moment:%a} {format_date(moment)}"


def format_days(first: date, last: date) -> str:
    """Return a period, both days included, as `3 Aug – 5 Sep 2026`, or one day alone. The year is given once if it's the same."""
    begins, ends = format_day(first, year=first.year != last.year), format_day(last)
    return ends if format_day(first) == ends else f"{begins} – {ends}"


def format_minutes(first: date, last: date) -> str:
    """Return a period to the minute, as `3 Aug 2026 14:05 – 5 Aug 2026 09:30`."""
    return f"{format_minute(first)} – {format_minute(last)}"


# --- lists, quotations, truncation ---------------------------------------------------------------------------------------


def format_list(items: Sequence[str], max_items: int | None = None, *, total: int | None = None, conjunction: str = "and") -> str:
    """Return `a, b and c`.

    If there are more than `max_items`, list one fewer than that and count the rest: `a, b and 3 more`. `total` is the number of items if
    `items` contains only the first ones.
    """
    total = len(items) if total is None else total
    if max_items is not None and total > max_items:
        items = items[: max_items - 1]
    if omitted_count := total - len(items):
        items = [*items, f"{omitted_count:,} more"]
    return f" {conjunction} ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def quote(text: str) -> str:
    """Return a text in quotation marks, isolated from what surrounds it: `“good”`."""
    return f"“{isolate(text)}”"


def truncate(text: str, max_characters: int) -> str:
    """Return a text cut to `max_characters`; the last one is an ellipsis if something is missing."""
    return text if len(text) <= max_characters else text[: max_characters - 1] + ELLIPSIS


def truncate_at_word(text: str, max_characters: int) -> str:
    """Truncate a text as `truncate` does, but between two words."""
    return text if len(text) <= max_characters else text[: max_characters - 1].rsplit(" ", 1)[0] + ELLIPSIS


def printable(text: str) -> str:
    """Return a text with a replacement character for every control character that a terminal or a page could act on."""
    return "".join(letter if letter.isprintable() else _REPLACEMENT_CHARACTER for letter in text)


def excerpt(text: str) -> str:
    """Return user input as a message quotes it: printable, without surrounding white space, at most MAX_QUOTED_CHARACTERS long."""
    return isolate(truncate(printable(text.strip()), MAX_QUOTED_CHARACTERS))


# --- direction of writing ------------------------------------------------------------------------------------------------


def remove_bidi_controls(text: str) -> str:
    """Return a text without the invisible characters that change the direction of what follows them (Unicode UAX #9)."""
    return text if text.isascii() else _BIDI_CONTROLS.sub("", text)


def isolate(text: str) -> str:
    """Return somebody else's text so that it can't change the order in which its surroundings are displayed.

    Control characters of direction are removed, and a text with letters that are written from right to left is put between a first-strong
    isolate and its end. Plain text needs this, as in titles, notes, charts and alternative texts; markup has `<bdi>`.
    """
    plain = remove_bidi_controls(text)
    is_plain = plain.isascii() or not any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in plain)
    return plain if is_plain else f"{_FSI}{plain}{_PDI}"


def isolate_items(text: str) -> str:
    """Return a list of words, separated by commas, with each of them isolated."""
    return ", ".join(map(isolate, text.split(", ")))


def _ordinal_ending(number: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")


def _with_minus_sign(number: str) -> str:
    """Return a number with a minus sign instead of a hyphen, and without any sign if all its digits are zeros."""
    return number.replace("-", MINUS_SIGN) if any(digit in number for digit in "123456789") else number.lstrip("+-")
