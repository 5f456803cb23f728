"""Pages and tables are computed once for the same question about the same posts, and nobody gets one that isn't theirs, or an old one."""

import gzip
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.web.formats import FORMATS, DataFormat, Table
from tests.support import fake_networks
from tests.support.client_requests import upload_file
from tests.support.fake_clock import FakeClock
from tests.support.fault_suite import ONLY_IN_FAULTS, list_cases
from tests.support.redis_server import run_redis_server
from tests.support.streamed_pages import never_stream

NOW = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)
QUESTION = "users=demo:aster-air,demo:harbour-news&n=30"
PAGES = [
    f"/report?{QUESTION}",
    f"/html/frequency?{QUESTION}",
    f"/html/sentiment?{QUESTION}&embed=1",
    f"/posts?{QUESTION}&page=2",
]
FILES = [
    f"/frequency.csv?{QUESTION}",
    f"/sentiment.json?{QUESTION}",
    f"/words.xlsx?{QUESTION}",
    f"/compare.parquet?{QUESTION}&last=30d",
    f"/posts.json?{QUESTION}",
    f"/report.csv?{QUESTION}",
    f"/report.json?{QUESTION}",
]
CASES = [
    path if path in (PAGES[0], PAGES[3], FILES[0], FILES[5]) else pytest.param(path, marks=ONLY_IN_FAULTS) for path in [*PAGES, *FILES]
]
KEY = "geheim-0123456789-abcdef"
CSV = "text,created_at,account\nHello,2026-01-01T10:00:00Z,us\nBye,2026-01-02T10:00:00Z,us\n"
OLD_BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:45.0) Gecko/20100101 Firefox/45.0"}


def open_app(clock: FakeClock | None = None, **environment: str) -> Flask:
    """Return a new application, whose pages are never streamed, because those aren't kept."""
    return never_stream(create_app(environment, clock or FakeClock(NOW)))


def open_client(clock: FakeClock | None = None, **environment: str) -> FlaskClient:
    """Return a client of a new application, which has kept nothing yet."""
    return open_app(clock, **environment).test_client()


def count_hits(client: FlaskClient) -> int:
    """Return how many responses were kept ones."""
    lines = client.get("/metrics").text.splitlines()
    counts = [line.rpartition(" ")[2] for line in lines if line.startswith('chorus_cache_total{kept="response",result="hit"}')]
    return int(float(counts[0])) if counts else 0


def list_headers(response: TestResponse) -> list[tuple[str, str]]:
    """Return the headers of a response, apart from its number and its time."""
    return sorted(header for header in response.headers if header[0] not in ("X-Request-Id", "Date"))


@pytest.fixture
def tables() -> Iterator[list[Table]]:
    """The tables that a registered format has written."""
    written: list[Table] = []

    def write(table: Table) -> str:
        written.append(table)
        return table.to_csv()

    with FORMATS.registered(DataFormat(name="list", title="List", mime_type="text/x-list", render=write)):
        yield written


# --- the same bytes ---------------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("path", CASES)
def test_a_kept_response_is_the_one_that_would_be_computed(path: str) -> None:
    """It has the same bytes and the same headers as that of an application that has kept nothing."""
    client = open_client()
    client.get(path)
    kept, fresh = client.get(path), open_client().get(path)
    assert count_hits(client) == 1
    assert kept.status_code == 200
    assert kept.data == fresh.data
    assert list_headers(kept) == list_headers(fresh)


@pytest.mark.parametrize(
    ("encoding", "decompress"), [("gzip", gzip.decompress), ("br", brotli.decompress), ("identity", bytes)], ids=["gzip", "br", "none"]
)
def test_a_compressed_version_is_kept_as_well(encoding: str, decompress: Callable[[bytes], bytes]) -> None:
    """A browser gets what it can read, whatever others have got before."""
    client, path = open_client(), PAGES[0]
    plain = client.get(path).data
    responses = [client.get(path, headers={"Accept-Encoding": encoding}) for _ in range(2)]
    assert [decompress(response.data) for response in responses] == [plain, plain]
    assert responses[0].headers["Content-Length"] == str(len(responses[0].data))
    assert list_headers(responses[1]) == list_headers(responses[0])


def test_a_table_is_written_once(tables: list[Table]) -> None:
    """A second client gets the bytes that were written for the first one."""
    client = open_client()
    bodies = {client.get(f"/frequency.list?{QUESTION}").data for _ in range(3)}
    assert len(bodies) == 1
    assert len(tables) == 1


def test_nothing_is_computed_for_a_client_that_has_the_table(tables: list[Table]) -> None:
    """Another process knows the ETag as well, because it depends on the question and the posts alone."""
    etag = open_client().get(f"/frequency.list?{QUESTION}").headers["ETag"]
    response = open_client().get(f"/frequency.list?{QUESTION}", headers={"If-None-Match": etag})
    assert response.status_code == 304
    assert response.data == b""
    assert len(tables) == 1


