"""Bluesky: looks up profiles, pages through authors' feeds and converts posts to rows, through the public AppView.

It needs no key and sends none. Limits, repeats and partial results are handled in `fetch.py`, HTTP in `http_session.py`. Nothing from
Bluesky leaves unchecked.
"""

import re
from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import requests

from dashboard.core import post_text
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.display_names import clean_display_name
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.core.plausible_times import EARLIEST_POST_AT
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError, SourceUnavailable
from dashboard.core.web_addresses import WebAddress
from dashboard.sources.base import Page, ReadableNetwork, Readiness, Source, SourceContext, TimelineRequest
from dashboard.sources.bluesky_facets import expand_links
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.coerce import as_list, as_mapping, as_text, is_page_before, parse_count, parse_language, parse_timestamp
from dashboard.sources.domain_names import DOCUMENTED_PATTERN, DOMAIN_NAME
from dashboard.sources.http_errors import FetchContext, parse_epoch_reset, parse_json
from dashboard.sources.http_session import HttpSession

__all__ = ["BLUESKY", "BlueskySource", "parse_posts"]

API_URLS = ("https://public.api.bsky.app", "https://api.bsky.app")  # the second is used when the first fails
MAX_PAGE_POSTS = 100
MAX_MISSING_POSTS = 50  # posts that Bluesky counts but may not show, such as hidden or recently deleted ones
SIGNED_IN_ONLY_LABEL = "!no-unauthenticated"  # the label by which an owner asks to be shown to signed-in users only

_DID_PATTERN = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_ACCOUNT_DID_PATTERN = re.compile(rf"did:plc:[a-z2-7]{{24}}|did:web:{DOMAIN_NAME.pattern.removeprefix('(?=.{4,253}$)')}")
_FIRST_LABEL_PATTERN = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_POST_URI_PATTERN = re.compile(rf"at://({_DID_PATTERN.pattern})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{{1,512}})")
_HANDLE_PATTERN = re.compile(r"(?=.{4,253}$)([A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}")
_METRIC_KEYS = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}


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
        with _BlueskyClient(self._api_urls, account, deadline, self._clock, self._breakers) as client:
            yield from _iter_feed_pages(
                client, _parse_profile(account, client.call("app.bsky.actor.getProfile", actor=account.name)), request
            )


# --- the client ------------------------------------------------------------------------------------------------------


