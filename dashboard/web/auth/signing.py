"""Signs short values with the time, for cookies that nobody else can make. What is signed doesn't belong here."""

import hashlib

from itsdangerous import SignatureExpired, TimestampSigner

from dashboard.core.clock import Clock

_MAX_CLOCK_SKEW_SECONDS = 60  # between the clocks of two instances


class ClockedSigner(TimestampSigner):
    """A TimestampSigner that takes the time from our clock."""

    def __init__(self, clock: Clock, secret: bytes, salt: bytes) -> None:
        super().__init__(secret, salt=salt, key_derivation="hmac", digest_method=hashlib.sha256)
        self._clock = clock

    def get_timestamp(self) -> int:
        """Return the time in seconds since 1970."""
        return int(self._clock().timestamp())

    def unsign_within(self, token: str, seconds: float) -> bytes:
        """Return the value of a token that was signed at most `seconds` ago. Raises BadSignature."""
        value, signed_at = self.unsign(token, return_timestamp=True)
        if not -_MAX_CLOCK_SKEW_SECONDS <= self._clock().timestamp() - signed_at.timestamp() < seconds:
            raise SignatureExpired("The signature is too old.")
        return value
