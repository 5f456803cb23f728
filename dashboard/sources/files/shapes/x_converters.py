"""Converts posts of X as its APIs and its website return them. X's archive is read in the package `readers`."""

import re

from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.files.shapes.exported_posts import Post
from dashboard.sources.files.shapes.shape import get_value

_REPOST_PREFIX = re.compile(r"RT @\w{1,50}:", re.ASCII)


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
