"""One connection: notices clients that are too slow, answers them, and closes the connection. Runs in the event loop's thread."""

import socket
import struct
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from waitress.channel import HTTPChannel

from dashboard.server.request_parser import RequestParser
from dashboard.server.tasks import ApplicationTask, RefusalTask
from dashboard.web.refusals import Refusal

if TYPE_CHECKING:
    from dashboard.server.http_server import HttpServer

_MAX_SEND_BYTES = 256 * 1024  # per call; waitress reads this much from its buffer again after each call
_DISCARD = struct.pack("ii", 1, 0)  # for SO_LINGER: reset the connection


@dataclass
class Phase:
    """What a connection is doing, since when, and how many bytes had been transferred by then. `key` identifies the phase."""

    name: str = ""
    key: object = None
    since: float = 0.0
    byte_count: int = 0


class Channel(HTTPChannel):
    """A connection with deadlines."""

    task_class, error_task_class = ApplicationTask, RefusalTask
    server: "HttpServer"
    sendbuf_len: int
    close_when_flushed: bool
    request: RequestParser | None
    held_parts: list[bytes] | None = None  # of a response, which are sent together
    sent_bytes = 0
    request_count = 0
    is_refused = False  # whether its last response is a refusal: what the client still sends is discarded
    is_lingering = False  # whether that response has been sent and the client should close the connection

    def __init__(self, server: "HttpServer", sock: socket.socket, address: Any, adj: Any, map: Any = None) -> None:
        self.parser_class = partial(
            RequestParser, limits=server.limits, rules=server.body_rules, peer=str(address[0]), make_room=server.end_slowest_body
        )
        self.phase = Phase(since=monotonic())
        super().__init__(server, sock, address, adj, map=map)
        self.sendbuf_len = min(self.sendbuf_len, _MAX_SEND_BYTES)

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send what the client's connection takes, and count it."""
        sent = int(super().send(data, do_close=do_close))
        self.sent_bytes += sent
        return sent

    def readable(self) -> bool:
        """Return whether to read from the client."""
        return self.is_lingering or bool(super().readable())

    def writable(self) -> bool:
        """Return whether there is something to send. While a thread is sending, the event loop would only spin."""
        if not super().writable() or not self.outbuf_lock.acquire(blocking=False):
            return False
        self.outbuf_lock.release()
        return True

    def write_soon(self, data: Any) -> int:
        """Take a part of a response, send what the client's connection takes, and leave the rest to the event loop."""
        if self.held_parts is not None:
            self.held_parts.append(data)
            return len(data)
        length = int(super().write_soon(data))
        if self.total_outbufs_len:
            self.server.pull_trigger()
        return length

    @property
    def is_idle(self) -> bool:
        """Return whether the event loop only has to wait for the client to send something.

        It stays so until an event arrives or the connection is marked as busy: threads add requests and responses to busy ones only.
        """
        return not (self.requests or self.total_outbufs_len or self.close_when_flushed or self.will_close)

    def handle_read(self) -> None:
        """Read from the client; after a refusal, only to notice when it closes the connection."""
        if self.is_refused:
            self._discard()
        else:
            super().handle_read()

    def handle_close(self) -> None:
        """Close the connection, and delete what has arrived of a body."""
        super().handle_close()
        if self.request is not None:
            self.request.close()

    def handle_write(self) -> None:
        """Send what is pending. A refused client gets time to read the response before the connection is closed.

        Closing it while the client still sends would reset the connection, and the client might never see the response.
        """
        if not self.is_refused or self.will_close:
            super().handle_write()
            return
        self._flush_exception(self._flush_some_if_lockable)
        if self.connected and self.close_when_flushed and not self.total_outbufs_len:
            self.close_when_flushed, self.is_lingering = False, True
            self._shut_down_sending()

    def received(self, data: bytes) -> bool:
        """Take bytes of requests; the first incomplete request that is refused is the last one."""
        is_taken = bool(super().received(data))
        self.is_refused = self.is_refused or any(request.ends_connection for request in self.requests)
        return is_taken

    def refuse(self, refusal: Refusal) -> None:
        """Answer the request that is being received with a refusal, after those that were received before it."""
        with self.requests_lock:
            request = self.request or self.parser_class(self.adj)
            request.refuse(refusal)
            self.request, self.is_refused = None, True
            self.requests.append(request)
            if len(self.requests) == 1:  # otherwise the thread that serves the others adds the task
                self.server.add_task(self)
            self._map.mark_busy(self._fileno)

    def end_if_too_slow(self, now: float) -> None:
        """Close the connection, or answer 408, if its client has been too slow. `now` is a time.monotonic() value."""
        self.update_phase(now)
        if not self.is_idle:
            self._map.mark_busy(self._fileno)
        if now - self.phase.since <= self._allowed_seconds(self.phase.name):
            return
        if self.phase.name in ("head", "body"):
            self.refuse(Refusal(408))
        else:
            self.end()

    def end(self) -> None:
        """Close the connection. What the client hasn't read is discarded, because the kernel would keep it for one that never reads."""
        if self.phase.name in ("response", "lingering") and self.socket is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD)
        self.handle_close()

    def update_phase(self, now: float) -> None:
        """Note what the connection is doing now, and since when it hasn't advanced. `now` is a time.monotonic() value."""
        name, key, byte_count = self._current_phase()
        if name != self.phase.name or key is not self.phase.key or byte_count - self.phase.byte_count >= self.server.limits.min_bytes:
            self.phase = Phase(name, key, now, byte_count)

    def _current_phase(self) -> tuple[str, object, int]:
        if self.is_lingering:
            return "lingering", None, 0
        if self.total_outbufs_len:
            return "response", None, self.sent_bytes
        if self.requests:
            return "application", None, 0
        if self.request is None:
            return ("idle", None, 0) if self.request_count else ("silent", None, 0)
        if self.request.headers_finished:
            return "body", self.request, self.request.body_bytes_received
        return "head", self.request, 0

    def _allowed_seconds(self, phase_name: str) -> float:
        limits = self.server.limits
        if phase_name == "application":
            return float("inf")
        if phase_name == "idle":
            return min(limits.idle_seconds, self.server.max_idle_seconds)
        if phase_name == "silent":
            return min(limits.client_seconds, self.server.max_idle_seconds)
        return min(limits.linger_seconds, limits.client_seconds) if phase_name == "lingering" else limits.client_seconds

    def _discard(self) -> None:
        try:
            self.recv(self.adj.recv_bytes)  # closes the connection if the client has closed its side
        except OSError:
            self.handle_close()

    def _shut_down_sending(self) -> None:
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()
