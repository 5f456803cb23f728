"""Vertex AI's contract for custom containers, from its environment to its limits, and a real gunicorn."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.prediction.protocols import Explanation, TermWeight
from dashboard.web.views.vertex import MAX_BYTES
from tests.support.chorus_server import RunningServer, run_server
from tests.support.fake_models import FakeTabularModel, NeutralModel

HEALTH, PREDICT = "/v1/endpoints/123/deployedModels/456", "/v1/endpoints/123/deployedModels/456:predict"
ROUTES = {"AIP_HEALTH_ROUTE": HEALTH, "AIP_PREDICT_ROUTE": PREDICT}
GOOD = "I love the new line, it is great!"
FRENCH = "Je suis très content de ce nouveau tramway, il est magnifique."


@pytest.fixture
def vertex() -> FlaskClient:
    """A client of a container on Vertex AI."""
    return create_app(ROUTES).test_client()


class Wordy(NeutralModel):
    """A fast model with long explanations."""

    def explain(self, text: str) -> Explanation | None:
        return Explanation("neutral", "positive", 1.0, tuple(TermWeight("word", 0.001) for _ in range(500)))


def quick(settings: dict[str, str]) -> FlaskClient:
    """Return a client of a container with that model."""
    app = create_app(settings)
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=Wordy)
    return app.test_client()


def ask(client: FlaskClient, body: object, path: str = PREDICT) -> tuple[int, Any]:
    response = client.post(path, json=body)
    return response.status_code, response.get_json()


def test_vertex_ais_port_takes_precedence() -> None:
    """An image may set PORT, too."""
    assert [load_settings(environment).port for environment in ({"AIP_HTTP_PORT": "7080", "PORT": "8080"}, {"PORT": "9000"}, {})] == [
        7080,
        9000,
        8080,
    ]


def test_health_means_readiness(vertex: FlaskClient) -> None:
    """Traffic starts after the model's first prediction."""
    assert vertex.get(HEALTH).status_code == 200
    assert vertex.get("/health").get_json()["model_loaded"] is True


def test_without_a_model_it_is_unhealthy() -> None:
    """A missing file is a 503 problem document at the health route."""
    response = create_app(ROUTES | {"CHORUS_MODEL": "/nowhere/at.all"}).test_client().get(HEALTH)
    assert response.status_code == 503
    assert response.content_type == "application/problem+json"


def test_instances_get_predictions(vertex: FlaskClient) -> None:
    """There is one per instance, in order, and nothing else in the response."""
    status, document = ask(vertex, {"instances": [{"text": GOOD}, "I hate it"]})
    assert status == 200
    assert list(document) == ["predictions"]
    assert [prediction["prediction"] for prediction in document["predictions"]] == ["positive", "negative"]


@pytest.mark.parametrize("parameters", [None, {}])
def test_empty_parameters_are_accepted(vertex: FlaskClient, parameters: object) -> None:
    """Vertex AI sends them empty or not at all."""
    request_body = {"instances": [GOOD]}
    assert ask(vertex, request_body | {"parameters": parameters}) == ask(vertex, request_body)


def test_parameters_are_used(vertex: FlaskClient) -> None:
    """The same options in the body take precedence."""
    beside = ask(vertex, {"instances": [GOOD], "parameters": {"explain": True, "language": "fr"}})[1]
    within = ask(vertex, {"instances": [GOOD], "explain": True, "language": "fr"})[1]
    both = ask(vertex, {"instances": [GOOD], "language": "de", "parameters": {"language": "fr"}})[1]
    assert beside == within
    assert "terms" in beside["predictions"][0]
    assert both["predictions"][0]["language"] == "de"
    assert [ask(vertex, {"instances": [FRENCH]})[1]["predictions"][0]["language"], beside["predictions"][0]["language"]] == ["fr", "fr"]


ROW = [5.1, 3.5, 1.4, 0.2]


def test_a_tabular_model_accepts_rows_as_instances() -> None:
    """Vertex AI passes on nothing else."""
    app = create_app(ROUTES)
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    client = app.test_client()
    assert ask(client, {"instances": [ROW, ROW], "parameters": {}}) == (200, {"predictions": [{"prediction": 0.0, "confidence": 0.97}] * 2})
    refused = {
        str(instances): ask(client, {"instances": instances})[1]["problems"]
        for instances in ([ROW, "a"], [[1.0], ROW], [[]], [[1, "a"]], ["a"])
    }
    assert [[problem["field"] for problem in problems] for problems in refused.values()] == [
        ["instances[1]"],
        ["instances[0]"],
        ["instances[0]"],
        ["instances[0][1]"],
        ["instances"],
    ]


