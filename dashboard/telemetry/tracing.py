"""Carries the trace ID of a request through all work done for it, including threads, so that every log line can include it.

Headers are passed in as strings; HTTP doesn't belong here. Trace IDs are never sent to a network.
"""

import re
import secrets
from contextlib import AbstractContextManager
from contextvars import ContextVar
from dataclasses import dataclass

_MAX_HEADER_CHARACTERS = 512  # longer headers are ignored
_TRACEPARENT_PATTERN = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<id>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_CLOUD_TRACE_PATTERN = re.compile(r"(?P<id>[0-9A-Fa-f]{32})(/(?P<span>[0-9]{1,20}))?(;o=(?P<sampled>[01]))?")


@dataclass(frozen=True)
class Trace:
    """The trace of a request across services: an ID of 32 hexadecimal digits, and the caller's span ID of 16 if it sent one."""

    id: str
    span_id: str = ""
    sampled: bool = False


_current_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """Return the trace of the current work, or None outside a request."""
    return _current_trace.get()


class _TraceScope:
    """A context manager that makes a trace the current one. A class, because a generator takes three times as long to enter and leave."""

    __slots__ = ("_token", "_trace")

    def __init__(self, trace: Trace | None) -> None:
        self._trace = trace

    def __enter__(self) -> None:
        self._token = _current_trace.set(self._trace)

    def __exit__(self, *_: object) -> None:
        _current_trace.reset(self._token)


def use_trace(trace: Trace | None) -> AbstractContextManager[None]:
    """Make a trace the current one inside the `with` block."""
    return _TraceScope(trace)


def start_trace(traceparent: str = "", cloud_trace_context: str = "") -> Trace:
    """Return the trace in the W3C header `traceparent`, else in `X-Cloud-Trace-Context`; a new one if neither is valid."""
    return _parse_traceparent(traceparent) or _parse_cloud_trace_context(cloud_trace_context) or Trace(secrets.token_hex(16))


def _parse_traceparent(header: str) -> Trace | None:
    """Parse version 00 strictly. Later versions may append more fields; version ff isn't valid."""
    match = _TRACEPARENT_PATTERN.fullmatch(header.strip(" \t")) if len(header) <= _MAX_HEADER_CHARACTERS else None
    if (
        not match
        or not _is_nonzero(match["id"])
        or not _is_nonzero(match["span"])
        or (match["version"] == "00" and match["more"] is not None)
    ):
        return None
    return Trace(match["id"], match["span"], bool(int(match["flags"], 16) & 1))


def _parse_cloud_trace_context(header: str) -> Trace | None:
    """Parse TRACE_ID/SPAN_ID;o=OPTIONS. The span ID is decimal; it and the option are optional."""
    match = _CLOUD_TRACE_PATTERN.fullmatch(header.strip(" \t")) if len(header) <= _MAX_HEADER_CHARACTERS else None
    span_id = int(match["span"] or 0) if match else 0
    if not match or not _is_nonzero(match["id"]) or span_id >= 2**64:
        return None
    return Trace(match["id"].lower(), f"{span_id:016x}" if span_id else "", match["sampled"] == "1")


def _is_nonzero(digits: str) -> bool:
    return digits.strip("0") != ""
