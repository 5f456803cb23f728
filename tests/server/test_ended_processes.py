"""A real server is ended in the middle of a paid read: the next one goes on, and at most the page in flight is paid for again."""

import http.client
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dashboard.timelines.budget import LEASE_SECONDS
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.locks import LOCK_SECONDS
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support import fake_networks
from tests.support.chorus_server import RunningServer, run_server
from tests.support.fault_suite import count_inputs
from tests.support.interrupted_x import LOOKUP, SECOND_PAGE, InterruptedX, replace_x
from tests.support.paid_application import POSTS, QUESTION
from tests.support.redis_server import run_redis_server
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS

pytestmark = pytest.mark.faults
ONE_PAGE = 100
LOCK_KEY = "chorus:money:lock:timeline:x:nasa::"
PATIENCE_SECONDS = 120  # generous: it bounds a hang, and no test is about the time
OPTIONS = ("dashboard.app:create_app()", "--graceful-timeout", "60")
PHASES = ("before", "lookup", "second page", "saving")
QUICK_CASE = ("file", "SIGKILL", "second page")
CASES = [
    pytest.param(kind, ending, phase, marks=() if (kind, ending, phase) == QUICK_CASE else pytest.mark.long)
    for kind in ("file", "redis")
    for ending in ("SIGKILL", "SIGTERM")
    for phase in PHASES
]


@dataclass
class Place:
    """Where the servers keep the ledger. `block` makes it keep everybody waiting until `unblock`."""

    setting: str
    store: DurableStore
    block: Callable[[], object]
    unblock: Callable[[], object]
    end_lease: Callable[[], object] = field(default=lambda: None)


@pytest.fixture
def place(kind: str, tmp_path: Path) -> Iterator[Place]:
    """An empty ledger in a file or in Redis."""
    with ExitStack() as stack:
        yield _place_file(tmp_path / "ledger.sqlite3", stack) if kind == "file" else _place_redis(stack)


def _place_file(path: Path, stack: ExitStack) -> Place:
    store = SqliteStore(path)
    store.read_entries("2026-01-01", 0)
    database = stack.enter_context(closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=60)))
    return Place(f"file://{path}", store, lambda: database.execute("BEGIN EXCLUSIVE"), lambda: database.execute("ROLLBACK"))


def _place_redis(stack: ExitStack) -> Place:
    server = stack.enter_context(run_redis_server())

    def end_lease() -> None:
        """Check that the lock of a dead process ends by itself, and don't wait for that."""
        with server.connect() as client:
            assert -2 <= client.pttl(LOCK_KEY) <= LOCK_SECONDS * 1000
            assert client.pttl(LOCK_KEY) != -1
            client.delete(LOCK_KEY)

    return Place(server.url, RedisStore(server.url), server.freeze, server.thaw, end_lease)


@pytest.fixture
def x(world: fake_networks.World) -> InterruptedX:
    """X with 350 posts by @nasa."""
    return replace_x(world)


