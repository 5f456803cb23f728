"""Reading Bluesky: its requests, where its history ends, and the second host."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.core.source_errors import AccountNotFound, AccountSuspended, RateLimited, SourceError, SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from tests.support import fake_networks
from tests.support.bluesky_reads import NASA, catch_error, read_timeline


@pytest.fixture
def second() -> Iterator[fake_networks.World]:
    """Bluesky's other host."""
    with fake_networks.World() as other:
        yield other


# --- requests to Bluesky ----------------------------------------------------------------------------------------------


def test_it_looks_up_the_profile_and_uses_its_permanent_id(world: fake_networks.World) -> None:
    """A handle may change, the ID doesn't."""
    account = world.bluesky.has("nasa", posts=150)
    read_timeline(world, limit=150)
    assert [request.params["actor"] for request in world.bluesky.requests] == ["nasa.bsky.social"] + [f"did:plc:{account.numeric_id}"] * 2


def test_it_requests_full_pages_with_replies_and_without_pins(world: fake_networks.World) -> None:
    """A pinned post would come first, whatever its time."""
    world.bluesky.has("nasa", posts=1)
    read_timeline(world)
    asked = world.bluesky.page_requests("nasa")[0].params
    assert asked["limit"] == "100"
    assert asked["filter"] == "posts_with_replies"
    assert asked["includePins"] == "false"


def test_it_sends_no_key(world: fake_networks.World) -> None:
    """No key of another network is sent, either."""
    world.bluesky.has("nasa", posts=1)
    read_timeline(world)
    assert {request.headers["Authorization"] for request in world.bluesky.requests} == {None}


def test_short_and_empty_pages_do_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only a missing cursor does."""
    first, second = ({"post": {"uri": f"at://did:plc:nasa/app.bsky.feed.post/{k}", "record": {"text": k}}} for k in ("one", "two"))
    world.bluesky.returns_pages("nasa", {"feed": [first], "cursor": "a"}, {"feed": [], "cursor": "b"}, {"feed": [second]})
    assert read_timeline(world).posts["text"].to_list() == ["one", "two"]


def test_a_repeated_cursor_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.bluesky.returns_pages("nasa", {"feed": [], "cursor": "same"})
    assert type(catch_error(world)) is SourceUnavailable
    assert len(world.bluesky.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"feed": None}, {"feed": {}}, {"error": "?"}])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """An object without a feed isn't an empty timeline."""
    world.bluesky.returns_pages("nasa", body)
    assert SourceUnavailable is type(catch_error(world))


@pytest.mark.parametrize("did", [fake_networks.OMITTED, None, "", "nasa", "did:plc:../x", ["did:plc:x"]])
def test_an_invalid_profile_is_a_source_error(world: fake_networks.World, did: Any) -> None:
    """A profile without a valid ID doesn't mean that the account is unknown."""
    world.bluesky.has("nasa", did=did)
    assert SourceUnavailable is type(catch_error(world))


def test_it_stops_after_a_page_that_is_older_than_the_span(world: fake_networks.World) -> None:
    """The rest of a long history isn't needed."""
    world.bluesky.has("nasa", posts=1000)
    timeline = read_timeline(world, limit=900, since=fake_networks.NEWEST_POST_AT - timedelta(hours=120))
    assert timeline.posts.height == 121
    assert len(world.bluesky.page_requests("nasa")) == 3
    assert timeline.cut_by is None


def test_one_old_post_does_not_stop_the_read(world: fake_networks.World) -> None:
    """It may be an imported post among newer ones."""
    world.bluesky.has("nasa", posts=150)
    world.bluesky.post("nasa", "imported", at=datetime(2012, 1, 1, tzinfo=UTC))
    assert read_timeline(world, limit=500, since=datetime(2020, 1, 1, tzinfo=UTC)).posts.height == 150


# --- where history ends -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("total", "cut_by"), [(120, None), (170, None), (171, "network"), (9000, "network"), (None, None), ("many", None)])
def test_a_history_that_ends_early_is_cut_by_the_network(world: fake_networks.World, total: Any, cut_by: str | None) -> None:
    """A few missing posts may be deleted, hidden or not yet subtracted."""
    world.bluesky.has("nasa", posts=120, postsCount=total)
    assert read_timeline(world, limit=500).cut_by == cut_by


def test_a_tenth_of_a_large_account_may_be_missing(world: fake_networks.World) -> None:
    """The tolerance grows with the account."""
    world.bluesky.has("nasa", posts=901, postsCount=1000)
    assert read_timeline(world, limit=2000).cut_by is None


def test_reposts_do_not_replace_missing_posts(world: fake_networks.World) -> None:
    """Bluesky's count excludes them, and so does ours."""
    world.bluesky.has("nasa", postsCount=100)
    for _ in range(100):
        world.bluesky.post("nasa", kind="repost")
    assert read_timeline(world, limit=500).cut_by == "network"


# --- the second host --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failure", ["forbidden", "broken", "overloaded", "hang up", "html", "redirect"])
def test_the_second_host_is_used_if_the_first_fails(world: fake_networks.World, second: fake_networks.World, failure: str) -> None:
    """The first one isn't used again for the rest of the fetch."""
    world.bluesky.fails("nasa", with_=failure)
    second.bluesky.has("nasa", posts=150)
    timeline = fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(150), timeout_seconds=10)
    once_or_again = len(world.bluesky.requests) in (1, 2)
    assert timeline.posts.height == 150
    assert timeline.failure is None
    assert once_or_again is True
    assert len(second.bluesky.requests) == 3


@pytest.mark.slow
def test_the_second_host_continues_where_the_first_stops(world: fake_networks.World, second: fake_networks.World) -> None:
    """No page is lost."""
    for host in (world, second):
        host.bluesky.has("nasa", posts=250)
    world.bluesky.fails("nasa", with_="broken", after_pages=1)
    timeline = fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(250), timeout_seconds=10)
    assert timeline.posts.height == 250
    assert timeline.failure is None
    assert [request.params["cursor"] for request in second.bluesky.page_requests("nasa")] == ["c100", "c200"]


@pytest.mark.parametrize(("failure", "noun"), [("unknown", AccountNotFound), ("suspended", AccountSuspended), ("rate limit", RateLimited)])
def test_a_clear_answer_of_the_first_host_is_final(
    world: fake_networks.World, second: fake_networks.World, failure: str, noun: type[SourceError]
) -> None:
    """The second one isn't used to get around a limit."""
    world.bluesky.fails("nasa", with_=failure)
    second.bluesky.has("nasa", posts=1)
    with pytest.raises(noun):
        fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(1), timeout_seconds=10)
    assert second.bluesky.requests == []


def test_two_failing_hosts_are_a_source_error(world: fake_networks.World, second: fake_networks.World) -> None:
    """The last error is raised, without a chain."""
    for host in (world, second):
        host.bluesky.fails("nasa", with_="forbidden")
    with pytest.raises(SourceUnavailable) as caught:
        fetch.fetch_timeline(BlueskySource(api_urls=(world.url, second.url)), NASA, TimelineRequest(1), timeout_seconds=10)
    assert caught.value.__context__ is None
    assert [len(host.bluesky.requests) for host in (world, second)] == [1, 1]


def test_a_refused_connection_is_a_source_error() -> None:
    """The message says that Bluesky can't be reached."""
    with fake_networks.World() as gone:
        pass
    assert SourceUnavailable is type(catch_error(gone))
