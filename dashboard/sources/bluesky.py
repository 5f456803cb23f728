"""Bluesky: reads handles and addresses, looks up profiles and pages through authors' feeds, through the public AppView.

It needs no key and sends none. Requests and errors are in `bluesky_client.py`, rows in `bluesky_posts.py`; limits, repeats and partial
results are handled in `fetch.py`. Nothing from Bluesky leaves unchecked.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.display_names import clean_display_name
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.source_errors import AccountProtected
from dashboard.core.web_addresses import WebAddress
from dashboard.sources.base import Page, ReadableNetwork, Readiness, Source, SourceContext, TimelineRequest
from dashboard.sources.bluesky_client import BlueskyClient
from dashboard.sources.bluesky_posts import DID_PATTERN, parse_posts
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.coerce import as_list, as_mapping, as_text, is_page_before, parse_count
from dashboard.sources.domain_names import DOCUMENTED_PATTERN, DOMAIN_NAME
from dashboard.sources.http_errors import FetchContext

__all__ = ["BLUESKY", "BlueskySource"]
API_URLS = ("https://public.api.bsky.app", "https://api.bsky.app")  # the second is used when the first fails
MAX_PAGE_POSTS = 100
MAX_MISSING_POSTS = 50  # posts that Bluesky counts but may not show, such as hidden or recently deleted ones
SIGNED_IN_ONLY_LABEL = "!no-unauthenticated"  # the label by which an owner asks to be shown to signed-in users only
_ACCOUNT_DID_PATTERN = re.compile(rf"did:plc:[a-z2-7]{{24}}|did:web:{DOMAIN_NAME.pattern.removeprefix('(?=.{4,253}$)')}")
_FIRST_LABEL_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


class BlueskyNetwork(ReadableNetwork):
    """Bluesky: handles are domain names, such as `nasa.bsky.social`."""

    name = "bluesky"
    title = "Bluesky"
    example = "nasa.bsky.social (Bluesky)"
    sample_report = (translatable("NASA on Bluesky"), "nasa.bsky.social")
    handle_advice = translatable("“{}” isn't a valid Bluesky handle. Handles are domain names, such as nasa.bsky.social.")
    handle_pattern = rf"(bluesky:)?@?{DOCUMENTED_PATTERN}|did:plc:[a-z2-7]{{24}}"
    profile_url_pattern = rf"https?://bsky\.app/profile/{DOCUMENTED_PATTERN}"
    profile_hosts = frozenset(
        {"bsky.app", "bsky.social", "main.bsky.dev", "staging.bsky.app", "deck.blue", "fxbsky.app", "bskx.app", "bsky.brid.gy"}
    )
    other_prefixes = frozenset({"bsky", "at"})

    def parse_name(self, text: str) -> str | None:
        """Return the handle if it's a domain name, or the permanent ID if it is one."""
        return text if DOMAIN_NAME.fullmatch(text) or _ACCOUNT_DID_PATTERN.fullmatch(text) else None

    def claims_handle(self, text: str) -> bool:
        """Return whether the handle contains a dot and no `@`, or is a permanent ID."""
        return ("." in text and "@" not in text) or text.startswith("did:")

    def claims_address(self, address: WebAddress) -> bool:
        """Return whether the address is that of a profile in another app (`/profile/`), or a handle used as an address."""
        is_handle = not address.path and address.host.endswith(".bsky.social")
        return is_handle or (address.path[:1] == ("profile",) and self._parse_segment(address.path) is not None)

    def parse_profile_address(self, address: WebAddress) -> str | None:
        """Return the handle after `/profile/` or before the name of a starter pack, or the host of an address that is a handle."""
        if not address.path:
            return address.host if address.host.endswith(".bsky.social") else None
        return self._parse_segment(address.path)

    def parse_app_link(self, path: Sequence[str], parameters: Mapping[str, str]) -> str | None:
        """Return the handle or permanent ID of `at://NAME/…` or of a link of Bluesky's app, `bluesky://profile/NAME`."""
        return path[1] if path[0] == "profile" and len(path) > 1 else path[0]

    def explain_address(self, address: WebAddress) -> str:
        """Show what profile links look like."""
        return gettext("Profile links look like https://bsky.app/profile/nasa.bsky.social; you can also enter only the handle.")

    def find_name_in_address(self, address: WebAddress) -> str:
        """Return what follows `/profile/`, which may be only the first part of a handle."""
        return address.path[1] if address.path[:1] == ("profile",) and len(address.path) > 1 else ""

    def suggest_account(self, text: str) -> str:
        """Return the text if it is a handle, otherwise the handle that Bluesky itself gives to a name without a domain."""
        if self.parse_name(text):
            return text
        return f"{text}.bsky.social" if _FIRST_LABEL_PATTERN.fullmatch(text) else ""

    def _parse_segment(self, path: Sequence[str]) -> str | None:
        name = path[1].removeprefix("@") if len(path) > 1 and path[0] in ("profile", "starter-pack", "start") else None
        return self.parse_name(name) if name else None

    def build_source(self, context: SourceContext) -> Source:
        """Return the source that the settings configure."""
        return BlueskySource(context.settings.bluesky_api_url, clock=context.clock, breakers=context.breakers)


