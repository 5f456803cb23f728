"""HTML's way of writing characters, undone. Python does it, but for numbers of thousands of digits, at which it gives up."""

import re
from html import unescape

_LONG = re.compile(r"&#([0-9]{20,});?")
_MOST = 7  # digits of a character's number


def unescaped(text: str) -> str:
    """Return a text with its entities undone, once; a number that is of no character becomes U+FFFD, however long it is."""
    return unescape(_LONG.sub(_short, text)) if "&" in text else text


def _short(entity: re.Match[str]) -> str:
    digits = entity[1].lstrip("0")
    return "\ufffd" if len(digits) > _MOST else f"&#{digits or 0};"
