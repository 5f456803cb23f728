"""Sends requests to Bluesky's API, for one account and one fetch, and says what its errors mean. Posts don't belong here."""

from functools import partial
from typing import Any, Self

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock
from dashboard.core.messages import deferred, translatable
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, SourceError, SourceUnavailable
from dashboard.core.suggestions import Suggestion
from dashboard.sources.bluesky_network import find_near_handle
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.coerce import as_mapping, as_text
from dashboard.sources.http_errors import CONTACT_OPERATOR_ADVICE, FetchContext, parse_json
from dashboard.sources.http_session import HttpSession


class BlueskyClient:
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
        return context.rate_limit_error(response, "RateLimit-Reset", translatable("Try again in five minutes."))
    if error == "AccountTakedown":
        return AccountSuspended(account, deferred("Bluesky has suspended %(account)s.", account=label))
    if error == "AccountDeactivated":
        return AccountNotFound(
            account,
            deferred("The owner of %(account)s has deactivated the account.", account=label),
            translatable("Only its owner can reactivate it."),
        )
    if error in ("BlockedActor", "BlockedByActor"):
        return AccountProtected(account, deferred("%(account)s isn’t visible to visitors.", account=label), "")
    if status == 400 and any(phrase in message for phrase in ("not found", "resolve", "valid did or a handle")):
        near = find_near_handle(context.account.name)
        suggestions = (Suggestion(near, near),) if near else ()
        return AccountNotFound(account, deferred("There’s no %(account)s on Bluesky.", account=label), suggestions=suggestions)
    if status in (401, 403):
        return context.unavailable_error(
            deferred("Bluesky refuses requests from this server, so %(account)s can’t be read.", account=label),
            translatable("Please tell your administrator."),
        )
    if status < 500:
        return context.unavailable_error(
            deferred("Bluesky didn’t understand our request for %(account)s. That’s not your fault.", account=label),
            CONTACT_OPERATOR_ADVICE,
        )
    return context.server_error(status)
