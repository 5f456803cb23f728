"""Unescape HTML entities, including numeric ones with thousands of digits, on which `html.unescape` fails.

Removing tags doesn't belong here.
"""

import re
from html import unescape

_LONG_ENTITY_PATTERN = re.compile(r"&#([0-9]{20,});?")
_MAX_CODE_POINT_DIGITS = 7  # of the largest code point, 1114111


def unescape_entities(text: str) -> str:
    """Unescape the entities of a text once. A number that isn't a code point becomes U+FFFD, however long it is."""
    return unescape(_LONG_ENTITY_PATTERN.sub(_shorten_entity, text)) if "&" in text else text


def _shorten_entity(entity: re.Match[str]) -> str:
    digits = entity[1].lstrip("0")
    return "\ufffd" if len(digits) > _MAX_CODE_POINT_DIGITS else f"&#{digits or 0};"
