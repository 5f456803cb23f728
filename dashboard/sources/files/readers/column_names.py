"""The names that tools give to the columns of tables and the keys of JSON. To support another tool, add its names here.

No values are parsed here.
"""

import re
from collections.abc import Mapping

KeyPath = tuple[str, ...]  # a key, or a key and a key inside its object

# Names per field, best first. Case, spaces and underscores are ignored, so createdAt, Created At and created_at are the same name.
# The fields are those of posts.SCHEMA, then the ones that reveal a post's kind, then the ones that help to parse a time.
NAMES_BY_FIELD: dict[str, tuple[str, ...]] = {
    "id": ("id_str", "status_id", "tweet_id", "post_id", "id", "rest_id", "uri"),
    "created_at": (
        "created_at",
        "unix_timestamp",
        "timestamp_utc",
        "created_utc",
        "timestamp",
        "datetime",
        "date",
        "published_at",
        "posted_at",
        "time",
    ),
    "text": (
        "note_tweet.text",
        "note_post.text",
        "full_text",
        "text",
        "tweet",
        "body",
        "content",
        "message",
        "raw_content",
        "tweet_text",
        "post_text",
    ),
    "account": (
        "screen_name",
        "user_screen_name",
        "username",
        "user_username",
        "handle",
        "author_username",
        "author_handle",
        "user.screen_name",
        "user.username",
        "author.username",
        "author.handle",
        "account.acct",
        "from_user",
        "from_user_name",
        "account",
        "author",
        "user",
        "user_name",
        "author_name",
        "name",
        "author_id",
        "user_id",
    ),
    "kind": ("kind",),
    "lang": ("lang", "language", "language_guess"),
    "url": ("url", "link", "permalink", "tweet_url", "status_url", "post_url", "tweet_link"),
    "likes": ("favorite_count", "like_count", "likes", "likes_count", "favorites", "public_metrics.like_count"),
    "reposts": (
        "retweet_count",
        "repost_count",
        "retweets",
        "reposts",
        "retweets_count",
        "reblogs_count",
        "public_metrics.retweet_count",
        "public_metrics.repost_count",
    ),
    "replies": ("reply_count", "replies", "replies_count", "comments", "num_comments", "public_metrics.reply_count"),
    "quotes": ("quote_count", "quotes", "quotes_count", "public_metrics.quote_count"),
    "views": ("view_count", "impression_count", "views", "impressions", "public_metrics.impression_count", "public_metrics.view_count"),
    "repost": (
        "retweeted_status",
        "retweeted_status_id_str",
        "retweeted_status_id",
        "retweet_status_id",
        "is_retweet",
        "is_repost",
        "retweet",
        "retweeted_tweet",
        "referenced_tweets.retweeted.id",
    ),
    "reply": (
        "in_reply_to_status_id_str",
        "in_reply_to_status_id",
        "reply_to_status_id",
        "in_reply_to_tweet_id",
        "is_reply",
        "reply_to",
        "to_tweetid",
        "referenced_tweets.replied_to.id",
    ),
    "quote": (
        "quoted_status_id_str",
        "quoted_status_id",
        "is_quote_status",
        "is_quote_tweet",
        "is_quote",
        "quote_url",
        "quoted_tweet",
        "referenced_tweets.quoted.id",
    ),
    "references": ("referenced_tweets", "referenced_posts"),
    "conversation": ("conversation_id",),
    "zone": ("timezone", "utc_offset"),
    "hour": ("time",),
}


def normalize_name(name: str) -> str:
    """Return a name in the form in which names are compared: lower-case letters, digits and dots."""
    return re.sub(r"[^a-z0-9.]", "", name.lower())


def _split_name(name: str) -> tuple[str, str, str]:
    outer, _, inner = name.partition(".")
    return normalize_name(name), normalize_name(outer), inner


_NORMALIZED_NAMES_BY_FIELD = {field: tuple(map(_split_name, names)) for field, names in NAMES_BY_FIELD.items()}


def find_paths(keys: tuple[str, ...], chosen_columns: tuple[tuple[str, str], ...] = ()) -> Mapping[str, tuple[KeyPath, ...]]:
    """Return the paths to each field in a row with these keys, best first. Fields without a path are left out.

    `chosen_columns` are pairs (field, key) that a person chose; they take precedence. A dotted name matches a key with a dot in it,
    or a key inside the object of another key.
    """
    key_by_name: dict[str, str] = {}
    for key in keys:
        key_by_name.setdefault(normalize_name(key), key)
    default_paths = {
        field: tuple(path for name in names if (path := _find_path(*name, key_by_name)))
        for field, names in _NORMALIZED_NAMES_BY_FIELD.items()
    }
    chosen_paths = {field: ((key,),) for field, key in chosen_columns if key in keys}
    return {field: paths for field, paths in (default_paths | chosen_paths).items() if paths}


def _find_path(full_name: str, outer_name: str, inner_key: str, key_by_name: Mapping[str, str]) -> KeyPath | None:
    if full_name in key_by_name:
        return (key_by_name[full_name],)
    return (key_by_name[outer_name], inner_key) if inner_key and outer_name in key_by_name else None
