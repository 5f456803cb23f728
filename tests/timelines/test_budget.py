"""The daily budget: reserved before a read, settled after it, never exceeded, and not available while it can't be counted."""

import json
import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cachelib import FileSystemCache, SimpleCache
from hypothesis import given
from hypothesis import strategies as st

from dashboard import config
from dashboard.core.errors import BudgetExceeded, InvalidSetting, RateLimited, SourceUnavailable
from dashboard.core.pricing import X_PRICES, format_dollars
from dashboard.timelines.budget import Budget, SharedCounter
from dashboard.timelines.cache import SafeSerializer, SharedCache
from tests.support import fake_networks
from tests.support.builders import deterministic
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import connect_to_redis, run_redis
from tests.support.timeline_stores import (
    LOOKUP_MICRODOLLARS,
    POST_MICRODOLLARS,
    RecordingX,
    StoreHarness,
    create_memory_cache,
    record_charges,
)

FIVE = 5_000_000


class Away:
    """A counter that can't be reached."""

    def increment(self, key: str, amount: int) -> int | None:
        """Return nothing."""


def budget(a_day: int = FIVE, counter: SharedCounter | None = None) -> Budget:
    return Budget(a_day, counter or create_memory_cache())


def refusal(of: Budget, cost: int) -> BudgetExceeded:
    """Return the error that a reservation raises."""
    with pytest.raises(BudgetExceeded) as caught:
        of.reserve("nasa", cost)
    return caught.value


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which keeps a book."""
    return record_charges(world)


@pytest.fixture(params=["memory", "folder", "redis"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SharedCache]:
    """Each of the places where the total can be stored."""
    if request.param == "redis":
        with run_redis() as url:
            yield SharedCache(connect_to_redis(url))
        return
    backend: Any = SimpleCache() if request.param == "memory" else FileSystemCache(str(tmp_path))
    backend.serializer = SafeSerializer()
    yield SharedCache(backend)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_a_reservation_reduces_the_budget() -> None:
    """Two dollars of five leave three."""
    daily = budget()
    daily.reserve("nasa", 2_000_000)
    assert daily.remaining_microdollars() == 3_000_000


def test_what_a_read_did_not_cost_is_refunded() -> None:
    """Two dollars reserved and fifty cents spent leave four and a half."""
    daily = budget()
    daily.reserve("nasa", 2_000_000)
    daily.settle(2_000_000, 500_000)
    assert daily.remaining_microdollars() == 4_500_000


def test_a_read_that_cost_more_is_counted_in_full() -> None:
    """It may exceed its reservation."""
    daily = budget()
    daily.reserve("nasa", 1_000_000)
    daily.settle(1_000_000, 1_005_000)
    assert daily.remaining_microdollars() == FIVE - 1_005_000


def test_the_whole_budget_can_be_spent() -> None:
    """Exactly the remaining amount is accepted."""
    daily = budget()
    daily.reserve("nasa", FIVE)
    assert daily.remaining_microdollars() == 0


def test_a_refused_reservation_changes_nothing() -> None:
    """The total stays the same."""
    daily = budget()
    daily.reserve("nasa", 4_000_000)
    refusal(daily, 1_000_001)
    assert daily.remaining_microdollars() == 1_000_000


def test_a_refusal_has_the_price_and_the_remaining_budget() -> None:
    """A person can see by how much to reduce the request."""
    daily = budget()
    daily.reserve("nasa", 4_000_000)
    assert refusal(daily, 2_010_000).detail == "Reading nasa from X could cost $2.01, but only $1.00 of today's budget is left."


def test_free_reads_need_no_budget() -> None:
    """Nothing is reserved for them, even if the budget can't be counted."""
    budget(0, Away()).reserve("nasa", 0)


@deterministic
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.floats(0, 1)), max_size=12))
def test_the_total_stays_between_zero_and_the_budget(reads: list[tuple[int, float]]) -> None:
    """This holds for any sequence of reservations, refusals and settlements."""
    daily, spent = budget(), 0
    for cost, share in reads:
        if spent + cost > FIVE:
            refusal(daily, cost)
        else:
            daily.reserve("nasa", cost)
            daily.settle(cost, int(cost * share))
            spent += int(cost * share)
        assert daily.remaining_microdollars() == FIVE - spent


