"""Timelines are read once, whatever charts are requested of them, by however many readers, and wherever they are stored."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.reports.fetched import Fetched
from dashboard.web import fetching
from tests.support import fake_networks
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import HtmlPage
from tests.support.redis_server import run_redis

AGAIN = [
    "/frequency?users=nasa",
    "/sentiment.svg?users=nasa",
    "/sentiment.csv?users=nasa&interval=week",
    "/sentiment.json?users=nasa&method=vader&measure=mean",
    "/html/frequency?users=nasa&tz=Asia/Tokyo",
    "/html/sentiment?users=nasa&kinds=reply",
    "/report?users=nasa&n=30&window=common",
]


def client_with(world: fake_networks.World, cache: str = "") -> FlaskClient:
    """Return a client of a fresh application that reads X from the fake networks."""
    return create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_CACHE_URL": cache}).test_client()


@pytest.fixture
def redis() -> Iterator[str]:
    """The URL of a real Redis."""
    with run_redis() as url:
        yield url


@pytest.mark.slow
def test_another_view_reads_nothing_again(client: FlaskClient, world: fake_networks.World) -> None:
    """Charts, intervals, methods, formats, zones, kinds and fewer posts use the stored timeline."""
    world.x.has("nasa", posts=60)
    client.get("/report?users=nasa")
    before = len(world.x.requests)
    assert {url: (client.get(url).status_code, len(world.x.requests) - before) for url in AGAIN} == dict.fromkeys(AGAIN, (200, 0))


def test_fewer_posts_are_the_newest_stored_ones(client: FlaskClient, world: fake_networks.World) -> None:
    """The response says that it was cut."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa")
    covered = client.get("/frequency.json?users=nasa&n=7").get_json()["coverage"][0]
    assert covered["fetched"] == 7
    assert covered["cut_by"] == "n"


def test_more_posts_of_a_complete_timeline_are_not_read(client: FlaskClient, world: fake_networks.World) -> None:
    """It has all posts for any number."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa&n=100")
    before = len(world.x.requests)
    assert client.get("/frequency.json?users=nasa&n=3200").get_json()["coverage"][0]["fetched"] == 60
    assert len(world.x.requests) == before


def test_more_posts_of_a_cut_timeline_are_read(client: FlaskClient, world: fake_networks.World) -> None:
    """A larger number contacts the network."""
    world.x.has("nasa", posts=60)
    fetched = [client.get(f"/frequency.json?users=nasa&n={n}").get_json()["coverage"][0]["fetched"] for n in (20, 50)]
    assert fetched == [20, 50]


def test_adding_an_account_reads_only_that_one(client: FlaskClient, world: fake_networks.World) -> None:
    """The timelines of the others are stored."""
    world.x.has("nasa", posts=5)
    world.x.has("esa", posts=5)
    client.get("/frequency.json?users=nasa")
    request_count = len(world.x.page_requests("nasa"))
    client.get("/frequency.json?users=nasa,esa")
    assert len(world.x.page_requests("nasa")) == request_count
    assert len(world.x.page_requests("esa")) > 0


def test_concurrent_readers_cause_one_read(client: FlaskClient, world: fake_networks.World) -> None:
    """Eight readers of one timeline cost as much as one."""
    world.x.has("nasa", posts=150)
    alone = client_with(world)
    alone.get("/frequency.json?users=nasa")
    cost = len(world.x.requests)
    app = client.application
    start = threading.Barrier(8)
    statuses: list[int] = []

    def ask() -> None:
        start.wait()
        statuses.append(app.test_client().get("/frequency.json?users=nasa").status_code)

    readers = [threading.Thread(target=ask) for _ in range(8)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert statuses == [200] * 8
    assert len(world.x.requests) - cost == cost


def test_posts_that_were_read_again_are_worked_on_again(world: fake_networks.World) -> None:
    """They may have other texts and reactions, although they have the same ids, so nobody gets what is being computed from the old ones."""
    clock, begun, may_end, results = FakeClock(), threading.Event(), threading.Event(), list[datetime]()
    app = create_app({"CHORUS_BLUESKY_API_URL": world.url}, clock)
    world.bluesky.has("nasa", posts=3)
    query = Query.parse({"users": ["nasa.bsky.social"]})

    def work_slowly(fetched: Fetched) -> datetime:
        begun.set()
        may_end.wait(timeout=10)
        return fetched.activities[0].fetched_at

    def ask(work: Callable[[Fetched], datetime]) -> None:
        with app.app_context():
            results.append(fetching.share_result(fetching.start_fetch(query, NO_SPENDING), ("test", query), work))

    slow = threading.Thread(target=ask, args=[work_slowly])
    slow.start()
    begun.wait(timeout=10)
    clock.advance(timedelta(hours=2))
    ask(lambda fetched: fetched.activities[0].fetched_at)
    may_end.set()
    slow.join()
    assert results[0] == clock()
    assert results[1] == clock() - timedelta(hours=2)


def test_a_failure_is_remembered_for_a_while(client: FlaskClient, world: fake_networks.World) -> None:
    """Reloading the page doesn't contact the network again."""
    world.x.has("nasa", posts=5)
    world.x.fails("nasa", with_="rate limit")
    responses = [client.get("/frequency.json?users=nasa")]
    request_count = len(world.x.requests)
    responses.append(client.get("/frequency.json?users=nasa"))
    assert [response.status_code for response in responses] == [429, 429]
    assert len(world.x.requests) == request_count


