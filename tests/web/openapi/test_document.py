"""`/openapi.json` and `/docs`: valid, complete, true for every response, and a page to try each URL."""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.web.formats import FORMATS
from tests.support import fake_networks
from tests.support.fake_models import FakeTabularModel
from tests.support.fault_suite import is_chosen, scale_examples
from tests.support.html_pages import PageReader
from tests.support.openapi_fuzzing import find_faults

DEMO = "demo:small-clocks"
PROBLEM = "application/problem+json"
THOROUGH = ["/predict", "/model", "/health", "/ready"]  # every bound of every parameter is tried on these
THOROUGH_IN_FAULTS = [*THOROUGH, "/frequency.json", "/cost"]  # tests of queries try every bound of their parameters, too


@pytest.fixture(scope="session")
def document(demo_client: FlaskClient) -> dict[str, Any]:
    """The document of an application with the built-in model."""
    document: dict[str, Any] = demo_client.get("/openapi.json").get_json()
    return document


@pytest.fixture
def free(world: fake_networks.World) -> Flask:
    """The application with every network faked."""
    keys = {"X_BEARER_TOKEN": "token"} | {f"CHORUS_{network}_API_URL": world.url for network in ("X", "BLUESKY", "MASTODON")}
    return create_app(keys)


@pytest.fixture
def tabular(app: Flask) -> Flask:
    """The application with a model for rows of four numbers."""
    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    return app


def test_the_document_names_every_format(document: dict[str, Any]) -> None:
    """The first sentence of `/docs` is the document's description."""
    assert [entry.title for entry in FORMATS if entry.title not in document["info"]["description"]] == []


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def schema_errors(document: dict[str, Any], schema: dict[str, Any], value: object) -> list[str]:
    """Return what does not fit a schema of the document."""
    complete_schema = {**schema, "components": document["components"]}
    return [f"{error.json_path}: {error.message}"[:300] for error in Draft202012Validator(complete_schema).iter_errors(value)]


def response_schema(document: dict[str, Any], path: str, method: str, status: int, kind: str) -> dict[str, Any]:
    """Return the schema of an answer."""
    schema: dict[str, Any] = document["paths"][path][method]["responses"][str(status)]["content"][kind]["schema"]
    return schema


def list_thorough_paths() -> list[str]:
    """Return the paths on which every bound of every parameter is tried."""
    return THOROUGH_IN_FAULTS if is_chosen() else THOROUGH


def list_other_paths(document: dict[str, Any]) -> set[str]:
    """Return the paths of which some queries are tried. In `make test`, each chart is tried in one format, and each format of one chart."""
    paths = set(document["paths"]) - set(list_thorough_paths())
    if is_chosen():
        return paths
    kinds, endings = list(CHARTS.names()), ["", *(f".{name}" for name in FORMATS.names())]
    chart_paths = {f"/{kind}{ending}" for kind, ending in product(kinds, endings)}
    diagonal = {f"/{kinds[place % len(kinds)]}{endings[place % len(endings)]}" for place in range(max(len(kinds), len(endings)))}
    return (paths - chart_paths) | (paths & (diagonal | {"/frequency.json"}))


# --- valid, complete ----------------------------------------------------------------------------------------------------


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    """It is OpenAPI 3.1, and each of its schemas is JSON Schema 2020-12."""
    import schemathesis

    schemathesis.openapi.from_dict(document).validate()
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    assert document["openapi"].startswith("3.1.")


def test_every_reference_exists(document: dict[str, Any]) -> None:
    """No schema or parameter is missing."""
    named = set(re.findall(r'"#/components/(\w+)/(\w+)"', json.dumps(document)))
    assert [(kind, name) for kind, name in named if name not in document["components"][kind]] == []


def test_operations_have_unique_names(document: dict[str, Any]) -> None:
    """Generated clients use them, and each has a summary."""
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    assert [path for path, _, operation in operations(document) if not (operation["summary"] and operation["description"])] == []


@pytest.mark.slow
def test_every_json_route_is_documented(demo_client: FlaskClient, document: dict[str, Any]) -> None:
    """This holds for all routes that return JSON to a GET. All charts have the same routes, so one of them is requested."""
    rules = [str(rule) for rule in demo_client.application.url_map.iter_rules() if "GET" in (rule.methods or ())]
    paths, paths_of_one_chart = (
        {
            re.sub(r"<format[^>]*:file_format>", form, rule.replace("<chart:kind>", kind))
            for rule, kind, form in product(rules, kinds, FORMATS.names())
        }
        for kinds in (CHARTS.names(), CHARTS.names()[:1])
    )
    undescribed = sorted(path for path in paths_of_one_chart - set(document["paths"]) if "<" not in path and path != "/openapi.json")
    json_paths = [
        (path, question)
        for path, question in product(undescribed, ({"users": DEMO}, {}))
        if demo_client.get(path, query_string=question, headers={"Accept": "application/json"}).mimetype == "application/json"
    ]
    assert json_paths == []
    assert {f"/{kind}.json" for kind in CHARTS.names()} <= paths & set(document["paths"])


