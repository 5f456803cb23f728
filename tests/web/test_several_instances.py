"""Three instances behind one address and one Redis: nothing is bought twice, and whoever dies loses only its own requests."""

import contextlib
import itertools
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

import pytest

from tests.support import fake_networks
from tests.support.chorus_server import RunningServer, run_server
from tests.support.interrupted_x import SECOND_PAGE, InterruptedX
from tests.support.processes import child_processes
from tests.support.redis_server import RedisServer, run_redis_server
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS

pytestmark = [pytest.mark.faults, pytest.mark.server]
ACCOUNTS = ["nasa", "esa", "jaxa", "isro", "csa_asc", "spacex"]
POSTS = 300
PAGES = POSTS // 100
ANSWER_SECONDS = 150  # generous: it bounds a hang, and no test is about the time
PRICE_MICRODOLLARS = LOOKUP_MICRODOLLARS + POSTS * POST_MICRODOLLARS
BUDGET_MICRODOLLARS = 20_000_000
INSTANCES = 3


class BusyX(InterruptedX):
    """X with a delay per request, asked by several instances at once."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Respond after a delay, and count one request after the other."""
        time.sleep(0.05)
        with self._lock:
            return super().respond(request)


@dataclass(frozen=True)
class Answer:
    """What a client got; status 0 means that the connection broke."""

    status: int
    document: dict[str, object] = field(default_factory=dict)

    @property
    def fetched(self) -> int:
        """The number of posts in it."""
        (coverage,) = self.document["coverage"]  # type: ignore[misc]
        return int(coverage["fetched"])


@dataclass
class Address:
    """One address for all instances: requests go to them in turn, and not to those that refuse connections."""

    servers: list[RunningServer]
    turns: Iterator[int] = field(default_factory=itertools.count)

    def ask(self, path: str) -> Answer:
        """Send a request to the next instance that accepts connections."""
        for _ in self.servers:
            server = self.servers[next(self.turns) % len(self.servers)]
            with contextlib.suppress(ConnectionRefusedError):
                return send(server, path)
        raise AssertionError("no instance accepts connections")


def send(server: RunningServer, path: str) -> Answer:
    """Return the answer of one instance. Raises ConnectionRefusedError if it isn't there."""
    try:
        with urllib.request.urlopen(server.url + path, timeout=ANSWER_SECONDS) as response:
            return Answer(response.status, json.load(response))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, json.load(error))
    except urllib.error.URLError as error:
        if isinstance(error.reason, ConnectionRefusedError):
            raise error.reason from None
        return Answer(0)
    except (ConnectionError, TimeoutError):
        return Answer(0)


@pytest.fixture
def x(world: fake_networks.World) -> BusyX:
    """X with six accounts of 350 posts."""
    world.x = world.networks[0] = x = BusyX()
    for name in ACCOUNTS:
        x.has(name, posts=350)
    return x


@pytest.fixture
def redis_server() -> Iterator[RedisServer]:
    """A Redis that writes every command to its disk, as a ledger needs it."""
    with run_redis_server("--appendonly", "yes", "--appendfsync", "always") as server:
        yield server


