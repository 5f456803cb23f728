"""What every durable store promises, in memory, in a file and in Redis; then what is special about each of them."""

import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis as redis_py

from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.timelines.durable_store import DurableStore, StoredLookups
from dashboard.timelines.locks import is_held
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from dashboard.timelines.store_location import COUNTS_PER_INSTANCE, FORGETS_ON_RESTART, build_durable_store
from tests.support.fake_clock import FakeClock
from tests.support.paths import ROOT
from tests.support.redis_server import run_redis, run_redis_server

pytestmark = pytest.mark.faults
DAY = "2026-03-02"
OpenStore = Callable[[], DurableStore]


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    """The address of a real Redis."""
    with run_redis() as url:
        yield url


@pytest.fixture
def empty_redis_url(redis_url: str) -> str:
    """The address of a real Redis without any keys."""
    with redis_py.Redis.from_url(redis_url) as client:
        client.flushall()
    return redis_url


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


def test_whoever_did_not_get_a_lock_does_not_release_it(open_store: OpenStore) -> None:
    """A process that waited in vain leaves the lock with its holder."""
    with open_store().lock("a"):
        with open_store().lock("a"):
            pass
        with open_store().lock("a") as lease:
            assert not lease.renew()


# --- a file -----------------------------------------------------------------------------------------------------------


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """Others on the machine can't read what was spent or paid for."""
    path = tmp_path / "state" / "ledger.sqlite3"
    SqliteStore(path).append_entry(DAY, b"entry")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_entries_in_the_file_cannot_be_changed(tmp_path: Path) -> None:
    """Not even by hand, short of dropping the trigger."""
    SqliteStore(tmp_path / "ledger.sqlite3").append_entry(DAY, b"entry")
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as database, pytest.raises(sqlite3.IntegrityError, match="only appended"):
        database.execute("UPDATE entries SET entry = 'less'")
    database.close()


def test_an_entry_that_was_repaired_by_hand_is_read(tmp_path: Path) -> None:
    """SQLite's command line inserts text, not bytes."""
    store = SqliteStore(tmp_path / "ledger.sqlite3")
    store.append_entry(DAY, b"entry")
    with sqlite3.connect(tmp_path / "ledger.sqlite3") as database:
        database.execute("INSERT INTO entries VALUES (?, 1, 'another')", (DAY,))
    database.close()
    assert store.read_entries(DAY, 0) == [b"entry", b"another"]


def test_a_file_that_was_replaced_is_opened_again(tmp_path: Path) -> None:
    """A process doesn't go on writing into a file that nobody else sees."""
    path = tmp_path / "ledger.sqlite3"
    store = SqliteStore(path)
    store.append_entry(DAY, b"entry")
    path.unlink()
    assert store.read_entries(DAY, 0) == []
    store.append_entry(DAY, b"another")
    assert SqliteStore(path).read_entries(DAY, 0) == [b"another"]


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"SQLite format 3\x00" + bytes(4096)])
def test_a_damaged_file_is_unavailable(tmp_path: Path, damage: bytes) -> None:
    """It's never taken for an empty one."""
    path = tmp_path / "ledger.sqlite3"
    path.write_bytes(damage)
    with pytest.raises(StoreUnavailable):
        SqliteStore(path).read_entries(DAY, 0)


def test_a_folder_that_cannot_be_created_is_unavailable(tmp_path: Path) -> None:
    """Every operation says so, and a lock isn't held."""
    (tmp_path / "file").write_text("")
    store = SqliteStore(tmp_path / "file" / "ledger.sqlite3")
    for operation in (lambda: store.read_entries(DAY, 0), lambda: store.append_entry(DAY, b"entry"), lambda: store.get("a")):
        with pytest.raises(StoreUnavailable):
            operation()
    with store.lock("a") as lease, pytest.raises(StoreUnavailable):
        lease.renew()


def test_a_lock_file_that_cannot_be_created_is_not_held_by_somebody_else(tmp_path: Path) -> None:
    """Nobody knows who holds the lock, which isn't the same as that another process does."""
    store = SqliteStore(tmp_path / "ledger.sqlite3")
    (tmp_path / "ledger.sqlite3.locks").write_text("")
    with store.lock("a") as lease, pytest.raises(StoreUnavailable):
        lease.renew()
    assert not is_held(lease)


