"""Timelines of Bluesky: the profile, the pages of the author's feed, and rows from its posts, by the public AppView.

No key is needed and none is sent. Limits, repeats and partial results are `read`'s business; how HTTP is spoken is
`session.py`'s. Nothing from Bluesky goes out of here unchecked.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import requests

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError, SourceUnavailable
from dashboard.core.pricing import FREE, Bill
from dashboard.sources.base import Page, Readiness, Wanted
from dashboard.sources.coerce import count, lang, listing, mapping, moment, wholly_before, words
from dashboard.sources.http_errors import Asking, parsed, reset_of_epoch
from dashboard.sources.http_session import Session

__all__ = ["Bluesky", "rows"]

HOSTS = ("https://public.api.bsky.app", "https://api.bsky.app")  # the second is asked when the first refuses
LARGEST_PAGE = 100
FEW_MISSING = 50  # posts that Bluesky counts but may not show: deleted, hidden or not counted off yet
SIGNED_IN_ONLY = "!no-unauthenticated"  # a label by which an owner asks for this

_DID = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]{1,200}")
_URI = re.compile(rf"at://({_DID.pattern})/app\.bsky\.feed\.post/([A-Za-z0-9._:~-]{{1,512}})")
_HANDLE = re.compile(r"(?=.{4,253}$)([A-Za-z0-9-]{1,63}\.)+[A-Za-z][A-Za-z0-9-]{0,62}")
_COUNTS = {"likes": "likeCount", "reposts": "repostCount", "replies": "replyCount", "quotes": "quoteCount"}


class Bluesky:
    """Bluesky by its public endpoints; with `api_url`, a gateway in their place."""

    network: Network = "bluesky"
    name = "Bluesky"
    resumes = False  # it is free, so it is simply read again

    def __init__(self, api_url: str = "", hosts: tuple[str, ...] = HOSTS) -> None:
        self._hosts = (api_url,) if api_url else hosts

    def readiness(self) -> Readiness:
        """Say that Bluesky can be read; it is not asked."""
        return Readiness(True, "Bluesky can be read; it needs no key.")

    def at_most(self, account: Account, posts: int) -> Bill:
        """Return nothing: it is free."""
        return FREE

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Ask for the profile, then yield its feed in pages of 100, newest first."""
        with _Client(self._hosts, account, deadline) as client:
            yield from _timeline(client, _profile(account, client.ask("app.bsky.actor.getProfile", actor=account.name)), wanted)


# --- asking ----------------------------------------------------------------------------------------------------------


class _Client:
    """Asks Bluesky about one account, for one fetch; a host that refuses is not asked again."""

    def __init__(self, hosts: tuple[str, ...], account: Account, deadline: float) -> None:
        self._hosts, self._session, self.asking = [host.rstrip("/") for host in hosts], Session(deadline), Asking("Bluesky", account)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def ask(self, route: str, **parameters: Any) -> dict[str, Any]:
        """Return the JSON object that a host answers, the first or else the next."""
        while len(self._hosts) > 1:
            try:
                return self._ask(route, parameters)
            except SourceUnavailable:
                del self._hosts[0]
        return self._ask(route, parameters)

    def _ask(self, route: str, parameters: dict[str, Any]) -> dict[str, Any]:
        response = self.asking.reply(partial(self._session.get, f"{self._hosts[0]}/xrpc/{route}", params=parameters))
        if response.status_code != 200:
            raise _refusal(self.asking, response)
        return self.asking.body(response, dict)


def _refusal(asking: Asking, response: requests.Response) -> SourceError:
    """Turn an answer that is not a 200 into the noun for it."""
    account, label, status = str(asking.account), asking.account.label, response.status_code
    body = mapping(parsed(response))
    error, message = words(body.get("error")), words(body.get("message")).lower()
    if status == 429:
        return asking.rate_limited(reset_of_epoch(response.headers.get("RateLimit-Reset")), "Try again in five minutes.")
    if error == "AccountTakedown":
        return AccountSuspended(account, f"Bluesky has suspended {label}.")
    if error == "AccountDeactivated":
        return AccountNotFound(account, f"The owner of {label} has switched the account off.", "Only its owner can bring it back.")
    if error in ("BlockedActor", "BlockedByActor"):
        return AccountProtected(account, f"{label} is not shown to visitors.", "")
    if status == 400 and any(part in message for part in ("not found", "resolve", "valid did or a handle")):
        return AccountNotFound(account, f"Bluesky knows no account {label}.")
    if status in (401, 403):
        return asking.unavailable(f"Bluesky refuses to answer this dashboard, so {label} can't be read.", "Tell whoever runs Chorus.")
    if status < 500:
        return asking.unavailable(f"Bluesky did not understand what Chorus asked about {label}. That's not your fault.", _TELL)
    return asking.in_trouble(status)


_TELL = "Please tell whoever runs Chorus; trying again does not help."


@dataclass(frozen=True)
class _Profile:
    """What the profile tells: the lasting id to ask for, and how many posts there are if Bluesky says so."""

    did: str
    posts: int | None


