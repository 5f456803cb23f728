"""The contract that every network's source keeps. A network joins with one class below and a fake in `tests/support/fake_networks.py`."""

import contextlib
import time
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from dashboard import __version__
from dashboard.core import post_text, posts
from dashboard.core.accounts import Account
from dashboard.core.posts import Timeline
from dashboard.core.query_values import MAX_POSTS_PER_ACCOUNT
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, RateLimited, SourceError, SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import Source, TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.mastodon import MastodonSource
from dashboard.sources.metering import PaidRequest
from dashboard.sources.x import XCredentials, XSource
from tests.support import fake_networks

MAYBE_CHARGED = (
    "hang up",
    "truncated",
    "bad gateway",
    "gateway timeout",
    "gateway problem",
)  # how a request fails that a network may charge for nevertheless
SHORT = 0.3  # seconds for a fetch that a server would let hang


class Adapter:
    """How the contract addresses one network."""

    label: str
    name_field: str  # of a profile
    kinds = ("post", "reply", "repost", "quote")
    states = ("suspended", "protected")
    is_paid = False
    fake: fake_networks.FakeNetwork
    source: Source

    def __init__(self, world: fake_networks.World) -> None:
        raise NotImplementedError

    def account(self, name: str) -> Account:
        raise NotImplementedError


class OnX(Adapter):
    label = "X"
    name_field = "name"
    is_paid = True

    def __init__(self, world: fake_networks.World) -> None:
        self.fake, self.source = world.x, XSource(XCredentials(bearer_token="a-token"), api_url=world.url)

    def account(self, name: str) -> Account:
        return Account("x", name)


class OnBluesky(Adapter):
    label = "Bluesky"
    name_field = "displayName"

    def __init__(self, world: fake_networks.World) -> None:
        self.fake, self.source = world.bluesky, BlueskySource(world.url)

    def account(self, name: str) -> Account:
        return Account("bluesky", f"{name}.bsky.social")


class OnMastodon(Adapter):
    label = "Mastodon"
    name_field = "display_name"

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


