"""`/openapi.json`, and the `/docs` page to read it and try each operation. Nothing here refers to an operation by name."""

import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.web import urls
from dashboard.web.openapi import document as openapi_document

docs = Blueprint("docs", __name__)
JSON_MIME_TYPE = "application/json"


@docs.get("/openapi.json")
def openapi_json() -> ResponseReturnValue:
    """Return the OpenAPI document."""
    response = jsonify(openapi_document.build_document())
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@docs.get("/docs")
def page() -> str:
    """Show every operation with its description, an example and a form to try it."""
    document = openapi_document.build_document()
    return render_template(
        "docs.html", document=document, cards_by_tag=_group_by_tag(document), requires_key="securitySchemes" in document["components"]
    )


@dataclass(frozen=True)
class OperationCard:
    """Operations with the same parameters that differ only in the response format; the first is shown in full."""

    operations_by_path: dict[str, dict[str, Any]]  # from path to operation
    method: str
    parameters: list[dict[str, Any]]

    @property
    def path(self) -> str:
        """The first path, which represents all of them."""
        return next(iter(self.operations_by_path))

    @property
    def operation(self) -> dict[str, Any]:
        """The first operation."""
        return self.operations_by_path[self.path]

    @property
    def anchor(self) -> str:
        """The ID of the card on the page."""
        return str(self.operation["operationId"]).replace("_", "-")

    @property
    def title(self) -> str:
        """The heading: the operation's summary, or the tag if there are several formats."""
        return str(self.operation["tags"][0] if len(self.operations_by_path) > 1 else self.operation["summary"])

    @property
    def request_examples(self) -> dict[str, dict[str, Any]]:
        """Example request bodies by name, each with a summary and its JSON text."""
        examples = self.operation.get("requestBody", {}).get("content", {}).get(JSON_MIME_TYPE, {}).get("examples", {})
        return {name: {"summary": example["summary"], "text": _format_json(example["value"])} for name, example in examples.items()}

    @property
    def response_example(self) -> str:
        """An example response, empty if the response isn't JSON."""
        media = self.operation["responses"]["200"]["content"].get(JSON_MIME_TYPE, {})
        return _format_json(media["example"]) if "example" in media else ""

    @cached_property
    def curl_command(self) -> str:
        """A curl command for the first operation."""
        url = urls.absolute(self.path)
        if self.request_examples:
            body = json.dumps(
                next(iter(self.operation["requestBody"]["content"][JSON_MIME_TYPE]["examples"].values()))["value"], ensure_ascii=False
            )
            return f"curl -s {shlex.quote(url)} -H 'Content-Type: {JSON_MIME_TYPE}' -d {shlex.quote(body)}"
        arguments = [f"{parameter['name']}={','.join(parameter['example'])}" for parameter in self.parameters if parameter["required"]]
        return f"curl -s {shlex.quote(url + '?' * bool(arguments) + '&'.join(arguments))}"


def _group_by_tag(document: dict[str, Any]) -> dict[str, list[OperationCard]]:
    """Return cards by tag, in the order of the tags. Consecutive operations of a tag with the same parameters share a card."""
    groups: dict[str, list[OperationCard]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            cards = groups[operation["tags"][0]]
            parameters = [_resolve_reference(parameter, document) for parameter in operation.get("parameters", [])]
            if cards and parameters and cards[-1].parameters == parameters:
                cards[-1].operations_by_path[path] = operation
            else:
                cards.append(OperationCard({path: operation}, method.upper(), parameters))
    return groups


def _resolve_reference(parameter: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    return document["components"]["parameters"][name] if name else parameter


def _format_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
