"""The parser takes any bytes in any pieces: it never raises, never keeps more than its bounds, and pieces make no difference."""

from hypothesis import given
from hypothesis import strategies as st
from waitress.adjustments import Adjustments

from dashboard.server.body_room import BodyRoom
from dashboard.server.body_rules import BodyRules
from dashboard.server.limits import ConnectionLimits
from dashboard.server.request_parser import RequestParser

MAX_BODY_BYTES = 1000
TOKENS = st.sampled_from(
    [
        *(b"GET ", b"POST ", b"/", b"/predict", b"http://[", b"//", b"?a=b", b"#", b" HTTP/1.1", b" HTTP/1.0", b" HTTP/9.9", b"\r\n"),
        *(
            b"\r\n\r\n",
            b"\n",
            b"\r",
            b"Host: localhost\r\n",
            b"Content-Length: 5\r\n",
            b"Content-Length: 2000\r\n",
            b"Content-Length: x\r\n",
        ),
        *(
            b"Transfer-Encoding: chunked\r\n",
            b"Transfer-Encoding: gzip, chunked\r\n",
            b"Expect: 100-continue\r\n",
            b" folded\r\n",
            b"A: b\r\n",
        ),
        *(b"5\r\nhello\r\n", b"0\r\n\r\n", b"ffffffffffffffffffff\r\n", b"5;a=b\r\nhello\r\n", b"-1\r\n", b"\x00", b"\xff\xfe", b"x" * 700),
    ]
)
REQUESTS = st.lists(TOKENS | st.binary(max_size=20), max_size=30).map(b"".join)


def parse(pieces: list[bytes]) -> tuple[bool, int | None, str, bytes]:
    """Return whether the first request is complete, the status of its refusal, its path, and its body."""
    limits = ConnectionLimits(request_line_bytes=500, head_bytes=1500, header_fields=10, chunk_line_bytes=100)
    adjustments = Adjustments(inbuf_overflow=100, max_request_header_size=limits.head_bytes, max_request_body_size=2**40)
    room = BodyRoom(MAX_BODY_BYTES, MAX_BODY_BYTES)
    rules = BodyRules(lambda path: MAX_BODY_BYTES, lambda path: room, lambda peer, headers: peer, lambda path, headers: False)
    parser = RequestParser(adjustments, limits, rules)
    for piece in pieces:
        while piece and not parser.completed:
            piece = piece[max(1, parser.received(piece)) :]
    body = b"" if parser.refusal or not parser.completed else parser.get_body_stream().read()
    assert len(parser.header_plus) <= limits.head_bytes + max(map(len, pieces), default=0)
    parser.close()
    assert room.unread_bytes == 0
    return parser.completed, parser.refusal.status if parser.refusal else None, parser.path, body


@given(REQUESTS)
def test_any_bytes_are_a_request_a_refusal_or_unfinished(data: bytes) -> None:
    """Nothing that a client sends raises an error, and no body exceeds its bound."""
    is_complete, status, _, body = parse([data])
    assert status in (None, 400, 413, 414, 431, 501)
    assert is_complete or status is None
    assert len(body) <= MAX_BODY_BYTES


@given(REQUESTS, st.lists(st.integers(1, 50), min_size=1, max_size=10))
def test_it_does_not_matter_how_the_bytes_arrive(data: bytes, sizes: list[int]) -> None:
    """A request that is served has the same path and body in whatever pieces it was sent."""
    pieces, rest = list[bytes](), data
    while rest:
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(rest[:size])
        rest = rest[size:]
    whole, parts = parse([data]), parse(pieces)
    if whole[1] is None and whole[0] and parts[1] is None:
        assert parts == whole
