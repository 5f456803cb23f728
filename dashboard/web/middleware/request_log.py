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
from dashboard.telemetry.metrics import OTHER_LABEL
from dashboard.web.extensions import Services

_log = logging.getLogger(__name__)
_ROUTE_KEY = "chorus.route"  # in the environment of a request
_KNOWN_METHODS = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS")


def init_app(app: Flask) -> None:
    """Keep the journal of an application, files included; call it after every other that wraps the application."""
    app.before_request(_store_route)
    app.wsgi_app = RequestLogMiddleware(app, app.wsgi_app)  # type: ignore[method-assign]


def _store_route() -> None:
    """Write down the route while it is known; a chart and a format are part of it, what people made up is not."""
    given = request.view_args or {}
    rule = request.url_rule.rule if request.url_rule else OTHER_LABEL
    chosen = re.sub(r"<(?:chart|format)(?:\([^)]*\))?:(\w+)>", lambda found: str(given.get(found[1], OTHER_LABEL)), rule)
    request.environ[_ROUTE_KEY] = re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"<\1>", chosen)


class RequestLogMiddleware:
    """A WSGI application around another, which gives each request a trace and tells of it afterwards."""

    def __init__(self, app: Flask, wsgi_app: Any) -> None:
        self._app, self._wsgi_app = app, wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer, and tell of it when the answer is closed."""
        services: Services = self._app.extensions["chorus"]
        entry = _LogEntry(environ, services)

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            entry.status = int(status.split(" ", 1)[0])
            return start_response(status, [*headers, ("X-Request-Id", entry.trace.id)], *failure)

        try:
            with tracing.use_trace(entry.trace):
                return _LoggedResponse(self._wsgi_app(environ, start), entry)
        except BaseException as error:
            entry.log_failure(error)
            raise


class _LogEntry:
    """What there is to tell of a request."""

    def __init__(self, environ: dict[str, Any], services: Services) -> None:
        self._environ, self._metrics, self._started_at = environ, services.metrics, monotonic()
        self.trace = tracing.start_trace(environ.get("HTTP_TRACEPARENT", ""), environ.get("HTTP_X_CLOUD_TRACE_CONTEXT", ""))
        self.status, self.response_bytes = 500, 0
        self._ending = ""

    def log_failure(self, error: BaseException) -> None:
        """Tell of an error that nobody could answer any more."""
        with tracing.use_trace(self.trace):
            _log.error("the answer of %s broke off", self._route, exc_info=error)
        self._metrics.record_error(type(error).__name__)
        self.log_request("broken off")

    def log_request(self, ending: str) -> None:
        """Write the line and count the request, once: with the first end of “whole”, “left” and “broken off”."""
        if self._ending:
            return
        self._ending = ending
        method = self._environ.get("REQUEST_METHOD", "")
        named = method if _KNOWN_METHODS.fullmatch(method) else OTHER_LABEL
        seconds = monotonic() - self._started_at
        self._metrics.record_request(self._route, named, self.status, seconds)
        told = {
            "requestMethod": named,
            "requestUrl": self._route,
            "status": self.status,
            "responseSize": str(self.response_bytes),
            "latency": f"{seconds:.6f}s",
            "protocol": str(self._environ.get("SERVER_PROTOCOL", ""))[:10],
        }
        how = f", {ending}" * (ending != "whole")
        words = f"{named} {self._route} {self.status} {self.response_bytes} bytes in {seconds:.3f} s{how}"
        with tracing.use_trace(self.trace):
            _log.log(self._log_level, words, extra={"http_request": told})

    @property
    def _route(self) -> str:
        path = self._environ.get("PATH_INFO", "")
        return str(self._environ.get(_ROUTE_KEY) or ("/static/<file>" if path.startswith("/static/") else OTHER_LABEL))

    @property
    def _log_level(self) -> int:
        """Return how serious it is, as Cloud Run's own lines have it."""
        if self._ending == "broken off" or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return logging.ERROR
        return logging.WARNING if self.status >= HTTPStatus.BAD_REQUEST else logging.INFO


class _LoggedResponse:
    """The pieces of an answer, each made within its request's trace."""

    def __init__(self, chunks: Iterable[bytes], entry: _LogEntry) -> None:
        self._chunks, self._iterator, self._entry = chunks, iter(chunks), entry

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with tracing.use_trace(self._entry.trace):
                piece = next(self._iterator)
        except StopIteration:
            self._entry.log_request("whole")
            raise
        except BaseException as error:
            self._entry.log_failure(error)
            raise
        self._entry.response_bytes += len(piece)
        return piece

    def close(self) -> None:
        """Close what was answered from; if there was more to send, its reader left."""
        try:
            if hasattr(self._chunks, "close"):
                with tracing.use_trace(self._entry.trace):
                    self._chunks.close()
        finally:
            self._entry.log_request("left")