HOLD = """
import sys
from pathlib import Path
from dashboard.timelines.sqlite_store import SqliteStore
with SqliteStore(Path(sys.argv[1])).lock("a"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_the_system_releases_the_lock_of_a_killed_process(tmp_path: Path) -> None:
    """After `kill -9` nobody has to wait."""
    path = tmp_path / "ledger.sqlite3"
    options: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "env": {"PYTHONPATH": "."}}
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], **options) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with SqliteStore(path, lock_wait_seconds=0).lock("a") as before:
            assert not before.renew()
        holder.kill()
        holder.wait()
        with SqliteStore(path, lock_wait_seconds=0).lock("a") as after:
            assert after.renew()


# --- Redis ------------------------------------------------------------------------------------------------------------


def test_nothing_but_locks_expires_in_redis(empty_redis_url: str) -> None:
    """Keys without a time to live are never evicted under a volatile policy."""
    store = RedisStore(empty_redis_url)
    store.append_entry(DAY, b"entry")
    store.put_all({"a": (b"1", 60)})
    with redis_py.Redis.from_url(empty_redis_url) as client:
        assert {client.ttl(key) for key in client.scan_iter()} == {-1}


def test_a_full_redis_drops_the_cache_and_keeps_the_money(empty_redis_url: str) -> None:
    """Under `volatile-lru`, 10,000 free entries push each other out, and nothing that was paid for."""
    store = RedisStore(empty_redis_url)
    store.append_entry(DAY, b"entry")
    store.put_all({"a": (b"1", 60)})
    with redis_py.Redis.from_url(empty_redis_url) as client:
        client.config_set("maxmemory", client.info("memory")["used_memory"] + 2**20)
        client.config_set("maxmemory-policy", "volatile-lru")
        commands = client.pipeline(transaction=False)
        for number in range(10_000):
            commands.set(f"chorus:timeline:bluesky:{number}", b"x" * 1000, ex=1000)
        commands.execute()
        evicted = client.info("stats")["evicted_keys"]
        client.config_set("maxmemory", 0)
    assert evicted > 1000
    assert store.read_entries(DAY, 0) == [b"entry"]
    assert store.get("a") == b"1"


def test_a_lock_whose_lease_ended_is_not_released_by_its_old_holder(empty_redis_url: str) -> None:
    """Who was too slow neither renews nor releases the lock of who came next."""
    with RedisStore(empty_redis_url, lock_lease_seconds=0.05).lock("a") as slow:
        with RedisStore(empty_redis_url, lock_wait_seconds=5).lock("a") as next_holder:
            was_lost = not slow.renew()
            held_before = next_holder.renew()
        with RedisStore(empty_redis_url).lock("a") as third:
            pass
        del third
    with RedisStore(empty_redis_url).lock("a") as held:
        with RedisStore(empty_redis_url, lock_wait_seconds=0).lock("a") as other:
            assert not other.renew()
        assert held.renew()
    assert was_lost
    assert held_before


def test_an_unreachable_redis_costs_one_timeout() -> None:
    """After a failure the next operations fail without asking for a moment."""
    store = RedisStore("redis://127.0.0.1:1/0")
    with pytest.raises(StoreUnavailable):
        store.get("a")
    assert store._pause.is_active
    store._client = None  # asking would fail with another error
    with pytest.raises(StoreUnavailable):
        store.read_entries(DAY, 0)
    with store.lock("a") as lease, pytest.raises(StoreUnavailable):
        lease.renew()


def test_a_redis_that_fails_is_not_somebody_else_with_the_lock() -> None:
    """A lease that can't be renewed says that nobody knows, and a lost one that another process has the lock."""
    with run_redis_server() as server:
        store, others = RedisStore(server.url), RedisStore(server.url, lock_wait_seconds=0)
        with store.lock("a") as lost, server.connect() as client:
            client.delete("chorus:money:lock:a")
            assert not lost.renew()
        with store.lock("b") as held:
            with others.lock("b") as refused:
                assert not refused.renew()
            server.kill()
            with pytest.raises(StoreUnavailable):
                held.renew()
            assert store._pause.is_active


def test_redis_says_what_it_forgets(empty_redis_url: str) -> None:
    """Without an append-only file a restart forgets; with an `allkeys` policy, full memory does."""
    with redis_py.Redis.from_url(empty_redis_url) as client:
        client.config_set("maxmemory-policy", "volatile-lru")
        without_file = RedisStore(empty_redis_url).limitation
        client.config_set("appendonly", "yes")
        with_file = RedisStore(empty_redis_url).limitation
        client.config_set("maxmemory", 2**28)
        client.config_set("maxmemory-policy", "allkeys-lru")
        when_full = RedisStore(empty_redis_url).limitation
        client.config_set("maxmemory", 0)
        client.config_set("appendonly", "no")
    assert without_file == "If its Redis restarts, today's budget may start again."
    assert with_file == ""
    assert when_full == "If its Redis runs out of memory, today's budget may start again."


