"""Timelines of Mastodon: each account at its own server, the pages of its public posts, and rows from them.

How a server is asked is `mastodon_client.py`'s business, whether it may be asked `guard.py`'s, and how HTML becomes text
`mastodon_text.py`'s; limits, repeats and partial results are `read`'s. Nothing from a server goes out of here unchecked.
"""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dashboard.core import posts
from dashboard.core.accounts import Account, Network
from dashboard.core.errors import AccountProtected, AccountSuspended, SourceError, SourceNotReady
from dashboard.core.pricing import FREE, Bill
from dashboard.sources.base import Page, Readiness, Wanted
from dashboard.sources.coerce import count, lang, mapping, moment, wholly_before, words
from dashboard.sources.http_errors import Asking
from dashboard.sources.http_session import Session
from dashboard.sources.mastodon_client import ID, Server, no_such_server
from dashboard.sources.mastodon_html import text_of
from dashboard.sources.ssrf_guard import Guard

__all__ = ["Mastodon", "rows"]

MOST_NAMED = 5  # servers of the allow-list in a sentence
LONGEST_URL = 2000

_COUNTS = {"likes": "favourites_count", "reposts": "reblogs_count", "replies": "replies_count", "quotes": "quotes_count"}


class Mastodon:
    """Mastodon, and what speaks its API, by the public endpoints of each account's own server.

    `instances` are the servers that may be asked, any public one if it is empty. With `api_url`, that gateway is asked in
    place of every server. `guard` keeps requests on the open internet; one that is given brings its own list.
    """

    network: Network = "mastodon"
    name = "Mastodon"
    resumes = False  # it is free, so it is simply read again

    def __init__(self, api_url: str = "", instances: frozenset[str] = frozenset(), guard: Guard | None = None) -> None:
        self._api_url, self._guard = api_url, guard or Guard(instances)

    def readiness(self) -> Readiness:
        """Say which servers can be read; none is asked."""
        listed = _named(self._guard.allowed)
        return Readiness(True, f"Mastodon needs no key; {listed} can be read." if listed else "Mastodon can be read; it needs no key.")

    def at_most(self, account: Account, posts: int) -> Bill:
        """Return nothing: it is free."""
        return FREE

    def pages(self, account: Account, wanted: Wanted, deadline: float) -> Generator[Page, None, None]:
        """Look the account up at its own server, then yield its timeline in pages of 40, newest first."""
        local, _, host = account.name.rpartition("@")
        self._admit(account, host)
        with Session(deadline, None if self._api_url else self._guard.adapter()) as session:
            server, found = self._found(session, account, local, host)
            yield from _timeline(server, _user(server.asking, found), wanted)

    def _found(self, session: Session, account: Account, local: str, host: str) -> tuple[Server, dict[str, Any]]:
        """Return the server an account lives at and what it says of it; a domain that is no such server may name one, once."""
        server = Server(session, host, account, self._api_url)
        found = server.look_up(local)
        if isinstance(found, SourceError) and not self._api_url:
            home = server.home(local)
            if home and home.host != host:
                self._admit(account, home.host)
                server = Server(session, home.host, account)
                found = server.look_up(home.name)
        if isinstance(found, SourceError):
            raise found
        return server, found

    def _admit(self, account: Account, host: str) -> None:
        """Raise the noun for a server that is not on the list, or whose very name is of no public server."""
        if self._guard.allows(host):
            return
        if listed := _named(self._guard.allowed):
            raise SourceNotReady(str(account), f"{host} is not among the Mastodon servers this dashboard reads.", f"It reads {listed}.")
        raise no_such_server(host, account)


def _named(hosts: frozenset[str]) -> str:
    """Return some hosts in words, nothing for none."""
    shown = sorted(hosts)[:MOST_NAMED] + [f"{len(hosts) - MOST_NAMED} more"] * (len(hosts) > MOST_NAMED)
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


@dataclass(frozen=True)
class _User:
    """What the look-up tells: the id to ask for, how many posts there are if the server says so, and whether followers are picked."""

    id: str
    posts: int | None
    locked: bool


def _user(asking: Asking, found: Mapping[str, Any]) -> _User:
    """Read a look-up; raise the noun for an account that can't be read."""
    if found.get("suspended") is True:
        raise AccountSuspended(str(asking.account), f"{asking.who} has suspended {asking.account.label}.")
    number = _id(found.get("id"))
    if not number:
        raise asking.odd()
    return _User(number, count(found.get("statuses_count")), found.get("locked") is True)


def _timeline(server: Server, user: _User, wanted: Wanted) -> Iterator[Page]:
    """Yield pages until one is empty and names no next one: a short page ends nothing."""
    given, older, asked = 0, None, set[str]()
    while True:
        found, linked = server.statuses(user.id, older)
        page = rows(found)
        given += len(page)
        older = page[-1]["id"] if page else linked
        if not older and not given and user.locked and user.posts:
            detail = f"{server.asking.account.label} shows its posts to followers only."
            raise AccountProtected(str(server.asking.account), detail)
        yield Page(page)
        if not older or wholly_before(page, wanted.since):
            return
        if older in asked:
            raise server.asking.in_circles()
        asked.add(older)


# --- rows ------------------------------------------------------------------------------------------------------------


def rows(found: list[Any]) -> list[dict[str, Any]]:
    """Return statuses as rows of posts.SCHEMA without `account`; only what has no id is left out."""
    return [row for status in found if (row := _row(mapping(status)))]


def _row(status: Mapping[str, Any]) -> dict[str, Any] | None:
    number, boosted = _id(status.get("id")), mapping(status.get("reblog"))
    if not number:
        return None
    shown = boosted or status
    return {
        "id": number,
        "created_at": moment(status.get("created_at")),
        "text": _text(shown),
        "kind": "repost" if boosted else _kind(status),
        "lang": lang(shown.get("language")),
        "url": _url(shown.get("url")) or _url(shown.get("uri")),
    } | {column: None if boosted else count(status.get(name)) for column, name in _COUNTS.items()}


def _id(value: Any) -> str | None:
    """Return an id that is safe in an address; some software writes numbers."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else words(value)
    return text if ID.fullmatch(text) else None


def _text(status: Mapping[str, Any]) -> str:
    """Return the text of a post, with its content warning as the first line."""
    warning, text = words(status.get("spoiler_text")).strip(), text_of(words(status.get("content")))
    return posts.clean("\n".join(filter(None, (warning, text))))


def _kind(status: Mapping[str, Any]) -> str:
    """Tell a post's own kind; a reply that quotes is a reply. Mastodon has `quote`, its relatives `quote_id` too."""
    if status.get("in_reply_to_id"):
        return "reply"
    return "quote" if mapping(status.get("quote")) or status.get("quote_id") else "post"


def _url(value: Any) -> str | None:
    """Return an address that a browser may open, None for anything else."""
    address = words(value)
    try:
        parts = urlsplit(address)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.password)
    except ValueError:
        return None
    return address if fine and len(address) <= LONGEST_URL and address.isprintable() and " " not in address else None
