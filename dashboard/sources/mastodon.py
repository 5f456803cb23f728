"""Mastodon: finds each account on its own server and pages through its public posts.

What accounts look like is in `mastodon_network.py`. How a server is contacted is in `mastodon_client.py`, whether it may be contacted in
`ssrf_guard.py`, and how posts become rows in `mastodon_posts.py`. Limits, repeats and partial results are handled in `fetch.py`. Nothing
from a server leaves unchecked.
"""

import re
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.display_names import clean_display_name
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import deferred, gettext
from dashboard.core.source_errors import AccountProtected, AccountSuspended, SourceNotReady
from dashboard.sources.base import Page, Readiness, Source, TimelineRequest
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.coerce import as_text, is_page_before, parse_count
from dashboard.sources.http_errors import FetchContext
from dashboard.sources.http_session import HttpSession
from dashboard.sources.mastodon_client import LookupFailure, MastodonServer
from dashboard.sources.mastodon_errors import server_not_found_error, unsupported_posts_error
from dashboard.sources.mastodon_network import MASTODON
from dashboard.sources.mastodon_posts import parse_id, parse_posts
from dashboard.sources.ssrf_guard import SsrfGuard

MAX_LISTED_SERVERS = 5  # servers of the allow-list that a sentence names
_EMOJI_CODE = re.compile(r"(?<![\w:]):\w{2,50}:(?![\w:])")


class MastodonSource(Source):
    """Mastodon, read through the public API of each account's own server.

    `allowed_hosts` are the servers that may be contacted; if it's empty, any public server may. A gateway at `api_url` replaces every
    server. `guard` keeps requests on the public internet; a guard that is passed in brings its own allowed hosts.
    """

    network = MASTODON

    def __init__(
        self,
        api_url: str = "",
        allowed_hosts: frozenset[str] = frozenset(),
        guard: SsrfGuard | None = None,
        clock: Clock = system_clock,
        breakers: CircuitBreakers | None = None,
    ) -> None:
        self._api_url, self._guard, self._clock = api_url, guard or SsrfGuard(allowed_hosts), clock
        self._breakers = breakers or CircuitBreakers(clock)

    def readiness(self) -> Readiness:
        """Return that Mastodon can be read, and from which servers. None is contacted."""
        listed = _format_hosts(self._guard.allowed_hosts)
        return Readiness(
            True, gettext("Reads %(servers)s. No account needed.", servers=listed) if listed else gettext("No account needed.")
        )

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page, None, None]:
        """Look the account up at its own server, then yield its timeline in pages of 40, newest first."""
        local_name, _, host = account.name.rpartition("@")
        self._check_host_allowed(account, host)
        with self._open_session(deadline, host) as session:
            server, account_json = self._find_account(session, account, local_name, host)
            yield from _iter_timeline_pages(server, _parse_account(server.context, account_json), request)

    def _open_session(self, deadline: float, host: str) -> HttpSession:
        if self._api_url:
            return HttpSession(deadline, breakers=self._breakers, server_name=host)
        return HttpSession(deadline, self._guard.build_adapter(), breakers=self._breakers)

    def _find_account(self, session: HttpSession, account: Account, local_name: str, host: str) -> tuple[MastodonServer, dict[str, Any]]:
        """Return an account's server and what the server says about the account.

        A domain that isn't a Mastodon server may name the one where its accounts are. That server can't name another.
        """
        server = MastodonServer(session, host, account, self._api_url, self._clock)
        lookup = server.lookup_account(local_name)
        if isinstance(lookup, dict):
            return server, lookup
        webfinger = server.ask_webfinger(local_name)
        if webfinger.home and webfinger.home.host != host and not self._api_url:
            self._check_host_allowed(account, webfinger.home.host)
            server, local_name = MastodonServer(session, webfinger.home.host, account, clock=self._clock), webfinger.home.local_name
            lookup = server.lookup_account(local_name)
        return server, lookup if isinstance(lookup, dict) else _search_account(server, local_name, lookup, is_known=webfinger.is_known)

    def _check_host_allowed(self, account: Account, host: str) -> None:
        """Raise SourceNotReady for a server that isn't on the allow-list, AccountNotFound for a name that no public server can have."""
        if self._guard.is_allowed(host):
            return
        if listed := _format_hosts(self._guard.allowed_hosts):
            raise SourceNotReady(
                str(account), deferred("Chorus doesn’t read %(server)s here.", server=host), deferred("It reads %(listed)s.", listed=listed)
            )
        raise server_not_found_error(host, account)


def _search_account(server: MastodonServer, local_name: str, failure: LookupFailure, *, is_known: bool) -> dict[str, Any]:
    """Return an account that couldn't be looked up, if there is another way. `is_known`: its domain says that it exists."""
    account_json = server.search_account(local_name) if failure.is_open or (is_known and not failure.is_refusal) else None
    if account_json is None:
        raise unsupported_posts_error(server.context) if is_known and not failure.is_refusal else failure.error
    return account_json


def _format_hosts(hosts: frozenset[str]) -> str:
    """Return hosts as a list in a sentence, or "" if there are none."""
    return format_list(sorted(hosts)[:MAX_LISTED_SERVERS], total=len(hosts))


@dataclass(frozen=True)
class _AccountInfo:
    """What a lookup returns: the ID to ask with, the number of posts if the server reports it, whether followers need approval.

    `name` is the display name. Custom emoji are removed from the name, because it has only their codes: `:verified:`.
    """

    id: str
    post_count: int | None
    is_locked: bool
    name: str


def _parse_account(context: FetchContext, account_json: Mapping[str, Any]) -> _AccountInfo:
    """Parse a lookup. Raises the SourceError of an account that can't be read."""
    if account_json.get("suspended") is True:
        raise AccountSuspended(
            str(context.account),
            deferred("%(network)s has suspended %(account)s.", network=context.service_name, account=context.account.label),
        )
    account_id = parse_id(account_json.get("id"))
    if not account_id:
        raise context.invalid_response_error()
    name = clean_display_name(_EMOJI_CODE.sub(" ", as_text(account_json.get("display_name"))))
    return _AccountInfo(account_id, parse_count(account_json.get("statuses_count")), account_json.get("locked") is True, name)


def _iter_timeline_pages(server: MastodonServer, account_info: _AccountInfo, request: TimelineRequest) -> Iterator[Page]:
    """Yield pages until one is empty and the server names no next one. A short page doesn't end a timeline."""
    post_count, max_id, used_max_ids = 0, None, set[str]()
    while True:
        statuses, next_max_id = server.fetch_statuses(account_info.id, max_id)
        rows = parse_posts(statuses)
        post_count += len(rows)
        max_id = rows[-1]["id"] if rows else next_max_id
        if not max_id and not post_count and account_info.is_locked and account_info.post_count:
            detail = deferred("%(account)s shows its posts to followers only.", account=server.context.account.label)
            raise AccountProtected(str(server.context.account), detail)
        yield Page(rows, name=account_info.name)
        if not max_id or is_page_before(rows, request.since):
            return
        if max_id in used_max_ids:
            raise server.context.repeated_page_error()
        used_max_ids.add(max_id)
