"""Replace characters that only look different with the plain ones: letters of “fancy fonts” (𝗚𝗿𝗲𝗮𝘁, ｇｒｅａｔ), and apostrophes.

These replacements have the length of what they replace, so positions in a text don't shift. `join_letters` also removes what is invisible
inside words and splits ligatures, so it can return the positions. What a word is doesn't belong here.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import chain

# Blocks with styled forms of the Latin alphabet: modifier letters, small capitals, letter-like symbols, circled, fullwidth, mathematical
# and squared letters. Latin-1 isn't among them, because “1º” is Portuguese.
_STYLED_RANGES = (
    *((0x0262, 0x02B8), (0x02E1, 0x02E3), (0x1D00, 0x1D6A), (0x2071, 0x209C), (0x2102, 0x214E), (0x24B6, 0x24E9), (0x2C7C, 0x2C7D)),
    *((0xA730, 0xA731), (0xA7AF, 0xA7F4), (0xFF10, 0xFF5A), (0x1D400, 0x1D7FF), (0x1F110, 0x1F189)),
)
STYLED_PATTERN = "[" + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in _STYLED_RANGES) + "]"  # for Rust; a superset
_STYLED_REGEX = re.compile("[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in _STYLED_RANGES) + "]")  # the same for Python
_EMOJI_LETTERS = "ℹⓂ🅰🅱🅾🅿"  # alone, these are emoji; beside other styled letters, they are letters
_NAME_PATTERN = re.compile(
    r"(?:LATIN LETTER SMALL CAPITAL|(?:NEGATIVE CIRCLED|NEGATIVE SQUARED|SQUARED|CIRCLED) LATIN CAPITAL LETTER) ([A-Z])"
)

APOSTROPHE_PATTERN = "[‘’‛ʹʻʼʽˈ′‵＇ꞌ՚❛❜]"
ACCENT_PATTERN = r"([^\W\d_])[`´]([^\W\d_])"  # typed instead of an apostrophe, as in don´t; elsewhere they are something else

# Soft hyphens, zero-width joiners and marks of direction after a Latin letter; elsewhere they shape letters or join emoji. A zero-width
# space isn't among them, because Unicode says that it separates words.
_HIDDEN_CHARACTERS = r"\xad\u034f\u180e\u200c-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff"
_HIDDEN_REGEX = re.compile(rf"(?<=[A-Za-z\xaa\xba\xc0-\u024f\u0300-\u036f\u1e00-\u1eff])[{_HIDDEN_CHARACTERS}]+")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
JOINED_PATTERN = (  # for Rust; a superset of what `join_letters` changes
    r"[\x{AD}\x{34F}\x{180E}\x{200C}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{2064}\x{2066}-\x{206F}\x{FEFF}\x{FB00}-\x{FB06}]"
)
_JOINED_REGEX = re.compile(f"[{_HIDDEN_CHARACTERS}{''.join(_LIGATURES)}]")
_APOSTROPHE_REGEX, _ACCENT_REGEX = re.compile(APOSTROPHE_PATTERN), re.compile(ACCENT_PATTERN)


def fold_letters(text: str) -> str:
    """Return the text with styled Latin letters and digits as plain ones, of the same case and at the same positions."""
    if text.isascii() or not _STYLED_REGEX.search(text):
        return text
    return _run_regex().sub(lambda run: run[0].translate(_plain_letters()), text)


def fold_apostrophes(text: str) -> str:
    """Return the text with every character that is typed as an apostrophe as a straight one, at the same position."""
    folded = text if text.isascii() else _APOSTROPHE_REGEX.sub("'", text)
    return _ACCENT_REGEX.sub(r"\1'\2", folded) if "`" in folded or "´" in folded else folded


def join_letters(text: str) -> str:
    """Return the text without invisible characters in and after Latin words, and with ligatures (ﬁ, ﬂ) as letters."""
    if text.isascii() or not _JOINED_REGEX.search(text):
        return text
    return "".join(_LIGATURES.get(character, character) for character in _HIDDEN_REGEX.sub("", text))


def locate_joined_letters(text: str) -> Sequence[int]:
    """Return the position in the text of each character that `join_letters` returns, and the length of the text."""
    if text.isascii() or not _JOINED_REGEX.search(text):
        return range(len(text) + 1)
    hidden = {position for match in _HIDDEN_REGEX.finditer(text) for position in range(*match.span())}
    shown = ((position, len(_LIGATURES.get(character, " "))) for position, character in enumerate(text) if position not in hidden)
    return [position for position, length in shown for _ in range(length)] + [len(text)]


@cache
def _plain_letters() -> dict[int, str]:
    """Return the plain form of each styled letter and digit, by code point."""
    code_points = chain.from_iterable(range(first, last + 1) for first, last in _STYLED_RANGES)
    return {code_point: plain for code_point in code_points if (plain := _find_plain_letter(chr(code_point)))}


def _find_plain_letter(character: str) -> str:
    """Return the ASCII letter or digit that a character stands for, empty if it stands for none. Superscript digits are exponents."""
    if match := _NAME_PATTERN.fullmatch(unicodedata.name(character, "")):
        return match[1].lower() if "SMALL CAPITAL" in unicodedata.name(character) else match[1]
    plain = unicodedata.normalize("NFKC", character)
    is_plain = len(plain) == 1 and plain.isascii() and plain.isalnum()
    return plain if is_plain and unicodedata.category(character) != "No" else ""


@cache
def _run_regex() -> re.Pattern[str]:
    """Return a pattern for consecutive styled letters, at least one of which isn't an emoji."""
    letters = "".join(map(chr, _plain_letters()))
    styled = "".join(character for character in letters if character not in _EMOJI_LETTERS)
    return re.compile(f"(?:(?<![{_EMOJI_LETTERS}])[{_EMOJI_LETTERS}]+)?[{styled}][{letters}]*")  # looks at each emoji once
