"""The daily budget: reserved before a read, booked page by page, settled after it, never overspent, and unknown if it can't be read."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.core.pricing import X_PRICES, format_dollars
from dashboard.core.source_errors import RateLimited, SourceUnavailable
from dashboard.core.spending_errors import BudgetExceeded, SpendingUnknown
from dashboard.timelines.budget import LEASE_SECONDS, Budget
from dashboard.timelines.durable_store import DurableStore
from dashboard.timelines.ledger import Ledger
from dashboard.timelines.redis_store import RedisStore
from dashboard.timelines.sqlite_store import SqliteStore
from tests.support import fake_networks
from tests.support.builders import deterministic
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import run_redis
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, POST_MICRODOLLARS, RecordingX, StoreHarness

FIVE = 5_000_000
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def clock() -> FakeClock:
    """A clock at nine in the morning."""
    return FakeClock(MORNING)


@pytest.fixture
def budget(clock: FakeClock) -> Budget:
    """Five dollars a day."""
    return create_budget(clock=clock)


@pytest.fixture(params=["memory", "file", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DurableStore]:
    """Each of the places where the ledger can be."""
    if request.param == "redis":
        with run_redis() as url:
            yield RedisStore(url)
    else:
        yield SqliteStore(None if request.param == "memory" else tmp_path / "ledger.sqlite3")


def create_budget(amount: int = FIVE, store: DurableStore | None = None, clock: FakeClock | None = None) -> Budget:
    return Budget(amount, Ledger(store or SqliteStore(None)), clock or FakeClock(MORNING))


def create_unreachable_store() -> DurableStore:
    return RedisStore("redis://127.0.0.1:1/0")


def refusal(budget: Budget, cost: int) -> BudgetExceeded:
    """Return what a reservation raises."""
    with pytest.raises(BudgetExceeded) as caught:
        budget.reserve("nasa", cost)
    return caught.value


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_what_is_reserved_is_off_the_budget(budget: Budget) -> None:
    """Two dollars of five leave three."""
    budget.reserve("nasa", 2_000_000)
    assert budget.remaining_microdollars() == 3_000_000


def test_what_a_read_did_not_cost_is_given_back(budget: Budget) -> None:
    """Two dollars reserved and fifty cents charged leave four and a half."""
    reservation = budget.reserve("nasa", 2_000_000)
    reservation.begin_page(600_000)
    reservation.end_page(500_000)
    reservation.settle()
    assert budget.remaining_microdollars() == 4_500_000


def test_what_was_charged_beyond_the_reservation_is_booked(budget: Budget) -> None:
    """A page that cost more than its maximum is counted in full."""
    reservation = budget.reserve("nasa", 1_000_000)
    reservation.begin_page(1_000_000)
    reservation.end_page(1_005_000)
    reservation.settle()
    assert budget.remaining_microdollars() == FIVE - 1_005_000


def test_a_page_without_a_response_counts_in_full(budget: Budget) -> None:
    """A read that ends while a request is in flight has booked the most that it may be charged."""
    reservation = budget.reserve("nasa", 1_000_000)
    reservation.begin_page(500_000)
    reservation.settle()
    assert budget.remaining_microdollars() == FIVE - 500_000


def test_settling_twice_changes_nothing(budget: Budget) -> None:
    """Whoever isn't sure whether a read was settled may settle it again."""
    reservation = budget.reserve("nasa", 1_000_000)
    reservation.settle()
    reservation.settle()
    assert budget.remaining_microdollars() == FIVE


def test_a_reservation_grows_within_the_budget(budget: Budget) -> None:
    """A read that needs another page reserves it, if that much is left."""
    reservation = budget.reserve("nasa", 1_000_000)
    reservation.begin_page(1_000_000)
    reservation.end_page(1_000_000)
    reservation.begin_page(4_000_000)
    assert budget.remaining_microdollars() == 0