def test_a_text_model_refuses_rows(vertex: FlaskClient) -> None:
    """The message names each row."""
    status, document = ask(vertex, {"instances": [GOOD, ROW]})
    assert status == 422
    assert [problem["field"] for problem in document["problems"]] == ["instances[1]"]


WRONG = [
    ({"instances": [GOOD], "parameters": {"explian": True}}, "parameters.explian", "Did you mean “explain”?"),
    ({"instances": [GOOD], "parameters": {"explain": "yes"}}, "parameters.explain", "Send true or false"),
    ({"instances": [GOOD], "parameters": [1]}, "parameters", "Send an object"),
    ({"text": GOOD, "parameters": {}}, "parameters", "Unknown key “parameters”"),
    ({"instances": []}, "instances", "This list is empty"),
    ({"instances": [{"txt": "a"}]}, "instances[0].text", "“text” is missing"),
]


@pytest.mark.parametrize(("body", "field", "expected_text"), WRONG)
def test_each_problem_has_its_path(vertex: FlaskClient, body: object, field: str, expected_text: str) -> None:
    """The paths are those of `/predict`."""
    status, document = ask(vertex, body)
    messages = {problem["field"]: problem["message"] for problem in document["problems"]}
    assert status == 422
    assert field in messages
    assert expected_text in messages.get(field, "")


def of_size(size: int) -> bytes:
    """Return a body of this many bytes."""
    start, text = b'{"instances": ["', b" good" * 4_000
    body = start + b'", "'.join([text] * (size // (len(text) + 4) - 1)) + b'"]}'
    return body + b" " * (size - len(body))


def test_the_body_limit_is_vertex_ais() -> None:
    """It is 1.5 MB, where the usual route has 1 MiB; one byte more is too large."""
    sizes = [(PREDICT, MAX_BYTES), (PREDICT, MAX_BYTES + 1), ("/predict", 2**20), ("/predict", 2**20 + 1)]
    statuses = [quick(ROUTES).post(path, data=of_size(size), content_type="application/json").status_code for path, size in sizes]
    assert statuses == [200, 413, 200, 413]


def test_a_response_that_is_too_large_is_refused() -> None:
    """Vertex AI wouldn't pass on explanations of many long texts, and the message says what to do."""
    status, document = ask(quick(ROUTES), {"instances": [GOOD] * 200, "parameters": {"explain": True}})
    assert status == 422
    assert document["problems"][0]["field"] == "instances"
    assert "Send fewer instances" in document["detail"]


def test_our_routes_can_be_used() -> None:
    """/ready and /predict then have Vertex AI's limits; /health stays the same."""
    client = quick({"AIP_HEALTH_ROUTE": "/ready", "AIP_PREDICT_ROUTE": "/predict"})
    body = of_size(MAX_BYTES)
    assert client.get("/ready").status_code == 200
    assert client.post("/predict", data=body, content_type="application/json").status_code == 200
    plain = create_app({"AIP_HEALTH_ROUTE": "/health"}).test_client().get("/health").get_json()
    assert plain == {"status": "healthy", "model_loaded": False}


@pytest.mark.parametrize(("method", "path", "allowed"), [("GET", PREDICT, "POST"), ("POST", HEALTH, "GET")])
def test_other_methods_are_refused(vertex: FlaskClient, method: str, path: str, allowed: str) -> None:
    """The response is a document, not a page."""
    response = vertex.open(path, method=method)
    assert response.status_code == 405
    assert response.content_type == "application/problem+json"
    assert allowed in response.headers["Allow"]


def test_without_vertex_ai_there_are_no_such_routes() -> None:
    """Nothing is added without its environment."""
    client = create_app({}).test_client()
    assert [client.get(HEALTH).status_code, client.post(PREDICT, json={"instances": [GOOD]}).status_code] == [404, 404]


# --- served -------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def deployed() -> Iterator[RunningServer]:
    """A container as Vertex AI starts it: with its port, routes and mode, and without PORT."""
    own = {"AIP_HTTP_PORT": "A FREE ONE", "AIP_MODE": "PREDICTION", "AIP_FRAMEWORK": "CUSTOM_CONTAINER", "AIP_STORAGE_URI": ""}
    with run_server(own | ROUTES) as running:
        yield running


def test_a_deployed_container_responds(deployed: RunningServer) -> None:
    """Health comes first, then predictions as application/json."""
    health = deployed.send_request(HEALTH)
    body = json.dumps({"instances": [GOOD], "parameters": {}}).encode()
    status, headers, text = deployed.send_request(PREDICT, body, {"Content-Type": "application/json"})
    assert health[0] == 200
    assert status == 200
    assert headers["Content-Type"] == "application/json"
    assert [prediction["prediction"] for prediction in json.loads(text)["predictions"]] == ["positive"]
