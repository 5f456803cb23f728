"""Redis fails in the middle of a paid read: no money is lost, no page is bought twice without need, and the response says what happened."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from tests.support import fake_networks
from tests.support.fault_suite import count_inputs
from tests.support.interrupted_x import FIRST_PAGE, LOOKUP, SECOND_PAGE, THIRD_PAGE, replace_x
from tests.support.paid_application import POSTS, PaidApplication, build_paid_application
from tests.support.redis_server import RedisServer, run_redis_server

pytestmark = pytest.mark.faults
ONE_PAGE = 100
LOCK_KEY = "chorus:money:lock:timeline:x:nasa::"
POSTS_KEY = "chorus:money:paid:timeline:x:nasa::"
PHASES = [SECOND_PAGE, *(pytest.param(phase, marks=pytest.mark.long) for phase in (LOOKUP, FIRST_PAGE, THIRD_PAGE))]


@dataclass(frozen=True)
class Fault:
    """What happens to Redis, and what an operator does about it. `may_buy_again` is the most posts that are bought a second time."""

    strike: Callable[[RedisServer], object]
    repair: Callable[[RedisServer], object] = lambda server: None
    may_buy_again: int = ONE_PAGE


def ledger_key() -> str:
    return f"chorus:money:ledger:{datetime.now(UTC):%Y-%m-%d}"


def run(server: RedisServer, *command: str | bytes | int) -> None:
    with server.connect() as client:
        client.execute_command(*command)  # type: ignore[no-untyped-call]


def restart(server: RedisServer) -> None:
    server.kill()
    server.start()


def fill(server: RedisServer) -> None:
    run(server, "CONFIG", "SET", "maxmemory-policy", "noeviction")
    run(server, "CONFIG", "SET", "maxmemory", 1)


def replace_by_text(key: str) -> Callable[[RedisServer], None]:
    """Return a fault that replaces a key by one of another type."""

    def strike(server: RedisServer) -> None:
        run(server, "DEL", key)
        run(server, "SET", key, "-5")

    return strike


def append_to_ledger(entry: bytes) -> Fault:
    """Return a fault that writes something into the ledger, which an operator deletes then."""
    return Fault(lambda server: run(server, "RPUSH", ledger_key(), entry), lambda server: run(server, "DEL", ledger_key()))


def delete(key: str) -> Callable[[RedisServer], None]:
    return lambda server: run(server, "DEL", key)


NEGATIVE = b'{"kind": "settle", "reservation": "r", "version": 1, "reserved": 0, "booked": -5000000, "in_flight": 0, "leased_until": 0}'
FAULTS = {
    "gone": Fault(RedisServer.kill, RedisServer.start, may_buy_again=POSTS),
    "restarted": Fault(restart, may_buy_again=0),
    "frozen": Fault(RedisServer.freeze, RedisServer.thaw),
    "full": Fault(fill, lambda server: run(server, "CONFIG", "SET", "maxmemory", 0)),
    "flushed": Fault(lambda server: run(server, "FLUSHALL")),
    "ledger of another type": Fault(lambda server: replace_by_text(ledger_key())(server), lambda server: run(server, "DEL", ledger_key())),
    "negative amount": append_to_ledger(NEGATIVE),
    "garbage in the ledger": append_to_ledger(b"\xff\x00\x80" * 100),
    "number in the ledger": append_to_ledger(b"-5000000"),
    "list of days of another type": Fault(replace_by_text("chorus:money:days"), delete("chorus:money:days")),
    "list of expiries of another type": Fault(replace_by_text("chorus:money:expiries"), delete("chorus:money:expiries")),
    "garbage instead of posts": Fault(lambda server: run(server, "SET", POSTS_KEY, b"\xff\x00" * 1000)),
    "posts of another type": Fault(lambda server: (run(server, "DEL", POSTS_KEY), run(server, "RPUSH", POSTS_KEY, "x"))),
    "lock deleted": Fault(delete(LOCK_KEY)),
    "lock taken by another process": Fault(lambda server: run(server, "SET", LOCK_KEY, "another", "PX", 600_000)),
}


@pytest.fixture
def server() -> Iterator[RedisServer]:
    """A Redis with nothing in it."""
    with run_redis_server() as running:
        yield running


@pytest.fixture
def paid(world: fake_networks.World, server: RedisServer) -> PaidApplication:
    """An application that keeps everything in Redis."""
    return build_paid_application(world, replace_x(world), CHORUS_CACHE_URL=server.url)


@pytest.mark.parametrize("phase", PHASES, ids=["second page", "lookup", "first page", "third page"])
@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_of_redis_costs_a_page_at_most(paid: PaidApplication, server: RedisServer, name: str, phase: int) -> None:
    """What X charged is booked, the response says what it lacks, and after the repair only the rest is bought."""
    fault = FAULTS[name]
    count_inputs("paid reads with a failing store")
    paid.x.interrupt_at(phase, lambda: fault.strike(server))
    paid.ask()
    fault.repair(server)
    paid.check_money(reads=1)
    run(server, "DEL", LOCK_KEY)  # whose lease ends by itself
    assert paid.ask() == POSTS
    paid.check_money(reads=2)
    assert paid.x.count_sold_twice() <= fault.may_buy_again


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in ("gone", "negative amount") else pytest.mark.long) for name in FAULTS]
)
def test_pages_open_while_redis_fails(paid: PaidApplication, server: RedisServer, name: str) -> None:
    """The form, the state of the server and free reports are there, whatever happened to Redis."""
    paid.ask()
    FAULTS[name].strike(server)
    client = paid.app.test_client()
    assert client.get("/health").status_code == 200
    assert client.get("/").status_code == 200
    assert client.get("/report?users=demo:small-clocks&n=20").status_code == 200
    assert client.get("/cost?users=nasa&n=3200").status_code == 200


@pytest.mark.parametrize("name", ["ledger of another type", "negative amount", "garbage in the ledger", "number in the ledger"])
def test_a_damaged_ledger_spends_nothing(paid: PaidApplication, server: RedisServer, name: str) -> None:
    """It isn't taken for an empty one: what is left is unknown, and nothing is requested."""
    FAULTS[name].strike(server)
    assert paid.ask() == 0
    assert paid.app.test_client().get("/cost?users=nasa&n=300").get_json()["left"] is None
    assert paid.x.requests == []
