"""The durable store of several machines: a Redis that they share. What its entries mean doesn't belong here.

Keys have no time to live, so Redis never evicts them under a `volatile-*` policy: bytes carry their expiry, and every write removes
expired ones. Each operation is one command or one script, so it happens completely or not at all.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dashboard.core.clock import Clock, system_clock
from dashboard.core.messages import translatable
from dashboard.timelines.locks import LOCK_SECONDS, LOCK_WAIT_SECONDS, Lease, hold_redis_lock
from dashboard.timelines.outages import OutagePause, StoreOutage, StoreUnavailable, is_redis_outage

REDIS_OPTIONS: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2, "retry": Retry(NoBackoff(), 0)}
_PREFIX = "chorus:money"
_EXPIRIES_KEY, _DAYS_KEY = f"{_PREFIX}:expiries", f"{_PREFIX}:days"
_FORGETS_ON_RESTART = translatable("If its Redis restarts, today’s budget may start again.")
_FORGETS_WHEN_FULL = translatable("If its Redis runs out of memory, today’s budget may start again.")
_APPEND_SCRIPT = """
if ARGV[2] ~= '' and redis.call('LLEN', KEYS[1]) ~= tonumber(ARGV[2]) then return 0 end
redis.call('RPUSH', KEYS[1], ARGV[1])
redis.call('SADD', KEYS[2], ARGV[3])
return 1
"""
_PUT_SCRIPT = """
for _, key in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, 100)) do
  redis.call('DEL', key)
  redis.call('ZREM', KEYS[1], key)
end
for i = 2, #KEYS do
  local value, expires_at = ARGV[2 * i - 2], ARGV[2 * i - 1]
  if value == '' then
    redis.call('DEL', KEYS[i])
    redis.call('ZREM', KEYS[1], KEYS[i])
  else
    redis.call('SET', KEYS[i], expires_at .. '\\n' .. value)
    redis.call('ZADD', KEYS[1], expires_at, KEYS[i])
  end
end
return 1
"""

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class RedisStore:
    """A durable store in a Redis. Nothing is contacted before the first use."""

    def __init__(
        self,
        url: str,
        clock: Clock = system_clock,
        pause: OutagePause | None = None,
        *,
        lock_wait_seconds: float = LOCK_WAIT_SECONDS,
        lock_lease_seconds: float = LOCK_SECONDS,
    ) -> None:
        self._client: Any = redis.Redis.from_url(url, **REDIS_OPTIONS)
        self._clock, self._pause = clock, pause or OutagePause()
        self._lock_wait_seconds, self._lock_lease_seconds = lock_wait_seconds, lock_lease_seconds
        self._append, self._put = self._client.register_script(_APPEND_SCRIPT), self._client.register_script(_PUT_SCRIPT)
        self._limitation: str | None = None
        self._guard = threading.Lock()

    @property
    def limitation(self) -> str:
        """Say what this Redis forgets, as far as it tells; empty while it can't be reached."""
        with self._guard:
            if self._limitation is None:
                try:
                    self._limitation = self._attempt(self._describe_limitation)
                except StoreUnavailable:
                    return ""
            return self._limitation

    def read_entries(self, day: str, start: int) -> list[bytes]:
        """Return the entries of a day from a position on."""
        return list(self._attempt(lambda: self._client.lrange(_day_key(day), start, -1)))

    def append_entry(self, day: str, entry: bytes, position: int | None = None) -> bool:
        """Append an entry, if the day has as many entries as expected."""
        keys, arguments = [_day_key(day), _DAYS_KEY], [entry, "" if position is None else position, day]
        return bool(self._attempt(lambda: self._append(keys=keys, args=arguments)))

    def delete_entries_before(self, day: str) -> None:
        """Delete the entries of earlier days."""
        days = [name.decode() for name in self._attempt(lambda: self._client.smembers(_DAYS_KEY))]
        if outdated := [name for name in days if name < day]:
            self._attempt(lambda: self._client.delete(*map(_day_key, outdated)) and self._client.srem(_DAYS_KEY, *outdated))

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key that haven't expired."""
        expires_at, _, value = (self._attempt(lambda: self._client.get(_value_key(key))) or b"").partition(b"\n")
        return value if expires_at.isdigit() and int(expires_at) > self._clock().timestamp() else None

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store or delete the bytes of all keys in one script."""
        now = int(self._clock().timestamp())
        keys = [_EXPIRIES_KEY, *map(_value_key, values)]
        arguments = [now, *(part for value, seconds in values.values() for part in (value, now + seconds))]
        self._attempt(lambda: self._put(keys=keys, args=arguments))

    @contextmanager
    def lock(self, key: str) -> Iterator[Lease]:
        """Hold the lock of a key. Its lease must be renewed before each request."""
        name = f"{_PREFIX}:lock:{key}"
        with hold_redis_lock(self._client, name, self._lock_wait_seconds, self._attempt, self._lock_lease_seconds) as lease:
            yield lease

    def _attempt(self, operation: Callable[[], _Result]) -> _Result:
        if self._pause.is_active:
            raise StoreOutage
        try:
            return operation()
        except (redis.RedisError, OSError) as error:
            _log.warning("The ledger failed: %s", type(error).__name__)
            if is_redis_outage(error):
                self._pause.record_failure()
                raise StoreOutage from None
            raise StoreUnavailable from None

    def _describe_limitation(self) -> str:
        """Ask Redis for its eviction policy and whether it writes a file. A server that reports neither has no known limitation."""
        try:
            memory, persistence = self._client.info("memory"), self._client.info("persistence")
        except redis.ResponseError:
            return ""
        if str(memory.get("maxmemory_policy", "")).startswith("allkeys") and memory.get("maxmemory"):
            return _FORGETS_WHEN_FULL
        return "" if persistence.get("aof_enabled") else _FORGETS_ON_RESTART


def _day_key(day: str) -> str:
    return f"{_PREFIX}:ledger:{day}"


def _value_key(key: str) -> str:
    return f"{_PREFIX}:paid:{key}"