def serve(world: fake_networks.World, place: Place) -> Any:
    """Serve Chorus by gunicorn."""
    settings = {"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "20", "CHORUS_LEDGER": place.setting}
    return run_server(settings, *OPTIONS)


def ask(server: RunningServer, path: str = f"/frequency.json?{QUESTION}") -> list[bytes]:
    """Return the complete body of a response, or nothing if the connection broke."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
    with closing(connection):
        try:
            connection.request("GET", path)
            return [connection.getresponse().read()]
        except (OSError, http.client.HTTPException):
            return []


def end(server: RunningServer, ending: str) -> None:
    """Send the signal: SIGTERM to the main process as systems do, SIGKILL to all its processes."""
    if ending == "SIGTERM":
        server.process.send_signal(signal.SIGTERM)
        server.wait_until_refused()  # by then it knows, so that it doesn't read one page more
        return
    workers = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    server.process.kill()
    for worker in workers:
        os.kill(int(worker), signal.SIGKILL)


def interrupt(server: RunningServer, x: InterruptedX, place: Place, phase: str, ending: str) -> list[bytes]:
    """Ask, end the server in a phase of the read, and return the response."""
    arrived, may_continue, bodies = threading.Event(), threading.Event(), list[bytes]()

    def pause() -> None:
        arrived.set()
        may_continue.wait(PATIENCE_SECONDS)

    def block() -> None:
        place.block()
        arrived.set()

    if phase in ("lookup", "second page"):
        x.interrupt_at(LOOKUP if phase == "lookup" else SECOND_PAGE, pause)
    elif phase == "saving":
        x.interrupt_at(SECOND_PAGE, block)
    reader = threading.Thread(target=lambda: bodies.extend(ask(server)))
    reader.start()
    if phase != "before":
        assert arrived.wait(PATIENCE_SECONDS)
    time.sleep(0.3)  # so that the page has arrived and is being saved; nothing fails if it hasn't
    end(server, ending)
    if phase == "saving":
        place.unblock()
    may_continue.set()
    server.process.wait(PATIENCE_SECONDS)
    reader.join(PATIENCE_SECONDS)
    return bodies


def count_committed(place: Place, seconds_from_now: float = 0) -> int:
    """Return what is spent or reserved today, in micro-dollars, in so many seconds."""
    now = datetime.now(UTC)
    return Ledger(place.store).committed(f"{now:%Y-%m-%d}", now.timestamp() + seconds_from_now)


@pytest.mark.parametrize(("kind", "ending", "phase"), CASES)
def test_the_next_server_goes_on(world: fake_networks.World, x: InterruptedX, place: Place, ending: str, phase: str) -> None:
    """It has all posts, the budget is right, and no lock or reservation is left beyond its lease."""
    count_inputs("servers ended in the middle of a paid read")
    with serve(world, place) as first:
        interrupt(first, x, place, phase, ending)
    assert x.charged_microdollars <= count_committed(place, LEASE_SECONDS) <= x.charged_microdollars + ONE_PAGE * POST_MICRODOLLARS
    place.end_lease()
    with serve(world, place) as second:
        status, _, text = second.send_request(f"/frequency.json?{QUESTION}")
    assert status == 200
    assert f'"fetched":{POSTS}' in text.replace(" ", "")
    assert x.count_sold_twice() <= ONE_PAGE
    most = 2 * LOOKUP_MICRODOLLARS + (POSTS + ONE_PAGE) * POST_MICRODOLLARS
    assert x.charged_microdollars <= count_committed(place, LEASE_SECONDS) <= most


@pytest.mark.long
@pytest.mark.parametrize("kind", ["file", "redis"])
def test_a_server_that_is_stopped_settles(world: fake_networks.World, x: InterruptedX, place: Place) -> None:
    """The page in flight is saved and booked, the rest of the reservation is given back, the lock is free, and the response is complete."""
    with serve(world, place) as server:
        bodies = interrupt(server, x, place, "second page", "SIGTERM")
    assert len(bodies) == 1
    assert count_committed(place) == x.charged_microdollars
    assert x.sold.total() == 2 * ONE_PAGE
    with place.store.lock("timeline:x:nasa::") as lease:
        assert lease.renew()


@pytest.mark.parametrize("kind", ["file"])
def test_a_page_that_is_streamed_ends_with_a_sentence(world: fake_networks.World, x: InterruptedX, place: Place) -> None:
    """When the server is stopped, a report that is still reading says so and is a complete page."""
    may_continue = threading.Event()
    x.interrupt_at(SECOND_PAGE, lambda: may_continue.wait(PATIENCE_SECONDS) and None)
    with serve(world, place) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE_SECONDS)
        with closing(connection):
            connection.request("GET", f"/report?{QUESTION}")
            response = connection.getresponse()
            beginning = response.read(1)
            end(server, "SIGTERM")
            may_continue.set()
            page = (beginning + response.read()).decode()
        server.process.wait(PATIENCE_SECONDS)
    assert page.rstrip().endswith("</html>")
    assert "Chorus is restarting. Reading had to stop." in page
