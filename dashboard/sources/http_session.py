"""The HTTP session for every network: responses are bounded in time and size, redirects aren't followed, and Chorus names itself.

Nothing in here knows which network it contacts, or what a response means. A failed request raises one of the exceptions in the three
tuples below. Their texts may contain addresses and keys, so `http_errors.py` replaces them with those of `core/source_errors.py`.
"""

import http.client
import io
import random
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from dashboard import __version__
from dashboard.sources.circuit_breakers import CircuitBreakers, ServerDown

USER_AGENT = f"Chorus/{__version__} (self-hosted dashboard)"
CONNECT_TIMEOUT_SECONDS = 3.05  # slightly longer than TCP's first retransmission
READ_TIMEOUT_SECONDS = 20.0  # for a complete response; a page of 100 posts usually takes about one
REQUEST_SECONDS = CONNECT_TIMEOUT_SECONDS + READ_TIMEOUT_SECONDS  # that a request takes at most
MAX_RESPONSE_BYTES = 8 * 2**20  # room for 100 posts of 25,000 characters
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


# --- connections with bounded responses ------------------------------------------------------------------------------


class _BoundedReader(io.RawIOBase):
    """The bytes of one response. The read timeout and MAX_RESPONSE_BYTES apply to the response as a whole."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock, self._bytes_read = raw, sock, 0
        self._deadline = time.monotonic() + (sock.gettimeout() or READ_TIMEOUT_SECONDS)

    def readable(self) -> bool:
        """Return True: a response can only be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive bytes in the time that remains. Raises TimeoutError, or ValueError if the response is too large."""
        remaining_seconds = self._deadline - time.monotonic()
        if remaining_seconds <= 0:
            raise TimeoutError("the response takes too long")
        self._sock.settimeout(remaining_seconds)
        count = self._raw.readinto(buffer)
        self._bytes_read += count or 0
        if self._bytes_read > MAX_RESPONSE_BYTES:
            raise ValueError("the response is too large")
        return count

    def close(self) -> None:
        """Close the socket."""
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock))


class _BoundedHTTPConnection(HTTPConnection):
    response_class = _BoundedResponse


class BoundedHTTPSConnection(HTTPSConnection):
    """A TLS connection whose responses are bounded in time and size."""

    response_class = _BoundedResponse


class _BoundedHTTPConnectionPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = BoundedHTTPSConnection


class BoundedAdapter(HTTPAdapter):
    """Opens bounded connections for HTTP and HTTPS. `pool_classes` replaces the pools that open them, by scheme."""

    def __init__(self, pool_classes: Mapping[str, type[HTTPConnectionPool]] | None = None) -> None:
        self._pool_classes = pool_classes or {"http": _BoundedHTTPConnectionPool, "https": _BoundedHTTPSConnectionPool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use this adapter's pools instead of urllib3's."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes


# --- the session -----------------------------------------------------------------------------------------------------


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
            body = _read_body(response)
        response.raw = io.BytesIO(body)
        return response

    def _wait_before_retry(self) -> bool:
        """Pause before a retry and return True, or return False if it would come too late."""
        pause_seconds = random.uniform(*RETRY_DELAY_SECONDS)
        if time.monotonic() + pause_seconds >= self._latest_start:
            return False
        time.sleep(pause_seconds)
        return True


def _read_body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.raw.stream(2**16, decode_content=True):
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise ValueError("the response is too large")
    return bytes(body)
