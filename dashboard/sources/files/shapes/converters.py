"""Converts the objects of `json_posts.py` that paths can't describe: into the form of Chorus's own export, or of a simpler shape.

Posts of Bluesky and Mastodon are read by the code that reads them from the network. No file is read here.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable
from dashboard.sources import bluesky_posts, mastodon_posts
from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.files.shapes.shape import get_value
from dashboard.sources.files.times.numeric_times import parse_epoch

Post = Mapping[str, Any]

_BLUESKY_POST, _BLUESKY_REPOST = "app.bsky.feed.post", "app.bsky.feed.repost"
_RECORD_URI = re.compile(r"at://(did:[a-z0-9]+:[^/\s]{1,256})/[^/\s]{1,300}/[^/\s]{1,600}")
_FIRST_MICROSECOND = 1e15  # smaller numbers are other units
_REPOST_PREFIX = re.compile(r"RT @\w{1,50}:", re.ASCII)
_CAPTION_LABELS = ("caption", "text", "title")  # of Meta's archives, best first
_ARCHIVE_ADVICE = translatable("Set the language of your account to English, request the export again as JSON, and upload that.")
_MENTION_IN_PATH = re.compile(r"/(?:users/|@)([^/?#@]{1,200})")


def complete_old_tweet(tweet: Post) -> Post:
    """Return a post of API v1.1 with its whole text: that of `extended_tweet` and, of a repost, that of the original."""
    original = as_mapping(tweet.get("retweeted_status"))
    text, original_text = _whole_text(tweet), _whole_text(original)
    if original_text:
        prefix = _REPOST_PREFIX.match(text)
        text = f"{prefix[0] if prefix else 'RT @i:'} {original_text}"
    return {**tweet, "full_text": text}


def complete_flat_tweet(tweet: Post) -> Post:
    """Return a post of API v2 that contains what it refers to, with the whole text of the original if it's a repost."""
    for reference in as_list(tweet.get("referenced_tweets")):
        text = get_value(reference, ("note_tweet", "text")) or get_value(reference, ("text",))
        if get_value(reference, ("type",)) == "retweeted" and isinstance(text, str):
            return {**tweet, "text": f"RT @{get_value(reference, ('author', 'username')) or 'i'}: {text}"}
    return tweet


def _whole_text(tweet: Post) -> str:
    texts = (get_value(tweet, ("extended_tweet", "full_text")), tweet.get("full_text"), tweet.get("text"))
    return next((text for text in texts if isinstance(text, str) and text), "")


def convert_web_tweet(result: Post) -> Post:
    """Return a post as X's website receives it in the form of API v1.1."""
    legacy, user = as_mapping(result.get("legacy")), as_mapping(get_value(result, ("core", "user_results", "result")))
    handle = get_value(user, ("core", "screen_name")) or get_value(user, ("legacy", "screen_name"))
    note = get_value(result, ("note_tweet", "note_tweet_results", "result", "text"))
    original = as_mapping(get_value(legacy, ("retweeted_status_result", "result")) or result.get("retweeted_status_result"))
    original = as_mapping(original.get("tweet")) or original
    post = {
        **legacy,
        "id_str": as_text(result.get("rest_id")) or legacy.get("id_str"),
        "user": {"screen_name": handle},
        "view_count": get_value(result, ("views", "count")),
        "edit_history_tweet_ids": get_value(result, ("edit_control", "edit_tweet_ids")),
    }
    post |= {"full_text": note} if note else {}
    post |= {"retweeted_status": convert_web_tweet(original)} if original.get("legacy") else {}
    post.pop("conversation_id_str", None)
    return complete_old_tweet(post)


def convert_bluesky_item(item: Post) -> Post | None:
    """Return an item of a Bluesky feed, None if it's a like or another record. A repost belongs to the account that reposted."""
    if get_value(item, ("post", "record", "$type")) not in (None, _BLUESKY_POST):
        return None
    rows = bluesky_posts.parse_posts([item])
    author = get_value(item, ("reason", "by")) if rows and rows[0]["kind"] == "repost" else get_value(item, ("post", "author"))
    return _to_export(rows[0], _bluesky_account(as_mapping(author))) if rows else item


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


def convert_mastodon_status(status: Post) -> Post | None:
    """Return a status of Mastodon, None if it's a direct message."""
    if status.get("visibility") == "direct":
        return None
    rows, account = mastodon_posts.parse_posts([status]), as_mapping(status.get("account"))
    return _with_version(_to_export(rows[0], account.get("acct") or account.get("username")), status.get("edited_at")) if rows else status


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
    return _with_version(_to_export(rows[0] | changes, _actor_name(activity.get("actor"))), note.get("updated"))


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