BLUESKY = BlueskyNetwork()


class BlueskySource(Source):
    """Bluesky, read through its public API or through a gateway at `api_url`."""

    network = BLUESKY

    def __init__(
        self,
        api_url: str = "",
        api_urls: tuple[str, ...] = API_URLS,
        clock: Clock = system_clock,
        breakers: CircuitBreakers | None = None,
    ) -> None:
        self._api_urls, self._clock = (api_url,) if api_url else api_urls, clock
        self._breakers = breakers or CircuitBreakers(clock)

    def readiness(self) -> Readiness:
        """Return that Bluesky can be read. It isn't contacted."""
        return Readiness(True, gettext("No account needed."))

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Look the profile up, then yield its feed in pages of 100, newest first."""
        with BlueskyClient(self._api_urls, account, deadline, self._clock, self._breakers) as client:
            yield from _iter_feed_pages(
                client, _parse_profile(account, client.call("app.bsky.actor.getProfile", actor=account.name)), request
            )


@dataclass(frozen=True)
class _Profile:
    """What a profile contains: the permanent ID to ask with, the number of posts if Bluesky reports it, and the display name."""

    did: str
    post_count: int | None
    name: str


def _parse_profile(account: Account, body: dict[str, Any]) -> _Profile:
    """Parse a profile. Raises the SourceError of an account that can't be read."""
    did = as_text(body.get("did"))
    if not DID_PATTERN.fullmatch(did):
        raise FetchContext("Bluesky", account).invalid_response_error()
    if any(
        as_mapping(label).get("val") == SIGNED_IN_ONLY_LABEL and not as_mapping(label).get("neg") for label in as_list(body.get("labels"))
    ):
        detail = deferred(
            "%(account)s shows its posts only to signed-in Bluesky users, so Chorus doesn't read them.", account=account.label
        )
        raise AccountProtected(str(account), detail, "")
    return _Profile(did, parse_count(body.get("postsCount")), clean_display_name(as_text(body.get("displayName"))))


def _iter_feed_pages(client: BlueskyClient, profile: _Profile, request: TimelineRequest) -> Iterator[Page]:
    """Yield pages until Bluesky names no next one. A short or an empty page doesn't end a feed."""
    parameters: dict[str, Any] = {"actor": profile.did, "limit": MAX_PAGE_POSTS, "filter": "posts_with_replies", "includePins": "false"}
    post_count, cursors = 0, set[str]()
    while True:
        body = client.call("app.bsky.feed.getAuthorFeed", **parameters)
        if not isinstance(body.get("feed"), list):
            raise client.context.invalid_response_error()
        rows, cursor = parse_posts(body["feed"]), as_text(body.get("cursor"))
        post_count += sum(row["kind"] != "repost" for row in rows)
        yield Page(rows, is_truncated=not cursor and _is_truncated(profile.post_count, post_count), name=profile.name)
        if not cursor or is_page_before(rows, request.since):
            return
        if cursor in cursors:
            raise client.context.repeated_page_error()
        cursors.add(cursor)
        parameters["cursor"] = cursor


def _is_truncated(expected_posts: int | None, received_posts: int) -> bool:
    """Return whether more than a tenth, and more than a few, of the posts that Bluesky counts are missing. It doesn't count reposts."""
    return expected_posts is not None and expected_posts - received_posts > max(MAX_MISSING_POSTS, expected_posts // 10)
