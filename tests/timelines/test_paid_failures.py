"""Money when X fails: whatever goes wrong at whatever request, what X may have charged is booked, and never more than was reserved."""

import contextlib
import socket
from datetime import timedelta

import pytest

from dashboard.core.counts import HourlyCounts
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import OutOfTime, SourceError, SourceUnavailable
from dashboard.core.spending import ALL_SPENDING
from dashboard.core.spending_errors import BudgetExceeded
from dashboard.sources.base import TimelineRequest, TimeSpan
from dashboard.sources.fetch import FETCH_TIMEOUT_SECONDS, count_posts, fetch_timeline
from dashboard.sources.http_session import REQUEST_SECONDS
from dashboard.sources.metering import Meter
from dashboard.sources.x import XCredentials, XSource
from dashboard.timelines.locks import FixedLease
from tests.support import fake_networks
from tests.support.fault_suite import count_inputs
from tests.support.timeline_stores import LOOKUP_MICRODOLLARS, NASA, POST_MICRODOLLARS, ChargingX, StoreHarness

pytestmark = pytest.mark.faults
REQUEST = TimelineRequest(250)
MAX_BILL = {"post": 250, "user": 1}
WINTER = TimeSpan(fake_networks.NEWEST_POST_AT - timedelta(days=90), fake_networks.NEWEST_POST_AT)
HANGS = ("silence", "drip", "dripping headers")
FAULTS = sorted({*fake_networks.SERVER_FAULTS, *fake_networks.FakeX.error_responses})
NEVER_CHARGED = sorted({"broken", *fake_networks.FakeX.error_responses})


@pytest.fixture
def x(world: fake_networks.World) -> ChargingX:
    """X that charges whatever it may, with 350 posts by @nasa."""
    world.x = world.networks[0] = x = ChargingX()
    x.has("nasa", posts=350)
    return x


@pytest.fixture
def harness(world: fake_networks.World, x: ChargingX) -> StoreHarness:
    """A timeline store with nothing in it."""
    return StoreHarness(world)


def choose_request_seconds(fault: str) -> float:
    """Return the seconds for a request: few if the server would let it hang."""
    return 0.4 if fault in HANGS else REQUEST_SECONDS


def read(harness: StoreHarness, fault: str = "", timeout_seconds: float = FETCH_TIMEOUT_SECONDS) -> SourceError | str | None:
    """Read @nasa within the budget; return what went wrong, if only the time."""
    count_inputs("paid reads of a failing network")
    source = harness.library.sources["x"]
    source.request_seconds = choose_request_seconds(fault)

    def fetch(meter: Meter) -> Timeline:
        return fetch_timeline(source, NASA, REQUEST, timeout_seconds=timeout_seconds, meter=meter)

    try:
        timeline = harness.library.reads.read(source, NASA, MAX_BILL, fetch, lease=FixedLease(True), spending=ALL_SPENDING)
    except SourceError as error:
        return error
    return timeline.failure or ("deadline" if timeline.cut_by == "deadline" else None)


@pytest.mark.parametrize("after_pages", [0, 1, 2])
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_fails_is_booked(harness: StoreHarness, x: ChargingX, fault: str, after_pages: int) -> None:
    """What X charged is booked, and not more than the most that the read could cost."""
    x.fails("nasa", with_=fault, after_pages=after_pages)
    assert read(harness, fault) is not None
    assert x.charged_microdollars <= harness.spent() <= LOOKUP_MICRODOLLARS + 250 * POST_MICRODOLLARS


@pytest.mark.parametrize("fault", FAULTS)
def test_a_failed_page_after_the_lookup_is_booked(harness: StoreHarness, x: ChargingX, fault: str) -> None:
    """The first page fails after the account was looked up."""
    read_lookup(harness, x)
    before = harness.spent()
    x.fails("nasa", with_=fault)
    assert read(harness, fault) is not None
    assert x.charged_microdollars <= harness.spent() <= before + LOOKUP_MICRODOLLARS + 100 * POST_MICRODOLLARS


def read_lookup(harness: StoreHarness, x: ChargingX) -> None:
    """Read an account without posts, so that its lookup is stored."""
    posts, x.accounts["nasa"].posts = x.accounts["nasa"].posts, []
    assert read(harness) is None
    x.accounts["nasa"].posts = posts


@pytest.mark.parametrize("fault", NEVER_CHARGED)
def test_a_complete_refusal_costs_nothing(harness: StoreHarness, x: ChargingX, fault: str) -> None:
    """X says that it doesn't charge for failed requests, and a complete response says that the request failed."""
    x.fails("nasa", with_=fault)
    assert read(harness, fault) is not None
    assert harness.spent() == 0


@pytest.mark.parametrize("fault", sorted(set(FAULTS) - set(NEVER_CHARGED)))
def test_a_request_that_may_have_been_charged_is_not_repeated(harness: StoreHarness, x: ChargingX, fault: str) -> None:
    """It's booked in full, once."""
    x.fails("nasa", with_=fault)
    assert read(harness, fault) is not None
    assert len(x.requests) <= 1  # none if the machine is so slow that the time was over before, or that the server hasn't read it yet
    assert LOOKUP_MICRODOLLARS * len(x.requests) <= harness.spent() <= LOOKUP_MICRODOLLARS


