"""Converts posts of Mastodon, from its API or from people's own files, to rows. Nothing is requested here."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from dashboard.core import post_text
from dashboard.sources.coerce import as_mapping, as_text, parse_count, parse_language, parse_timestamp
from dashboard.sources.mastodon_html import html_to_text

ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,64}")  # Mastodon itself uses only digits
_MAX_URL_CHARS = 2000
_METRIC_KEYS = {"likes": "favourites_count", "reposts": "reblogs_count", "replies": "replies_count", "quotes": "quotes_count"}


def parse_posts(statuses: list[Any]) -> list[dict[str, Any]]:
    """Return statuses as rows of posts.SCHEMA without `account`. Only statuses without an ID are left out."""
    return [row for status in statuses if (row := _parse_status(as_mapping(status)))]


def _parse_status(status: Mapping[str, Any]) -> dict[str, Any] | None:
    status_id, reblog = parse_id(status.get("id")), as_mapping(status.get("reblog"))
    if not status_id:
        return None
    original = reblog or status
    return {
        "id": status_id,
        "created_at": parse_timestamp(status.get("created_at")),
        "text": _extract_text(original),
        "kind": "repost" if reblog else _post_kind(status),
        "lang": parse_language(original.get("language")),
        "url": _parse_url(original.get("url")) or _parse_url(original.get("uri")),
    } | {column: None if reblog else parse_count(status.get(name)) for column, name in _METRIC_KEYS.items()}


def parse_id(value: Any) -> str | None:
    """Return an ID that is safe in a URL, or None. Some software sends numbers."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else as_text(value)
    return text if ID_PATTERN.fullmatch(text) else None


def _extract_text(status: Mapping[str, Any]) -> str:
    """Return the text of a post, with its content warning as the first line."""
    warning, text = as_text(status.get("spoiler_text")).strip(), html_to_text(as_text(status.get("content")))
    return post_text.clean_text("\n".join(filter(None, (warning, text))))


def _post_kind(status: Mapping[str, Any]) -> str:
    """Return the kind of a post that isn't a repost; a reply that quotes is a reply. Some of Mastodon's relatives send only `quote_id`."""
    if status.get("in_reply_to_id"):
        return "reply"
    return "quote" if as_mapping(status.get("quote")) or status.get("quote_id") else "post"


def _parse_url(value: Any) -> str | None:
    """Return a URL that is safe to link to, None for any other value."""
    url = as_text(value)
    try:
        parts = urlsplit(url)
        is_safe = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
    except ValueError:
        return None
    return url if is_safe and len(url) <= _MAX_URL_CHARS and url.isprintable() and " " not in url else None
