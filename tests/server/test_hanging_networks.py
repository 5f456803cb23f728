"""Whatever a network does, everything that doesn't need it answers: tested with a real server and networks that hang."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from time import monotonic, sleep

import pytest

from dashboard.web.network_waits import MAX_READS_PER_NETWORK
from tests.support.chorus_server import RunningServer, run_server
from tests.support.fake_networks import World
from tests.support.fault_suite import ONLY_IN_FAULTS

PREDICTION = json.dumps({"text": "I love it"}).encode()
PATIENCE_SECONDS = 60
STORED = "/frequency.csv?users=stored.bsky.social"


@pytest.fixture
def world() -> Iterator[World]:
    """Networks of which Bluesky hangs for every account except one."""
    with World() as world:
        world.bluesky.has("stored.bsky.social", posts=3)
        for number in range(60):
            world.bluesky.has(f"hanging-{number}.bsky.social", posts=3)
            world.bluesky.fails(f"hanging-{number}.bsky.social", with_="silence")
        yield world


@pytest.fixture
def server(world: World) -> Iterator[RunningServer]:
    """A server that has stored the account that doesn't hang."""
    with run_server({"CHORUS_BLUESKY_API_URL": world.url}) as running:
        assert running.send_request(STORED)[0] == 200
        yield running


@contextmanager
def wait_for_networks(server: RunningServer, world: World, path: str, count: int) -> Iterator[list[socket.socket]]:
    """Ask for this many accounts that hang, until the network has been asked for all of them.

    Skips the test if the machine is so slow that reading the first ones has been given up before.
    """
    with ExitStack() as stack:
        connections, give_up_at = [], monotonic() + PATIENCE_SECONDS
        for number in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
            url = f"{path}?users=hanging-{number}.bsky.social"
            connection.sendall(f"GET {url} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\n\r\n".encode())
            connections.append(connection)
        while sum("hanging" in request.params.get("actor", "") for request in world.bluesky.requests) < count:
            assert server.send_request("/health")[0] == 200
            sleep(0.02)
            if monotonic() > give_up_at:
                pytest.skip("The machine is too slow to ask for all accounts before the first ones are given up.")
        yield connections


@pytest.mark.parametrize("path", [pytest.param("/frequency.csv", marks=ONLY_IN_FAULTS), "/report"])
def test_what_needs_no_network_answers_while_many_wait(server: RunningServer, world: World, path: str) -> None:
    """Health, the form, predictions, demo charts and stored accounts."""
    with wait_for_networks(server, world, path, 30):
        assert server.send_request("/health")[0] == 200
        assert server.send_request("/ready")[0] == 200
        assert server.send_request("/")[0] == 200
        assert server.send_request("/predict", PREDICTION, {"Content-Type": "application/json"})[0] == 200
        assert server.send_request("/frequency.csv?users=demo:aster-air")[0] == 200
        assert server.send_request("/frequency.png?users=demo:aster-air")[0] == 200
        assert server.send_request("/report?users=demo:aster-air")[0] == 200
        assert server.send_request(STORED)[0] == 200
        assert server.send_request(STORED.replace(".csv", ".png"))[0] == 200
        assert server.send_request(STORED.replace("/frequency.csv", "/report"))[0] == 200


@pytest.mark.faults
@pytest.mark.long
def test_too_many_reads_of_a_network_are_refused_at_once(server: RunningServer, world: World) -> None:
    """The answer says why and when to try again. What is stored is still shown, and other networks are still read."""
    with wait_for_networks(server, world, "/frequency.csv", MAX_READS_PER_NETWORK):
        status, headers, text = server.send_request("/frequency.csv?users=hanging-59.bsky.social")
        assert status == 503
        assert headers["Retry-After"] == "10"
        assert "Bluesky is being read for many others right now." in json.loads(text)["detail"]
        assert server.send_request(STORED)[0] == 200
        assert server.send_request("/frequency.csv?users=demo:aster-air")[0] == 200
        both = server.send_request("/frequency.json?users=demo:aster-air,hanging-59.bsky.social")
        assert both[0] == 200
        assert "being read for many others" in both[2]


def test_an_outage_is_reported_at_once(server: RunningServer, world: World) -> None:
    """After three failures, nobody waits for the network any longer, and stored posts are shown."""
    world.bluesky.has("broken.bsky.social")
    world.bluesky.fails("broken.bsky.social", with_="broken")
    for number in range(3):
        world.bluesky.has(f"broken-{number}.bsky.social")
        world.bluesky.fails(f"broken-{number}.bsky.social", with_="broken")
        assert server.send_request(f"/frequency.csv?users=broken-{number}.bsky.social")[0] == 503
    status, headers, text = server.send_request("/frequency.csv?users=hanging-1.bsky.social")
    assert status == 503
    assert 1 <= int(headers["Retry-After"]) <= 30
    assert "Bluesky hasn’t responded since" in json.loads(text)["detail"]
    assert server.send_request(STORED)[0] == 200
