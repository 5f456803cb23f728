"""A timeline store with fake networks, a budget and a cache in memory; `RecordingX` records every post that was charged for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cachelib import SimpleCache

from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.posts import Timeline
from dashboard.core.pricing import X_PRICES
from dashboard.core.source_errors import RateLimited
from dashboard.sources.base import ProgressListener, Source, TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.x import XCredentials, XSource
from dashboard.timelines import serialization
from dashboard.timelines.budget import Budget
from dashboard.timelines.cache import SafeSerializer, SharedCache
from dashboard.timelines.durable_store import DurableStore, StoredLookups
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.sqlite_store import SqliteStore
from dashboard.timelines.store import TimelineStore
from tests.support import fake_networks

NASA, FREE_NASA = Account("x", "nasa"), Account("bluesky", "nasa.bsky.social")
LEFT = ProgressListener(is_cancelled=lambda: True)  # the listener of a reader who left before the first page came
POST_MICRODOLLARS, LOOKUP_MICRODOLLARS = 5_000, 10_000


class RecordingX(fake_networks.FakeX):
    """X that records the ids of the posts it charged for."""

    def __init__(self) -> None:
        super().__init__()
        self.sold: list[str] = []

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Answer, and record the posts in the answer."""
        response = super().respond(request)
        if request.path.endswith("/tweets") and response.status == 200:
            self.sold += [post["id"] for post in response.body.get("data", [])]
        return response


class ChargingX(fake_networks.FakeX):
    """X at its worst: it charges the most that it may for every request, unless it answers completely and refuses it.

    If a gateway answers instead, X has charged too.
    """

    def __init__(self) -> None:
        super().__init__()
        self.charged_microdollars = 0

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Answer, and charge for it."""
        response = super().respond(request)
        body = response.body if isinstance(response.body, dict) else {}
        is_complete = response.delivery == "whole"
        is_own_error = response.status >= 400 and (response.status < 500 or body.get("type") == "about:blank")
        if is_complete and (is_own_error or "errors" in body):
            return response
        if not request.path.endswith("/tweets"):
            self.charged_microdollars += LOOKUP_MICRODOLLARS  # the same as a page of counts
        elif is_complete and "meta" in body:
            self.charged_microdollars += POST_MICRODOLLARS * len(body.get("data", []))
        else:
            self.charged_microdollars += POST_MICRODOLLARS * int(request.params["max_results"])
        return response


class RecordingCache(SharedCache):
    """A shared cache that records its keys, so that a test can age every entry."""

    def __init__(self, backend: Any) -> None:
        super().__init__(backend)
        self.keys: set[str] = set()

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes and record the key."""
        self.keys.add(key)
        super().put(key, value, seconds)


class RecordingStore(SqliteStore):
    """A durable store in memory that records its keys, so that a test can age every entry."""

    def __init__(self) -> None:
        super().__init__(None)
        self.keys: set[str] = set()

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        """Store bytes and record the keys."""
        self.keys |= set(values)
        super().put_all(values)


def create_memory_cache() -> RecordingCache:
    """Return a cache in memory, like that of an installation without a cache server."""
    backend = SimpleCache(threshold=1000)
    backend.serializer = SafeSerializer()
    return RecordingCache(backend)


@dataclass
class StoreHarness:
    """A timeline store that reads from the fake networks, with a daily budget."""

    world: fake_networks.World
    cache: RecordingCache = field(default_factory=create_memory_cache)
    a_day: int = 10**12
    durable_store: DurableStore = field(default_factory=RecordingStore)
    budget_clock: Clock = system_clock

    def __post_init__(self) -> None:
        listed: list[Source] = [
            XSource(XCredentials(bearer_token="a-token"), self.world.url, user_cache=StoredLookups(self.durable_store)),
            BlueskySource(self.world.url),
        ]
        self.budget = Budget(self.a_day, Ledger(self.durable_store), self.budget_clock)
        sources = {source.network.name: source for source in listed}
        self.library = TimelineStore(sources, self.cache, self.durable_store, self.budget, X_PRICES)

    def ask(self, n: int, account: Account = NASA, *, listener: ProgressListener | None = None, **span: datetime) -> Timeline:
        """Load a timeline of n posts."""
        return self.library.load_timeline(account, TimelineRequest(n, **span), listener=listener)

    def pass_time(self, **ago: float) -> None:
        """Make every cache entry older by this much."""
        for storage in (self.cache, self.durable_store):
            for key in set(getattr(storage, "keys", ())):
                if kept := serialization.parse_timeline(storage.get(key)):
                    storage.put_all({key: (serialization.dump_timeline(_make_older(kept, timedelta(**ago))), 3600)})

    def spent(self) -> int:
        """Return how much of the budget was spent, in micro-dollars."""
        left = self.budget.remaining_microdollars()
        assert left is not None
        return self.a_day - left


def _make_older(timeline: Timeline, duration: timedelta) -> Timeline:
    if isinstance(timeline.failure, RateLimited) and timeline.failure.resets_at:
        timeline.failure.resets_at -= duration
    failed_at = timeline.failed_at and timeline.failed_at - duration
    return replace(timeline, fetched_at=timeline.fetched_at - duration, failed_at=failed_at)


def record_charges(world: fake_networks.World) -> RecordingX:
    """Replace the fake X by one that records what it charged for, and return it."""
    world.x = world.networks[0] = RecordingX()
    return world.x


def list_ids(timeline: Timeline) -> list[str]:
    """Return the ids of the posts, newest first."""
    return timeline.posts["id"].to_list()


def list_newest_ids(network: fake_networks.FakeNetwork, count: int) -> list[str]:
    """Return the IDs of the newest posts of @nasa."""
    return [str(post.id) for post in network.accounts["nasa"].posts[:count]]


def publish_posts(network: fake_networks.FakeNetwork, count: int) -> None:
    """Let @nasa publish posts."""
    for number in range(count):
        network.post("nasa", f"new {number}")


def list_bluesky_ids(timeline: Timeline) -> list[str]:
    """Return the IDs of Bluesky posts without the rest of their URIs."""
    return [uri.rpartition("/")[2] for uri in list_ids(timeline)]
