"""X's own counts of posts: its requests and pages, and what it answers instead."""

from dataclasses import replace
from typing import Any

import pytest

from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts
from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    PlanUpgradeRequired,
    RateLimited,
    SourceError,
    SourceNotReady,
    SourceUnavailable,
)
from dashboard.sources import fetch
from dashboard.sources.base import ProgressListener, TimelineRequest, TimeSpan
from dashboard.sources.fetch import count_posts
from dashboard.sources.x import XCredentials, XSource
from dashboard.timelines import serialization
from tests.support import fake_networks
from tests.support.builders import parse_utc

BEARER = XCredentials(bearer_token="bearer-s3cret")
FOUR_KEYS = XCredentials(api_key="key", api_secret_key="key2", access_token="access", access_secret="access2")
NASA = Account("x", "nasa")


def read(
    world: fake_networks.World, since: str = "2025-10-01", until: str = "2026-02-01", keys: XCredentials = BEARER, **options: Any
) -> HourlyCounts:
    return count_posts(XSource(keys, api_url=world.url), NASA, TimeSpan(parse_utc(since), parse_utc(until)), **options)


def refusal(world: fake_networks.World, keys: XCredentials = BEARER, **span: str) -> SourceError:
    with pytest.raises(SourceError) as caught:
        read(world, keys=keys, **span)
    return caught.value


# --- requests to X, and their pages -----------------------------------------------------------------------------------


def test_pages_have_31_days_newest_first(world: fake_networks.World) -> None:
    """Each request has the token of the previous page and the same span by the hour."""
    world.x.has("nasa", posts=5)
    read(world)
    parameters = [request.params for request in world.x.counts_requests()]
    assert [params.get("next_token") for params in parameters] == [None, *(f"c{int(parse_utc(day).timestamp())}" for day in _page_starts())]
    assert {params["query"] + params["granularity"] + params["start_time"] + params["end_time"] for params in parameters} == {
        "from:nasahour2025-10-01T00:00:00Z2026-02-01T00:00:00Z"
    }


def _page_starts() -> list[str]:
    return ["2026-01-01", "2025-12-01", "2025-10-31"]


@pytest.mark.parametrize("spelling", ["tweet_count", "post_count"])
def test_either_spelling_is_read(world: fake_networks.World, spelling: str) -> None:
    """X renames its fields; the counts are the same."""
    world.x.has("nasa", posts=30)
    world.x.count_field = spelling
    assert read(world).total_posts == 30
    assert max(read(world).posts_by_hour) == fake_networks.NEWEST_POST_AT


def test_pages_are_merged_in_chronological_order(world: fake_networks.World) -> None:
    """The hours of all pages add up to the number of posts."""
    world.x.has("nasa", posts=2000)
    frame = read(world, since="2025-10-01").to_frame()
    assert frame["posts"].sum() == 2000
    assert frame["created_at"].is_sorted()
    assert frame["created_at"].max() == fake_networks.NEWEST_POST_AT


@pytest.mark.parametrize(
    ("since", "until", "pages"),
    [
        ("2026-01-01", "2026-02-01", 1),
        ("2026-01-01", "2026-02-01T00:00:01", 2),
        ("2025-12-31T23:00", "2026-02-01", 2),
        ("2026-01-31T10:00", "2026-01-31T11:00", 1),
        ("2025-02-01", "2026-02-01", 12),
    ],
)
def test_there_are_never_more_pages_than_quoted(world: fake_networks.World, since: str, until: str, pages: int) -> None:
    """X splits its pages at midnight."""
    world.x.has("nasa", posts=2)
    read(world, since=since, until=until)
    most = XSource(BEARER).max_count_bill(NASA, TimeSpan(parse_utc(since), parse_utc(until)))
    assert len(world.x.counts_requests()) == pages
    assert most == {"counts": pages, "user": 1}


def test_a_page_without_hours_does_not_end_the_counts(world: fake_networks.World) -> None:
    """An empty page without a token in the middle is skipped, because older posts may follow."""
    newest = {"data": [_bucket("2026-01-01", 3)], "meta": {"total_tweet_count": 3}}
    oldest = {"data": [_bucket("2025-10-31", 4)], "meta": {"total_tweet_count": 4}}
    end = {"data": [_bucket("2025-10-01", 5)], "meta": {"total_tweet_count": 5}}
    world.x.returns_counts(newest, {"meta": {"total_tweet_count": 0}}, oldest, end)
    counts = read(world)
    assert counts.total_posts == 12
    assert counts.since == parse_utc("2025-10-01")
    assert counts.cut_by is None
    ends = [request.params["end_time"] for request in world.x.counts_requests()]
    assert ends == ["2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z", "2025-12-01T00:00:00Z", "2025-10-31T00:00:00Z"]


def _bucket(start: str, posts: Any) -> dict[str, Any]:
    return {"start": f"{start}T00:00:00.000Z", "end": f"{start}T01:00:00.000Z", "tweet_count": posts}


