"""How the text of a post is made harmless, and where it has addresses. Nothing here knows a network, and nothing here loads polars."""

import unicodedata

from dashboard.core.html_entities import unescape_entities

MAX_TEXT_CHARACTERS = 25_000  # characters of a post that are read; X's own bound for long posts

# Addresses with a scheme, those that begin with www., and others with a path, such as `example.com/abc…`. They mean the same to Python and
# Rust, and every repetition before the path is bounded. `today...AC/DC` and `end.The/A` aren't addresses.
_DOMAIN_PATTERN = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}(?:[a-z]{2,12}|[A-Z]{2,12})"
URL_PATTERN = rf"\b(?:(?i:https?://|www\.[a-z0-9])\S+|{_DOMAIN_PATTERN}/\S*)"

# A domain alone, such as `love.com`, by endings that rarely follow a full stop without a space. R counts it as one word, as we do.
BARE_DOMAIN_PATTERN = (
    r"(?<![\w@.-])(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}"
    r"(?:com|org|net|edu|gov|info|biz|io|tv|fm|co\.uk|COM|ORG|NET)(?![\w@-]|\.\w)"
)


def clean_text(text: str, *, has_entities: bool = False) -> str:
    """Return the text without NUL characters and surrogates, with other control characters as spaces, in NFC, cut to MAX_TEXT_CHARACTERS.

    `has_entities` says that the network escapes its text as HTML, as X does. Entities are decoded once.
    """
    shown = (unescape_entities(text[: 6 * MAX_TEXT_CHARACTERS]) if has_entities else text)[:MAX_TEXT_CHARACTERS]
    if shown.isascii() and shown.isprintable():
        return shown
    cleaned = (_clean_character(character) for character in shown.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", "".join(cleaned))[:MAX_TEXT_CHARACTERS]  # NFC makes some characters longer


def _clean_character(character: str) -> str:
    """Return the character itself, a space for a control character (it separates words), or nothing for NUL and half a surrogate pair."""
    if character in "\n\t":
        return character
    category = unicodedata.category(character)
    return "" if character == "\0" or category == "Cs" else " " if category == "Cc" else character