def test_concurrent_reservations_cannot_exceed_the_budget(shelf: SharedCache) -> None:
    """Of sixteen reservations of a dollar at the same time, at most five succeed, wherever the total is stored."""
    daily, start, got = budget(counter=shelf), threading.Barrier(16), list[int]()

    def ask() -> None:
        start.wait()
        try:
            daily.reserve("nasa", 1_000_000)
            got.append(1)
        except BudgetExceeded:
            pass

    readers = [threading.Thread(target=ask) for _ in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(got) <= 5 and daily.remaining_microdollars() == FIVE - len(got) * 1_000_000


# --- days -------------------------------------------------------------------------------------------------------------


def test_a_new_day_has_a_new_budget() -> None:
    """What was spent before midnight UTC doesn't count afterwards."""
    clock = FakeClock(datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
    daily = Budget(FIVE, create_memory_cache(), clock)
    daily.reserve("nasa", FIVE)
    assert daily.remaining_microdollars() == 0
    clock.advance(timedelta(minutes=1))
    assert daily.remaining_microdollars() == FIVE


def test_the_total_is_stored_under_its_date() -> None:
    """The date is in UTC."""
    shelf = create_memory_cache()
    Budget(FIVE, shelf, FakeClock(datetime(2026, 3, 2, tzinfo=UTC))).reserve("nasa", 7)
    assert shelf.increment("budget:2026-03-02", 0) == 7


def test_the_total_survives_a_full_cache() -> None:
    """Reading hundreds of free accounts doesn't evict it."""
    from dashboard.app import create_app
    from dashboard.web import extensions

    with create_app({}).app_context():
        library = extensions.timeline_store()
        library.budget.reserve("nasa", FIVE)
        for number in range(300):
            library.cache.put(f"timeline:bluesky:{number}:", b"posts", 7 * 24 * 3600)
        assert library.budget.remaining_microdollars() == 0


def test_the_total_lasts_for_the_day() -> None:
    """It outlives the cache's default timeout, which is a second here."""
    backend: Any = SimpleCache(default_timeout=1)
    backend.serializer = SafeSerializer()
    daily = budget(counter=SharedCache(backend))
    daily.reserve("nasa", FIVE)
    threading.Event().wait(1.1)
    assert daily.remaining_microdollars() == 0


# --- without a counter ------------------------------------------------------------------------------------------------


def test_nothing_is_bought_while_the_budget_cannot_be_counted() -> None:
    """The error gives the reason."""
    assert "can't check today's spending" in refusal(budget(counter=Away()), 1).detail


@pytest.mark.filterwarnings("ignore")
def test_nothing_is_bought_while_the_total_cannot_be_written(tmp_path: Path) -> None:
    """A missing folder or a full disk is like an unreachable counter."""
    backend: Any = FileSystemCache(str(tmp_path / "kept"))
    backend.serializer = SafeSerializer()
    daily = budget(counter=SharedCache(backend))
    shutil.rmtree(tmp_path / "kept")
    assert "can't check today's spending" in refusal(daily, 1).detail


def test_the_remaining_budget_is_unknown_while_it_cannot_be_counted() -> None:
    """It isn't zero."""
    assert budget(counter=Away()).remaining_microdollars() is None


def test_settling_without_a_counter_is_not_an_error() -> None:
    """A cache that fails during a read doesn't lose the posts."""
    budget(counter=Away()).settle(5, 3)


def test_with_a_budget_of_zero_nothing_is_bought(world: fake_networks.World, x: RecordingX) -> None:
    """X isn't contacted at all."""
    x.has("nasa", posts=5)
    with pytest.raises(BudgetExceeded):
        StoreHarness(world, a_day=0).ask(5)
    assert x.requests == []


# --- settings ---------------------------------------------------------------------------------------------------------


def test_the_default_budget_is_five_dollars() -> None:
    """It applies unless the setting is present."""
    assert [config.load_settings({}).x_daily_budget_dollars, config.load_settings({"CHORUS_X_BUDGET": "0.50"}).x_daily_budget_dollars] == [
        5.0,
        0.5,
    ]


@pytest.mark.parametrize("wrong", ["-1", "1e3", "lots", "5,00", "nan", "1.1234567"])
def test_an_invalid_budget_fails_at_start(wrong: str) -> None:
    """The message is a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_BUDGET is an amount"):
        config.load_settings({"CHORUS_X_BUDGET": wrong})


def test_prices_can_be_set() -> None:
    """A custom price leaves the others unchanged, and messages say whose prices they are."""
    own = config.load_settings({"CHORUS_X_PRICES": "post=0.001"}).x_prices
    assert own.cost_microdollars({"post": 1000}) == 1_000_000
    assert own.cost_microdollars({"user": 1}) == LOOKUP_MICRODOLLARS
    assert own.as_of == "as set on this server"


@pytest.mark.parametrize("wrong", ["post", "post=", "post=-1", "tweet=1", "post=0.001;user=1", "post=1,post=2", "post=0.00000001"])
def test_invalid_prices_fail_at_start(wrong: str) -> None:
    """The message is a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_PRICES is a list"):
        config.load_settings({"CHORUS_X_PRICES": wrong})


@pytest.mark.parametrize(("bill", "cost"), [({}, 0), ({"post": 402, "user": 1}, 2_020_000), ({"like": 9}, 0), ({"post": 3200}, 16_000_000)])
def test_a_bill_costs_what_the_price_list_says(bill: dict[str, int], cost: int) -> None:
    """Amounts are whole micro-dollars, and items without a price are free."""
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
def test_amounts_are_formatted_for_people(micro: int, words: str) -> None:
    """They have cents, and tenths of a cent below a dollar."""
    assert format_dollars(micro) == words


def test_a_maximum_price_is_rounded_up() -> None:
    """“At most” must never be too low."""
    assert format_dollars(1_005_000) == "$1.01"


# --- reads ------------------------------------------------------------------------------------------------------------


def test_a_read_costs_its_lookup_and_its_posts(world: fake_networks.World, x: RecordingX) -> None:
    """The rest of the reservation is refunded."""
    x.has("nasa", posts=20)
    desk = StoreHarness(world)
    desk.ask(400)
    assert desk.spent() == LOOKUP_MICRODOLLARS + 20 * POST_MICRODOLLARS


def test_a_lookup_is_paid_for_once(world: fake_networks.World, x: RecordingX) -> None:
    """Another span of an account costs only its posts."""
    x.has("nasa", posts=60)
    desk = StoreHarness(world)
    desk.ask(5)
    before = desk.spent()
    desk.ask(5, until=fake_networks.NEWEST_POST_AT - timedelta(hours=30))
    assert desk.spent() - before == 5 * POST_MICRODOLLARS


def test_only_the_lookup_is_paid_for_if_the_timeline_fails(world: fake_networks.World, x: RecordingX) -> None:
    """The reservation for posts is refunded, and the next try doesn't pay for the lookup again."""
    x.has("nasa", posts=20)
    x.returns_pages("nasa", "nonsense")
    desk, spent = StoreHarness(world), list[int]()
    with pytest.raises(SourceUnavailable):
        desk.ask(20)
    spent.append(desk.spent())
    x.accounts["nasa"].raw_pages.clear()
    desk.pass_time(seconds=31)
    desk.ask(20)
    assert [*spent, desk.spent()] == [LOOKUP_MICRODOLLARS, LOOKUP_MICRODOLLARS + 20 * POST_MICRODOLLARS]


def test_an_interrupted_read_costs_what_it_returned(world: fake_networks.World, x: RecordingX) -> None:
    """A hundred of three hundred posts cost as much as a hundred."""
    x.has("nasa", posts=350)
    x.fails("nasa", with_="rate limit", after_pages=1)
    desk = StoreHarness(world)
    timeline = desk.ask(300)
    assert type(timeline.failure) is RateLimited
    assert desk.spent() == LOOKUP_MICRODOLLARS + 100 * POST_MICRODOLLARS


def test_a_request_that_is_too_expensive_sends_nothing(world: fake_networks.World, x: RecordingX) -> None:
    """The highest price is reserved before X is contacted."""
    x.has("nasa", posts=20)
    with pytest.raises(BudgetExceeded):
        StoreHarness(world, a_day=1_000_000).ask(400)
    assert x.requests == []


def test_the_total_is_stored_as_digits(shelf: SharedCache) -> None:
    """Every place adds to its content, which is nothing else."""
    assert [shelf.increment("sum", amount) for amount in (5, 0, -2)] == [5, 5, 3]
    assert json.loads(str(shelf.increment("sum", 0))) == 3
