"""Paid reads under attack: a Hypothesis state machine lets processes die, responses break off and time pass, and looks for lost money."""

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.pricing import Bill, PriceList
from dashboard.core.source_errors import SourceError, SourceUnavailable
from dashboard.sources.base import Page, Readiness, Source, TimelineRequest
from dashboard.sources.metering import PaidRequest
from dashboard.sources.x_network import X
from dashboard.timelines.budget import Budget
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.locks import Lease
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.sqlite_store import SqliteStore
from dashboard.timelines.store import TimelineStore
from tests.support.fake_clock import FakeClock
from tests.support.fault_suite import count_inputs, scale_examples
from tests.support.timeline_stores import NASA, create_memory_cache

pytestmark = pytest.mark.faults
PAGE_POSTS = 10
MAX_POSTS = 300  # more than the account ever has
BUDGET = 10**9
START = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Killed(BaseException):
    """`kill -9`: nothing of the process runs any more, which `MortalStore.is_dead` takes care of."""


class MortalStore:
    """The store as one process sees it: once the process is dead, nothing that its `finally` blocks do gets through."""

    limitation = ""

    def __init__(self, shared: SqliteStore) -> None:
        self._shared, self.is_dead = shared, False

    def _alive(self) -> SqliteStore:
        if self.is_dead:
            raise StoreUnavailable
        return self._shared

    def read_entries(self, day: str, start: int) -> list[bytes]:
        return self._alive().read_entries(day, start)

    def append_entry(self, day: str, entry: bytes, position: int | None = None) -> bool:
        return self._alive().append_entry(day, entry, position)

    def delete_entries_before(self, day: str) -> None:
        self._alive().delete_entries_before(day)

    def get(self, key: str) -> bytes | None:
        return self._alive().get(key)

    def put_all(self, values: Mapping[str, tuple[bytes, int]]) -> None:
        self._alive().put_all(values)

    def lock(self, key: str) -> AbstractContextManager[Lease]:
        return self._shared.lock(key)


class PaidSource(Source):
    """A network that charges one micro-dollar per post, with pages of ten. `interrupt` is called before each response."""

    network = X
    supports_incremental = True

    def __init__(self) -> None:
        self.post_times: list[datetime] = []  # of the posts, oldest first; their index is their ID
        self.sold, self.cut_off = Counter[str](), Counter[str]()
        self.interrupt: Callable[[], None] = lambda: None

    def readiness(self) -> Readiness:
        return Readiness(True, "")

    def max_bill(self, account: Account, post_count: int) -> Bill:
        return {"post": post_count}

    def iter_pages(self, account: Account, request: TimelineRequest, deadline: float) -> Generator[Page | PaidRequest, None, None]:
        oldest, newest = int(request.newer_than or -1), int(request.older_than or len(self.post_times))
        ids, sent = list(range(newest - 1, oldest, -1)), 0
        while True:
            size = min(PAGE_POSTS, max(1, request.limit - sent))
            page_ids = [str(number) for number in ids[sent : sent + size]]
            yield PaidRequest({"post": size})
            self.sold.update(page_ids)
            try:
                self.interrupt()
            except SourceError as error:
                self.cut_off.update(page_ids)
                error.bill = {"post": size}
                raise
            except Killed:
                self.cut_off.update(page_ids)
                raise
            sent += len(page_ids)
            yield Page([self._build_row(post_id) for post_id in page_ids], is_last=sent >= len(ids), bill={"post": len(page_ids)})
            if sent >= len(ids):
                return

    def _build_row(self, post_id: str) -> dict[str, object]:
        return {"id": post_id, "created_at": self.post_times[int(post_id)], "text": "Hello", "kind": "post"}


class PaidReads(RuleBasedStateMachine):
    """Processes read one account to its beginning, again and again; each may die or be cut off at any of its requests."""

    @initialize(count=st.integers(1, 40))
    def start(self, count: int) -> None:
        count_inputs("runs of the state machine of paid reads")
        self.source, self.clock, self.shared = PaidSource(), FakeClock(START), SqliteStore(None)
        self.charged_by_day: dict[str, int] = {}
        self.publish(count)

    def _read(self) -> Timeline:
        """Read the whole timeline in a new process."""
        store = MortalStore(self.shared)
        budget = Budget(BUDGET, Ledger(store), self.clock)
        library = TimelineStore(
            {"x": self.source}, create_memory_cache(), store, budget, PriceList({"post": 0.000001}, "today"), clock=self.clock
        )
        before = self.source.sold.total()
        try:
            return library.load_timeline(NASA, TimelineRequest(MAX_POSTS))
        except Killed:
            store.is_dead = True
            raise
        finally:
            day = budget.today()
            self.charged_by_day[day] = self.charged_by_day.get(day, 0) + self.source.sold.total() - before

    def _interrupt_at(self, number: int, error: BaseException) -> None:
        """Let a request fail, counted from the next one."""
        remaining = [number]

        def interrupt() -> None:
            remaining[0] -= 1
            if remaining[0] < 0:
                self.source.interrupt = lambda: None
                raise error

        self.source.interrupt = interrupt

    @rule(count=st.integers(1, 25))
    def publish(self, count: int) -> None:
        last = self.source.post_times[-1] if self.source.post_times else START - timedelta(days=30)
        if len(self.source.post_times) + count < MAX_POSTS:
            self.source.post_times += [last + timedelta(seconds=number) for number in range(1, count + 1)]

    @rule(minutes=st.sampled_from([1, 31, 61]))
    def wait(self, minutes: int) -> None:
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def read(self) -> None:
        """A read without any trouble has every post that was there at the last fetch, without a gap."""
        self.source.interrupt = lambda: None
        self.clock.advance(timedelta(minutes=61))
        timeline = self._read()
        assert timeline.posts["id"].to_list() == [str(number) for number in reversed(range(len(self.source.post_times)))]

    @rule(number=st.integers(0, 4))
    def die_while_reading(self, number: int) -> None:
        self._interrupt_at(number, Killed())
        try:
            self._read()
        except Killed:
            self.read()

    @rule(number=st.integers(0, 4))
    def break_off_while_reading(self, number: int) -> None:
        self._interrupt_at(number, SourceUnavailable("nasa", "The response broke off."))
        with suppress(SourceUnavailable):
            self._read()
        self.read()

    @invariant()
    def nothing_is_bought_twice(self) -> None:
        """Except for the page of a request that was cut off, which never arrived."""
        if hasattr(self, "source"):
            twice = {post_id: count for post_id, count in self.source.sold.items() if count > 1 + self.source.cut_off[post_id]}
            assert twice == {}

    @invariant()
    def everything_charged_is_booked(self) -> None:
        """On the day when it was charged."""
        if hasattr(self, "source"):
            ledger = Ledger(self.shared)
            for day, charged in self.charged_by_day.items():
                assert charged <= ledger.committed(day, (self.clock() + timedelta(days=1)).timestamp()) <= charged + self._most_in_flight()

    def _most_in_flight(self) -> int:
        return PAGE_POSTS * len(self.source.post_times) + PAGE_POSTS


TestPaidReads = PaidReads.TestCase
TestPaidReads.settings = hypothesis_settings(
    max_examples=scale_examples(40), stateful_step_count=15, deadline=None, derandomize=True, database=None
)
