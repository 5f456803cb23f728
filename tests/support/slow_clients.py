"""Clients that are slow on purpose: they send half a request, or never read the response. No test in here."""

import contextlib
import resource
import select
import socket
import time
from collections.abc import Callable, Iterator

END_SECONDS = 120  # generous: it bounds a hang, and no test is about the time
_HEAD = b" HTTP/1.1\r\nHost: localhost\r\n"
_PART_OF_A_FILE = b"x" * 100_000


def send_nothing(connection: socket.socket) -> None:
    """Only connect."""


def send_half_a_line(connection: socket.socket) -> None:
    """Send the beginning of a request line."""
    connection.sendall(b"GET /rep")


def send_endless_headers(connection: socket.socket) -> None:
    """Send a head that never ends; `keep_sending` sends more of it."""
    connection.sendall(b"GET /" + _HEAD + b"X-First: 1\r\n")


def send_no_body(connection: socket.socket) -> None:
    """Announce a body that never arrives."""
    connection.sendall(b"POST /predict" + _HEAD + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n")


def send_part_of_a_file(connection: socket.socket) -> None:
    """Begin an upload and stop."""
    connection.sendall(b"POST /upload" + _HEAD + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 10000000\r\n\r\n")
    connection.sendall(_PART_OF_A_FILE)


def read_nothing(connection: socket.socket) -> None:
    """Request 10 MB, wait until they begin to arrive, and read nothing."""
    connection.sendall(b"GET /large" + _HEAD + b"\r\n")
    select.select([connection], [], [], END_SECONDS)


def stay_idle(connection: socket.socket) -> None:
    """Make one request and keep the connection."""
    connection.sendall(b"GET /health" + _HEAD + b"\r\n")
    received = b""
    while b"healthy" not in received:
        received += connection.recv(65_536)


ATTACKS: tuple[Callable[[socket.socket], None], ...] = (
    send_nothing,
    send_half_a_line,
    send_endless_headers,
    send_no_body,
    send_part_of_a_file,
    read_nothing,
    stay_idle,
)


@contextlib.contextmanager
def open_connections(port: int, count: int, attack: Callable[[socket.socket], None]) -> Iterator[list[socket.socket]]:
    """Yield this many connections, each of which has done its part of an attack."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
    with contextlib.ExitStack() as stack:
        connections = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # so that little of a response arrives unread
            connection.settimeout(END_SECONDS)
            connection.connect(("127.0.0.1", port))
            with contextlib.suppress(ConnectionError):  # the server may make room for a new connection by closing an old one
                attack(connection)
            connections.append(connection)
        yield connections


def count_open(connections: list[socket.socket]) -> int:
    """Return how many of these connections the server keeps open, reading nothing from them."""
    poll = select.poll()
    for connection in connections:
        poll.register(connection, select.POLLRDHUP)
    return len(connections) - len(poll.poll(0))


def wait_until_closed(connections: list[socket.socket], keep_sending: bytes = b"") -> list[bytes]:
    """Wait until the server has closed all connections, and return what each has received, without the rest of its large response."""
    deadline = time.monotonic() + END_SECONDS
    while count_open(connections):
        assert time.monotonic() < deadline, f"{count_open(connections)} of {len(connections)} connections are still open"
        time.sleep(0.1)
        for connection in connections if keep_sending else ():
            with contextlib.suppress(OSError):
                connection.sendall(keep_sending)
    return [_read_what_came(connection) for connection in connections]


def _read_what_came(connection: socket.socket) -> bytes:
    try:
        return connection.recv(65_536)
    except ConnectionError:
        return b""
