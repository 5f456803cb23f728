"""X's own count of posts: its two spellings of numbers, its apps, and whatever else it may send."""

import logging
from datetime import UTC, date, datetime
from typing import Any

import pytest

from dashboard.sources.x import XCredentials, XSource
from dashboard.sources.x_usage import XUsage, parse_daily_count
from tests.support import fake_networks

DAY = date(2026, 3, 2)


def build_body(apps: Any, project: Any = None) -> dict[str, Any]:
    return {"data": {"daily_client_app_usage": apps, "daily_project_usage": project}}


def build_owner(usage: Any, day: str = "2026-03-02T00:00:00.000Z") -> dict[str, Any]:
    return {"usage": [{"date": "2026-03-01T00:00:00.000Z", "usage": "7"}, {"date": day, "usage": usage}]}


def ask(world: fake_networks.World, token: str = "a-token", timeout_seconds: float = 20) -> int | None:
    return XUsage(token, world.url, timeout_seconds).count_posts(datetime.now(UTC).date())


def test_the_count_of_today_is_asked_for_with_the_bearer_token(world: fake_networks.World) -> None:
    """X gets the token and the two fields, and its count of today comes back."""
    world.x.counts_usage("43435")
    assert ask(world) == 43435
    (request,) = world.x.usage_requests
    assert request.headers["Authorization"] == "Bearer a-token"
    assert request.params == {"days": "2", "usage.fields": "daily_client_app_usage,daily_project_usage"}


@pytest.mark.parametrize(("written", "count"), [("0", 0), (0, 0), ("200", 200), (200, 200), (10**8, 10**8)])
def test_a_count_is_a_number_or_digits(written: Any, count: int) -> None:
    """X's documentation shows both."""
    assert parse_daily_count(build_body([build_owner(written)]), DAY) == count


@pytest.mark.parametrize("day", ["2026-03-02", "2026-03-02T00:00:00Z"])
def test_a_day_has_two_spellings(day: str) -> None:
    """With and without a time."""
    assert parse_daily_count(build_body([build_owner(5, day)]), DAY) == 5


@pytest.mark.parametrize("written", [-1, "-1", 10**8 + 1, "9" * 5000, 10**30, 1.5, True, None, "", "five", "٥", "1e3", [], {}])
def test_an_impossible_count_is_no_count(written: Any) -> None:
    """Neither negative nor huge numbers reach the ledger."""
    assert parse_daily_count(build_body([build_owner(written)]), DAY) is None


def test_the_project_counts_if_its_only_app_has_no_row_of_the_day() -> None:
    """Then both are the same."""
    assert parse_daily_count(build_body([{"client_app_id": "1", "usage": []}], build_owner("12")), DAY) == 12


def test_several_apps_are_no_count() -> None:
    """Nobody knows which of them is ours, and what others have read isn't our spending."""
    assert parse_daily_count(build_body([build_owner("5"), build_owner("6")], build_owner("11")), DAY) is None


def test_a_day_that_appears_twice_is_no_count() -> None:
    """It's unclear which one is right."""
    row = {"date": "2026-03-02", "usage": "5"}
    assert parse_daily_count(build_body([{"usage": [row, row]}]), DAY) is None


@pytest.mark.parametrize(
    "body",
    [None, [], "x", 5, {}, {"data": []}, {"data": {"project_usage": "5"}}, build_body({}), build_body([None]), build_body([[]], [])]
    + [build_body([{"usage": rows}], {"usage": rows}) for rows in (None, {}, "x", [None], [[]], [{"date": 5, "usage": 5}])],
)
def test_garbage_is_no_count(body: Any) -> None:
    """Whatever X sends, it's a count or nothing."""
    assert parse_daily_count(body, DAY) is None


@pytest.mark.slow
@pytest.mark.parametrize("failure", sorted(fake_networks.SERVER_FAULTS))
def test_a_server_that_fails_is_no_count(world: fake_networks.World, failure: str) -> None:
    """Whether it hangs, breaks off or sends something else, it's given up in time and without an error."""
    world.x.usage_response = fake_networks.SERVER_FAULTS[failure]
    assert ask(world, timeout_seconds=0.5) is None


def test_a_response_that_is_too_long_is_no_count(world: fake_networks.World) -> None:
    """A count takes less than a kilobyte."""
    world.x.counts_usage("5")
    world.x.usage_response.body["padding"] = "x" * 2**17
    assert ask(world) is None


def test_without_a_bearer_token_x_is_not_asked(world: fake_networks.World) -> None:
    """The four keys of OAuth 1.0a can't ask for a count."""
    keys = XCredentials(api_key="a", api_secret_key="b", access_token="c", access_secret="d")
    assert XSource(keys, api_url=world.url).count_billed_posts(DAY) is None
    assert world.x.usage_requests == []


def test_the_reason_is_logged_once_and_without_the_key(world: fake_networks.World, caplog: pytest.LogCaptureFixture) -> None:
    """An operator learns why there's no comparison, and isn't told again."""
    usage = XUsage("s3cret-token", world.url)
    with caplog.at_level(logging.INFO, logger="dashboard"):
        assert usage.count_posts(DAY) is None
        assert usage.count_posts(DAY) is None
    messages = [record.getMessage() for record in caplog.records]
    assert messages == ["The ledger isn't compared with X's own count of posts: X answered with status 404."]
    assert "s3cret" not in caplog.text