def test_a_reservation_never_grows_beyond_the_budget(budget: Budget) -> None:
    """A read that needs more than is left is refused the page, and has lost nothing."""
    reservation = budget.reserve("nasa", 1_000_000)
    budget.reserve("esa", 3_500_000)
    with pytest.raises(BudgetExceeded):
        reservation.begin_page(1_500_001)
    assert budget.remaining_microdollars() == 500_000


def test_the_whole_budget_can_be_spent(budget: Budget) -> None:
    """Exactly what is left is not too much."""
    budget.reserve("nasa", FIVE)
    assert budget.remaining_microdollars() == 0


def test_what_is_refused_leaves_the_budget_as_it_was(budget: Budget) -> None:
    """A reservation that is too large takes nothing."""
    budget.reserve("nasa", 4_000_000)
    refusal(budget, 1_000_001)
    assert budget.remaining_microdollars() == 1_000_000


def test_a_refusal_says_what_it_costs_and_what_is_left(budget: Budget) -> None:
    """A person can tell by how much to ask for less."""
    spend(budget, 4_000_000)
    error = refusal(budget, 2_010_000)
    assert error.detail == "Reading @nasa from X could cost $2.01, but only $1.00 of today’s budget is left."
    assert error.outlook == "It resets at midnight UTC."


def test_a_refusal_says_what_other_reads_have_reserved(budget: Budget) -> None:
    """That isn't spent, and what they don't need is free when they end."""
    budget.reserve("nasa", 4_000_000)
    error = refusal(budget, 2_010_000)
    assert error.detail.endswith("but only $1.00 of today’s budget is left. $4.00 is reserved for reads that haven’t ended.")
    assert error.outlook == "Try again in a minute: what those reads don’t need is free then."


def test_a_refusal_of_a_later_page_subtracts_what_the_read_has_spent(budget: Budget) -> None:
    """Otherwise it would say that less is needed than is left."""
    spend(budget, 1_000_000)
    reservation = budget.reserve("nasa", 2_000_000)
    reservation.begin_page(2_000_000)
    reservation.end_page(2_000_000)
    with pytest.raises(BudgetExceeded) as caught:
        reservation.begin_page(2_500_000)
    assert caught.value.detail == "Reading @nasa from X could cost $2.50, but only $2.00 of today’s budget is left."


def test_a_refusal_of_more_than_a_day_allows_says_so(budget: Budget) -> None:
    """Whoever waits for midnight would wait in vain."""
    error = refusal(budget, 16_010_000)
    assert error.detail == "Reading @nasa from X could cost $16.01, more than the whole daily budget of $5.00."
    assert error.advice == "Waiting doesn’t help. Fewer posts cost less, and cached posts are still shown."


def spend(budget: Budget, microdollars: int) -> None:
    """Let a read be charged."""
    reservation = budget.reserve("nasa", microdollars)
    reservation.begin_page(microdollars)
    reservation.end_page(microdollars)
    reservation.settle()


def test_what_is_free_needs_no_budget() -> None:
    """Nothing is reserved for a free read, even if the ledger can't be reached."""
    reservation = create_budget(0, create_unreachable_store()).reserve("nasa", 0)
    reservation.begin_page(0)
    reservation.end_page(0)
    reservation.settle()
    assert reservation.spent_microdollars == 0


@deterministic
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.floats(0, 1)), max_size=12))
def test_what_is_left_is_what_was_not_charged(reads: list[tuple[int, float]]) -> None:
    """Whatever is reserved, refused and settled, what is left is what was not charged, and never below zero."""
    budget, spent = create_budget(), 0
    for cost, share in reads:
        if spent + cost > FIVE:
            refusal(budget, cost)
        else:
            reservation = budget.reserve("nasa", cost)
            reservation.begin_page(cost)
            reservation.end_page(int(cost * share))
            reservation.settle()
            spent += int(cost * share)
        assert budget.remaining_microdollars() == FIVE - spent


