"""HTML's way of writing characters, undone. Python does it, but for numbers of thousands of digits, at which it gives up."""

import re
from html import unescape

_LONG_ENTITY_PATTERN = re.compile(r"&#([0-9]{20,});?")
_MAX_CODE_POINT_DIGITS = 7  # digits of a character's number


def unescape_entities(text: str) -> str:
    """Return a text with its entities undone, once; a number that is of no character becomes U+FFFD, however long it is."""
    return unescape(_LONG_ENTITY_PATTERN.sub(_shorten_entity, text)) if "&" in text else text


def _shorten_entity(entity: re.Match[str]) -> str:
    digits = entity[1].lstrip("0")
    return "\ufffd" if len(digits) > _MAX_CODE_POINT_DIGITS else f"&#{digits or 0};"
