"""Reading X: its requests, its window of posts, and how it is reached."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    RateLimited,
    SourceUnavailable,
)
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.x import XSource
from tests.support import fake_networks
from tests.support.x_reads import BEARER, catch_error, read_timeline

# --- requests to X ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "sizes"),
    [(1, ["5"]), (5, ["5"]), (99, ["99"]), (100, ["100"]), (101, ["100", "5"]), (250, ["100", "100", "50"]), (203, ["100", "100", "5"])],
)
def test_pages_have_100_posts_and_the_last_one_the_rest(world: fake_networks.World, limit: int, sizes: list[str]) -> None:
    """No more posts than needed are paid for, except that X's smallest page has five."""
    world.x.has("nasa", posts=400)
    read_timeline(world, limit=limit)
    assert sizes == [request.params["max_results"] for request in world.x.page_requests("nasa")]


def test_it_requests_the_fields_it_reads(world: fake_networks.World) -> None:
    """X returns no others."""
    world.x.has("nasa", posts=1)
    read_timeline(world)
    fields = [request.params.get("tweet.fields", request.params.get("user.fields")) for request in world.x.requests]
    assert fields == ["public_metrics,protected", "created_at,lang,public_metrics,entities,referenced_tweets,note_tweet"]


def test_it_requests_the_span_in_whole_seconds(world: fake_networks.World) -> None:
    """Fractions are rounded outwards, because X accepts none, and the reader drops the rest."""
    world.x.has("nasa", posts=1)
    read_timeline(world, since=datetime(2026, 1, 1, 0, 0, 0, 500_000, UTC), until=datetime(2026, 1, 31, 12, 0, 0, 1, UTC))
    asked = world.x.page_requests("nasa")[0].params
    assert asked["start_time"] == "2026-01-01T00:00:00Z"
    assert asked["end_time"] == "2026-01-31T12:00:01Z"


def test_the_span_is_the_same_on_every_page(world: fake_networks.World) -> None:
    """A page token belongs to the request it came with."""
    world.x.has("nasa", posts=250)
    read_timeline(world, limit=250, until=datetime.now(UTC) - timedelta(seconds=15), since=datetime(2020, 1, 1, tzinfo=UTC))
    spans = {(request.params.get("start_time"), request.params.get("end_time")) for request in world.x.page_requests("nasa")}
    assert len(spans) == 1
    assert len(world.x.page_requests("nasa")) == 3


def test_short_and_empty_pages_do_not_end_a_timeline(world: fake_networks.World) -> None:
    """Only a missing token does."""
    first, second = (
        fake_networks.FakeX.serialize_post(fake_networks.FakePost(number, f"post {number}", fake_networks.NEWEST_POST_AT))
        for number in (1, 2)
    )
    pages = [{"data": [first], "meta": {"next_token": "a"}}, {"meta": {"next_token": "b"}}, {"data": [second], "meta": {}}]
    world.x.returns_pages("nasa", *pages)
    assert read_timeline(world).posts["text"].to_list() == ["post 1", "post 2"]


def test_a_repeated_token_ends_the_read(world: fake_networks.World) -> None:
    """There is no third request, and the timeline isn't called complete."""
    world.x.returns_pages("nasa", {"meta": {"next_token": "same"}})
    assert type(catch_error(world)) is SourceUnavailable
    assert len(world.x.page_requests("nasa")) == 2


@pytest.mark.parametrize("body", [{}, {"data": "posts"}, {"data": {}}, {"meta": None}, {"errors": [{"title": "?"}]}])
def test_an_invalid_page_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """An object without posts that doesn't report zero results isn't an empty timeline."""
    world.x.returns_pages("nasa", body)
    assert SourceUnavailable is type(catch_error(world))


@pytest.mark.parametrize(
    "body", [{}, {"data": []}, {"data": {"id": "../1"}}, {"data": {"id": ""}}, {"errors": "?"}, {"errors": [None, 5, {"title": 5}]}]
)
def test_an_invalid_lookup_is_a_source_error(world: fake_networks.World, body: Any) -> None:
    """A response without a valid ID doesn't mean that the account is unknown."""
    world.x.fails("nasa", with_=fake_networks.Response(body))
    assert SourceUnavailable is type(catch_error(world))


def test_errors_of_quoted_posts_do_not_affect_the_account(world: fake_networks.World) -> None:
    """The account stays readable."""
    hidden = {"section": "includes", "title": "Authorization Error", "type": "https://api.x.com/2/problems/not-authorized-for-resource"}
    world.x.returns_pages("nasa", {"errors": [hidden], "meta": {"result_count": 0}})
    assert read_timeline(world).posts.height == 0
    assert read_timeline(world).failure is None


def test_a_protected_account_without_posts_is_protected(world: fake_networks.World) -> None:
    """The lookup says so if the timeline is just empty."""
    world.x.has("nasa", protected=True)
    assert AccountProtected is type(catch_error(world))


