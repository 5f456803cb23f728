"""Converts the objects of Telegram and TikTok. Networks with several kinds of objects have modules of their own."""

from dashboard.sources.coerce import as_mapping, as_text
from dashboard.sources.files.shapes.exported_posts import Post


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


def convert_tiktok_video(video: Post) -> Post:
    """Return a video of TikTok's archive, whose text may be missing."""
    text = as_text(video.get("Title")) or as_text(video.get("Description"))
    return {"created_at": video.get("Date"), "text": text, "kind": "post", "url": video.get("Link"), "likes": video.get("Likes")}
