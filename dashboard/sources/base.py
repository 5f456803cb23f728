"""Defines what a source is: its requests, its pages and its readiness. Reading all pages of a timeline belongs in `fetch.py`.

Nothing in here loads polars, because every network is imported when the application starts.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from dashboard.config.settings import Settings
from dashboard.core.accounts import Account
from dashboard.core.clock import Clock, system_clock
from dashboard.core.created_once import created_once
from dashboard.core.networks import Network
from dashboard.core.pricing import EMPTY_BILL, Bill
from dashboard.sources.circuit_breakers import CircuitBreakers
from dashboard.sources.metering import PaidRequest

if TYPE_CHECKING:
    import polars as pl

    from dashboard.core.post_sums import PostSums


@dataclass(frozen=True)
class TimelineRequest:
    """Which posts of an account to read: at most `limit`, newest first, with since <= created_at < until (aware UTC).

    `newer_than` and `older_than` are IDs of posts that are already known. Neither post is included. `tz` is the time zone in whose days
    posts without a time of day belong; only sources that have such posts need it.
    """

    limit: int
    since: datetime | None = None
    until: datetime | None = None
    newer_than: str | None = None
    older_than: str | None = None
    tz: str = "UTC"


@dataclass(frozen=True)
class Readiness:
    """Whether a network can be read on this server. `message` tells people what to know about it, or what is missing."""

    ready: bool
    message: str


@dataclass(frozen=True)
class Page:
    """A page of a timeline: rows with the keys of posts.SCHEMA except `account`, newest first.

    Posts on this machine are a `frame` of posts.SCHEMA instead, which is much faster: ids are unique, and all posts belong to the request.
    `is_truncated`: the network has older posts but doesn't provide them. `is_last`: no page follows. `bill`: what the network charges
    for the page. `name` is the account's display name, clean; empty if the network doesn't say.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    frame: "pl.DataFrame | None" = None
    is_truncated: bool = False
    is_last: bool = False
    bill: Bill = field(default_factory=dict)
    name: str = ""


class Source(ABC):
    """Reads one network. `iter_pages` yields a timeline page by page and raises a SourceError when it can't continue."""

    network: Network
    supports_incremental = False  # whether requests may use `newer_than` and `older_than`
    is_cached = True  # whether timelines may be cached
    request_seconds = 0.0  # that a request may take; one that may be charged for isn't sent with less time left

    @abstractmethod
    def readiness(self) -> Readiness:
        """Return whether this network can be read on this server, without contacting it."""

    @abstractmethod
    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page | PaidRequest, None, None]:
        """Yield pages, newest first, until the timeline ends. Posts beyond the request are allowed; the caller drops them.

        A network that charges yields a PaidRequest before each request, and a SourceError carries what the failed one may be charged for.
        `deadline` is a time.monotonic() value that no request may outlive. The generator may be closed after any page.
        """

    def max_bill(self, account: Account, post_count: int) -> Bill:
        """Return the highest bill for reading `post_count` posts of an account; empty if reading is free."""
        return EMPTY_BILL

    def count_billed_posts(self, day: date) -> int | None:
        """Return at least how many posts the network says it charged for on a day (UTC), within a few seconds; None if that isn't known."""
        return None

    def expand_account(self, account: Account) -> list[Account]:
        """Return the accounts that one account stands for, such as all accounts of a file. Raises AccountNotFound."""
        return [account]

    def is_analyzed(self, account: Account) -> bool:
        """Return whether there are sums of the account's posts, which are read from elsewhere only if they are needed."""
        return False

    def has_sample(self, account: Account) -> bool:
        """Return whether there is a sample of the account's posts beside their sums."""
        return False

    def load_sums(self, account: Account, request: TimelineRequest, fetched_at: datetime) -> "PostSums | None":
        """Return what was found out before about the posts of an account in the span of a request, None if its posts can be read.

        Raises SourceError.
        """
        return None

    def find_versions(self, accounts: Sequence[Account], request: TimelineRequest) -> dict[Account, str]:
        """Return what the page of `iter_pages` depends on for those of the accounts of which that is known without reading their posts.

        Another page has another version, in any process with the same code. What can't be read has none.
        """
        return {}

    def find_last_change(self, account: Account) -> datetime | None:
        """Return when the posts of an account, which are on this machine, became what they are; None if nobody knows."""
        return None

    def find_last_day(self, account: Account, zone: tzinfo) -> date | None:
        """Return the day in a zone on which the posts of an account, or of all those it stands for, end.

        None if nobody knows, or if more may come. Raises SourceError.
        """
        return None

    def load_facts(self, account: Account) -> bytes | None:
        """Return what `save_facts` kept for an account, None if there is nothing, or if this source keeps no posts itself."""
        return None

    def save_facts(self, account: Account, content: bytes) -> None:
        """Keep what was found out about the posts of an account beside them, if this source keeps posts itself and there is room."""
        return


@dataclass(frozen=True)
class TimeSpan:
    """A half-open span of aware UTC times in whole seconds, entirely in the past."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class CountPage:
    """Posts per hour, by the start of the hour, back to `since`, without a gap to the page before. `bill` is what the page costs.

    `name` is as in `Page`.
    """

    hourly_counts: Mapping[datetime, int]
    since: datetime
    bill: Bill = field(default_factory=dict)
    name: str = ""


@runtime_checkable
class CountSource(Protocol):
    """A source that can also count posts without reading them."""

    network: Network
    earliest_count_time: datetime  # aware UTC; there are no counts before it
    min_end_age: timedelta  # how long ago a span must end to be counted
    request_seconds: float  # as in `Source`

    def readiness(self) -> Readiness:
        """Return whether this network can be read, as in `Source`."""
        ...

    def max_count_bill(self, account: Account, span: TimeSpan) -> Bill:
        """Return the highest bill for counting the posts of a span."""
        ...

    def iter_count_pages(self, account: Account, span: TimeSpan, deadline: float) -> Generator[CountPage | PaidRequest, None, None]:
        """Yield pages, newest first, until the start of the span. Raises a SourceError when counting can't continue.

        Requests that may be charged for are announced as in `Source.iter_pages`.
        """
        ...


class ByteCache(Protocol):
    """A cache where sources store small values, such as lookups. It never raises: if it can't be reached, it seems empty."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes stored under a key, or None."""
        ...

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store bytes for a number of seconds."""
        ...


@dataclass(frozen=True)
class SourceContext:
    """What sources are built from."""

    settings: Settings
    cache: ByteCache
    clock: Clock = system_clock

    @created_once
    def breakers(self) -> CircuitBreakers:
        """Which servers are down, for all networks."""
        return CircuitBreakers(self.clock)


class ReadableNetwork(Network, ABC):
    """A network whose posts Chorus can read."""

    @abstractmethod
    def build_source(self, context: SourceContext) -> Source:
        """Return the source that reads this network. Nothing is contacted yet."""


@dataclass(frozen=True)
class ProgressListener:
    """Follows a read: `on_progress` is called with the number of posts (or pages of counts) after each page; `is_cancelled` can end it."""

    on_progress: Callable[[int], None] = lambda posts: None
    is_cancelled: Callable[[], bool] = lambda: False


def matches_request(row: dict[str, Any], request: TimelineRequest) -> bool:
    """Return whether a post belongs to a request: within its span, and not one of the known posts. An unknown time fits every span."""
    if row["id"] in (request.newer_than, request.older_than):
        return False
    created_at = row.get("created_at")
    return created_at is None or (
        (request.since is None or created_at >= request.since) and (request.until is None or created_at < request.until)
    )