@pytest.fixture
def address(world: fake_networks.World, x: BusyX, redis_server: RedisServer) -> Iterator[Address]:
    """The instances, started with equal settings."""
    settings = {"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_BLUESKY_API_URL": world.url}
    settings |= {"CHORUS_CACHE_URL": redis_server.url, "CHORUS_X_BUDGET": str(BUDGET_MICRODOLLARS // 10**6)}
    with contextlib.ExitStack() as stack:
        yield Address([stack.enter_context(run_server(settings)) for _ in range(INSTANCES)])


def question(account: str) -> str:
    return f"/frequency.json?users={account}&n={POSTS}"


def ask_at_once(address: Address, paths: list[str], meanwhile: Callable[[], object] = lambda: None) -> list[Answer]:
    """Send all requests at the same time, do something, and return the answers."""
    with ThreadPoolExecutor(len(paths)) as pool:
        answers: list[Future[Answer]] = [pool.submit(address.ask, path) for path in paths]
        meanwhile()
        return [answer.result() for answer in answers]


def booked_microdollars(address: Address) -> int:
    """Return what every instance says has been spent; fail if they disagree."""
    left = {server.url: send(server, "/cost?users=nasa&n=3200").document["left"] for server in address.servers if is_there(server)}
    (amount,) = set(left.values())
    assert isinstance(amount, int | float)
    return BUDGET_MICRODOLLARS - round(amount * 10**6)


def is_there(server: RunningServer) -> bool:
    return server.process.poll() is None


def locks(redis_server: RedisServer) -> list[bytes]:
    with redis_server.connect() as client:
        return list(client.scan_iter("chorus:money:lock:*"))


def kill(server: RunningServer) -> None:
    """End a gunicorn and its workers at once, without any of their clean-up."""
    for process in (server.process.pid, *child_processes(server.process.pid)):
        os.kill(process, signal.SIGKILL)
    server.process.wait()


@pytest.mark.faults
@pytest.mark.long
def test_many_readers_at_all_instances_pay_once(address: Address, x: BusyX, redis_server: RedisServer) -> None:
    """Six accounts are asked for 36 times at once: each post is bought once, and all instances know what it cost."""
    answers = ask_at_once(address, [question(account) for account in ACCOUNTS * 6])
    assert [answer.status for answer in answers] == [200] * 36
    assert [answer.fetched for answer in answers] == [POSTS] * 36
    assert len(x.requests) == len(ACCOUNTS) * (1 + PAGES)
    assert x.count_sold_twice() == 0
    assert booked_microdollars(address) == x.charged_microdollars == len(ACCOUNTS) * PRICE_MICRODOLLARS
    assert locks(redis_server) == []


@pytest.mark.long
def test_a_restart_of_redis_under_load_costs_nothing_twice(address: Address, x: BusyX, redis_server: RedisServer) -> None:
    """Who asks meanwhile is answered or told to try again; afterwards only what's missing is bought, and every cent is booked."""

    def restart() -> None:
        while len(x.requests) < len(ACCOUNTS):
            time.sleep(0.01)
        redis_server.stop()
        redis_server.start()

    answers = ask_at_once(address, [question(account) for account in ACCOUNTS * 4], meanwhile=restart)
    assert {answer.status for answer in answers} <= {200, 402, 503}
    assert all(answer.document["detail"] for answer in answers if answer.status != 200)
    deadline = time.monotonic() + ANSWER_SECONDS
    while any(answer.status != 200 or answer.fetched != POSTS for answer in ask_at_once(address, [*map(question, ACCOUNTS)])):
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert x.charged_microdollars <= booked_microdollars(address) <= BUDGET_MICRODOLLARS
    assert x.count_sold_twice() == 0


@pytest.mark.long
def test_an_instance_that_dies_in_a_paid_read_costs_the_page_in_flight(address: Address, x: BusyX, redis_server: RedisServer) -> None:
    """The others take over after its lease at most, buy only what it hadn't stored, and lose none of their own requests."""
    victim, survivors = address.servers[0], Address(address.servers[1:])
    x.interrupt_at(SECOND_PAGE, lambda: kill(victim))
    with ThreadPoolExecutor(1) as pool:
        lost = pool.submit(send, victim, question("nasa"))
        assert lost.result().status == 0
    answers = ask_at_once(survivors, [question(account) for account in ACCOUNTS * 3])
    assert [(answer.status, answer.fetched) for answer in answers] == [(200, POSTS)] * 18
    assert x.count_sold_twice() == 100
    deadline = time.monotonic() + ANSWER_SECONDS
    while booked_microdollars(address) > x.charged_microdollars:  # what the dead process had reserved beyond that page ends with its lease
        assert time.monotonic() < deadline
        time.sleep(1)
    assert booked_microdollars(address) == x.charged_microdollars
    assert locks(redis_server) == []
