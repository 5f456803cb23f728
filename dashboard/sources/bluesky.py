"""Bluesky: looks up profiles and pages through authors' feeds, through the public AppView.

It needs no key and sends none. What accounts look like is in `bluesky_network.py`, requests and errors are in `bluesky_client.py`, rows in
`bluesky_posts.py`; limits, repeats and partial results are handled in `fetch.py`. Nothing from Bluesky leaves unchecked.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.display_names import clean_display_name
from dashboard.core.messages import deferred, gettext
from dashboard.core.source_errors import AccountProtected
from dashboard.sources.base import Page, Readiness, Source, TimelineRequest
from dashboard.sources.bluesky_client import BlueskyClient
from dashboard.sources.bluesky_network import BLUESKY
from dashboard.sources.bluesky_posts import DID_PATTERN, parse_posts
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.coerce import as_list, as_mapping, as_text, is_page_before, parse_count
from dashboard.sources.http_errors import FetchContext

API_URLS = ("https://public.api.bsky.app", "https://api.bsky.app")  # the second is used when the first fails
MAX_PAGE_POSTS = 100
MAX_MISSING_POSTS = 50  # posts that Bluesky counts but may not show, such as hidden or recently deleted ones
SIGNED_IN_ONLY_LABEL = "!no-unauthenticated"  # the label by which an owner asks to be shown to signed-in users only


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
            "%(account)s shows its posts only to signed-in Bluesky users, so Chorus doesn’t read them.", account=account.label
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
