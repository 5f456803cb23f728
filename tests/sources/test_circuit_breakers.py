"""A network that is known to be down is reported at once, and tried again after a while."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.source_errors import AccountNotFound, NetworkDown, RateLimited, SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import Source, TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.circuit_breakers import MAX_FAILURES, OUTAGE_SECONDS, CircuitBreakers, ServerDown
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.name_lookups import NameLookups
from dashboard.sources.ssrf_guard import SsrfGuard
from dashboard.sources.x import XCredentials, XSource
from tests.support.fake_clock import FakeClock
from tests.support.fake_networks import World, epoch_in_minutes

pytestmark = [pytest.mark.faults, pytest.mark.slow]
NOON = datetime(2026, 2, 1, 12, tzinfo=UTC)
OUTAGE = timedelta(seconds=OUTAGE_SECONDS)
KEYS = XCredentials(bearer_token="a-token")


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at noon."""
    return FakeClock(NOON)


@pytest.fixture
def x(world: World, clock: FakeClock) -> XSource:
    """X, of which nothing is stored."""
    world.x.has("nasa", posts=3)
    world.x.has("esa", posts=3)
    return XSource(KEYS, world.url, clock=clock, breakers=CircuitBreakers(clock))


def read(source: Source, name: str = "nasa", network: str = "x") -> Timeline:
    """Read an account."""
    return fetch.fetch_timeline(source, Account(network, name), TimelineRequest(10))


def fail(source: Source, times: int, name: str = "nasa", network: str = "x") -> None:
    """Read an account this many times, although its network has a problem."""
    for _ in range(times):
        with pytest.raises(SourceUnavailable):
            read(source, name, network)


def test_a_network_that_is_down_is_not_asked_again(world: World, x: XSource) -> None:
    """After three failures in a row, other accounts fail at once as well. The error says since when, and when the next try is."""
    world.x.fails("nasa", with_="broken")
    fail(x, MAX_FAILURES)
    requests_before = len(world.x.requests)
    with pytest.raises(NetworkDown) as caught:
        read(x, "esa")
    assert len(world.x.requests) == requests_before
    assert caught.value.message == ("X hasn’t responded since 12:00 UTC, so @esa isn’t read for now. It’s tried again after 12:00:30 UTC.")
    assert caught.value.retry_at == NOON + OUTAGE
    assert not caught.value.bill


@pytest.mark.parametrize("failure", ["broken", "overloaded", "hang up"])
def test_outages_open_the_circuit(world: World, x: XSource, failure: str) -> None:
    """Statuses of 500 and more and broken connections count."""
    world.x.fails("nasa", with_=failure)
    fail(x, MAX_FAILURES)
    with pytest.raises(NetworkDown):
        read(x, "esa")


def test_a_network_that_hangs_opens_the_circuit(world: World, x: XSource) -> None:
    """Timeouts count."""
    world.x.fails("nasa", with_="silence")
    x.request_seconds = 0.2
    fail(x, MAX_FAILURES)
    with pytest.raises(NetworkDown):
        read(x, "esa")


def test_our_own_deadline_does_not_open_the_circuit(world: World, clock: FakeClock) -> None:
    """A network isn't down because a reader had little time left for its last request."""
    source = BlueskySource(world.url, clock=clock)
    for name in ("nasa.bsky.social", "esa.bsky.social"):
        world.bluesky.has(name, posts=2)
    world.bluesky.fails("nasa.bsky.social", with_="silence")
    for _ in range(MAX_FAILURES):
        with pytest.raises(SourceUnavailable):
            fetch.fetch_timeline(source, Account("bluesky", "nasa.bsky.social"), TimelineRequest(10), timeout_seconds=0.2)
    assert read(source, "esa.bsky.social", "bluesky").posts.height == 2


def test_lookups_of_other_names_do_not_open_the_circuit(clock: FakeClock) -> None:
    """A server isn't down because so many names are being looked up that nobody asked for its own."""
    lookups, released = NameLookups(1, wait_seconds=0.01), threading.Event()
    threading.Thread(target=lookups.run, args=(lambda: released.wait(60), time.monotonic() + 60)).start()
    source = MastodonSource(guard=SsrfGuard(lookups=lookups), clock=clock)
    fail(source, MAX_FAILURES, "nasa@social.example.com", "mastodon")
    with pytest.raises(SourceUnavailable) as caught:
        read(source, "nasa@social.example.com", "mastodon")
    released.set()
    assert not isinstance(caught.value, NetworkDown)