def test_a_key_of_another_type_is_unavailable(empty_redis_url: str) -> None:
    """A ledger that somebody overwrote is never taken for an empty one."""
    with redis_py.Redis.from_url(empty_redis_url) as client:
        client.set(f"chorus:money:ledger:{DAY}", "-5")
    with pytest.raises(StoreUnavailable):
        RedisStore(empty_redis_url).read_entries(DAY, 0)


# --- lookups ----------------------------------------------------------------------------------------------------------


def test_lookups_of_an_unreachable_store_are_missing() -> None:
    """A source may look something up and store it without knowing of failures."""
    lookups = StoredLookups(RedisStore("redis://127.0.0.1:1/0"))
    lookups.put("a", b"1", 60)
    assert lookups.get("a") is None


# --- where it is ------------------------------------------------------------------------------------------------------


def locate(**environment: str) -> tuple[str, str]:
    """Return the kind and the path of the store with these settings, and what it says about itself."""
    store: Any = build_durable_store(load_settings(environment))
    if isinstance(store, RedisStore):
        return "redis", ""
    return str(store._path), store.limitation


def test_the_ledger_is_where_it_is_set(tmp_path: Path) -> None:
    """CHORUS_LEDGER comes before everything else."""
    environment = {"CHORUS_LEDGER": f"file://{tmp_path}/my%20ledger.db", "CHORUS_CACHE_URL": "redis://127.0.0.1:1/0"}
    assert locate(**environment) == (f"{tmp_path}/my ledger.db", "")


def test_the_ledger_is_in_the_redis_of_the_cache() -> None:
    """Processes that share a cache share the budget."""
    assert locate(CHORUS_CACHE_URL="redis://127.0.0.1:1/0", CHORUS_DATASETS="/datasets") == ("redis", "")


def test_the_ledger_is_with_the_imported_files(tmp_path: Path) -> None:
    """The folder that is there to stay."""
    assert locate(CHORUS_DATASETS=str(tmp_path / "datasets"))[0] == f"{tmp_path}/datasets/ledger.sqlite3"


def test_the_ledger_is_next_to_the_folder_of_the_cache(tmp_path: Path) -> None:
    """Not in it, where it would be taken for an entry of the cache."""
    assert locate(CHORUS_CACHE_URL=f"file://{tmp_path}/cache")[0] == f"{tmp_path}/cache.ledger.sqlite3"


def test_the_ledger_is_in_the_state_folder_otherwise(tmp_path: Path) -> None:
    """As the XDG Base Directory Specification says."""
    assert locate(HOME=str(tmp_path))[0] == f"{tmp_path}/.local/state/chorus/ledger.sqlite3"
    assert locate(HOME=str(tmp_path), XDG_STATE_HOME=f"{tmp_path}/state")[0] == f"{tmp_path}/state/chorus/ledger.sqlite3"


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/version").exists(), reason="needs a folder that nobody can write")
def test_the_ledger_is_in_memory_if_there_is_no_other_place() -> None:
    """Visitors are told what that means."""
    assert locate() == ("None", FORGETS_ON_RESTART)
    assert locate(HOME="/proc/nowhere") == ("None", FORGETS_ON_RESTART)


def test_a_temporary_folder_is_said_to_forget(tmp_path: Path) -> None:
    """A container's home is often in one."""
    assert locate(HOME=str(tmp_path))[1] == FORGETS_ON_RESTART


def test_instances_of_a_service_are_said_to_count_on_their_own(tmp_path: Path) -> None:
    """On Cloud Run and Vertex AI every instance has its own files."""
    assert locate(HOME=str(tmp_path), K_SERVICE="chorus")[1] == COUNTS_PER_INSTANCE
    assert locate(HOME=str(tmp_path), AIP_PREDICT_ROUTE="/predict")[1] == COUNTS_PER_INSTANCE


def test_a_bucket_never_holds_the_ledger(tmp_path: Path) -> None:
    """On Cloud Run the folder of imported files is a bucket, which can't lock files."""
    assert locate(HOME=str(tmp_path), K_SERVICE="chorus", CHORUS_DATASETS="/datasets")[0].startswith(str(tmp_path))


@pytest.mark.parametrize("wrong", ["secret.sqlite3", "file://secret/x", "file:///secret/", "memcached://secret", "redis:secret"])
def test_a_wrong_ledger_fails_at_start(wrong: str) -> None:
    """The message says what is allowed and doesn't repeat what may contain a password."""
    with pytest.raises(InvalidSetting, match="CHORUS_LEDGER is empty") as caught:
        load_settings({"CHORUS_LEDGER": wrong})
    assert "secret" not in str(caught.value)
