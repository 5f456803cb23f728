"""The error responses of each operation. Statuses and titles come from the table that the error handlers use."""

from collections.abc import Mapping
from typing import Any

from dashboard.core import errors, source_errors, spending_errors
from dashboard.web.errors import STATUS_BY_ERROR
from dashboard.web.openapi import schemas
from dashboard.web.refusals import MESSAGES

PROBLEM_MIME_TYPE = "application/problem+json"
_QUERY_ERRORS = (errors.InvalidQuery,)
_TIMELINE_ERRORS = (source_errors.SourceError, errors.InvalidFile, errors.ModelUnavailable)
_PAYLOAD_ERRORS = (errors.InvalidPayload, errors.ModelUnavailable)
_MODEL_ERRORS = (errors.ModelUnavailable,)
_KEY_ERRORS = (errors.AccessKeyRequired, errors.TooManyAttempts)
_BODY_DESCRIPTIONS = {
    400: "Body isn’t valid JSON",
    413: "Body is larger than 1 MiB",
    415: "Body isn’t sent as application/json, or is compressed",
}
_HOST_DESCRIPTIONS = {400: "The Host header isn’t a host name", 421: "The Host isn’t one that this server answers"}
_BODY_STATUSES = {413, 501, 507}  # of requests with a body
_LIMIT_DESCRIPTION = "Too many large requests by one client"
_RETRY_AFTER_HEADER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}


def for_query() -> dict[str, Any]:
    """Return the responses to an invalid query, as problem JSON or as a page."""
    return _add_html(_build_responses(_describe_errors(_QUERY_ERRORS)))


def for_chart(requires_key: bool) -> dict[str, Any]:
    """Return the responses when a chart can't be drawn; `requires_key` says whether paid reads need an access key."""
    return _build_responses(_with_limit(_describe_errors((*_QUERY_ERRORS, *_TIMELINE_ERRORS), requires_key)))


def for_prediction(requires_key: bool) -> dict[str, Any]:
    """Return the responses to an invalid body; `requires_key` says whether predictions need an access key."""
    return _build_responses(_with_limit(_BODY_DESCRIPTIONS | _describe_errors(_PAYLOAD_ERRORS, requires_key)))


def for_model() -> dict[str, Any]:
    """Return the responses when the model isn't available."""
    return _build_responses(_describe_errors(_MODEL_ERRORS))


def with_host_errors(responses: Mapping[str, Any], *, is_probe: bool) -> dict[str, Any]:
    """Return the responses of an operation with those to a `Host` header that is damaged or, except for probes, unknown."""
    described = dict(responses) | {str(status): _build_response(status, text) for status, text in _HOST_DESCRIPTIONS.items()}
    if "400" in responses:
        described["400"] = responses["400"] | {"description": f"{responses['400']['description']} {_HOST_DESCRIPTIONS[400]}."}
    return {status: response for status, response in sorted(described.items()) if not (is_probe and status == "421")}


def add_refusals(operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation with the responses added that the server itself may send to any request."""
    statuses = [status for status in MESSAGES if status != 500 and ("requestBody" in operation or status not in _BODY_STATUSES)]
    responses = dict(operation["responses"])
    for status in statuses:
        response, title = responses.get(str(status)), MESSAGES[status][0]
        refusal = _build_response(status, title)
        responses[str(status)] = response | {"description": f"{response['description']} {title}."} if response else refusal
    return operation | {"responses": dict(sorted(responses.items()))}


def _describe_errors(error_types: tuple[type[errors.ChorusError], ...], requires_key: bool = False) -> dict[int, str]:
    """Return the titles of these errors and their subclasses by status, one per line, with those about access keys if `requires_key`."""
    titles: dict[int, dict[str, None]] = {}
    for error_type, status in STATUS_BY_ERROR.items():
        if (
            issubclass(error_type, (*error_types, *_KEY_ERRORS * requires_key))
            and error_type is not source_errors.SourceError
            and (requires_key or not issubclass(error_type, (spending_errors.SignInRequired, *_KEY_ERRORS)))
        ):
            titles.setdefault(status, {})[error_type.title] = None
    return {status: ".\n".join(names) for status, names in titles.items()}


def _with_limit(descriptions: Mapping[int, str]) -> dict[int, str]:
    """Return the descriptions with the limit on large requests added to those of 429."""
    others = [descriptions[429]] if 429 in descriptions else []
    return {**descriptions, 429: ".\n".join([*others, _LIMIT_DESCRIPTION])}


def _build_responses(descriptions: Mapping[int, str]) -> dict[str, Any]:
    return {str(status): _build_response(status, descriptions[status]) for status in sorted(descriptions)}


def _build_response(status: int, description: str) -> dict[str, Any]:
    headers = {"headers": _RETRY_AFTER_HEADER} if status in (429, 503) else {}
    return {"description": f"{description}.", **headers, "content": {PROBLEM_MIME_TYPE: {"schema": schemas.reference("Problem")}}}


def _add_html(responses: dict[str, Any]) -> dict[str, Any]:
    """Return the responses with `text/html` added, because browsers get a page with the form."""
    return {
        status: response | {"content": response["content"] | {"text/html": {"schema": {"type": "string"}}}}
        for status, response in responses.items()
    }
