"""The client for Mastodon servers: their endpoints, and the ways to find an account.

Many servers run other software with Mastodon's API, which may lack a part of it: older Pleroma, Friendica and Pixelfed can't look an
account up by name.

Every request returns JSON or raises an error of `core/source_errors.py` that names the server. Whether a server may be contacted is
decided in `ssrf_guard.py`. What error codes mean is in `mastodon_errors.py`, and posts are parsed in `mastodon_posts.py`.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.source_errors import SourceError
from dashboard.sources import mastodon_errors
from dashboard.sources.coerce import as_list, as_mapping, as_text
from dashboard.sources.http_errors import FetchContext, parse_json
from dashboard.sources.http_session import HttpSession
from dashboard.sources.mastodon_posts import ID_PATTERN
from dashboard.sources.ssrf_guard import HostNotPublic
from dashboard.sources.webfinger import WEBFINGER_PATH, WebFingerAnswer, parse_body, parse_redirect

MAX_PAGE_POSTS = 40
_NOT_FOUND_MESSAGE = "Record not found"  # Mastodon's
_UNKNOWN_ROUTE_STATUSES = (400, 404, 405, 501)  # of servers that don't know the lookup, or take its last word for an ID
_MAX_SEARCH_RESULTS = 10


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
            return LookupFailure(mastodon_errors.build_error(self.context, response), is_open=False)
        if status in _UNKNOWN_ROUTE_STATUSES and isinstance(body, dict):
            return LookupFailure(mastodon_errors.unsupported_error(self.context))
        if isinstance(message, str) or status == 429 or status >= 500:
            raise mastodon_errors.build_error(self.context, response)
        if status in (401, 403):
            return LookupFailure(mastodon_errors.refusal_error(self.context, status), is_open=False, is_refusal=True)
        return LookupFailure(mastodon_errors.not_mastodon_error(self.context, status))

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
            response = self._get(WEBFINGER_PATH, resource=f"acct:{local_name}@{self.host}")
        except SourceError:
            return WebFingerAnswer()
        if response.status_code in (301, 302, 303, 307, 308):
            return WebFingerAnswer(home=parse_redirect(response.headers.get("Location", ""), local_name))
        home = parse_body(as_mapping(parse_json(response)), local_name) if response.status_code == 200 else None
        return WebFingerAnswer(home is not None and home.host == self.host, home)

    def fetch_statuses(self, account_id: str, older_than: str | None) -> tuple[list[Any], str | None]:
        """Return a page of an account's posts and the `max_id` of the next page, None if the server names none."""
        response = self._get(f"/api/v1/accounts/{account_id}/statuses", limit=MAX_PAGE_POSTS, max_id=older_than)
        if response.status_code == 404:
            raise mastodon_errors.unsupported_error(self.context)
        if response.status_code != 200:
            raise mastodon_errors.build_error(self.context, response)
        return self.context.expect_json(response, list)[:MAX_PAGE_POSTS], _parse_next_max_id(response)

    def _get_body(self, path: str, **parameters: Any) -> Any:
        """Return the JSON at a path, None if the server has nothing there."""
        response = self._get(path, **parameters)
        return parse_json(response) if response.status_code == 200 else None

    def _match(self, local_name: str, candidates: list[Any]) -> dict[str, Any] | None:
        """Return the account of this server with exactly this name."""
        names = (local_name.lower(), f"{local_name}@{self.host}".lower())
        return next((candidate for candidate in candidates if as_text(as_mapping(candidate).get("acct")).lower() in names), None)

    def _get(self, path: str, **parameters: Any) -> requests.Response:
        try:
            return self.context.send(partial(self._session.get, self._base_url + path, params=parameters))
        except HostNotPublic:
            error = mastodon_errors.server_not_found_error(self.host, self.context.account)
        raise error


def _parse_next_max_id(response: requests.Response) -> str | None:
    """Return the `max_id` of the Link header's next page, or None. The rest of that URL is ignored."""
    url = as_mapping(response.links.get("next")).get("url")
    try:
        max_id = parse_qs(urlsplit(as_text(url)).query).get("max_id", [""])[0]
    except ValueError:
        return None
    return max_id if ID_PATTERN.fullmatch(max_id) else None
