"""How somebody else's text is kept from changing the direction in which its surroundings are written."""

import re
import unicodedata

_FSI, _PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
_BIDI_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))


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