def read(network: Adapter, name: str = "nasa", limit: int = 100, seconds: float = 60, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(network.source, network.account(name), TimelineRequest(limit, **span), timeout_seconds=seconds)


def read_briefly(network: Adapter, limit: int = 100, seconds: float = SHORT) -> Timeline:
    """Read @nasa with little time: for each request if the network charges for it, because those aren't cut short, or else in all."""
    network.source.request_seconds = seconds
    return read(network, limit=limit, seconds=60 if network.is_paid else seconds)


def list_texts(timeline: Timeline) -> list[str]:
    return timeline.posts["text"].to_list()


def newest(count: int, of: int) -> list[str]:
    return [f"nasa says {of - i}" for i in range(count)]


# --- what comes back --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 5, 100, 101, 250])
def test_it_returns_the_newest_posts_up_to_the_limit(network: Adapter, limit: int) -> None:
    """They are newest first."""
    network.fake.has("nasa", posts=260)
    timeline = read(network, limit=limit)
    assert list_texts(timeline) == newest(limit, of=260)
    assert timeline.cut_by == "n"


def test_it_returns_everything_if_there_are_fewer_posts(network: Adapter) -> None:
    """A timeline shorter than the limit is complete and says so."""
    network.fake.has("nasa", posts=130)
    timeline = read(network, limit=400)
    assert list_texts(timeline) == newest(130, of=130)
    assert timeline.cut_by is None
    assert timeline.failure is None


@pytest.mark.slow
def test_the_cap_is_the_reason_if_the_maximum_is_requested(network: Adapter) -> None:
    """The reason isn't the requested number."""
    network.fake.has("nasa", posts=MAX_POSTS_PER_ACCOUNT + 50)
    assert read(network, limit=MAX_POSTS_PER_ACCOUNT).cut_by == "cap"


def test_the_display_name_comes_with_the_posts(network: Adapter) -> None:
    """It is in what is read anyway, so nothing more is asked for, and it is cleaned at the door."""
    network.fake.has("esa", posts=3, **{network.name_field: ""})
    read(network, "esa")
    requests_without_name = len(network.fake.requests)
    network.fake.has("nasa", posts=3, **{network.name_field: " N\u202eASA\u200b <b>HQ</b>\n" + "!" * 10_000})
    name = read(network).name
    assert name == "NASA <b>HQ</b> " + "!" * 24 + "…"
    assert len(network.fake.requests) == 2 * requests_without_name


@pytest.mark.parametrize("name", ["", None, 7, ["NASA"], "\u200b"])
def test_an_unusable_display_name_is_none_at_all(network: Adapter, name: object) -> None:
    """The account is shown by its handle then."""
    network.fake.has("nasa", posts=1, **{network.name_field: name})
    timeline = read(network)
    assert timeline.name == ""
    assert list_texts(timeline) == newest(1, of=1)


def test_an_account_without_posts_is_an_empty_timeline(network: Adapter) -> None:
    """It isn't an error."""
    network.fake.has("nasa", posts=0)
    timeline = read(network)
    assert timeline.posts.schema == posts.empty_frame().schema
    assert timeline.posts.height == 0
    assert timeline.cut_by is None


def test_the_account_has_its_canonical_name(network: Adapter) -> None:
    """This holds for the timeline and for every row."""
    network.fake.has("nasa", posts=3)
    timeline = read(network)
    canonical = str(network.account("nasa"))
    assert canonical == timeline.account
    assert [canonical] * 3 == timeline.posts["account"].to_list()


def test_kinds_are_distinguished(network: Adapter) -> None:
    """Replies, reposts and quotes aren't plain posts."""
    for kind in network.kinds:
        network.fake.post("nasa", kind=kind)
    assert list(network.kinds) == read(network).posts["kind"].to_list()[::-1]


def test_times_are_utc(network: Adapter) -> None:
    """A post's time is when it was posted."""
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    network.fake.post("nasa", at=moment)
    frame = read(network).posts
    assert [moment] == frame["created_at"].to_list()
    assert pl.Datetime("us", "UTC") == frame.schema["created_at"]


def test_ids_are_unique_strings(network: Adapter) -> None:
    """No ID becomes a number or occurs twice."""
    network.fake.has("nasa", posts=150)
    ids = read(network, limit=150).posts["id"]
    assert ids.dtype == pl.String
    assert ids.n_unique() == 150


def test_a_span_is_half_open(network: Adapter) -> None:
    """Its first moment is included, its last one isn't."""
    network.fake.has("nasa", posts=48)
    since, until = fake_networks.NEWEST_POST_AT - timedelta(hours=30), fake_networks.NEWEST_POST_AT - timedelta(hours=10)
    times = read(network, since=since, until=until).posts["created_at"]
    assert times.min() == since
    assert times.max() == until - timedelta(hours=1)
    assert times.len() == 20


def test_a_future_span_is_empty(network: Adapter) -> None:
    """No network gets a request that it would refuse."""
    network.fake.has("nasa", posts=3)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert list_texts(read(network, since=tomorrow, until=tomorrow + timedelta(days=1))) == []


def test_a_span_that_ends_in_the_future_includes_the_newest_posts(network: Adapter) -> None:
    """It ends now."""
    network.fake.has("nasa", posts=3)
    assert newest(3, of=3) == list_texts(read(network, until=datetime.now(UTC) + timedelta(days=1)))


@pytest.mark.parametrize("year", [1, 1990, 2008])
def test_a_span_from_before_the_network_existed_returns_everything(network: Adapter, year: int) -> None:
    """Such a start isn't an error."""
    network.fake.has("nasa", posts=3)
    assert newest(3, of=3) == list_texts(read(network, since=datetime(year, 1, 1, tzinfo=UTC)))


def test_a_span_that_ended_before_the_network_existed_is_empty(network: Adapter) -> None:
    """Such an end isn't an error either."""
    network.fake.has("nasa", posts=3)
    assert list_texts(read(network, until=datetime(2005, 1, 1, tzinfo=UTC))) == []


def test_hostile_text_is_harmless(network: Adapter) -> None:
    """NUL, control characters and unpaired surrogates are removed; joiners and line breaks stay."""
    hostile = "a\x00b\x07c\ud800d\ne\u200df"
    network.fake.post("nasa", hostile)
    assert [post_text.clean_text(hostile)] == list_texts(read(network))


# --- accounts that can't be read --------------------------------------------------------------------------------------


def test_an_unknown_account_is_not_found(network: Adapter) -> None:
    """It differs from an account without posts."""
    with pytest.raises(AccountNotFound):
        read(network, "nobody")


@pytest.mark.parametrize(("state", "noun"), [("suspended", AccountSuspended), ("protected", AccountProtected)])
def test_an_inaccessible_account_has_its_reason(network: Adapter, state: str, noun: type[SourceError]) -> None:
    """Suspended and protected accounts have different messages."""
    if state not in network.states:
        pytest.skip(f"{network.label} does not tell that an account is {state}")
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=state)
    with pytest.raises(noun):
        read(network)


