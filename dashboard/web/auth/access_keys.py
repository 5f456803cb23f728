"""Verifies access keys, and limits how many wrong keys may be tried. Keys are held as hashes only. No HTTP, and no sign-ins."""

import hashlib
import hmac
import threading
from collections.abc import Sequence

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import TooManyAttempts

MAX_WRONG_KEYS_PER_MINUTE = 20  # different ones
_WINDOW_SECONDS = 60.0


class AccessKeys:
    """A set of access keys, each of which grants access. Without keys, everyone has access."""

    def __init__(self, keys: Sequence[str], clock: Clock = system_clock) -> None:
        self._key_digests = tuple(sorted(_hash_key(key) for key in keys))
        self._clock = clock
        self._wrong_attempts: dict[bytes, float] = {}  # digests of wrong keys, oldest first, and when they were tried
        self._lock = threading.Lock()

    @property
    def allows_anyone(self) -> bool:
        """Whether nobody needs a key."""
        return not self._key_digests

    def find_id(self, key: str) -> str | None:
        """Return the ID of a valid key, None for a wrong one. Raises TooManyAttempts after too many other wrong ones within a minute.

        A valid key is always accepted, so nobody can lock others out. Repeating the same wrong key counts once.
        """
        digest = _hash_key(key)
        if [key_digest for key_digest in self._key_digests if hmac.compare_digest(digest, key_digest)]:  # compares all, for constant time
            return _identify(digest)
        with self._lock:
            now = self._clock().timestamp()
            self._wrong_attempts = {wrong: tried_at for wrong, tried_at in self._wrong_attempts.items() if now - tried_at < _WINDOW_SECONDS}
            if digest in self._wrong_attempts:
                return None
            if len(self._wrong_attempts) >= MAX_WRONG_KEYS_PER_MINUTE:
                raise TooManyAttempts(max(1, round(_WINDOW_SECONDS - now + next(iter(self._wrong_attempts.values())))))
            self._wrong_attempts[digest] = now
            return None

    def contains_id(self, key_id: str) -> bool:
        """Return whether a key with this ID is still in the setting."""
        return any(key_id == _identify(digest) for digest in self._key_digests)


def _hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def _identify(digest: bytes) -> str:
    """Return what a session remembers of its key; it opens nothing."""
    return hashlib.sha256(digest).hexdigest()
