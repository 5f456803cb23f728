"""What Bluesky refuses, and what its errors say."""

import re
import traceback
from datetime import UTC, datetime

import pytest

from dashboard.core.accounts import Account
from dashboard.core.source_errors import AccountNotFound, AccountProtected, AccountSuspended, RateLimited, SourceError, SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.bluesky import BlueskySource
from tests.support import fake_networks
from tests.support.bluesky_reads import catch_error, read_timeline


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("suspended", AccountSuspended, "has suspended"),
        ("deactivated", AccountNotFound, "deactivated the account"),
        ("protected", AccountProtected, "only to signed-in Bluesky users"),
        ("unknown", AccountNotFound, "There’s no"),
        ("blocked", AccountProtected, "isn’t visible to visitors"),
        ("forbidden", SourceUnavailable, "refuses requests"),
        ("login", SourceUnavailable, "refuses requests"),
        ("bad request", SourceUnavailable, "not your fault"),
        ("rate limit", RateLimited, "doesn’t let us read"),
        ("overloaded", SourceUnavailable, "overloaded"),
        ("broken", SourceUnavailable, "has a problem"),
    ],
)
def test_each_error_has_its_own_message(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Different states have different messages, and each has the handle."""
    world.bluesky.fails("nasa", with_=failure)
    error = catch_error(world)
    assert type(error) is noun
    assert expected_text in error.message
    assert "nasa.bsky.social" in error.detail


@pytest.mark.parametrize(
    ("handle", "suggested"),
    [
        ("nasa.bsky.app", ["nasa.bsky.social"]),
        ("nasa.bsky.socail", ["nasa.bsky.social"]),
        ("nasa.bluesky", ["nasa.bsky.social"]),
        ("nasa.bsky.social", []),
        ("nasa.example.org", []),
        ("nasa.mastodon.social", []),
    ],
)
def test_a_handle_that_does_not_exist_suggests_one_of_bluesky_s_own(world: fake_networks.World, handle: str, suggested: list[str]) -> None:
    """Only the domain was mistyped; any other domain may be somebody's own."""
    with pytest.raises(AccountNotFound) as caught:
        fetch.fetch_timeline(BlueskySource(world.url), Account("bluesky", handle), TimelineRequest(10), timeout_seconds=10)
    assert [suggestion.value for suggestion in caught.value.suggestions] == suggested


def test_a_negated_label_hides_nothing(world: fake_networks.World) -> None:
    """Its owner has taken the wish back."""
    world.bluesky.has("nasa", posts=1, labels=[{"val": "!no-unauthenticated", "neg": True}, {"val": "other"}, None])
    assert read_timeline(world).posts.height == 1


def test_an_account_that_disappears_after_the_lookup_is_not_found(world: fake_networks.World) -> None:
    """The feed may report that the account doesn't exist."""
    world.bluesky.has("nasa", posts=150)
    world.bluesky.fails("nasa", with_="unknown actor", after_pages=1)
    timeline = read_timeline(world, limit=150)
    assert timeline.posts.height == 100
    assert type(timeline.failure) is AccountNotFound


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """Bluesky's header has epoch seconds."""
    header = fake_networks.epoch_in_minutes(4)
    world.bluesky.fails("nasa", with_="rate limit", headers={"RateLimit-Reset": header})
    assert datetime.fromtimestamp(int(header), UTC) == catch_error(world).resets_at  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 403, 404, 418, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"error": 5, "message": ["not found"]}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.bluesky.accounts.clear()
            world.bluesky.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(catch_error(world), SourceError)


@pytest.mark.parametrize("failure", ["forbidden", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_cause_or_a_url(world: fake_networks.World, failure: str) -> None:
    """Neither the error nor its cause nor its traceback reveals the gateway."""
    world.bluesky.fails("nasa", with_=failure)
    error = catch_error(world)
    error_texts = "".join([repr(error), repr(vars(error)), error.message, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    assert re.findall("127.0.0.1", error_texts) == []
