"""What X refuses, and what its errors say."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.core.source_errors import (
    AccountNotFound,
    CredentialsRejected,
    PlanUpgradeRequired,
    RateLimited,
    SourceError,
    SourceUnavailable,
    UsageCapReached,
)
from tests.support import fake_networks
from tests.support.x_reads import FOUR_KEYS, catch_error


@pytest.mark.parametrize(
    ("failure", "noun", "expected_text"),
    [
        ("wrong key", CredentialsRejected, "can check the key for X"),
        ("no plan", PlanUpgradeRequired, "no X plan yet"),
        ("wrong kind of key", PlanUpgradeRequired, "another kind of key"),
        ("forbidden", PlanUpgradeRequired, "plan doesn’t include"),
        ("spend cap", UsageCapReached, "used up"),
        ("no credits", UsageCapReached, "used up"),
        ("usage cap", UsageCapReached, "Waiting won’t help"),
        ("rate limit", RateLimited, "doesn’t let us read"),
        ("overloaded", SourceUnavailable, "overloaded"),
        ("no such route", SourceUnavailable, "not your fault"),
        ("bad request", AccountNotFound, "There’s no"),
    ],
)
def test_each_error_has_its_own_message(world: fake_networks.World, failure: str, noun: type[SourceError], expected_text: str) -> None:
    """Prices, plans, keys and rate limits differ, and the message has the handle."""
    world.x.fails("nasa", with_=failure)
    error = catch_error(world)
    assert type(error) is noun
    assert expected_text in error.message
    assert "@nasa" in error.detail
    assert error.advice != ""


@pytest.mark.parametrize("failure", ["wrong key", "wrong kind of key"])
def test_a_refused_key_is_named_in_the_log_only(world: fake_networks.World, caplog: pytest.LogCaptureFixture, failure: str) -> None:
    """Operators read which setting to check; visitors don't."""
    world.x.fails("nasa", with_=failure)
    assert "X_BEARER_TOKEN" not in catch_error(world).message
    assert [line for line in caplog.messages if "X_BEARER_TOKEN" in line] != []


def test_a_rejected_signature_mentions_the_clock(world: fake_networks.World) -> None:
    """With four keys, a wrong clock looks like a wrong key."""
    world.x.fails("nasa", with_="wrong key")
    assert "clock" in catch_error(world, FOUR_KEYS).advice


def test_a_rejected_request_is_not_blamed_on_the_reader(world: fake_networks.World) -> None:
    """A 400 for a page is our mistake, and isn't retried."""
    world.x.has("nasa", posts=1)
    world.x.returns_pages("nasa", {"data": [], "meta": {"next_token": "on"}})
    world.x.fails("nasa", with_="bad request", after_pages=1)
    error = catch_error(world)
    assert type(error) is SourceUnavailable
    assert "not your fault" in error.detail
    assert len(world.x.page_requests("nasa")) == 2


@pytest.mark.parametrize("status", [201, 204, 304, 401, 402, 403, 404, 418, 429, 500])
def test_any_error_body_becomes_a_source_error(world: fake_networks.World, subtests: pytest.Subtests, status: int) -> None:
    """This holds for every status and body."""
    for body in [b"", b"[]", b'{"errors": [5, null]}', b'{"errors": 5, "title": [1], "type": 7}', b"<html>", b"[" * 100_000]:
        with subtests.test(body=body[:40]):
            world.x.accounts.clear()
            world.x.fails("nasa", with_=fake_networks.Response(body, status))
            assert isinstance(catch_error(world), SourceError)


def test_a_rate_limit_has_its_reset_time(world: fake_networks.World) -> None:
    """It is UTC in the error's data, and rounded up to a minute in its message."""
    header = fake_networks.epoch_in_minutes(14)
    world.x.fails("nasa", with_="rate limit", headers={"x-rate-limit-reset": header})
    error = catch_error(world)
    resets_at = datetime.fromtimestamp(int(header), UTC)
    shown = (resets_at + timedelta(seconds=59)).strftime("until %H:%M UTC")
    assert error.resets_at == resets_at  # type: ignore[attr-defined]
    assert shown in error.detail  # type: ignore[attr-defined]


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1,5", "0", "1e9", "99999999999", "9" * 5000, "\xb9\xb2", "0x10", "1577836800"])
def test_an_invalid_reset_time_is_ignored(world: fake_networks.World, header: str | None) -> None:
    """It may be missing, nonsense, past or far in the future; the message still has advice."""
    world.x.fails("nasa", with_="rate limit", headers={} if header is None else {"x-rate-limit-reset": header})
    error = catch_error(world)
    assert type(error) is RateLimited  # type: ignore[attr-defined]
    assert error.resets_at is None  # type: ignore[attr-defined]
    assert "quarter of an hour" in error.advice  # type: ignore[attr-defined]
