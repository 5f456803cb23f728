"""Verifies access keys and sign-in tokens, and limits how many wrong keys may be tried. No HTTP.

Keys are held as hashes only. Tokens are signed and not stored, so every instance with the same keys accepts them.
"""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from functools import cached_property

from itsdangerous import BadSignature

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import TooManyAttempts
from dashboard.web.auth.signing import ClockedSigner

SIGN_IN_SECONDS = 12 * 3600  # how long a sign-in lasts
MAX_WRONG_KEYS_PER_MINUTE = 20  # different ones
_WINDOW_SECONDS = 60.0
_PBKDF2_ITERATIONS = 100_000  # about 50 ms, once; makes it hard to guess a weak key from a token
_TOKEN_PAYLOAD = b"signed-in"


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

    def verify_key(self, key: str) -> bool:
        """Return whether a key is valid. Raises TooManyAttempts for a wrong key after too many others within a minute.

        A valid key is always accepted, so nobody can lock others out. Repeating the same wrong key counts once.
        """
        digest = _hash_key(key)
        if sum(hmac.compare_digest(digest, key_digest) for key_digest in self._key_digests) > 0:  # compares all, for constant time
            return True
        with self._lock:
            now = self._clock().timestamp()
            self._wrong_attempts = {wrong: tried_at for wrong, tried_at in self._wrong_attempts.items() if now - tried_at < _WINDOW_SECONDS}
            if digest in self._wrong_attempts:
                return False
            if len(self._wrong_attempts) >= MAX_WRONG_KEYS_PER_MINUTE:
                raise TooManyAttempts(max(1, round(_WINDOW_SECONDS - now + next(iter(self._wrong_attempts.values())))))
            self._wrong_attempts[digest] = now
            return False

    def issue_token(self) -> str:
        """Return a token that a browser sends instead of a key."""
        return self._signer.sign(_TOKEN_PAYLOAD).decode()

    def verify_token(self, token: str) -> bool:
        """Return whether a token was issued with the current keys and hasn't expired."""
        try:
            return self._signer.unsign_within(token, SIGN_IN_SECONDS) == _TOKEN_PAYLOAD
        except BadSignature:
            return False

    @cached_property
    def _signer(self) -> ClockedSigner:
        """The signer of tokens. Its secret depends on all keys, so changing one ends every sign-in."""
        secret = hashlib.pbkdf2_hmac("sha256", b"".join(self._key_digests), b"chorus: proofs of a sign-in", _PBKDF2_ITERATIONS)
        return ClockedSigner(self._clock, secret, b"chorus.door")


def _hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
