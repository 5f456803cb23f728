"""The client for Mastodon servers: their endpoints, the lookup of accounts whose domain isn't their server, and what error codes mean.

Every request returns JSON or raises an error of `core/errors.py` that names the server. Whether a server may be contacted is decided in
`ssrf_guard.py`. Posts are parsed in `mastodon.py`.
"""

import re
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError
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


class MastodonServer:
    """One server, contacted about one account for one fetch. A gateway at `base_url` replaces the server if it's set."""

    def __init__(self, session: HttpSession, host: str, account: Account, base_url: str = "", clock: Clock = system_clock) -> None:
        self.context = FetchContext(host, account, clock)
        self._session, self._host, self._base_url = session, host, base_url.rstrip("/") or f"https://{host}"

    def lookup_account(self, local_name: str) -> dict[str, Any] | SourceError:
        """Return the account with a local name, or the error to raise if the server doesn't seem to be a Mastodon server."""
        response = self._get("/api/v1/accounts/lookup", acct=local_name)
        body = parse_json(response)
        if response.status_code == 200 and isinstance(body, dict):
            return body
        if isinstance(as_mapping(body).get("error"), str) or response.status_code == 429 or response.status_code >= 500:
            raise self._build_error(response)
        return self._not_mastodon_error(response.status_code)

    def find_home_server(self, local_name: str) -> HomeServer | None:
        """Return the server that hosts an account of this domain according to WebFinger (RFC 7033), or None without a usable answer."""
        try:
            response = self._get(_WEBFINGER_PATH, resource=f"acct:{local_name}@{self._host}")
        except SourceError:
            return None
        if response.status_code in (301, 302, 303, 307, 308):
            return _parse_webfinger_redirect(response.headers.get("Location", ""), local_name)
        return _parse_webfinger_body(as_mapping(parse_json(response)), local_name) if response.status_code == 200 else None

    def fetch_statuses(self, account_id: str, older_than: str | None) -> tuple[list[Any], str | None]:
        """Return a page of an account's posts and the `max_id` of the next page, None if the server names none."""
        response = self._get(f"/api/v1/accounts/{account_id}/statuses", limit=MAX_PAGE_POSTS, max_id=older_than)
        if response.status_code != 200:
            raise self._build_error(response)
        return self.context.expect_json(response, list)[:MAX_PAGE_POSTS], _parse_next_max_id(response)

    def _get(self, path: str, **parameters: Any) -> requests.Response:
        try:
            return self.context.send(partial(self._session.get, self._base_url + path, params=parameters))
        except HostNotPublic:
            error = server_not_found_error(self._host, self.context.account)
        raise error

    def _build_error(self, response: requests.Response) -> SourceError:
        """Return the error for a response whose status isn't 200."""
        account, label, host, status = str(self.context.account), self.context.account.label, self._host, response.status_code
        if status == 429:
            return self.context.rate_limit_error(parse_iso_reset(response.headers.get("X-RateLimit-Reset")), "Try again in five minutes.")
        if status in (401, 403, 422):
            return AccountProtected(account, f"{host} doesn't let visitors read the posts of {label}.", _SIGN_IN_ADVICE)
        if status == 404:
            return AccountNotFound(account, f"There's no {label} on {host}.")
        if status == 410:
            return AccountSuspended(account, f"{host} has suspended or deleted {label}.", "Its posts can no longer be read.")
        return self.context.server_error(status) if status >= 500 else self.context.invalid_response_error()

    def _not_mastodon_error(self, status: int) -> SourceError:
        detail = f"{self._host} doesn't respond like a Mastodon server, so {self.context.account.label} can't be read."
        if status in (404, 410):
            return AccountNotFound(str(self.context.account), detail, _CHECK_HOST_ADVICE)
        return self.context.unavailable_error(detail, "Check the server name after the last @, or try again in a few minutes.")


_SIGN_IN_ADVICE = "It requires visitors to sign in, which Chorus can't do."
_CHECK_HOST_ADVICE = "Check the server name after the last @."


def server_not_found_error(host: str, account: Account) -> AccountNotFound:
    """Return the error for a host that isn't on the public internet. It's the same for missing and private hosts."""
    return AccountNotFound(str(account), f"There's no public server named {host}, so {account.label} can't be read.", _CHECK_HOST_ADVICE)


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
