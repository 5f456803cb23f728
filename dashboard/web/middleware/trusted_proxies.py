"""Takes the client's address and scheme from `X-Forwarded-For` and `X-Forwarded-Proto`, but only if a trusted proxy sent them.

Otherwise the headers are removed, so that nothing below can use them. `X-Forwarded-Host` is never trusted.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from flask import Flask

_ANY = "*"
_MAX_REMEMBERED_PEERS = 1000  # whether they are trusted takes as long to find out as a request without a body
_PREFIX = "HTTP_X_FORWARDED_"


def init_app(app: Flask, proxies: Sequence[str]) -> None:
    """Trust these proxies: addresses, networks, or `*` for every client that connects."""
    wsgi_app, trusted = app.wsgi_app, TrustedProxies(proxies)

    def resolve(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        trusted.apply(environ)
        return wsgi_app(environ, start_response)

    app.wsgi_app = resolve  # type: ignore[method-assign]


class TrustedProxies:
    """The proxies whose headers are trusted."""

    def __init__(self, proxies: Sequence[str]) -> None:
        self._trusts_peer = _ANY in proxies
        self._networks = [ipaddress.ip_network(proxy) for proxy in proxies if proxy != _ANY]
        self._trusts = lru_cache(_MAX_REMEMBERED_PEERS)(self._is_trusted)

    def apply(self, environ: dict[str, Any]) -> None:
        """Set the client's address and scheme in a WSGI environ, and remove the headers."""
        forwarded = {name: environ.pop(name) for name in list(environ) if name.startswith(_PREFIX)}
        peer = environ.get("REMOTE_ADDR", "")
        if not self._trusts(peer):
            return
        environ["REMOTE_ADDR"] = self.client_address(peer, forwarded.get(f"{_PREFIX}FOR", ""))
        scheme = str(forwarded.get(f"{_PREFIX}PROTO", "")).partition(",")[0].strip().lower()
        if scheme in ("http", "https"):
            environ["wsgi.url_scheme"] = scheme

    def client_address(self, peer: str, forwarded_for: str) -> str:
        """Return the last address that isn't a proxy's, because anybody could have written those before it."""
        client = peer
        for address in reversed([part.strip() for part in forwarded_for.split(",")] if forwarded_for and self._trusts(peer) else []):
            if not _is_address(address):
                break
            client = address
            if not self._contains(address):
                break
        return client

    def _is_trusted(self, peer: str) -> bool:
        return self._trusts_peer or self._contains(peer)

    def _contains(self, address: str) -> bool:
        return bool(self._networks) and _is_address(address) and any(ipaddress.ip_address(address) in network for network in self._networks)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
