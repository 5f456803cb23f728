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
CONNECT_SECONDS = 3.05  # just over TCP's first resend
ANSWER_SECONDS = 20.0  # for a whole answer; a page of 100 posts takes a network about one
LARGEST_ANSWER = 8 * 2**20  # bytes; 100 posts of 25,000 characters fit in
PAUSE_SECONDS = (0.1, 0.4)  # before the one retry

SLOW = (TimeoutError, requests.Timeout, urllib3.exceptions.TimeoutError)
DROPPED = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, urllib3.exceptions.ProtocolError)
BROKEN = (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException, ValueError, RecursionError)


# --- connections whose answers are bounded ---------------------------------------------------------------------------


class _Received(io.RawIOBase):
    """The bytes of one answer; the read timeout counts for all of them together, and so does LARGEST_ANSWER."""

    def __init__(self, raw: io.RawIOBase, sock: Any) -> None:
        self._raw, self._sock, self._bytes = raw, sock, 0
        self._end = time.monotonic() + (sock.gettimeout() or ANSWER_SECONDS)

    def readable(self) -> bool:
        """Say yes: it is read, never written."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Receive some bytes in the time that is left."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer takes too long")
        self._sock.settimeout(left)
        count = self._raw.readinto(buffer)
        self._bytes += count or 0
        if self._bytes > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
        return count

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _Answer(http.client.HTTPResponse):
    def __init__(self, sock: Any, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Received(self.fp.detach(), sock))


class _Connection(HTTPConnection):
    response_class = _Answer


class SecureConnection(HTTPSConnection):
    """A TLS connection whose answers are bounded in time and size."""

    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


class Adapter(HTTPAdapter):
    """Opens bounded connections, of plain HTTP and of TLS; `pools` are other ways to make them, by scheme."""

    def __init__(self, pools: Mapping[str, type[HTTPConnectionPool]] | None = None) -> None:
        self._pools = pools or {"http": _Pool, "https": _SecurePool}
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Use these pools in place of urllib3's."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools


# --- the session -----------------------------------------------------------------------------------------------------


class Session(requests.Session):
    """Asks with our name, without the machine's proxies and passwords; no request outlives `deadline`, no redirect is followed."""

    def __init__(self, deadline: float, adapter: HTTPAdapter | None = None) -> None:
        super().__init__()
        self._deadline = deadline
        self.trust_env = False
        self.headers["User-Agent"] = USER_AGENT
        for scheme in ("http://", "https://"):
            self.mount(scheme, adapter or Adapter())

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        """Ask, and once more if the server is in trouble or hangs up."""
        try:
            response = self._ask(method, url, *args, **options)
        except DROPPED as trouble:
            if isinstance(trouble, SLOW) or not self._pause():
                raise
            return self._ask(method, url, *args, **options)
        if response.status_code >= 500 and self._pause():
            return self._ask(method, url, *args, **options)
        return response

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Look at no redirect, let alone follow one."""

    def _ask(self, method: str | bytes, url: str | bytes, *args: Any, **options: Any) -> requests.Response:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("no time is left")
        patience = urllib3.Timeout(total=left, connect=CONNECT_SECONDS, read=ANSWER_SECONDS)
        options |= {"timeout": patience, "stream": True, "allow_redirects": False}
        with super().request(method, url, *args, **options) as response:
            body = _read(response)
        response.raw = io.BytesIO(body)
        return response

    def _pause(self) -> bool:
        """Wait for a moment, unless the deadline is nearer than that."""
        pause = random.uniform(*PAUSE_SECONDS)
        if time.monotonic() + pause >= self._deadline:
            return False
        time.sleep(pause)
        return True


def _read(response: requests.Response) -> bytes:
    body = bytearray()
    for piece in response.raw.stream(2**16, decode_content=True):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise ValueError("the answer is too large")
    return bytes(body)
