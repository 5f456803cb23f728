"""Converts items of Bluesky's feeds, records of its repositories and events of its Jetstream.

Posts are read by the code that reads them from the network. Blocks of a repository are decoded in `readers/bluesky_repository.py`.
"""

import re
from typing import Any

from dashboard.sources import bluesky_posts
from dashboard.sources.coerce import as_mapping, as_text
from dashboard.sources.files.shapes.exported_posts import Post, to_export
from dashboard.sources.files.shapes.shape import get_value
from dashboard.sources.files.times.numeric_times import parse_epoch

_BLUESKY_POST, _BLUESKY_REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_RECORD_URI = re.compile(r"at://(did:[a-z0-9]+:[^/\s]{1,256})/[^/\s]{1,300}/[^/\s]{1,600}")
_FIRST_MICROSECOND = 1e15  # smaller numbers are other units


def convert_bluesky_item(item: Post) -> Post | None:
    """Return an item of a Bluesky feed, None if it's a like or another record. A repost belongs to the account that reposted."""
    if get_value(item, ("post", "record", "$type")) not in (None, _BLUESKY_POST):
        return None
    rows = bluesky_posts.parse_posts([item])
    author = get_value(item, ("reason", "by")) if rows and rows[0]["kind"] == "repost" else get_value(item, ("post", "author"))
    return to_export(rows[0], _bluesky_account(as_mapping(author))) if rows else item


def _bluesky_account(author: Post) -> str | None:
    handle = as_text(author.get("handle"))
    return (handle if handle and handle != "handle.invalid" else as_text(author.get("did"))) or None


def convert_bluesky_record(entry: Post) -> Post | None:
    """Return a record of a Bluesky repository. A repost has no text, because it only refers to the original."""
    uri, record = as_text(entry.get("uri")), as_mapping(entry.get("value"))
    match, record_type = _RECORD_URI.fullmatch(uri), as_text(record.get("$type"))
    if match is None or record_type not in (_BLUESKY_POST, _BLUESKY_REPOST):
        return None
    post = {"uri": uri, "author": {"did": match[1]}, "record": record, "indexedAt": entry.get("indexedAt")}
    if record_type == _BLUESKY_POST:
        return convert_bluesky_item({"post": post})
    return {"id": uri, "account": match[1], "created_at": record.get("createdAt"), "text": "", "kind": "repost"}


def convert_jetstream_event(event: Post) -> Post | None:
    """Return the post of an event of Jetstream, None if it's about something else. The event's time is about when Bluesky indexes it."""
    commit = as_mapping(event.get("commit"))
    if commit.get("operation") == "delete":
        return None
    uri = f"at://{event.get('did')}/{commit.get('collection')}/{commit.get('rkey')}"
    return convert_bluesky_record({"uri": uri, "value": commit.get("record"), "indexedAt": _format_microseconds(event.get("time_us"))})


def _format_microseconds(number: Any) -> str | None:
    moment = parse_epoch(number) if isinstance(number, int) and number > _FIRST_MICROSECOND else None
    return moment.isoformat() if moment else None
