"""Recognizes texts that begin like ISO 8601, as most times do. Python's parser reads them; other texts belong in `grammar.py`."""

from collections.abc import Sequence
from typing import Any

_CLEAR_ISO_CHARS = 16  # of 2026-11-02T10:15
_ISO_SEPARATORS, _FRACTION = ("T", " ", "t", ""), (".", ",")


def looks_like_iso(value: str) -> bool:
    """Return whether a text begins like ISO 8601, without fractions of hours or minutes: 21.30 isn't 21 hours and 18 minutes."""
    return value[4:5] == "-" and value[10:11] in _ISO_SEPARATORS and value[13:14] not in _FRACTION and value[16:17] not in _FRACTION


def look_like_clear_iso(values: Sequence[Any]) -> bool:
    """Return whether all values are texts of the same length with a time of day that begin like ISO 8601, as `looks_like_iso` does."""
    if set(map(type, values)) != {str} or len(lengths := set(map(len, values))) > 1 or (length := lengths.pop()) < _CLEAR_ISO_CHARS:
        return False
    joined = "".join(values)
    at = [set(joined[position::length]) for position in (4, 10, 13, 16)]  # each has the characters of all values at one position
    return at[0] == {"-"} and at[1] <= {"T", " ", "t"} and at[2].isdisjoint(_FRACTION) and at[3].isdisjoint(_FRACTION)
