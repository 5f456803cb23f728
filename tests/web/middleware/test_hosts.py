"""Which hosts are answered, and which address links have: damaged and unknown Host headers get honest pages with our headers."""

import io
import re
import socket
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.errors import InvalidSetting
from tests.support.chorus_server import run_server
from tests.support.client_requests import upload_file
from tests.support.html_pages import HtmlPage

LONG_LABEL = "a" * 64
MANY_HOSTS = ",".join(f"host{number}" for number in range(51))  # one more than are allowed
DAMAGED = [
    f"{LONG_LABEL}.example",
    LONG_LABEL,
    ".".join(["a" * 60] * 5),
    "a..b",
    ".example",
    "chorus.example:99999",
    "chorus.example:port",
    "chorus example",
    "<script>",
    "ä.example",
    "user@chorus.example",
    "chorus.example/path",
    "[::1",
    "[not-an-address]",
    "",
]
VALID = ["localhost", "chorus.example", "CHORUS.example.", "127.0.0.1:8080", "[::1]:8080", "xn--bcher-kva.example", "my_host", "a" * 63]
PROBES = ["/health", "/ready"]
CSV = "text,created_at,account\nHello,2026-01-01T10:00:00Z,us\n"


@pytest.fixture
def app() -> Flask:
    """An application that answers one host and those below another."""
    return create_app({"CHORUS_PUBLIC_URL": "https://chorus.example", "CHORUS_ALLOWED_HOSTS": "Intranet, *.run.app"})


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of that application."""
    return app.test_client()


# --- the header -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", DAMAGED)
@pytest.mark.parametrize("path", ["/", "/report?users=demo:pennywren", "/frequency.json?users=demo:pennywren", "/health", "/nowhere"])
def test_a_damaged_host_gets_our_own_error_page(host: str, path: str) -> None:
    """A header that isn't a host name gets 400 with our words and headers, instead of an exception."""
    response = create_app({}).test_client().get(path, headers={"Host": host})
    assert response.status_code == 400
    assert "The Host header of this request isn’t a valid host name." in response.text or (
        response.get_json()["detail"] == "The Host header of this request isn’t a valid host name."
    )
    assert "Content-Security-Policy" in response.headers
    assert "X-Request-Id" in response.headers


@pytest.mark.parametrize("host", VALID)
def test_a_valid_host_is_answered(host: str) -> None:
    """This holds for names, addresses and ports in every notation."""
    assert create_app({}).test_client().get("/", headers={"Host": host}).status_code == 200


def test_a_damaged_host_is_refused_by_a_real_server() -> None:
    """The label that is too long gets our page from gunicorn too, and the server goes on."""
    with run_server({}) as server:
        with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
            connection.sendall(f"GET / HTTP/1.1\r\nHost: {LONG_LABEL}.example\r\nConnection: close\r\n\r\n".encode())
            response = b"".join(iter(lambda: connection.recv(65_536), b"")).decode()
        assert response.startswith("HTTP/1.1 400")
        assert "Content-Security-Policy:" in response
        assert "valid host name" in response
        assert server.send_request("/")[0] == 200


# --- allowed hosts ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["chorus.example", "chorus.example:443", "intranet:8080", "canary---chorus.a.run.app"])
def test_allowed_hosts_are_answered(client: FlaskClient, host: str) -> None:
    """The public one, the listed ones, and those below a domain, with any port."""
    assert client.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "run.app", "10.0.0.7:8080", "localhost", "notintranet", "evilrun.app"])
def test_other_hosts_are_misdirected(client: FlaskClient, host: str) -> None:
    """A page says which host was asked for, and data says it as a problem document."""
    response = client.get("/", headers={"Host": host})
    page = HtmlPage(response.text)
    page.assert_valid()
    assert response.status_code == 421
    assert f"This server isn’t {host.partition(':')[0]}." in page.text
    problem = client.get("/frequency.json?users=demo:pennywren", headers={"Host": host})
    assert problem.status_code == 421
    assert problem.content_type == "application/problem+json"
    assert host not in str(response.headers)


@pytest.mark.parametrize("path", PROBES)
def test_probes_by_address_are_answered(client: FlaskClient, path: str) -> None:
    """Load balancers ask by the address of the machine."""
    assert client.get(path, headers={"Host": "10.0.0.7:8080"}).status_code == 200


def test_vertex_probes_its_own_path() -> None:
    """The path that Vertex AI sets is a probe too."""
    client = create_app({"CHORUS_ALLOWED_HOSTS": "chorus.example", "AIP_HEALTH_ROUTE": "/v1/healthy"}).test_client()
    assert client.get("/v1/healthy", headers={"Host": "10.0.0.7"}).status_code == 200


def test_without_the_setting_every_host_is_answered() -> None:
    """CHORUS_PUBLIC_URL alone refuses nobody."""
    client = create_app({"CHORUS_PUBLIC_URL": "https://chorus.example"}).test_client()
    assert client.get("/", headers={"Host": "10.0.0.7"}).status_code == 200


