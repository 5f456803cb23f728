"""How much of the bodies of requests may be on the server at the same time: of one client, of all of them, and of slow ones."""

import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashboard.server.body_room import BodyRoom
from tests.support.chorus_server import RunningServer, run_server
from tests.support.slow_clients import END_SECONDS

MIB = 2**20
WAITING_APP = "tests.support.waiting_app:create_waiting_app()"
KEY = "a-key-of-many-letters"
PREDICTION = json.dumps({"text": "I love it"}).encode()
JSON = {"Content-Type": "application/json"}


def test_one_client_leaves_room_for_others() -> None:
    """Half of the room is for a client's bodies, and the other half for those of others."""
    room = BodyRoom(10, 5)
    assert room.resize("first", 0, 3) is True
    assert room.resize("first", 0, 3) is False
    assert room.resize("second", 0, 5) is True
    assert room.resize("third", 0, 3) is False
    assert room.unread_bytes == 8


def test_the_room_of_a_body_is_free_again_when_it_is_gone() -> None:
    """Nothing is remembered of it."""
    room = BodyRoom(10, 5)
    room.resize("first", 0, 4)
    room.resize("first", 4, 0)
    assert room.unread_bytes == 0
    assert room.resize("first", 0, 5) is True


def test_a_body_that_is_larger_than_the_room_fits_while_it_is_alone() -> None:
    """It could never be sent otherwise. Others wait until it's gone."""
    room = BodyRoom(10, 5)
    assert room.resize("first", 0, 400) is True
    assert room.resize("first", 400, 500) is True
    assert room.resize("second", 0, 1) is False


# --- with real connections -----------------------------------------------------------------------------------------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RunningServer]:
    """A server that takes files."""
    with run_server({"CHORUS_DATASETS": str(tmp_path), "CHORUS_TRUSTED_PROXIES": "127.0.0.1"}) as running:
        yield running


def announce(stack: ExitStack, server: RunningServer, byte_count: int, path: str = "/upload", headers: str = "") -> socket.socket:
    """Send the head of a request with a body of this size."""
    connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
    headers += "Host: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nExpect: 100-continue\r\n"
    connection.sendall(f"POST {path} HTTP/1.1\r\n{headers}Content-Length: {byte_count}\r\n\r\n".encode())
    return connection


def request_upload(server: RunningServer) -> int:
    """Return the first status that an upload gets."""
    with ExitStack() as stack:
        return read_status(announce(stack, server, 105 * MIB))


def read_status(connection: socket.socket) -> int:
    """Return the status that a server sends first: 100 means that it reads the body."""
    return int(connection.recv(65_536).split(b" ")[1])


def test_a_body_for_which_there_is_no_room_is_refused_unread(server: RunningServer) -> None:
    """Its answer comes before the body is sent, and says when to try again. Everything else is served."""
    with ExitStack() as stack:
        assert read_status(announce(stack, server, 105 * MIB)) == 100
        refused = announce(stack, server, 105 * MIB).recv(65_536)
        assert refused.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After: 10" in refused
        assert server.send_request("/health")[0] == 200
        assert server.send_request("/predict", PREDICTION, JSON)[0] == 200
        text = json.dumps({"texts": ["I love it. " * 100] * 100}).encode()
        assert server.send_request("/predict", text, JSON)[0] == 200


def test_clients_behind_a_proxy_have_room_of_their_own(server: RunningServer) -> None:
    """Each may use half of it; the third finds it full."""
    with ExitStack() as stack:
        addresses = [f"X-Forwarded-For: 192.0.2.{number}\r\n" for number in range(3)]
        assert [read_status(announce(stack, server, 105 * MIB, headers=address)) for address in addresses] == [100, 100, 503]


def test_room_is_free_again_when_the_client_has_left(server: RunningServer) -> None:
    """The part of the body that has arrived is deleted."""
    with ExitStack() as stack:
        connection = announce(stack, server, 105 * MIB)
        assert read_status(connection) == 100
        connection.sendall(b"x" * 100_000)
    deadline = time.monotonic() + END_SECONDS
    while (status := request_upload(server)) == 503:  # until the server has noticed
        assert time.monotonic() < deadline
    assert status == 100


def test_a_body_in_chunks_takes_room_as_it_arrives(server: RunningServer) -> None:
    """It is refused when the room is full."""
    head = b"POST /upload HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    with ExitStack() as stack:
        assert read_status(announce(stack, server, 126 * MIB)) == 100
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
        connection.sendall(head)
        for _ in range(3):
            connection.sendall(b"%x\r\n" % MIB + b"x" * MIB + b"\r\n")
        assert read_status(connection) == 503


