"""The durable store in Redis: what may be forgotten, and what happens without it."""

import socketserver
import threading

import pytest
import redis as redis_py

from dashboard.timelines.durable_store import StoredLookups
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.redis_store import RedisStore
from tests.support.redis_server import run_redis_server

pytestmark = pytest.mark.faults
DAY = "2026-03-02"


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


@pytest.mark.slow
def test_an_unreachable_redis_costs_one_timeout() -> None:
    """After a failure the next operations fail without asking for a moment."""
    connections = list[object]()

    class Closing(socketserver.BaseRequestHandler):
        """Answers nothing and closes the connection."""

        def handle(self) -> None:
            connections.append(self.client_address)

    with socketserver.TCPServer(("127.0.0.1", 0), Closing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        store = RedisStore(f"redis://127.0.0.1:{server.server_address[1]}/0")
        with pytest.raises(StoreUnavailable):
            store.get("a")
        asked = len(connections)
        with pytest.raises(StoreUnavailable):
            store.read_entries(DAY, 0)
        with store.lock("a") as lease, pytest.raises(StoreUnavailable):
            lease.renew()
        server.shutdown()
    assert asked > 0
    assert len(connections) == asked


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
    assert without_file == "If its Redis restarts, today’s budget may start again."
    assert with_file == ""
    assert when_full == "If its Redis runs out of memory, today’s budget may start again."


def test_a_key_of_another_type_is_unavailable(empty_redis_url: str) -> None:
    """A ledger that somebody overwrote is never taken for an empty one."""
    with redis_py.Redis.from_url(empty_redis_url) as client:
        client.set(f"chorus:money:ledger:{DAY}", "-5")
    with pytest.raises(StoreUnavailable):
        RedisStore(empty_redis_url).read_entries(DAY, 0)


def test_lookups_of_an_unreachable_store_are_missing() -> None:
    """A source may look something up and store it without knowing of failures."""
    lookups = StoredLookups(RedisStore("redis://127.0.0.1:1/0"))
    lookups.put("a", b"1", 60)
    assert lookups.get("a") is None
