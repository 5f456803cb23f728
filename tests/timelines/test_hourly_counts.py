"""What a network's own counts cost, and which of them are kept."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.accounts import Account
from dashboard.core.counts import HourlyCounts
from dashboard.core.source_errors import RateLimited
from dashboard.sources import fetch
from dashboard.timelines import hourly_counts, serialization
from tests.support import fake_networks
from tests.support.builders import FETCHED_AT, build_counts
from tests.support.client_requests import get_json

WINTER = "since=2025-10-01&until=2026-02-01"  # 123 days: four pages


def spent(client: FlaskClient) -> float:
    """Return how much of today's five dollars was spent."""
    return round(5 - float(get_json(client, "/cost?users=demo:small-clocks")["left"]), 4)


def midnight(days: int) -> datetime:
    """Return the midnight `days` before today's."""
    return datetime.combine(datetime.now(UTC).date(), time(), UTC) - timedelta(days=days)


def test_an_unavailable_count_is_a_503(client: FlaskClient, world: fake_networks.World) -> None:
    """The message says what to do, and posts aren't bought instead."""
    world.x.has("nasa", posts=5)
    world.x.fails_to_count("forbidden")
    document = get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}", 503)
    assert "counted=posts" in document["detail"]
    assert world.x.page_requests("nasa") == []
    assert spent(client) == 0


def test_the_price_is_quoted(client: FlaskClient, world: fake_networks.World) -> None:
    """A year has twelve pages, and a lookup if X counts nothing; the quote sends no request."""
    document = get_json(client, "/cost?users=nasa&counted=network&since=2025-02-01&until=2026-02-01")
    assert document["at_most"] == 0.13
    assert world.x.requests == []


def test_the_actual_price_is_settled(client: FlaskClient, world: fake_networks.World) -> None:
    """Four pages cost four cents, far less than the posts."""
    world.x.has("nasa", posts=2000)
    get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}")
    assert spent(client) == 0.04


def test_an_exhausted_budget_buys_nothing(world: fake_networks.World) -> None:
    """The response is a 402 that suggests a shorter period."""
    client = create_app({"X_BEARER_TOKEN": "t", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "0.03"}).test_client()
    document = get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}", 402)
    assert "A shorter period costs less: 31 days cost $0.01." in document["detail"]
    assert world.x.requests == []


@pytest.fixture(scope="module")
def counted() -> Iterator[tuple[FlaskClient, fake_networks.FakeX]]:
    """A client of an application that has counted an account's posts, and the network that it asked."""
    with fake_networks.World() as outside:
        outside.x.has("nasa", posts=20)
        client = create_app({"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": outside.url}).test_client()
        get_json(client, "/frequency.json?users=nasa&counted=network&since=2025-10-01")
        yield client, outside.x


@pytest.mark.parametrize(
    "extra_parameters", ["&interval=hour&since=2026-01-01", "&tz=Asia/Tokyo&since=2025-12-01&until=2026-02-01", "&n=5", "&interval=month"]
)
def test_counts_are_reused(counted: tuple[FlaskClient, fake_networks.FakeX], extra_parameters: str) -> None:
    """Other intervals, zones and numbers, and a span inside the stored one, need no request."""
    client, network = counted
    before = len(network.requests)
    since = "" if "since" in extra_parameters else "&since=2025-10-01"
    assert get_json(client, f"/frequency.json?users=nasa&counted=network{since}{extra_parameters}")["coverage"][0]["fetched"] > 0
    assert len(network.requests) == before
    assert before > 0


def test_a_closed_span_is_stored(client: FlaskClient, world: fake_networks.World) -> None:
    """The past isn't counted twice."""
    world.x.has("nasa", posts=20)
    for _ in range(2):
        get_json(client, f"/frequency.json?users=nasa&counted=network&{WINTER}")
    assert len(world.x.counts_requests()) == 4
    assert get_json(client, f"/cost?users=nasa&counted=network&{WINTER}")["at_most"] == 0


