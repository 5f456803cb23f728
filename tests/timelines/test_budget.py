"""The daily budget: reserved before, settled after, never overspent, and nothing is bought when nobody can count."""

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
    """A counter that nobody can reach."""

    def increment(self, key: str, amount: int) -> int | None:
        """Return nothing."""


def budget(a_day: int = FIVE, counter: SharedCounter | None = None) -> Budget:
    return Budget(a_day, counter or create_memory_cache())


def refusal(of: Budget, cost: int) -> BudgetExceeded:
    """Return what a reservation raises."""
    with pytest.raises(BudgetExceeded) as caught:
        of.reserve("nasa", cost)
    return caught.value


@pytest.fixture
def x(world: fake_networks.World) -> RecordingX:
    """X, which keeps a book."""
    return record_charges(world)


@pytest.fixture(params=["memory", "folder", "redis"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SharedCache]:
    """Each of the places where the sum can be kept."""
    if request.param == "redis":
        with run_redis() as url:
            yield SharedCache(connect_to_redis(url))
        return
    backend: Any = SimpleCache() if request.param == "memory" else FileSystemCache(str(tmp_path))
    backend.serializer = SafeSerializer()
    yield SharedCache(backend)


# --- arithmetic -------------------------------------------------------------------------------------------------------


def test_what_is_reserved_is_off_the_budget() -> None:
    """Two dollars of five leave three."""
    daily = budget()
    daily.reserve("nasa", 2_000_000)
    assert daily.remaining_microdollars() == 3_000_000


def test_what_a_read_did_not_cost_is_given_back() -> None:
    """Two dollars reserved and fifty cents spent leave four and a half."""
    daily = budget()
    daily.reserve("nasa", 2_000_000)
    daily.settle(2_000_000, 500_000)
    assert daily.remaining_microdollars() == 4_500_000


def test_what_a_read_cost_more_is_taken() -> None:
    """A read that cost more than was reserved is counted in full."""
    daily = budget()
    daily.reserve("nasa", 1_000_000)
    daily.settle(1_000_000, 1_005_000)
    assert daily.remaining_microdollars() == FIVE - 1_005_000


def test_the_whole_budget_can_be_spent() -> None:
    """Exactly what is left is not too much."""
    daily = budget()
    daily.reserve("nasa", FIVE)
    assert daily.remaining_microdollars() == 0


def test_what_is_refused_leaves_the_sum_as_it_was() -> None:
    """A reservation that is too large takes nothing."""
    daily = budget()
    daily.reserve("nasa", 4_000_000)
    refusal(daily, 1_000_001)
    assert daily.remaining_microdollars() == 1_000_000


def test_a_refusal_says_what_it_costs_and_what_is_left() -> None:
    """A person can tell by how much to ask for less."""
    daily = budget()
    daily.reserve("nasa", 4_000_000)
    assert refusal(daily, 2_010_000).detail == "Reading nasa from X could cost $2.01, but only $1.00 of today's budget is left."


def test_what_is_free_needs_no_budget() -> None:
    """Nothing is reserved for nothing, even if nobody can count."""
    budget(0, Away()).reserve("nasa", 0)


@deterministic
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.floats(0, 1)), max_size=12))
def test_the_sum_stays_between_nothing_and_the_budget(reads: list[tuple[int, float]]) -> None:
    """Whatever is reserved, refused and settled, what is left is what was not spent, and never below zero."""
    daily, spent = budget(), 0
    for cost, share in reads:
        if spent + cost > FIVE:
            refusal(daily, cost)
        else:
            daily.reserve("nasa", cost)
            daily.settle(cost, int(cost * share))
            spent += int(cost * share)
        assert daily.remaining_microdollars() == FIVE - spent


def test_many_at_once_cannot_overspend(shelf: SharedCache) -> None:
    """Sixteen who reserve a dollar at the same moment get five between them at most, wherever the sum is kept."""
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


