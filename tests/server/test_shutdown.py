"""SIGTERM: what runs ends properly, and nothing new is accepted."""

import json
import os
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from tests.support.chorus_server import run_server
from tests.support.fake_networks import SlowWorld, World
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.processes import drawing_processes, is_running

WAITING_APP = "tests.support.waiting_app:create_waiting_app()"
IMAGE = "/frequency.png?users=demo:aster-air"


def read_to_the_end(connection: socket.socket) -> str:
    """Return all that comes until the server closes the connection."""
    received = b""
    while part := connection.recv(65_536):
        received += part
    return received.decode()


def ask(port: int, path: str) -> socket.socket:
    """Request a path and return the connection."""
    connection = socket.create_connection(("127.0.0.1", port), 60)
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return connection


@pytest.mark.parametrize(
    ("pages_before", "posts_read"),
    [pytest.param(0, 0, marks=ONLY_IN_FAULTS), (2, 200)],
    ids=["before the first page", "after two pages"],
)
def test_a_page_that_waits_for_a_network_ends_with_a_sentence(pages_before: int, posts_read: int) -> None:
    """The network hangs for good, and the page still ends as a page."""
    with World() as world:
        world.bluesky.has("nasa", posts=1000)
        world.bluesky.fails("nasa", with_="silence", after_pages=pages_before)
        with (
            run_server({"CHORUS_BLUESKY_API_URL": world.url}) as server,
            ask(server.port, "/report?users=nasa.bsky.social&n=900") as connection,
        ):
            begun = connection.recv(65_536).decode()
            server.process.send_signal(signal.SIGTERM)
            rest = read_to_the_end(connection)
            exit_code = server.process.wait(60)
    assert begun.startswith("HTTP/1.1 200 OK")
    assert f"{posts_read} of up to 900 posts" in begun + rest
    assert rest.count("Chorus is restarting. Reading had to stop.") == 1
    assert rest.count("restarting") == 1
    assert re.search(r"</html>\s*(0\r\n\r\n)?$", rest)
    assert exit_code == 0


def test_a_page_that_is_being_read_stops_at_its_next_page() -> None:
    """A network that answers isn't asked for the rest."""
    with SlowWorld() as world:
        world.bluesky.has("nasa", posts=3000)
        with (
            run_server({"CHORUS_BLUESKY_API_URL": world.url}) as server,
            ask(server.port, "/frequency.json?users=nasa.bsky.social&n=3000") as connection,
        ):
            while len(world.bluesky.requests) < 2:
                time.sleep(0.02)
            server.process.send_signal(signal.SIGTERM)
            response = read_to_the_end(connection)
            server.process.wait(60)
    head, _, body = response.partition("\r\n\r\n")
    assert head.startswith("HTTP/1.1 503 ")
    assert "Retry-After: 5" in head
    assert json.loads(body)["title"] == "Chorus is restarting"
    assert len(world.bluesky.requests) < 30


@pytest.mark.faults
@pytest.mark.long
def test_a_report_that_needs_no_network_is_finished() -> None:
    """The signal comes before the posts are read, because the first report of a process loads the libraries for it."""
    patient = ("dashboard.app:create_app()", "--graceful-timeout", "60")  # a busy machine may take longer than usual servers wait
    with run_server({}, *patient) as server, ask(server.port, "/report?users=demo:aster-air") as connection:
        server.send_request("/health")
        server.process.send_signal(signal.SIGTERM)
        page = read_to_the_end(connection)
        exit_code = server.process.wait(60)
    assert page.startswith("HTTP/1.1 200 OK")
    assert "Aster Air" in page
    assert "restarting" not in page
    assert exit_code == 0


def test_a_running_request_is_answered(tmp_path: Path) -> None:
    """The server waits for it, says that the connection closes, and accepts no other."""
    gate = tmp_path / "gate"
    with run_server({"TEST_GATE": str(gate)}, WAITING_APP) as server, ask(server.port, "/wait") as connection:
        server.send_request("/health")
        server.process.send_signal(signal.SIGTERM)
        server.wait_until_refused()
        gate.touch()
        response = read_to_the_end(connection)
        exit_code = server.process.wait(60)
    assert response.startswith("HTTP/1.1 200 OK")
    assert response.endswith("the gate is open")
    assert exit_code == 0


@pytest.mark.faults
@pytest.mark.long
def test_an_image_that_is_being_drawn_does_not_keep_the_server_from_ending() -> None:
    """It ends by itself, within its time, and so does the process that draws."""
    with run_server({}) as server:
        assert server.send_request(IMAGE)[0] == 200
        drawing = drawing_processes(server)
        for process in drawing:
            os.kill(process, signal.SIGSTOP)  # it draws for as long as it's stopped
        with ask(server.port, IMAGE.replace("aster-air", "harbour-news")):
            server.send_request("/health")
            server.process.send_signal(signal.SIGTERM)
            exit_code = server.process.wait(60)
    assert drawing
    assert exit_code == 0
    assert "SIGKILL" not in server.stdout + server.stderr
    assert [process for process in drawing if is_running(process)] == []


def test_a_signal_that_arrives_while_the_event_loop_wakes_ends_the_server() -> None:
    """The loop holds a lock at that moment, for which the signal must not wait."""
    with run_server({}, WAITING_APP) as server, ask(server.port, "/end-while-waking") as connection:
        response = read_to_the_end(connection)
        exit_code = server.process.wait(60)
    assert response.startswith("HTTP/1.1 200 OK")
    assert exit_code == 0
    assert "SIGKILL" not in server.stdout + server.stderr
