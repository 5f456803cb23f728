"""Converts posts of Bluesky, from its API or from people's own files, to rows. Nothing is requested here."""

import re
from collections.abc import Mapping
from typing import Any

from dashboard.core import post_text
from dashboard.core.plausible_times import EARLIEST_POST_AT
from dashboard.sources.bluesky_facets import expand_links
from dashboard.sources.coerce import as_list, as_mapping, as_text, parse_count, parse_language, parse_timestamp
from dashboard.sources.mastodon_html import html_to_text

DID_PATTERN = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_POST_URI_PATTERN = re.compile(rf"at://({DID_PATTERN.pattern})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{{1,512}})")
_HANDLE_PATTERN = re.compile(r"(?=.{4,253}$)([A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}")
_METRIC_KEYS = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}


def parse_posts(feed_items: list[Any]) -> list[dict[str, Any]]:
    """Return items of a feed as rows of posts.SCHEMA without `account`. Only items without an ID are left out."""
    return [row for item in feed_items if (row := _parse_feed_item(as_mapping(item)))]


def _parse_feed_item(feed_item: Mapping[str, Any]) -> dict[str, Any] | None:
    post, reason = as_mapping(feed_item.get("post")), as_mapping(feed_item.get("reason"))
    record, uri = as_mapping(post.get("record")), as_text(post.get("uri"))
    if not _is_post_uri(uri):
        return None
    kind = "repost" if as_text(reason.get("$type")).endswith("#reasonRepost") else _post_kind(record, as_mapping(post.get("embed")))
    return {
        "id": _repost_id(uri, reason) if kind == "repost" else uri,
        "created_at": parse_timestamp(reason.get("indexedAt")) if kind == "repost" else _post_time(record, post),
        "text": post_text.clean_text(_whole_text(record)),
        "kind": kind,
        "lang": next(filter(None, map(parse_language, as_list(record.get("langs")))), None),
        "url": _post_url(uri, as_mapping(post.get("author"))),
    } | {column: None if kind == "repost" else parse_count(post.get(name)) for column, name in _METRIC_KEYS.items()}


def _whole_text(record: Mapping[str, Any]) -> str:
    """Return the text of a post with its links in full.

    Bridgy Fed, which brings posts from Mastodon, shortens them to what Bluesky allows, and keeps the whole text beside that, as HTML.
    """
    text = expand_links(record)
    is_shortened = text.rstrip().endswith(("…", "…]"))
    return (html_to_text(as_text(record.get("bridgyOriginalText"))) if is_shortened else "") or text


def _is_post_uri(uri: str) -> bool:
    return uri.startswith("at://") and uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= 1000


def _repost_id(uri: str, reason: Mapping[str, Any]) -> str:
    """Return the ID of the repost itself, or else one that differs from those of the original and of its other reposts."""
    repost_uri = as_text(reason.get("uri"))
    reposted_at = parse_timestamp(reason.get("indexedAt"))
    return repost_uri if _is_post_uri(repost_uri) else f"{uri}#{reposted_at.isoformat() if reposted_at else 'repost'}"


def _post_time(record: Mapping[str, Any], post: Mapping[str, Any]) -> Any:
    """Return the time that Bluesky sorts by: the earlier of the time the author's client reports and the time Bluesky indexed the post.

    A client's time that no post can have, such as year 1, doesn't count.
    """
    moments = (parse_timestamp(record.get("createdAt")), parse_timestamp(post.get("indexedAt")))
    return min((moment for moment in moments if moment and moment >= EARLIEST_POST_AT), default=None)


def _post_kind(record: Mapping[str, Any], embed_view: Mapping[str, Any]) -> str:
    """Return the kind of a post that isn't a repost. A reply that quotes is a reply."""
    if as_mapping(record.get("reply")):
        return "reply"
    return "quote" if any(_is_quote(embed) for embed in (as_mapping(record.get("embed")), embed_view)) else "post"


def _is_quote(embed: Mapping[str, Any]) -> bool:
    """Return whether an embed is a post. Feeds and lists are embedded in the same way."""
    embed_type = as_text(embed.get("$type")).partition("#")[0]
    if embed_type not in ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia"):
        return False
    inner = as_mapping(embed.get("record"))
    uri = as_text(inner.get("uri")) or as_text(as_mapping(inner.get("record")).get("uri"))
    return not uri or "/app.bsky.feed.post/" in uri


def _post_url(uri: str, author: Mapping[str, Any]) -> str | None:
    """Return a post's URL, with its author's handle or, if that isn't valid, the permanent ID; None for other URIs."""
    match, handle = _POST_URI_PATTERN.fullmatch(uri), as_text(author.get("handle"))
    if not match:
        return None
    profile_name = handle if _HANDLE_PATTERN.fullmatch(handle) and handle != "handle.invalid" else match[1]
    return f"https://bsky.app/profile/{profile_name}/post/{match[2]}"
