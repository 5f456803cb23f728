"""Query strings of URLs. A page has hundreds of links with the same names, accounts and times, so each text is quoted once."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import quote

_SAFE_CHARACTERS = ",:@/"  # which stay readable in query strings
_READABLE = re.compile(rf"[\w.~{_SAFE_CHARACTERS}-]*", re.ASCII)  # what is the same when it's quoted, such as most accounts
_MAX_REMEMBERED_TEXTS, _MAX_REMEMBERED_CHARACTERS = 4096, 64  # whose quoted form is remembered


def encode_args(args: Iterable[tuple[str, str]]) -> str:
    """Return arguments as a query string, in their order."""
    return "&".join([f"{_quote(name)}={_quote(str(value))}" for name, value in args])


def _quote(text: str) -> str:
    if len(text) <= _MAX_REMEMBERED_CHARACTERS:
        return _quote_short(text)
    return text if _READABLE.fullmatch(text) else quote(text, safe=_SAFE_CHARACTERS)


@lru_cache(_MAX_REMEMBERED_TEXTS)
def _quote_short(text: str) -> str:
    return quote(text, safe=_SAFE_CHARACTERS)
