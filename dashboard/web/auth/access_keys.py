"""Who may come in: the operator's keys, what proves that somebody signed in, and how many wrong keys are borne. No HTTP.

Nothing in here holds a key as it was written. Proofs are signed and kept nowhere, so every instance with the same keys believes them.
"""

import hashlib
import hmac
import threading
from collections.abc import Sequence
from functools import cached_property

from itsdangerous import BadSignature, TimestampSigner

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import TooManyAttempts

SIGN_IN_SECONDS = 12 * 3600  # seconds that a sign-in is believed
MAX_WRONG_KEYS_PER_MINUTE = 20  # different wrong keys a minute
_WINDOW_SECONDS = 60.0
_MAX_CLOCK_SKEW_SECONDS = 60  # seconds by which the clocks of two instances may differ
_PBKDF2_ITERATIONS = 100_000  # of PBKDF2, about 50 ms once: who has a proof should not find a weak key of somebody else by guessing
_TOKEN_PAYLOAD = b"signed-in"


class AccessKeys:
    """Keys of which any one opens; without keys it stands open."""

    def __init__(self, keys: Sequence[str], clock: Clock = system_clock) -> None:
        self._key_digests = tuple(sorted(_hash_key(key) for key in keys))
        self._clock = clock
        self._wrong_attempts: dict[bytes, float] = {}  # digests of wrong keys, oldest first, and when they were tried
        self._lock = threading.Lock()

    @property
    def allows_anyone(self) -> bool:
        """Say whether nobody needs a key."""
        return not self._key_digests

    def verify_key(self, key: str) -> bool:
        """Say whether a key is one of ours. Raises TooManyTries for a wrong one if too many others came within a minute.

        A right key opens whatever else was tried, so nobody can lock others out. The same wrong key counts once.
        """
        given = _hash_key(key)
        if sum(hmac.compare_digest(given, each) for each in self._key_digests) > 0:  # every key is looked at, whichever is right
            return True
        with self._lock:
            now = self._clock().timestamp()
            self._wrong_attempts = {each: when for each, when in self._wrong_attempts.items() if now - when < _WINDOW_SECONDS}
            if given in self._wrong_attempts:
                return False
            if len(self._wrong_attempts) >= MAX_WRONG_KEYS_PER_MINUTE:
                raise TooManyAttempts(max(1, round(_WINDOW_SECONDS - now + next(iter(self._wrong_attempts.values())))))
            self._wrong_attempts[given] = now
            return False

    def issue_token(self) -> str:
        """Return what a browser shows from now on instead of a key."""
        return self._signer.sign(_TOKEN_PAYLOAD).decode()

    def verify_token(self, token: str) -> bool:
        """Say whether a proof was given with today's keys, and not too long ago."""
        try:
            value, given = self._signer.unsign(token, return_timestamp=True)
        except BadSignature:
            return False
        return value == _TOKEN_PAYLOAD and -_MAX_CLOCK_SKEW_SECONDS <= self._clock().timestamp() - given.timestamp() < SIGN_IN_SECONDS

    @cached_property
    def _signer(self) -> TimestampSigner:
        """Made of all keys, so that changing one ends every sign-in."""
        secret = hashlib.pbkdf2_hmac("sha256", b"".join(self._key_digests), b"chorus: proofs of a sign-in", _PBKDF2_ITERATIONS)
        return _ClockedSigner(self._clock, secret)


class _ClockedSigner(TimestampSigner):
    def __init__(self, clock: Clock, secret: bytes) -> None:
        super().__init__(secret, salt="chorus.door", key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock().timestamp())


def _hash_key(key: str) -> bytes:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