@pytest.mark.parametrize(
    ("path", "encoding"),
    [*list_cases([(PAGES[3], "identity"), (FILES[0], "identity")], [*PAGES, *FILES], ["identity"]), (PAGES[0], "br"), (FILES[0], "br")],
)
def test_an_unchanged_response_is_not_sent_again(path: str, encoding: str) -> None:
    """Neither a compressed one nor another."""
    headers = {"Accept-Encoding": encoding}
    etag = open_client().get(path, headers=headers).headers["ETag"]
    response = open_client().get(path, headers={**headers, "If-None-Match": etag})
    assert response.status_code == 304
    assert response.headers["ETag"] == etag
    assert response.data == b""


# --- never an old response --------------------------------------------------------------------------------------------


OPTIONS = ["n=29", "tz=Europe/Berlin", "kinds=post", "last=365d", "interval=month", "method=vader", "window=common"]


@pytest.mark.parametrize(
    ("path", "option"),
    list_cases(
        [("/html/sentiment", "method=vader"), *(("/sentiment.csv", option) for option in OPTIONS)],
        ["/html/sentiment", "/sentiment.csv"],
        OPTIONS,
    ),
)
def test_another_question_has_another_response(path: str, option: str) -> None:
    """Every option that may change a response changes its ETag."""
    client = open_client()
    question = f"users=demo:aster-air,demo:harbour-news&{'' if option.startswith('n=') else 'n=30&'}{option}"
    other = client.get(f"{path}?{question}", follow_redirects=True)
    assert other.status_code == 200
    assert other.headers["ETag"] != client.get(f"{path}?{QUESTION}").headers["ETag"]


@pytest.mark.slow
@pytest.mark.parametrize("path", [PAGES[0], FILES[1]])
def test_another_hour_has_the_same_response_about_the_same_posts(path: str) -> None:
    """It says when they became what they are, and another process says the same."""
    clock = FakeClock(NOW)
    client = open_client(clock)
    first = client.get(path)
    clock.advance(timedelta(hours=1))
    assert client.get(path).data == first.data
    assert open_client(clock).get(path).data == first.data


@pytest.mark.parametrize("path", ["/report?users=nasa&n=50", "/frequency.json?users=nasa&n=50"])
def test_new_posts_have_another_response(world: fake_networks.World, path: str) -> None:
    """As soon as they are read, nobody gets the numbers from before."""
    clock = FakeClock(NOW)
    client = open_client(clock, X_BEARER_TOKEN="token", CHORUS_X_API_URL=world.url)
    world.x.has("nasa", posts=20)
    first = client.get(path)
    assert client.get(path).data == first.data
    world.x.has("nasa", posts=21)
    clock.advance(timedelta(hours=2))
    second = client.get(path)
    assert second.headers["ETag"] != first.headers["ETag"]
    assert second.data != first.data


def test_a_page_says_what_its_links_cost_now(world: fake_networks.World) -> None:
    """Somebody else has bought the latest posts, so the link to them has no price any more, although the page's own posts are the same."""
    client = never_stream(create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url})).test_client()
    world.x.has("nasa", posts=60)
    path = "/html/frequency?users=nasa&n=50&since=2020-01-01&until=2020-02-01"
    before, kept = client.get(path), client.get(path)
    client.get("/frequency.json?users=nasa&n=50")
    after = client.get(path)
    assert kept.data == before.data
    assert before.text.count("up to $") > after.text.count("up to $")


def test_a_page_with_a_price_that_its_identity_does_not_name_is_not_kept(world: fake_networks.World) -> None:
    """A page without posts links to the days of the latest ones, which may cost money later."""
    client = open_client(FakeClock(), X_BEARER_TOKEN="token", CHORUS_X_API_URL=world.url)
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa&n=50")
    path = "/html/frequency?users=nasa&n=50&since=2020-01-01&until=2020-02-01"
    pages = [client.get(path) for _ in range(3)]
    assert [page.status_code for page in pages] == [200, 200, 200]
    assert count_hits(client) == 0
    assert "ETag" not in pages[0].headers  # or else a browser would be told that its page is still right


def test_a_page_links_to_the_latest_posts_that_are_known_now(world: fake_networks.World) -> None:
    """Somebody else has asked for newer posts since, and the page's own period still has none."""
    client = open_client(FakeClock(), CHORUS_BLUESKY_API_URL=world.url)
    world.bluesky.has("nasa", posts=3)
    path = "/html/frequency?users=nasa.bsky.social&since=2020-01-01&until=2020-02-01"
    before = client.get(path)
    client.get("/frequency.json?users=nasa.bsky.social")
    after = client.get(path)
    assert "Show the latest posts" in before.text
    assert "Show the latest posts" not in after.text


def test_a_page_of_posts_that_may_not_be_bought_is_not_kept(world: fake_networks.World) -> None:
    """It offers to read them, for a price that changes with the budget."""
    client = open_client(X_BEARER_TOKEN="token", CHORUS_X_API_URL=world.url)
    world.x.has("nasa", posts=20)
    path = "/html/frequency?users=nasa,demo:aster-air&n=50"
    for _ in range(2):
        offer = client.get(path, headers={"Sec-Fetch-Site": "cross-site"})
        assert "ETag" not in offer.headers
        assert offer.headers["Cache-Control"] == "no-store"
    read = client.get(path)
    assert "Some accounts are missing" in offer.text
    assert "Some accounts are missing" not in read.text


