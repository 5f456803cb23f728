"""One client may ask for large work only so often, and everything else as often as it likes."""

import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.web.auth.rate_limits import LARGE_FILE_BYTES
from tests.support.redis_server import RedisServer, run_redis_server

POSTER = "/frequency.svg?users=demo:aster-air&n=5&width=3000&height=3000&scale=1"
CHART = "/frequency.svg?users=demo:aster-air&n=5"
KEYS = "first-key-of-the-test, second-key-of-the-test"


def client_with(limit: str = "2 per hour", **settings: str) -> FlaskClient:
    """Return a client of an application with this limit."""
    return create_app({"CHORUS_RATE_LIMIT": limit, **settings}).test_client()


def spend_limit(client: FlaskClient, **options: object) -> None:
    """Ask for two large images."""
    for _ in range(2):
        assert client.get(POSTER, **options).status_code == 200


@pytest.fixture
def limited() -> FlaskClient:
    """A client that has asked for as many large images as it may."""
    client = client_with()
    spend_limit(client)
    return client


def assert_refused(response: TestResponse) -> None:
    """Assert that a response is a refusal that says when to try again."""
    assert response.status_code == 429
    assert 1 <= int(response.headers["Retry-After"]) <= 3600
    assert "no-store" in response.headers["Cache-Control"]


def test_one_large_image_too_many_is_refused(limited: FlaskClient) -> None:
    """The response is a problem document that says when to try again."""
    response = limited.get(POSTER)
    assert_refused(response)
    assert response.content_type == "application/problem+json"
    assert "too many large images" in response.get_json()["detail"]


@pytest.mark.parametrize(
    "url",
    [
        "/frequency.csv?users=demo:aster-air,demo:harbour-news&n=20000",
        "/posts.json?users=demo:aster-air,demo:harbour-news&n=20000",
        "/report.pptx?users=demo:aster-air,demo:harbour-news&n=20000",
        "/frequency.csv?users=demo:aster-air&users=demo:harbour-news&n=20000",
        "/frequency.csv?users=demo:aster-air%0Ademo:harbour-news&n=20000",
        "/frequency.csv?users=demo:aster-air+demo:harbour-news&n=20000",
        "/frequency.png?users=demo:aster-air&n=5&width=2000&height=2000",
        "/frequency?users=demo:aster-air&n=5&width=2000&height=2000",
    ],
)
def test_other_large_work_counts_with_it(limited: FlaskClient, url: str) -> None:
    """A client has one limit for everything that is large."""
    assert_refused(limited.get(url))


def test_a_long_report_is_refused_with_its_form(limited: FlaskClient) -> None:
    """The page has the form with the question, so that a smaller one is a click away."""
    response = limited.get("/report?users=demo:aster-air,demo:harbour-news&n=20000", headers={"Accept": "text/html"})
    assert_refused(response)
    assert "demo:aster-air" in response.text
    assert "too many large images, long reports or uploads" in response.text


def test_a_large_upload_counts(limited: FlaskClient) -> None:
    """Importing a large file is large work."""
    file = io.BytesIO(b"x" * LARGE_FILE_BYTES), "posts.csv"
    assert_refused(limited.post("/upload", data={"file": file}, headers={"Sec-Fetch-Site": "same-origin"}))


def test_a_small_upload_is_never_refused(limited: FlaskClient) -> None:
    """Somebody may import many small files in a row."""
    file = io.BytesIO(b"x" * 1000), "posts.csv"
    assert limited.post("/upload", data={"file": file}, headers={"Sec-Fetch-Site": "same-origin"}).status_code != 429


def test_a_long_list_of_texts_counts(limited: FlaskClient) -> None:
    """A prediction of one text doesn't."""
    assert_refused(limited.post("/predict", json={"texts": ["word " * 20_000]}))
    assert limited.post("/predict", json={"text": "Good morning"}).status_code == 200


def test_a_price_is_never_refused(limited: FlaskClient) -> None:
    """The cost of a long report can be asked for however often, because that reads nothing."""
    assert limited.get("/cost?users=demo:aster-air,demo:harbour-news&n=20000").status_code == 200


@pytest.mark.parametrize(
    "url", [CHART, "/health", "/ready", "/", "/static/chorus.css", "/report?users=demo:aster-air&n=5", "/openapi.json"]
)
def test_everything_else_is_never_limited(limited: FlaskClient, url: str) -> None:
    """This holds for charts, pages, probes and static files."""
    with limited.get(url) as response:
        assert response.status_code == 200


def test_clients_at_other_addresses_are_counted_separately(limited: FlaskClient) -> None:
    """Addresses of one IPv6 network belong to one client."""
    here, neighbour, elsewhere = "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"
    spend_limit(limited, environ_base={"REMOTE_ADDR": here})
    assert_refused(limited.get(POSTER, environ_base={"REMOTE_ADDR": neighbour}))
    assert limited.get(POSTER, environ_base={"REMOTE_ADDR": elsewhere}).status_code == 200


def test_holders_of_keys_are_counted_separately() -> None:
    """A key has its own limit, from whatever address. A wrong key counts as its address."""
    client = client_with(CHORUS_ACCESS_KEYS=KEYS)
    first, second, wrong = ({"Authorization": f"Bearer {key}"} for key in ("first-key-of-the-test", "second-key-of-the-test", "wrong"))
    spend_limit(client, headers=first)
    assert_refused(client.get(POSTER, headers=first, environ_base={"REMOTE_ADDR": "192.0.2.9"}))
    assert client.get(POSTER, headers=second).status_code == 200
    spend_limit(client, headers=wrong)
    assert_refused(client.get(POSTER))


def test_the_limit_can_be_turned_off() -> None:
    """Large work is then limited only by what the server can do."""
    client = client_with("off")
    spend_limit(client)
    assert client.get(POSTER).status_code == 200


@pytest.mark.parametrize("value", ["lots", "30", "30 per fortnight", "0 per minute", "30 per minute; 3 per day"])
def test_a_damaged_limit_is_reported_at_start(value: str) -> None:
    """The message shows a valid one."""
    with pytest.raises(InvalidSetting, match="30 per minute"):
        load_settings({"CHORUS_RATE_LIMIT": value})


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    """A real Redis."""
    with run_redis_server() as server:
        yield server


@pytest.mark.server
def test_instances_that_share_a_redis_count_together(redis: RedisServer) -> None:
    """Another instance doesn't give further attempts."""
    spend_limit(client_with(CHORUS_CACHE_URL=redis.url))
    assert_refused(client_with(CHORUS_CACHE_URL=redis.url).get(POSTER))


@pytest.mark.server
def test_each_instance_counts_on_its_own_while_redis_hangs(redis: RedisServer) -> None:
    """A Redis that hangs neither opens the limit nor closes it."""
    client = client_with(CHORUS_CACHE_URL=redis.url)
    redis.freeze()
    try:
        spend_limit(client)
        assert_refused(client.get(POSTER))
    finally:
        redis.thaw()
