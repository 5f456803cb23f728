"""What X's lookups of accounts found, kept for a week, because each lookup is paid for.

How an account is looked up belongs in `x_timeline.py`.
"""

import json
from dataclasses import asdict

from dashboard.core.accounts import Account
from dashboard.sources.base import ByteCache
from dashboard.sources.x_timeline import XUser

USER_CACHE_SECONDS = 7 * 24 * 3600  # handles may change hands, IDs never do


class XUserCache:
    """The users of X that were looked up before, by the names of their accounts. Without a cache, nothing is kept."""

    def __init__(self, cache: ByteCache | None) -> None:
        self._cache = cache

    def load(self, account: Account) -> XUser | None:
        """Return the kept lookup of an account, None if there is none."""
        cached = self._cache.get(_cache_key(account)) if self._cache else None
        try:
            return XUser(**json.loads(cached)) if cached else None
        except (ValueError, TypeError):
            return None

    def save(self, account: Account, user: XUser) -> None:
        """Keep the lookup of an account."""
        self._put(account, json.dumps(asdict(user)).encode(), USER_CACHE_SECONDS)

    def forget(self, account: Account) -> None:
        """Drop the lookup of an account that has disappeared."""
        self._put(account, b"", 1)

    def _put(self, account: Account, value: bytes, seconds: int) -> None:
        if self._cache:
            self._cache.put(_cache_key(account), value, seconds)


def _cache_key(account: Account) -> str:
    return f"x-user:{account.name}"