def test_an_account_that_disappears_after_the_lookup_is_not_found(world: fake_networks.World) -> None:
    """The timeline may report that the account doesn't exist."""
    world.x.has("nasa", posts=3)
    gone = {"title": "Not Found Error", "parameter": "id", "type": "https://api.x.com/2/problems/resource-not-found"}
    world.x.returns_pages("nasa", {"errors": [gone]})
    assert AccountNotFound is type(catch_error(world))


# --- X's window -------------------------------------------------------------------------------------------------------


def test_a_timeline_cut_by_the_window_says_so(world: fake_networks.World) -> None:
    """X provides only the newest posts of an account."""
    world.x.has("nasa", posts=3300)
    timeline = read_timeline(world, limit=5000)
    assert timeline.posts.height == 3200
    assert timeline.cut_by == "network"


@pytest.mark.parametrize("spelling", ["tweet_count", "post_count"])
def test_the_window_is_detected_in_either_spelling(world: fake_networks.World, spelling: str) -> None:
    """Both names of the number of posts are read."""
    world.x.has("nasa", posts=3050, public_metrics={spelling: 90_000})
    assert read_timeline(world, limit=5000).cut_by == "network"


def test_a_large_timeline_with_all_posts_is_complete(world: fake_networks.World) -> None:
    """It has as many posts as X reports."""
    world.x.has("nasa", posts=3100)
    assert (timeline := read_timeline(world, limit=5000)).posts.height == 3100
    assert timeline.cut_by is None


def test_a_small_timeline_is_complete_whatever_x_counts(world: fake_networks.World) -> None:
    """X's count includes deleted posts."""
    world.x.has("nasa", posts=90, public_metrics={"tweet_count": 2000})
    assert read_timeline(world, limit=5000).cut_by is None


def test_a_span_beyond_the_window_is_not_called_silent(world: fake_networks.World) -> None:
    """An old span of a busy account is empty because X provides nothing that old."""
    world.x.has("nasa", posts=3300)
    old = fake_networks.NEWEST_POST_AT - timedelta(hours=3250)
    assert read_timeline(world, limit=100, until=old).cut_by == "network"


def test_a_span_within_the_window_is_complete(world: fake_networks.World) -> None:
    """The last days of a busy account are all there."""
    world.x.has("nasa", posts=50, public_metrics={"tweet_count": 90_000})
    timeline = read_timeline(
        world, since=fake_networks.NEWEST_POST_AT - timedelta(hours=20), until=fake_networks.NEWEST_POST_AT - timedelta(hours=10)
    )
    assert timeline.posts.height == 10
    assert timeline.cut_by is None


# --- the way there ----------------------------------------------------------------------------------------------------


def test_proxies_and_netrc_of_the_machine_are_ignored(world: fake_networks.World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The environment's proxies and passwords don't reach X."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    world.x.has("nasa", posts=1)
    assert read_timeline(world).posts.height == 1
    assert world.x.requests[0].headers["Authorization"] == "Bearer bearer-s3cret"


def test_a_redirect_is_not_followed(world: fake_networks.World) -> None:
    """Nobody can redirect our keys."""
    world.x.has("nasa", posts=1)
    world.x.fails("nasa", with_=fake_networks.Response(b"", 307, {"Location": f"{world.url}/2/users/by/username/other"}))
    assert type(catch_error(world)) is SourceUnavailable
    assert len(world.x.requests) == 1


@pytest.mark.slow
def test_a_refused_connection_is_a_source_error() -> None:
    """The message says that X can't be reached."""
    with fake_networks.World() as gone:
        pass
    assert SourceUnavailable is type(catch_error(gone))


def test_an_api_url_may_have_a_path_and_a_final_slash(world: fake_networks.World) -> None:
    """Paths are joined correctly."""
    world.x.has("nasa", posts=1)
    assert fetch.fetch_timeline(XSource(BEARER, api_url=f"{world.url}/"), Account("x", "nasa"), TimelineRequest(5)).posts.height == 1


def test_a_large_valid_page_is_accepted(world: fake_networks.World) -> None:
    """A hundred posts of the maximum length aren't an attack."""
    for _ in range(100):
        world.x.post("nasa", "cut…", note_tweet={"text": "ü" * 10_000})
    assert read_timeline(world).posts.height == 100


def test_accounts_can_be_read_concurrently(world: fake_networks.World) -> None:
    """Reads in many threads don't affect each other."""
    names = [f"account_{number}" for number in range(6)]
    for name in names:
        world.x.has(name, posts=230)
    source = XSource(BEARER, api_url=world.url)
    with ThreadPoolExecutor(6) as pool:
        timelines = list(pool.map(lambda name: fetch.fetch_timeline(source, Account("x", name), TimelineRequest(230)), names))
    assert [(name, {f"{name} says"}, 230) for name in names] == [
        (timeline.account, {text.rsplit(" ", 1)[0] for text in timeline.posts["text"]}, timeline.posts.height) for timeline in timelines
    ]


def test_a_failing_account_does_not_affect_others(world: fake_networks.World) -> None:
    """The same source continues to work after an error."""
    world.x.has("nasa", posts=3)
    world.x.has("esa", posts=3)
    world.x.fails("esa", with_="rate limit")
    with pytest.raises(RateLimited):
        read_timeline(world, "esa")
    assert read_timeline(world).posts.height == 3
