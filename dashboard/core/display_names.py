"""Makes the names that people give their accounts harmless: every network's, and those written in files.

Such a name is somebody else's text: it may hold control characters, ten thousand letters or markup, or imitate another name. Which name a
report shows for an account is decided in `account_labels.py`; escaping for HTML is the templates' business.
"""

import re
import unicodedata
from collections.abc import Iterable

from dashboard.core.formatting.texts import truncate

MAX_NAME_CHARACTERS = 40
_MAX_READ_CHARACTERS = 1_000  # of a name; the rest is ignored before anything looks at it
_MAX_MARKS = 3  # in succession; more of them would cover the lines above and below
_LAST_NUMBER = re.compile(r"(?:[1-9]\d|\d)$", re.ASCII)  # of at most two digits, without zeros before it
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters that show nothing


def clean_display_name(text: str) -> str:
    """Return a name on one line, without invisible characters and with at most MAX_NAME_CHARACTERS; empty if nothing readable is left."""
    composed = unicodedata.normalize("NFC", text[:_MAX_READ_CHARACTERS])
    visible = " ".join("".join(map(_clean_character, composed)).split())
    name = truncate(_limit_marks(visible), MAX_NAME_CHARACTERS)
    return name if any(unicodedata.category(character)[0] in "LNS" for character in name) else ""


def abbreviate(name: str) -> str:
    """Return one or two characters that stand for a name: `HN` for Harbour News, `N` for @nasa.

    A number at the end is what tells names like these apart: `H1` for Hotel 01, `12` for Hotel 12.
    """
    words = re.findall(r"[^\W_]+", name.partition("@")[0].partition(" (")[0] or name)[: 1 if "." in name else None]
    initials = [word[0].upper()[:1] for word in words[:2]]
    number = _LAST_NUMBER.search(words[-1]) if words else None
    if number and not words[0][0].isdigit():
        return number[0] if len(number[0]) > 1 else initials[0] + number[0]
    return "".join(initials) or next(iter(name.strip()), "")


def abbreviate_all(names: Iterable[str]) -> list[str]:
    """Return an abbreviation of each name that none of those before it has, as far as its letters suffice.

    `HN` and `Hi` for Harbour News and Hilltop News; names without other letters have a number.
    """
    abbreviations: list[str] = []
    for name in names:
        short = abbreviate(name)
        others = [short[:1] + character.lower() for character in name if character.isalpha()][1:]
        numbers = [short[:1] + str(number) for number in range(2, 10)]
        abbreviations.append(next((one for one in [short, *others, *numbers] if one not in abbreviations), short))
    return abbreviations


def _clean_character(character: str) -> str:
    """Return the character itself, a space for one that separates, or nothing for one that can't be seen."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp") or character in _BLANK_LETTERS:
        return " "
    return "" if category in ("Cf", "Co", "Cs") else character


def _limit_marks(text: str) -> str:
    """Return a text with at most _MAX_MARKS combining marks in succession."""
    kept, marks = list[str](), 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MAX_MARKS:
            kept.append(character)
    return "".join(kept)