def test_an_earlier_start_counts_only_older_posts(client: FlaskClient, world: fake_networks.World) -> None:
    """The stored span grows at its old end."""
    for days in range(80):
        world.x.post("nasa", at=midnight(81 - days) + timedelta(hours=5))
    totals = [
        get_json(client, f"/frequency.json?users=nasa&counted=network&since={midnight(days):%Y-%m-%d}")["coverage"][0]["fetched"]
        for days in (20, 50)
    ]
    spans = [(request.params["start_time"], request.params["end_time"]) for request in world.x.counts_requests()]
    assert totals == [19, 49]
    assert spans[1] == (f"{midnight(50):%FT%TZ}", f"{midnight(20):%FT%TZ}")
    assert len(spans) == 2


def test_after_an_hour_only_newer_posts_are_counted(app: Any, world: fake_networks.World) -> None:
    """The stored span grows at its new end, from the hour that wasn't over."""
    for days in range(10):
        world.x.post("nasa", at=midnight(11 - days) + timedelta(hours=5))
    client = app.test_client()
    url = f"/frequency.json?users=nasa&counted=network&since={midnight(30):%Y-%m-%d}"
    with app.app_context():
        from dashboard.web.extensions import timeline_store

        ends = midnight(3) + timedelta(hours=1, minutes=30)
        before = HourlyCounts("nasa", {midnight(11) + timedelta(hours=5): 1}, midnight(40), ends, None, ends)
        timeline_store().durable_store.put_all({"counts:x:nasa": (serialization.dump_counts(before), 1000)})
    document = get_json(client, url)
    assert [request.params["start_time"] for request in world.x.counts_requests()] == [f"{midnight(3) + timedelta(hours=1):%FT%TZ}"]
    assert document["coverage"][0]["fetched"] == 3
    assert get_json(client, url)["coverage"][0]["fetched"] == len(world.x.counts_requests()) + 2


def test_link_previews_never_buy_counts(client: FlaskClient, world: fake_networks.World) -> None:
    """They get what is stored, or a message."""
    world.x.has("nasa", posts=5)
    url, robot = f"/frequency.json?users=nasa&counted=network&{WINTER}", {"User-Agent": "Slackbot-LinkExpanding 1.0"}
    before = client.get(url, headers=robot)
    assert before.status_code == 402
    assert world.x.requests == []
    get_json(client, url)
    assert client.get(url, headers=robot).status_code == 200


def test_a_failure_is_remembered_for_a_while(client: FlaskClient, world: fake_networks.World) -> None:
    """A missing account isn't requested again immediately."""
    for _ in range(2):
        get_json(client, f"/frequency.json?users=nobody&counted=network&{WINTER}", 404)
    assert len(world.x.requests) == 2
    assert spent(client) == 0.01


def test_stored_counts_are_restored() -> None:
    """This includes failure and ends."""
    failure = RateLimited("nasa", "Wait.", resets_at=FETCHED_AT)
    kept = build_counts("2026-01-01T10:30", "2026-02-01", ("2026-01-01T10:30", 7), cut_by="rate_limit", failure=failure)
    back = serialization.parse_counts(serialization.dump_counts(kept))
    assert back is not None
    assert back.posts_by_hour == kept.posts_by_hour
    assert back.since == kept.since
    assert back.until == kept.until
    assert back.cut_by == "rate_limit"
    assert type(back.failure) is RateLimited


@pytest.mark.parametrize(
    "damaged", [None, b"", b"hello\nworld", b"\n{}", serialization.dump_counts(build_counts("2026-01-01", "2026-01-02"))[:-1]]
)
def test_damaged_counts_are_ignored(damaged: bytes | None) -> None:
    """They are counted again rather than shown wrong."""
    assert serialization.parse_counts(damaged) is None


def test_only_x_counts_posts() -> None:
    """No other network claims that it can."""
    with_all = create_app({})
    with with_all.app_context():
        from dashboard.web.extensions import timeline_store

        able = [network for network in timeline_store().sources if hourly_counts.supports_counts(timeline_store(), Account(network, "a"))]
    assert able == ["x"]
    assert fetch.FETCH_TIMEOUT_SECONDS == 60.0
