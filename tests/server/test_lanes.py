"""Requests of one kind never occupy the threads of another, and a full queue is an honest 503."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from dashboard.app import create_app
from dashboard.prediction.classifier.classifier import BUILT_IN_MODEL_PATH
from dashboard.web.lanes import INSTANT, SHORT, STATUS, RouteTable
from dashboard.web.services import MAX_WAITING_TO_COMPUTE
from tests.support.chorus_server import RunningServer, run_server

APP = "tests.support.waiting_app:create_waiting_app()"
PREDICTION = json.dumps({"text": "I love it"}).encode()
LONG_PREDICTION = json.dumps({"text": "I love it. " * 200}).encode()
LOADING_PREDICTION = json.dumps(  # these texts need the models for other languages, and the detector of languages
    {"texts": ["Das Wetter ist heute sehr schön und warm.", "Quousque tandem abutere, Catilina, patientia nostra?"]}
).encode()
KEY = "a-key-of-more-than-sixteen-characters"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def shared_gate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that lets everything go on that waits, as soon as it exists."""
    return tmp_path_factory.mktemp("gate") / "gate"


@pytest.fixture(scope="module")
def shared_server(shared_gate: Path) -> Iterator[RunningServer]:
    """A server of 2 turns whose `/wait` and charts wait for the gate."""
    with run_server({"TEST_GATE": str(shared_gate)}, APP, "--threads", "2") as server:
        yield server
        shared_gate.touch()


@pytest.fixture
def gate(shared_gate: Path) -> Path:
    """The gate, which is closed."""
    shared_gate.unlink(missing_ok=True)
    return shared_gate


@pytest.fixture
def waiting(gate: Path, shared_server: RunningServer) -> Iterator[RunningServer]:
    """The server with nothing to do, whose `/wait` and charts wait until the test ends."""
    yield shared_server
    gate.touch()
    while shared_server.send_request("/wait")[0] != 200:  # until there is room for it, behind everything that has waited
        pass


def ask_many(stack: ExitStack, server: RunningServer, path: str, count: int) -> list[socket.socket]:
    """Request a path on many connections, without waiting for the responses."""
    connections = []
    for _ in range(count):
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), 60))
        connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        connections.append(connection)
    return connections


def test_hanging_networks_do_not_stop_the_rest(waiting: RunningServer) -> None:
    """However many charts wait, health, metrics, the form and predictions answer."""
    with ExitStack() as stack:
        ask_many(stack, waiting, "/frequency.csv?users=demo:aster-air", 40)
        assert waiting.send_request("/health")[0] == 200
        assert waiting.send_request("/ready")[0] == 200
        assert waiting.send_request("/metrics")[0] == 200
        assert waiting.send_request("/")[0] == 200
        assert waiting.send_request("/predict", PREDICTION, JSON)[0] == 200


def test_monitoring_answers_when_every_other_thread_is_occupied(waiting: RunningServer) -> None:
    """Health, readiness and metrics have threads of their own."""
    with ExitStack() as stack:
        ask_many(stack, waiting, "/wait", 18)
        ask_many(stack, waiting, "/frequency.csv?users=demo:aster-air", 18)
        assert waiting.send_request("/health")[0] == 200
        assert waiting.send_request("/ready")[0] == 200
        assert waiting.send_request("/metrics")[0] == 200


def test_a_full_queue_is_refused_at_once(waiting: RunningServer) -> None:
    """The response says when to try again, and the log and the metrics know about it."""
    with ExitStack() as stack:
        ask_many(stack, waiting, "/wait", 70)  # 2 run, 64 wait
        waiting.send_request("/health")  # after this, the server has seen them all
        status, headers, text = waiting.send_request("/predict", LONG_PREDICTION, JSON)
        _, _, metrics = waiting.send_request("/metrics")
    assert status == 503
    assert headers["Retry-After"] == "5"
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(text)["title"] == "Chorus is busy"
    assert 'chorus_errors_total{kind="ServiceUnavailable"}' in metrics


def test_a_short_prediction_needs_no_thread(waiting: RunningServer) -> None:
    """It is answered although all threads are occupied and the queue is full, once all models are loaded."""
    assert waiting.send_request("/predict", LOADING_PREDICTION, JSON)[0] == 200
    with ExitStack() as stack:
        ask_many(stack, waiting, "/wait", 70)
        waiting.send_request("/health")
        assert waiting.send_request("/predict", PREDICTION, JSON)[0] == 200


def test_what_waited_is_served_when_threads_are_free_again(waiting: RunningServer, gate: Path) -> None:
    """Requests in the queue get their response."""
    with ExitStack() as stack:
        connections = ask_many(stack, waiting, "/wait", 12)
        waiting.send_request("/health")
        gate.touch()
        statuses = [connection.recv(65_536).split(b" ")[1] for connection in connections]
    assert statuses == [b"200"] * 12


@pytest.fixture
def computing(tmp_path: Path) -> Iterator[RunningServer]:
    """A server of 2 turns whose tables in the format `slow` are computed until the test ends."""
    gate = tmp_path / "gate"
    with run_server({"TEST_GATE": str(gate)}, "tests.support.waiting_app:create_computing_app()", "--threads", "2") as server:
        yield server
        gate.touch()


