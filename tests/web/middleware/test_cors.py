"""Cross-origin requests: allowed origins can read data and images, none can read pages, and an invalid list fails at start."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from tests.support import fake_networks
from tests.support.chorus_server import run_server
from tests.support.paths import ROOT

OURS, SECOND, THEIRS = "https://app.example", "http://localhost:3000", "https://evil.example"
DEMO = "users=demo:small-clocks&n=20"
DATA = ["/health", "/ready", "/model", *(f"/frequency{form}?{DEMO}" for form in (".json", ".csv", ".png", ".svg", ""))]
PAGES = ["/", f"/report?{DEMO}", f"/html/frequency?{DEMO}", "/classify?text=Fine", "/nowhere"]
ALLOWED = "Access-Control-Allow-Origin"


def serves(origins: str, **environment: str) -> FlaskClient:
    return create_app({"CHORUS_CORS_ORIGINS": origins} | environment).test_client()


def cross(client: FlaskClient, path: str, origin: str = OURS) -> dict[str, str]:
    """Return the headers that a page of an origin gets."""
    return dict(client.get(path, headers={"Origin": origin}).headers)


def preflight(client: FlaskClient, path: str, origin: str = OURS, method: str = "GET") -> dict[str, str]:
    headers = {"Origin": origin, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,content-type"}
    response = client.options(path, headers=headers)
    assert response.status_code == 200
    return dict(response.headers)


@pytest.fixture
def client() -> FlaskClient:
    """A Chorus that two origins may read."""
    return serves(f"{OURS}, {SECOND}")


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "origins"),
    [
        ("", set()),
        ("*", {"*"}),
        (" https://app.example,http://localhost:3000\nhttps://app.example ", {OURS, SECOND}),
        ("HTTPS://App.Example:443 http://localhost:80", {OURS, "http://localhost"}),
        ("https://app.example:80", {"https://app.example:80"}),
        ("http://[::1]:3000 http://127.0.0.1:1", {"http://[::1]:3000", "http://127.0.0.1:1"}),
    ],
)
def test_origins_are_normalized_like_in_browsers(written: str, origins: set[str]) -> None:
    """A list can have several lines, any case, and default ports."""
    assert load_settings({"CHORUS_CORS_ORIGINS": written}).cors_origins == origins


@pytest.mark.parametrize(
    "wrong",
    [
        "app.example",
        "https://app.example/",
        "https://app.example/path",
        "https://app.example?x",
        "https://user@app.example",
        "https://*.example",
        "ftp://app.example",
        "null",
        "https://",
        "https://app.example:0",
        "https://app.example:65536",
        "https://app.example:port",
        "https://bücher.example",
        "*, https://app.example",
        " ".join(f"https://app{number}.example" for number in range(51)),
    ],
)
def test_invalid_origins_fail_at_start(wrong: str) -> None:
    """The message is a sentence."""
    with pytest.raises(InvalidSetting, match="CHORUS_CORS_ORIGINS is a list of at most 50 origins"):
        create_app({"CHORUS_CORS_ORIGINS": wrong})


# --- answers ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", [OURS, SECOND])
@pytest.mark.parametrize("path", DATA)
def test_allowed_origins_can_read_data(client: FlaskClient, path: str, origin: str) -> None:
    """Each is named in the response, caches know that it varies, and cookies aren't needed."""
    headers = cross(client, path, origin)
    assert headers[ALLOWED] == origin
    assert "Origin" in headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in headers
    assert {"ETag", "Retry-After"} <= set(headers["Access-Control-Expose-Headers"].split(", "))


@pytest.mark.parametrize(
    "origin", [THEIRS, "null", "https://app.example.evil.example", "https://app.example:8443", "HTTPS://APP.EXAMPLE", ""]
)
def test_other_origins_cannot_read_data(client: FlaskClient, origin: str) -> None:
    """They get no header, and caches know that it varies."""
    headers = cross(client, DATA[3], origin)
    assert ALLOWED not in headers
    assert "Origin" in headers["Vary"]


def test_a_star_allows_every_origin() -> None:
    """Responses don't vary by origin."""
    headers = cross(serves("*"), DATA[3], THEIRS)
    assert headers[ALLOWED] == "*"
    assert "Origin" not in headers.get("Vary", "")


@pytest.mark.parametrize("origins", [OURS, "*"])
@pytest.mark.parametrize("path", PAGES)
def test_no_origin_can_read_pages(origins: str, path: str) -> None:
    """HTML has no such header, including errors."""
    assert ALLOWED not in cross(serves(origins), path)


@pytest.mark.parametrize("path", [DATA[0], DATA[3]])
def test_it_is_off_by_default(path: str) -> None:
    """Without the setting, no header is added."""
    headers = cross(serves(""), path)
    assert [name for name in headers if name.startswith("Access-Control")] + [headers.get("Vary", "").count("Origin")] == [0]


