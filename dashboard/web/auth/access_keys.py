"""Recognises access keys, and limits how many wrong ones may be tried from one address. No HTTP, and no sign-ins."""

import hashlib
import ipaddress
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress

from dashboard.core.access_keys import AccessKey, hash_key
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import TooManyAttempts
from dashboard.timelines.outages import StoreUnavailable
from dashboard.web.auth.store import AccessStore

MAX_WRONG_KEYS_PER_MINUTE = 20  # different ones, per address
_WINDOW_SECONDS = 60
_IPV6_PREFIX = 64  # bits that one customer of a provider usually has


class AccessKeys:
    """A set of access keys, each of which grants access. Without keys, everyone has access."""

    def __init__(self, keys: Sequence[AccessKey], open_store: Callable[[], AccessStore], clock: Clock = system_clock) -> None:
        self._keys, self._open_store, self._clock = keys, open_store, clock
        self._lock = threading.Lock()

    @property
    def allows_anyone(self) -> bool:
        """Whether nobody needs a key."""
        return not self._keys

    def find_key(self, text: str, address: str) -> AccessKey | None:
        """Return the key that somebody sent from an address, None for a wrong one. Raises TooManyAttempts after too many wrong ones.

        A valid key is always accepted, so nobody can lock others out. Repeating the same wrong key counts once.
        """
        digest = hash_key(text)
        if matches := [key for key in self._keys if key.matches(digest)]:
            return matches[0]
        with suppress(StoreUnavailable):  # a wrong key is wrong, whether or not it was counted
            self._count_wrong_key(digest, group_addresses(address))
        return None

    def recognizes(self, text: str) -> bool:
        """Return whether a text is one of the keys, without counting a wrong one."""
        digest = hash_key(text)
        return any(key.matches(digest) for key in self._keys)

    def have_signed(self, token: str) -> bool:
        """Return whether a token is signed with one of the keys."""
        return any(key.has_signed(token) for key in self._keys)

    def find_by_id(self, key_id: str) -> AccessKey | None:
        """Return the key with an ID, None if it is no longer in the setting."""
        return next((key for key in self._keys if key.id == key_id), None)

    def _count_wrong_key(self, digest: bytes, address_group: str) -> None:
        """Count a wrong key, unless the same one was counted in this minute. Raises TooManyAttempts and StoreUnavailable."""
        now = int(self._clock().timestamp())
        window = f"wrong-keys:{_shorten(address_group.encode())}:{now // _WINDOW_SECONDS}"
        attempt = f"{window}:{_shorten(digest)}"
        store = self._open_store()
        with self._lock:
            if store.load(attempt) is not None:
                return
            if store.count(window, _WINDOW_SECONDS) > MAX_WRONG_KEYS_PER_MINUTE:
                raise TooManyAttempts(_WINDOW_SECONDS - now % _WINDOW_SECONDS)
            store.save(attempt, b"1", _WINDOW_SECONDS)


def group_addresses(address: str) -> str:
    """Return the network that an address is counted with: itself, or the 2^64 addresses that one customer has with IPv6.

    A proxy may write an IPv4 address as `::ffff:192.0.2.1`; as IPv6, all of them would count as one customer.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return str(ipaddress.ip_network((ip, _IPV6_PREFIX), strict=False)) if ip.version == 6 else str(ip)


def _shorten(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()[:32]
