"""Formats the log: one JSON object per line with Cloud Logging's field names, or readable lines for a terminal.

This module decides, field by field, what may be logged. Messages of other libraries are logged as templates without their values,
because those may be URLs, posts or keys.
"""

import json
import logging
import re
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from dashboard.config.settings import Settings
from dashboard.telemetry import tracebacks, tracing

_logger = logging.getLogger(__name__)
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # our lines show neither threads nor processes
_LOGGED_ATTRIBUTE = "_chorus_written"  # set on errors that have been logged
_MAX_MESSAGE_CHARACTERS = 2_000
_ERROR_REPORT_TYPE = "type.googleapis.com/google.devtools.clouderrorreporting.v1beta1.ReportedErrorEvent"
_SERVER_LOGGER = "gunicorn.error"
_REQUEST_MESSAGE_PREFIXES = (
    "Invalid request",
    "Error handling",
    "Exception in",
    "Exception during",
    "Socket error",
)  # messages of gunicorn that include the request


class JsonFormatter(logging.Formatter):
    """Formats a record as one JSON object. `project` turns traces into links; `service` and `revision` identify the reporter of errors."""

    def __init__(self, project: str = "", service: str = "", revision: str = "") -> None:
        super().__init__()
        self._project = project
        self._service_context = {"service": service or "chorus"} | ({"version": revision} if revision else {})

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        line: dict[str, Any] = {
            "severity": record.levelname,
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "message": format_message(record),
            "logger": record.name,
            **self._trace_fields(),
        }
        if request := getattr(record, "http_request", None):
            line["httpRequest"] = request
            if name := getattr(record, "access_key_name", ""):
                line["logging.googleapis.com/labels"] = {"access_key": name}
        else:
            location = {"file": record.filename, "line": str(record.lineno), "function": record.funcName}
            line["logging.googleapis.com/sourceLocation"] = location
        if error := _unlogged_error(record):
            line |= (
                self._error_report_fields(error) if record.levelno >= logging.ERROR else {"stack_trace": tracebacks.format_traceback(error)}
            )
        return json.dumps(line)

    def _trace_fields(self) -> dict[str, Any]:
        trace = tracing.current_trace()
        if trace is None:
            return {}
        name = f"projects/{self._project}/traces/{trace.id}" if self._project else trace.id
        span = {"logging.googleapis.com/spanId": trace.span_id} if trace.span_id else {}
        return {"logging.googleapis.com/trace": name, **span, "logging.googleapis.com/trace_sampled": trace.sampled}

    def _error_report_fields(self, error: BaseException) -> dict[str, Any]:
        """Return the fields that make a line an error report, which Error Reporting groups by kind and stack frames."""
        return {
            "@type": _ERROR_REPORT_TYPE,
            "serviceContext": self._service_context,
            "stack_trace": tracebacks.format_traceback(error),
            "error": {"kind": tracebacks.qualified_name(error), "fingerprint": tracebacks.fingerprint(error)},
        }


class TextFormatter(logging.Formatter):
    """Formats a record as a readable line; an error is followed by its traceback and has the request ID that the page shows."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line and, for an error, its traceback."""
        moment = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line, error, trace = f"{moment} {record.levelname:<7} {format_message(record)}", _unlogged_error(record), tracing.current_trace()
        if error is None:
            return line
        return f"{line}{f' (request {trace.id})' if trace else ''}\n{tracebacks.format_traceback(error)}".rstrip()


def build_logging_config(settings: Settings) -> dict[str, Any]:
    """Return a configuration for `logging.config`. gunicorn's access log is off, because it contains complete URLs."""
    is_json = settings.log_format == "json"
    options = (
        {"project": settings.google_cloud_project, "service": settings.service_name, "revision": settings.revision_name} if is_json else {}
    )
    formatter = {"()": f"{__name__}.{'JsonFormatter' if is_json else 'TextFormatter'}", **options}
    handler = {"class": "logging.StreamHandler", "formatter": "lines", "stream": f"ext://sys.{'stdout' if is_json else 'stderr'}"}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": formatter},
        "handlers": {"lines": handler},
        "root": {"level": "WARNING", "handlers": ["lines"]},
        "loggers": {
            "dashboard": {"level": "INFO"},
            _SERVER_LOGGER: {
                "level": "INFO",
                "handlers": ["lines"],
                "propagate": False,
            },  # its debug messages contain paths and the whole configuration
            "gunicorn.access": {"handlers": [], "propagate": False},
            "waitress.queue": {"level": "ERROR"},  # it warns about every request that waits
        },
    }


def install_exception_hooks() -> None:
    """Log uncaught errors of threads and finalizers here, because Python would print them with their messages."""
    threading.excepthook = lambda uncaught: _log_uncaught("a thread", uncaught.exc_value)
    sys.unraisablehook = lambda uncaught: _log_uncaught("a finalizer", uncaught.exc_value)


def format_message(record: logging.LogRecord) -> str:
    """Return a record's message in one line; for other libraries it is the template without values."""
    if record.name.partition(".")[0] == "dashboard" or (
        record.name == _SERVER_LOGGER and not str(record.msg).startswith(_REQUEST_MESSAGE_PREFIXES)
    ):
        return " ".join(record.getMessage().split())[:_MAX_MESSAGE_CHARACTERS]
    if record.name == _SERVER_LOGGER:
        return re.split(r"[:(%]| from ", str(record.msg), maxsplit=1)[0].strip()
    template = " ".join(str(record.msg).split())[:200] if record.args else "a message without a template"
    return f"{record.name}: {template} (values withheld)"


def _log_uncaught(origin: str, error: BaseException | None) -> None:
    if error is not None and not isinstance(error, SystemExit):
        _logger.error("Uncaught error in %s", origin, exc_info=error)


def _unlogged_error(record: logging.LogRecord) -> BaseException | None:
    """Return a record's error, or None if it has been logged already, so that an error that is raised again is reported once."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None or getattr(error, _LOGGED_ATTRIBUTE, False):
        return None
    with suppress(AttributeError):
        setattr(error, _LOGGED_ATTRIBUTE, True)
    return error
