"""What every durable store promises, in memory, in a file and in Redis."""

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support.fake_clock import FakeClock

pytestmark = pytest.mark.faults
DAY = "2026-03-02"
OpenStore = Callable[[], DurableStore]


@pytest.fixture
def clock() -> FakeClock:
    """A clock that both processes of a test read."""
    return FakeClock()


@pytest.fixture(params=["memory", "file", "redis"])
def open_store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> OpenStore:
    """Opens the store as another process would; in memory there is only one process."""
    if request.param == "redis":
        url = request.getfixturevalue("empty_redis_url")
        return lambda: RedisStore(url, clock, lock_wait_seconds=0.3)
    if request.param == "file":
        return lambda: SqliteStore(tmp_path / "state" / "ledger.sqlite3", clock, lock_wait_seconds=0.3)
    only = SqliteStore(None, clock, lock_wait_seconds=0.3)
    return lambda: only


# --- entries ----------------------------------------------------------------------------------------------------------


def test_entries_come_back_in_order(open_store: OpenStore) -> None:
    """Another process reads what was appended, oldest first, from any position on."""
    for number in range(5):
        assert open_store().append_entry(DAY, b"entry %d" % number)
    assert open_store().read_entries(DAY, 0) == [b"entry 0", b"entry 1", b"entry 2", b"entry 3", b"entry 4"]
    assert open_store().read_entries(DAY, 3) == [b"entry 3", b"entry 4"]
    assert open_store().read_entries(DAY, 5) == []


def test_each_day_has_entries_of_its_own(open_store: OpenStore) -> None:
    """What is appended to one day isn't in another."""
    open_store().append_entry(DAY, b"entry")
    assert open_store().read_entries("2026-03-03", 0) == []


def test_an_entry_is_appended_at_its_position_only(open_store: OpenStore) -> None:
    """A process that hasn't seen all entries can't append one."""
    store = open_store()
    assert store.append_entry(DAY, b"first", 0)
    assert not store.append_entry(DAY, b"second", 0)
    assert store.append_entry(DAY, b"second", 1)
    assert store.read_entries(DAY, 0) == [b"first", b"second"]


def test_of_many_at_one_position_one_is_appended(open_store: OpenStore) -> None:
    """Eight processes that append at the same position at the same moment leave one entry."""
    start, results = threading.Barrier(8), list[bool]()

    def append(store: DurableStore) -> None:
        store.read_entries(DAY, 0)
        start.wait()
        results.append(store.append_entry(DAY, b"entry", 0))

    threads = [threading.Thread(target=append, args=(open_store(),)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [False] * 7 + [True]
    assert len(open_store().read_entries(DAY, 0)) == 1


def test_old_days_are_deleted(open_store: OpenStore) -> None:
    """The days before a day go, the day itself stays."""
    store = open_store()
    for day in ("2026-01-01", "2026-02-28", DAY):
        store.append_entry(day, b"entry")
    store.delete_entries_before(DAY)
    assert [len(store.read_entries(day, 0)) for day in ("2026-01-01", "2026-02-28", DAY)] == [0, 0, 1]


# --- bytes ------------------------------------------------------------------------------------------------------------


def test_bytes_come_back_as_they_were(open_store: OpenStore) -> None:
    """Another process reads what was stored, whatever bytes they are."""
    value = bytes(range(256)) * 1000
    open_store().put_all({"a": (value, 60), "b": (b"\n", 60)})
    assert open_store().get("a") == value
    assert open_store().get("b") == b"\n"
    assert open_store().get("c") is None


def test_bytes_expire(open_store: OpenStore, clock: FakeClock) -> None:
    """After its time a value is gone, and the others stay."""
    open_store().put_all({"short": (b"1", 60), "long": (b"2", 3600)})
    clock.advance(timedelta(seconds=61))
    assert open_store().get("short") is None
    assert open_store().get("long") == b"2"


def test_empty_bytes_delete(open_store: OpenStore) -> None:
    """One key is replaced and the other one deleted at once."""
    open_store().put_all({"a": (b"1", 60), "b": (b"2", 60)})
    open_store().put_all({"a": (b"3", 60), "b": (b"", 60)})
    assert open_store().get("a") == b"3"
    assert open_store().get("b") is None


def test_expired_bytes_take_no_room(open_store: OpenStore, clock: FakeClock, request: pytest.FixtureRequest) -> None:
    """A later write removes what has expired."""
    store: Any = open_store()
    store.put_all({f"key {number}": (b"value", 60) for number in range(10)})
    clock.advance(timedelta(seconds=61))
    store.put_all({"key": (b"value", 60)})
    if isinstance(store, RedisStore):
        assert len(store._client.keys("*paid*")) == 1
    else:
        assert store._transact(lambda database: database.execute("SELECT COUNT(*) FROM paid").fetchone()) == (1,)


# --- locks ------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_lock_is_held_once(open_store: OpenStore) -> None:
    """While one process holds a lock, another one gets a lease that says no; other keys are free."""
    with open_store().lock("a") as first, open_store().lock("a") as second, open_store().lock("b") as other:
        assert first.renew()
        assert not second.renew()
        assert other.renew()


def test_a_released_lock_can_be_held_again(open_store: OpenStore) -> None:
    """The next process holds it after the first."""
    with open_store().lock("a"):
        pass
    with open_store().lock("a") as lease:
        assert lease.renew()


@pytest.mark.slow
def test_whoever_did_not_get_a_lock_does_not_release_it(open_store: OpenStore) -> None:
    """A process that waited in vain leaves the lock with its holder."""
    with open_store().lock("a"):
        with open_store().lock("a"):
            pass
        with open_store().lock("a") as lease:
            assert not lease.renew()
