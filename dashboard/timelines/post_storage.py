"""Where timelines are stored, under which keys, and for how long.

What a request lacks, and reading it, doesn't belong here.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from functools import cache
from typing import Protocol

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.sources.base import TimelineRequest
from dashboard.timelines import incremental, serialization
from dashboard.timelines.kept_runs import KeptRuns
from dashboard.timelines.locks import Lease

TIMELINE_TTL = timedelta(days=7)  # how long a timeline is cached
RunLoader = Callable[[str], Timeline | None]  # returns the run with a key


class PostStorage(Protocol):
    """Where timelines are stored: the cache, which raises nothing, or the durable store, which raises StoreUnavailable."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None if there are none."""
        ...

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store bytes for a number of seconds. Empty bytes delete a key."""
        ...

    def lock(self, key: str) -> AbstractContextManager[Lease]:
        """Hold the lock of a key, against all threads and processes that share the storage."""
        ...


def run_loader(storage: PostStorage, kept_runs: KeptRuns) -> RunLoader:
    """Return a function that reads each stored run once. It raises StoreUnavailable."""
    return cache(lambda key: kept_runs.parse(storage.get(key)))


def load_runs(load: RunLoader, account: Account, request: TimelineRequest, now: datetime) -> tuple[Timeline | None, Timeline | None]:
    """Return the newest run for a request and the older one: the request's own entry, or the newest posts if they cover the span."""
    key = run_key(account, request)
    own_entry, older_run = load(key), load(older_run_key(key))
    if not (request.since or request.until):
        return own_entry, older_run
    newest_run = load(run_key(account, TimelineRequest(1)))
    covers_span = newest_run and not newest_run.posts.is_empty() and incremental.covers_request(newest_run, request, now)
    return newest_run if covers_span else own_entry, older_run


def run_key(account: Account, request: TimelineRequest) -> str:
    """Return the key of the newest run for a request."""
    span = ":".join(end.isoformat() if end else "" for end in (request.since, request.until))
    return f"timeline:{account.network}:{account.name}:{span}"


def older_run_key(key: str) -> str:
    """Return the key of the older run, which a gap separates from the newest one."""
    return f"{key}:behind"


def serialize_run(run: Timeline | None) -> tuple[bytes, int]:
    """Return the bytes of a run and how long to store them; empty bytes, which delete it, if there's none."""
    return (serialization.dump_timeline(run), _ttl_seconds(run)) if run else (b"", 1)


def _ttl_seconds(timeline: Timeline) -> int:
    """Return how long to cache a run; one with a failure and no posts expires when the network may be asked again."""
    if timeline.failure and timeline.posts.is_empty():
        return int(incremental.backoff_duration(timeline.failure, timeline.failed_at or timeline.fetched_at).total_seconds())
    return int(TIMELINE_TTL.total_seconds())
