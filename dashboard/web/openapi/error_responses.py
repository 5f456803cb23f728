"""What can go wrong with a request, as OpenAPI lists it: statuses and words come from the table that answers with them."""

from collections.abc import Mapping
from typing import Any

from dashboard.core import errors as nouns
from dashboard.web.errors import STATUS_BY_ERROR
from dashboard.web.openapi import schemas

PROBLEM_MIME_TYPE = "application/problem+json"
_QUERY_ERRORS = (nouns.InvalidQuery,)
_TIMELINE_ERRORS = (nouns.SourceError, nouns.InvalidFile, nouns.ModelUnavailable)
_PAYLOAD_ERRORS = (nouns.InvalidPayload, nouns.ModelUnavailable)
_MODEL_ERRORS = (nouns.ModelUnavailable,)
_KEY_ERRORS = (nouns.AccessKeyRequired, nouns.TooManyAttempts)
_BODY_DESCRIPTIONS = {
    400: "The body is no JSON",
    413: "The body is larger than 1 MiB",
    415: "The body is not sent as application/json, or is compressed",
}
_RETRY_AFTER_HEADER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}


def for_query() -> dict[str, Any]:
    """Return what answers a question that can't be understood, for a program or for a person."""
    return _add_html(_build_responses(_describe_errors(_QUERY_ERRORS)))


def for_chart(requires_key: bool) -> dict[str, Any]:
    """Return what answers a chart that can't be drawn; `closed` if what costs money takes a key."""
    return _build_responses(_describe_errors((*_QUERY_ERRORS, *_TIMELINE_ERRORS), requires_key))


def for_prediction(requires_key: bool) -> dict[str, Any]:
    """Return what answers a body that can't be predicted from; `closed` if predictions take a key."""
    return _build_responses(_BODY_DESCRIPTIONS | _describe_errors(_PAYLOAD_ERRORS, requires_key))


def for_model() -> dict[str, Any]:
    """Return what answers where there is no model."""
    return _build_responses(_describe_errors(_MODEL_ERRORS))


def _describe_errors(error_types: tuple[type[nouns.ChorusError], ...], requires_key: bool = False) -> dict[int, str]:
    """Return the headlines of some errors by their status, those of the kinds beneath them included; of keys if they are wanted."""
    titles: dict[int, dict[str, None]] = {}
    for noun, status in STATUS_BY_ERROR.items():
        if (
            issubclass(noun, (*error_types, *_KEY_ERRORS * requires_key))
            and noun is not nouns.SourceError
            and (requires_key or status != 401)
        ):
            titles.setdefault(status, {})[noun.title] = None
    return {status: ". ".join(said) for status, said in titles.items()}


def _build_responses(descriptions: Mapping[int, str]) -> dict[str, Any]:
    return {str(status): _build_response(status, descriptions[status]) for status in sorted(descriptions)}


def _build_response(status: int, description: str) -> dict[str, Any]:
    headers = {"headers": _RETRY_AFTER_HEADER} if status == 429 else {}
    return {"description": f"{description}.", **headers, "content": {PROBLEM_MIME_TYPE: {"schema": schemas.reference("Problem")}}}


def _add_html(responses: dict[str, Any]) -> dict[str, Any]:
    """Return the same where browsers get a page with the form."""
    return {
        status: response | {"content": response["content"] | {"text/html": {"schema": {"type": "string"}}}}
        for status, response in responses.items()
    }
