"""One line a request in the log, and its count in the metrics, once its answer was sent whole. The outermost door of the application.

Of what was asked only the route is kept, never an address as it came: handles, texts and keys stand in those. No reader's address and
no browser either: what stands before us (Cloud Run, a proxy) writes them down if its operator wants.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from time import monotonic
from typing import Any

from flask import Flask, request

from dashboard.telemetry import tracing
from dashboard.telemetry.metrics import OTHER
from dashboard.web.extensions import Services

_log = logging.getLogger(__name__)
_ROUTE = "chorus.route"  # in the environment of a request
_METHOD = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS")


def init_app(app: Flask) -> None:
    """Keep the journal of an application, files included; call it after every other that wraps the application."""
    app.before_request(_name)
    app.wsgi_app = Journal(app, app.wsgi_app)  # type: ignore[method-assign]


def _name() -> None:
    """Write down the route while it is known; a chart and a format are part of it, what people made up is not."""
    given = request.view_args or {}
    rule = request.url_rule.rule if request.url_rule else OTHER
    chosen = re.sub(r"<any\([^)]*\):(\w+)>", lambda found: str(given.get(found[1], OTHER)), rule)
    request.environ[_ROUTE] = re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"<\1>", chosen)


class Journal:
    """A WSGI application around another, which gives each request a trace and tells of it afterwards."""

    def __init__(self, app: Flask, inner: Any) -> None:
        self._app, self._inner = app, inner

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, and tell of it when the answer is closed."""
        services: Services = self._app.extensions["chorus"]
        entry = _Entry(environ, services)

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            entry.status = int(status.split(" ", 1)[0])
            return start_response(status, [*headers, ("X-Request-Id", entry.trace.id)], *failure)

        try:
            with tracing.within(entry.trace):
                return _Answer(self._inner(environ, start), entry)
        except BaseException as error:
            entry.broke(error)
            raise


class _Entry:
    """What there is to tell of a request."""

    def __init__(self, environ: dict[str, Any], services: Services) -> None:
        self._environ, self._metrics, self._began = environ, services.metrics, monotonic()
        self.trace = tracing.begun(environ.get("HTTP_TRACEPARENT", ""), environ.get("HTTP_X_CLOUD_TRACE_CONTEXT", ""))
        self.status, self.size = 500, 0
        self._ended = ""

    def broke(self, error: BaseException) -> None:
        """Tell of an error that nobody could answer any more."""
        with tracing.within(self.trace):
            _log.error("the answer of %s broke off", self._route, exc_info=error)
        self._metrics.failed(type(error).__name__)
        self.write("broken off")

    def write(self, ended: str) -> None:
        """Write the line and count the request, once: with the first end of “whole”, “left” and “broken off”."""
        if self._ended:
            return
        self._ended = ended
        method = self._environ.get("REQUEST_METHOD", "")
        named = method if _METHOD.fullmatch(method) else OTHER
        seconds = monotonic() - self._began
        self._metrics.answered(self._route, named, self.status, seconds)
        told = {
            "requestMethod": named,
            "requestUrl": self._route,
            "status": self.status,
            "responseSize": str(self.size),
            "latency": f"{seconds:.6f}s",
            "protocol": str(self._environ.get("SERVER_PROTOCOL", ""))[:10],
        }
        how = f", {ended}" * (ended != "whole")
        words = f"{named} {self._route} {self.status} {self.size} bytes in {seconds:.3f} s{how}"
        with tracing.within(self.trace):
            _log.log(self._level, words, extra={"http_request": told})

    @property
    def _route(self) -> str:
        path = self._environ.get("PATH_INFO", "")
        return str(self._environ.get(_ROUTE) or ("/static/<file>" if path.startswith("/static/") else OTHER))

    @property
    def _level(self) -> int:
        """Return how serious it is, as Cloud Run's own lines have it."""
        if self._ended == "broken off" or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return logging.ERROR
        return logging.WARNING if self.status >= HTTPStatus.BAD_REQUEST else logging.INFO


class _Answer:
    """The pieces of an answer, each made within its request's trace."""

    def __init__(self, pieces: Iterable[bytes], entry: _Entry) -> None:
        self._all, self._pieces, self._entry = pieces, iter(pieces), entry

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with tracing.within(self._entry.trace):
                piece = next(self._pieces)
        except StopIteration:
            self._entry.write("whole")
            raise
        except BaseException as error:
            self._entry.broke(error)
            raise
        self._entry.size += len(piece)
        return piece

    def close(self) -> None:
        """Close what was answered from; if there was more to send, its reader left."""
        try:
            if hasattr(self._all, "close"):
                with tracing.within(self._entry.trace):
                    self._all.close()
        finally:
            self._entry.write("left")
