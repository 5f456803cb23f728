"""The same image that many people ask for at the same moment is drawn once, tested with real connections."""

import os
import signal
import socket
from contextlib import ExitStack

import pytest

from dashboard.web.services import MAX_WAITING_IMAGES
from tests.support.chorus_server import RunningServer, run_server
from tests.support.processes import drawing_processes

IMAGE = "/frequency.png?users=demo:aster-air"
OTHER_IMAGE = "/frequency.png?users=demo:harbour-news"
MOST_IMAGES = 1 + MAX_WAITING_IMAGES  # one is drawn, the others wait
LOOKS = 40  # at the server while the image is drawn, so that all have asked for it


def ask_many(stack: ExitStack, server: RunningServer, count: int) -> list[socket.socket]:
    """Request an image on many connections, without waiting for the responses."""
    connections = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60)) for _ in range(count)]
    for connection in connections:
        connection.sendall(f"GET {OTHER_IMAGE} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    return connections


def read_to_the_end(connection: socket.socket) -> tuple[bytes, bytes]:
    """Return the first line and the body of a response."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    return head.partition(b"\r\n")[0], body


@pytest.mark.faults
@pytest.mark.long
def test_an_image_that_many_ask_for_is_drawn_once() -> None:
    """More people than there are places for images get it, because only one of them takes a place."""
    with run_server({}) as server, ExitStack() as stack:
        assert server.send_request(IMAGE)[0] == 200
        drawing = drawing_processes(server)
        for process in drawing:
            os.kill(process, signal.SIGSTOP)  # it draws for as long as it's stopped
        connections = ask_many(stack, server, MOST_IMAGES + 10)
        for _ in range(LOOKS):
            assert server.send_request("/health")[0] == 200
        for process in drawing:
            os.kill(process, signal.SIGCONT)
        responses = [read_to_the_end(connection) for connection in connections]
    assert {line for line, _ in responses} == {b"HTTP/1.1 200 OK"}
    assert len({body for _, body in responses}) == 1
