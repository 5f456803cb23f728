"""Sends requests that an OpenAPI document allows and forbids, and lists the application's violations. There is no test in here.

Schemathesis is loaded by the tests that need it only, because it takes a fifth of a second.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from flask import Flask

from tests.support.fault_suite import count_inputs

if TYPE_CHECKING:
    from schemathesis.engine import events

# Fields that are wrong together with another one, which JSON Schema can't say
_CROSS_FIELD_PARAMETERS = {"until", "last", "scale", "counted", "interval", "account", "from", "to"}
_DEFAULT_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}


def find_faults(
    app: Flask, paths: Collection[str], max_examples: int, *, thorough: bool = True, headers: dict[str, str] | None = None
) -> list[str]:
    """Return a line per violation on some paths. `thorough` tries every limit of every parameter in addition to the examples."""
    import schemathesis
    from schemathesis.config import SchemathesisConfig
    from schemathesis.engine import from_schema

    config = SchemathesisConfig.from_dict(
        {
            "continue-on-failure": True,
            "headers": _DEFAULT_HEADERS | (headers or {}),
            "generation": {"deterministic": True, "max-examples": max_examples, "database": "none"},
            "phases": {"coverage": {"enabled": thorough}},
        }
    )
    document = app.test_client().get("/openapi.json").get_json()
    kept = document | {"paths": {path: methods for path, methods in document["paths"].items() if path in paths}}
    schema = schemathesis.openapi.from_dict(kept, config=config)
    schema.app, schema.location = app, "/openapi.json"
    schema.validate()
    return [fault for event in from_schema(schema).execute() for fault in _describe_event(event)]


def _describe_event(event: "events.EngineEvent") -> Iterator[str]:
    from schemathesis.engine import events

    if isinstance(event, events.NonFatalError):
        yield f"{event.label}: {event.value}"
    if isinstance(event, events.FatalError):
        yield str(event.exception)
    if isinstance(event, events.ScenarioFinished):
        count_inputs("requests by schemathesis", len(event.recorder.interactions))
        for identity, checks in event.recorder.checks.items():
            yield from _describe_failures(event.recorder.interactions[identity], checks)


def _describe_failures(interaction: Any, checks: Sequence[Any]) -> Iterator[str]:
    from schemathesis.engine import Status

    for check in checks:
        if check.status == Status.FAILURE and not _is_expected(check.name, interaction):
            failure = check.failure_info.failure
            request, status = interaction.request, interaction.response.status_code
            yield f"{request.method} {request.uri} {request.body!r}: {status}, {failure.title}"


def _is_expected(check_name: str, interaction: Any) -> bool:
    response = interaction.response
    if check_name == "negative_data_rejection":
        return _is_account_in_an_address(interaction.request.uri)
    if check_name == "positive_data_acceptance":
        is_paid = response.status_code == 402  # some accounts that are well written cost money
        return is_paid or _has_contradictory_parameters(response) or _has_integer_with_decimals(interaction.request.uri)
    return check_name == "not_a_server_error" and _is_network_not_set_up(response)


def _is_account_in_an_address(uri: str) -> bool:
    """Return whether the list of accounts was replaced by a value that isn't a list but is written like an account, such as `true`."""
    return parse_qs(urlsplit(uri).query).get("users") in (["true"], ["false"], ["null"])


def _has_integer_with_decimals(uri: str) -> bool:
    """Return whether a whole number is written like `8.0`, which a schema can't tell from `8`."""
    return any(re.fullmatch(r"-?\d+\.0", value) for _, value in parse_qsl(urlsplit(uri).query))


def _is_network_not_set_up(response: Any) -> bool:
    """Return whether the query has an account of a network without a key, which is a 503."""
    return response.status_code == 503 and response.json()["title"] == "This network isn’t connected here"


def _has_contradictory_parameters(response: Any) -> bool:
    """Return whether the query was refused because of two contradictory parameters."""
    return response.status_code == 400 and {problem["field"] for problem in response.json()["problems"]} <= _CROSS_FIELD_PARAMETERS
