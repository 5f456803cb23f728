"""Bluesky as a network: handles, addresses, and what they may be mistaken for. Nothing in here sends a request; `bluesky.py` does."""

import difflib
import re
from collections.abc import Mapping, Sequence

from dashboard.core.messages import gettext, translatable
from dashboard.core.web_addresses import WebAddress
from dashboard.sources.base import ReadableNetwork, Source, SourceContext
from dashboard.sources.domain_names import DOCUMENTED_PATTERN, DOMAIN_NAME, encode_domain_name

_ACCOUNT_DID_PATTERN = re.compile(rf"did:plc:[a-z2-7]{{24}}|did:web:{DOMAIN_NAME.pattern.removeprefix('(?=.{4,253}$)')}")
_FROM_SEARCH = re.compile(r"(?:^|[\s(])from:@?([a-z0-9.:-]+)")
_OWN_DOMAIN = "bsky.social"  # of the handles that Bluesky gives
_MIN_SIMILARITY = 0.84  # of a domain to Bluesky's own: one slip
_FIRST_LABEL_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class BlueskyNetwork(ReadableNetwork):
    """Bluesky: handles are domain names, such as `nasa.bsky.social`."""

    name = "bluesky"
    title = "Bluesky"
    example = "nasa.bsky.social (Bluesky)"
    sample_report = (translatable("NASA on Bluesky"), "nasa.bsky.social")
    handle_advice = translatable("“{}” isn’t a valid Bluesky handle. Handles are domain names, such as nasa.bsky.social.")
    handle_pattern = rf"(bluesky:)?@?{DOCUMENTED_PATTERN}|did:plc:[a-z2-7]{{24}}"
    profile_url_pattern = rf"https?://bsky\.app/profile/{DOCUMENTED_PATTERN}"
    profile_hosts = frozenset(
        {"bsky.app", "bsky.social", "main.bsky.dev", "staging.bsky.app", "deck.blue", "fxbsky.app", "bskx.app", "bsky.brid.gy"}
    )
    other_prefixes = frozenset({"bsky", "at"})

    def parse_name(self, text: str) -> str | None:
        """Return the handle if it's a domain name, or the permanent ID if it is one."""
        name = encode_domain_name(text)
        return name if DOMAIN_NAME.fullmatch(name) or _ACCOUNT_DID_PATTERN.fullmatch(name) else None

    def claims_handle(self, text: str) -> bool:
        """Return whether the handle contains a dot and no `@`, or is a permanent ID."""
        return ("." in text and "@" not in text) or text.startswith("did:")

    def claims_address(self, address: WebAddress) -> bool:
        """Return whether the address names an account of Bluesky: in another app, in a tool or the API, or as the address itself."""
        return self.parse_profile_address(address) is not None

    def parse_profile_address(self, address: WebAddress) -> str | None:
        """Return the handle after `/profile/` or before the name of a starter pack, or else what can't be anything but an account.

        That's a permanent ID or a handle of bsky.social anywhere in the path, what follows `at://` there, a parameter of the API, the
        author of a search, or the host of an address.
        """
        name = self._parse_segment(address.path) or self._find_distinct_name(address.path) or self._find_parameter(address)
        return name or (address.host if address.host.endswith(".bsky.social") else None)

    def parse_app_link(self, path: Sequence[str], parameters: Mapping[str, str]) -> str | None:
        """Return the handle or permanent ID of `at://NAME/…` or of a link of Bluesky's app, `bluesky://profile/NAME`."""
        return path[1] if path[0] == "profile" and len(path) > 1 else path[0]

    def explain_address(self, address: WebAddress) -> str:
        """Show what profile links look like."""
        return gettext("Profile links look like https://bsky.app/profile/nasa.bsky.social; you can also enter only the handle.")

    def find_name_in_address(self, address: WebAddress) -> str:
        """Return what follows `/profile/`, which may be only the first part of a handle, or a handle without it."""
        if address.path[:1] == ("profile",) and len(address.path) > 1:
            return address.path[1]
        name = address.path[0].removeprefix("@") if address.path else ""
        return name if "." in name and self.parse_name(name) else ""

    def suggest_account(self, text: str) -> str:
        """Return the text if it is a handle, otherwise the handle that Bluesky itself gives to a name without a domain."""
        if self.parse_name(text):
            return text
        return f"{text}.bsky.social" if _FIRST_LABEL_PATTERN.fullmatch(text) else ""

    def _parse_segment(self, path: Sequence[str]) -> str | None:
        name = path[1].removeprefix("@") if len(path) > 1 and path[0] in ("profile", "starter-pack", "start") else None
        return self.parse_name(name) if name else None

    def _find_distinct_name(self, path: Sequence[str]) -> str | None:
        for position, segment in enumerate(path):
            name = segment.removeprefix("@")
            is_distinct = name.endswith(".bsky.social") or name.startswith("did:") or (position and path[position - 1] in ("at", "at:"))
            if is_distinct and self.parse_name(name):
                return name
        return None

    def _find_parameter(self, address: WebAddress) -> str | None:
        """Return the account that the API is asked for, or whose posts a page of Bluesky's shows."""
        name = ""
        if address.path[:1] == ("xrpc",):
            name = address.parameters.get("actor") or address.parameters.get("repo", "")
        elif self.owns_host(address.site):
            match = _FROM_SEARCH.search(address.parameters.get("q", ""))
            name = match[1] if match else address.parameters.get("author", "")
        return name if self.parse_name(name) else None

    def build_source(self, context: SourceContext) -> Source:
        """Return the source that the settings configure. Loading it loads requests."""
        from dashboard.sources.bluesky import BlueskySource

        return BlueskySource(context.settings.bluesky_api_url, clock=context.clock, breakers=context.breakers)


BLUESKY = BlueskyNetwork()


def find_near_handle(name: str) -> str:
    """Return the handle given by Bluesky that one which doesn't exist may mean, such as one in `.bsky.app`; empty if none is near."""
    label, _, domain = name.partition(".")
    is_near = domain.split(".")[0] in ("bsky", "bluesky") or difflib.SequenceMatcher(None, domain, _OWN_DOMAIN).ratio() >= _MIN_SIMILARITY
    return f"{label}.{_OWN_DOMAIN}" if is_near and domain != _OWN_DOMAIN and _FIRST_LABEL_PATTERN.fullmatch(label) else ""