def test_many_at_once_cannot_overspend(store: DurableStore) -> None:
    """Sixteen who reserve a dollar at the same moment, in four processes, get exactly five between them."""
    budgets = [create_budget(store=store) for _ in range(4)]
    start, granted = threading.Barrier(16), list[int]()

    def ask(number: int) -> None:
        start.wait()
        try:
            budgets[number % 4].reserve("nasa", 1_000_000)
            granted.append(number)
        except BudgetExceeded:
            pass

    readers = [threading.Thread(target=ask, args=(number,)) for number in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(granted) == 5
    assert [budget.remaining_microdollars() for budget in budgets] == [0] * 4


# --- days and leases --------------------------------------------------------------------------------------------------


def test_a_new_day_is_a_new_budget(budget: Budget, clock: FakeClock) -> None:
    """What was spent before midnight in UTC doesn't count afterwards."""
    budget.reserve("nasa", FIVE).begin_page(FIVE)
    clock.now = datetime(2026, 3, 2, 23, 59, tzinfo=UTC)
    assert budget.remaining_microdollars() == 0
    clock.advance(timedelta(minutes=1))
    assert budget.remaining_microdollars() == FIVE


def test_a_read_across_midnight_is_booked_on_both_days(budget: Budget, clock: FakeClock) -> None:
    """A page counts on the day when it was requested, as the network charges it."""
    clock.now = datetime(2026, 3, 2, 23, 59, 50, tzinfo=UTC)
    reservation = budget.reserve("nasa", 3_000_000)
    reservation.begin_page(1_000_000)
    reservation.end_page(1_000_000)
    clock.advance(timedelta(seconds=20))
    reservation.begin_page(1_000_000)
    reservation.end_page(900_000)
    reservation.settle()
    assert budget.remaining_microdollars() == FIVE - 900_000
    assert budget.ledger.committed("2026-03-02", clock().timestamp()) == 1_000_000
    assert reservation.spent_microdollars == 1_900_000


def test_a_dead_process_gives_back_what_it_did_not_request(store: DurableStore, clock: FakeClock) -> None:
    """After the lease only what was charged or in flight stays."""
    reservation = create_budget(store=store, clock=clock).reserve("nasa", 4_000_000)
    reservation.begin_page(500_000)
    reservation.end_page(400_000)
    reservation.begin_page(500_000)
    survivor = create_budget(store=store, clock=clock)
    before = survivor.remaining_microdollars()
    clock.advance(timedelta(seconds=LEASE_SECONDS))
    assert before == 1_000_000
    assert survivor.remaining_microdollars() == FIVE - 900_000


def test_each_page_renews_the_lease(budget: Budget, clock: FakeClock) -> None:
    """A long read keeps its reservation as long as its pages arrive."""
    reservation = budget.reserve("nasa", 4_000_000)
    for _ in range(5):
        clock.advance(timedelta(seconds=LEASE_SECONDS - 1))
        reservation.begin_page(100_000)
        reservation.end_page(100_000)
    assert budget.remaining_microdollars() == 1_000_000


def test_a_read_that_was_given_up_for_dead_asks_again(budget: Budget, clock: FakeClock) -> None:
    """If somebody else has reserved the money meanwhile, the next page is refused."""
    reservation = budget.reserve("nasa", 4_000_000)
    clock.advance(timedelta(seconds=LEASE_SECONDS))
    budget.reserve("esa", 4_500_000)
    with pytest.raises(BudgetExceeded):
        reservation.begin_page(1_000_000)


# --- a ledger that can't be read --------------------------------------------------------------------------------------


def test_nothing_is_bought_while_the_ledger_is_unreachable() -> None:
    """A read is refused because today's spending is unknown, which is something else than a budget that is used up."""
    with pytest.raises(SpendingUnknown, match="can’t check today’s spending"):
        create_budget(store=create_unreachable_store()).reserve("nasa", 1)


def test_what_is_left_is_unknown_while_the_ledger_is_unreachable() -> None:
    """Unknown is None, not zero."""
    assert create_budget(store=create_unreachable_store()).remaining_microdollars() is None


def test_settling_with_the_ledger_unreachable_is_no_error(tmp_path: Path, clock: FakeClock) -> None:
    """A store that fails during a read doesn't lose the posts, and the ledger catches up afterwards."""
    path = tmp_path / "ledger.sqlite3"
    budget = create_budget(store=SqliteStore(path), clock=clock)
    reservation = budget.reserve("nasa", 1_000_000)
    reservation.begin_page(1_000_000)
    hidden = path.rename(tmp_path / "hidden")
    path.mkdir()
    reservation.end_page(200_000)
    reservation.settle()
    during = budget.remaining_microdollars()
    path.rmdir()
    hidden.rename(path)
    assert during is None
    assert budget.remaining_microdollars() == FIVE - 200_000
    assert create_budget(store=SqliteStore(path), clock=clock).remaining_microdollars() == FIVE - 200_000


def test_a_damaged_ledger_says_how_long_it_stays_so(clock: FakeClock) -> None:
    """It doesn't recover by itself, and waiting for a few minutes would be in vain; an unreachable store may be back at any time."""
    store = SqliteStore(None)
    store.append_entry(f"{clock():%Y-%m-%d}", b"-5000000")
    with pytest.raises(SpendingUnknown) as damaged:
        create_budget(store=store, clock=clock).reserve("nasa", 1)
    with pytest.raises(SpendingUnknown) as unreachable:
        create_budget(store=create_unreachable_store(), clock=clock).reserve("nasa", 1)
    assert "is damaged" in damaged.value.detail
    assert "until midnight UTC" in damaged.value.advice
    assert unreachable.value.advice.startswith("If it stays like this, tell your administrator.")


def test_nothing_is_spent_of_nothing(world: fake_networks.World, x: RecordingX) -> None:
    """With a budget of 0, X is not asked at all."""
    x.has("nasa", posts=5)
    with pytest.raises(BudgetExceeded):
        StoreHarness(world, a_day=0).ask(5)
    assert x.requests == []


# --- settings ---------------------------------------------------------------------------------------------------------


def test_five_dollars_a_day_unless_it_is_set() -> None:
    """The budget has a default."""
    assert load_settings({}).x_daily_budget_dollars == 5.0
    assert load_settings({"CHORUS_X_BUDGET": "0.50"}).x_daily_budget_dollars == 0.5


@pytest.mark.parametrize("wrong", ["-1", "1e3", "lots", "5,00", "nan", "1.1234567"])
def test_a_wrong_budget_fails_at_start(wrong: str) -> None:
    """An invalid amount is refused with a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_BUDGET is an amount"):
        load_settings({"CHORUS_X_BUDGET": wrong})


def test_prices_can_be_set() -> None:
    """One price of one's own leaves the others, and says whose they are."""
    own = load_settings({"CHORUS_X_PRICES": "post=0.001"}).x_prices
    assert own.cost_microdollars({"post": 1000}) == 1_000_000
    assert own.cost_microdollars({"user": 1}) == LOOKUP_MICRODOLLARS
    assert own.as_of == "as set on this server"


@pytest.mark.parametrize("wrong", ["post", "post=", "post=-1", "tweet=1", "post=0.001;user=1", "post=1,post=2", "post=0.00000001"])
def test_wrong_prices_fail_at_start(wrong: str) -> None:
    """An invalid price list is refused with a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_PRICES is a list"):
        load_settings({"CHORUS_X_PRICES": wrong})


@pytest.mark.parametrize(("bill", "cost"), [({}, 0), ({"post": 402, "user": 1}, 2_020_000), ({"like": 9}, 0), ({"post": 3200}, 16_000_000)])
def test_a_bill_costs_what_the_table_says(bill: dict[str, int], cost: int) -> None:
    """Whole micro-dollars; what has no price is free."""
    assert X_PRICES.cost_microdollars(bill) == cost


@pytest.mark.parametrize(
    ("micro", "words"),
    [
        (0, "$0.00"),
        (5_000, "$0.005"),
        (10_000, "$0.01"),
        (25_000, "$0.025"),
        (2_010_000, "$2.01"),
        (2_015_000, "$2.02"),
        (10**9, "$1000.00"),
    ],
)
def test_amounts_are_written_as_people_do(micro: int, words: str) -> None:
    """Cents, and tenths of a cent below a dollar."""
    assert format_dollars(micro) == words


def test_a_price_is_never_said_too_low() -> None:
    """“At most” is rounded up."""
    assert format_dollars(1_005_000) == "$1.01"


# --- reads ------------------------------------------------------------------------------------------------------------


def test_a_read_costs_its_look_up_and_its_posts(world: fake_networks.World, x: RecordingX) -> None:
    """What X sold is what the budget lost; the rest of the reservation is given back."""
    x.has("nasa", posts=20)
    desk = StoreHarness(world)
    desk.ask(400)
    assert desk.spent() == LOOKUP_MICRODOLLARS + 20 * POST_MICRODOLLARS


def test_a_look_up_is_paid_for_once(world: fake_networks.World, x: RecordingX) -> None:
    """Another span of an account costs its posts alone."""
    x.has("nasa", posts=60)
    desk = StoreHarness(world)
    desk.ask(5)
    before = desk.spent()
    desk.ask(5, until=fake_networks.NEWEST_POST_AT - timedelta(hours=30))
    assert desk.spent() - before == 5 * POST_MICRODOLLARS


def test_a_page_that_makes_no_sense_is_booked_in_full(world: fake_networks.World, x: RecordingX) -> None:
    """X may have charged for what it meant to send. The next try doesn't pay for the look-up again."""
    x.has("nasa", posts=20)
    x.returns_pages("nasa", "nonsense")
    desk, spent = StoreHarness(world), list[int]()
    with pytest.raises(SourceUnavailable):
        desk.ask(20)
    spent.append(desk.spent())
    x.accounts["nasa"].raw_pages.clear()
    desk.pass_time(seconds=31)
    desk.ask(20)
    assert spent == [LOOKUP_MICRODOLLARS + 20 * POST_MICRODOLLARS]
    assert desk.spent() == LOOKUP_MICRODOLLARS + 40 * POST_MICRODOLLARS


def test_a_read_that_fails_on_the_way_costs_what_came(world: fake_networks.World, x: RecordingX) -> None:
    """A hundred of three hundred posts are a hundred posts' price."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="rate limit", after_pages=1)
    desk = StoreHarness(world)
    timeline = desk.ask(300)
    assert type(timeline.failure) is RateLimited
    assert desk.spent() == LOOKUP_MICRODOLLARS + 100 * POST_MICRODOLLARS


def test_too_large_a_question_asks_nothing(world: fake_networks.World, x: RecordingX) -> None:
    """The most a read may cost is reserved before X is asked."""
    x.has("nasa", posts=20)
    with pytest.raises(BudgetExceeded):
        StoreHarness(world, a_day=1_000_000).ask(400)
    assert x.requests == []


def test_free_reads_never_push_out_what_was_paid_for(world: fake_networks.World, x: RecordingX) -> None:
    """Hundreds of free timelines in a full cache neither reset today's spending nor make a question cost money again."""
    from dashboard.app import create_app
    from dashboard.sources.base import TimelineRequest
    from dashboard.web import extensions
    from tests.support.timeline_stores import NASA

    x.has("nasa", posts=60)
    app = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url})
    with app.app_context():
        library = extensions.timeline_store()
        library.load_timeline(NASA, TimelineRequest(50))
        spent = library.budget.remaining_microdollars()
        for number in range(300):
            library.cache.put_all({f"timeline:bluesky:{number}:": (b"posts", 7 * 24 * 3600)})
        library.load_timeline(NASA, TimelineRequest(50))
        assert library.budget.remaining_microdollars() == spent
    assert len(x.sold) == 50
