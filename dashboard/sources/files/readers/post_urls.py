"""Gives posts their URLs: those in the file, else those of X by ID. What an address reveals is read in `post_addresses.py`."""

import re
from collections.abc import Sequence
from typing import Any

from dashboard.sources.files.readers.account_names import AccountNames
from dashboard.sources.files.readers.cell_values import RawPost, parse_urls
from dashboard.sources.files.readers.raw_posts import RawPosts

_X_HANDLE_PATTERN = re.compile(r"[a-z0-9_]{1,15}", re.ASCII)
_X_ONLY_KEYS = frozenset({"id_str", "public_metrics", "author_id", "edit_history_tweet_ids"})  # keys found only in posts from X


def list_urls(
    group: RawPosts, addresses: Sequence[Any], accounts: Sequence[str], ids: Sequence[str], names: AccountNames
) -> list[str | None]:
    """Return the posts' URLs: their addresses, else those that posts of X have by their IDs.

    `names` says which account posts have that don't name one.
    """
    urls = parse_urls(addresses)
    if not group.has_any_key(_X_ONLY_KEYS):
        return urls
    return [
        url or _build_x_url(group.post(position), account, post_id, names)
        for position, (url, account, post_id) in enumerate(zip(urls, accounts, ids, strict=True))
    ]


def _build_x_url(post: RawPost, account: str, post_id: str, names: AccountNames) -> str | None:
    """Return a post's URL on X, or None if the post isn't clearly from X. Without a known handle, `i` takes its place in the path."""
    if _X_ONLY_KEYS.isdisjoint(post) or not post_id.isdecimal():
        return None
    has_handle = (
        _X_HANDLE_PATTERN.fullmatch(account) and account != str(post.get("author_id")) and (names.has_owner or account != names.default)
    )
    return f"https://x.com/{account if has_handle else 'i'}/status/{post_id}"
