"""How any network is asked over HTTP: a session that cannot hang or swell, follows nobody elsewhere and says who we are.

Which network is asked for what does not enter here, nor what its answers mean. What can go wrong leaves as the three
tuples of exceptions below, whose texts may carry addresses and keys: `asking.py` turns them into nouns.
"""

import http.client
import io
import random
import time
from collections.abc import Mapping
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from dashboard import __version__

USER_AGENT = f"Chorus/{__version__} (self-hosted dashboard)"
CONNECT_TIMEOUT_SECONDS = 3.05  # just over TCP's first resend
READ_TIMEOUT_SECONDS = 20.0  # for a whole answer; a page of 100 posts takes a network about one
MAX_RESPONSE_BYTES = 8 * 2**20  # bytes; 100 posts of 25,000 characters fit in
RETRY_DELAY_SECONDS = (0.1, 0.4)  # before the one retry

TIMEOUT_ERRORS = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
CONNECTION_ERRORS = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)
RESPONSE_ERRORS = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, ValueError, RecursionError)


# --- connections whose answers are bounded ---------------------------------------------------------------------------


class _BoundedReader(io.RawIOBase):
    """The bytes of one answer; the read timeout counts for all of them together, and so does LARGEST_ANSWER."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock, self._bytes_read = raw, sock, 0
        self._deadline = time.monotonic() + (sock.gettimeout() or READ_TIMEOUT_SECONDS)

    def readable(self) -> bool:
        """Say yes: it is read, never written."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes in the time that is left."""
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self._bytes_read += count or 0
        if self._bytes_read > MAX_RESPONSE_BYTES:
            raise ValueError("the answer is too large")
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _BoundedResponse(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_BoundedReader(self.fp.detach(), sock))


class _BoundedHTTPConnection(HTTPConnection):
    response_class = _BoundedResponse


class BoundedHTTPSConnection(HTTPSConnection):
    """A TLS connection whose answers are bounded in time and size."""

    response_class = _BoundedResponse


class _BoundedHTTPConnectionPool(HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _BoundedHTTPSConnectionPool(HTTPSConnectionPool):
    ConnectionCls = BoundedHTTPSConnection


class BoundedAdapter(HTTPAdapter):
    """Opens bounded connections, of plain HTTP and of TLS; `pools` are other ways to make them, by scheme."""

    def __init__(self, pool_classes: Mapping[str, type[HTTPConnectionPool]] | None = None) -> None:
        self._pool_classes = pool_classes or {"http": _BoundedHTTPConnectionPool, "https": _BoundedHTTPSConnectionPool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use these pools in place of urllib3's."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pool_classes


# --- the session -----------------------------------------------------------------------------------------------------


class HttpSession(requests.Session):
    """Asks with our name, without the machine's proxies and passwords; no request outlives `deadline`, no redirect is followed."""

    def __init__(self, deadline: float, adapter: HTTPAdapter | None = None) -> None:
        super().__init__()
        self._deadline = deadline
        self.trust_env = False
        self.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter or BoundedAdapter())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Ask, and once more if the server is in trouble or hangs up."""
        try:
            response = self._send_once(method, url, *args, **options)
        except CONNECTION_ERRORS as trouble:
            if isinstance(trouble, TIMEOUT_ERRORS) or not self._wait_before_retry():
                raise
            return self._send_once(method, url, *args, **options)
        if response.status_code >= 500 and self._wait_before_retry():
            return self._send_once(method, url, *args, **options)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Look at no redirect, let alone follow one."""

    def _send_once(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        patience = urllib3.Timeout(total=left, connect=CONNECT_TIMEOUT_SECONDS, read=READ_TIMEOUT_SECONDS)
        options |= {"timeout": patience, "stream": True, "allow_redirects": False}
        with super().request(method, url, *args, **options) as response:
            body = _read_body(response)
        response.raw = io.BytesIO(body)
        return response

    def _wait_before_retry(self) -> bool:
        """Wait for a moment, unless the deadline is nearer than that."""
        pause = random.uniform(*RETRY_DELAY_SECONDS)
        if time.monotonic() + pause >= self._deadline:
            return False
        time.sleep(pause)
        return True


def _read_body(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.raw.stream(2**16, decode_content=True):
        body += piece
        if len(body) > MAX_RESPONSE_BYTES:
            raise ValueError("the answer is too large")
    return bytes(body)
