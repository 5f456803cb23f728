"""The ledger: what a day's entries add up to, and what happens when a store loses them, lies, or a process dies."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, precondition, rule

from dashboard.core.spending_errors import BudgetExceeded
from dashboard.timelines.budget import LEASE_SECONDS, Budget, Reservation
from dashboard.timelines.ledger import Entry, Ledger, LedgerDamaged, parse_entry
from dashboard.timelines.outages import StoreUnavailable
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support.fake_clock import FakeClock
from tests.support.fault_suite import count_inputs, scale_examples

pytestmark = pytest.mark.faults
DAY = "2026-03-02"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ENTRY = Entry("begin_page", "a", 2, 1_000, 100, 50, int(NOW.timestamp()) + 60)


def flush(store: SqliteStore) -> None:
    """Lose everything, as FLUSHALL does."""
    store._transact(lambda database: database.execute("DELETE FROM entries").rowcount)


def read_kinds(store: SqliteStore) -> list[str]:
    return [json.loads(entry)["kind"] for entry in store.read_entries(DAY, 0)]


# --- entries ----------------------------------------------------------------------------------------------------------


def test_an_entry_comes_back_as_it_was() -> None:
    """Whole micro-dollars, without rounding."""
    assert parse_entry(ENTRY.serialize()) == ENTRY


def test_a_reservation_counts_in_full_until_its_lease_ends() -> None:
    """Then only what was charged or may have been."""
    assert ENTRY.committed(NOW.timestamp()) == 1_000
    assert ENTRY.committed(NOW.timestamp() + 60) == 150


@pytest.mark.parametrize(
    "change",
    [
        {"booked": -1},
        {"in_flight": -5_000_000},
        {"reserved": 1.5},
        {"booked": True},
        {"booked": "100"},
        {"booked": None},
        {"booked": 10**16},
        {"version": -1},
        {"kind": "gift"},
        {"reservation": 7},
        {"extra": 1},
    ],
    ids=str,
)
def test_an_entry_that_makes_no_sense_is_damage(change: dict[str, Any]) -> None:
    """It never counts as nothing, and never creates money."""
    with pytest.raises(LedgerDamaged):
        parse_entry(json.dumps(json.loads(ENTRY.serialize()) | change).encode())


@pytest.mark.parametrize("data", [b"", b"5", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000])
def test_bytes_that_are_no_entry_are_damage(data: bytes) -> None:
    """Whatever somebody wrote into the store."""
    with pytest.raises(LedgerDamaged):
        parse_entry(data)


def test_a_damaged_ledger_is_unknown() -> None:
    """Nothing is bought, and what is left is neither zero nor the whole budget."""
    store = SqliteStore(None)
    budget = Budget(5_000_000, Ledger(store), FakeClock(NOW))
    store.append_entry(DAY, b'{"booked": -5000000}')
    assert budget.remaining_microdollars() is None


# --- a store that forgets ---------------------------------------------------------------------------------------------


def test_a_flushed_store_gets_back_what_a_process_remembers() -> None:
    """What was booked, is in flight and is reserved counts as before, also for a process that knows nothing."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budget = Budget(5_000_000, Ledger(store), clock)
    first, second = budget.reserve("nasa", 2_000_000), budget.reserve("esa", 1_000_000)
    first.begin_page(500_000)
    second.begin_page(1_000_000)
    second.end_page(900_000)
    second.settle()
    flush(store)
    assert budget.remaining_microdollars() == 2_100_000
    assert Budget(5_000_000, Ledger(store), clock).remaining_microdollars() == 2_100_000
    assert read_kinds(store) == ["restore", "restore"]


def test_a_restored_backup_counts_once() -> None:
    """Entries that the backup has aren't added again; those that it lacks are."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budget = Budget(5_000_000, Ledger(store), clock)
    reservation = budget.reserve("nasa", 2_000_000)
    reservation.begin_page(500_000)
    reservation.end_page(500_000)
    backup = store.read_entries(DAY, 0)
    reservation.begin_page(500_000)
    reservation.end_page(400_000)
    reservation.settle()
    flush(store)
    for entry in backup:
        store.append_entry(DAY, entry)
    assert budget.remaining_microdollars() == 4_100_000
    assert Budget(5_000_000, Ledger(store), clock).remaining_microdollars() == 4_100_000


def test_two_processes_restore_together() -> None:
    """Each appends what it knows better, and nothing counts twice."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budgets = [Budget(5_000_000, Ledger(store), clock) for _ in range(2)]
    for budget in budgets:
        reservation = budget.reserve("nasa", 1_000_000)
        reservation.begin_page(1_000_000)
        reservation.end_page(1_000_000)
        reservation.settle()
    flush(store)
    assert [budget.remaining_microdollars() for budget in [*budgets, *budgets]] == [4_000_000, 3_000_000, 3_000_000, 3_000_000]


