"""The operations of the API, one per path, in OpenAPI's form. New charts and formats appear without an edit here."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from dashboard.core.charts import CHARTS
from dashboard.core.methods import METHODS
from dashboard.web.formats import BARE_FORMAT, DECK_MIME_TYPE, FORMATS, DataFormat, Format, data_formats
from dashboard.web.openapi import error_responses, parameters, schemas

PREDICT_PATH = "/predict"
_CHART_DESCRIPTION = (
    "Every format takes the same parameters. If only some of the accounts can be read, the chart shows those and a note lists the "
    "others. Unknown or contradictory parameters are rejected."
)
_REPORT_DESCRIPTION = (
    "What happened, in sentences, and four numbers per account with their change against the period before. Comparatives such as clearly "
    "or far more rest on 95 % intervals; sentences never name a cause. If a start and an end are given, there is no period before to "
    "compare with. CSV has one row per finding, then one per account and number."
)
_POSTS_DESCRIPTION = (
    "The posts behind a chart or one of its data points, sorted as requested. X’s terms apply: its posts have only the account and the "
    "ID, and at most 500 are returned."
)
_PROBE_PATHS = ("/health", "/ready")
_KEY_REQUIREMENT: dict[str, list[str]] = {"key": []}
_EXAMPLE_TEXT = "I love the new line, it is great!"
_EXAMPLE_FEATURES = (5.1, 3.5, 1.4, 0.2)
_BODY_EXAMPLES: dict[str, tuple[str, dict[str, Any]]] = {
    "text": ("One text", {"text": _EXAMPLE_TEXT}),
    "explain": ("One text with an explanation", {"text": _EXAMPLE_TEXT, "explain": True}),
    "texts": ("A list of texts", {"texts": [_EXAMPLE_TEXT, "The trains are delayed again."]}),
    "instances": ("Vertex AI instances", {"instances": [{"text": _EXAMPLE_TEXT}, {"text": "The trains are delayed again."}]}),
}


@dataclass(frozen=True)
class ApiCapabilities:
    """What this server offers: `input_kinds` are the body keys that the model accepts, `feature_count` the length of a row (None if any).

    `requires_key` says whether predictions and paid reads need an access key. `chart_kinds`, `format_names` and `method_names` are the
    registered names.
    """

    input_kinds: frozenset[str]
    feature_count: int | None = None
    requires_key: bool = False
    chart_kinds: tuple[str, ...] = field(default_factory=CHARTS.names)
    format_names: tuple[str, ...] = field(default_factory=FORMATS.names)
    method_names: tuple[str, ...] = field(default_factory=METHODS.names)


def build_paths(capabilities: ApiCapabilities) -> dict[str, Any]:
    """Return every path with its operations."""
    charts = {
        path: {"get": operation}
        for kind in capabilities.chart_kinds
        for path, operation in _chart_paths(kind, capabilities.requires_key).items()
    }
    paths = {
        PREDICT_PATH: {"post": _predict_operation(capabilities)},
        "/model": {"get": _model_operation()},
        "/model.json": {"get": _model_operation() | {"operationId": "model_json", "summary": "Model details as JSON"}},
        **_report_paths(capabilities.requires_key),
        **charts,
        **_posts_paths(capabilities.requires_key),
        **_service_paths(),
    }
    return {
        path: {method: _add_common_responses(operation, is_probe=path in _PROBE_PATHS) for method, operation in operations.items()}
        for path, operations in paths.items()
    }


def _add_common_responses(operation: dict[str, Any], *, is_probe: bool) -> dict[str, Any]:
    """Return an operation with the responses that any request may get: those to a wrong host, and those of the server itself."""
    responses = error_responses.with_host_errors(operation["responses"], is_probe=is_probe)
    return error_responses.add_refusals(operation | {"responses": responses})


def _build_body_examples(capabilities: ApiCapabilities) -> dict[str, Any]:
    """Return example bodies that the served model accepts, by name."""
    row = [_EXAMPLE_FEATURES[index % len(_EXAMPLE_FEATURES)] for index in range(capabilities.feature_count or len(_EXAMPLE_FEATURES))]
    row_examples = {"features": ("One row of numbers", {"features": row}), "rows": ("Rows as Vertex AI instances", {"instances": [row]})}
    tabular_examples = row_examples if "features" in capabilities.input_kinds else {}
    text_examples = _BODY_EXAMPLES if "text" in capabilities.input_kinds else {}
    return {name: {"summary": summary, "value": value} for name, (summary, value) in (text_examples | tabular_examples).items()}


def _predict_operation(capabilities: ApiCapabilities) -> dict[str, Any]:
    media = {"schema": schemas.reference("Body"), "examples": _build_body_examples(capabilities)}
    return {
        "operationId": "predict",
        "tags": ["Classifier"],
        "summary": "Classify text",
        "description": "Classifies one text or up to 256 (25,000 characters each, 1 MiB per request), in the order sent. Also accepts "
        "Vertex AI’s instances, and rows of numbers instead of texts if a tabular model is mounted. Explain adds the words behind each "
        "result; their weights add up to the margin.",
        "requestBody": {"required": True, "content": {"application/json": media}},
        "responses": _success_response("Answer", "The most likely label, its score and the probability of every label.")
        | error_responses.for_prediction(capabilities.requires_key),
        **_security(capabilities.requires_key, [_KEY_REQUIREMENT]),
    }


def _model_operation() -> dict[str, Any]:
    return {
        "operationId": "model",
        "tags": ["Classifier"],
        "summary": "Model details",
        "description": "Name, version and digest, labels, training data, evaluation results and limitations. Browsers get a page at "
        "/model, because they ask for text/html.",
        "responses": _success_response("Served", "The served model.") | error_responses.for_model(),
    }


def _chart_paths(kind: str, requires_key: bool) -> dict[str, Any]:
    """Return the operations of a chart: one per format, and the path without a suffix, which returns a PNG."""
    by_format = {
        f"/{kind}.{entry.name}": _chart_operation(kind, entry, f"{kind}_{entry.name}", requires_key) for entry in _json_first(FORMATS)
    }
    return by_format | {f"/{kind}": _chart_operation(kind, FORMATS[BARE_FORMAT], kind, requires_key)}


def _json_first(entries: Iterable[Format]) -> list[Format]:
    """Return formats in the order of the documentation, JSON first because the page shows an example of the first."""
    newest_first = list(entries)[::-1]
    return sorted(newest_first, key=lambda entry: not entry.is_json)


def _chart_operation(kind: str, file_format: Format, operation_id: str, requires_key: bool) -> dict[str, Any]:
    content = _build_content(file_format, schemas.chart_schema_name(kind))
    success = {"content": content, "description": f"The {kind} chart as {file_format.title}."}
    return {
        "operationId": operation_id,
        "tags": [CHARTS[kind].title],
        "summary": f"{CHARTS[kind].title} as {file_format.title}",
        "description": _CHART_DESCRIPTION,
        "parameters": parameters.query_references(kind),
        "responses": {"200": success, "304": {"description": "Not modified (If-None-Match)."}} | error_responses.for_chart(requires_key),
        **_security(requires_key, [{}, _KEY_REQUIREMENT]),
    }


def _report_paths(requires_key: bool) -> dict[str, Any]:
    """Return the operations of a report as data."""
    data = {f"/report.{name}": {"get": _report_operation(FORMATS[name], requires_key)} for name in ("json", "csv")}
    return data | {"/report.pptx": {"get": _deck_operation(requires_key)}}


def _report_operation(file_format: Format, requires_key: bool) -> dict[str, Any]:
    success = {"content": _build_content(file_format, "Report"), "description": f"The findings and the scorecard as {file_format.title}."}
    return {
        "operationId": f"report_{file_format.name}",
        "tags": ["Report"],
        "summary": f"Findings and scorecard as {file_format.title}",
        "description": _REPORT_DESCRIPTION,
        "parameters": parameters.report_references(),
        "responses": {"200": success, "304": {"description": "Not modified (If-None-Match)."}} | error_responses.for_chart(requires_key),
        **_security(requires_key, [{}, _KEY_REQUIREMENT]),
    }


def _deck_operation(requires_key: bool) -> dict[str, Any]:
    """Return the operation of a report as slides: that of its data in another format."""
    content = {DECK_MIME_TYPE: {"schema": {"type": "string", "format": "binary"}}}
    operation = _report_operation(FORMATS["json"], requires_key)
    success = {"content": content, "description": "A slide per finding, with its chart and the source of its numbers."}
    return operation | {
        "operationId": "report_pptx",
        "summary": "Findings and charts as a PowerPoint file",
        "description": "One finding, one chart and one source line per slide. Sentences are text, and charts pictures. Without `measure` "
        "they show the balance per post, as the page does.",
        "responses": operation["responses"] | {"200": success},
    }


def _posts_paths(requires_key: bool) -> dict[str, Any]:
    """Return the operations of the posts behind a chart."""
    return {f"/posts.{entry.name}": {"get": _posts_operation(entry, requires_key)} for entry in _json_first(data_formats())}


def _posts_operation(file_format: Format, requires_key: bool) -> dict[str, Any]:
    success = {"content": _build_content(file_format, "Posts"), "description": f"The posts as {file_format.title}."}
    return {
        "operationId": f"posts_{file_format.name}",
        "tags": ["Posts"],
        "summary": f"Posts as {file_format.title}",
        "description": _POSTS_DESCRIPTION,
        "parameters": parameters.posts_parameters(),
        "responses": {"200": success, "304": {"description": "Not modified (If-None-Match)."}} | error_responses.for_chart(requires_key),
        **_security(requires_key, [{}, _KEY_REQUIREMENT]),
    }


def _build_content(file_format: Format, schema_name: str) -> dict[str, Any]:
    """Return the content of a response in a format; only JSON has its own schema."""
    if file_format.is_json:
        return {file_format.media_type: {"schema": schemas.reference(schema_name)}}
    is_text = isinstance(file_format, DataFormat) and not file_format.is_binary
    return {file_format.media_type: {"schema": {"type": "string"}} if is_text else {}}


def _security(requires_key: bool, requirements: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the security requirements of an operation, nothing if this server requires no key."""
    return {"security": requirements} if requires_key else {}


def _service_paths() -> dict[str, Any]:
    health = _success_response("Health", "The process is serving requests.")
    ready = _success_response("Ready", "The model has made a test prediction.") | error_responses.for_model()
    cost = _success_response("Cost", "In US dollars.") | error_responses.for_query()
    cost_operation = _service_operation(
        "cost", "Maximum cost of a report", "Takes the parameters of a chart. Doesn’t contact any network.", cost
    )
    return {
        "/cost": {"get": cost_operation | {"parameters": parameters.query_references()}},
        "/health": {"get": _service_operation("health", "Liveness", "Always answers while the process serves requests.", health)},
        "/ready": {"get": _service_operation("ready", "Readiness", "Loads the model, makes a test prediction and names the model.", ready)},
    }


def _service_operation(operation_id: str, summary: str, description: str, responses: dict[str, Any]) -> dict[str, Any]:
    return {"operationId": operation_id, "tags": ["Service"], "summary": summary, "description": description, "responses": responses}


def _success_response(schema_name: str, description: str) -> dict[str, Any]:
    return {"200": {"description": description, "content": {"application/json": {"schema": schemas.reference(schema_name)}}}}