def test_an_error_names_the_account_and_what_to_do(network: Adapter) -> None:
    """Every message has the handle and ends with advice."""
    with pytest.raises(SourceError) as caught:
        read(network, "nobody")
    assert caught.value.account == str(network.account("nobody"))
    assert network.account("nobody").label in caught.value.detail
    assert caught.value.advice != ""


# --- a network that asks to wait --------------------------------------------------------------------------------------


def test_a_rate_limit_at_once_is_raised(network: Adapter) -> None:
    """There are no posts to return."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_="rate limit")
    with pytest.raises(RateLimited):
        read(network)


def test_a_later_rate_limit_keeps_the_posts_read_so_far(network: Adapter) -> None:
    """The timeline has the failure next to them."""
    network.fake.has("nasa", posts=250)
    network.fake.fails("nasa", with_="rate limit", after_pages=1)
    timeline = read(network, limit=250)
    count = timeline.posts.height
    assert list_texts(timeline) == newest(count, of=250)
    assert timeline.cut_by == "rate_limit"
    assert type(timeline.failure) is RateLimited
    assert 0 < count < 250


def test_a_rate_limit_is_neither_retried_nor_waited_for(network: Adapter) -> None:
    """Waiting would take a quarter of an hour here."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_="rate limit")
    with pytest.raises(RateLimited):
        read(network)
    assert len(network.fake.requests) == 1


# --- a network in trouble ---------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("failure", ["broken", "overloaded", *MAYBE_CHARGED])
def test_a_temporary_failure_is_retried(network: Adapter, failure: str) -> None:
    """One failure of the server goes unnoticed, unless the failed request may have been charged."""
    if network.is_paid and failure in MAYBE_CHARGED:
        pytest.skip("a request that may have been charged isn't repeated")
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure, times=1)
    timeline = read(network)
    assert list_texts(timeline) == newest(3, of=3)
    assert timeline.failure is None


@pytest.mark.parametrize("failure", ["broken", "overloaded", *MAYBE_CHARGED])
def test_a_lasting_failure_is_retried_once(network: Adapter, failure: str) -> None:
    """A server that stays broken gets no third request, and no second one if the first may have been charged."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read(network)
    assert len(network.fake.requests) == (1 if network.is_paid and failure in MAYBE_CHARGED else 2)


@pytest.mark.parametrize("failure", ["no http", "html", "nothing", "no object", "deep", "huge", "bad gzip", "redirect"])
def test_an_invalid_response_is_a_source_error(network: Adapter, failure: str) -> None:
    """The message says that the network has a problem."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read(network)