def test_a_new_day_is_a_new_budget() -> None:
    """What was spent before midnight in UTC doesn't count afterwards."""
    clock = FakeClock(datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
    daily = Budget(FIVE, create_memory_cache(), clock)
    daily.reserve("nasa", FIVE)
    assert daily.remaining_microdollars() == 0
    clock.advance(timedelta(minutes=1))
    assert daily.remaining_microdollars() == FIVE


def test_today_is_counted_under_its_date() -> None:
    """The sum stands under today's date in UTC."""
    shelf = create_memory_cache()
    Budget(FIVE, shelf, FakeClock(datetime(2026, 3, 2, tzinfo=UTC))).reserve("nasa", 7)
    assert shelf.increment("budget:2026-03-02", 0) == 7


def test_the_sum_outlives_a_full_cache() -> None:
    """Who asks for hundreds of free accounts does not make Chorus forget what was spent today."""
    from dashboard.app import create_app
    from dashboard.web import extensions

    with create_app({}).app_context():
        library = extensions.timeline_store()
        library.budget.reserve("nasa", FIVE)
        for number in range(300):
            library.cache.put(f"timeline:bluesky:{number}:", b"posts", 7 * 24 * 3600)
        assert library.budget.remaining_microdollars() == 0


def test_the_sum_lasts_the_day() -> None:
    """The sum is kept longer than the cache keeps what nobody gave a time: here a second."""
    backend: Any = SimpleCache(default_timeout=1)
    backend.serializer = SafeSerializer()
    daily = budget(counter=SharedCache(backend))
    daily.reserve("nasa", FIVE)
    threading.Event().wait(1.1)
    assert daily.remaining_microdollars() == 0


# --- nobody can count -------------------------------------------------------------------------------------------------


def test_nothing_is_bought_while_nobody_can_count() -> None:
    """With the counter away a read is refused, and the reason is said."""
    assert "can't check today's spending" in refusal(budget(counter=Away()), 1).detail


@pytest.mark.filterwarnings("ignore")
def test_nothing_is_bought_while_the_sum_cannot_be_written(tmp_path: Path) -> None:
    """A folder that is gone, or a disk that is full, is a counter that is away."""
    backend: Any = FileSystemCache(str(tmp_path / "kept"))
    backend.serializer = SafeSerializer()
    daily = budget(counter=SharedCache(backend))
    shutil.rmtree(tmp_path / "kept")
    assert "can't check today's spending" in refusal(daily, 1).detail


def test_nobody_knows_what_is_left_while_nobody_can_count() -> None:
    """What is left is unknown, not zero."""
    assert budget(counter=Away()).remaining_microdollars() is None


def test_settling_with_the_counter_away_is_no_error() -> None:
    """A cache that goes away during a read does not lose the posts."""
    budget(counter=Away()).settle(5, 3)


def test_nothing_is_spent_of_nothing(world: fake_networks.World, x: RecordingX) -> None:
    """With a budget of 0, X is not asked at all."""
    x.has("nasa", posts=5)
    with pytest.raises(BudgetExceeded):
        StoreHarness(world, a_day=0).ask(5)
    assert x.requests == []


# --- settings ---------------------------------------------------------------------------------------------------------


def test_five_dollars_a_day_unless_it_is_set() -> None:
    """The budget has a default."""
    assert [config.load_settings({}).x_daily_budget_dollars, config.load_settings({"CHORUS_X_BUDGET": "0.50"}).x_daily_budget_dollars] == [
        5.0,
        0.5,
    ]


@pytest.mark.parametrize("wrong", ["-1", "1e3", "lots", "5,00", "nan", "1.1234567"])
def test_a_wrong_budget_fails_at_start(wrong: str) -> None:
    """An amount that is none is refused with a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_BUDGET is an amount"):
        config.load_settings({"CHORUS_X_BUDGET": wrong})


def test_prices_can_be_set() -> None:
    """One price of one's own leaves the others, and says whose they are."""
    own = config.load_settings({"CHORUS_X_PRICES": "post=0.001"}).x_prices
    assert own.cost_microdollars({"post": 1000}) == 1_000_000
    assert own.cost_microdollars({"user": 1}) == LOOKUP_MICRODOLLARS
    assert own.as_of == "as set on this server"


@pytest.mark.parametrize("wrong", ["post", "post=", "post=-1", "tweet=1", "post=0.001;user=1", "post=1,post=2", "post=0.00000001"])
def test_wrong_prices_fail_at_start(wrong: str) -> None:
    """A price list that is none is refused with a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_X_PRICES is a list"):
        config.load_settings({"CHORUS_X_PRICES": wrong})


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


def test_only_the_look_up_is_paid_when_the_timeline_fails(world: fake_networks.World, x: RecordingX) -> None:
    """The reservation for the posts is given back, and the next try does not pay the look-up again."""
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


def test_the_sum_is_written_as_digits(shelf: SharedCache) -> None:
    """Every place adds to what it holds, and nothing else is in it."""
    assert [shelf.increment("sum", amount) for amount in (5, 0, -2)] == [5, 5, 3]
    assert json.loads(str(shelf.increment("sum", 0))) == 3