def _profile(account: Account, body: dict[str, Any]) -> _Profile:
    """Read a profile; raise the noun for an account that can't be read."""
    did = words(body.get("did"))
    if not _DID.fullmatch(did):
        raise Asking("Bluesky", account).odd()
    if any(mapping(label).get("val") == SIGNED_IN_ONLY and not mapping(label).get("neg") for label in listing(body.get("labels"))):
        detail = f"{account.label} asks Bluesky to show its posts to signed-in visitors only."
        raise AccountProtected(str(account), detail, "Chorus is not signed in, and respects that.")
    return _Profile(did, count(body.get("postsCount")))


def _timeline(client: _Client, profile: _Profile, wanted: Wanted) -> Iterator[Page]:
    """Yield pages until Bluesky names no next one: a short or an empty page ends nothing."""
    asked: dict[str, Any] = {"actor": profile.did, "limit": LARGEST_PAGE, "filter": "posts_with_replies", "includePins": "false"}
    own, cursors = 0, set[str]()
    while True:
        body = client.ask("app.bsky.feed.getAuthorFeed", **asked)
        if not isinstance(body.get("feed"), list):
            raise client.asking.odd()
        page, cursor = rows(body["feed"]), words(body.get("cursor"))
        own += sum(row["kind"] != "repost" for row in page)
        yield Page(page, cut=not cursor and _ended_early(profile.posts, own))
        if not cursor or wholly_before(page, wanted.since):
            return
        if cursor in cursors:
            raise client.asking.in_circles()
        cursors.add(cursor)
        asked["cursor"] = cursor


def _ended_early(total: int | None, own: int) -> bool:
    """Say whether clearly fewer posts came than Bluesky counts (it counts no reposts): over a tenth of them, and not just a few."""
    return total is not None and total - own > max(FEW_MISSING, total // 10)


# --- rows ------------------------------------------------------------------------------------------------------------


def rows(found: list[Any]) -> list[dict[str, Any]]:
    """Return items of a feed as rows of posts.SCHEMA without `account`; only what has no id is left out."""
    return [row for item in found if (row := _row(mapping(item)))]


def _row(item: Mapping[str, Any]) -> dict[str, Any] | None:
    post, reason = mapping(item.get("post")), mapping(item.get("reason"))
    record, uri = mapping(post.get("record")), words(post.get("uri"))
    if not _is_id(uri):
        return None
    kind = "repost" if words(reason.get("$type")).endswith("#reasonRepost") else _kind(record, mapping(post.get("embed")))
    return {
        "id": _repost_id(uri, reason) if kind == "repost" else uri,
        "created_at": moment(reason.get("indexedAt")) if kind == "repost" else _time(record, post),
        "text": posts.clean(words(record.get("text"))),
        "kind": kind,
        "lang": lang(next(iter(listing(record.get("langs"))), None)),
        "url": _url(uri, mapping(post.get("author"))),
    } | {column: None if kind == "repost" else count(post.get(name)) for column, name in _COUNTS.items()}


def _is_id(uri: str) -> bool:
    return uri.startswith("at://") and uri.isascii() and uri.isprintable() and " " not in uri and len(uri) <= 1000


def _repost_id(uri: str, reason: Mapping[str, Any]) -> str:
    """Return the id of the repost itself, or else what tells it from the original and from other reposts of it."""
    own = words(reason.get("uri"))
    written = moment(reason.get("indexedAt"))
    return own if _is_id(own) else f"{uri}#{written.isoformat() if written else 'repost'}"


def _time(record: Mapping[str, Any], post: Mapping[str, Any]) -> Any:
    """Return the earlier of what the author's program claims and when Bluesky first saw it, as Bluesky sorts by."""
    return min(filter(None, (moment(record.get("createdAt")), moment(post.get("indexedAt")))), default=None)


def _kind(record: Mapping[str, Any], view: Mapping[str, Any]) -> str:
    """Tell a post's own kind; a reply that quotes is a reply."""
    if mapping(record.get("reply")):
        return "reply"
    return "quote" if any(_quotes(embed) for embed in (mapping(record.get("embed")), view)) else "post"


def _quotes(embed: Mapping[str, Any]) -> bool:
    """Say whether an embed is a post; feeds, lists and the like can be embedded the same way."""
    kind = words(embed.get("$type")).partition("#")[0]
    if kind not in ("app.bsky.embed.record", "app.bsky.embed.recordWithMedia"):
        return False
    inner = mapping(embed.get("record"))
    uri = words(inner.get("uri")) or words(mapping(inner.get("record")).get("uri"))
    return not uri or "/app.bsky.feed.post/" in uri


def _url(uri: str, author: Mapping[str, Any]) -> str | None:
    """Return where a post can be read: under its author's handle, or the lasting id if the handle is none."""
    found, handle = _URI.fullmatch(uri), words(author.get("handle"))
    if not found:
        return None
    named = handle if _HANDLE.fullmatch(handle) and handle != "handle.invalid" else found[1]
    return f"https://bsky.app/profile/{named}/post/{found[2]}"
