"""Reading Mastodon: requests to an account's server, and the pages that it sends."""

from datetime import timedelta
from typing import Any

import pytest

from dashboard.core.source_errors import (
    SourceUnavailable,
)
from tests.support import fake_networks
from tests.support.builders import single_post
from tests.support.mastodon_reads import catch_error, read_timeline


def test_pages_have_40_posts_and_continue_from_the_last_id(world: fake_networks.World) -> None:
    """The next page is older than the last post of the previous one; the last page is empty."""
    account = world.mastodon.has("nasa", posts=90)
    read_timeline(world, limit=400)
    asked = [(request.params["limit"], request.params.get("max_id")) for request in world.mastodon.page_requests("nasa")]
    assert [("40", None), *(("40", str(account.posts[last].id)) for last in (39, 79, 89))] == asked


def test_it_looks_up_the_local_name(world: fake_networks.World) -> None:
    """A server knows its own accounts by the name before the @."""
    world.mastodon.has("nasa", posts=1)
    read_timeline(world)
    assert world.mastodon.requests[0].params == {"acct": "nasa"}


def test_it_sends_no_key(world: fake_networks.World) -> None:
    """No key of another network is sent, either."""
    world.mastodon.has("nasa", posts=1)
    read_timeline(world)
    assert {request.headers["Authorization"] for request in world.mastodon.requests} == {None}


def test_a_page_that_is_too_long_is_cut_to_40_posts(world: fake_networks.World) -> None:
    """Servers may ignore the requested limit."""
    written = [
        fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(100 - i, f"post {i}", fake_networks.NEWEST_POST_AT))
        for i in range(60)
    ]
    world.mastodon.returns_pages("nasa", written, written[40:], [])
    asked = (read_timeline(world).posts.height, [request.params.get("max_id") for request in world.mastodon.page_requests("nasa")])
    assert asked == (60, [None, "61", "41"])


def test_a_short_page_does_not_end_a_timeline(world: fake_networks.World) -> None:
    """Servers leave posts out of full pages, so only an empty page is the end."""
    first, second = (
        fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(number, f"post {number}", fake_networks.NEWEST_POST_AT))
        for number in (2, 1)
    )
    world.mastodon.returns_pages("nasa", [first], [second], [])
    assert read_timeline(world).posts["text"].to_list() == ["post 2", "post 1"]


def test_an_empty_page_with_a_next_link_does_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only the ID in the link is used, never its host."""
    link = {"Link": '<https://evil.example/api?max_id=77&limit=1>; rel="next"'}
    written = fake_networks.FakeMastodon.serialize_post(fake_networks.FakePost(1, "old", fake_networks.NEWEST_POST_AT))
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers=link), [written], [])
    assert single_post(read_timeline(world))["text"] == "old"
    assert [request.params.get("max_id") for request in world.mastodon.page_requests("nasa")] == [None, "77", "1"]


@pytest.mark.parametrize(
    "link", ["", ";", "<", '<>; rel="next"', '<https://[x/?max_id=5>; rel="next"', '<?max_id=../x>; rel="next"', "x" * 9000]
)
def test_an_invalid_next_link_is_ignored(world: fake_networks.World, link: str) -> None:
    """An empty page without a valid ID is the end."""
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers={"Link": link}))
    assert read_timeline(world).posts.height == 0
    assert len(world.mastodon.page_requests("nasa")) == 1


def test_a_repeated_next_link_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.mastodon.returns_pages("nasa", fake_networks.Response([], headers={"Link": '<https://x.example/?max_id=5>; rel="next"'}))
    assert type(catch_error(world)) is SourceUnavailable
    assert len(world.mastodon.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"error": "?"}, "posts", None, 5])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """Anything but a list isn't an empty timeline."""
    world.mastodon.has("nasa", posts=1)
    world.mastodon.returns_pages("nasa", fake_networks.Response(body))
    assert SourceUnavailable is type(catch_error(world))


@pytest.mark.parametrize("number", [fake_networks.OMITTED, None, "", "../../../x", "1?limit=1", ["1"], "\ud800", True])
def test_a_lookup_without_a_valid_id_is_a_source_error(world: fake_networks.World, number: Any) -> None:
    """The ID becomes part of a URL, so only simple ones are accepted."""
    world.mastodon.has("nasa", id=number)
    assert type(catch_error(world)) is SourceUnavailable
    assert len(world.mastodon.requests) == 1


def test_it_stops_after_a_page_that_is_older_than_the_span(world: fake_networks.World) -> None:
    """The rest of a long history isn't needed."""
    world.mastodon.has("nasa", posts=1000)
    timeline = read_timeline(world, limit=900, since=fake_networks.NEWEST_POST_AT - timedelta(hours=50))
    assert timeline.posts.height == 51
    assert len(world.mastodon.page_requests("nasa")) == 3
    assert timeline.cut_by is None