def test_a_request_that_might_come_too_late_is_not_paid_for(harness: StoreHarness, x: ChargingX) -> None:
    """Its response would be charged for and lost, so it isn't sent if less time is left than a request may take."""
    problem = read(harness, timeout_seconds=REQUEST_SECONDS / 2)
    assert isinstance(problem, OutOfTime)
    assert x.requests == []
    assert harness.spent() == 0


def test_a_read_that_ran_out_of_time_keeps_what_was_paid_for(harness: StoreHarness, x: ChargingX) -> None:
    """It ends as one that took too long, not as a failure of the network, so that nothing stops its continuation."""
    pages = list[Timeline]()
    source = harness.library.sources["x"]

    def save(timeline: Timeline) -> None:
        pages.append(timeline)
        source.request_seconds = 2 * FETCH_TIMEOUT_SECONDS  # no request fits any longer

    timeline = fetch_timeline(source, NASA, REQUEST, save_partial=save)
    assert timeline.cut_by == "deadline"
    assert timeline.failure is None
    assert timeline.posts.height == pages[0].posts.height == 100
    assert timeline.bill == {"user": 1, "post": 100}


@pytest.mark.parametrize("fault", ["broken", "overloaded"])
def test_a_refused_request_is_repeated_once(harness: StoreHarness, x: ChargingX, fault: str) -> None:
    """If the response is an error of X's own: a server in trouble often recovers within a moment, and didn't charge."""
    x.fails("nasa", with_=fault, times=1)
    assert read(harness) is None
    assert harness.spent() == x.charged_microdollars


@pytest.mark.slow
def test_a_network_that_was_never_reached_costs_nothing(harness: StoreHarness) -> None:
    """Nobody listens at the address, so nothing was requested."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        sources = {"x": XSource(XCredentials(bearer_token="a-token"), address)}
        library = type(harness.library)(sources, harness.cache, harness.durable_store, harness.budget, harness.library.prices)
        with pytest.raises(SourceUnavailable, match="can’t be reached"):
            library.load_timeline(NASA, REQUEST)
    assert harness.spent() == 0


def test_more_posts_than_requested_are_booked(harness: StoreHarness, x: ChargingX) -> None:
    """If X sends what nobody asked for, it's counted all the same."""
    page = {"data": [x.serialize_post(post) for post in x.accounts["nasa"].posts[:300]], "meta": {"result_count": 300}}
    x.returns_pages("nasa", page)
    assert read(harness) is None
    assert harness.spent() == x.charged_microdollars == LOOKUP_MICRODOLLARS + 300 * POST_MICRODOLLARS


def test_an_unexpected_exception_leaves_the_request_booked(harness: StoreHarness) -> None:
    """A bug of ours in the middle of a request doesn't lose what it may have cost."""

    def fetch(meter: Meter) -> Timeline:
        meter.begin_request({"post": 100})
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        harness.library.reads.read(harness.library.sources["x"], NASA, MAX_BILL, fetch, lease=FixedLease(True), spending=ALL_SPENDING)
    assert harness.spent() == 100 * POST_MICRODOLLARS


def test_a_budget_that_ends_on_the_way_keeps_what_was_read(world: fake_networks.World, x: ChargingX) -> None:
    """Reading stops before the page that isn't covered, the posts stay, and the next question costs nothing for them."""
    posts = [x.serialize_post(post) for post in x.accounts["nasa"].posts]
    first = {"data": posts[:100], "meta": {"result_count": 100, "next_token": "t100"}}
    second = {"data": posts[50:150], "meta": {"result_count": 100, "next_token": "t150"}}  # half of it is charged twice
    x.returns_pages("nasa", first, second)
    harness = StoreHarness(world, a_day=LOOKUP_MICRODOLLARS + 240 * POST_MICRODOLLARS)
    timeline = harness.ask(240)
    requests = len(x.requests)
    assert timeline.posts.height == 150
    assert isinstance(timeline.failure, BudgetExceeded)
    assert harness.ask(150).posts.height == 150
    assert len(x.requests) == requests


@pytest.mark.parametrize("after_pages", [0, 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_failed_counts_are_booked(harness: StoreHarness, x: ChargingX, fault: str, after_pages: int) -> None:
    """A page of counts that breaks off is a page's price."""
    count_inputs("paid reads of a failing network")
    x.fails_to_count(fault, after_pages=after_pages)
    source = harness.library.sources["x"]
    assert isinstance(source, XSource)
    source.request_seconds = choose_request_seconds(fault)
    max_bill = source.max_count_bill(NASA, WINTER)

    def fetch(meter: Meter) -> HourlyCounts:
        return count_posts(source, NASA, WINTER, meter=meter)

    with contextlib.suppress(SourceError):
        harness.library.reads.read(harness.library.sources["x"], NASA, max_bill, fetch, lease=FixedLease(True), spending=ALL_SPENDING)
    assert x.charged_microdollars <= harness.spent() <= harness.library.prices.cost_microdollars(max_bill)
