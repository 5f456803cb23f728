"""The HTTP session for every network: redirects aren't followed, one request may be retried, and Chorus names itself.

Nothing in here knows which network it contacts, or what a response means. A failed request raises one of the exceptions in the three
tuples below. Their texts may contain addresses and keys, so `http_errors.py` replaces them with those of `core/source_errors.py`.
Responses are bounded in time and size by `bounded_connections.py`.
"""

import http.client
import io
import random
import ssl
import time
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from dashboard import __version__
from dashboard.sources.bounded_connections import READ_TIMEOUT_SECONDS, BoundedAdapter, read_body
from dashboard.sources.circuit_breakers import CircuitBreakers, ServerDown

USER_AGENT = f"Chorus/{__version__} (self-hosted dashboard)"
CONNECT_TIMEOUT_SECONDS = 3.05  # slightly longer than TCP's first retransmission
REQUEST_SECONDS = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS  # that a request takes at most
RETRY_DELAY_SECONDS = (0.1, 0.4)  # shortest and longest pause before the only retry

TIMEOUT_ERRORS = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
CONNECTION_ERRORS = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)
_UNSENT_REASONS = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
_UNSENT_ERRORS = (
    requests.exceptions.ConnectTimeout,
    *(requests.exceptions.InvalidURL, requests.exceptions.MissingSchema, requests.exceptions.InvalidSchema),
)
RESPONSE_ERRORS = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, ValueError, RecursionError)


class NoTimeLeft(TimeoutError):
    """Too little time was left before the deadline to send the request."""


class ServerNotTried(urllib3.exceptions.ConnectTimeoutError):
    """No connection was tried, because this process is too busy. That says nothing about the server."""


def was_never_sent(error: BaseException) -> bool:
    """Return whether an error means that no byte of the request can have reached the server, because no connection was established."""
    if isinstance(error, (NoTimeLeft, ServerDown, *_UNSENT_ERRORS)):
        return True
    reason = _get_reason(error)
    if isinstance(reason, urllib3.exceptions.SSLError):
        return bool(reason.args) and isinstance(reason.args[0], ssl.SSLCertVerificationError)
    return isinstance(reason, _UNSENT_REASONS)


def _get_reason(error: BaseException) -> Any:
    """Return the error of urllib3 that is behind one of requests, or None."""
    return getattr(error.args[0] if error.args else None, "reason", None)


class HttpSession(requests.Session):
    """Sends requests that identify Chorus, ignore the machine's proxies and passwords, and follow no redirect.

    `deadline` is a time.monotonic() value that no request outlives, and no request is sent with less than `min_seconds` left before it.
    `breakers` know which servers are down; `server_name` distinguishes the servers behind one address, such as those of a gateway.
    """

    def __init__(
        self,
        deadline: float,
        adapter: HTTPAdapter | None = None,
        *,
        breakers: CircuitBreakers | None = None,
        server_name: str = "",
        retries_uncertain: bool = True,
        min_seconds: float = 0.0,
        read_seconds: float = READ_TIMEOUT_SECONDS,
    ) -> None:
        super().__init__()
        self._latest_start, self._read_seconds = deadline - min_seconds, read_seconds
        self._deadline, self._breakers, self._server_name = deadline, breakers or CircuitBreakers(), server_name
        self._retries_uncertain = retries_uncertain  # whether to repeat a request that the server may have carried out
        self.trust_env = False
        self.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter or BoundedAdapter())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Send a request, and retry it once if the server closes the connection or answers with a status of 500 or more.

        With `retries_uncertain=False`, that is only done if no connection was made, or `is_refusal` says so.

        Raises ServerDown instead if the server is known to be down, and NoTimeLeft if it's too late. A request that our own deadline
        ends says nothing about the server.
        """
        server = f"{self._server_name} {urlsplit(str(url)).netloc}"
        self._breakers.check(server)
        try:
            response = self._send_with_retry(method, url, *args, **options)
        except NoTimeLeft:
            raise
        except (*TIMEOUT_ERRORS, *CONNECTION_ERRORS) as error:
            if time.monotonic() < self._deadline and not isinstance(_get_reason(error), ServerNotTried):
                self._breakers.record_failure(server)
            raise
        (self._breakers.record_failure if response.status_code >= 500 else self._breakers.record_success)(server)
        return response

    def is_refusal(self, response: requests.Response) -> bool:
        """Return whether a response with an error's status shows that the request wasn't carried out. By default nobody can tell."""
        return False

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Return None, so that requests never looks for a redirect."""

    def _send_with_retry(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        try:
            response = self._send_once(method, url, *args, **options)
        except CONNECTION_ERRORS as error:
            may_retry = was_never_sent(error) or self._retries_uncertain
            if isinstance(error, TIMEOUT_ERRORS) or not may_retry or not self._wait_before_retry():
                raise
            return self._send_once(method, url, *args, **options)
        may_retry = self._retries_uncertain or self.is_refusal(response)
        if response.status_code >= 500 and may_retry and self._wait_before_retry():
            return self._send_once(method, url, *args, **options)
        return response

    def _send_once(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        now = time.monotonic()
        if now >= self._latest_start:
            raise NoTimeLeft("too little time is left")
        timeout = urllib3.Timeout(total=self._deadline - now, connect=CONNECT_TIMEOUT_SECONDS, read=self._read_seconds)
        options |= {"timeout": timeout, "stream": True, "allow_redirects": False}
        with super().request(method, url, *args, **options) as response:
            body = read_body(response)
        response.raw = io.BytesIO(body)
        return response

    def _wait_before_retry(self) -> bool:
        """Pause before a retry and return True, or return False if it would come too late."""
        pause_seconds = random.uniform(*RETRY_DELAY_SECONDS)
        if time.monotonic() + pause_seconds >= self._latest_start:
            return False
        time.sleep(pause_seconds)
        return True
