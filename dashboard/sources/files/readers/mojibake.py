"""Repairs texts in UTF-8 that a program read as Windows-1252 or Latin-1 and stored like that: “cafÃ©”. Encodings are in `encodings.py`.

One damaged text may be a joke or a quotation, so a file is repaired only if most of its characters beyond ASCII are damaged.
"""

import re
import unicodedata
from collections.abc import Iterable

_RUN = re.compile(r"[^\x00-\x7f]+")
_FIRST_CHARACTERS = frozenset("ÂÃâð")  # of nearly all damaged characters in Western European texts and of emoji; the rest are rare
_BYTE_BY_CHARACTER = {chr(n): n for n in range(0x80, 0x100)} | {bytes([n]).decode("cp1252", "ignore"): n for n in range(0x80, 0xA0)}
_MAX_PASSES = 2  # how often a text may have been damaged
_EXAMPLE = re.compile(r"\S*[^\x00-\x7f]\S*")


def has_damaged_texts(texts: Iterable[str]) -> bool:
    """Return whether most runs of characters beyond ASCII are damaged, and it can't be chance."""
    runs = [run for text in texts if not text.isascii() for run in _RUN.findall(text)]
    damaged = [run for run in runs if _repair_run(run) != run]
    is_chance = len(set(damaged)) < 2 and not any(run[0] in _FIRST_CHARACTERS for run in damaged)
    return bool(damaged) and 2 * len(damaged) > len(runs) and not is_chance


def repair_text(text: str) -> str:
    """Return a text with its damaged characters repaired."""
    for _ in range(_MAX_PASSES):
        if text.isascii():
            break
        text = _RUN.sub(lambda match: _repair_run(match[0]), text)
    return text


def find_damaged_word(text: str) -> str:
    """Return the first word that repairing changes."""
    return next((word for word in _EXAMPLE.findall(text) if repair_text(word) != word), text)


def _repair_run(run: str) -> str:
    """Return consecutive characters beyond ASCII as what they were, or as they are if they aren't damaged."""
    try:
        repaired = bytes(_BYTE_BY_CHARACTER[character] for character in run).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return run
    is_plausible = len(repaired) > 1 or run[0] in _FIRST_CHARACTERS or repaired <= "\u017f"
    return repaired if is_plausible and not any(unicodedata.category(character) in ("Cc", "Cn") for character in repaired) else run
