"""What an access key is: a name for people, and digests to recognise the key by. The key itself is never kept.

How many wrong keys may be tried, and who is signed in, don't belong here.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass, field

UNNAMED = "unnamed"
_NAME = r"[A-Za-z][A-Za-z0-9_.-]{0,39}"
_KEY_PATTERN = re.compile(r"[!-~]{16,200}")
_SIGNATURE_LENGTH = 32  # hexadecimal digits: 128 bits


@dataclass(frozen=True)
class AccessKey:
    """A key by its SHA-256 digests. A setting that can be read in two ways, such as `a:b…`, has one for each."""

    name: str
    digests: tuple[bytes, ...] = field(repr=False)

    def matches(self, digest: bytes) -> bool:
        """Return whether a digest is that of this key, in constant time."""
        return sum(hmac.compare_digest(digest, own) for own in self.digests) > 0

    def sign(self, text: str) -> str:
        """Return a text with a signature behind it, which nobody can make without the key or its digest."""
        return f"{text}.{hmac.digest(self.digests[-1], _encode(text), 'sha256').hex()[:_SIGNATURE_LENGTH]}"

    def has_signed(self, signed_text: str) -> bool:
        """Return whether a text has a signature of this key behind it."""
        return hmac.compare_digest(_encode(self.sign(signed_text.rpartition(".")[0])), _encode(signed_text))

    @property
    def id(self) -> str:
        """What a sign-in remembers of the key, whether the setting has the key or its digest; it opens nothing."""
        return hashlib.sha256(self.digests[-1]).hexdigest()


def hash_key(key: str) -> bytes:
    """Return the SHA-256 digest of a key."""
    return hashlib.sha256(_encode(key)).digest()


def parse_access_key(text: str) -> AccessKey | None:
    """Return the key of `KEY`, `NAME:KEY`, `sha256:HEX` or `NAME:sha256:HEX`, or None for anything else.

    Keys may contain colons, so `a:b…` also stands for the whole text as an unnamed key, as it did before keys had names.
    """
    if match := re.fullmatch(rf"(?:({_NAME}):)?sha256:([0-9a-fA-F]{{64}})", text):
        return AccessKey(match[1] or UNNAMED, (bytes.fromhex(match[2]),))
    if re.match(rf"(?:{_NAME}:)?sha256:", text) or not _KEY_PATTERN.fullmatch(text):
        return None
    named = re.fullmatch(rf"({_NAME}):({_KEY_PATTERN.pattern})", text)
    return AccessKey(named[1], (hash_key(text), hash_key(named[2]))) if named else AccessKey(UNNAMED, (hash_key(text),))


def is_key_name(text: str) -> bool:
    """Return whether a key may have this name."""
    return re.fullmatch(_NAME, text) is not None and text != "sha256"


def generate_key() -> str:
    """Return a new random key of 256 bits."""
    return secrets.token_urlsafe(32)


def _encode(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
