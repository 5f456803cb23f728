"""The client for X: tweepy on top of a session with limits, which knows whether X may have charged for a request.

Every request returns a JSON object or raises an error of `core/source_errors.py`. No key, address or text of an exception leaves this
module. Keys are in `x_credentials.py`, what X's errors mean in `x_errors.py`, posts and pages in `x_posts.py` and `x_timeline.py`.
"""

import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Self

import requests

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.core.source_errors import SourceError
from dashboard.sources.bounded_connections import READ_TIMEOUT_SECONDS
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.http_errors import FetchContext
from dashboard.sources.http_session import REQUEST_SECONDS, USER_AGENT, HttpSession, was_never_sent
from dashboard.sources.x_credentials import XCredentials
from dashboard.sources.x_errors import build_error, is_refusal

_TWEEPY_BASE_URL = "https://api.twitter.com"  # hard-coded in tweepy
_VERBOSE_LOGGERS = (  # at DEBUG, these log headers, tokens and signed strings
    *("tweepy", "urllib3", "oauthlib", "requests_oauthlib"),
    *("tweepy.client", "oauthlib.oauth1.rfc5849", "requests_oauthlib.oauth1_auth"),
)
LOOKUP_BILL: Bill = {"user": 1}
COUNTS_BILL: Bill = {"counts": 1}


class _HttpStatusError(Exception):
    """X responded with a status other than 200."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class _XSession(HttpSession):
    """Sends tweepy's requests for api.twitter.com to `api_url` instead, before anything is signed.

    Only complete responses with status 200 reach tweepy, because its own error handling fails on unusual bodies.
    """

    def __init__(self, api_url: str, deadline: float, breakers: CircuitBreakers | None, request_seconds: float) -> None:
        read_seconds = min(request_seconds, READ_TIMEOUT_SECONDS)
        super().__init__(deadline, breakers=breakers, retries_uncertain=False, min_seconds=request_seconds, read_seconds=read_seconds)
        self._api_url = api_url.rstrip("/")

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request to `api_url`. Raises _HttpStatusError for any status except 200."""
        response = super().request(method, self._api_url + str(url).removeprefix(_TWEEPY_BASE_URL), *args, **options)
        if response.status_code != 200:
            raise _HttpStatusError(response)
        return response

    def is_refusal(self, response: requests.Response) -> bool:
        """Return whether X itself refused a request, which is free."""
        return is_refusal(response)


class XClient:
    """The connection to X for one account and one fetch. It's a context manager that closes the connection."""

    def __init__(
        self,
        credentials: XCredentials,
        api_url: str,
        account: Account,
        deadline: float,
        clock: Clock = system_clock,
        breakers: CircuitBreakers | None = None,
        request_seconds: float = REQUEST_SECONDS,
    ) -> None:
        import tweepy  # loaded with the first read, because it's slow

        _silence_debug_logging()
        self._account, self._context = account, FetchContext("X", account, clock)
        self._user_auth = not credentials.bearer_token
        self._tweepy = tweepy.Client(
            bearer_token=credentials.bearer_token or None,
            consumer_key=credentials.api_key,
            consumer_secret=credentials.api_secret_key,
            access_token=credentials.access_token,
            access_token_secret=credentials.access_secret,
            return_type=requests.Response,
            wait_on_rate_limit=False,
        )
        self._tweepy.session, self._tweepy.user_agent = _XSession(api_url, deadline, breakers, request_seconds), USER_AGENT

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._tweepy.session.close()

    def lookup_user(self, **parameters: Any) -> dict[str, Any]:
        """Return X's response to a lookup of the account."""
        return self._call(LOOKUP_BILL, self._tweepy.get_user, username=self._account.name, user_auth=self._user_auth, **parameters)

    def fetch_timeline(self, user_id: str, **parameters: Any) -> dict[str, Any]:
        """Return a page of the account's timeline as X sends it."""
        max_bill = {"post": int(parameters["max_results"])}
        return self._call(max_bill, self._tweepy.get_users_tweets, id=user_id, user_auth=self._user_auth, **parameters)

    def fetch_counts(self, **parameters: Any) -> dict[str, Any]:
        """Return a page of counts as X sends it. This requires a bearer token."""
        return self._call(COUNTS_BILL, self._tweepy.get_all_tweets_count, **parameters)

    def _call(self, max_bill: Bill, api_method: Callable[..., requests.Response], **parameters: Any) -> dict[str, Any]:
        """Return the JSON object of X's response. Raises a SourceError without a `__cause__`, which might contain a key.

        The error's bill is `max_bill`, unless the request was never sent or X itself refused it with a complete response.
        """
        tracker = _ChargeTracker()
        response = self._send(partial(tracker.watch, partial(api_method, **parameters)))
        try:
            if isinstance(response, SourceError):
                raise response
            return self._context.expect_json(response, dict)
        except SourceError as error:
            error.bill = max_bill if tracker.is_charge_possible else EMPTY_BILL
            raise

    def _send(self, send_request: Callable[[], requests.Response]) -> requests.Response | SourceError:
        try:
            return self._context.send(send_request)
        except _HttpStatusError as error:
            return build_error(self._context, error.response, is_user_key=self._user_auth)
        except SourceError as error:
            return error


class _ChargeTracker:
    """Whether X may have charged for a request: always, unless it was never sent, or X itself refused it with a complete response."""

    is_charge_possible = True

    def watch(self, send_request: Callable[[], requests.Response]) -> requests.Response:
        """Return the response to a request and note whether it may be charged for."""
        try:
            return send_request()
        except _HttpStatusError as refused:
            self.is_charge_possible = not is_refusal(refused.response)
            raise
        except Exception as error:  # tweepy, requests and urllib3 raise their own errors
            self.is_charge_possible = not was_never_sent(error)
            raise


def _silence_debug_logging() -> None:
    """Prevent tweepy and its dependencies from logging at DEBUG, where they log keys."""
    for name in _VERBOSE_LOGGERS:
        logger = logging.getLogger(name)
        if logger.level < logging.INFO:
            logger.setLevel(logging.INFO)
