"""Converts posts of Mastodon, of the outboxes in its archives, and of Misskey.

Posts of Mastodon are read by the code that reads them from the network.
"""

import re
from typing import Any

from dashboard.sources import mastodon_posts
from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.files.shapes.exported_posts import Post, to_export, with_version
from dashboard.sources.files.shapes.shape import get_value

_MENTION_IN_PATH = re.compile(r"/(?:users/|@)([^/?#@]{1,200})")


def convert_mastodon_status(status: Post) -> Post | None:
    """Return a status of Mastodon, None if it's a direct message."""
    if status.get("visibility") == "direct":
        return None
    rows, account = mastodon_posts.parse_posts([status]), as_mapping(status.get("account"))
    return with_version(to_export(rows[0], account.get("acct") or account.get("username")), status.get("edited_at")) if rows else status


def convert_activity(activity: Post) -> Post | None:
    """Return a post of an outbox, or a repost, whose text isn't in the archive. None for direct messages and other activities."""
    note, kind = as_mapping(activity.get("object")), activity.get("type")
    published = note.get("published") or activity.get("published")
    if kind not in ("Create", "Announce", "Update") or (kind != "Announce" and not note) or _is_direct(activity):
        return None
    rows = mastodon_posts.parse_posts(
        [
            {
                "id": "1",
                "created_at": activity.get("published") if kind == "Announce" else published,
                "content": note.get("content"),
                "spoiler_text": note.get("summary"),
                "language": next(iter(as_mapping(note.get("contentMap"))), None),
                "in_reply_to_id": note.get("inReplyTo"),
                "quote_id": note.get("quote") or note.get("quoteUri") or note.get("quoteUrl"),
                "url": note.get("url") if isinstance(note.get("url"), str) else note.get("id"),
                "favourites_count": get_value(note, ("likes", "totalItems")),
                "reblogs_count": get_value(note, ("shares", "totalItems")),
                "replies_count": get_value(note, ("replies", "totalItems")),
            }
        ]
    )
    changes = {"id": (note.get("id") if kind != "Announce" else None) or activity.get("id")}
    changes |= {"kind": "repost", "url": activity.get("object")} if kind == "Announce" else {}
    return with_version(to_export(rows[0] | changes, _actor_name(activity.get("actor"))), note.get("updated"))


def convert_misskey_note(note: Post) -> Post | None:
    """Return a note of Misskey, None if it's a direct message. A note without words of its own that refers to another is a repost."""
    if note.get("visibility") == "specified":
        return None
    words = "\n".join(filter(None, (as_text(note.get("cw")), as_text(note.get("text")))))
    is_repost = bool(note.get("renoteId")) and not (words or note.get("fileIds") or note.get("poll"))
    original, user, reactions = as_mapping(note.get("renote")), as_mapping(note.get("user")), as_mapping(note.get("reactions"))
    server = as_text(user.get("host"))
    return {
        "id": note.get("id"),
        "account": f"{as_text(user.get('username'))}@{server}" if server else user.get("username"),
        "created_at": note.get("createdAt"),
        "text": as_text(original.get("text")) if is_repost else words,
        "kind": "repost" if is_repost else "reply" if note.get("replyId") else "quote" if note.get("renoteId") else "post",
        "likes": note.get("reactionCount", sum(n for n in reactions.values() if isinstance(n, int)) if "reactions" in note else None),
        "reposts": note.get("renoteCount"),
        "replies": note.get("repliesCount"),
    }


def _is_direct(activity: Post) -> bool:
    """Return whether an activity is addressed to single accounts only."""
    recipients = [as_text(recipient) for name in ("to", "cc") for recipient in as_list(activity.get(name))]
    return bool(recipients) and not any(recipient.endswith(("#Public", "as:Public", "/followers")) for recipient in recipients)


def _actor_name(actor: Any) -> str | None:
    match = _MENTION_IN_PATH.search(as_text(actor))
    return match[1] if match else as_text(actor).rstrip("/").rpartition("/")[2] or None
