"""Which request work belongs to: an id that travels with the work, also into threads, and stands beside everything logged on the way.

Headers are read here as texts; nothing in here knows HTTP. No id of ours is ever sent to a network.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_MAX_HEADER_CHARACTERS = 512  # characters of a header that are looked at
_TRACEPARENT_PATTERN = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<id>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?"
)
_CLOUD_TRACE_PATTERN = re.compile(r"(?P<id>[0-9A-Fa-f]{32})(/(?P<span>[0-9]{1,20}))?(;o=(?P<sampled>[01]))?")


@dataclass(frozen=True)
class Trace:
    """One request's way through many services: 32 hexadecimal digits, and 16 of the caller's step if it named one."""

    id: str
    span_id: str = ""
    sampled: bool = False


_current_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current_trace() -> Trace | None:
    """Return the trace that this work belongs to, None if it belongs to no request."""
    return _current_trace.get()


@contextmanager
def use_trace(trace: Trace | None) -> Iterator[None]:
    """Let what is done meanwhile belong to a trace."""
    token = _current_trace.set(trace)
    try:
        yield
    finally:
        _current_trace.reset(token)


def start_trace(traceparent: str = "", cloud_trace_context: str = "") -> Trace:
    """Return the trace that a caller names: by W3C's `traceparent`, else by `X-Cloud-Trace-Context`; a new one if neither is good."""
    return _parse_traceparent(traceparent) or _parse_cloud_trace_context(cloud_trace_context) or Trace(secrets.token_hex(16))


def _parse_traceparent(header: str) -> Trace | None:
    """Read version 00 strictly; a later version may say more after what we know, ff is none."""
    found = _TRACEPARENT_PATTERN.fullmatch(header.strip(" \t")) if len(header) <= _MAX_HEADER_CHARACTERS else None
    if (
        not found
        or not _is_nonzero(found["id"])
        or not _is_nonzero(found["span"])
        or (found["version"] == "00" and found["more"] is not None)
    ):
        return None
    return Trace(found["id"], found["span"], bool(int(found["flags"], 16) & 1))


def _parse_cloud_trace_context(header: str) -> Trace | None:
    """Read TRACE_ID/SPAN_ID;o=OPTIONS, the span in decimal; the span and the option may be missing."""
    found = _CLOUD_TRACE_PATTERN.fullmatch(header.strip(" \t")) if len(header) <= _MAX_HEADER_CHARACTERS else None
    span = int(found["span"] or 0) if found else 0
    if not found or not _is_nonzero(found["id"]) or span >= 2**64:
        return None
    return Trace(found["id"].lower(), f"{span:016x}" if span else "", found["sampled"] == "1")


def _is_nonzero(digits: str) -> bool:
    return digits.strip("0") != ""
