"""Asks an application whatever its own OpenAPI document allows and forbids, and tells what it answers wrongly. No test in here."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema

# Fields that are wrong together with another one, which JSON Schema can't say
_OF_TWO = {"until", "scale", "counted", "interval", "account", "from", "to"}
_PLAIN = {"Accept": "application/json", "Accept-Encoding": "identity"}


def faults(app: Flask, paths: Collection[str], examples: int, *, thorough: bool = True, headers: dict[str, str] | None = None) -> list[str]:
    """Return a line a fault of some paths; `thorough` tries every bound of every parameter besides the examples."""
    config = SchemathesisConfig.from_dict(
        {
            "continue-on-failure": True,
            "headers": _PLAIN | (headers or {}),
            "generation": {"deterministic": True, "max-examples": examples, "database": "none"},
            "phases": {"coverage": {"enabled": thorough}},
        }
    )
    document = app.test_client().get("/openapi.json").get_json()
    kept = document | {"paths": {path: methods for path, methods in document["paths"].items() if path in paths}}
    schema = schemathesis.openapi.from_dict(kept, config=config)
    schema.app, schema.location = app, "/openapi.json"
    schema.validate()
    return [fault for event in from_schema(schema).execute() for fault in _told(event)]


def _told(event: events.EngineEvent) -> Iterator[str]:
    if isinstance(event, events.NonFatalError):
        yield f"{event.label}: {event.value}"
    if isinstance(event, events.FatalError):
        yield str(event.exception)
    if isinstance(event, events.ScenarioFinished):
        for identity, checks in event.recorder.checks.items():
            yield from _failures(event.recorder.interactions[identity], checks)


def _failures(asked: Any, checks: Sequence[Any]) -> Iterator[str]:
    for check in checks:
        if check.status == Status.FAILURE and not _excused(check.name, asked.response):
            failure = check.failure_info.failure
            yield f"{asked.request.method} {asked.request.uri} {asked.request.body!r}: {asked.response.status_code}, {failure.title}"


def _excused(check: str, response: Any) -> bool:
    if check == "positive_data_acceptance":
        return _contradictory(response) or response.status_code == 402  # some accounts that are well written cost money
    return check == "not_a_server_error" and _not_set_up(response)


def _not_set_up(response: Any) -> bool:
    """Say whether the question names an account of a network that has no key here, which is told as 503."""
    return response.status_code == 503 and response.json()["title"] == "This network is not set up"


def _contradictory(response: Any) -> bool:
    """Say whether the question was refused because of what two parameters say together."""
    return response.status_code == 400 and {problem["field"] for problem in response.json()["problems"]} <= _OF_TWO