def convert_telegram_message(message: Post) -> Post | None:
    """Return a message of a Telegram channel, None if it's about the channel itself. Its text may be in parts, one for each format."""
    if message.get("type") != "message":
        return None
    text = message.get("text")
    parts = text if isinstance(text, list) else [text]
    return {
        "id": message.get("id"),
        "account": message.get("from") or message.get("actor"),
        "created_at": message.get("date_unixtime"),
        "text": "".join(part if isinstance(part, str) else as_text(as_mapping(part).get("text")) for part in parts),
        "kind": "repost" if message.get("forwarded_from") else "reply" if message.get("reply_to_message_id") else "post",
    }


def _is_direct(activity: Post) -> bool:
    """Return whether an activity is addressed to single accounts only."""
    recipients = [as_text(recipient) for name in ("to", "cc") for recipient in as_list(activity.get(name))]
    return bool(recipients) and not any(recipient.endswith(("#Public", "as:Public", "/followers")) for recipient in recipients)


def _actor_name(actor: Any) -> str | None:
    match = _MENTION_IN_PATH.search(as_text(actor))
    return match[1] if match else as_text(actor).rstrip("/").rpartition("/")[2] or None


def convert_instagram_item(item: Post) -> Post:
    """Return a post of Instagram's or Threads's website."""
    threads = as_mapping(item.get("text_post_app_info"))
    caption = item.get("caption")
    return {
        "id": item.get("code") or item.get("pk") or item.get("id"),
        "account": get_value(item, ("user", "username")),
        "created_at": item.get("taken_at"),
        "text": as_text(caption if isinstance(caption, str) else as_mapping(caption).get("text")),
        "kind": "reply" if threads.get("is_reply") or threads.get("reply_to_author") else "quote" if _quoted(threads) else "post",
        "likes": item.get("like_count"),
        "replies": threads.get("direct_reply_count") if threads else item.get("comment_count"),
        "reposts": threads.get("repost_count"),
        "quotes": threads.get("quote_count"),
        "views": item.get("play_count") or item.get("view_count"),
    }


def _quoted(threads: Post) -> Any:
    return get_value(threads, ("share_info", "quoted_post"))


def convert_tiktok_video(video: Post) -> Post:
    """Return a video of TikTok's archive, whose text may be missing."""
    text = as_text(video.get("Title")) or as_text(video.get("Description"))
    return {"created_at": video.get("Date"), "text": text, "kind": "post", "url": video.get("Link"), "likes": video.get("Likes")}


def convert_facebook_post(post: Post) -> Post | None:
    """Return a post of Facebook's archive, None if it has no text."""
    texts = [text for entry in as_list(post.get("data")) if (text := as_text(as_mapping(entry).get("post")))]
    if not texts:
        descriptions = (get_value(post, ("attachments", str(n), "data", "0", "media", "description")) for n in range(3))
        texts = [text for text in descriptions if isinstance(text, str) and text]
    return _meta_export(texts[0], post.get("timestamp"), post) if texts else None


def convert_instagram_post(post: Post) -> Post | None:
    """Return a post of the archives of Instagram and Threads: its caption is its title, or that of its only picture."""
    media = as_mapping(get_value(post, ("media", "0")))
    timestamp = post.get("creation_timestamp") or media.get("creation_timestamp")
    text = as_text(post.get("title")) or as_text(media.get("title"))
    return _meta_export(text, timestamp, post)


def convert_labelled_post(post: Post) -> Post | None:
    """Return a post of Meta's newer archives, whose values have labels. Raises InvalidFile if these are in a language that isn't known."""
    entries = [as_mapping(entry) for entry in as_list(post.get("label_values"))]
    value_by_label = {as_text(entry.get("label")).lower(): entry for entry in entries}
    labels = [label for label in _CAPTION_LABELS if label in value_by_label]
    if not labels:
        raise InvalidFile(translatable("This is an archive of Instagram or Threads without captions in English."), _ARCHIVE_ADVICE)
    times = (entry.get("timestamp_value") for entry in entries)
    media_time = get_value(post, ("media", "0", "creation_timestamp"))
    timestamp = post.get("timestamp") or post.get("creation_timestamp") or next(filter(None, times), None) or media_time
    return _meta_export(as_text(value_by_label[labels[0]].get("value")), timestamp, post)


def _meta_export(text: str, timestamp: Any, post: Post) -> Post:
    return {"id": post.get("id"), "created_at": timestamp, "text": repair_utf8(text), "kind": "post"}


def repair_utf8(text: str) -> str:
    """Return a text of Meta's archives with its letters repaired: Meta writes each byte of UTF-8 as a character of its own."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _to_export(row: Post, account: Any) -> dict[str, Any]:
    """Return a row of a network as a post of Chorus's own export."""
    moment = row.get("created_at")
    created_at = moment.astimezone(UTC).isoformat() if isinstance(moment, datetime) else None
    return {**row, "created_at": created_at, "account": account}


def _with_version(post: dict[str, Any], edited_at: Any) -> Post:
    return post | ({"edited_at": edited_at} if edited_at else {})