def test_every_operation_exists(demo_client: FlaskClient, document: dict[str, Any]) -> None:
    """Everything documented is served."""
    routes = demo_client.application.url_map.bind("localhost")
    assert [path for path, method, _ in operations(document) if not routes.match(path, method.upper())] == []


def test_every_chart_has_every_format(document: dict[str, Any]) -> None:
    """They come from the registries."""
    assert {f"/{kind}.{form}" for kind, form in product(CHARTS.names(), FORMATS.names())} | {f"/{kind}" for kind in CHARTS.names()} <= set(
        document["paths"]
    )


def test_every_parameter_is_documented(document: dict[str, Any]) -> None:
    """They have descriptions and the defaults of a query."""
    parameters = document["components"]["parameters"]
    assert list(parameters) == [name for name in Query.model_fields if name != "embed"]
    assert [name for name, parameter in parameters.items() if not parameter["description"]] == []
    assert parameters["n"]["schema"]["default"] == 400
    assert parameters["width"]["schema"]["maximum"] == 3000
    assert parameters["users"]["required"] is True


@pytest.mark.parametrize("kind", CHARTS.names())
def test_a_chart_documents_what_it_accepts(document: dict[str, Any], demo_client: FlaskClient, kind: str) -> None:
    """`counted=network` is documented for the charts that counts can answer, and refused elsewhere."""
    listed = document["paths"][f"/{kind}.json"]["get"]["parameters"]
    described = {"$ref": "#/components/parameters/counted"} in listed
    response = demo_client.get(f"/{kind}.json?users={DEMO}&counted=network")
    assert described == CHARTS[kind].answers_network_counts
    assert response.status_code == (200 if described else 400)


# --- true ---------------------------------------------------------------------------------------------------------------


def test_examples_match_their_schemas(document: dict[str, Any]) -> None:
    """This holds for every example."""
    medias = [
        media
        for _, _, operation in operations(document)
        for media in operation["responses"]["200"]["content"].values()
        if "example" in media
    ]
    assert [fault for media in medias for fault in schema_errors(document, media["schema"], media["example"])] == []
    assert len(medias) == 8 + len(CHARTS)


def test_bodies_get_the_documented_response(demo_client: FlaskClient, document: dict[str, Any]) -> None:
    """Each example of a body and its response match their schemas."""
    media = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    for name, example in media["examples"].items():
        response = demo_client.post("/predict", json=example["value"])
        assert response.status_code == 200, name
        assert schema_errors(document, media["schema"], example["value"]) == []
        assert schema_errors(document, response_schema(document, "/predict", "post", 200, "application/json"), response.get_json()) == []


@pytest.mark.parametrize("question", ["", "&method=model&measure=mean", "&interval=hour&n=20", "&method=afinn&measure=share&window=common"])
@pytest.mark.parametrize("kind", CHARTS.names())
def test_charts_get_the_documented_response(demo_client: FlaskClient, document: dict[str, Any], kind: str, question: str) -> None:
    """A chart's document matches its schema for any method and interval, without undocumented columns."""
    response = demo_client.get(f"/{kind}.json?users={DEMO},demo:aster-air{question}")
    schema = response_schema(document, f"/{kind}.json", "get", 200, "application/json")
    chart_document = response.get_json()
    row = document["components"]["schemas"][f"{kind.capitalize()}Row"]
    names = row["properties"] if "measure" in question else row["required"]
    rows = [name for name in names if name != "language"]  # these accounts post in one language
    assert response.status_code == 200
    assert schema_errors(document, schema, chart_document) == []
    assert {tuple(row) for row in chart_document["data"]} == ({tuple(rows)} if chart_document["data"] or kind != "events" else set())


@pytest.mark.parametrize("path", ["/model", "/health", "/ready", f"/cost?users={DEMO}"])
def test_other_routes_get_the_documented_response(demo_client: FlaskClient, document: dict[str, Any], path: str) -> None:
    """Model, state and price match their schemas."""
    schema = response_schema(document, urlsplit(path).path, "get", 200, "application/json")
    assert schema_errors(document, schema, demo_client.get(path).get_json()) == []


@pytest.mark.parametrize("path", ["/frequency.json", "/frequency.csv", "/sentiment.png", "/cost"])
@pytest.mark.parametrize("question", ["", "users=demo:nobody-has-this", "users=demo:aster-air&n=x", "users=demo:aster-air&colour=red"])
def test_errors_are_as_documented(demo_client: FlaskClient, document: dict[str, Any], path: str, question: str) -> None:
    """Their statuses are documented, and they have the shape of a problem."""
    response = demo_client.get(f"{path}?{question}", headers={"Accept": "application/json"})
    if path == "/cost" and "nobody" in question:  # a price needs no look-up
        assert response.status_code == 200
    else:
        assert response.status_code >= 400
        assert schema_errors(document, response_schema(document, path, "get", response.status_code, PROBLEM), response.get_json()) == []