@pytest.mark.parametrize("value", ["https://chorus.example", "chorus.example:80", "*", "*.", "a b/c", f"{LONG_LABEL}.example", MANY_HOSTS])
def test_a_wrong_list_stops_the_start(value: str) -> None:
    """The message names the first entry that isn't a host."""
    with pytest.raises(InvalidSetting, match="CHORUS_ALLOWED_HOSTS is a list of at most 50 hosts"):
        load_settings({"CHORUS_ALLOWED_HOSTS": value})


# --- the public address -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/report?users=demo:pennywren&n=20", "/html/frequency?users=demo:pennywren&n=20"])
def test_every_absolute_link_has_the_public_address(path: str) -> None:
    """Previews, canonical links and the Share box don't follow the Host header."""
    client = create_app({"CHORUS_PUBLIC_URL": "https://Chorus.example/"}).test_client()
    text = client.get(path, headers={"Host": "10.0.0.7:8080"}).text
    assert "10.0.0.7" not in text
    assert '<link rel="canonical" href="https://chorus.example/' in text
    assert '<meta property="og:url" content="https://chorus.example/' in text
    assert '<meta property="og:image" content="https://chorus.example/kept/' in text


@pytest.mark.slow
def test_the_documentation_has_the_public_address() -> None:
    """OpenAPI names the server, and commands can be copied."""
    client = create_app({"CHORUS_PUBLIC_URL": "https://chorus.example"}).test_client()
    headers = {"Host": "10.0.0.7:8080"}
    assert client.get("/openapi.json", headers=headers).get_json()["servers"][0]["url"] == "https://chorus.example"
    assert "curl -s https://chorus.example/predict" in client.get("/docs", headers=headers).text
    assert "curl -s https://chorus.example/predict" in client.get("/classify?text=Fine", headers=headers).text
    assert create_app({}).test_client().get("/openapi.json").get_json()["servers"][0]["url"] == "/"


def test_the_link_to_delete_a_file_has_the_public_address(tmp_path: Any) -> None:
    """It is meant to be kept."""
    client = create_app({"CHORUS_PUBLIC_URL": "https://chorus.example", "CHORUS_DATASETS": str(tmp_path)}).test_client()
    report = client.get(upload_file(client, CSV).headers["Location"]).text
    assert re.search(r'href="https://chorus\.example/datasets/[^"]+/delete\?key=', report)


def test_cookies_are_secure_at_a_public_https_address() -> None:
    """A proxy that ends TLS and says nothing about it doesn't matter then."""
    client = create_app({"CHORUS_PUBLIC_URL": "https://chorus.example", "CHORUS_ACCESS_KEYS": "k" * 16}).test_client()
    for host, is_secure in (("chorus.example", True), ("10.0.0.7:8080", False)):
        cookie = client.post("/signin", data={"key": "k" * 16}, headers={"Host": host}).headers["Set-Cookie"]
        assert ("Secure" in cookie) == is_secure


@pytest.mark.parametrize(
    "value", ["chorus.example", "ftp://chorus.example", "https://chorus.example/path", "https://a:b@c", "https://", "//x"]
)
def test_a_wrong_address_stops_the_start(value: str) -> None:
    """It is a scheme and a host, with a port if necessary."""
    with pytest.raises(InvalidSetting, match="CHORUS_PUBLIC_URL is an address such as"):
        load_settings({"CHORUS_PUBLIC_URL": value})


# --- forms behind a proxy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("public_url", "host", "origin", "status"),
    [
        ("http://chorus.intranet", "127.0.0.1:8080", "http://chorus.intranet", 303),
        ("", "chorus.example:443", "https://chorus.example", 303),
        ("", "chorus.example", "https://chorus.example:443", 303),
        ("", "chorus.example", "https://CHORUS.example", 303),
        ("https://chorus.example", "chorus.example:8080", "https://chorus.example", 303),
        ("https://chorus.example", "backend", "https://chorus.example:443", 303),
        ("https://chorus.example:8443", "chorus:80", "https://chorus.example:8443", 303),
        ("http://chorus.intranet", "chorus.intranet:80", "http://chorus.intranet", 303),
        ("", "127.0.0.1:8080", "http://chorus.intranet", 403),
        ("http://chorus.intranet", "127.0.0.1:8080", "http://evil.example", 403),
        ("", "chorus.example:443", "https://chorus.example:8443", 403),
    ],
)
def test_a_form_behind_a_proxy(tmp_path: Any, public_url: str, host: str, origin: str, status: int) -> None:
    """Browsers that only name the origin can upload if it is that of the host or of the public address, however the port is written."""
    client = create_app({"CHORUS_DATASETS": str(tmp_path), "CHORUS_PUBLIC_URL": public_url}).test_client()
    headers = {"Host": host, "Origin": origin, "X-Forwarded-Host": origin.partition("://")[2]}
    response = client.post("/upload", data={"file": (io.BytesIO(CSV.encode()), "posts.csv")}, headers=headers)
    assert response.status_code == status
    assert status == 303 or "a proxy must pass the Host header on, or CHORUS_PUBLIC_URL must be set" in response.text
    assert status == 303 or f"The browser is at {origin}, but the proxy asked for {host}." in response.text
