"""Two processes and one account on X: nothing is bought twice, whoever is slow, dies or loses the lock, and nobody waits for the dead."""

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from dashboard.core.spending_errors import ReadInProgress, SpendingUnknown
from dashboard.sources.base import TimeSpan
from dashboard.sources.x_counts import max_pages
from dashboard.timelines import hourly_counts
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support import fake_networks
from tests.support.interrupted_x import replace_x
from tests.support.paths import ROOT
from tests.support.redis_server import run_redis, run_redis_server
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, NASA, POST_MICRODOLLARS, RecordingX, StoreHarness, list_ids

pytestmark = pytest.mark.faults
LEASE_SECONDS = 2.0  # of a lock in Redis: longer than a page takes, shorter than the whole read
READER = """
import sys
from pathlib import Path
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support.timeline_stores import StoreHarness, list_ids
class World: url = sys.argv[1]
place, lease_seconds = sys.argv[2], float(sys.argv[3])
store = RedisStore(place, lock_lease_seconds=lease_seconds) if place.startswith("redis") else SqliteStore(Path(place))
harness = StoreHarness(World, durable_store=store)
harness.budget.remaining_microdollars()
print("ready", flush=True)
sys.stdin.readline()
print(len(list_ids(harness.ask(300))))
"""


class SlowX(RecordingX):
    """X with a delay per request, which can be told to wait for something in the middle of one."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds, self.page_count, self.pause_before = 0.0, 0, -1
        self.is_paused, self.may_continue = threading.Event(), threading.Event()

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Respond after a delay."""
        threading.Event().wait(self.seconds)
        if request.path.endswith("/tweets"):
            if self.page_count == self.pause_before:
                self.is_paused.set()
                self.may_continue.wait()
            self.page_count += 1
        return super().respond(request)


@pytest.fixture
def x(world: fake_networks.World) -> Iterator[SlowX]:
    """X with 350 posts by @nasa."""
    world.x = world.networks[0] = x = SlowX()
    x.has("nasa", posts=350)
    yield x
    x.may_continue.set()


