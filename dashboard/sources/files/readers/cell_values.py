"""Parsers for single values: one cell of a table, or one value of a JSON post. Whole rows are built in `rows.py`.

Every value is validated here. One that isn't valid becomes None.
"""

import re
import unicodedata
from collections.abc import Mapping
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
_URL_PATTERN = re.compile(r"https?://[^\s<>\"\\^`{|}\x00-\x20\x7f\ud800-\udfff]{1,2000}")
_REPOST_PREFIX = re.compile(r"RT @\w")
_KIND_FIELDS = frozenset({"references", "repost", "reply", "quote", "conversation", "kind_word"})
_KIND_BY_REFERENCE_TYPE = {"retweeted": "repost", "reposted": "repost", "replied_to": "reply", "quoted": "quote"}
_KIND_BY_WORD = {
    "retweet": "repost",
    "retweeted": "repost",
    "rt": "repost",
    "retweets": "repost",
    "reposts": "repost",
    "reshare": "repost",
    "repost": "repost",
    "reblog": "repost",
    "boost": "repost",
    "announce": "repost",
    "reply": "reply",
    "replies": "reply",
    "replied": "reply",
    "repliedto": "reply",
    "repliesto": "reply",
    "mentionsinreplyto": "reply",
    "mentionsinretweet": "repost",
    "comment": "reply",
    "quote": "quote",
    "quoted": "quote",
    "quotetweet": "quote",
    "quotetweets": "quote",
    "quoteretweet": "quote",
    "quoterepost": "quote",
    "retweetwithcomment": "quote",
    "quotedtweet": "quote",
    "quotepost": "quote",
}
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
    return next((text for text in filled if not _is_null_word(text)), filled[0] if filled else texts[0] if texts else None)


def _is_null_word(text: str) -> bool:
    return len(text) <= _MAX_WORD_CHARS and text.strip().lower() in _NULL_WORDS


def parse_kind(post: RawPost, field_paths: FieldPaths, text: str) -> str:
    """Return the kind of a post: one of `posts.POST_KINDS`.

    The posts it references decide; without a list of them its flags do, and a text that begins with `RT @` makes it a repost.
    """
    if _KIND_FIELDS.isdisjoint(field_paths):
        return "repost" if _REPOST_PREFIX.match(text) else "post"
    references = next((value for path in field_paths.get("references", ()) if (value := get_value(post, path))), None)
    if isinstance(references, list):
        kinds = {_KIND_BY_REFERENCE_TYPE.get(str(reference.get("type"))) for reference in references if isinstance(reference, dict)}
    elif isinstance(references, str) and references.startswith("["):  # a list that a table has as text
        kinds = {kind for reference_type, kind in _KIND_BY_REFERENCE_TYPE.items() if reference_type in references[:2_000]}
    else:
        kinds = {
            kind for kind in ("repost", "reply", "quote") if any(is_truthy(get_value(post, path)) for path in field_paths.get(kind, ()))
        }
        if "conversation" in field_paths and _is_reply(post, field_paths):
            kinds.add("reply")
        if "kind_word" in field_paths:
            kinds.add(parse_kind_word(first_value(post, field_paths["kind_word"])))
    if "repost" in kinds or _REPOST_PREFIX.match(text):
        return "repost"
    return "reply" if "reply" in kinds else "quote" if "quote" in kinds else "post"


def parse_kind_word(value: Any) -> str | None:
    """Return the kind that a word such as “Retweet” or “@Reply” stands for, or None if it stands for none."""
    return _KIND_BY_WORD.get(re.sub(r"[^a-z]", "", value[:40].lower())) if isinstance(value, str) else None


def _is_reply(post: RawPost, field_paths: FieldPaths) -> bool:
    """Return whether another post started this post's conversation."""
    conversation_id, post_id = first_value(post, field_paths["conversation"]), first_value(post, field_paths.get("id"))
    return is_truthy(conversation_id) and post_id is not None and str(conversation_id) != str(post_id)


def is_truthy(value: Any) -> bool:
    """Return whether a flag or a reference has a value that stands for “yes”."""
    if isinstance(value, str):
        return len(value) > 2 * _MAX_WORD_CHARS or value.strip().lower() not in _FALSE_WORDS
    return bool(value) and value == value  # not NaN


def parse_url(value: Any) -> str | None:
    """Return an http or https URL that is safe to link to, or None."""
    return value if isinstance(value, str) and _URL_PATTERN.fullmatch(value) else None


def normalize_account_name(name: str) -> str:
    """Return an account's name in the form that `file:ID/NAME` allows, or "" if no character is left.

    The name is lower case and has letters, digits, combining marks and `_ . - @`; every other character becomes `_`.
    """
    text = unicodedata.normalize("NFC", name[:400].strip()).lower()
    text = _NETWORK_PREFIX.sub("", text, count=1).removeprefix("@") if _NETWORK_PREFIX.match(text) else text.removeprefix("@")
    characters = (character if character in "_.-@" or unicodedata.category(character)[0] in "LNM" else "_" for character in text)
    return unicodedata.normalize("NFC", "".join(characters))[:_MAX_NAME_CHARS].rstrip(".")
