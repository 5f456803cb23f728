"""What every source of a network promises. A network joins with one class below and a fake in `tests/support/fake_networks.py`.

Each test reads through `fetch_timeline`, with the real client, from the loopback world.
"""

import time
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from dashboard import __version__
from dashboard.core import post_text, posts
from dashboard.core.accounts import Account
from dashboard.core.errors import AccountNotFound, AccountProtected, AccountSuspended, RateLimited, SourceError, SourceUnavailable
from dashboard.core.posts import Timeline
from dashboard.core.query import MAX_POSTS_PER_ACCOUNT
from dashboard.sources import fetch
from dashboard.sources.base import Source, TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.x import XCredentials, XSource
from tests.support import fake_networks

SHORT = 0.3  # seconds for a fetch that a server would let hang


class Adapter:
    """How the contract speaks of one network."""

    label: str
    kinds = ("post", "reply", "repost", "quote")
    states = ("suspended", "protected")
    fake: fake_networks.FakeNetwork
    source: Source

    def __init__(self, world: fake_networks.World) -> None:
        raise NotImplementedError

    def account(self, name: str) -> Account:
        raise NotImplementedError


class OnX(Adapter):
    label = "X"

    def __init__(self, world: fake_networks.World) -> None:
        self.fake, self.source = world.x, XSource(XCredentials(bearer_token="a-token"), api_url=world.url)

    def account(self, name: str) -> Account:
        return Account("x", name)


class OnBluesky(Adapter):
    label = "Bluesky"

    def __init__(self, world: fake_networks.World) -> None:
        self.fake, self.source = world.bluesky, BlueskySource(world.url)

    def account(self, name: str) -> Account:
        return Account("bluesky", f"{name}.bsky.social")


class OnMastodon(Adapter):
    label = "Mastodon"

    def __init__(self, world: fake_networks.World) -> None:
        self.fake, self.source = world.mastodon, MastodonSource(world.url)

    def account(self, name: str) -> Account:
        return Account("mastodon", f"{name}@mastodon.example")


NETWORKS = [OnX, OnBluesky, OnMastodon]


@pytest.fixture(params=NETWORKS, ids=lambda network: network.label)
def network(request: pytest.FixtureRequest, world: fake_networks.World) -> Adapter:
    """Return each network in turn."""
    adapter: type[Adapter] = request.param
    return adapter(world)


