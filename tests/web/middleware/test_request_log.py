"""Request logs: one line per request, whatever happens, without anything that a person typed or sent."""

import contextlib
import json
import logging
import re
import socket
import struct
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.telemetry.logs import JsonFormatter
from tests.support import fake_networks, faulty_app
from tests.support.chorus_server import RunningServer, run_server
from tests.support.streamed_pages import stream_at_once

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
KEY, WRONG = "geheim-0123456789-abcdef", "geheim-but-not-a-key"
HANDLE, POST, TEXT = "geheimhandle", "geheim words of a post", "geheim text to be classified"
CLOUD = {"K_SERVICE": "chorus", "K_REVISION": "chorus-7", "GOOGLE_CLOUD_PROJECT": "my-project"}
READER = "203.0.113.77"
TRACED = {"traceparent": f"00-{ID}-{SPAN}-01"}


class Lines(logging.Handler):
    """The parsed log lines of an application in this process."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonFormatter("my-project"))
        self.heard: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(json.loads(self.format(record)))

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.heard if "httpRequest" in line]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The lines that are logged during a test."""
    handler, logger = Lines(), logging.getLogger("dashboard")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(before)


# --- in this process ------------------------------------------------------------------------------------------------------

ROUTES = {
    "/": "/",
    "/health?a=geheim": "/health",
    "/frequency.csv?users=demo:aster-air&n=5": "/frequency.csv",
    "/rhythm?users=demo:aster-air&n=5": "/rhythm",
    "/html/sentiment?users=demo:aster-air&n=5": "/html/sentiment",
    "/report?users=demo:aster-air&n=5": "/report",
    "/datasets/geheim/delete": "/datasets/<identity>/delete",
    "/static/chorus.css?geheim": "/static/<file>",
    "/static/geheim.css": "other",
    "/geheim": "other",
    "/frequency.geheim": "other",
    "//geheim/..%2f": "other",
}


@pytest.mark.parametrize(("path", "route"), ROUTES.items())
def test_a_line_names_the_route(client: FlaskClient, lines: Lines, path: str, route: str) -> None:
    """Charts and formats have their names, other routes their rule, and unknown paths nothing."""
    response = client.get(path, buffered=True)
    requests = [line["httpRequest"] for line in lines.requests()]
    assert [(request["requestMethod"], request["requestUrl"], request["status"]) for request in requests] == [
        ("GET", route, response.status_code)
    ]
    assert "geheim" not in json.dumps(lines.heard)


def test_a_line_has_cloud_loggings_http_request(client: FlaskClient, lines: Lines) -> None:
    """Method, route, status, bytes and duration have its names and formats."""
    response = client.get("/health", buffered=True)
    request = lines.requests()[0]["httpRequest"]
    assert re.fullmatch(r"\d+\.\d{6}s", request.pop("latency"))
    assert request == {
        "requestMethod": "GET",
        "requestUrl": "/health",
        "status": 200,
        "responseSize": str(len(response.data)),
        "protocol": "HTTP/1.1",
    }


def test_severity_follows_the_status(client: FlaskClient, lines: Lines, world: fake_networks.World) -> None:
    """As on Cloud Run, errors of clients are warnings; our own and those of networks are errors."""
    world.x.fails("nasa", with_="broken")
    for path in ("/health", "/nothing", "/frequency.json?users=nasa"):
        client.get(path, buffered=True)
    assert [line["severity"] for line in lines.requests()] == ["INFO", "WARNING", "ERROR"]


def test_unusual_methods_are_logged_as_one(client: FlaskClient, lines: Lines) -> None:
    """Anyone can invent them."""
    client.open("/health", method="GEHEIM", buffered=True)
    assert [line["httpRequest"]["requestMethod"] for line in lines.requests()] == ["other"]


def test_every_response_has_its_trace(client: FlaskClient, lines: Lines) -> None:
    """It is the caller's or a new one, in response and line; hostile headers are ignored."""
    header_sets = [TRACED, {"X-Cloud-Trace-Context": f"{ID}/1;o=1"}, {"traceparent": "geheim"}, {}]
    responses = [client.get("/health", headers=entry, buffered=True).headers["X-Request-Id"] for entry in header_sets]
    logged = [line["logging.googleapis.com/trace"] for line in lines.requests()]
    assert logged == [f"projects/my-project/traces/{response}" for response in responses]
    assert responses[:2] == [ID, ID]
    assert len({*responses}) == 3
    assert "geheim" not in json.dumps(lines.heard)


def test_work_in_threads_has_the_trace_of_its_request(lines: Lines, world: fake_networks.World) -> None:
    """This includes fetches while a page is streamed."""
    world.bluesky.has("nasa", posts=3)
    app = stream_at_once(create_app({"CHORUS_BLUESKY_API_URL": world.url, "GOOGLE_CLOUD_PROJECT": "my-project"}))
    app.extensions["chorus"].timeline_store.cache._backend = object()  # a cache that fails at everything
    app.test_client().get("/report?users=nasa.bsky.social", headers=TRACED, buffered=True)
    failed = [line for line in lines.heard if "The cache failed" in line["message"]]
    assert {line["logging.googleapis.com/trace"] for line in failed} == {f"projects/my-project/traces/{ID}"}
    assert len(failed) > 3


