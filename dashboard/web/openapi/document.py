"""The OpenAPI 3.1 document of the API. It describes this server: the accepted bodies depend on the model being served."""

from functools import cache
from typing import Any

from dashboard.core.charts import CHARTS
from dashboard.core.errors import ModelUnavailable
from dashboard.core.formatting.texts import format_list
from dashboard.prediction.api.schemas import BODY_TYPES
from dashboard.web import urls
from dashboard.web.auth import access
from dashboard.web.extensions import model
from dashboard.web.formats import FORMATS
from dashboard.web.openapi import examples, operations, parameters, schemas
from dashboard.web.openapi.operations import ApiCapabilities

_INFO = {
    "title": "Chorus",
    "version": "1.0.0",
    "summary": "How often accounts post – and how they sound.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_TABULAR_INPUTS = frozenset(["features", "instances"])
_KEY_SECURITY_SCHEME = {"type": "http", "scheme": "bearer", "description": "An access key. Ask your administrator for one."}


def build_document() -> dict[str, Any]:
    """Return the document for the served model, with the address that people use, if it is known."""
    servers = [{"url": urls.public_url() or "/", "description": "The server that this document came from"}]
    return _describe_served_model() | {"servers": servers}


def _describe_served_model() -> dict[str, Any]:
    """Return the document for the served model. If it can't be loaded, list every body that any model accepts."""
    requires_key = access.requires_key()
    try:
        served_model = model()
    except ModelUnavailable:
        return _build_document(ApiCapabilities(frozenset(BODY_TYPES), requires_key=requires_key))
    if served_model.kind == "tabular":
        return _build_document(ApiCapabilities(_TABULAR_INPUTS, served_model.card.feature_count, requires_key))
    return _build_document(ApiCapabilities(frozenset(BODY_TYPES) - {"features"}, requires_key=requires_key))


@cache
def _build_document(capabilities: ApiCapabilities) -> dict[str, Any]:
    component_schemas = schemas.build_components(capabilities.input_kinds, capabilities.feature_count)
    security_schemes = {"securitySchemes": {"key": _KEY_SECURITY_SCHEME}} if capabilities.requires_key else {}
    return {
        "openapi": "3.1.0",
        "info": _INFO | {"description": _describe_api()},
        "servers": [],
        "tags": _tags(),
        "paths": _add_examples(operations.build_paths(capabilities), component_schemas),
        "components": {"schemas": component_schemas, "parameters": parameters.query_parameters(), **security_schemes},
    }


def _describe_api() -> str:
    formats = format_list([entry.title for entry in FORMATS])
    return f"Get charts as {formats}, and classify texts. Errors are application/problem+json."


def _tags() -> list[dict[str, str]]:
    chart_tags = [{"name": chart.title, "description": f"The {chart.name} chart as data and as an image."} for chart in CHARTS]
    return [
        {"name": "Classifier", "description": "Classify text, and get details of the model."},
        {"name": "Report", "description": "What a report says in sentences, and its scorecard, as data."},
        *chart_tags,
        {"name": "Posts", "description": "The posts behind a chart, as data."},
        {"name": "Service", "description": "The cost of a report, and health checks."},
    ]


def _add_examples(paths: dict[str, Any], component_schemas: dict[str, Any]) -> dict[str, Any]:
    """Add an example to every JSON response."""
    for operation in (operation for methods in paths.values() for operation in methods.values()):
        for mime_type, media in operation["responses"]["200"].get("content", {}).items():
            if mime_type == "application/json":
                media["example"] = examples.build_example(media["schema"], component_schemas)
    return paths
