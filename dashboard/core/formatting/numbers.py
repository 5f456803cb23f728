"""How numbers, shares, changes and ratios are written: the minus sign, decimals, percentages, words for small numbers.

A number is rounded the same in every language, so only its separators differ.
"""

import re

from dashboard.core.formatting.digits import add_dollar_sign, add_percent_sign, localize_digits
from dashboard.core.formatting.texts import NO_BREAK_SPACE
from dashboard.core.messages import gettext, is_translated, ngettext

UNKNOWN_DASH = "–"
MINUS_SIGN = "−"
_NONZERO_DIGIT = re.compile("[1-9]")
_NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MULTIPLE_TOLERANCE = 0.05  # how far a ratio may be from an integer, relative to it, to be written as that integer


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
    return format_decimal(value, 0 if f"{value:.1f}".endswith(".0") else 1)


def format_signed(value: float, decimals: int = 0) -> str:
    """Return a number with its sign: `+1,234`, `−0.50`. A number that rounds to zero has no sign."""
    return _with_minus_sign(f"{value:+,.{decimals}f}")


def format_score(value: float) -> str:
    """Return a number with its sign: a whole one without decimals, any other with two."""
    return format_signed(value, 0 if value == int(value) else 2)


def format_share(value: float | None, decimals: int = 0) -> str:
    """Return a share from 0 to 1 as `64%`, a dash for unknown."""
    return UNKNOWN_DASH if value is None else add_percent_sign(localize_digits(f"{100 * value:,.{decimals}f}"))


def format_signed_share(value: float) -> str:
    """Return a relative change, 0.12 being an increase by 12%, as `+12%` or `−12%`."""
    return add_percent_sign(format_signed(100 * value))


def format_signed_points(value: float) -> str:
    """Return the change of a share in percentage points, 0.12 being an increase by 12 points: `+12 points`, `−1 point`, `0 points`."""
    points = round(100 * value)
    number = format_signed(points)
    return ngettext("%(count)s point", "%(count)s points", abs(points), count=number).replace(" ", NO_BREAK_SPACE)


def format_currency(dollars: float, decimals: int) -> str:
    """Return an amount in US dollars: `$2.01`."""
    return add_dollar_sign(localize_digits(f"{dollars:.{decimals}f}"))


def format_compact(value: int) -> str:
    """Return a round number in its shortest form: `100`, `10k`, `1M`."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if value >= size:
            return f"{value // size}{letter}"
    return str(value)


def format_ordinal(number: int) -> str:
    """Return `second`, `third`, or from four on `4th`, `21st`."""
    if is_translated():
        return gettext("%(number)sth", number=str(number))
    return {2: "second", 3: "third"}.get(number, f"{number}{ordinal_ending(number)}")


def format_small_number(number: int) -> str:
    """Return a number as a word up to ten, in digits from there on: `two`, `ten`, `11`. In other languages, whose words for small numbers
    have a gender, it's always in digits.
    """
    is_word = 0 <= number < len(_NUMBER_WORDS) and not is_translated()
    return _NUMBER_WORDS[number] if is_word else localize_digits(f"{number:,}")


def format_multiple(ratio: float) -> str:
    """Return how many times, for a ratio of at least 1: `twice`, `three times`, `1.7 times`, `24 times`. It's rounded, so say “about”."""
    nearest = round(ratio)
    if nearest >= 2 and abs(ratio - nearest) <= _MULTIPLE_TOLERANCE * nearest:
        return gettext("twice") if nearest == 2 else gettext("%(number)s times", number=format_small_number(nearest))
    return gettext("%(number)s times", number=format_decimal(ratio, 0 if ratio >= 10 else 1))


def ordinal_ending(number: int) -> str:
    """Return what follows the digits of an ordinal number: `st`, `nd`, `rd` or `th`."""
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10 if number % 100 not in (11, 12, 13) else 0, "th")


def _with_minus_sign(number: str) -> str:
    """Return a number with a minus sign instead of a hyphen, and without any sign if all its digits are zeros."""
    if number[0] not in "+-":
        return localize_digits(number)
    return localize_digits(number.replace("-", MINUS_SIGN) if _NONZERO_DIGIT.search(number) else number[1:])
