"""Finds whose posts a JSON object holds, if the posts don't say it: by a user beside the list of posts, or by the list's name.

How objects are searched for posts doesn't belong here, but in `json_posts.py`.
"""

import re
from collections.abc import Mapping
from typing import Any

from dashboard.sources.files.readers.cell_values import first_value
from dashboard.sources.files.readers.field_paths import KeyPath

USER_KEYS = ("username", "screen_name", "handle", "acct", "userName", "user_name", "user", "account", "author", "profile", "owner")
_HANDLE_KEYS = ("screen_name", "username", "userName", "handle", "acct", "name")
_MAX_NAME_CHARS = 400
_HANDLE = re.compile(r"@?[\w.-]{3,60}(@[\w.-]{3,60})?")
_GENERIC_WORDS = (
    r"page|part|chunk|batch|year|month|week|day|result|tweet|post|status|toot|data|dataset|list|item|entry|entries|row|record|value|"
    r"instruction|module|edge|node|hit|doc|document|children|reply|replies|comment|thread|media|original|repost|retweet|quote|export|"
    r"archive|output|response|payload|body|content|collection|feed|timeline|history|histories|object|array|root|all|other|message|"
    r"video|photo|activity|activities|event|update|note|article|"
    r"train|training|test|validation|dev|sample|positive|negative|neutral|"
    r"january|february|march|april|may|june|july|august|september|october|november|december|"
    r"twitter|bluesky|mastodon|facebook|instagram|threads|linkedin|reddit|youtube|tiktok"
)
_GENERIC_NAME = re.compile(rf"(?:my|all|the|new|old|user|x|twitter)?[\W_]*(?:{_GENERIC_WORDS})(?:e?s)?[\W_]*\d*|[\W\d_]+", re.IGNORECASE)
_LIST_NAME = re.compile(r".*(?:[\W_](?:posts|tweets|statuses|toots|data|list|results|items)|Posts|Tweets|Statuses|Data|List|Results|Items)")


def find_user(wrapper: Mapping[str, Any]) -> str:
    """Return the account that an object names beside its posts, "" if it names none."""
    for key in USER_KEYS:
        user = wrapper.get(key)
        name = first_value(user, tuple((inner,) for inner in _HANDLE_KEYS)) if isinstance(user, dict) else user
        if isinstance(name, str) and name.strip():
            return name[:_MAX_NAME_CHARS]
    return ""


def name_list(key: str) -> str:
    """Return the account that the name of a list of posts is, "" if the name is a general one, such as “results” or “page2”."""
    is_general = _GENERIC_NAME.fullmatch(key) or _LIST_NAME.fullmatch(key) or not _HANDLE.fullmatch(key)
    return "" if is_general and not key.startswith("@") else key


def add_account(post: Mapping[str, Any], account: str, account_paths: tuple[KeyPath, ...]) -> Mapping[str, Any]:
    """Return a post with the account around it, unless it names one itself."""
    if not account or first_value(post, account_paths) is not None:
        return post
    return {"screen_name": account} | {key: value for key, value in post.items() if key != "screen_name"}