# --- preflights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "method"), [("/predict", "POST"), ("/frequency.json", "GET"), ("/model", "GET")])
def test_a_preflight_lists_what_is_allowed(client: FlaskClient, path: str, method: str) -> None:
    """It has the methods of the URL, our programs' headers, and how long that is valid."""
    headers = preflight(client, path, method=method)
    assert headers[ALLOWED] == OURS
    assert method in headers["Access-Control-Allow-Methods"].split(", ")
    assert {"Content-Type", "Authorization"} <= set(headers["Access-Control-Allow-Headers"].split(", "))
    assert headers["Access-Control-Max-Age"] == "7200"


def test_a_preflight_of_another_origin_is_empty(client: FlaskClient) -> None:
    """Its browser doesn't continue."""
    assert [name for name in preflight(client, "/predict", THEIRS) if name.startswith("Access-Control")] == []


def test_a_preflight_requires_no_key() -> None:
    """Browsers don't send one with it."""
    assert preflight(serves(OURS, CHORUS_ACCESS_KEYS="k" * 16), "/predict", method="POST")[ALLOWED] == OURS


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/frequency.json?users=", None, 400),
        ("/frequency.png?users=demo:nobody", None, 404),
        ("/frequency.xls?users=demo:pennywren", None, 404),
        ("/predict/all", None, 404),
        ("/predict", None, 405),
        ("/predict", b"{", 400),
        ("/predict", b"{}", 422),
        ("/predict", b'{"text": "' + b"a" * 2**20 + b'"}', 413),
        ("/frequency.json?users=nasa", None, 503),
    ],
)
def test_errors_can_be_read_too(client: FlaskClient, path: str, body: bytes | None, status: int) -> None:
    """A problem document has the same headers."""
    headers = {"Origin": OURS, "Content-Type": "application/json", "Accept": "*/*"}
    response = client.open(path, method="POST" if body else "GET", data=body, headers=headers)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert response.headers.get(ALLOWED) == OURS


@pytest.mark.parametrize(("key", "status", "header"), [("", 401, "WWW-Authenticate"), ("k" * 16, 429, "Retry-After")])
def test_refusals_can_be_read_too(world: fake_networks.World, key: str, status: int, header: str) -> None:
    """Scripts see a missing key and a rate limit, with their headers."""
    world.x.has("nasa", posts=3)
    world.x.fails("nasa", with_="rate limit")
    client = serves(OURS, CHORUS_ACCESS_KEYS="k" * 16, X_BEARER_TOKEN="token", CHORUS_X_API_URL=world.url)
    response = client.get("/frequency.json?users=nasa", headers={"Origin": OURS} | ({"Authorization": f"Bearer {key}"} if key else {}))
    exposed_headers = response.headers["Access-Control-Expose-Headers"].split(", ")
    assert response.status_code == status
    assert response.headers[ALLOWED] == OURS
    assert header in response.headers
    assert header in exposed_headers


def test_a_person_still_gets_a_page(client: FlaskClient) -> None:
    """A browser that opens a mistyped image URL shows the page with the form."""
    response = client.get("/frequency.xls", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Origin": OURS})
    assert response.status_code == 404
    assert response.mimetype == "text/html"
    assert ALLOWED not in response.headers


# --- served -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def elsewhere() -> Iterator[str]:
    """Serve an empty site on another port of this machine, which makes it another origin."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(ROOT / "docs"))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


ASK = """async ([base, key]) => {
  const said = async (path, options) => fetch(base + path, options)
    .then(async answer => [answer.status, answer.headers.get("ETag") !== null, (await answer.text()).length > 0]).catch(() => "refused");
  const body = JSON.stringify({text: "A great night!"}), kind = {"Content-Type": "application/json"};
  return [
    await said("/frequency.json?users=demo:small-clocks&n=20"),
    await said("/predict", {method: "POST", body, headers: {...kind, Authorization: "Bearer " + key}}),
    await said("/predict", {method: "POST", body, headers: kind}),
    await said("/frequency.json?users="),
    await said("/report?users=demo:small-clocks"),
    await said("/model", {credentials: "include"}),
  ];
}"""


@pytest.mark.faults
@pytest.mark.long
def test_a_script_of_another_site_reads_only_what_is_allowed(browser: Browser) -> None:
    """In a real browser it reads data with headers, a prediction with a key, and errors, but no page, and nothing with cookies."""
    key = "k" * 16
    with elsewhere() as ours, elsewhere() as theirs, run_server({"CHORUS_CORS_ORIGINS": ours, "CHORUS_ACCESS_KEYS": key}) as server:
        page = browser.new_page()
        page.goto(f"{ours}/report.png")
        listed = page.evaluate(ASK, [server.url, key])
        page.goto(f"{theirs}/report.png")
        unlisted = page.evaluate(ASK, [server.url, key])
        page.close()
    assert listed == [[200, True, True], [200, False, True], [401, False, True], [400, False, True], "refused", "refused"]
    assert unlisted == ["refused"] * 6