def test_answers_about_an_account_do_not_open_the_circuit(world: World, x: XSource) -> None:
    """Unknown accounts and rate limits are answers of a network that works."""
    world.x.fails("nasa", with_="rate limit", headers={"x-rate-limit-reset": epoch_in_minutes(5)})
    for _ in range(MAX_FAILURES):
        with pytest.raises(RateLimited):
            read(x)
        with pytest.raises(AccountNotFound):
            read(x, "nobody")
    assert read(x, "esa").posts.height == 3


def test_a_success_forgets_earlier_failures(world: World, x: XSource) -> None:
    """Only consecutive failures open the circuit."""
    world.x.fails("nasa", with_="broken")
    fail(x, MAX_FAILURES - 1)
    read(x, "esa")
    fail(x, MAX_FAILURES - 1)
    assert read(x, "esa").posts.height == 3


def test_a_network_that_is_back_is_used_again(world: World, x: XSource, clock: FakeClock) -> None:
    """After the outage, the first request is a trial; when it succeeds, everything is read as before."""
    world.x.fails("nasa", with_="broken", times=2 * MAX_FAILURES)
    fail(x, MAX_FAILURES)
    clock.advance(OUTAGE)
    assert read(x, "esa").posts.height == 3
    assert read(x).posts.height == 3


def test_a_trial_that_fails_extends_the_outage(world: World, x: XSource, clock: FakeClock) -> None:
    """The error still says since when the network is down."""
    world.x.fails("nasa", with_="broken")
    fail(x, MAX_FAILURES)
    clock.advance(OUTAGE)
    fail(x, 1)
    with pytest.raises(NetworkDown, match="since 12:00 UTC") as caught:
        read(x, "esa")
    assert caught.value.advice == "It’s tried again after 12:01:00 UTC."


def test_one_request_at_a_time_tries_a_server(clock: FakeClock) -> None:
    """While it runs, the others still fail at once. If its result is never reported, another one tries later."""
    breakers = CircuitBreakers(clock)
    for _ in range(MAX_FAILURES):
        breakers.record_failure("x")
    clock.advance(OUTAGE)
    breakers.check("x")
    with pytest.raises(ServerDown):
        breakers.check("x")
    clock.advance(OUTAGE)
    breakers.check("x")


def test_an_outage_ends_although_the_clock_is_set_back(clock: FakeClock) -> None:
    """A server isn't given up for hours because somebody corrects the computer's time."""
    breakers = CircuitBreakers(clock)
    for _ in range(MAX_FAILURES):
        breakers.record_failure("x")
    clock.advance(timedelta(hours=-5))
    breakers.check("x")


def test_other_networks_are_still_read(world: World, x: XSource) -> None:
    """Each network has a circuit of its own, also if they share one instance of the breakers."""
    world.x.fails("nasa", with_="broken")
    fail(x, MAX_FAILURES)
    world.bluesky.has("nasa.bsky.social", posts=2)
    assert read(BlueskySource(world.url), "nasa.bsky.social", "bluesky").posts.height == 2


def test_bluesky_goes_on_with_its_second_address(world: World, clock: FakeClock) -> None:
    """If the first one is known to be down, it isn't asked."""
    with World() as down:
        for name in ("nasa.bsky.social", "esa.bsky.social"):
            world.bluesky.has(name, posts=2)
            down.bluesky.has(name)
            down.bluesky.fails(name, with_="broken")
        source = BlueskySource(api_urls=(down.url, world.url), clock=clock)
        for _ in range(MAX_FAILURES):
            read(source, "nasa.bsky.social", "bluesky")
        requests_before = len(down.bluesky.requests)
        assert read(source, "esa.bsky.social", "bluesky").posts.height == 2
        assert len(down.bluesky.requests) == requests_before


def test_mastodon_servers_behind_a_gateway_have_circuits_of_their_own(world: World, clock: FakeClock) -> None:
    """Naming servers that don't work doesn't stop the reading of others."""
    world.mastodon.has("nasa")
    world.mastodon.fails("nasa", with_="broken")
    world.mastodon.has("esa", posts=2)
    source = MastodonSource(world.url, clock=clock)
    fail(source, MAX_FAILURES, "nasa@down.example", "mastodon")
    with pytest.raises(NetworkDown, match=r"down\.example hasn’t responded"):
        read(source, "esa@down.example", "mastodon")
    assert read(source, "esa@mastodon.example", "mastodon").posts.height == 2


def test_only_the_latest_outages_are_remembered(clock: FakeClock) -> None:
    """Whoever names thousands of servers doesn't fill the memory."""
    breakers = CircuitBreakers(clock)
    for number in range(2000):
        for _ in range(MAX_FAILURES):
            breakers.record_failure(f"server-{number}.example")
    breakers.check("server-0.example")
    with pytest.raises(ServerDown):
        breakers.check("server-1999.example")
