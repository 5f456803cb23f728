"""Rows from what X calls posts, or tweets. Nothing in here contacts X, and nothing from X leaves unchecked."""

import re
from collections.abc import Mapping
from typing import Any

from dashboard.core import post_text
from dashboard.sources.coerce import as_list, as_mapping, parse_count, parse_language, parse_timestamp

_POST_ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,40}")
_NON_LANGUAGE_PATTERN = re.compile(r"q[a-t][a-z]")  # X's codes for posts of only links, only hashtags, …
_REPOST_PREFIX = re.compile(r"RT @\w")
_METRIC_KEYS = {
    "likes": ("like_count",),
    "reposts": ("retweet_count", "repost_count"),
    "replies": ("reply_count",),
    "quotes": ("quote_count",),
    "views": ("impression_count", "view_count"),
}


def parse_posts(tweets: list[Any], handle: str) -> list[dict[str, Any]]:
    """Return X's posts as rows of posts.SCHEMA without `account`. Only posts without an ID are left out."""
    return [row for tweet in tweets if (row := _parse_tweet(as_mapping(tweet), handle))]


def _parse_tweet(tweet: Mapping[str, Any], handle: str) -> dict[str, Any] | None:
    post_id = tweet.get("id")
    post_id = str(post_id) if isinstance(post_id, int) and not isinstance(post_id, bool) else post_id
    if not isinstance(post_id, str) or not _POST_ID_PATTERN.fullmatch(post_id):
        return None
    text = post_text.clean_text(_extract_text(tweet), has_entities=True)
    kind = _post_kind(tweet, text)
    metrics = {} if kind == "repost" else as_mapping(tweet.get("public_metrics"))  # X reports 0; the reactions belong to the original
    return {
        "id": post_id,
        "created_at": parse_timestamp(tweet.get("created_at")),
        "text": text,
        "kind": kind,
        "lang": _parse_post_language(tweet.get("lang")),
        "url": f"https://x.com/{handle}/status/{post_id}",
    } | {name: first_count(metrics, names) for name, names in _METRIC_KEYS.items()}


def _extract_text(tweet: Mapping[str, Any]) -> str:
    """Return the whole text. Beyond 280 characters it's in the note, and the post's own text is cut."""
    note_texts = (as_mapping(tweet.get(name)).get("text") for name in ("note_tweet", "note_post"))
    return next((text for text in (*note_texts, tweet.get("text")) if isinstance(text, str) and text), "")


def _post_kind(tweet: Mapping[str, Any], text: str) -> str:
    """Return a post's kind, by what it refers to. Reposts from before X stored references begin with `RT @`."""
    references = [item for name in ("referenced_tweets", "referenced_posts") for item in as_list(tweet.get(name))]
    reference_types = [as_mapping(reference).get("type") for reference in references]
    if any(reference_type in ("retweeted", "reposted") for reference_type in reference_types):
        return "repost"
    if "replied_to" in reference_types:
        return "reply"
    if "quoted" in reference_types:
        return "quote"
    return "repost" if not reference_types and _REPOST_PREFIX.match(text) else "post"


def _parse_post_language(code: Any) -> str | None:
    """Return a language code, or None for X's own codes for posts without words."""
    return None if isinstance(code, str) and _NON_LANGUAGE_PATTERN.fullmatch(code) else parse_language(code)


def first_count(metrics: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    """Return the first plausible count under these keys, or None (never 0) if there is none."""
    return next((count for key in keys if (count := parse_count(metrics.get(key))) is not None), None)
