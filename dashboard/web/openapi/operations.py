"""What programs can ask, one entry an address, as OpenAPI writes it. A new chart or format needs no edit here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.web.formats import BARE_FORMAT, FORMATS, DataFormat, Format, data_formats
from dashboard.web.openapi import error_responses, parameters, schemas

PREDICT_PATH = "/predict"
_CHART_DESCRIPTION = (
    "The same chart as data or as an image, of the same parameters. If some accounts can be read, they are drawn, and the others are a "
    "note. Parameters that are unknown, or that contradict one another, are refused."
)
_POSTS_DESCRIPTION = (
    "The posts behind a chart, or behind one mark of it, in the order asked for. X's terms are kept: of its posts there are the account "
    "and the id alone, and at most 500."
)
_KEY_REQUIREMENT: dict[str, list[str]] = {"key": []}
_EXAMPLE_TEXT = "I love the new line, it is great!"
_EXAMPLE_FEATURES = (5.1, 3.5, 1.4, 0.2)
_BODY_EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("A text", {"text": _EXAMPLE_TEXT}),
    "explain": ("A text, and the words that decided", {"text": _EXAMPLE_TEXT, "explain": True}),
    "texts": ("A list", {"texts": [_EXAMPLE_TEXT, "The trains are delayed again."]}),
    "instances": ("As Vertex AI sends it", {"instances": [{"text": _EXAMPLE_TEXT}, {"text": "The trains are delayed again."}]}),
}


@dataclass(frozen=True)
class ApiCapabilities:
    """What is served here: `takes` are the subjects of bodies that the model answers, `width` the numbers of its rows (None if they vary).

    `requires_key` says that predictions and what costs money take an access key; `chart_kinds`, `format_names` and `method_names` are
    what is registered.
    """

    input_kinds: frozenset[str]
    feature_count: int | None = None
    requires_key: bool = False
    chart_kinds: tuple[str, ...] = field(default_factory=CHARTS.names)
    format_names: tuple[str, ...] = field(default_factory=FORMATS.names)
    method_names: tuple[str, ...] = field(default_factory=METHODS.names)


def build_paths(capabilities: ApiCapabilities) -> dict[str, Any]:
    """Return every address with its operation."""
    charts = {
        path: {"get": each} for kind in capabilities.chart_kinds for path, each in _chart_paths(kind, capabilities.requires_key).items()
    }
    return {
        PREDICT_PATH: {"post": _predict_operation(capabilities)},
        "/model": {"get": _model_operation()},
        **charts,
        **_posts_paths(capabilities.requires_key),
        **_service_paths(),
    }


def _build_body_examples(capabilities: ApiCapabilities) -> dict[str, Any]:
    """Return bodies that the served model answers, by name."""
    row = [_EXAMPLE_FEATURES[at % len(_EXAMPLE_FEATURES)] for at in range(capabilities.feature_count or len(_EXAMPLE_FEATURES))]
    rows = {"features": ("A row of numbers", {"features": row}), "rows": ("Rows as Vertex AI sends them", {"instances": [row]})}
    tabular = rows if "features" in capabilities.input_kinds else {}
    textual = _BODY_EXAMPLES if "text" in capabilities.input_kinds else {}
    return {name: {"summary": summary, "value": value} for name, (summary, value) in (textual | tabular).items()}


def _predict_operation(capabilities: ApiCapabilities) -> dict[str, Any]:
    bodies = {"schema": schemas.reference("Body"), "examples": _build_body_examples(capabilities)}
    return {
        "operationId": "predict",
        "tags": ["Classifier"],
        "summary": "How a text sounds",
        "description": "One text, up to 256 of them, or Vertex AI's shape; where a tabular model is mounted, rows of numbers instead. "
        "A text has at most 25,000 characters, a body 1 MiB. Answers keep the order. With explain, the weights of the terms add up to the "
        "margin.",
        "requestBody": {"required": True, "content": {"application/json": bodies}},
        "responses": _success_response("Answer", "The likeliest label, how likely it is, and every label's probability.")
        | error_responses.for_prediction(capabilities.requires_key),
        **_security(capabilities.requires_key, [_KEY_REQUIREMENT]),
    }


def _model_operation() -> dict[str, Any]:
    return {
        "operationId": "model",
        "tags": ["Classifier"],
        "summary": "What the model says of itself",
        "description": "Its name, version and digest, its labels, what it learned from, how well it does, and what it can't do.",
        "responses": _success_response("Served", "The model that is served here.") | error_responses.for_model(),
    }


def _chart_paths(kind: str, requires_key: bool) -> dict[str, Any]:
    """Return the operations of a chart: a format each, and the bare name, which is its PNG."""
    by_format = {
        f"/{kind}.{entry.name}": _chart_operation(kind, entry, f"{kind}_{entry.name}", requires_key) for entry in _json_first(FORMATS)
    }
    return by_format | {f"/{kind}": _chart_operation(kind, FORMATS[BARE_FORMAT], kind, requires_key)}


def _json_first(entries: Iterable[Format]) -> list[Format]:
    """Return formats in the order of the documentation, whose page shows an example of the first."""
    newest_first = list(entries)[::-1]
    return sorted(newest_first, key=lambda entry: not entry.is_json)


def _chart_operation(kind: str, file_format: Format, operation_id: str, requires_key: bool) -> dict[str, Any]:
    content = _build_content(file_format, schemas.chart_schema_name(kind))
    held = {"content": content, "description": f"The {kind} chart as {file_format.title}."}
    return {
        "operationId": operation_id,
        "tags": [CHARTS[kind].title],
        "summary": f"{CHARTS[kind].title} as {file_format.title}",
        "description": _CHART_DESCRIPTION,
        "parameters": parameters.query_references(kind),
        "responses": {"200": held, "304": {"description": "The reader has it already (If-None-Match)."}}
        | error_responses.for_chart(requires_key),
        **_security(requires_key, [{}, _KEY_REQUIREMENT]),
    }


def _posts_paths(requires_key: bool) -> dict[str, Any]:
    """Return the operations of the posts behind a chart."""
    return {f"/posts.{entry.name}": {"get": _posts_operation(entry, requires_key)} for entry in _json_first(data_formats())}


def _posts_operation(file_format: Format, requires_key: bool) -> dict[str, Any]:
    held = {"content": _build_content(file_format, "Posts"), "description": f"The posts as {file_format.title}."}
    return {
        "operationId": f"posts_{file_format.name}",
        "tags": ["Posts"],
        "summary": f"Posts as {file_format.title}",
        "description": _POSTS_DESCRIPTION,
        "parameters": parameters.posts_parameters(),
        "responses": {"200": held, "304": {"description": "The reader has it already (If-None-Match)."}}
        | error_responses.for_chart(requires_key),
        **_security(requires_key, [{}, _KEY_REQUIREMENT]),
    }


def _build_content(file_format: Format, schema_name: str) -> dict[str, Any]:
    """Return what an answer in a format holds; only JSON has a schema of its own."""
    if file_format.is_json:
        return {file_format.media_type: {"schema": schemas.reference(schema_name)}}
    return {file_format.media_type: {"schema": {"type": "string"}} if isinstance(file_format, DataFormat) else {}}


def _security(requires_key: bool, requirements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return by which of some ways an operation is let in, nothing where no key is needed."""
    return {"security": requirements} if requires_key else {}


def _service_paths() -> dict[str, Any]:
    alive = _service_operation("health", "Whether the process serves", "It touches nothing else.", _success_response("Health", "It does."))
    ready = _success_response("Ready", "A real prediction has run.") | error_responses.for_model()
    cost = _success_response("Cost", "In US dollars.") | error_responses.for_query()
    before = _service_operation("cost", "What a question costs at most", "Asks no network; takes what a chart takes.", cost)
    return {
        "/cost": {"get": before | {"parameters": parameters.query_references()}},
        "/health": {"get": alive},
        "/ready": {"get": _service_operation("ready", "Whether it can predict", "Makes a prediction, and says of what model.", ready)},
    }


def _service_operation(operation_id: str, summary: str, description: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": operation_id, "tags": ["Service"], "summary": summary, "description": description, "responses": responses}


def _success_response(schema_name: str, description: str) -> dict[str, Any]:
    return {"200": {"description": description, "content": {"application/json": {"schema": schemas.reference(schema_name)}}}}
