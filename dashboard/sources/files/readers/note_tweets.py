"""Matches the full texts of long posts in X's archive, which X stores separately, to the posts. Nothing is unpacked or parsed here."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from dashboard.core.html_entities import unescape_entities
from dashboard.sources.files.readers.json_elements import NumberedElement
from dashboard.sources.files.times.grammar import format_x_timestamp

MAX_NOTE_CHARS = 2**24  # characters of long texts that are held until their posts are read
MAX_NOTES_PER_SECOND = 20

_MIN_SHARED_CHARS = 60  # a truncated post and its long text must share these, or all of the post if it is shorter


class NoteTweets:
    """The full texts of long posts, which X stores separately under other IDs. They are matched by time and by how they begin."""

    def __init__(self, numbered_elements: Iterator[NumberedElement]) -> None:
        self._texts_by_second: dict[str, list[str]] = {}
        self._skipped_texts, free_chars = 0, MAX_NOTE_CHARS
        for second, text in (_parse_note(element) for _, element in numbered_elements):
            texts = self._texts_by_second.setdefault(second, [])
            if second and len(text) <= free_chars and len(texts) < MAX_NOTES_PER_SECOND:
                texts.append(text)
                free_chars -= len(text)
            else:
                self._skipped_texts += 1

    @property
    def unmatched_texts(self) -> int:
        """The number of texts without a matching post."""
        return self._skipped_texts + sum(len(texts) for texts in self._texts_by_second.values())

    def complete_post(self, post: Any) -> Any:
        """Return a post with its full text, if one with the same beginning is left for that second."""
        second = post.get("created_at") if isinstance(post, dict) else None
        texts = self._texts_by_second.get(second) if isinstance(second, str) else None
        short_text = post.get("full_text", post.get("text")) if texts else None
        if not texts or not isinstance(short_text, str):
            return post
        beginning = _normalize_for_match(short_text).rstrip("….").rstrip()
        longest = max(
            (text for text in texts if beginning and _normalize_for_match(text).startswith(beginning[:_MIN_SHARED_CHARS])),
            key=len,
            default="",
        )
        if not longest:
            return post
        texts.remove(longest)
        return post | {"full_text": longest} if len(_normalize_for_match(longest)) > len(beginning) else post


def _parse_note(element: Any) -> tuple[str, str]:
    """Return the time of a long text, in the format that posts use, and the text itself; ("", "") if the element isn't one."""
    note = element.get("noteTweet") if isinstance(element, dict) else None
    core = note.get("core") if isinstance(note, dict) else None
    text = core.get("text") if isinstance(core, dict) else None
    try:
        moment = datetime.fromisoformat(note["createdAt"])  # type: ignore[index]
        second = format_x_timestamp(moment.astimezone(UTC)) if moment.tzinfo else ""
    except (KeyError, TypeError, ValueError, OverflowError):
        second = ""
    return (second, text) if isinstance(text, str) and second else ("", "")


def _normalize_for_match(text: str) -> str:
    """Return a text in a form comparable between both scripts: without entities, and without a reply's leading mentions."""
    return re.sub(r"\A(@\w+\s+)+", "", unescape_entities(text))
