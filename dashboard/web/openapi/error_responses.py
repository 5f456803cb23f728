"""What can go wrong with a request, as OpenAPI lists it: statuses and words come from the table that answers with them."""

from collections.abc import Mapping
from typing import Any

from dashboard.core import errors as nouns
from dashboard.web.errors import STATUS
from dashboard.web.openapi import schemas

JSON = "application/problem+json"
_QUESTION = (nouns.InvalidQuery,)
_TIMELINES = (nouns.SourceError, nouns.InvalidArchive, nouns.ModelUnavailable)
_PAYLOAD = (nouns.InvalidPayload, nouns.ModelUnavailable)
_MODEL = (nouns.ModelUnavailable,)
_KEY = (nouns.KeyWanted, nouns.TooManyTries)
_OF_BODIES = {
    400: "The body is no JSON",
    413: "The body is larger than 1 MiB",
    415: "The body is not sent as application/json, or is compressed",
}
_WAIT = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}


def of_question() -> dict[str, Any]:
    """Return what answers a question that can't be understood, for a program or for a person."""
    return _with_pages(_responses(_said(_QUESTION)))


def of_chart(closed: bool) -> dict[str, Any]:
    """Return what answers a chart that can't be drawn; `closed` if what costs money takes a key."""
    return _responses(_said((*_QUESTION, *_TIMELINES), closed))


def of_prediction(closed: bool) -> dict[str, Any]:
    """Return what answers a body that can't be predicted from; `closed` if predictions take a key."""
    return _responses(_OF_BODIES | _said(_PAYLOAD, closed))


def of_model() -> dict[str, Any]:
    """Return what answers where there is no model."""
    return _responses(_said(_MODEL))


def _said(kinds: tuple[type[nouns.ChorusError], ...], closed: bool = False) -> dict[int, str]:
    """Return the headlines of some errors by their status, those of the kinds beneath them included; of keys if they are wanted."""
    titles: dict[int, dict[str, None]] = {}
    for noun, status in STATUS.items():
        if issubclass(noun, (*kinds, *_KEY * closed)) and noun is not nouns.SourceError and (closed or status != 401):
            titles.setdefault(status, {})[noun.title] = None
    return {status: ". ".join(said) for status, said in titles.items()}


def _responses(said: Mapping[int, str]) -> dict[str, Any]:
    return {str(status): _response(status, said[status]) for status in sorted(said)}


def _response(status: int, words: str) -> dict[str, Any]:
    headers = {"headers": _WAIT} if status == 429 else {}
    return {"description": f"{words}.", **headers, "content": {JSON: {"schema": schemas.named("Problem")}}}


def _with_pages(responses: dict[str, Any]) -> dict[str, Any]:
    """Return the same where browsers get a page with the form."""
    return {
        status: response | {"content": response["content"] | {"text/html": {"schema": {"type": "string"}}}}
        for status, response in responses.items()
    }