# --- never somebody else's response -----------------------------------------------------------------------------------


@pytest.fixture
def locked_app(tmp_path: Path) -> Flask:
    """An application with an access key that accepts files and sells posts."""
    return open_app(CHORUS_ACCESS_KEYS=KEY, CHORUS_DATASETS=str(tmp_path), X_BEARER_TOKEN="token")


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_a_page_shows_its_own_client(locked_app: Flask, path: str) -> None:
    """Whoever came before: signed in or not, by another name of the host or by https, with an old browser or a program."""
    signed_in, stranger = locked_app.test_client(), locked_app.test_client()
    signed_in.post("/signin", data={"key": KEY})
    pages = {
        "signed in": signed_in.get(path),
        "stranger": stranger.get(path),
        "other host": stranger.get(path, base_url="http://chorus.example"),
        "https": stranger.get(path, base_url="https://localhost"),
        "old browser": stranger.get(path, headers=OLD_BROWSER),
    }
    assert {page.status_code for page in pages.values()} == {200}
    if "embed" not in path:
        assert "Sign out" in pages["signed in"].text
        assert "Sign out" not in pages["stranger"].text
        assert "http://chorus.example/" in pages["other host"].text
        assert "chorus.example" not in pages["stranger"].text
        assert "https://localhost/" in pages["https"].text
    if "report" in path:
        assert 'action="/confirm"' in pages["old browser"].text
        assert 'action="/confirm"' not in pages["stranger"].text
    assert signed_in.get(path).data == pages["signed in"].data
    assert stranger.get(path).data == pages["stranger"].data


@pytest.mark.parametrize("owner_is_first", [True, False])
def test_only_the_owner_gets_the_link_that_deletes_a_file(tmp_path: Path, owner_is_first: bool) -> None:
    """Whoever opens the page first, and also from what instances share."""
    with run_redis_server() as redis:
        app = open_app(CHORUS_DATASETS=str(tmp_path), CHORUS_CACHE_URL=redis.url)
        owner, reader = app.test_client(), app.test_client()
        path = upload_file(owner, CSV).headers["Location"]
        clients = [owner, reader] if owner_is_first else [reader, owner]
        for client in [*clients, *clients]:
            response = client.get(path)
            assert response.status_code == 200
            assert ("Delete it now" in response.text) is (client is owner)
            assert response.headers["Cache-Control"] == "private, no-store"


@pytest.mark.slow
def test_a_file_that_was_deleted_is_not_shown_any_more(tmp_path: Path) -> None:
    """Neither its page nor its table, although both were kept."""
    client = open_client(CHORUS_DATASETS=str(tmp_path))
    path = upload_file(client, CSV).headers["Location"]
    users = path.partition("users=")[2]
    reader = client.application.test_client()
    paths = [path, f"/html/frequency?users={users}", f"/frequency.csv?users={users}"]
    etags = [reader.get(path).headers["ETag"] for path in paths]
    key = client.get(path).text.partition("delete?key=")[2].partition('"')[0]
    identity = users.removeprefix("file:").partition("/")[0]
    assert client.post(f"/datasets/{identity}/delete", data={"key": key}).status_code == 200
    for path, etag in zip(paths, etags, strict=True):
        assert reader.get(path).status_code == 404
        assert reader.get(path, headers={"If-None-Match": etag}).status_code == 404


def test_nothing_of_a_file_is_stored_in_a_redis(tmp_path: Path) -> None:
    """What its owner deletes would otherwise stay there for a day."""
    with run_redis_server() as redis:
        client = open_client(CHORUS_DATASETS=str(tmp_path), CHORUS_CACHE_URL=redis.url)
        users = upload_file(client, CSV).headers["Location"].partition("users=")[2]
        reader = client.application.test_client()
        for path in ["report", "html/frequency", "posts", "posts.csv", "frequency.svg"]:
            for _ in range(2):
                assert reader.get(f"/{path}?users={users}").status_code == 200
        assert [key for key in redis.connect().scan_iter("*") if b"result:" in key] == []
        assert count_hits(reader) == 5


# --- instances --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [PAGES[0], FILES[0]])
def test_instances_share_what_they_compute(path: str) -> None:
    """The second one has a hit, and the same bytes."""
    with run_redis_server() as redis:
        first, second = (open_client(CHORUS_CACHE_URL=redis.url) for _ in range(2))
        body = first.get(path).data
        assert second.get(path).data == body
        assert count_hits(second) == 1


def test_damaged_entries_of_a_redis_are_computed_again() -> None:
    """Whatever somebody has written there."""
    with run_redis_server() as redis:
        body = open_client(CHORUS_CACHE_URL=redis.url).get(FILES[0]).data
        connection = redis.connect()
        keys = [key for key in connection.scan_iter("*") if b"result:" in key]
        for key in keys:
            connection.set(key, b"B<script>alert(1)</script>")
        other = open_client(CHORUS_CACHE_URL=redis.url)
        assert len(keys) == 1
        assert other.get(FILES[0]).data == body
        assert count_hits(other) == 0
