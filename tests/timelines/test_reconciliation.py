"""The ledger is compared with X's own count of posts: what X counted beyond it is booked, and nothing is ever taken off."""

import json
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.core.accounts import Account
from dashboard.core.pricing import X_PRICES
from dashboard.core.spending_errors import BudgetExceeded
from dashboard.sources.x import XCredentials, XSource
from dashboard.timelines import hourly_counts
from dashboard.timelines.budget import Budget
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.reconciliation import INTERVAL_IF_UNCERTAIN, USUAL_INTERVAL, Reconciler
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support import fake_networks
from tests.support.fake_clock import FakeClock
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS, StoreHarness, list_ids

READ_COST = LOOKUP_MICRODOLLARS + 20 * POST_MICRODOLLARS  # of twenty posts
DAY = "2026-03-02"
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class CountingSource(XSource):
    """X whose count of posts is set by the test."""

    def __init__(self, post_count: int | None) -> None:
        super().__init__(XCredentials(bearer_token="a-token"))
        self.post_count, self.questions = post_count, list[date]()

    def count_billed_posts(self, day: date) -> int | None:
        """Return the count, and record the question."""
        self.questions.append(day)
        return self.post_count


@pytest.fixture
def clock() -> FakeClock:
    """The clock of the budget, which stands still."""
    return FakeClock()


@pytest.fixture
def harness(world: fake_networks.World, clock: FakeClock) -> StoreHarness:
    """A timeline store with nothing in it, and @nasa with twenty posts."""
    world.x.has("nasa", posts=20)
    return StoreHarness(world, budget_clock=clock)


def create_budget(store: SqliteStore, clock: FakeClock) -> Budget:
    return Budget(10**12, Ledger(store), clock)


def buy(budget: Budget, microdollars: int) -> None:
    """Book an amount."""
    reservation = budget.reserve("nasa", microdollars)
    reservation.begin_page(microdollars)
    reservation.end_page(microdollars)
    reservation.settle()


def count_spent(budget: Budget) -> int:
    return budget.ledger.committed(DAY, budget.clock().timestamp())


# --- what a read books ------------------------------------------------------------------------------------------------


def test_what_x_counted_beyond_the_ledger_is_booked(world: fake_networks.World, harness: StoreHarness) -> None:
    """X counted 500 posts, and the ledger has twenty and a lookup: afterwards it has the price of 500."""
    world.x.counts_usage("500")
    harness.ask(20)
    assert harness.spent() == 500 * POST_MICRODOLLARS


def test_counting_posts_compares_as_well(world: fake_networks.World, harness: StoreHarness) -> None:
    """What other programs have read with the same key is noticed, even if this one buys nothing but counts."""
    world.x.counts_usage("500")
    since = fake_networks.NEWEST_POST_AT - timedelta(days=20)
    hourly_counts.load_counts(harness.library, Account("x", "nasa"), since, fake_networks.NEWEST_POST_AT)
    assert world.x.page_requests("nasa") == []
    assert harness.spent() == 500 * POST_MICRODOLLARS


@pytest.mark.parametrize("post_count", ["0", 0, "19", 22])
def test_a_lower_count_changes_nothing(world: fake_networks.World, harness: StoreHarness, post_count: object) -> None:
    """X counts late, so what was booked stays."""
    world.x.counts_usage(post_count)
    harness.ask(20)
    assert harness.spent() == READ_COST


@pytest.mark.parametrize("failure", [*sorted(fake_networks.FakeX.error_responses), "broken", "hang up", "html", "deep", "huge", "redirect"])
def test_a_plan_without_a_count_changes_nothing(world: fake_networks.World, harness: StoreHarness, failure: str) -> None:
    """Posts are shown and booked as if X weren't asked."""
    world.x.usage_response = (fake_networks.FakeX.error_responses | fake_networks.SERVER_FAULTS)[failure]
    timeline = harness.ask(20)
    assert len(list_ids(timeline)) == 20
    assert timeline.failure is None
    assert harness.spent() == READ_COST


@pytest.mark.slow
def test_a_count_that_never_comes_is_given_up(world: fake_networks.World, harness: StoreHarness) -> None:
    """The posts are shown although X never answers."""
    world.x.usage_response = fake_networks.SERVER_FAULTS["silence"]
    assert len(list_ids(harness.ask(20))) == 20
    assert len(world.x.usage_requests) == 1


def test_what_is_stored_is_shown_without_asking_x(world: fake_networks.World, harness: StoreHarness, clock: FakeClock) -> None:
    """A report that buys nothing never waits for a count, even if one is due."""
    harness.ask(20)
    clock.advance(USUAL_INTERVAL)
    harness.ask(20)
    assert len(world.x.usage_requests) == 1


def test_a_free_network_is_never_asked(world: fake_networks.World, harness: StoreHarness) -> None:
    """Nothing was bought."""
    world.bluesky.has("nasa", posts=5)
    harness.ask(5, Account("bluesky", "nasa.bsky.social"))
    assert world.x.usage_requests == []