def test_networks_do_not_get_the_trace(client: FlaskClient, world: fake_networks.World) -> None:
    """They could link their logs to one reader."""
    world.x.has("nasa", posts=3)
    client.get("/frequency.json?users=nasa", headers=TRACED | {"X-Cloud-Trace-Context": f"{ID}/1;o=1"})
    sent = [str(request.headers).lower() for request in world.x.requests]
    assert [headers for headers in sent if ID in headers or "trace" in headers] == []
    assert len(sent) > 1


def test_an_error_page_has_the_number_of_its_log_line(lines: Lines) -> None:
    """The error can be found in the log by it."""
    app = create_app({})
    app.add_url_rule("/break", view_func=faulty_app.raise_chained_error)
    response = app.test_client().get("/break", headers=TRACED | {"Accept": "text/html"})
    reports = [line for line in lines.heard if "@type" in line]
    assert response.status_code == 500
    assert ID in response.text
    assert faulty_app.SECRET not in response.text
    assert [report["logging.googleapis.com/trace"].rpartition("/")[2] for report in reports] == [ID]


# --- served -----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def broken() -> Iterator[RunningServer]:
    """A server with faults that was asked for each of them, then stopped."""
    with run_server(CLOUD, "tests.support.faulty_app:create_faulty_app()") as running:
        for path in ("/break", "/break-again", "/break-elsewhere", "/drip", "/talk", "/stray"):
            running.send_request(f"{path}?users={HANDLE}", headers=TRACED)
        running.request_count += 3
        _read_until_broken(running.url, f"/break-late?users={HANDLE}")
        _left(running.url, f"/frequency.csv?users=demo:aster-air,{HANDLE}")
        _malformed(running.url)
        running.wait_for_log("The response of /break-late", '"requestUrl": "/break-late"', '"requestUrl": "/frequency.csv"')
    return running


def _read_until_broken(url: str, path: str) -> None:
    """Ask, and stay until the server ends the connection, so that it is the response that fails and not the client that leaves."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\ntraceparent: {TRACED['traceparent']}\r\n\r\n".encode()
        )
        with contextlib.suppress(ConnectionResetError):
            while connection.recv(65_536):
                pass


def _left(url: str, path: str) -> None:
    """Ask, and hang up after the first byte of the answer."""
    with socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0), 120) as asking:
        asking.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\ntraceparent: 00-{ID}-{SPAN}-01\r\n\r\n".encode())
        asking.recv(1)
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _malformed(url: str) -> None:
    """Send something that isn't HTTP."""
    with socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0), 120) as asking:
        asking.sendall(f"GET /report?users={HANDLE} geheim HTTP/1.1\r\n\r\n".encode())
        asking.recv(1000)


def test_each_request_has_one_line(broken: RunningServer) -> None:
    """This includes failed, streamed and cancelled ones, and those that weren't HTTP."""
    routes = sorted(line["httpRequest"]["requestUrl"] for line in broken.request_log_lines())
    expected = [
        "/break",
        "/break-again",
        "/break-elsewhere",
        "/break-late",
        "/drip",
        "/frequency.csv",
        "/health",
        "/stray",
        "/talk",
        "other",
    ]
    assert routes == expected
    assert len(routes) == broken.request_count


def test_an_error_during_a_stream_is_logged(broken: RunningServer) -> None:
    """The status was sent already, so the line says that the response was interrupted, and the report says where."""
    line = next(request_line for request_line in broken.request_log_lines() if request_line["httpRequest"]["requestUrl"] == "/break-late")
    report = next(line for line in broken.parse_log_lines() if line["message"].startswith("The response of /break-late"))
    assert line["httpRequest"]["status"] == 200
    assert line["severity"] == "ERROR"
    assert "failed midway" in line["message"]
    assert report["error"]["kind"] == "KeyError"
    assert "in raise_mid_stream" in report["stack_trace"]
    assert report["logging.googleapis.com/trace"] == f"projects/my-project/traces/{ID}"


def test_each_error_is_reported_once(broken: RunningServer) -> None:
    """This holds however many modules it passed through; each cause has one fingerprint."""
    reports = [line for line in broken.parse_log_lines() if "@type" in line]
    kinds = sorted(report["error"]["kind"] for report in reports)
    assert kinds == ["KeyError", "KeyError", "KeyError", "OSError", "RuntimeError", "RuntimeError"]
    assert [report["serviceContext"] for report in reports] == [{"service": "chorus", "version": "chorus-7"}] * 6
    prints = [report["error"]["fingerprint"] for report in reports if report["error"]["kind"] == "RuntimeError"]
    assert prints[0] == prints[1]


def test_messages_of_errors_are_not_logged(broken: RunningServer) -> None:
    """Neither are requests, nor what libraries say about them."""
    output = broken.stdout + broken.stderr
    assert [word for word in (faulty_app.SECRET, HANDLE, "geheim") if word in output] == []
    assert broken.stderr == ""


