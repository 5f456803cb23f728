"""What the application shows of the demo moves on by a week every Monday, whatever it has kept of the week before."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.fake_networks import World

NEWS = "users=demo:harbour-news"
SUNDAY_NIGHT = DEMO_NOON + timedelta(days=6, hours=11, minutes=59)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands a minute before the next week."""
    return FakeClock(SUNDAY_NIGHT)


@pytest.fixture
def dated_client(clock: FakeClock) -> FlaskClient:
    """A client of an application with that clock."""
    return create_app({}, clock).test_client()


@pytest.mark.parametrize(("last", "days"), [("7d", 7), ("30d", 30)])
@pytest.mark.parametrize("account", ["harbour-news", "aster-air"])
def test_every_day_of_a_rolling_period_has_posts(dated_client: FlaskClient, account: str, last: str, days: int) -> None:
    """Somebody who tries the demo sees a full chart, on the last day of the week too."""
    data = dated_client.get(f"/frequency.json?users=demo:{account}&last={last}&interval=day&n=3200").get_json()["data"]
    assert len(data) == days
    assert [row["start"] for row in data if not row["posts"]] == []


def test_the_same_posts_are_a_week_later_on_monday(clock: FakeClock, dated_client: FlaskClient) -> None:
    """The ids and texts stay, so links to single posts work on."""
    sunday = dated_client.get(f"/posts.json?{NEWS}&n=50").get_json()
    clock.advance(timedelta(minutes=1))
    monday = dated_client.get(f"/posts.json?{NEWS}&n=50").get_json()
    assert sunday["data"][0]["created_at"].startswith("2026-10-31")
    assert monday["data"][0]["created_at"].startswith("2026-11-07")
    assert [post["id"] for post in monday["data"]] == [post["id"] for post in sunday["data"]]


@pytest.mark.parametrize("address", [f"/frequency.svg?{NEWS}&n=50", f"/frequency.csv?{NEWS}&n=50", f"/report.json?{NEWS}&n=50"])
def test_nothing_kept_of_last_week_is_shown_on_monday(clock: FakeClock, dated_client: FlaskClient, address: str) -> None:
    """A browser that has the old version gets the new one."""
    sunday = dated_client.get(address)
    clock.advance(timedelta(minutes=1))
    monday = dated_client.get(address, headers={"If-None-Match": sunday.headers.get("ETag", "")})
    assert monday.status_code == 200
    assert monday.data != sunday.data


def test_the_chart_of_the_first_screen_moves_on_monday(clock: FakeClock, dated_client: FlaskClient) -> None:
    """Its image has another address, and other dates."""
    sunday = dated_client.get("/demo-chart/light-wide.svg?day=2026-11-08").text
    clock.advance(timedelta(minutes=1))
    monday = dated_client.get("/demo-chart/light-wide.svg?day=2026-11-09").text
    assert "31 Oct" in sunday or "25 Oct" in sunday
    assert monday != sunday


@pytest.mark.parametrize("days_later", range(7))
def test_rolling_periods_of_the_demo_end_with_its_last_day(days_later: int) -> None:
    """They would have empty days at their end if they were counted back from today."""
    client = create_app({}, FakeClock(DEMO_NOON + timedelta(days=days_later))).test_client()
    query = client.get("/frequency.json?users=demo:harbour-news,demo:aster-air&last=7d").get_json()["query"]
    assert query["since"] == "2026-10-25"
    assert query["until"] == "2026-11-01"


def test_the_last_day_of_the_demo_is_that_of_the_time_zone() -> None:
    """Late on Saturday in London is Sunday in Tokyo."""
    client = create_app({}, FakeClock(DEMO_NOON)).test_client()
    assert client.get(f"/frequency.json?{NEWS}&last=7d&tz=Asia/Tokyo").get_json()["query"]["until"] == "2026-11-02"


def test_a_rolling_period_with_a_real_account_ends_today() -> None:
    """Otherwise the real account would lose its newest posts."""
    with World() as outside:
        clock = FakeClock(DEMO_NOON)
        client = create_app({"CHORUS_BLUESKY_API_URL": outside.url}, clock).test_client()
        document = client.get("/frequency.json?users=demo:harbour-news,harbour.bsky.social&last=7d").get_json()
    assert document["query"]["until"] == "2026-11-03"
