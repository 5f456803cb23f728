"""Clients that are slow on purpose never keep others waiting, and the server ends each of them."""

import json
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.support.chorus_server import RunningServer, run_server
from tests.support.fault_suite import count_inputs
from tests.support.slow_clients import (
    ATTACKS,
    count_open,
    open_connections,
    read_nothing,
    send_endless_headers,
    send_half_a_line,
    send_part_of_a_file,
    wait_until_closed,
)

pytestmark = pytest.mark.faults
APP = "tests.support.faulty_app:create_faulty_app()"
PREDICTION = json.dumps({"text": "I love it"}).encode()
Attack = Callable[[socket.socket], None]
QUICK_CASES = [*((attack, 8) for attack in ATTACKS), (send_half_a_line, 1000)]
LONG_CASES = [
    pytest.param(attack, count, marks=pytest.mark.long)
    for count in (200, 1000)
    for attack in ATTACKS
    if (attack, count) not in (*QUICK_CASES, (read_nothing, 1000))  # which would be 10 GB
]
CASES = [*QUICK_CASES, *LONG_CASES]


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that gives clients so much time that slow ones are there during a whole test."""
    folder = str(tmp_path_factory.mktemp("datasets"))  # a server without one doesn't receive files at all
    with run_server({"CHORUS_CLIENT_SECONDS": "600", "CHORUS_DATASETS": folder}, APP, "--keep-alive", "600") as server:
        yield server


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """A server that gives clients a second."""
    folder = str(tmp_path_factory.mktemp("datasets"))
    with run_server({"CHORUS_CLIENT_SECONDS": "1", "CHORUS_DATASETS": folder}, APP, "--keep-alive", "1") as server:
        yield server


@pytest.mark.parametrize(("attack", "count"), CASES)
def test_others_are_served_meanwhile(patient: RunningServer, attack: Attack, count: int) -> None:
    """Health, the form and predictions are answered however many connections are slow, and however they are slow."""
    count_inputs("connections of slow clients", count)
    with open_connections(patient.port, count, attack) as connections:
        health = patient.send_request("/health")
        form = patient.send_request("/")
        prediction = patient.send_request("/predict", PREDICTION, {"Content-Type": "application/json"})
        still_open = count_open(connections)
    assert health[0] == 200
    assert form[0] == 200
    assert prediction[0] == 200
    assert still_open > 0


@pytest.mark.parametrize(("attack", "count"), CASES)
def test_slow_connections_end(strict: RunningServer, attack: Attack, count: int) -> None:
    """The server closes every connection whose client is too slow, also if it sends a little all the time."""
    count_inputs("connections of slow clients", count)
    with open_connections(strict.port, count, attack) as connections:
        wait_until_closed(connections, b"X-More: 1\r\n" if attack is send_endless_headers else b"")
    assert strict.send_request("/health")[0] == 200


@pytest.mark.parametrize(
    "attack", [attack for attack in ATTACKS if attack.__name__.startswith("send_") and attack.__name__ != "send_nothing"]
)
def test_a_slow_request_is_told_so(strict: RunningServer, attack: Attack) -> None:
    """A client that has sent part of a request gets 408 before the connection ends."""
    with open_connections(strict.port, 1, attack) as connections:
        (received,) = wait_until_closed(connections)
    assert received.startswith(b"HTTP/1.1 408 ")
    assert b"\r\nConnection: close\r\n" in received
    assert b"took too long" in received


@pytest.mark.long
def test_a_client_that_never_reads_a_refusal_is_ended() -> None:
    """A server without a folder for files refuses them unread. What the client hasn't read of that isn't kept for it."""
    with run_server({"CHORUS_CLIENT_SECONDS": "1"}, APP) as server, open_connections(server.port, 8, send_part_of_a_file) as connections:
        wait_until_closed(connections)


@pytest.mark.long
def test_a_new_connection_gets_no_event_of_an_old_one(patient: RunningServer) -> None:
    """When many connections end at once and are replaced, none of the new ones is closed."""
    still_open = []
    for _ in range(5):
        with open_connections(patient.port, 1000, send_half_a_line):
            pass
        with open_connections(patient.port, 8, send_half_a_line) as connections:
            assert patient.send_request("/health")[0] == 200
            still_open.append(count_open(connections))
    assert still_open == [8] * 5
