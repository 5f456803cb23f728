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
JSON = "application/json"


@docs.get("/openapi.json")
def document() -> ResponseReturnValue:
    """The OpenAPI document."""
    response = jsonify(openapi_document.document())
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    return response.make_conditional(request)


@docs.get("/docs")
def page() -> str:
    """Every operation, in words, with an example and a form to try it."""
    given = openapi_document.document()
    return render_template("docs.html", document=given, groups=_groups(given), keyed="securitySchemes" in given["components"])


@dataclass(frozen=True)
class Card:
    """Operations that take the same and differ in the format of their answer, the first of them in full."""

    ways: dict[str, dict[str, Any]]  # from path to operation
    method: str
    parameters: list[dict[str, Any]]

    @property
    def path(self) -> str:
        """The first path, which stands for all."""
        return next(iter(self.ways))

    @property
    def operation(self) -> dict[str, Any]:
        """What is done there."""
        return self.ways[self.path]

    @property
    def anchor(self) -> str:
        """Where the card is on the page."""
        return str(self.operation["operationId"]).replace("_", "-")

    @property
    def title(self) -> str:
        """A headline: of many formats, what they have in common."""
        return str(self.operation["tags"][0] if len(self.ways) > 1 else self.operation["summary"])

    @property
    def bodies(self) -> dict[str, dict[str, Any]]:
        """Examples of a body, by name, each with a summary and the text of it."""
        given = self.operation.get("requestBody", {}).get("content", {}).get(JSON, {}).get("examples", {})
        return {name: {"summary": each["summary"], "text": _indented(each["value"])} for name, each in given.items()}

    @property
    def example(self) -> str:
        """What an answer looks like, empty if it is no JSON."""
        media = self.operation["responses"]["200"]["content"].get(JSON, {})
        return _indented(media["example"]) if "example" in media else ""

    @cached_property
    def curl(self) -> str:
        """The command that asks so."""
        address = request.url_root.rstrip("/") + self.path
        if self.bodies:
            body = json.dumps(next(iter(self.operation["requestBody"]["content"][JSON]["examples"].values()))["value"], ensure_ascii=False)
            return f"curl -s {shlex.quote(address)} -H 'Content-Type: {JSON}' -d {shlex.quote(body)}"
        wanted = [f"{each['name']}={','.join(each['example'])}" for each in self.parameters if each["required"]]
        return f"curl -s {shlex.quote(address + '?' * bool(wanted) + '&'.join(wanted))}"


def _groups(given: dict[str, Any]) -> dict[str, list[Card]]:
    """Return cards by tag, in the order of the tags; addresses of a tag that take the same share a card."""
    groups: dict[str, list[Card]] = {tag["name"]: [] for tag in given["tags"]}
    for path, methods in given["paths"].items():
        for method, operation in methods.items():
            cards = groups[operation["tags"][0]]
            parameters = [_resolved(each, given) for each in operation.get("parameters", [])]
            if cards and parameters and cards[-1].parameters == parameters:
                cards[-1].ways[path] = operation
            else:
                cards.append(Card({path: operation}, method.upper(), parameters))
    return groups


def _resolved(parameter: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    name = parameter.get("$ref", "").rpartition("/")[2]
    return given["components"]["parameters"][name] if name else parameter


def _indented(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
