"""Texts as cells that no spreadsheet runs as a formula, and back. Tables and CSV itself don't belong here.

A cell is a risk if it begins with one of the characters that OWASP lists under "CSV Injection": = + - @, their full-width forms, a tab
or a line break. Characters that can't be seen, and other forms of the same signs, are treated as spreadsheets might treat them: as if
they weren't there, and as the sign itself. A text that begins with apostrophes and then like this gets one more, so that removing one
restores it.
"""

import unicodedata

_SIGNS = frozenset("=+-@＝＋－＠﹦﹢﹣﹫⁼⁺₌₊⩵⩶﬩")  # all characters whose compatibility form (NFKC) begins with = + - or @
_LEADING_CONTROLS = ("\t", "\r", "\n")
_INVISIBLE_CATEGORIES = "ZCM"  # separators, controls and format characters, and marks without a letter to sit on
_BLANK_LETTERS = frozenset("\u115f\u1160\u3164\uffa0\u2800")  # fillers of Hangul and an empty Braille cell, which are letters to Unicode
_MAX_INVISIBLE_CHARACTERS = 1_000  # a text that begins with more of them isn't searched any further


def guard_formula(text: str) -> str:
    """Return the text, with an apostrophe before it if a spreadsheet might run it."""
    return f"'{text}" if _is_risky(text) else text


def unguard_formula(text: str) -> str:
    """Return the text that `guard_formula` was given."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    start = text.lstrip("'")
    return start.startswith(_LEADING_CONTROLS) or _begins_with_sign(start)


def _begins_with_sign(text: str) -> bool:
    for character in text[:_MAX_INVISIBLE_CHARACTERS]:
        if character in _SIGNS:
            return True
        if unicodedata.category(character)[0] not in _INVISIBLE_CATEGORIES and character not in _BLANK_LETTERS:
            return False
    return len(text) > _MAX_INVISIBLE_CHARACTERS