def test_the_first_and_last_hour_are_limited_to_the_span(world: fake_networks.World) -> None:
    """A span that starts at half past counts half an hour."""
    for minute in (10, 40, 50):
        world.x.post("nasa", at=parse_utc(f"2026-01-05T10:{minute}"))
    counts = read(world, since="2026-01-05T10:30", until="2026-01-05T10:45")
    assert dict(counts.posts_by_hour) == {parse_utc("2026-01-05T10:30"): 1}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"data": []},
        {"data": "?"},
        {"meta": {}},
        {"data": [_bucket("2026-01-01", None)], "meta": {}},
        {"data": [_bucket("2026-01-01", 1), _bucket("2026-01-02", -1)], "meta": {}},
        {"data": [_bucket("2026-01-01", True)], "meta": {}},
        {"data": [None], "meta": {}},
        {"data": [{"start": "yesterday", "tweet_count": 1}], "meta": {}},
    ],
)
def test_invalid_hours_are_not_zero(world: fake_networks.World, body: Any) -> None:
    """A page with a gap is refused, because the gap would look like silence."""
    world.x.returns_counts(body)
    assert type(refusal(world)) is SourceUnavailable


@pytest.mark.parametrize("token", ["same", None])
def test_repeated_pages_end_the_counts(world: fake_networks.World, token: str | None) -> None:
    """What was counted so far is kept."""
    world.x.returns_counts({"data": [_bucket("2026-01-20", 1)], "meta": {"next_token": token} if token else {}})
    counts = read(world)
    assert type(counts.failure) is SourceUnavailable
    assert counts.cut_by == "failure"
    assert counts.total_posts == 1
    assert len(world.x.counts_requests()) == 2


def test_a_later_failure_keeps_the_newer_pages(world: fake_networks.World) -> None:
    """Two pages of four are shown with the reason."""
    world.x.has("nasa", posts=2000)
    world.x.fails_to_count("rate limit", after_pages=2)
    counts = read(world)
    assert type(counts.failure) is RateLimited
    assert counts.cut_by == "rate_limit"
    assert counts.since == parse_utc("2025-12-01")
    assert dict(counts.bill) == {"counts": 2}


def test_a_cancelled_count_ends_at_the_next_page(world: fake_networks.World) -> None:
    """The reader has closed the page."""
    world.x.has("nasa", posts=2000)
    counts = read(world, listener=ProgressListener(is_cancelled=lambda: True))
    assert len(world.x.counts_requests()) == 1
    assert counts.cut_by == "stopped"


# --- silence, absence and refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "noun", "pages"),
    [("unknown", AccountNotFound, 1), ("suspended", AccountSuspended, 1), ("protected", AccountProtected, 4)],
)
def test_an_account_without_counts_is_looked_up(world: fake_networks.World, state: str, noun: type[SourceError], pages: int) -> None:
    """It may not exist or be protected, which the lookup tells."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_=state)
    assert type(refusal(world)) is noun
    assert len(world.x.counts_requests()) == pages


def test_a_missing_account_costs_one_page(world: fake_networks.World) -> None:
    """The first empty page leads to the lookup."""
    error = refusal(world)
    assert type(error) is AccountNotFound
    assert dict(error.bill) == {"counts": 1}


def test_an_existing_account_without_posts_has_counts_of_zero(world: fake_networks.World) -> None:
    """Its lookup is on the bill."""
    world.x.has("nasa")
    counts = read(world)
    assert counts.total_posts == 0
    assert counts.since == parse_utc("2025-10-01")
    assert dict(counts.bill) == {"counts": 4, "user": 1}


@pytest.mark.parametrize("how", ["forbidden", "no plan", "wrong kind of key"])
def test_a_plan_without_counts_has_advice(world: fake_networks.World, how: str) -> None:
    """The posts can still be read."""
    world.x.has("nasa", posts=5)
    world.x.fails_to_count(how)
    error = refusal(world)
    assert type(error) is PlanUpgradeRequired
    assert "counted=posts" in error.message
    assert dict(error.bill) == {}


@pytest.mark.parametrize(("keys", "needs"), [(FOUR_KEYS, "only with another kind of key"), (XCredentials(), "X isn’t connected")])
def test_counts_require_the_bearer_token(world: fake_networks.World, keys: XCredentials, needs: str) -> None:
    """With other keys, X isn't contacted."""
    error = refusal(world, keys)
    assert type(error) is SourceNotReady
    assert needs in error.message
    assert world.x.requests == []


def test_user_keys_are_not_sent(world: fake_networks.World) -> None:
    """With a bearer token and four keys, X gets only the token, and no unknown parameter."""
    world.x.has("nasa", posts=5)
    read(world, keys=XCredentials("b", "key", "key2", "access", "access2"))
    assert {request.headers["Authorization"] for request in world.x.counts_requests()} == {"Bearer b"}


# --- lookups ---------------------------------------------------------------------------------------------------------


class RememberedLookups:
    """Where X's lookups are stored."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}

    def get(self, key: str) -> bytes | None:
        """Return what was stored."""
        return self.values.get(key)

    def put(self, key: str, value: bytes, seconds: int) -> None:
        """Store a value."""
        self.values[key] = value


def test_counts_have_the_name_of_an_account_that_was_looked_up_before(world: fake_networks.World) -> None:
    """A name that isn't known isn't bought for them."""
    world.x.has("nasa", posts=1, name="NASA")
    source, span = XSource(BEARER, world.url, RememberedLookups()), TimeSpan(parse_utc("2026-03-01"), parse_utc("2026-03-03"))
    assert count_posts(source, NASA, span).name == ""
    fetch.fetch_timeline(source, NASA, TimelineRequest(5))
    counts = count_posts(source, NASA, span)
    assert counts.name == "NASA"
    assert serialization.parse_counts(serialization.dump_counts(counts)) == replace(counts, bill={})
