"""The client for Mastodon servers: their endpoints, the ways to find an account, and what error codes mean.

Many servers run other software with Mastodon's API, which may lack a part of it: older Pleroma, Friendica and Pixelfed can't look an
account up by name.

Every request returns JSON or raises an error of `core/source_errors.py` that names the server. Whether a server may be contacted is
decided in `ssrf_guard.py`. Posts are parsed in `mastodon.py`.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.messages import deferred, translatable
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, ServerUnreadable, SourceError
from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.http_errors import FetchContext, parse_iso_reset, parse_json
from dashboard.sources.http_session import HttpSession
from dashboard.sources.ssrf_guard import HostNotPublic

MAX_PAGE_POSTS = 40
ID_PATTERN = re.compile(r"[0-9A-Za-z_-]{1,64}")  # Mastodon itself uses only digits

_HOST_PATTERN = re.compile(r"[a-z0-9.-]{1,253}")
_WEBFINGER_PATH = "/.well-known/webfinger"
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


@dataclass(frozen=True)
class LookupFailure:
    """Why an account wasn't found: the error to raise unless there is another way, and whether the server itself leaves that open."""

    error: SourceError
    is_open: bool = True
    is_refusal: bool = False


class MastodonServer:
    """One server, contacted about one account for one fetch. A gateway at `base_url` replaces the server if it's set."""

    def __init__(self, session: HttpSession, host: str, account: Account, base_url: str = "", clock: Clock = system_clock) -> None:
        self.context = FetchContext(host, account, clock)
        self._session, self.host, self._base_url = session, host, base_url.rstrip("/") or f"https://{host}"

    def lookup_account(self, local_name: str) -> dict[str, Any] | LookupFailure:
        """Return the account with a local name, or why there is none. Raises a SourceError if no other request would help."""
        response = self._get("/api/v1/accounts/lookup", acct=local_name)
        body, status = parse_json(response), response.status_code
        if status == 200 and isinstance(body, dict):
            return body
        message = as_mapping(body).get("error")
        if message == _NOT_FOUND_MESSAGE:
            return LookupFailure(self._build_error(response), is_open=False)
        if status in _UNKNOWN_ROUTE_STATUSES and isinstance(body, dict):
            return LookupFailure(self._unsupported_error())
        if isinstance(message, str) or status == 429 or status >= 500:
            raise self._build_error(response)
        if status in (401, 403):
            return LookupFailure(self._refusal_error(status), is_open=False, is_refusal=True)
        return LookupFailure(self._not_mastodon_error(status))

    def search_account(self, local_name: str) -> dict[str, Any] | None:
        """Return the account with a local name by what other software offers, None if nothing does.

        Pleroma takes names for IDs; others search, where only an exact match counts.
        """
        query = {"q": f"{local_name}@{self.host}", "limit": _MAX_SEARCH_RESULTS}
        if ID_PATTERN.fullmatch(local_name) and (match := self._match(local_name, [self._get_body(f"/api/v1/accounts/{local_name}")])):
            return match
        if match := self._match(local_name, as_list(self._get_body("/api/v1/accounts/search", **query))):
            return match
        results = as_mapping(self._get_body("/api/v2/search", type="accounts", **query))
        return self._match(local_name, as_list(results.get("accounts")))

    def ask_webfinger(self, local_name: str) -> WebFingerAnswer:
        """Return what this domain says about an account by WebFinger (RFC 7033)."""
        try:
            response = self._get(_WEBFINGER_PATH, resource=f"acct:{local_name}@{self.host}")
        except SourceError:
            return WebFingerAnswer()
        if response.status_code in (301, 302, 303, 307, 308):
            return WebFingerAnswer(home=_parse_webfinger_redirect(response.headers.get("Location", ""), local_name))
        home = _parse_webfinger_body(as_mapping(parse_json(response)), local_name) if response.status_code == 200 else None
        return WebFingerAnswer(home is not None and home.host == self.host, home)

    def fetch_statuses(self, account_id: str, older_than: str | None) -> tuple[list[Any], str | None]:
        """Return a page of an account's posts and the `max_id` of the next page, None if the server names none."""
        response = self._get(f"/api/v1/accounts/{account_id}/statuses", limit=MAX_PAGE_POSTS, max_id=older_than)
        if response.status_code == 404:
            raise self._unsupported_error()
        if response.status_code != 200:
            raise self._build_error(response)
        return self.context.expect_json(response, list)[:MAX_PAGE_POSTS], _parse_next_max_id(response)

    def _get_body(self, path: str, **parameters: Any) -> Any:
        """Return the JSON at a path, None if the server has nothing there."""
        response = self._get(path, **parameters)
        return parse_json(response) if response.status_code == 200 else None

    def _match(self, local_name: str, candidates: list[Any]) -> dict[str, Any] | None:
        """Return the account of this server with exactly this name."""
        names = (local_name.lower(), f"{local_name}@{self.host}".lower())
        return next((one for one in candidates if as_text(as_mapping(one).get("acct")).lower() in names), None)

    def _get(self, path: str, **parameters: Any) -> requests.Response:
        try:
            return self.context.send(partial(self._session.get, self._base_url + path, params=parameters))
        except HostNotPublic:
            error = server_not_found_error(self.host, self.context.account)
        raise error

    def _build_error(self, response: requests.Response) -> SourceError:
        """Return the error for a response whose status isn't 200."""
        account, label, host, status = str(self.context.account), self.context.account.label, self.host, response.status_code
        if status == 429:
            return self.context.rate_limit_error(
                parse_iso_reset(response.headers.get("X-RateLimit-Reset")), translatable("Try again in five minutes.")
            )
        if status in (401, 403) and not isinstance(parse_json(response), dict):
            return self._refusal_error(status)
        if status in (401, 403, 422):
            return AccountProtected(
                account,
                deferred("%(server)s doesn't let visitors read the posts of %(account)s.", server=host, account=label),
                _SIGN_IN_ADVICE,
            )
        if status == 404:
            return AccountNotFound(account, deferred("There's no %(account)s on %(server)s.", account=label, server=host))
        if status == 410:
            return AccountSuspended(
                account,
                deferred("%(server)s has suspended or deleted %(account)s.", server=host, account=label),
                translatable("Its posts can no longer be read."),
            )
        return self.context.server_error(status) if status >= 500 else self.context.invalid_response_error()

    def _unsupported_error(self) -> ServerUnreadable:
        """Return the error of a server that lacks a part of Mastodon's API, so that nobody knows whether it has the account."""
        label = self.context.account.label
        detail = deferred(
            "%(server)s doesn't offer what Chorus needs to read %(account)s, so nobody knows whether the account exists there.",
            server=self.host,
            account=label,
        )
        return ServerUnreadable(str(self.context.account), detail)

    def known_error(self) -> ServerUnreadable:
        """Return the error of a server that has the account, but not the part of Mastodon's API that its posts are read with."""
        detail = deferred(
            "%(server)s has the account %(account)s, but doesn't offer its posts in a form that Chorus reads.",
            server=self.host,
            account=self.context.account.label,
        )
        return ServerUnreadable(str(self.context.account), detail)

    def _refusal_error(self, status: int) -> ServerUnreadable:
        """Return the error of a server, or of a firewall in front of it, that sends a page instead of data."""
        label = self.context.account.label
        detail = deferred(
            "%(server)s refuses requests from programs (status %(status)s, with a web page instead of data), so %(account)s can't be read.",
            server=self.host,
            status=status,
            account=label,
        )
        return ServerUnreadable(str(self.context.account), detail)

    def _not_mastodon_error(self, status: int) -> SourceError:
        detail = deferred(
            "%(server)s doesn't respond like a Mastodon server, so %(account)s can't be read.",
            server=self.host,
            account=self.context.account.label,
        )
        if status in (404, 410):
            return AccountNotFound(str(self.context.account), detail, _CHECK_HOST_ADVICE)
        return self.context.unavailable_error(
            detail, translatable("Check the server name after the last @, or try again in a few minutes.")
        )