def read(network: Adapter, name: str = "nasa", limit: int = 100, seconds: float = 10, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(network.source, network.account(name), TimelineRequest(limit, **span), timeout_seconds=seconds)


def list_texts(timeline: Timeline) -> list[str]:
    return timeline.posts["text"].to_list()


def newest(count: int, of: int) -> list[str]:
    return [f"nasa says {of - i}" for i in range(count)]


# --- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 5, 100, 101, 250])
def test_brings_the_newest_posts_up_to_the_limit(network: Adapter, limit: int) -> None:
    """As many of the newest posts come as were asked for, newest first."""
    network.fake.has("nasa", posts=260)
    timeline = read(network, limit=limit)
    assert list_texts(timeline) == newest(limit, of=260)
    assert timeline.cut_by == "n"


def test_brings_everything_when_there_is_less_than_asked(network: Adapter) -> None:
    """A timeline shorter than the limit comes whole and says so."""
    network.fake.has("nasa", posts=130)
    timeline = read(network, limit=400)
    assert list_texts(timeline) == newest(130, of=130)
    assert timeline.cut_by is None
    assert timeline.failure is None


def test_says_that_the_cap_cut_when_the_cap_was_asked_for(network: Adapter) -> None:
    """Asking for all that Chorus reads at most names the cap, not the person's number."""
    network.fake.has("nasa", posts=MAX_POSTS_PER_ACCOUNT + 50)
    assert read(network, limit=MAX_POSTS_PER_ACCOUNT).cut_by == "cap"


def test_an_account_without_posts_is_an_empty_timeline(network: Adapter) -> None:
    """Silence is no failure."""
    network.fake.has("nasa", posts=0)
    timeline = read(network)
    assert timeline.posts.schema == posts.empty_frame().schema
    assert timeline.posts.height == 0
    assert timeline.cut_by is None


def test_names_the_account_in_its_canonical_form(network: Adapter) -> None:
    """Every row says whose it is, and so does the timeline."""
    network.fake.has("nasa", posts=3)
    timeline = read(network)
    canonical = str(network.account("nasa"))
    assert canonical == timeline.account
    assert [canonical] * 3 == timeline.posts["account"].to_list()


def test_tells_the_kinds_apart(network: Adapter) -> None:
    """Replies, reposts and quotes are no plain posts."""
    for kind in network.kinds:
        network.fake.post("nasa", kind=kind)
    assert list(network.kinds) == read(network).posts["kind"].to_list()[::-1]


def test_times_are_utc(network: Adapter) -> None:
    """A post's time is the one it was posted at, in UTC."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    network.fake.post("nasa", at=moment)
    frame = read(network).posts
    assert [moment] == frame["created_at"].to_list()
    assert pl.Datetime("us", "UTC") == frame.schema["created_at"]


def test_ids_are_unique_texts(network: Adapter) -> None:
    """Ids stay text and none comes twice."""
    network.fake.has("nasa", posts=150)
    ids = read(network, limit=150).posts["id"]
    assert ids.dtype == pl.String
    assert ids.n_unique() == 150


def test_reads_a_half_open_span(network: Adapter) -> None:
    """The first moment of a span belongs to it, the last does not."""
    network.fake.has("nasa", posts=48)
    since, until = fake_networks.NEWEST_POST_AT - timedelta(hours=30), fake_networks.NEWEST_POST_AT - timedelta(hours=10)
    times = read(network, since=since, until=until).posts["created_at"]
    assert times.min() == since
    assert times.max() == until - timedelta(hours=1)
    assert times.len() == 20


def test_a_span_of_the_future_is_empty(network: Adapter) -> None:
    """Nobody has posted tomorrow, and no network is asked about it in words it refuses."""
    network.fake.has("nasa", posts=3)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert list_texts(read(network, since=tomorrow, until=tomorrow + timedelta(days=1))) == []


def test_an_end_in_the_future_takes_the_newest_posts_in(network: Adapter) -> None:
    """A span that reaches past now ends now."""
    network.fake.has("nasa", posts=3)
    assert newest(3, of=3) == list_texts(read(network, until=datetime.now(UTC) + timedelta(days=1)))


@pytest.mark.parametrize("year", [1, 1990, 2008])
def test_a_span_from_before_the_network_began_brings_all(network: Adapter, year: int) -> None:
    """A start before the network's first post is no mistake."""
    network.fake.has("nasa", posts=3)
    assert newest(3, of=3) == list_texts(read(network, since=datetime(year, 1, 1, tzinfo=UTC)))


def test_a_span_that_ended_before_the_network_began_is_empty(network: Adapter) -> None:
    """An end before the network's first post is no mistake either."""
    network.fake.has("nasa", posts=3)
    assert list_texts(read(network, until=datetime(2005, 1, 1, tzinfo=UTC))) == []


def test_hostile_text_is_harmless(network: Adapter) -> None:
    """NUL, control characters and half surrogates are cleaned away, joiners and line breaks stay."""
    hostile = "a\x00b\x07c\ud800d\ne\u200df"
    network.fake.post("nasa", hostile)
    assert [post_text.clean_text(hostile)] == list_texts(read(network))


# --- accounts that can't be read --------------------------------------------------------------------------------------


def test_an_unknown_account_is_not_found(network: Adapter) -> None:
    """A handle that nobody has is told from one that is silent."""
    with pytest.raises(AccountNotFound):
        read(network, "nobody")


@pytest.mark.parametrize(("state", "noun"), [("suspended", AccountSuspended), ("protected", AccountProtected)])
def test_a_closed_account_says_why(network: Adapter, state: str, noun: type[SourceError]) -> None:
    """Suspended and protected accounts are two different sentences."""
    if state not in network.states:
        pytest.skip(f"{network.label} does not tell that an account is {state}")
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=state)
    with pytest.raises(noun):
        read(network)


def test_an_error_names_the_account_and_what_to_do(network: Adapter) -> None:
    """Every sentence has the handle in it and ends with advice."""
    with pytest.raises(SourceError) as caught:
        read(network, "nobody")
    expected = (str(network.account("nobody")), True, True)
    assert expected == (caught.value.account, network.account("nobody").label in caught.value.detail, caught.value.advice != "")


# --- a network that asks to wait --------------------------------------------------------------------------------------


def test_a_rate_limit_at_once_is_raised(network: Adapter) -> None:
    """Nothing was read, so there is nothing but the failure."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_="rate limit")
    with pytest.raises(RateLimited):
        read(network)


def test_a_rate_limit_on_the_way_keeps_what_was_read(network: Adapter) -> None:
    """The pages before a rate limit stay, with the failure beside them."""
    network.fake.has("nasa", posts=250)
    network.fake.fails("nasa", with_="rate limit", after_pages=1)
    timeline = read(network, limit=250)
    count = timeline.posts.height
    assert list_texts(timeline) == newest(count, of=250)
    assert timeline.cut_by == "rate_limit"
    assert type(timeline.failure) is RateLimited
    assert 0 < count < 250


def test_a_rate_limit_is_asked_once_and_never_slept_through(network: Adapter) -> None:
    """A refusal for now is neither repeated nor waited for, which would take a quarter of an hour here."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_="rate limit")
    with pytest.raises(RateLimited):
        read(network)
    assert len(network.fake.requests) == 1