def test_other_methods_are_refused(demo_client: FlaskClient, document: dict[str, Any]) -> None:
    """A 405 lists the allowed ones."""
    for path, method, _ in operations(document):
        for other in {"GET", "POST", "PUT", "PATCH", "DELETE"} - {method.upper()}:
            response = demo_client.open(path, method=other)
            assert response.status_code == 405, f"{other} {path}"
            assert method.upper() in response.headers["Allow"]


@pytest.mark.faults
def test_schemathesis_finds_no_fault_in_a_text_model(free: Flask) -> None:
    """It tries every limit of every parameter and body."""
    assert find_faults(free, list_thorough_paths(), scale_examples(6)) == []


@pytest.mark.long
@pytest.mark.faults
def test_schemathesis_finds_no_fault_in_the_other_charts(free: Flask) -> None:
    """It requests each chart, each format, and everything else that isn't tried thoroughly."""
    paths = list_other_paths(free.test_client().get("/openapi.json").get_json())
    assert find_faults(free, paths, scale_examples(2), thorough=False) == []


@pytest.mark.faults
def test_schemathesis_finds_no_fault_in_a_tabular_model(tabular: Flask) -> None:
    """The document has the length of its rows."""
    document = tabular.test_client().get("/openapi.json").get_json()
    row = document["components"]["schemas"]["Features"]["properties"]["features"]["oneOf"][0]
    instances = document["components"]["schemas"]["Instances"]["properties"]["instances"]["items"]["oneOf"]
    assert row["minItems"] == 4
    assert row["maxItems"] == 4
    assert "OneText" not in document["components"]["schemas"]
    assert [(instance["type"], instance["minItems"], instance["maxItems"]) for instance in instances] == [("array", 4, 4)]
    assert find_faults(tabular, ["/predict", "/model"], scale_examples(20)) == []


@pytest.mark.slow
def test_keys_are_documented_where_they_are_required(demo_client: FlaskClient, document: dict[str, Any]) -> None:
    """With access keys, predictions need one and charts may need one; without, the document has none."""
    closed = create_app({"CHORUS_ACCESS_KEYS": "a-key-of-many-characters-0123456789"}).test_client().get("/openapi.json").get_json()
    assert closed["components"]["securitySchemes"]["key"]["scheme"] == "bearer"
    assert closed["paths"]["/predict"]["post"]["security"] == [{"key": []}]
    assert "401" in closed["paths"]["/predict"]["post"]["responses"]
    assert closed["paths"]["/frequency.json"]["get"]["security"] == [{}, {"key": []}]
    assert "securitySchemes" not in document["components"]
    assert "401" not in json.dumps(document)


def test_the_document_has_an_etag(demo_client: FlaskClient) -> None:
    """An unchanged document is a 304."""
    tag = demo_client.get("/openapi.json").headers["ETag"]
    assert demo_client.get("/openapi.json", headers={"If-None-Match": tag}).status_code == 304


# --- the page -----------------------------------------------------------------------------------------------------------


def test_the_page_has_every_operation(demo_page: PageReader, document: dict[str, Any]) -> None:
    """Each parameter has a field."""
    html_page = demo_page.open("/docs")
    assert [path for path in document["paths"] if f"</b> {path}</code>" not in html_page.text] == []
    assert set(document["components"]["parameters"]) <= {*html_page.fields, "kinds"}


@pytest.mark.parametrize("path", ["/", "/docs", "/classify", f"/report?users={DEMO}&n=20"])
def test_every_page_links_to_it(demo_page: PageReader, path: str) -> None:
    """The page for programs is one click away."""
    assert "/docs" in demo_page.open(path).link_urls


@pytest.mark.slow
def test_the_commands_of_the_page_work(demo_page: PageReader, demo_client: FlaskClient) -> None:
    """Each response has status 200."""
    commands = [
        shlex.split(unescape(match)) for match in re.findall(r'id="[^"]*-curl">(.*?)</pre>', demo_page.open("/docs").text, re.DOTALL)
    ]
    for _, _, address, *rest in commands:
        body = rest[-1] if rest else None
        response = demo_client.open(address, method="POST" if body else "GET", data=body, content_type="application/json" if body else None)
        assert response.status_code == 200, address
    assert len(commands) == 8 + len(CHARTS)


@pytest.mark.slow
def test_the_page_has_a_key_field_only_if_there_are_keys() -> None:
    """It is for an access key."""
    open_page, locked_page = (
        PageReader(create_app(settings).test_client()).open("/docs") for settings in ({}, {"CHORUS_ACCESS_KEYS": "k" * 40})
    )
    assert 'id="key"' not in open_page.text
    assert 'id="key"' in locked_page.text


def test_responses_to_damaged_and_unknown_hosts_are_described(document: dict[str, Any]) -> None:
    """Every operation may refuse a Host header, except that probes are answered for every valid host."""
    for path, _, operation in operations(document):
        assert "Host header isn’t a host name" in operation["responses"]["400"]["description"]
        assert ("421" in operation["responses"]) == (path not in ("/health", "/ready"))
    keys = list(document["paths"]["/frequency.json"]["get"]["responses"])
    assert keys == sorted(keys)
