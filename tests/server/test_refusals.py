"""What the server answers by itself: to requests that are malformed, too large or one too many, in the form of every other error."""

import contextlib
import json
import re
import socket
from collections.abc import Iterator

import pytest

from tests.support.chorus_server import RunningServer, run_server
from tests.support.html_pages import HtmlPage

HOST = b"\r\nHost: localhost\r\n"
BROWSER = b"Accept: text/html\r\n"
MALFORMED = {
    "no HTTP": (b"hello\r\n\r\n", 400),
    "spaces in the address": (b"GET /a b HTTP/1.1\r\n\r\n", 400),
    "an address that isn't one": (b"GET http://[ HTTP/1.1" + HOST + b"\r\n", 400),
    "a header without a colon": (b"GET / HTTP/1.1" + HOST + b"nonsense\r\n\r\n", 400),
    "a negative length": (b"POST /predict HTTP/1.1" + HOST + b"Content-Length: -1\r\n\r\n", 400),
    "a length with 5,000 digits": (b"POST /predict HTTP/1.1" + HOST + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", 400),
    "two lengths": (b"POST /predict HTTP/1.1" + HOST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    "a length and chunks": (b"POST /predict HTTP/1.1" + HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks in HTTP/1.0": (b"POST /predict HTTP/1.0" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "an unknown encoding": (b"POST /predict HTTP/1.1" + HOST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "a damaged chunk": (b"POST /predict HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", 400),
    "a line before a chunk that doesn't end": (b"POST /predict HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1" * 9000, 400),
    "a trailer that doesn't end": (b"POST /predict HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nA" + b"a" * 9000, 400),
    "a long address": (b"GET /report?users=" + b"a" * 9000 + b" HTTP/1.1" + HOST + b"\r\n", 414),
    "an address without an end": (b"GET /report?users=" + b"a" * 9000, 414),
    "many headers": (b"GET / HTTP/1.1" + HOST + b"A: b\r\n" * 200 + b"\r\n", 431),
    "a large header": (b"GET / HTTP/1.1" + HOST + b"A: " + b"b" * 40_000 + b"\r\n\r\n", 431),
    "a large body": (b"POST /predict HTTP/1.1" + HOST + b"Content-Length: 2000000\r\n\r\n", 413),
    "a large body that waits for a go-ahead": (
        b"POST /predict HTTP/1.1" + HOST + b"Expect: 100-continue\r\nContent-Length: 2000000\r\n\r\n",
        413,
    ),
    "a large body in chunks": (
        b"POST /predict HTTP/1.1" + HOST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65_536 + b"\r\n") * 20,
        413,
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """A served Chorus."""
    with run_server({}) as running:
        yield running


def exchange(port: int, request: bytes) -> bytes:
    """Send a request and return all that comes until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        with contextlib.suppress(ConnectionError):
            connection.sendall(request)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


def as_browser(request: bytes) -> bytes:
    """Return a request that asks for a page."""
    return request.replace(HOST, HOST + BROWSER, 1)


@pytest.mark.parametrize(("request_bytes", "status"), MALFORMED.values(), ids=MALFORMED)
def test_a_request_that_cannot_be_served_gets_an_honest_error(server: RunningServer, request_bytes: bytes, status: int) -> None:
    """Each gets its status, our headers, no caching and a closed connection, and nothing else follows."""
    head, _, _ = exchange(server.port, request_bytes).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 %d " % status) or head.startswith(b"HTTP/1.0 %d " % status)
    assert b"Content-Security-Policy: default-src 'none'" in head
    assert b"X-Content-Type-Options: nosniff" in head
    assert b"Cache-Control: no-store" in head
    assert b"Connection: close" in head


def test_a_program_gets_a_problem_document(server: RunningServer) -> None:
    """Data routes answer in the form of their other errors."""
    request, _ = MALFORMED["a large body"]
    head, _, body = exchange(server.port, request).partition(b"\r\n\r\n")
    assert b"Content-Type: application/problem+json" in head
    assert json.loads(body) == {
        "title": "Too large",
        "status": 413,
        "detail": "That’s too large: the limit here is 1 MiB.",
        "problems": [],
    }


@pytest.mark.parametrize("name", ["a long address", "many headers", "a header without a colon"])
def test_a_browser_gets_a_page(server: RunningServer, name: str) -> None:
    """A person reads what is wrong and how to go on."""
    head, _, body = exchange(server.port, as_browser(MALFORMED[name][0])).partition(b"\r\n\r\n")
    assert b"Content-Type: text/html" in head
    HtmlPage(body.decode()).assert_valid()
    assert b'<a href="/">Start a new report</a>' in body


def test_nothing_after_a_refused_request_is_served(server: RunningServer) -> None:
    """What follows in the same connection may be part of the refused request, so it isn't taken for one."""
    request, _ = MALFORMED["a length and chunks"]
    received = exchange(server.port, request + b"GET /health HTTP/1.1" + HOST + b"\r\n")
    assert len(re.findall(rb"HTTP/1\.[01] \d{3} ", received)) == 1


def test_a_client_that_sends_on_still_reads_its_refusal(server: RunningServer) -> None:
    """The server goes on reading for a while, so that the connection isn't reset before the answer is read."""
    request, _ = MALFORMED["a large body"]
    assert exchange(server.port, request + b"x" * 2_000_000).startswith(b"HTTP/1.1 413 ")


def test_requests_in_one_connection_are_answered_in_order(server: RunningServer) -> None:
    """Pipelined requests get one response each."""
    received = exchange(
        server.port, (b"GET /health HTTP/1.1" + HOST + b"\r\n") * 3 + b"GET /health HTTP/1.1\r\nConnection: close" + HOST + b"\r\n"
    )
    assert received.count(b"HTTP/1.1 200 OK") == 4


@pytest.mark.parametrize(("first", "count"), [(b"", 2), (b"Connection: close\r\n", 1)], ids=["stays open", "closes"])
def test_a_connection_is_used_again_after_a_response_without_a_body(server: RunningServer, first: bytes, count: int) -> None:
    """A page whose images are all unchanged needs one connection for them. A client that doesn't want it again says so."""
    unchanged = b"GET /static/logo.svg HTTP/1.1" + HOST + b"If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT\r\n"
    received = exchange(server.port, unchanged + first + b"\r\n" + unchanged + b"Connection: close\r\n\r\n")
    assert received.count(b"HTTP/1.1 304 ") == count


def test_a_head_request_has_no_body(server: RunningServer) -> None:
    """Its response ends with the head."""
    received = exchange(server.port, b"HEAD /health HTTP/1.1\r\nConnection: close" + HOST + b"\r\n")
    assert received.endswith(b"\r\n\r\n")
    assert b"Content-Length: 4" in received


def test_a_body_in_chunks_is_read(server: RunningServer) -> None:
    """A program may send its body in parts."""
    body = b'{"text": "I love it"}'
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body) + b"0\r\n\r\n"
    head = b"POST /predict HTTP/1.1\r\nConnection: close" + HOST + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert b'"prediction":"positive"' in exchange(server.port, head + chunks)