def test_all_accounts_that_cannot_be_read_are_named(client: FlaskClient) -> None:
    """Programs and people learn about each of them at once, at the field of the accounts."""
    users = "users=nobody,noone"
    response = client.get(f"/frequency.json?{users}")
    page = HtmlPage(client.get(f"/report?{users}").text)
    assert response.status_code == 404
    assert [problem["field"] for problem in response.json["problems"]] == ["users", "users"]
    for name in ("nobody", "noone"):
        assert f"There’s no @{name} on X." in response.json["detail"]
        assert f"There’s no @{name} on X." in page.problems["users"]
    assert page.problems["users"].count("Check the spelling") == 1


def test_an_earlier_span_of_a_complete_timeline_is_not_read_again(client: FlaskClient, world: fake_networks.World) -> None:
    """The stored posts of that span are used."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa")
    before = len(world.x.page_requests("nasa"))
    covered = client.get("/frequency.json?users=nasa&until=2026-01-31").get_json()["coverage"][0]
    assert covered["last"] < "2026-01-31"
    assert len(world.x.page_requests("nasa")) == before


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_another_process_uses_the_stored_timelines(
    world: fake_networks.World, tmp_path: Path, kind: str, request: pytest.FixtureRequest
) -> None:
    """They are in a folder or in Redis."""
    cache = f"file://{tmp_path}/kept" if kind == "file" else request.getfixturevalue("redis")
    world.x.has("nasa", posts=60)
    first = client_with(world, cache).get("/sentiment.csv?users=nasa").data
    before = len(world.x.requests)
    assert client_with(world, cache).get("/sentiment.csv?users=nasa").data == first
    assert len(world.x.requests) == before


def test_an_unreachable_cache_breaks_no_free_chart(world: fake_networks.World) -> None:
    """Without Redis, demo accounts are shown every time."""
    client = client_with(world, "redis://127.0.0.1:1/0")
    assert [client.get("/frequency.json?users=demo:small-clocks").status_code for _ in range(2)] == [200, 200]


def test_nothing_is_bought_while_spending_cannot_be_counted(world: fake_networks.World) -> None:
    """Without Redis, paid networks aren't contacted, because today's spending is unknown. It isn't called used up."""
    world.x.has("nasa", posts=5)
    response = client_with(world, "redis://127.0.0.1:1/0").get("/frequency.json?users=nasa")
    assert response.status_code == 503
    assert response.get_json()["title"] == "Today’s spending is unknown right now"
    assert "can’t look up what was already paid for" in response.get_json()["detail"]
    assert world.x.requests == []


def test_cached_bytes_are_never_executed(world: fake_networks.World, redis: str) -> None:
    """A pickle in Redis isn't a timeline and runs no code."""
    import pickle

    from redis import Redis

    world.x.has("nasa", posts=5)
    with Redis.from_url(redis) as server:
        client_with(world, redis).get("/frequency.json?users=nasa")
        for key in server.scan_iter("*timeline*"):
            server.set(key, b"!" + pickle.dumps(Trap()))
        Trap.sprung = False
        assert client_with(world, redis).get("/frequency.json?users=nasa").status_code == 200
    assert not Trap.sprung


class Trap:
    """An object that reports when it is unpickled."""

    sprung = False

    def __reduce__(self) -> tuple[object, tuple[()]]:
        return spring, ()


def spring() -> None:
    Trap.sprung = True
