"""Logs one line per request and counts it in the metrics, once its response has been sent. The outermost WSGI middleware.

Only the route is logged, never the URL, because URLs contain handles, texts and keys. IP addresses and user agents aren't logged
either: a proxy or Cloud Run does that if its operator wants.
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
from dashboard.web.environ_keys import ACCESS_KEY_NAME
from dashboard.web.services import Services

_log = logging.getLogger(__name__)
_ROUTE_KEY = "chorus.route"  # key in the WSGI environ
_KNOWN_METHODS = re.compile(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS")
_COMPLETED, _DISCONNECTED, _FAILED = "completed", "client disconnected", "failed midway"  # how a response ended


def init_app(app: Flask) -> None:
    """Log the requests of an application, static files included. Call it after all other functions that wrap the application."""
    app.before_request(store_route)
    app.wsgi_app = RequestLogMiddleware(app, app.wsgi_app)  # type: ignore[method-assign]


def store_route() -> None:
    """Store the route in the environ. Values from a fixed list, such as a chart's name, are filled in; free values aren't."""
    rule = request.url_rule.rule if request.url_rule else OTHER_LABEL
    request.environ[_ROUTE_KEY] = _fill_in(rule, request.view_args or {}) if "<" in rule else rule


def _fill_in(rule: str, view_args: dict[str, Any]) -> str:
    route = re.sub(r"<(?:chart|format)(?:\([^)]*\))?:(\w+)>", lambda match: str(view_args.get(match[1], OTHER_LABEL)), rule)
    return re.sub(r"<(?:[^<>:]*:)?(\w+)>", r"<\1>", route)


class RequestLogMiddleware:
    """WSGI middleware that gives each request a trace and logs it when its response is closed."""

    def __init__(self, app: Flask, wsgi_app: Any) -> None:
        self._app, self._wsgi_app = app, wsgi_app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Handle a request, and log it when its response is closed."""
        services: Services = self._app.extensions["chorus"]
        entry = _LogEntry(environ, services)

        def start(status: str, headers: list[tuple[str, str]], *failure: Any) -> Any:
            entry.status = int(status.split(" ", 1)[0])
            return start_response(status, [*headers, ("X-Request-Id", entry.trace.id)], *failure)

        try:
            with tracing.use_trace(entry.trace):
                return _LoggedResponse(self._wsgi_app(environ, start), entry)
        except BaseException as error:  # every request has a line in the log
            entry.log_failure(error)
            raise


class _LogEntry:
    """The log entry of one request, which collects its status and size until it is written."""

    def __init__(self, environ: dict[str, Any], services: Services) -> None:
        self._environ, self._metrics, self._started_at = environ, services.metrics, monotonic()
        self.trace = tracing.start_trace(environ.get("HTTP_TRACEPARENT", ""), environ.get("HTTP_X_CLOUD_TRACE_CONTEXT", ""))
        self.status, self.response_bytes = 500, 0
        self._ending = ""

    def log_failure(self, error: BaseException) -> None:
        """Log an error that was raised after the response had started."""
        with tracing.use_trace(self.trace):
            _log.error("The response of %s failed midway", self._route, exc_info=error)
        self._metrics.record_error(type(error).__name__)
        self.log_request(_FAILED)

    def log_request(self, ending: str) -> None:
        """Write the log line and count the request, only the first time that this is called."""
        if self._ending:
            return
        self._ending = ending
        method = self._environ.get("REQUEST_METHOD", "")
        method_label = method if _KNOWN_METHODS.fullmatch(method) else OTHER_LABEL
        seconds = monotonic() - self._started_at
        self._metrics.record_request(self._route, method_label, self.status, seconds)
        fields = {
            "requestMethod": method_label,
            "requestUrl": self._route,
            "status": self.status,
            "responseSize": str(self.response_bytes),
            "latency": f"{seconds:.6f}s",
            "protocol": str(self._environ.get("SERVER_PROTOCOL", ""))[:10],
        }
        suffix = "" if ending == _COMPLETED else f", {ending}"
        key_name = str(self._environ.get(ACCESS_KEY_NAME, ""))
        suffix += f", key {key_name}" if key_name else ""
        message = f"{method_label} {self._route} {self.status} {self.response_bytes} bytes in {seconds:.3f} s{suffix}"
        with tracing.use_trace(self.trace):
            extra = {"http_request": fields, "access_key_name": key_name}
            if _log.isEnabledFor(level := self._log_level):  # `log` would also look for the line of code, which the entry doesn't have
                _log.handle(_log.makeRecord(_log.name, level, "", 0, message, (), None, extra=extra))

    @property
    def _route(self) -> str:
        path = self._environ.get("PATH_INFO", "")
        return str(self._environ.get(_ROUTE_KEY) or ("/static/<file>" if path.startswith("/static/") else OTHER_LABEL))

    @property
    def _log_level(self) -> int:
        """The severity, the same as in Cloud Run's own request log."""
        if self._ending == _FAILED or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            return logging.ERROR
        return logging.WARNING if self.status >= HTTPStatus.BAD_REQUEST else logging.INFO


class _LoggedResponse:
    """The chunks of a response, each produced within the trace of its request."""

    def __init__(self, chunks: Iterable[bytes], entry: _LogEntry) -> None:
        self._chunks, self._iterator, self._entry = chunks, iter(chunks), entry

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with tracing.use_trace(self._entry.trace):
                chunk = next(self._iterator)
        except StopIteration:
            self._entry.log_request(_COMPLETED)
            raise
        except BaseException as error:  # every request has a line in the log
            self._entry.log_failure(error)
            raise
        self._entry.response_bytes += len(chunk)
        return chunk

    def close(self) -> None:
        """Close the response. If it wasn't sent completely, the client has disconnected."""
        try:
            if hasattr(self._chunks, "close"):
                with tracing.use_trace(self._entry.trace):
                    self._chunks.close()
        finally:
            self._entry.log_request(_DISCONNECTED)
