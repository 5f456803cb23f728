"""Times of day that are numbers in a column of their own: hours, 4-digit clocks and the fractions of a day that spreadsheets count.

What a number means is decided by the whole column. Times of day that are texts belong in `grammar.py`.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

_HOUR_NAMES = frozenset(
    ("hour", "hourofday", "hourutc", "posthour", "stunde", "heure", "hora", "ora", "uur")
)  # several hours are a duration
_HOUR = re.compile(r"\d{1,2}(?:\.0)?", re.ASCII)
_FRACTION = re.compile(r"0?[.,]\d{1,17}|0", re.ASCII)
_SECONDS_PER_DAY = 86_400


class ClockNotation(Enum):
    """What the numbers in a column of times of day are."""

    HOURS = "hours"
    DIGITS = "digits"  # 930 is 9:30, 93015 is 9:30:15
    FRACTIONS = "fractions"  # 0.5 is noon


@dataclass(frozen=True)
class NumberClocks:
    """The times of day of one column; `notation` is None if they aren't numbers, or if it isn't clear which."""

    notation: ClockNotation | None = None
    example: str = ""

    def write(self, value: Any) -> Any:
        """Return a number as a time of day such as 09:30, and anything else as it is."""
        if self.notation is None:
            return value
        text = _to_text(value)
        if self.notation is ClockNotation.FRACTIONS and _FRACTION.fullmatch(text):
            seconds = round(float(text.replace(",", ".")) * _SECONDS_PER_DAY) % _SECONDS_PER_DAY
            return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        if self.notation is ClockNotation.HOURS and _is_hour(text):
            return f"{int(float(text)):02}:00"
        if self.notation is ClockNotation.DIGITS and text.isdecimal():
            digits = text.zfill(6 if len(text) > 4 else 4)
            return ":".join(digits[position : position + 2] for position in range(0, len(digits), 2))
        return value


def detect_number_clocks(name: str, values: Iterable[Any]) -> NumberClocks:
    """Return what the numbers of a column with this name are, by its first values.

    Whole numbers up to 23 are hours only if the column is called so. A column of zeros says nothing.
    """
    texts = [_to_text(value) for value in values]
    example = next((text for text in texts if text.strip("0.,")), "")
    notation = _choose_notation(re.sub(r"[^a-z]", "", name.lower()), texts) if example else None
    return NumberClocks(notation, example if notation else "")


def _choose_notation(name: str, texts: list[str]) -> ClockNotation | None:
    if all(map(_is_hour, texts)):
        return ClockNotation.HOURS if name in _HOUR_NAMES else None
    if all(map(_FRACTION.fullmatch, texts)):
        return ClockNotation.FRACTIONS
    return ClockNotation.DIGITS if all(map(_is_clock, texts)) and any(len(text) >= 4 for text in texts) else None


def _to_text(value: Any) -> str:
    return "" if isinstance(value, bool) else str(value).strip()


def _is_hour(text: str) -> bool:
    return _HOUR.fullmatch(text) is not None and float(text) < 24


def _is_clock(text: str) -> bool:
    """Return whether digits are hours and minutes, or hours, minutes and seconds."""
    digits = text.zfill(6 if len(text) > 4 else 4)
    return (
        text.isdecimal()
        and len(digits) <= 6
        and int(digits[:2]) < 24
        and all(int(digits[n : n + 2]) < 60 for n in range(2, len(digits), 2))
    )
