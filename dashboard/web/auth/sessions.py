"""Remembers who is signed in. The browser has a random token, and the store its hash, so that signing out ends the sign-in here.

The token is signed with the access key, so the head of a request shows whether we may have issued it, without asking the store.
A lost store means that everybody signs in again, and while it can't be reached, nobody is signed in. Access keys still work.
"""

import hashlib
import json
import secrets

from dashboard.core.access_keys import AccessKey
from dashboard.core.clock import Clock, system_clock
from dashboard.web.auth.store import AccessStore

SIGN_IN_SECONDS = 12 * 3600  # how long a sign-in lasts
_MAX_TOKEN_LENGTH = 100  # characters


class Sessions:
    """The sign-ins of all browsers."""

    def __init__(self, store: AccessStore, clock: Clock = system_clock) -> None:
        self._store, self._clock = store, clock

    def start(self, access_key: AccessKey) -> str:
        """Start a session for the holder of this key, and return its token. Raises StoreUnavailable."""
        token = access_key.sign(secrets.token_urlsafe(32))
        entry = {"key": access_key.id, "ends_at": self._clock().timestamp() + SIGN_IN_SECONDS}
        self._store.save(_entry_name(token), json.dumps(entry).encode(), SIGN_IN_SECONDS)
        return token

    def find_key_id(self, token: str) -> str | None:
        """Return the ID of the key that a session was started with, None if there is no such session. Raises StoreUnavailable."""
        if not token or len(token) > _MAX_TOKEN_LENGTH:
            return None
        value = self._store.load(_entry_name(token))
        try:
            entry = json.loads(value or b"{}")
            return str(entry["key"]) if self._clock().timestamp() < float(entry["ends_at"]) else None
        except (ValueError, TypeError, KeyError, RecursionError):  # none, or a damaged one
            return None

    def end(self, token: str) -> None:
        """End a session. Raises StoreUnavailable."""
        self._store.remove(_entry_name(token[:_MAX_TOKEN_LENGTH]))


def _entry_name(token: str) -> str:
    return f"session:{hashlib.sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()}"