# --- a network in trouble ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["broken", "overloaded", "hang up", "truncated"])
def test_a_moment_of_trouble_goes_unnoticed(network: Adapter, failure: str) -> None:
    """One failure of the server is asked again and forgotten."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure, times=1)
    timeline = read(network)
    assert list_texts(timeline) == newest(3, of=3)
    assert timeline.failure is None


@pytest.mark.parametrize("failure", ["broken", "overloaded", "hang up", "truncated"])
def test_lasting_trouble_is_asked_twice_at_most(network: Adapter, failure: str) -> None:
    """A server that stays broken is left alone after one more try."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read(network)
    assert len(network.fake.requests) == 2


@pytest.mark.parametrize("failure", ["no http", "html", "nothing", "no object", "deep", "huge", "bad gzip", "redirect"])
def test_an_answer_that_makes_no_sense_is_a_network_in_trouble(network: Adapter, failure: str) -> None:
    """Whatever comes in place of posts, a person is told that the network is in trouble."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read(network)


@pytest.mark.parametrize("failure", ["broken", "html", "truncated", "hang up", "no object"])
def test_trouble_on_the_way_keeps_what_was_read(network: Adapter, failure: str) -> None:
    """The pages before a failure stay, with the failure beside them."""
    network.fake.has("nasa", posts=250)
    network.fake.fails("nasa", with_=failure, after_pages=1)
    timeline = read(network, limit=250)
    assert timeline.cut_by == "failure"
    assert type(timeline.failure) is SourceUnavailable
    assert 0 < timeline.posts.height < 250


@pytest.mark.parametrize("failure", ["silence", "drip", "dripping headers"])
def test_a_slow_answer_ends_at_the_deadline(network: Adapter, failure: str) -> None:
    """Neither silence nor a byte now and then outlives the time a fetch may take; without a deadline this test would never end."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read(network, seconds=SHORT)


def test_a_slow_page_keeps_those_before_it(network: Adapter) -> None:
    """A deadline in the middle of a timeline leaves what was read."""
    network.fake.has("nasa", posts=250)
    network.fake.fails("nasa", with_="drip", after_pages=1)
    timeline = read(network, limit=250, seconds=SHORT + 0.2)
    assert type(timeline.failure) is SourceUnavailable
    assert 0 < timeline.posts.height < 250


# --- a network that behaves oddly -------------------------------------------------------------------------------------


def test_a_network_that_goes_in_circles_is_left(network: Adapter) -> None:
    """A page that comes again ends the timeline, and says so."""
    network.fake.has("nasa", posts=250)
    network.fake.goes_in_circles("nasa")
    timeline = read(network, limit=400)
    assert timeline.cut_by == "repeats"
    assert len(network.fake.page_requests("nasa")) == 2


def test_a_network_of_endless_empty_pages_is_left(network: Adapter) -> None:
    """Empty pages may have posts behind them, but not for ever."""
    network.fake.has("nasa", posts=30)
    network.fake.never_ends("nasa")
    timeline = read(network, limit=400)
    assert list_texts(timeline) == newest(30, of=30)
    assert timeline.cut_by == "repeats"
    assert len(network.fake.page_requests("nasa")) == fetch.MAX_PAGES


def test_closing_the_pages_stops_asking(network: Adapter) -> None:
    """Whoever has enough closes the generator, and the network is left in peace."""
    network.fake.has("nasa", posts=500)
    pages = network.source.iter_pages(network.account("nasa"), TimelineRequest(500), time.monotonic() + 10)
    next(pages)
    pages.close()  # type: ignore[attr-defined]
    assert len(network.fake.page_requests("nasa")) == 1


def test_reading_asks_nobody_before_the_first_page_is_wanted(network: Adapter) -> None:
    """Calling `pages` alone costs nothing."""
    network.fake.has("nasa", posts=3)
    network.source.iter_pages(network.account("nasa"), TimelineRequest(3), time.monotonic() + 10)
    assert network.fake.requests == []


def test_says_who_asks(network: Adapter) -> None:
    """Every question carries our name, so that a network can tell us from others."""
    network.fake.has("nasa", posts=3)
    read(network)
    assert {request.headers["User-Agent"] for request in network.fake.requests} == {f"Chorus/{__version__} (self-hosted dashboard)"}


def test_readiness_asks_nobody(network: Adapter) -> None:
    """Whether a network is set up is known without it."""
    assert network.source.readiness().ready is True
    assert network.fake.requests == []
