"""Converts posts of Facebook, Instagram and Threads, from their archives and as their websites receive them."""

from typing import Any

from dashboard.core.errors import InvalidFile
from dashboard.core.messages import translatable
from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.files.shapes.exported_posts import Post
from dashboard.sources.files.shapes.shape import get_value

_CAPTION_LABELS = ("caption", "text", "title")  # of Meta's archives, best first
_ARCHIVE_ADVICE = translatable("Set the language of your account to English, request the export again as JSON, and upload that.")


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