@pytest.mark.parametrize("failure", ["broken", "html", "truncated", "hang up", "no object"])
def test_a_later_failure_keeps_the_posts_read_so_far(network: Adapter, failure: str) -> None:
    """The timeline has the failure next to them."""
    network.fake.has("nasa", posts=250)
    network.fake.fails("nasa", with_=failure, after_pages=1)
    timeline = read(network, limit=250)
    assert timeline.cut_by == "failure"
    assert type(timeline.failure) is SourceUnavailable
    assert 0 < timeline.posts.height < 250


@pytest.mark.slow
@pytest.mark.parametrize("failure", ["silence", "drip", "dripping headers"])
def test_a_slow_response_ends_at_the_deadline(network: Adapter, failure: str) -> None:
    """This holds for silence and for single bytes; without a deadline, this test would never end."""
    network.fake.has("nasa", posts=3)
    network.fake.fails("nasa", with_=failure)
    with pytest.raises(SourceUnavailable):
        read_briefly(network)


def read_first_page(network: Adapter) -> Timeline:
    """Read until the second page drips, with more time if the machine is so slow that there was none for the first."""
    for seconds in (0.5, 2, 8):
        network.fake.has("nasa", posts=250)
        network.fake.fails("nasa", with_="drip", after_pages=1)
        with contextlib.suppress(SourceUnavailable):
            return read_briefly(network, limit=250, seconds=seconds)
    raise AssertionError("The first page didn't arrive within 8 seconds.")


@pytest.mark.slow
def test_a_slow_page_keeps_the_earlier_pages(network: Adapter) -> None:
    """A deadline in the middle of a timeline returns what was read."""
    timeline = read_first_page(network)
    assert type(timeline.failure) is SourceUnavailable
    assert 0 < timeline.posts.height < 250


# --- a network that behaves oddly -------------------------------------------------------------------------------------


def test_a_repeating_timeline_is_abandoned(network: Adapter) -> None:
    """A page that occurs again ends the timeline, which says so."""
    network.fake.has("nasa", posts=250)
    network.fake.goes_in_circles("nasa")
    timeline = read(network, limit=400)
    assert timeline.cut_by == "repeats"
    assert len(network.fake.page_requests("nasa")) == 2


@pytest.mark.slow
def test_endless_empty_pages_are_abandoned(network: Adapter) -> None:
    """Empty pages may be followed by posts, but not forever."""
    network.fake.has("nasa", posts=30)
    network.fake.never_ends("nasa")
    timeline = read(network, limit=400)
    assert list_texts(timeline) == newest(30, of=30)
    assert timeline.cut_by == "repeats"
    assert len(network.fake.page_requests("nasa")) == fetch.MAX_PAGES


def test_closing_the_pages_ends_the_requests(network: Adapter) -> None:
    """A caller that has enough closes the generator."""
    network.fake.has("nasa", posts=500)
    pages = network.source.iter_pages(network.account("nasa"), TimelineRequest(500), time.monotonic() + 60)
    while isinstance(next(pages), PaidRequest):
        pass
    pages.close()  # type: ignore[attr-defined]
    assert len(network.fake.page_requests("nasa")) == 1


def test_nothing_is_requested_before_the_first_page(network: Adapter) -> None:
    """Creating the generator sends nothing."""
    network.fake.has("nasa", posts=3)
    network.source.iter_pages(network.account("nasa"), TimelineRequest(3), time.monotonic() + 60)
    assert network.fake.requests == []


def test_every_request_identifies_chorus(network: Adapter) -> None:
    """Networks can tell it from other clients."""
    network.fake.has("nasa", posts=3)
    read(network)
    assert {request.headers["User-Agent"] for request in network.fake.requests} == {f"Chorus/{__version__} (self-hosted dashboard)"}


def test_readiness_sends_no_request(network: Adapter) -> None:
    """It depends only on settings."""
    assert network.source.readiness().ready is True
    assert network.fake.requests == []
