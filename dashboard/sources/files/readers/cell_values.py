"""Parsers for single values: one cell of a table, or one value of a JSON post. Whole rows are built in `post_fields.py`.

Every value is validated here. One that isn't valid becomes None.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard.sources.files.readers.field_paths import KeyPath
from dashboard.sources.files.shapes.shape import get_value

RawPost = Mapping[str, Any]
FieldPaths = Mapping[str, tuple[KeyPath, ...]]

# \N is how databases write that there is no value.
_NULL_WORDS = {"", "na", "<na>", "n/a", "#n/a", "nan", "none", "null", "(null)", "nil", "nat", "undefined", "\\n"}
_FALSE_WORDS = _NULL_WORDS | {"-1", "0", "0.0", "false", "no", "f", "n", "[]", "{}", "-", "–", "—"}
# As spreadsheets and people write it in German, French, Spanish, Italian, Portuguese, Dutch, Polish, Swedish, Turkish and Russian.
_FALSE_WORDS |= {"falsch", "nein", "faux", "non", "falso", "não", "onwaar", "nee", "fałsz", "nie", "falskt", "nej", "hayır"}
_FALSE_WORDS |= {"yanlış", "ложь", "нет"}
_MAX_WORD_CHARS = max(map(len, _FALSE_WORDS))
_URL = r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f\ud800-\udfff]{1,2000}+"
_ASCII_URL = r"https?://[!#-;=?-Z\[\]_a-z~]{1,2000}+"  # the same in ASCII, which is faster
_URL_PATTERN, _ASCII_URLS_PATTERN = re.compile(_URL), re.compile(rf"{_ASCII_URL}(?:\n{_ASCII_URL})*+")
_NETWORK_PREFIX = re.compile(r"(file:[a-z0-9_-]+/|demo:|x:|bluesky:|mastodon:)")
_MAX_NAME_CHARS = 100


def first_value(post: RawPost, key_paths: tuple[KeyPath, ...] | None) -> Any:
    """Return the first scalar at these paths that doesn't stand for "no value", such as "" or "n/a"; None if there is none."""
    for path in key_paths or ():
        value = post.get(path[0]) if len(path) == 1 else get_value(post, path)  # inlined because nearly every path has one key
        if isinstance(value, str):
            if value and (len(value) > _MAX_WORD_CHARS or value.strip().lower() not in _NULL_WORDS):
                return value
        elif value is not None and not isinstance(value, (dict, list)):
            return value
    return None


def parse_text(post: RawPost, key_paths: tuple[KeyPath, ...]) -> str | None:
    """Return the first text that isn't empty or, if there are several fields, such as "NA"; "" if all are empty, None without a field."""
    if len(key_paths) == 1 and len(key_paths[0]) == 1:  # as in nearly every file
        text = post.get(key_paths[0][0])
        return text if isinstance(text, str) else None
    texts = [value for path in key_paths if isinstance(value := get_value(post, path), str)]
    filled = [text for text in texts if text]
    return next((text for text in filled if not is_null(text)), filled[0] if filled else texts[0] if texts else None)


def is_null(value: Any) -> bool:
    """Return whether `first_value` passes over a value, because it stands for "no value" or isn't a scalar."""
    if isinstance(value, str):
        return len(value) <= _MAX_WORD_CHARS and value.strip().lower() in _NULL_WORDS
    return value is None or isinstance(value, (dict, list))


def are_digits(values: Sequence[Any], max_digits: int | None = None) -> bool:
    """Return whether all values are texts of ASCII digits, at most `max_digits`, as most numbers are."""
    try:
        digits = "".join(values)
    except TypeError:
        return False
    return digits.isdecimal() and digits.isascii() and all(values) and (max_digits is None or max(map(len, values)) <= max_digits)


def is_truthy(value: Any) -> bool:
    """Return whether a flag or a reference has a value that stands for “yes”."""
    if isinstance(value, str):
        return len(value) > 2 * _MAX_WORD_CHARS or value.strip().lower() not in _FALSE_WORDS
    return bool(value) and value == value  # not NaN


def parse_url(value: Any) -> str | None:
    """Return an http or https URL that is safe to link to, or None."""
    return value if isinstance(value, str) and _URL_PATTERN.fullmatch(value) else None


def parse_urls(values: Sequence[Any]) -> list[str | None]:
    """Return the URL of each value, as `parse_url` does, with one look at all of them if each is one, and in ASCII."""
    try:
        joined = "\n".join(values)
    except TypeError:
        joined = ""
    if joined.count("\n") == len(values) - 1 and _ASCII_URLS_PATTERN.fullmatch(joined):
        return list(values)
    return [parse_url(value) if value else None for value in values]


def normalize_account_name(name: str) -> str:
    """Return an account's name in the form that `file:ID/NAME` allows, or "" if no character is left.

    The name is lower case and has letters, digits, combining marks and `_ . - @`; every other character becomes `_`.
    """
    text = unicodedata.normalize("NFC", name[:400].strip()).lower()
    text = _NETWORK_PREFIX.sub("", text, count=1).removeprefix("@") if _NETWORK_PREFIX.match(text) else text.removeprefix("@")
    characters = (character if character in "_.-@" or unicodedata.category(character)[0] in "LNM" else "_" for character in text)
    return unicodedata.normalize("NFC", "".join(characters))[:_MAX_NAME_CHARS].rstrip(".")