class _BlueskyClient:
    """The connection to Bluesky for one account and one fetch. A host that fails isn't used again."""

    def __init__(self, api_urls: tuple[str, ...], account: Account, deadline: float, clock: Clock, breakers: CircuitBreakers) -> None:
        self._api_urls, self._session = [url.rstrip("/") for url in api_urls], HttpSession(deadline, breakers=breakers)
        self.context = FetchContext("Bluesky", account, clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def call(self, xrpc_method: str, **parameters: Any) -> dict[str, Any]:
        """Return the JSON object that a method returns, from the first host that works. Raises a SourceError."""
        while len(self._api_urls) > 1:
            try:
                return self._call_current_host(xrpc_method, parameters)
            except SourceUnavailable:
                del self._api_urls[0]
        return self._call_current_host(xrpc_method, parameters)

    def _call_current_host(self, xrpc_method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        response = self.context.send(partial(self._session.get, f"{self._api_urls[0]}/xrpc/{xrpc_method}", params=parameters))
        if response.status_code != 200:
            raise _build_error(self.context, response)
        return self.context.expect_json(response, dict)


def _build_error(context: FetchContext, response: requests.Response) -> SourceError:
    """Return the error for a response whose status isn't 200."""
    account, label, status = str(context.account), context.account.label, response.status_code
    body = as_mapping(parse_json(response))
    error, message = as_text(body.get("error")), as_text(body.get("message")).lower()
    if status == 429:
        return context.rate_limit_error(
            parse_epoch_reset(response.headers.get("RateLimit-Reset")), translatable("Try again in five minutes.")
        )
    if error == "AccountTakedown":
        return AccountSuspended(account, deferred("Bluesky has suspended %(account)s.", account=label))
    if error == "AccountDeactivated":
        return AccountNotFound(
            account,
            deferred("The owner of %(account)s has deactivated the account.", account=label),
            translatable("Only its owner can reactivate it."),
        )
    if error in ("BlockedActor", "BlockedByActor"):
        return AccountProtected(account, deferred("%(account)s isn't visible to visitors.", account=label), "")
    if status == 400 and any(phrase in message for phrase in ("not found", "resolve", "valid did or a handle")):
        return AccountNotFound(account, deferred("There's no %(account)s on Bluesky.", account=label))
    if status in (401, 403):
        return context.unavailable_error(
            deferred("Bluesky refuses requests from this server, so %(account)s can't be read.", account=label),
            translatable("Please tell your administrator."),
        )
    if status < 500:
        return context.unavailable_error(
            deferred("Bluesky didn't understand our request for %(account)s. That's not your fault.", account=label),
            _CONTACT_OPERATOR_ADVICE,
        )
    return context.server_error(status)


_CONTACT_OPERATOR_ADVICE = translatable("Please tell your administrator; trying again won't help.")


@dataclass(frozen=True)
class _Profile:
    """What a profile contains: the permanent ID to ask with, the number of posts if Bluesky reports it, and the display name."""

    did: str
    post_count: int | None
    name: str


def _parse_profile(account: Account, body: dict[str, Any]) -> _Profile:
    """Parse a profile. Raises the SourceError of an account that can't be read."""
    did = as_text(body.get("did"))
    if not _DID_PATTERN.fullmatch(did):
        raise FetchContext("Bluesky", account).invalid_response_error()
    if any(
        as_mapping(label).get("val") == SIGNED_IN_ONLY_LABEL and not as_mapping(label).get("neg") for label in as_list(body.get("labels"))
    ):
        detail = deferred(
            "%(account)s shows its posts only to signed-in Bluesky users, so Chorus doesn't read them.", account=account.label
        )
        raise AccountProtected(str(account), detail, "")
    return _Profile(did, parse_count(body.get("postsCount")), clean_display_name(as_text(body.get("displayName"))))


def _iter_feed_pages(client: _BlueskyClient, profile: _Profile, request: TimelineRequest) -> Iterator[Page]:
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


# --- rows ------------------------------------------------------------------------------------------------------------


def parse_posts(feed_items: list[Any]) -> list[dict[str, Any]]:
    """Return items of a feed as rows of posts.SCHEMA without `account`. Only items without an ID are left out."""
    return [row for item in feed_items if (row := _parse_feed_item(as_mapping(item)))]


def _parse_feed_item(feed_item: Mapping[str, Any]) -> dict[str, Any] | None:
    post, reason = as_mapping(feed_item.get("post")), as_mapping(feed_item.get("reason"))
    record, uri = as_mapping(post.get("record")), as_text(post.get("uri"))
    if not _is_post_uri(uri):
        return None
    kind = "repost" if as_text(reason.get("$type")).endswith("#reasonRepost") else _post_kind(record, as_mapping(post.get("embed")))
    return {
        "id": _repost_id(uri, reason) if kind == "repost" else uri,
        "created_at": parse_timestamp(reason.get("indexedAt")) if kind == "repost" else _post_time(record, post),
        "text": post_text.clean_text(expand_links(record)),
        "kind": kind,
        "lang": parse_language(next(iter(as_list(record.get("langs"))), None)),
        "url": _post_url(uri, as_mapping(post.get("author"))),
    } | {column: None if kind == "repost" else parse_count(post.get(name)) for column, name in _METRIC_KEYS.items()}


def _is_post_uri(uri: str) -> bool:
    return uri.startswith("at://") and uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= 1000


def _repost_id(uri: str, reason: Mapping[str, Any]) -> str:
    """Return the ID of the repost itself, or else one that differs from those of the original and of its other reposts."""
    repost_uri = as_text(reason.get("uri"))
    reposted_at = parse_timestamp(reason.get("indexedAt"))
    return repost_uri if _is_post_uri(repost_uri) else f"{uri}#{reposted_at.isoformat() if reposted_at else 'repost'}"


def _post_time(record: Mapping[str, Any], post: Mapping[str, Any]) -> Any:
    """Return the time that Bluesky sorts by: the earlier of the time the author's client reports and the time Bluesky indexed the post.

    A client's time that no post can have, such as year 1, doesn't count.
    """
    moments = (parse_timestamp(record.get("createdAt")), parse_timestamp(post.get("indexedAt")))
    return min((moment for moment in moments if moment and moment >= EARLIEST_POST_AT), default=None)


def _post_kind(record: Mapping[str, Any], embed_view: Mapping[str, Any]) -> str:
    """Return the kind of a post that isn't a repost. A reply that quotes is a reply."""
    if as_mapping(record.get("reply")):
        return "reply"
    return "quote" if any(_is_quote(embed) for embed in (as_mapping(record.get("embed")), embed_view)) else "post"


def _is_quote(embed: Mapping[str, Any]) -> bool:
    """Return whether an embed is a post. Feeds and lists are embedded in the same way."""
    embed_type = as_text(embed.get("$type")).partition("#")[0]
    if embed_type not in ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia"):
        return False
    inner = as_mapping(embed.get("record"))
    uri = as_text(inner.get("uri")) or as_text(as_mapping(inner.get("record")).get("uri"))
    return not uri or "/app.bsky.feed.post/" in uri


def _post_url(uri: str, author: Mapping[str, Any]) -> str | None:
    """Return a post's URL, with its author's handle or, if that isn't valid, the permanent ID; None for other URIs."""
    match, handle = _POST_URI_PATTERN.fullmatch(uri), as_text(author.get("handle"))
    if not match:
        return None
    profile_name = handle if _HANDLE_PATTERN.fullmatch(handle) and handle != "handle.invalid" else match[1]
    return f"https://bsky.app/profile/{profile_name}/post/{match[2]}"