@pytest.mark.faults
@pytest.mark.long
def test_what_is_kept_does_not_wait_for_what_is_computed(computing: RunningServer) -> None:
    """Two tables are being computed and others wait for that, but a page and a table that are kept are answered."""
    kept = ["/html/frequency?users=demo:aster-air", "/frequency.csv?users=demo:aster-air"]
    for path in kept:
        while "Etag" not in computing.send_request(path)[1]:  # a slow machine streams a page, which isn't kept
            pass
    with ExitStack() as stack:
        for count in range(1, 9):
            ask_many(stack, computing, f"/frequency.slow?users=demo:aster-air&n={count}", 1)
        computing.send_request("/health")  # after this, the server has seen them all
        responses = [computing.send_request(path) for path in kept]
    assert [status for status, _, _ in responses] == [200, 200]


@pytest.mark.faults
@pytest.mark.long
def test_too_much_to_compute_is_refused_at_once(computing: RunningServer) -> None:
    """The response says when to try again."""
    with ExitStack() as stack:
        for count in range(1, 2 + MAX_WAITING_TO_COMPUTE + 10):
            ask_many(stack, computing, f"/frequency.slow?users=demo:aster-air&n={count}", 1)
        computing.send_request("/health")
        status, headers, text = computing.send_request("/frequency.slow?users=demo:aster-air&n=100")
    assert status == 503
    assert int(headers["Retry-After"]) > 0
    assert "too many reports to compute" in json.loads(text)["detail"]


@pytest.mark.parametrize(
    ("path", "lane"),
    [
        ("/health", "instant"),
        ("/ready", "status"),
        ("/metrics", "status"),
        ("/report", "network"),
        ("/report.pptx", "network"),
        ("/html/frequency", "network"),
        ("/frequency", "network"),
        ("/sentiment.png", "network"),
        ("/posts", "network"),
        ("/posts.csv", "network"),
        ("/", "work"),
        ("/predict", "work"),
        ("/upload", "uploads"),
        ("/static/chorus.css", "work"),
        ("/no/such/page", "work"),
        ("*", "work"),
    ],
)
def test_each_route_has_its_lane(path: str, lane: str) -> None:
    """Only what may wait for a network is in the lane of networks."""
    assert RouteTable(create_app({}), 8).choose_lane(path).name == lane


def test_vertex_ais_routes_have_lanes_and_bounds() -> None:
    """The second path of /ready is served like /ready, and that of /predict takes 1.5 MB."""
    table = RouteTable(create_app({"AIP_HEALTH_ROUTE": "/v1/health", "AIP_PREDICT_ROUTE": "/v1/predict"}), 8)
    assert table.choose_lane("/v1/health") == STATUS
    assert table.choose_lane("/health") == INSTANT
    assert table.max_body_bytes("/v1/predict") == 1_572_864
    assert table.max_body_bytes("/predict") == table.max_body_bytes("/classify") == 2**20
    assert table.max_body_bytes("/upload") == 4 * 2**30


@pytest.fixture
def loaded_table() -> RouteTable:
    """The routes of an application whose models are loaded."""
    app = create_app({})
    app.test_client().post("/predict", data=LOADING_PREDICTION, headers=JSON)
    return RouteTable(app, 2)


def test_short_predictions_are_served_by_the_event_loop(loaded_table: RouteTable) -> None:
    """The same body on another route is served by a thread."""
    assert loaded_table.choose_request_lane("/predict", {}, PREDICTION) == SHORT
    assert loaded_table.choose_request_lane("/classify", {}, PREDICTION) == loaded_table.work


@pytest.mark.parametrize(
    "body",
    [
        None,
        json.dumps({"text": "a" * 1024}).encode(),
        json.dumps({"texts": ["a"] * 10}).encode(),
        json.dumps({"text": "a", "explain": True}).encode(),
        b'{"text": "a", "\\u0065xplain": true}',
    ],
    ids=["unread", "long", "many texts", "explained", "explained, with an escape in the key"],
)
def test_predictions_that_may_take_longer_are_served_by_threads(loaded_table: RouteTable, body: bytes | None) -> None:
    """Otherwise one client's request would stop all others."""
    assert loaded_table.choose_request_lane("/predict", {}, body) == loaded_table.work


def test_predictions_that_wait_for_a_model_are_served_by_threads() -> None:
    """That is so before the models are loaded, and always for a model of somebody's own, which may be slow."""
    unloaded, mounted = create_app({}), create_app({"CHORUS_MODEL": str(BUILT_IN_MODEL_PATH)})
    mounted.test_client().post("/predict", data=LOADING_PREDICTION, headers=JSON)
    for app in (unloaded, mounted):
        table = RouteTable(app, 2)
        assert table.choose_request_lane("/predict", {}, PREDICTION) == table.work


@pytest.mark.parametrize(
    ("headers", "lane"),
    [
        ({"AUTHORIZATION": f"Bearer {KEY}"}, "short"),
        ({"AUTHORIZATION": f"Bearer {KEY}", "COOKIE": "chorus-signed-in=token"}, "work"),
        ({"AUTHORIZATION": "Bearer another-key-of-sixteen-characters"}, "work"),
        ({}, "work"),
    ],
)
def test_a_key_that_has_to_be_looked_up_is_checked_by_a_thread(headers: dict[str, str], lane: str) -> None:
    """A sign-in, and a wrong key that is counted, may wait for Redis."""
    app = create_app({"CHORUS_ACCESS_KEYS": KEY})
    app.test_client().post("/predict", data=LOADING_PREDICTION, headers={**JSON, "Authorization": f"Bearer {KEY}"})
    assert RouteTable(app, 2).choose_request_lane("/predict", headers, PREDICTION).name == lane
