"""Names the place of a row in a file, at the start of a sentence and within one, so that it can be translated.

Rows have their places as plain texts, such as "line 1,234", because only few of them are ever named.
"""

from dashboard.core.messages import deferred, translatable

_PLACES = {  # by unit: within a sentence, and at its start
    "line": (translatable("line %(number)s"), translatable("Line %(number)s")),
    "row": (translatable("row %(number)s"), translatable("Row %(number)s")),
    "record": (translatable("record %(number)s"), translatable("Record %(number)s")),
    "post": (translatable("post %(number)s"), translatable("Post %(number)s")),
}


def defer_place(location: str) -> str:
    """Return a place as it's named within a sentence."""
    return _defer(location, is_start=False)


def defer_first_place(location: str) -> str:
    """Return a place as it's named at the start of a sentence."""
    return _defer(location, is_start=True)


def _defer(location: str, *, is_start: bool) -> str:
    unit, _, number = location.partition(" ")
    digits = number.replace(",", "")
    if unit in _PLACES and digits.isdecimal():
        return deferred(_PLACES[unit][is_start], number=int(digits))
    return location[:1].upper() + location[1:] if is_start else location
