"""Reads one request from its bytes, as waitress does, within our bounds. A request that exceeds them gets a `Refusal`."""

import re
import shutil
import tempfile
from collections.abc import Callable
from time import monotonic
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser

from dashboard.server.body_room import BodyRoom
from dashboard.server.body_rules import BodyRules
from dashboard.server.limits import ConnectionLimits
from dashboard.web.refusals import Refusal

_CHUNKED_STEP_BYTES = 1024 * 1024  # by which a body of unknown length gets more room
_RETRY_AFTER_SECONDS = 10  # when there is no room for a body
_START_PATTERN = re.compile(rb"\s*([A-Z]{1,10}) (/[^ ?#\r\n]{0,200})")
_ACCEPT_PATTERN = re.compile(rb"\r\naccept:[ \t]*([^\r\n]{1,500})", re.IGNORECASE)


class RequestParser(HTTPRequestParser):
    """One request. `refusal` says why it isn't served; it's complete then."""

    refusal: Refusal | None = None
    ends_connection = False
    error: Any  # waitress's error, or the refusal
    first_line, command, path, query, request_uri, url_scheme = b"", "GET", "*", "", "*", "http"  # of a request that can't be parsed
    version = "1.1"
    _field_count = 0
    _room: BodyRoom | None = None  # that the body is in
    _client, _room_bytes = "", 0

    def __init__(
        self,
        adj: Adjustments,
        limits: ConnectionLimits,
        rules: BodyRules,
        peer: str = "",
        make_room: Callable[["RequestParser", BodyRoom, str], bool] = lambda request, room, client: False,
    ) -> None:
        """`peer` is the address that the request comes from. `make_room` ends a body that arrives too slowly for the room it takes.

        It gets this request, the room, and the client whose body has to end ("" for anybody's), and returns whether there was one.
        """
        super().__init__(adj)
        self._limits, self._rules, self._peer, self._make_room, self._since = limits, rules, peer, make_room, monotonic()

    def received(self, data: bytes) -> int:
        """Take bytes of the request and return how many of them belong to it."""
        try:
            consumed = int(super().received(data))
        except ValueError:  # raised for addresses such as http://[
            consumed, self.error = len(data), Refusal(400)
        except OSError:  # the disk is full
            consumed, self.error = len(data), Refusal(507)
        refusal = self.refusal or self._check()
        if refusal:
            self.refuse(refusal)
        if self.completed:
            self.expect_continue = False  # waitress would ask for the body of a request that it has refused
        return consumed

    def refuse(self, refusal: Refusal, *, ends_connection: bool = True) -> None:
        """Complete the request with a refusal instead of a response of the application.

        Unless the request was complete and good, nobody knows where the next one would begin, so it's the last one of its connection.
        """
        self.ends_connection = ends_connection
        if not self.headers_finished:
            self._salvage_head()
        self.refusal, self.error, self.completed = refusal, refusal, True
        self._leave_room()

    def close(self) -> None:
        """Delete the body."""
        super().close()
        self._leave_room()

    def peek_body(self, max_bytes: int) -> bytes | None:
        """Return the body of a complete request, which stays where it is, or None if it's longer than `max_bytes`."""
        if self.body_rcv is None:
            return b""
        return bytes(self.body_rcv.getbuf().get(max_bytes)) if len(self.body_rcv) <= max_bytes else None

    def blocks(self, room: BodyRoom, client: str, now: float) -> bool:
        """Return whether the body takes room of this client ("" for anybody) although it arrives too slowly. `now` is from monotonic()."""
        is_there = self._room is room and client in ("", self._client) and not self.completed
        is_slow = now - self._since > self._limits.client_seconds and self.bytes_per_second(now) < self._limits.body_bytes_per_second
        return is_there and is_slow

    def bytes_per_second(self, now: float) -> float:
        """Return how fast the body has arrived so far. `now` is a time.monotonic() value."""
        return float(self.body_bytes_received / max(now - self._since, 0.001))

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the head. Raises waitress's ParsingError."""
        self._field_count = header_plus.count(b"\r\n") - 1
        super().parse_header(header_plus)

    def _check(self) -> Refusal | None:
        if isinstance(self.error, Refusal):
            return self.error
        if self.error is not None:
            return self._check_head() or Refusal(self.error.code)
        return self._check_head() or self._check_body()

    def _check_head(self) -> Refusal | None:
        line_length = self.header_plus.find(b"\r\n") if not self.headers_finished else len(self.first_line)
        if line_length > self._limits.request_line_bytes or (line_length < 0 and len(self.header_plus) > self._limits.request_line_bytes):
            return Refusal(414)
        if self._field_count > self._limits.header_fields:
            return Refusal(431)
        is_ambiguous = self.headers_finished and (
            "TRANSFER_ENCODING" in self.headers or (self.chunked and "CONTENT_LENGTH" in self.headers and self.body_bytes_received == 0)
        )
        return Refusal(400) if is_ambiguous else None

    def _check_body(self) -> Refusal | None:
        if self.body_rcv is None:
            return None
        max_bytes = self._rules.max_bytes(self.path)
        if max(self.content_length, len(self.body_rcv)) > max_bytes:
            return Refusal(413, max_body_bytes=max_bytes)
        if self.chunked and len(self.body_rcv.control_line) + len(self.body_rcv.trailer) > self._limits.chunk_line_bytes:
            return Refusal(400)
        if not self.body_bytes_received and self._rules.is_unread(self.path, self.headers):
            self._skip_body()
            return None
        return self._take_room()

    def _skip_body(self) -> None:
        """Let the application answer at once. What the client still sends is discarded."""
        self.completed = self.ends_connection = True
        self.headers["CONTENT_LENGTH"] = "0"

    def _take_room(self) -> Refusal | None:
        """Take the room that the body needs on the disk. Short bodies stay in memory, and need none."""
        length = max(self.content_length, len(self.body_rcv))
        needed_bytes = -(-length // _CHUNKED_STEP_BYTES) * _CHUNKED_STEP_BYTES if self.chunked else length
        if length <= self.adj.inbuf_overflow or needed_bytes <= self._room_bytes:
            return None
        if not self._fits_on_disk(needed_bytes - self._room_bytes):
            return Refusal(507)
        room, client = self._rules.find_room(self.path), self._rules.identify_client(self._peer, self.headers)
        while not room.resize(client, self._room_bytes, needed_bytes):
            whose = "" if room.fits_share(client, self._room_bytes, needed_bytes) else client
            if not self._make_room(self, room, whose):
                return Refusal(503, retry_after_seconds=_RETRY_AFTER_SECONDS)
        self._room, self._client, self._room_bytes = room, client, needed_bytes
        return None

    def _leave_room(self) -> None:
        if self._room is not None:
            self._room.resize(self._client, self._room_bytes, 0)
            self._room, self._room_bytes = None, 0

    def _fits_on_disk(self, byte_count: int) -> bool:
        needed_bytes = byte_count + self._limits.disk_reserve_bytes
        try:
            return needed_bytes <= shutil.disk_usage(tempfile.gettempdir()).free
        except OSError:  # the folder was deleted
            return False

    def _salvage_head(self) -> None:
        """Read the method, the path and `Accept` from an incomplete head, so that the refusal has the right format."""
        if start := _START_PATTERN.match(self.header_plus):
            self.command, self.path = start[1].decode(), start[2].decode("latin-1")
        if accept := _ACCEPT_PATTERN.search(self.header_plus):
            self.headers["ACCEPT"] = accept[1].decode("latin-1")
