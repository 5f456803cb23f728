"""What Mastodon's servers refuse, and what their errors say."""

import re
import traceback
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dashboard.core.source_errors import (
    AccountNotFound,
    AccountProtected,
    AccountSuspended,
    RateLimited,
    ServerUnreadable,
    SourceError,
    SourceUnavailable,
)
from tests.support import fake_networks
from tests.support.mastodon_reads import catch_error, read_timeline


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("suspended", AccountSuspended, "mastodon.example has suspended"),
        ("protected", AccountProtected, "followers only"),
        ("unknown", AccountNotFound, "on mastodon.example"),
        ("gone", AccountSuspended, "suspended or deleted"),
        ("login", AccountProtected, "mastodon.example doesn’t let visitors read"),
        ("secure", AccountProtected, "mastodon.example doesn’t let visitors read"),
        ("forbidden", AccountProtected, "mastodon.example doesn’t let visitors read"),
        ("no such page", AccountNotFound, "doesn’t respond like a Mastodon server"),
        ("html", SourceUnavailable, "doesn’t respond like a Mastodon server"),
        ("firewall", ServerUnreadable, "mastodon.example refuses requests from programs (status 403, with a web page instead of data)"),
        ("rate limit", RateLimited, "mastodon.example doesn’t let us read"),
        ("overloaded", SourceUnavailable, "mastodon.example is overloaded"),
        ("broken", SourceUnavailable, "mastodon.example has a problem"),
        ("hang up", SourceUnavailable, "mastodon.example can’t be reached"),
    ],
)
def test_each_error_names_the_server(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Different states have different messages about the account."""
    world.mastodon.has("nasa", posts=3)
    world.mastodon.fails("nasa", with_=failure)
    error = catch_error(world)
    assert type(error) is noun
    assert expected_text in error.detail
    assert "nasa@mastodon.example" in error.detail
    assert error.advice != ""


def test_protected_posts_of_a_visible_account_are_an_error(world: fake_networks.World) -> None:
    """Some servers show visitors an account, but not its posts."""
    world.mastodon.has("nasa", posts=80)
    world.mastodon.fails("nasa", with_="secure", after_pages=1)
    timeline = read_timeline(world)
    assert timeline.posts.height == 40
    assert type(timeline.failure) is AccountProtected


def test_a_locked_account_with_public_posts_is_read(world: fake_networks.World) -> None:
    """Approving followers hides only posts for followers."""
    world.mastodon.has("nasa", posts=3, locked=True)
    assert read_timeline(world).posts.height == 3


def test_a_locked_account_without_posts_is_empty(world: fake_networks.World) -> None:
    """There is nothing that it could hide."""
    world.mastodon.has("nasa", posts=0, locked=True)
    assert read_timeline(world).posts.height == 0


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """Mastodon's header is an ISO time."""
    moment = (datetime.now(UTC) + timedelta(minutes=4)).replace(microsecond=0)
    world.mastodon.fails("nasa", with_="rate limit", headers={"X-RateLimit-Reset": moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")})
    assert moment == catch_error(world).resets_at  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["X-RateLimit-Reset", "Retry-After"])
@pytest.mark.parametrize("written", ["epoch", "seconds", "fraction", "HTTP date"])
def test_other_servers_write_the_reset_time_differently(world: fake_networks.World, name: str, written: str) -> None:
    """Software related to Mastodon sends seconds, and a proxy in front of it only `Retry-After`."""
    moment = datetime.now(UTC) + timedelta(seconds=240)
    headers = {"epoch": str(int(moment.timestamp())), "seconds": "240", "fraction": "240.5"}
    headers["HTTP date"] = format_datetime(moment, usegmt=True)
    world.mastodon.fails("nasa", with_="rate limit", headers={name: headers[written]})
    assert abs(catch_error(world).resets_at - moment) < timedelta(seconds=60)  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", ["0", "-5", "1e3", "999999999999", "86401", "Wed, 99 Nov 2026 00:00:00 GMT", "٢٤٠"])
def test_an_invalid_retry_after_is_ignored(world: fake_networks.World, header: str) -> None:
    """It says nothing that somebody could wait for."""
    world.mastodon.fails("nasa", with_="rate limit", headers={"Retry-After": header.encode().decode("latin-1")})
    assert catch_error(world).resets_at is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "header", [None, "", "soon", "1893456000", "2020-01-01T00:00:00Z", "9999-12-31T23:59:59-23:59", "2099-01-01T00:00:00Z"]
)
def test_an_invalid_reset_time_is_ignored(world: fake_networks.World, header: str | None) -> None:
    """It may be missing, nonsense, past or far in the future; the message still has advice."""
    world.mastodon.fails("nasa", with_="rate limit", headers={} if header is None else {"X-RateLimit-Reset": header})
    error = catch_error(world)
    assert error.resets_at is None  # type: ignore[attr-defined]
    assert "five minutes" in error.advice  # type: ignore[attr-defined]


@pytest.mark.parametrize("status", [201, 204, 304, 400, 401, 403, 404, 410, 418, 422, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"error": 5}', b'{"error": "no"}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.mastodon.accounts.clear()
            world.mastodon.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(catch_error(world), SourceError)


@pytest.mark.parametrize("failure", ["secure", "hang up", "html", "bad gzip", "redirect", "broken", "no http"])
def test_no_error_contains_a_cause_or_a_url(world: fake_networks.World, failure: str) -> None:
    """Neither the error nor its cause nor its traceback reveals the gateway."""
    world.mastodon.fails("nasa", with_=failure)
    error = catch_error(world)
    error_texts = "".join([repr(error), repr(vars(error)), error.message, *traceback.format_exception(error)])
    assert error.__cause__ is None
    assert error.__context__ is None
    assert re.findall("127.0.0.1", error_texts) == []
