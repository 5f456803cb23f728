"""The document for programs, and a page for people to read it and try each address. Nothing here knows an operation by name."""

import json
import shlex
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from dashboard.web.openapi import document as openapi_document

docs = Blueprint("docs", __name__)
JSON_MIME_TYPE = "application/json"


@docs.get("/openapi.json")
def openapi_json() -> ResponseReturnValue:
    """The OpenAPI document."""
    response = jsonify(openapi_document.build_document())
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@docs.get("/docs")
def page() -> str:
    """Every operation, in words, with an example and a form to try it."""
    given = openapi_document.build_document()
    return render_template(
        "docs.html", document=given, cards_by_tag=_group_by_tag(given), requires_key="securitySchemes" in given["components"]
    )


@dataclass(frozen=True)
class OperationCard:
    """Operations that take the same and differ in the format of their answer, the first of them in full."""

    operations_by_path: dict[str, dict[str, Any]]  # from path to operation
    method: str
    parameters: list[dict[str, Any]]

    @property
    def path(self) -> str:
        """The first path, which stands for all."""
        return next(iter(self.operations_by_path))

    @property
    def operation(self) -> dict[str, Any]:
        """What is done there."""
        return self.operations_by_path[self.path]

    @property
    def anchor(self) -> str:
        """Where the card is on the page."""
        return str(self.operation["operationId"]).replace("_", "-")

    @property
    def title(self) -> str:
        """A headline: of many formats, what they have in common."""
        return str(self.operation["tags"][0] if len(self.operations_by_path) > 1 else self.operation["summary"])

    @property
    def request_examples(self) -> dict[str, dict[str, Any]]:
        """Examples of a body, by name, each with a summary and the text of it."""
        given = self.operation.get("requestBody", {}).get("content", {}).get(JSON_MIME_TYPE, {}).get("examples", {})
        return {name: {"summary": each["summary"], "text": _format_json(each["value"])} for name, each in given.items()}

    @property
    def response_example(self) -> str:
        """What an answer looks like, empty if it is no JSON."""
        media = self.operation["responses"]["200"]["content"].get(JSON_MIME_TYPE, {})
        return _format_json(media["example"]) if "example" in media else ""

    @cached_property
    def curl_command(self) -> str:
        """The command that asks so."""
        address = request.url_root.rstrip("/") + self.path
        if self.request_examples:
            body = json.dumps(
                next(iter(self.operation["requestBody"]["content"][JSON_MIME_TYPE]["examples"].values()))["value"], ensure_ascii=False
            )
            return f"curl -s {shlex.quote(address)} -H 'Content-Type: {JSON_MIME_TYPE}' -d {shlex.quote(body)}"
        wanted = [f"{each['name']}={','.join(each['example'])}" for each in self.parameters if each["required"]]
        return f"curl -s {shlex.quote(address + '?' * bool(wanted) + '&'.join(wanted))}"


def _group_by_tag(document: dict[str, Any]) -> dict[str, list[OperationCard]]:
    """Return cards by tag, in the order of the tags; addresses of a tag that take the same share a card."""
    groups: dict[str, list[OperationCard]] = {tag["name"]: [] for tag in document["tags"]}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            cards = groups[operation["tags"][0]]
            parameters = [_resolve_reference(each, document) for each in operation.get("parameters", [])]
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
