"""Connections whose responses are bounded in time and size as a whole, however slowly a server sends them.

What is sent, and how often, is decided in `http_session.py`.
"""

import http.client
import io
import time
from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

READ_TIMEOUT_SECONDS = 20.0  # for a complete response; a page of 100 posts usually takes about one
MAX_RESPONSE_BYTES = 8 * 2**20  # room for 100 posts of 25,000 characters


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


def read_body(response: requests.Response) -> bytes:
    """Return the decoded body of a response. Raises ValueError if it is larger than MAX_RESPONSE_BYTES, as a compressed one may be."""
    body = bytearray()
    for chunk in response.raw.stream(2**16, decode_content=True):
        body += chunk
        if len(body) > MAX_RESPONSE_BYTES:
            raise ValueError("the response is too large")
    return bytes(body)
