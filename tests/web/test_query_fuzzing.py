"""Any query string on any page: an answer or a refusal, never an error of the server, and never a response that grows with the question."""

from collections.abc import Iterator
from urllib.parse import quote, quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.web.formats import FORMATS
from tests.support import fake_networks
from tests.support.fault_suite import count_inputs, scale_examples

pytestmark = pytest.mark.faults
MAX_RESPONSE_BYTES = 3 * 2**20
UNAVAILABLE = "isn’t connected here"
ROUTES = [
    *(
        "/",
        "/report",
        "/cost",
        "/posts",
        "/posts.csv",
        "/posts.json",
        "/classify",
        "/docs",
        "/model",
        "/openapi.json",
        "/signin",
        "/health",
    ),
    *(f"/{kind}" for kind in CHARTS.names()),
    *(f"/html/{kind}" for kind in CHARTS.names()),
    *(f"/{kind}.{form}" for kind in list(CHARTS.names())[:3] for form in FORMATS.names()),
    *("/datasets/x/delete", "/metrics", "/robots.txt", "/ready", "/nowhere", "/frequency.exe"),
]
NAMES = st.sampled_from([*Query.model_fields, "account", "from", "to", "page", "chart", "key", "next", "utm_source", "x[]", ""]) | st.text(
    max_size=20
)
PLAUSIBLE = st.sampled_from(
    [
        *(
            "demo:small-clocks",
            "demo:aster-air,demo:small-clocks",
            "demo:nobody",
            "nasa",
            "nasa.bsky.social",
            "@a@b.example",
            "file:" + "0" * 32,
        ),
        *(
            "20",
            "0",
            "-1",
            "1e9",
            "9" * 400,
            "٣",
            "NaN",
            "",
            "on",
            "net",
            "share",
            "week",
            "hour",
            "UTC",
            "Asia/Tokyo",
            "2026-01-01",
            "0000-00-00",
        ),
        *(
            "bing",
            "model",
            "vader",
            "common",
            "network",
            "dark",
            "%00",
            "\x00",
            "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"),
        ),
        *("../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}", "=1+1", "\u202e", "a" * 3000, "," * 500, "demo:a," * 200),
    ]
)
VALUES = PLAUSIBLE | st.text(max_size=60) | st.integers().map(str)
ENCODINGS = st.sampled_from(
    [quote_plus, quote, lambda text: quote(quote(text)), lambda text: quote(text, safe="").lower(), lambda text: "%" + quote(text)]
)
PAIRS = st.tuples(NAMES, VALUES, ENCODINGS).map(lambda pair: f"{quote_plus(pair[0])}={pair[2](pair[1])}")
PARAMETERS = st.lists(PAIRS, max_size=12) | st.tuples(PAIRS, st.integers(1, 300)).map(lambda pair: [pair[0]] * pair[1])
ACCOUNTS = st.sampled_from(["", "users=demo:small-clocks&n=20&", "users=nasa.bsky.social,demo:aster-air&"])
QUERY_STRINGS = (
    st.tuples(ACCOUNTS, PARAMETERS.map("&".join)).map("".join)
    | st.binary(max_size=80).map(lambda raw: "".join(f"%{byte:02x}" for byte in raw))
    | st.just("&=&;%" * 400)
)


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """A client of an application with every network faked, of which X needs a key that it doesn't have."""
    with fake_networks.World() as world:
        world.bluesky.has("nasa", posts=20)
        app: Flask = create_app({f"CHORUS_{network}_API_URL": world.url for network in ("X", "BLUESKY", "MASTODON")})
        yield app.test_client()


@settings(max_examples=scale_examples(250), deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(path=st.sampled_from(ROUTES), query_string=QUERY_STRINGS, accept=st.sampled_from(["text/html", "application/json", "*/*"]))
def test_no_query_string_breaks_a_page(client: FlaskClient, path: str, query_string: str, accept: str) -> None:
    """The status is one that the client caused, or says that a network isn't connected; the response is bounded."""
    count_inputs("random query strings")
    response = client.get(f"{path}?{query_string}", headers={"Accept": accept})
    assert response.status_code < 500 or (
        response.status_code == 503 and UNAVAILABLE in response.get_data(as_text=True).replace("\\u2019", "’")
    )
    assert len(response.data) < MAX_RESPONSE_BYTES
    assert "\n" not in response.headers.get("Location", "")


@pytest.mark.parametrize("path", ["/", "/report", "/frequency.json", "/docs", "/nowhere"])
@pytest.mark.parametrize("count", [1_500, pytest.param(100_000, marks=pytest.mark.long)])
def test_a_response_does_not_repeat_thousands_of_parameters(client: FlaskClient, path: str, count: int) -> None:
    """However many unknown parameters a query has, the response is no longer than a page."""
    response = client.get(path + "?users=demo:nobody&" + "&".join(f"unknown{number}={number}" for number in range(count)))
    assert response.status_code < 500
    assert len(response.data) < 200_000
