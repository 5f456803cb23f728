"""What a cell of a table or a value of JSON says: single values out of a loosely typed post. Each is checked; what is odd is None."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from dashboard.sources.files.readers.column_names import Path

Post = Mapping[str, Any]
Where = Mapping[str, tuple[Path, ...]]

_NULLS = {"", "na", "n/a", "nan", "none", "null", "nat"}
_FALSE = _NULLS | {"0", "0.0", "false", "no", "f", "n", "[]", "{}"}
_COUNT = re.compile(r"(\d{1,18}|\d{1,3}(?:,\d{3}){1,5})(?:\.0*)?", re.ASCII)
_LANG = re.compile(r"(?!und|zxx|q[a-t][a-z])[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}", re.ASCII)  # X's q.. codes are no languages
_URL = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f\ud800-\udfff]{1,2000}")
_REPOST_TEXT = re.compile(r"RT @\w")
_TYPES = {"retweeted": "repost", "reposted": "repost", "replied_to": "reply", "quoted": "quote"}
_NETWORK = re.compile(r"(file:[a-z0-9_-]+/|demo:|x:|bluesky:|mastodon:)")
_LONGEST_NAME = 100  # characters


def _at(post: Post, path: Path) -> Any:
    value = post.get(path[0])
    return value if len(path) == 1 else value.get(path[1]) if isinstance(value, dict) else None


def first(post: Post, found: tuple[Path, ...] | None) -> Any:
    """Return the first single value at these places that is not a way to write nothing."""
    for path in found or ():
        value = post.get(path[0]) if len(path) == 1 else _at(post, path)  # mostly the first, which is worth the words
        if isinstance(value, str):
            if value and (len(value) > 4 or value.strip().lower() not in _NULLS):
                return value
        elif value is not None and not isinstance(value, (dict, list)):
            return value
    return None


def text(post: Post, found: tuple[Path, ...]) -> str | None:
    """Return the text: the first that is not empty, else an empty one, None if there is none at all."""
    texts = [value for path in found if isinstance(value := _at(post, path), str)]
    return next((text for text in texts if text), texts[0] if texts else None)


def kind(post: Post, where: Where, text: str) -> str:
    """Tell a post's kind by what it refers to, else by flags, else by a text that begins with `RT @`."""
    references = next((value for path in where.get("references", ()) if isinstance(value := _at(post, path), list)), None)
    if references is not None:
        kinds = {_TYPES.get(str(one.get("type"))) for one in references if isinstance(one, dict)}
    else:
        kinds = {sign for sign in ("repost", "reply", "quote") if any(_true(_at(post, path)) for path in where.get(sign, ()))}
        if "conversation" in where and _answers(post, where):
            kinds.add("reply")
    if "repost" in kinds or _REPOST_TEXT.match(text):
        return "repost"
    return "reply" if "reply" in kinds else "quote" if "quote" in kinds else "post"


def _answers(post: Post, where: Where) -> bool:
    """Say whether a post is in another one's conversation."""
    conversation, own = first(post, where["conversation"]), first(post, where.get("id"))
    return _true(conversation) and own is not None and str(conversation) != str(own)


def _true(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > 5 or value.strip().lower() not in _FALSE
    return bool(value) and value == value  # not NaN


def lang(code: Any) -> str | None:
    """Return a language code, None for none and for those that stand for no language."""
    return code if isinstance(code, str) and _LANG.fullmatch(code) else None


def url(written: Any) -> str | None:
    """Return an address that a link may lead to."""
    return written if isinstance(written, str) and _URL.fullmatch(written) else None


def count(value: Any) -> int | None:
    """Return a count, None if it is none; 4CAT writes -1 for what it does not know."""
    if isinstance(value, str):
        match = _COUNT.fullmatch(value.strip())
        return int(match[1].replace(",", "")) if match else None
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return int(value) if whole and value is not True and value is not False and 0 <= value < 2**63 else None


def local_name(written: str) -> str:
    """Return an account's name as `file:ID/NAME` can hold it: lower case, letters, digits, marks and `_ . - @`; "" if nothing is left."""
    text = unicodedata.normalize("NFC", written[:400].strip()).lower()
    text = _NETWORK.sub("", text, count=1).removeprefix("@") if _NETWORK.match(text) else text.removeprefix("@")
    kept = (letter if letter in "_.-@" or unicodedata.category(letter)[0] in "LNM" else "_" for letter in text)
    return unicodedata.normalize("NFC", "".join(kept))[:_LONGEST_NAME].rstrip(".")
