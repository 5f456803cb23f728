"""Which request work belongs to: an id that travels with the work, also into threads, and stands beside everything logged on the way.

Headers are read here as texts; nothing in here knows HTTP. No id of ours is ever sent to a network.
"""

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

_LONGEST = 512  # characters of a header that are looked at
_W3C = re.compile(r"(?P<version>(?!ff)[0-9a-f]{2})-(?P<id>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?")
_GOOGLES = re.compile(r"(?P<id>[0-9A-Fa-f]{32})(/(?P<span>[0-9]{1,20}))?(;o=(?P<sampled>[01]))?")
_Given = ParamSpec("_Given")
_Brought = TypeVar("_Brought")


@dataclass(frozen=True)
class Trace:
    """One request's way through many services: 32 hexadecimal digits, and 16 of the caller's step if it named one."""

    id: str
    span: str = ""
    sampled: bool = False


_current: ContextVar[Trace | None] = ContextVar("trace", default=None)


def current() -> Trace | None:
    """Return the trace that this work belongs to, None if it belongs to no request."""
    return _current.get()


@contextmanager
def within(trace: Trace | None) -> Iterator[None]:
    """Let what is done meanwhile belong to a trace."""
    token = _current.set(trace)
    try:
        yield
    finally:
        _current.reset(token)


def carried(work: Callable[_Given, _Brought]) -> Callable[_Given, _Brought]:
    """Return work that belongs to today's trace in whatever thread it is done."""
    trace = current()

    def carry(*args: _Given.args, **options: _Given.kwargs) -> _Brought:
        with within(trace):
            return work(*args, **options)

    return carry


def begun(traceparent: str = "", googles: str = "") -> Trace:
    """Return the trace that a caller names: by W3C's `traceparent`, else by `X-Cloud-Trace-Context`; a new one if neither is good."""
    return _of_w3c(traceparent) or _of_google(googles) or Trace(secrets.token_hex(16))


def _of_w3c(header: str) -> Trace | None:
    """Read version 00 strictly; a later version may say more after what we know, ff is none."""
    found = _W3C.fullmatch(header.strip(" \t")) if len(header) <= _LONGEST else None
    if not found or not _named(found["id"]) or not _named(found["span"]) or (found["version"] == "00" and found["more"] is not None):
        return None
    return Trace(found["id"], found["span"], bool(int(found["flags"], 16) & 1))


def _of_google(header: str) -> Trace | None:
    """Read TRACE_ID/SPAN_ID;o=OPTIONS, the span in decimal; the span and the option may be missing."""
    found = _GOOGLES.fullmatch(header.strip(" \t")) if len(header) <= _LONGEST else None
    span = int(found["span"] or 0) if found else 0
    if not found or not _named(found["id"]) or span >= 2**64:
        return None
    return Trace(found["id"].lower(), f"{span:016x}" if span else "", found["sampled"] == "1")


def _named(digits: str) -> bool:
    return digits.strip("0") != ""