# --- whatever happens -------------------------------------------------------------------------------------------------

BUDGET = 5_000_000
PRICES = st.integers(1, 10).map(lambda number: number * 100_000)


@dataclass
class Read:
    """A read of one process: what the network charged for it, and the maximum of the request in flight."""

    process: int
    reservation: Reservation
    in_flight: int = 0


class UnreliableStore(SqliteStore):
    """A store that a test can make unreachable, before or after an entry is written."""

    failure = ""

    def append_entry(self, day: str, entry: bytes, position: int | None = None) -> bool:
        if self.failure == "before":
            raise StoreUnavailable
        is_appended = super().append_entry(day, entry, position)
        if self.failure == "after":
            raise StoreUnavailable
        return is_appended


class LedgerMachine(RuleBasedStateMachine):
    """Three processes buy pages with one ledger, while they crash, the store is flushed or unreachable, and days pass."""

    reads = Bundle("reads")

    @initialize()
    def start(self) -> None:
        count_inputs("runs of the ledger's state machine")
        self.store, self.clock = UnreliableStore(None), FakeClock(NOW)
        self.budgets = [Budget(BUDGET, Ledger(self.store), self.clock) for _ in range(3)]
        self.charged: dict[str, int] = {}  # what the network charged, by day

    def _charge(self, amount: int) -> None:
        today = self.budgets[0].today()
        self.charged[today] = self.charged.get(today, 0) + amount

    @rule(target=reads, process=st.integers(0, 2), amount=st.integers(1, 30).map(lambda n: n * 100_000))
    def reserve(self, process: int, amount: int) -> Read:
        try:
            return Read(process, self.budgets[process].reserve("nasa", amount))
        except BudgetExceeded:
            return Read(-1, self.budgets[process].reserve("nasa", 0))

    @rule(read=reads, maximum=PRICES, share=st.floats(0, 1), ending=st.sampled_from(["response", "break", "refusal"]))
    def request_page(self, read: Read, maximum: int, share: float, ending: str) -> None:
        """Ask for a page. The network charges some or all of it; the response arrives, breaks off, or is a refusal."""
        if read.process < 0 or read.in_flight:
            return
        try:
            read.reservation.begin_page(maximum)
        except BudgetExceeded:
            return
        charged = 0 if ending == "refusal" else int(maximum * share)
        self._charge(charged)
        if ending == "break":
            read.in_flight = maximum
        else:
            read.reservation.end_page(charged)

    @rule(read=consumes(reads))
    def settle(self, read: Read) -> None:
        if read.process >= 0:
            read.reservation.settle()

    @rule(process=st.integers(0, 2), read=reads)
    def crash(self, process: int, read: Read) -> None:
        """A process dies with all it remembers, and another one takes its place."""
        if read.process == process:
            read.process = -1
        self.budgets[process] = Budget(BUDGET, Ledger(self.store), self.clock)

    @rule(read=consumes(reads))
    def crash_during_a_request(self, read: Read) -> None:
        """A process dies after a request was sent: the network charges for it, and nobody learns how much."""
        if read.process < 0:
            return
        try:
            read.reservation.begin_page(100_000)
        except BudgetExceeded:
            return
        self._charge(100_000)
        self.budgets[read.process] = Budget(BUDGET, Ledger(self.store), self.clock)

    @precondition(lambda self: all(budget.remaining_microdollars() is not None for budget in self.budgets))
    @rule()
    def flush(self) -> None:
        """The store loses everything; the processes have just looked at it."""
        flush(self.store)

    @rule(read=reads, failure=st.sampled_from(["before", "after"]))
    def settle_while_unreachable(self, read: Read, failure: str) -> None:
        if read.process < 0:
            return
        self.store.failure = failure
        read.reservation.settle()
        self.store.failure = ""
        read.in_flight = 0

    @rule(seconds=st.sampled_from([1, LEASE_SECONDS, 3600, 6 * 3600]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @invariant()
    def charged_is_never_more_than_booked_or_the_budget(self) -> None:
        if not hasattr(self, "budgets"):
            return
        today = self.budgets[0].today()
        charged = self.charged.get(today, 0)
        for budget in self.budgets:
            committed = budget.ledger.committed(today, self.clock().timestamp())
            assert charged <= committed <= BUDGET


TestLedgerMachine = LedgerMachine.TestCase
TestLedgerMachine.settings = hypothesis_settings(
    max_examples=scale_examples(60), stateful_step_count=30, deadline=None, derandomize=True, database=None
)
