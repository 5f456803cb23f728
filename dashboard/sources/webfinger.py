"""What a domain says about an account by WebFinger (RFC 7033): whether it has it, and which server hosts it.

Only answers are parsed here. `mastodon_client.py` asks, and `ssrf_guard.py` decides whether the named server may be contacted.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard.sources.coerce import as_list, as_mapping, as_text

_HOST_PATTERN = re.compile(r"[a-z0-9.-]{1,253}")
WEBFINGER_PATH = "/.well-known/webfinger"
_ACCT_PATTERN = re.compile(r"acct:([A-Za-z0-9_.-]{1,64})@.+")


@dataclass(frozen=True)
class HomeServer:
    """The server that hosts an account, and the account's name there."""

    host: str
    local_name: str


@dataclass(frozen=True)
class WebFingerAnswer:
    """What a domain says about an account by WebFinger: whether it has it (False if it doesn't say), and where it is hosted."""

    is_known: bool = False
    home: HomeServer | None = None


def parse_redirect(location: str, local_name: str) -> HomeServer | None:
    """Return the server that a domain redirects WebFinger requests to: its own Mastodon server under another name."""
    host = _parse_host(location) if WEBFINGER_PATH in location else None
    return HomeServer(host, local_name) if host else None


def parse_body(body: Any, local_name: str) -> HomeServer | None:
    """Parse a WebFinger response: the server comes from the link to the account itself, the name from the subject."""
    links = [as_mapping(link) for link in as_list(body.get("links"))]
    host = next((link_host for link in links if link.get("rel") == "self" and (link_host := _parse_host(as_text(link.get("href"))))), None)
    subject = _ACCT_PATTERN.fullmatch(as_text(body.get("subject")))
    return HomeServer(host, subject[1] if subject else local_name) if host else None


def _parse_host(url: str) -> str | None:
    """Return the host of an https URL, or None for anything else. The guard still has to check it before it's contacted."""
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme == "https" and parts.port in (None, 443) else None
    except ValueError:
        return None
    return host if host and _HOST_PATTERN.fullmatch(host) else None
