"""Parses the web addresses that people paste, and looks inside those of redirects and archives.

Which network a host belongs to isn't known here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

_SCHEME_PATTERN = re.compile(r"^(?:view-source:)?(?:(?:h?t{1,2}ps?|hxxps?):?/+|https?:|:?//)*")  # pasted twice, or with something missing
_OTHER_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://")
_REDIRECT_HOSTS = {"google.com", "l.facebook.com", "lm.facebook.com", "l.instagram.com", "l.threads.com", "out.reddit.com", "href.li"}
_REDIRECT_HOSTS |= {"linkedin.com", "youtube.com", "duckduckgo.com", "slack-redir.net", "steamcommunity.com", "t.umblr.com"}
_REDIRECT_HOSTS |= {"safelinks.protection.outlook.com", "skyview.social"}
_TARGET_PARAMETERS = ("url", "u", "q", "uddg", "z")
_ARCHIVE_PATTERN = re.compile(
    r"^(?:web\.archive\.org/web/[0-9a-z_*]+|archive\.(?:today|ph|is)/(?:newest|[0-9]+))/((?:https?:?/+)?[^/]+\..+)$"
)
_ADDRESS_IN_PATH = re.compile(r"^[^?#]+/(https?:/+.+)$")  # of a proxy or a reader, such as 12ft.io/https://x.com/nasa
_FORMAT_CHARACTERS = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_GENERIC_LABELS = ("www.", "m.", "mobile.", "web.")


@dataclass(frozen=True)
class WebAddress:
    """A web address: its host without `www.` and a final dot, the segments of its path, its parameters and what follows `#`."""

    host: str
    path: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    fragment: str = ""

    @property
    def site(self) -> str:
        """Return the host without what only distinguishes its mobile pages."""
        label = next((label for label in _GENERIC_LABELS if self.host.startswith(label)), "")
        return self.host.removeprefix(label) if "." in self.host.removeprefix(label) else self.host


def parse_web_address(text: str) -> WebAddress | None:
    """Parse an address in lower case, with or without a scheme; None if it isn't one, or is one of another scheme.

    The target of a redirect or an archived page replaces the address itself.
    """
    address = _parse(text)
    target = _find_target(text, address) if address else None
    return _parse(target) if target else address


def _parse(text: str) -> WebAddress | None:
    rest = _SCHEME_PATTERN.sub("", text.replace("\\", "/"))
    if _OTHER_SCHEME.match(rest):
        return None
    try:
        parts = urlsplit(f"https://{rest}")
        host, port = (parts.hostname or "").removesuffix(".").removeprefix("www."), parts.port
        parameters = {name: values[0] for name, values in parse_qs(parts.query, max_num_fields=50).items()}
    except ValueError:
        return None
    if not host or parts.username is not None or port not in (None, 80, 443) or rest.startswith("/"):
        return None
    path = (_FORMAT_CHARACTERS.sub("", unquote(segment)).strip() for segment in parts.path.partition("&")[0].split("/"))
    return WebAddress(host, tuple(segment for segment in path if segment), parameters, parts.fragment)


def _find_target(text: str, address: WebAddress) -> str | None:
    rest = _SCHEME_PATTERN.sub("", text)
    if inner := _ARCHIVE_PATTERN.match(rest) or _ADDRESS_IN_PATH.match(rest):
        return inner[1]
    if not any(address.site == host or address.site.endswith(f".{host}") for host in _REDIRECT_HOSTS):
        return None
    targets = (address.parameters.get(name, "") for name in _TARGET_PARAMETERS)
    return next((target for target in targets if target.startswith(("http://", "https://"))), None)