@pytest.mark.faults
def test_a_body_that_hardly_advances_is_ended_for_another_one(tmp_path: Path) -> None:
    """Nobody can keep room that others need by sending very slowly."""
    with run_server({"CHORUS_DATASETS": str(tmp_path), "CHORUS_CLIENT_SECONDS": "1"}) as server, ExitStack() as stack:
        slow = announce(stack, server, 105 * MIB)
        assert read_status(slow) == 100
        while (status := read_status(announce(stack, server, 105 * MIB))) == 503:
            slow.sendall(b"x" * 10_000)  # enough not to be ended for being too slow
            time.sleep(0.2)
        assert status == 100
        assert read_status(slow) == 408


@pytest.mark.faults
@pytest.mark.long
def test_no_more_slow_bodies_are_ended_than_necessary(tmp_path: Path) -> None:
    """The slowest one ends first, and the others may go on."""
    settings = {"CHORUS_DATASETS": str(tmp_path), "CHORUS_CLIENT_SECONDS": "5", "CHORUS_TRUSTED_PROXIES": "127.0.0.1"}
    with run_server(settings) as server, ExitStack() as stack:

        def announce_from(number: int) -> socket.socket:
            return announce(stack, server, 105 * MIB, headers=f"X-Forwarded-For: 192.0.2.{number}\r\n")

        slow, slowest = announce_from(1), announce_from(2)
        assert [read_status(slow), read_status(slowest)] == [100, 100]
        while (status := read_status(announce_from(3))) == 503:
            slow.sendall(b"x" * 45_000)
            slowest.sendall(b"x" * 35_000)  # enough not to be ended for being too slow
            time.sleep(0.5)
        assert status == 100
        assert read_status(slowest) == 408
        slow.setblocking(False)
        with pytest.raises(BlockingIOError):  # no response yet
            slow.recv(1)


@pytest.mark.faults
@pytest.mark.long
def test_a_request_before_a_body_that_is_ended_is_served_once(tmp_path: Path) -> None:
    """A client that doesn't wait for a response may send both on one connection."""
    gate, settings = tmp_path / "gate", {"CHORUS_DATASETS": str(tmp_path), "CHORUS_CLIENT_SECONDS": "1"}
    with run_server(settings | {"TEST_GATE": str(gate)}, WAITING_APP) as server, ExitStack() as stack:
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
        heads = ("GET /wait HTTP/1.1", f"POST /upload HTTP/1.1\r\nContent-Length: {105 * MIB}")
        connection.sendall(b"".join(f"{head}\r\nHost: localhost\r\n\r\n".encode() for head in heads))
        while request_upload(server) == 503:  # until the body on the first connection has been ended
            time.sleep(0.2)
        gate.touch()
        received = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert received.count(b"the gate is open") == 1
    assert re.findall(rb"HTTP/1.1 (\d+)", received) == [b"200", b"408"]


# --- bodies that nobody reads ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def locked_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that takes files from people with a key."""
    with run_server({"CHORUS_DATASETS": str(tmp_path_factory.mktemp("datasets")), "CHORUS_ACCESS_KEYS": KEY}) as running:
        yield running


@pytest.mark.parametrize(
    "credentials",
    ["", "Authorization: Bearer not-the-key-0123456789\r\n", "Cookie: chorus-signed-in=made-up.0123456789abcdef0123456789abcdef\r\n"],
    ids=["none", "wrong key", "forged sign-in"],
)
def test_an_upload_without_a_valid_key_is_refused_unread(locked_server: RunningServer, credentials: str) -> None:
    """The page that asks for the key comes at once, and nothing is stored."""
    with ExitStack() as stack:
        response = announce(stack, locked_server, 105 * MIB, headers=f"Accept: text/html\r\n{credentials}").recv(65_536)
        assert response.startswith(b"HTTP/1.1 401 ")
        assert b"Connection: close" in response


def test_an_upload_with_a_key_or_a_sign_in_is_received(locked_server: RunningServer) -> None:
    """The server asks for the body."""
    response = locked_server.send_request("/signin", f"key={KEY}".encode(), {"Sec-Fetch-Site": "same-origin"})
    cookie = response[1]["Set-Cookie"].partition(";")[0]
    with ExitStack() as stack:
        assert read_status(announce(stack, locked_server, MIB, headers=f"Authorization: Bearer {KEY}\r\n")) == 100
        assert read_status(announce(stack, locked_server, MIB, headers=f"Cookie: {cookie}\r\n")) == 100


@pytest.mark.faults
@pytest.mark.long
def test_an_upload_to_a_server_that_takes_no_files_is_refused_unread() -> None:
    """Its body would be thrown away anyway."""
    with run_server({}) as server, ExitStack() as stack:
        assert read_status(announce(stack, server, 105 * MIB)) == 422