def test_lines_follow_the_schema(broken: RunningServer) -> None:
    """Every line, including the server's own, is an object with fields that Cloud Logging knows."""
    needed, known = {"severity", "time", "message", "logger"}, {"httpRequest", "@type", "serviceContext", "stack_trace", "error"}
    severities = {line["severity"] for line in broken.parse_log_lines()}
    assert [line for line in broken.parse_log_lines() if not needed <= set(line)] == []
    extra = {name for line in broken.parse_log_lines() for name in line} - needed - known
    assert extra == {f"logging.googleapis.com/{name}" for name in ("trace", "spanId", "trace_sampled", "sourceLocation")}
    assert severities == {"INFO", "WARNING", "ERROR"}
    assert "gunicorn.error" in {line["logger"] for line in broken.parse_log_lines()}


@pytest.fixture(scope="module")
def pried() -> Iterator[tuple[RunningServer, str]]:
    """A server with keys that was asked for every route with secrets, while networks failed in every way."""
    with fake_networks.World() as world:
        world.x.has(HANDLE, posts=3)
        world.x.post(HANDLE, POST)
        for number, failure in enumerate(("wrong key", "rate limit", "broken", "html", "bad request", "hang up", "truncated", "deep")):
            world.x.fails(f"{HANDLE}{number}", with_=failure)
        addresses = {f"CHORUS_{network}_API_URL": world.url for network in ("X", "MASTODON")}
        keys = {"X_BEARER_TOKEN": "geheim-bearer", "CHORUS_ACCESS_KEYS": KEY, **addresses}
        with run_server(CLOUD | keys, "dashboard.app:create_app()", "--access-logfile", "-", "--log-level", "debug") as running:
            _pry(running)
    return running, running.stdout + running.stderr


def _pry(running: RunningServer) -> None:
    users = ",".join([HANDLE, *(f"{HANDLE}{number}" for number in range(8)), "geheim@mastodon.example", "file:geheim"])
    routes = [str(rule) for rule in create_app({}).url_map.iter_rules()]
    paths = [_fill(rule) for rule in routes]
    for headers in (
        {"Authorization": f"Bearer {KEY}"},
        {"Authorization": f"Bearer {WRONG}"},
        {"Cookie": "chorus-signed-in=geheim", "Sec-Fetch-Site": "cross-site"},
    ):
        sent = headers | {
            "User-Agent": "geheim",
            "Referer": "http://geheim.example/",
            "X-Forwarded-For": "203.0.113.77",
            "traceparent": "geheim",
        }
        for path in paths:
            running.send_request(f"{path}?users={quote(users)}&text={quote(TEXT)}&next=/geheim", headers=sent)
            running.send_request(path, f"text={quote(TEXT)}&key={KEY}&next=/geheim".encode(), sent)
        for body in ({"text": TEXT}, {"texts": [TEXT, 1]}, {TEXT: 1}, {"features": [1]}):
            running.send_request("/predict", json.dumps(body).encode(), sent | {"Content-Type": "application/json"})
        for number in range(8):
            running.send_request(f"/frequency.json?users={HANDLE}{number}", headers=sent)
    running.send_request("/report?n=5&users=" + HANDLE, headers={"Authorization": f"Bearer {KEY}"})


def test_no_secret_is_logged(pried: tuple[RunningServer, str]) -> None:
    """There is no key, handle, text, browser, referrer or address on any route, not even at debug level."""
    assert [word for word in ("geheim", KEY, HANDLE, POST, TEXT, READER, "users=", "127.0.0.1") if word in pried[1]] == []


def test_the_secrets_were_really_sent(pried: tuple[RunningServer, str]) -> None:
    """The same requests returned charts, refusals and errors, with one line each."""
    running, _ = pried
    assert {200, 302, 303, 400, 401, 403, 404, 405, 422, 429, 503} <= {status for status, _, _ in running.responses}
    assert len(running.request_log_lines()) == running.request_count
    assert HANDLE in running.responses[-1][2]


def test_the_default_log_is_text_for_people() -> None:
    """Each request is a line on standard error."""
    with run_server({}) as running:
        running.send_request(f"/frequency.json?users=demo:aster-air&n=5&utm_source={HANDLE}")
    request_lines = [line[9:] for line in running.stderr.splitlines() if "/frequency.json" in line]
    assert [re.sub(r"\d+ bytes in \d\.\d{3} s", "N bytes in S s", line) for line in request_lines] == [
        "INFO    GET /frequency.json 200 N bytes in S s"
    ]
    assert running.stdout == ""
    assert HANDLE not in running.stderr


def test_an_invalid_setting_fails_at_start() -> None:
    """The message is a sentence without a traceback."""
    with run_server({"CHORUS_X_BUDGET": "much"}) as running:
        pass
    assert running.process.returncode == 1
    assert running.stderr.strip() == "CHORUS_X_BUDGET is an amount of US dollars, such as 5 or 0.50; 0 spends nothing."


def _fill(rule: str) -> str:
    """Return a path that matches a route."""
    named = rule.replace("<chart:kind>", "frequency").replace("<format(data):file_format>", "csv").replace("<identity>", "geheim")
    return re.sub(r"<format[^>]*:file_format>", "png", named)
