"""Completes reposts that X's API cut off after 140 characters, and recognises those that can't be completed. Other texts stay as they are.

The former API marks what it cut off with “…”. Tables made of it have the whole text of the original in a column of its own.
"""

import re
from typing import Any

from dashboard.core.html_entities import unescape_entities
from dashboard.sources.files.readers.cell_values import FieldPaths, RawPost, first_value, is_truthy

_REPOST_PREFIX = re.compile(r"RT @\w{1,50}:?\s*", re.ASCII)
CUT_END = "…"  # without it, the functions below find nothing
_MIN_CUT_CHARS = 120  # of a repost that was cut off; shorter ones end with “…” because their author wrote it
_POST_CUT_END = re.compile(r"…\s*https?://t\.co/\w+\s*\Z")  # of a post that the former API cut off: a link to the whole of it follows


def complete_text(text: str, post: RawPost, field_paths: FieldPaths) -> str:
    """Return the text of a repost with the whole text of the original, if it was cut off and another column has it."""
    if CUT_END not in text or not text.rstrip().endswith(CUT_END):
        return text
    prefix = _REPOST_PREFIX.match(text)
    if prefix is None and len(text) < _MIN_CUT_CHARS:
        return text
    original = first_value(post, field_paths.get("original_text"))
    beginning = text.rstrip()[prefix.end() if prefix else 0 : -len(CUT_END)]
    if not isinstance(original, str) or not _normalize(original).startswith(_normalize(beginning)):
        return text
    return f"{prefix[0] if prefix else ''}{original}"


def is_cut_off(text: str, post: RawPost, field_paths: FieldPaths) -> bool:
    """Return whether a text is only the beginning of what was posted."""
    if "truncated" in field_paths and _POST_CUT_END.search(text):
        return is_truthy(first_value(post, field_paths["truncated"]))
    is_marked = len(text) >= _MIN_CUT_CHARS and CUT_END in text and text.rstrip().endswith(CUT_END)
    return is_marked and _REPOST_PREFIX.match(text) is not None


def _normalize(text: Any) -> str:
    """Return a text in the form in which texts are compared: tools write entities and line ends in different ways."""
    return " ".join(unescape_entities(text).split())
