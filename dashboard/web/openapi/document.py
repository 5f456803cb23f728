"""The OpenAPI 3.1 document of what programs can ask. It says what is served here: another model takes other bodies."""

from functools import cache
from typing import Any

from dashboard.core.charts import CHARTS
from dashboard.core.errors import ModelUnavailable
from dashboard.prediction.api.schemas import BODY_TYPES
from dashboard.web.auth import access
from dashboard.web.extensions import model
from dashboard.web.openapi import examples, operations, parameters, schemas
from dashboard.web.openapi.operations import ApiCapabilities

_INFO = {
    "title": "Chorus",
    "version": "1.0.0",
    "summary": "How often accounts post, and how they sound.",
    "description": "Charts of accounts as data and images, and a classifier of texts. Every address is bookmarkable; what goes wrong is "
    "told as application/problem+json, each problem at its field.",
    "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
}
_TABULAR_INPUTS = frozenset(["features", "instances"])
_KEY_SECURITY_SCHEME = {"type": "http", "scheme": "bearer", "description": "An access key; whoever runs this Chorus gives keys."}


def build_document() -> dict[str, Any]:
    """Return the document for the model that is served; where it can't be loaded, with every body that some model takes."""
    closed = access.requires_key()
    try:
        served = model()
    except ModelUnavailable:
        return _build_document(ApiCapabilities(frozenset(BODY_TYPES), requires_key=closed))
    if served.kind == "tabular":
        return _build_document(ApiCapabilities(_TABULAR_INPUTS, served.card.feature_count, closed))
    return _build_document(ApiCapabilities(frozenset(BODY_TYPES) - {"features"}, requires_key=closed))


@cache
def _build_document(capabilities: ApiCapabilities) -> dict[str, Any]:
    named = schemas.build_components(capabilities.input_kinds, capabilities.feature_count)
    locks = {"securitySchemes": {"key": _KEY_SECURITY_SCHEME}} if capabilities.requires_key else {}
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "/", "description": "Where this document came from"}],
        "tags": _tags(),
        "paths": _add_examples(operations.build_paths(capabilities), named),
        "components": {"schemas": named, "parameters": parameters.query_parameters(), **locks},
    }


def _tags() -> list[dict[str, str]]:
    charts = [{"name": chart.title, "description": f"The {chart.name} chart, as data and as images."} for chart in CHARTS]
    return [
        {"name": "Classifier", "description": "How a text sounds, and the model that says so."},
        *charts,
        {"name": "Posts", "description": "The posts behind the charts, as data."},
        {"name": "Service", "description": "What a question costs, and whether the process is well."},
    ]


def _add_examples(paths: dict[str, Any], component_schemas: dict[str, Any]) -> dict[str, Any]:
    """Add an example to every answer that has a schema of its own."""
    for operation in (each for path in paths.values() for each in path.values()):
        for kind, media in operation["responses"]["200"].get("content", {}).items():
            if kind == "application/json":
                media["example"] = examples.build_example(media["schema"], component_schemas)
    return paths
