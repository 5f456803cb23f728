"""Accepts connections, within a bound, and ends those that are too slow. Runs in the event loop's thread."""

import errno
import socket
import threading
from time import monotonic
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer

from dashboard.server.body_room import BodyRoom
from dashboard.server.body_rules import BodyRules
from dashboard.server.channel import Channel
from dashboard.server.event_loop import EventLoop
from dashboard.server.limits import ConnectionLimits
from dashboard.server.request_parser import RequestParser
from dashboard.server.thread_groups import ThreadGroups
from dashboard.web.refusals import Refusal

_ACCEPTS_PER_TURN = 64
_PAUSE_SECONDS = 0.5  # before accepting again when the process has no file descriptor left
_LINGER_SECONDS = 1.0  # how long a stopping server keeps idle connections, for requests that are on their way
_CLOSED_FIRST = ("lingering", "silent", "idle", "head", "body", "response")  # for new ones; never while the application works
_MAX_CHUNK_BYTES = 64 * 1024
_MAX_BODY_BYTES = 2**62  # the application has bounds of its own


class HttpServer(TcpWSGIServer):
    """A listening socket and its connections."""

    channel_class = Channel

    def __init__(
        self,
        application: Any,
        listener: socket.socket,
        threads: ThreadGroups,
        limits: ConnectionLimits,
        body_rules: BodyRules,
        loop: EventLoop,
    ) -> None:
        """To be created in the thread that runs the event loop."""
        self.limits, self.body_rules, self.is_stopping, self.max_idle_seconds = limits, body_rules, False, float("inf")
        self._paused_until, self._is_waking, self._loop_thread = 0.0, False, threading.get_ident()
        address = listener.getsockname()
        super().__init__(
            application,
            map=loop,
            _sock=listener,
            dispatcher=threads,
            adj=_build_adjustments(limits, listener),
            sockinfo=(listener.family, listener.type, listener.proto, address),
            bind_socket=False,
        )

    def getsockname(self) -> tuple[str, str]:
        """Return the address and the port."""
        name = self.socket.getsockname()
        return (str(name[0]), str(name[1])) if isinstance(name, tuple) else ("localhost", "80")

    def fix_addr(self, addr: Any) -> Any:
        """Return the address of a client; those of a Unix socket have none."""
        return addr if isinstance(addr, tuple) else ("", 0)

    def readable(self) -> bool:
        """Return whether to accept connections."""
        return bool(self.accepting) and monotonic() >= self._paused_until

    def pull_trigger(self) -> None:
        """Wake the event loop, once however often it's called before the loop has woken. The loop itself is awake."""
        if not self._is_waking and threading.get_ident() != self._loop_thread:
            self._is_waking = True
            self.trigger.pull_trigger(self._note_waking)

    def handle_accept(self) -> None:
        """Accept the connections that are waiting, and close others for them if there are too many."""
        for _ in range(_ACCEPTS_PER_TURN):
            try:
                accepted = self.accept()
            except OSError as error:
                self._pause(error)
                return
            if accepted is None:
                return
            self._open_channel(*accepted)

    def end_slow_connections(self) -> None:
        """End the connections of clients that are too slow, and the slowest of those for which too much is waiting to be sent."""
        now = monotonic()
        for channel in list(self.active_channels.values()):
            channel.end_if_too_slow(now)
        while sum(channel.total_outbufs_len for channel in self.active_channels.values()) > self.limits.unsent_bytes:
            readers = [channel for channel in self.active_channels.values() if channel.total_outbufs_len]
            min(readers, key=lambda channel: channel.phase.since).end()

    def end_slowest_body(self, asking: RequestParser, room: BodyRoom, client: str) -> bool:
        """End the slowest of the requests whose bodies take room that another one needs, and return whether there was one.

        Only requests that arrive too slowly for their room are ended, and if `client` isn't empty, only this client's.
        """
        now, slow = monotonic(), list[tuple[float, Channel]]()
        for channel in self.active_channels.values():
            request = channel.request
            if request is not None and request is not asking and request.blocks(room, client, now):
                slow.append((request.bytes_per_second(now), channel))
        if slow:
            min(slow, key=lambda entry: entry[0])[1].refuse(Refusal(408))
        return bool(slow)

    def stop_accepting(self) -> None:
        """Accept no further connections, and close idle ones soon."""
        self.is_stopping, self.max_idle_seconds, self.accepting = True, _LINGER_SECONDS, False
        self.del_channel()
        self.socket.close()

    def _open_channel(self, connection: socket.socket, address: Any) -> None:
        if len(self.active_channels) >= self.limits.connections and not self._close_one():
            connection.close()
            return
        try:
            self.set_socket_options(connection)
        except OSError:  # the client has already left
            connection.close()
            return
        self.channel_class(self, connection, self.fix_addr(address), self.adj, map=self._map)

    def _close_one(self) -> bool:
        """Close the connection that has waited longest for its client, idle ones first, and return whether there was one."""
        now, waiting = monotonic(), list[tuple[int, float, Channel]]()
        for channel in self.active_channels.values():
            channel.update_phase(now)
            if channel.phase.name in _CLOSED_FIRST:
                waiting.append((_CLOSED_FIRST.index(channel.phase.name), channel.phase.since, channel))
        if waiting:
            min(waiting, key=lambda entry: entry[:2])[2].end()
        return bool(waiting)

    def _note_waking(self) -> None:
        self._is_waking = False

    def _pause(self, error: OSError) -> None:
        if error.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM) and not self._close_one():
            self._paused_until = monotonic() + _PAUSE_SECONDS


def _build_adjustments(limits: ConnectionLimits, listener: socket.socket) -> Adjustments:
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if hasattr(socket, "TCP_NOTSENT_LOWAT"):
        options.append((socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _MAX_CHUNK_BYTES))  # so that progress is noticed in small steps
    adjustments = Adjustments(
        ident=None,
        server_name="localhost",
        backlog=2048,
        recv_bytes=_MAX_CHUNK_BYTES,
        inbuf_overflow=_MAX_CHUNK_BYTES,
        outbuf_overflow=4 * _MAX_CHUNK_BYTES,
        outbuf_high_watermark=limits.unsent_bytes,
        max_request_header_size=limits.head_bytes,
        max_request_body_size=_MAX_BODY_BYTES,
        channel_request_lookahead=1,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,
    )
    adjustments.socket_options = [] if listener.family == socket.AF_UNIX else options
    return adjustments