@pytest.fixture(params=["file", "redis"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Where both processes keep the ledger."""
    if request.param == "file":
        yield str(tmp_path / "ledger.sqlite3")
        return
    with run_redis() as url:
        yield url


in_a_file = pytest.mark.parametrize("place", ["file", pytest.param("redis", marks=pytest.mark.long)], indirect=True)


def open_store(place: str) -> DurableStore:
    return RedisStore(place) if place.startswith("redis") else SqliteStore(Path(place))


@contextlib.contextmanager
def start_reader(world: fake_networks.World, place: str) -> Iterator[subprocess.Popen[str]]:
    """Start a process that reads 300 posts once it gets a line."""
    command = [sys.executable, "-c", READER, world.url, place, str(LEASE_SECONDS)]
    options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT, "env": {"PYTHONPATH": "."}}
    with subprocess.Popen(command, **options) as process:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        try:
            yield process
        finally:
            process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    """Let a process read."""
    assert process.stdin
    process.stdin.write("\n")
    process.stdin.flush()


def finish(process: subprocess.Popen[str]) -> str:
    """Return how many posts a process has got."""
    return process.communicate(timeout=120)[0].strip()


@in_a_file
def test_two_processes_buy_once(world: fake_networks.World, x: SlowX, place: str) -> None:
    """The second one waits and gets the same posts, although the whole read takes longer than a lease."""
    x.seconds = LEASE_SECONDS / 3
    with start_reader(world, place) as first, start_reader(world, place) as second:
        begin(first)
        begin(second)
        counts = [finish(first), finish(second)]
    assert counts == ["300", "300"]
    assert len(x.sold) == 300
    assert StoreHarness(world, durable_store=open_store(place)).spent() == LOOKUP_MICRODOLLARS + 300 * POST_MICRODOLLARS


@in_a_file
@pytest.mark.parametrize("number", [signal.SIGKILL, pytest.param(signal.SIGTERM, marks=pytest.mark.long)], ids=["SIGKILL", "SIGTERM"])
def test_a_process_that_dies_loses_the_page_in_flight_at_most(world: fake_networks.World, x: SlowX, place: str, number: int) -> None:
    """The next one starts where it ended, without waiting for longer than a lease, and what X charged is booked."""
    x.pause_before = 2
    with start_reader(world, place) as first, start_reader(world, place) as second:
        begin(first)
        assert x.is_paused.wait(60)
        first.send_signal(number)
        first.wait(60)
        x.may_continue.set()
        begin(second)
        count = finish(second)
    charged = LOOKUP_MICRODOLLARS + len(x.sold) * POST_MICRODOLLARS
    spent = StoreHarness(world, durable_store=open_store(place)).spent()
    assert count == "300"
    assert len(x.sold) <= 400
    assert charged <= spent <= LOOKUP_MICRODOLLARS + 400 * POST_MICRODOLLARS


def test_a_reader_that_lost_its_lock_stops(world: fake_networks.World, x: SlowX) -> None:
    """It requests no further page, and what arrived is shown and stored."""
    x.pause_before = 0
    with run_redis() as url:
        harness, results = StoreHarness(world, durable_store=RedisStore(url)), list[Any]()
        reader = threading.Thread(target=lambda: results.append(harness.ask(300)))
        reader.start()
        assert x.is_paused.wait(60)
        with redis_py.Redis.from_url(url) as client:
            client.set("chorus:money:lock:timeline:x:nasa::", "another process", px=600_000)
            x.may_continue.set()
            reader.join(60)
            client.delete("chorus:money:lock:timeline:x:nasa::")
        timeline = results[0]
        assert len(list_ids(timeline)) == 100
        assert isinstance(timeline.failure, ReadInProgress)
        assert len(x.sold) == 100
        assert len(list_ids(StoreHarness(world, durable_store=RedisStore(url)).ask(300))) == 300
    assert len(x.sold) == 300


def test_without_a_lock_nothing_is_bought(world: fake_networks.World, x: SlowX, place: str) -> None:
    """Whoever waits in vain gets a message to try again instead of reading without the lock."""
    impatient: Any = open_store(place)
    impatient._lock_wait_seconds = 0.1
    with open_store(place).lock("timeline:x:nasa::"), pytest.raises(ReadInProgress, match="reading @nasa right now"):
        StoreHarness(world, durable_store=impatient).ask(5)
    assert x.requests == []


def test_counts_that_were_paid_for_are_stored_although_the_lock_was_lost(world: fake_networks.World) -> None:
    """Their reader stops at the next page, and the next one buys only what is missing."""
    x, key = replace_x(world), "chorus:money:lock:counts:x:nasa"
    span = TimeSpan(fake_networks.NEWEST_POST_AT - timedelta(days=90), fake_networks.NEWEST_POST_AT)
    with run_redis() as url, redis_py.Redis.from_url(url) as client:
        x.interrupt_at(1, lambda: client.set(key, "another process", px=600_000))
        first = hourly_counts.load_counts(StoreHarness(world, durable_store=RedisStore(url)).library, NASA, span.since, span.until)
        client.delete(key)
        second = hourly_counts.load_counts(StoreHarness(world, durable_store=RedisStore(url)).library, NASA, span.since, span.until)
    assert isinstance(first.failure, ReadInProgress)
    assert span.since < first.since < span.until
    assert second.since == span.since
    assert len(x.counts_requests()) == max_pages(span)


def test_a_store_that_cannot_be_reached_is_not_called_another_reader(world: fake_networks.World, x: SlowX) -> None:
    """If it ends in the middle of a read, what arrived is shown, and the reason is that nobody knows."""
    x.pause_before = 0
    with run_redis_server() as server:
        harness, results = StoreHarness(world, durable_store=RedisStore(server.url)), list[Any]()
        reader = threading.Thread(target=lambda: results.append(harness.ask(300)))
        reader.start()
        assert x.is_paused.wait(60)
        server.kill()
        x.may_continue.set()
        reader.join(60)
    assert len(list_ids(results[0])) == 100
    assert isinstance(results[0].failure, SpendingUnknown)
    assert len(x.sold) == 100


def test_without_a_lock_what_is_stored_is_shown(world: fake_networks.World, x: SlowX, place: str) -> None:
    """Stored posts cost nothing, so they don't need it."""
    StoreHarness(world, durable_store=open_store(place)).ask(20)
    impatient: Any = open_store(place)
    impatient._lock_wait_seconds = 0.1
    with open_store(place).lock("timeline:x:nasa::"):
        stored = StoreHarness(world, durable_store=impatient).ask(20)
        more = StoreHarness(world, durable_store=impatient).ask(40)
    assert len(list_ids(stored)) == 20
    assert len(list_ids(more)) == 20
    assert isinstance(more.failure, ReadInProgress)