def test_an_uncertain_read_compares_sooner(world: fake_networks.World, harness: StoreHarness, clock: FakeClock) -> None:
    """A minute after a comparison, a page that breaks off leads to another one; a complete page doesn't."""
    harness.ask(20)
    clock.advance(INTERVAL_IF_UNCERTAIN)
    world.x.has("esa", posts=5)
    harness.ask(5, Account("x", "esa"))
    requests_before = len(world.x.usage_requests)
    world.x.has("jaxa", posts=250)
    world.x.fails("jaxa", with_="truncated", after_pages=1)
    assert harness.ask(250, Account("x", "jaxa")).failure
    assert requests_before == 1
    assert len(world.x.usage_requests) == 2


# --- how often, and by whom -------------------------------------------------------------------------------------------


def test_a_process_compares_once_an_hour() -> None:
    """Reads within an hour share a comparison."""
    clock, source, reconciler = FakeClock(NOW), CountingSource(0), Reconciler()
    budget = create_budget(SqliteStore(None), clock)
    for pause in (timedelta(0), USUAL_INTERVAL - timedelta(seconds=1), timedelta(seconds=1)):
        clock.advance(pause)
        reconciler.compare(source, budget, X_PRICES, is_uncertain=False)
    assert source.questions == [NOW.date()] * 2


def test_two_processes_add_a_difference_once() -> None:
    """Each sees the same shortfall; the ledger has it once, and both know."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budgets = [create_budget(store, clock) for _ in range(2)]
    buy(budgets[0], 100 * POST_MICRODOLLARS)
    for budget in (*budgets, *budgets):
        Reconciler().compare(CountingSource(150), budget, X_PRICES, is_uncertain=False)
    assert [count_spent(budget) for budget in budgets] == [150 * POST_MICRODOLLARS] * 2


def test_the_largest_difference_stays() -> None:
    """A lower count after a higher one, and a read after both, take nothing off."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budget = create_budget(store, clock)
    buy(budget, 100 * POST_MICRODOLLARS)
    for post_count in (130, 150, 120):
        Reconciler().compare(CountingSource(post_count), budget, X_PRICES, is_uncertain=False)
    buy(budget, 10 * POST_MICRODOLLARS)
    Reconciler().compare(CountingSource(155), budget, X_PRICES, is_uncertain=False)
    assert count_spent(budget) == 160 * POST_MICRODOLLARS
    assert [json.loads(entry)["booked"] for entry in store.read_entries(DAY, 0) if b"reconcile" in entry] == [150_000, 250_000]


def test_many_at_once_add_a_difference_once(tmp_path: Path) -> None:
    """Eight processes that share a file and got different counts leave the largest."""
    clock, start = FakeClock(NOW), threading.Barrier(8)
    budgets = [create_budget(SqliteStore(tmp_path / "ledger.sqlite3"), clock) for _ in range(8)]

    def compare(number: int) -> None:
        start.wait()
        Reconciler().compare(CountingSource(100 + number), budgets[number], X_PRICES, is_uncertain=False)

    threads = [threading.Thread(target=compare, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {count_spent(budget) for budget in budgets} == {107 * POST_MICRODOLLARS}


def test_what_is_in_flight_is_no_difference() -> None:
    """X may have counted the page that another read is waiting for, and the ledger has its maximum."""
    budget = create_budget(SqliteStore(None), FakeClock(NOW))
    reservation = budget.reserve("nasa", 100 * POST_MICRODOLLARS)
    reservation.begin_page(100 * POST_MICRODOLLARS)
    Reconciler().compare(CountingSource(80), budget, X_PRICES, is_uncertain=False)
    reservation.end_page(80 * POST_MICRODOLLARS)
    reservation.settle()
    assert count_spent(budget) == 80 * POST_MICRODOLLARS


def test_a_difference_survives_a_flush() -> None:
    """A store that lost its entries gets the difference back, once."""
    store, clock = SqliteStore(None), FakeClock(NOW)
    budget = create_budget(store, clock)
    buy(budget, 100 * POST_MICRODOLLARS)
    Reconciler().compare(CountingSource(150), budget, X_PRICES, is_uncertain=False)
    store._transact(lambda database: database.execute("DELETE FROM entries").rowcount)
    assert count_spent(budget) == 150 * POST_MICRODOLLARS
    assert count_spent(create_budget(store, clock)) == 150 * POST_MICRODOLLARS


def test_a_difference_beyond_the_budget_stops_reading(world: fake_networks.World, harness: StoreHarness) -> None:
    """If X has charged more than the budget, nothing more is bought today."""
    world.x.counts_usage(10**8)
    harness = StoreHarness(world, a_day=1_000_000)
    harness.ask(20)
    with pytest.raises(BudgetExceeded):
        harness.ask(20, Account("x", "esa"))
    assert harness.budget.remaining_microdollars() == 0


def test_a_price_that_no_entry_can_hold_damages_nothing() -> None:
    """The amount of an entry is bounded, so that the ledger can still be read."""
    budget = create_budget(SqliteStore(None), FakeClock(NOW))
    assert budget.ledger.book_shortfall(DAY, 10**30) == 10**15
    assert count_spent(budget) == 10**15