_NOT_FOUND_MESSAGE = "Record not found"  # Mastodon's
_UNKNOWN_ROUTE_STATUSES = (400, 404, 405, 501)  # of servers that don't know the lookup, or take its last word for an ID
_MAX_SEARCH_RESULTS = 10
_SIGN_IN_ADVICE = translatable("It requires visitors to sign in, which Chorus can't do.")
_CHECK_HOST_ADVICE = translatable("Check the server name after the last @.")


def server_not_found_error(host: str, account: Account) -> AccountNotFound:
    """Return the error for a host that isn't on the public internet. It's the same for missing and private hosts."""
    return AccountNotFound(
        str(account),
        deferred("There's no public server named %(server)s, so %(account)s can't be read.", server=host, account=account.label),
        _CHECK_HOST_ADVICE,
    )


def _parse_webfinger_redirect(location: str, local_name: str) -> HomeServer | None:
    """Return the server that a domain redirects WebFinger requests to: its own Mastodon server under another name."""
    host = _parse_host(location) if _WEBFINGER_PATH in location else None
    return HomeServer(host, local_name) if host else None


def _parse_webfinger_body(body: Any, local_name: str) -> HomeServer | None:
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


def _parse_next_max_id(response: requests.Response) -> str | None:
    """Return the `max_id` of the Link header's next page, or None. The rest of that URL is ignored."""
    url = as_mapping(response.links.get("next")).get("url")
    try:
        max_id = parse_qs(urlsplit(as_text(url)).query).get("max_id", [""])[0]
    except ValueError:
        return None
    return max_id if ID_PATTERN.fullmatch(max_id) else None
