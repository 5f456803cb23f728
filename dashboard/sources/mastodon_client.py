"""How a Mastodon server is asked: its routes, where an account of another domain really lives, and what its refusals mean.

A question ends as JSON or as a noun of `errors.py` that names the server. Whether a server may be asked at all is
`guard.py`'s business; what a post is does not enter here.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dashboard.core.accounts import Account
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError
from dashboard.sources.coerce import listing, mapping, words
from dashboard.sources.http_errors import Asking, parsed, reset_of_iso
from dashboard.sources.http_session import Session
from dashboard.sources.ssrf_guard import NotPublic

LARGEST_PAGE = 40
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")  # numbers on Mastodon itself

_HOST = re.compile(r"[a-z0-9.-]{1,253}")
_WEBFINGER = "/.well-known/webfinger"
_LOCAL_NAME = re.compile(r"acct:([A-Za-z0-9_.-]{1,64})@.+")


@dataclass(frozen=True)
class Home:
    """Where an account lives: the server, and its name there."""

    host: str
    name: str


class Server:
    """One server, asked about one account, for one fetch; `root` is asked in its place if it is another address."""

    def __init__(self, session: Session, host: str, account: Account, root: str = "") -> None:
        self.asking = Asking(host, account)
        self._session, self._host, self._root = session, host, root.rstrip("/") or f"https://{host}"

    def look_up(self, name: str) -> dict[str, Any] | SourceError:
        """Return the account of a local name, or what to say if the server turns out to be no Mastodon server."""
        response = self._get("/api/v1/accounts/lookup", acct=name)
        found = parsed(response)
        if response.status_code == 200 and isinstance(found, dict):
            return found
        if isinstance(mapping(found).get("error"), str) or response.status_code == 429 or response.status_code >= 500:
            raise self._refusal(response)
        return self._stranger(response.status_code)

    def home(self, name: str) -> Home | None:
        """Return where WebFinger (RFC 7033) says that an account of this domain lives; None if it says nothing usable."""
        try:
            response = self._get(_WEBFINGER, resource=f"acct:{name}@{self._host}")
        except SourceError:
            return None
        if response.status_code in (301, 302, 303, 307, 308):
            return _pointed_to(response.headers.get("Location", ""), name)
        return _described(mapping(parsed(response)), name) if response.status_code == 200 else None

    def statuses(self, number: str, older_than: str | None) -> tuple[list[Any], str | None]:
        """Return a page of an account's posts, and what the server says to ask for next; no other address of it is followed."""
        response = self._get(f"/api/v1/accounts/{number}/statuses", limit=LARGEST_PAGE, max_id=older_than)
        if response.status_code != 200:
            raise self._refusal(response)
        return self.asking.body(response, list)[:LARGEST_PAGE], _next(response)

    def _get(self, path: str, **parameters: Any) -> requests.Response:
        try:
            return self.asking.reply(partial(self._session.get, self._root + path, params=parameters))
        except NotPublic:
            nobody = no_such_server(self._host, self.asking.account)
        raise nobody

    def _refusal(self, response: requests.Response) -> SourceError:
        """Turn an answer that is not a 200 into the noun for it."""
        account, label, host, status = str(self.asking.account), self.asking.account.label, self._host, response.status_code
        if status == 429:
            return self.asking.rate_limited(reset_of_iso(response.headers.get("X-RateLimit-Reset")), "Try again in five minutes.")
        if status in (401, 403, 422):
            return AccountProtected(account, f"{host} does not let visitors read the posts of {label}.", _SIGN_IN)
        if status == 404:
            return AccountNotFound(account, f"{host} knows no account {label}.")
        if status == 410:
            return AccountSuspended(account, f"{host} has suspended or deleted {label}.", "Its posts can't be read any more.")
        return self.asking.in_trouble(status) if status >= 500 else self.asking.odd()

    def _stranger(self, status: int) -> SourceError:
        detail = f"{self._host} does not answer like a Mastodon server, so {self.asking.account.label} can't be read."
        if status in (404, 410):
            return AccountNotFound(str(self.asking.account), detail, _CHECK)
        return self.asking.unavailable(detail, "Check the part behind the last @, or try again in a few minutes.")


_SIGN_IN = "It wants visitors to sign in, which Chorus can't do."
_CHECK = "Check the part behind the last @."


def no_such_server(host: str, account: Account) -> AccountNotFound:
    """Return the noun for a host that is not on the open internet; the same whether it does not exist or is private."""
    return AccountNotFound(str(account), f"There is no public server named {host}, so {account.label} can't be read.", _CHECK)


def _pointed_to(location: str, name: str) -> Home | None:
    """Read where a domain sends WebFinger's questions to: its own Mastodon server under another name."""
    host = _host(location) if _WEBFINGER in location else None
    return Home(host, name) if host else None


def _described(body: Any, name: str) -> Home | None:
    """Read a WebFinger answer: the server from the account's own address, the name from what the account is called."""
    links = [mapping(link) for link in listing(body.get("links"))]
    host = next((found for link in links if link.get("rel") == "self" and (found := _host(words(link.get("href"))))), None)
    called = _LOCAL_NAME.fullmatch(words(body.get("subject")))
    return Home(host, called[1] if called else name) if host else None


def _host(address: str) -> str | None:
    """Return the host of an https address, None if it is none that can be told; the guard judges it before it is asked."""
    try:
        parts = urlsplit(address)
        host = parts.hostname if parts.scheme == "https" and parts.port in (None, 443) else None
    except ValueError:
        return None
    return host if host and _HOST.fullmatch(host) else None


def _next(response: requests.Response) -> str | None:
    """Return the `max_id` of the Link header's next page; its host is not looked at."""
    address = mapping(response.links.get("next")).get("url")
    try:
        asked = parse_qs(urlsplit(words(address)).query).get("max_id", [""])[0]
    except ValueError:
        return None
    return asked if ID.fullmatch(asked) else None
