"""Log lines: Cloud Logging's fields, errors without their messages, one fingerprint per cause, and no private data."""

import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from dashboard.config.settings import Settings, load_settings
from dashboard.core.errors import InvalidSetting
from dashboard.core.source_errors import AccountNotFound
from dashboard.telemetry import logs, tracebacks
from dashboard.telemetry.logs import JsonFormatter, TextFormatter
from dashboard.telemetry.tracing import Trace, use_trace
from tests.support.faulty_app import SECRET, raise_chained_error, raise_chained_error_again, raise_key_error

TRACE = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", True)
RFC3339 = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def failing(work: Callable[[], Any]) -> BaseException:
    """Return the error that a function raises."""
    try:
        work()
    except BaseException as error:
        return error
    raise AssertionError("it worked")


def record(
    message: str, *args: object, level: int = logging.INFO, name: str = "dashboard.timelines.cache", **more: Any
) -> logging.LogRecord:
    error = more.get("error")
    return logging.LogRecord(name, level, "shelf.py", 7, message, args, (type(error), error, error.__traceback__) if error else None)


def line(*args: Any, formatter: JsonFormatter | None = None, **more: Any) -> dict[str, Any]:
    """Return a record as its formatted line."""
    document: dict[str, Any] = json.loads((formatter or JsonFormatter("my-project", "chorus", "chorus-7")).format(record(*args, **more)))
    return document


def test_a_line_has_cloud_loggings_fields() -> None:
    """Severity, time, message, trace and source location have the names that Cloud Logging expects."""
    with use_trace(TRACE):
        entry = line("The cache failed: %s", "TimeoutError", level=logging.WARNING)
    assert re.fullmatch(RFC3339, entry.pop("time"))
    assert entry == {
        "severity": "WARNING",
        "message": "The cache failed: TimeoutError",
        "logger": "dashboard.timelines.cache",
        "logging.googleapis.com/trace": f"projects/my-project/traces/{TRACE.id}",
        "logging.googleapis.com/spanId": TRACE.span_id,
        "logging.googleapis.com/trace_sampled": True,
        "logging.googleapis.com/sourceLocation": {"file": "shelf.py", "line": "7", "function": None},
    }


def test_without_a_project_a_trace_is_its_id() -> None:
    """A line outside of any request has no trace."""
    with use_trace(Trace(TRACE.id)):
        entry = line("a", formatter=JsonFormatter())
    assert entry["logging.googleapis.com/trace"] == TRACE.id
    assert "logging.googleapis.com/spanId" not in entry
    assert [name for name in line("a") if "trace" in name] == []


@pytest.mark.parametrize("hostile", ['"}\n{"severity": "CRITICAL"}', "\u2028\u2029\x00\x1b[31m", "\ud800", "x" * 100_000])
def test_a_message_is_a_single_line(hostile: str) -> None:
    """It is one JSON object of limited length, whatever it contains."""
    formatted = JsonFormatter().format(record("%s", hostile))
    assert len(formatted.splitlines()) == 1
    assert len(formatted) < 30_000
    assert json.loads(formatted)["severity"] == "INFO"


# --- errors ---------------------------------------------------------------------------------------------------------------


def test_an_error_is_reported_without_its_message() -> None:
    """Error Reporting gets the types and frames of every cause, but no text."""
    entry = line("Unexpected error at %s", "pages.report", level=logging.ERROR, error=failing(raise_chained_error))
    assert entry["@type"].endswith("v1beta1.ReportedErrorEvent")
    assert entry["serviceContext"] == {"service": "chorus", "version": "chorus-7"}
    trace = entry["stack_trace"]
    assert SECRET not in json.dumps(entry)
    assert trace.startswith("Traceback (most recent call last):\n")
    assert "in raise_chained_error" in trace
    assert re.findall(r"^(\w+Error):", trace, re.MULTILINE) == ["ValueError", "RuntimeError"]


def test_a_traceback_has_pythons_format() -> None:
    """Except for the messages it is what Python prints, so that other tools can parse it."""
    import traceback

    error = failing(raise_chained_error)
    printed = "".join(traceback.format_exception(error))
    withheld = re.sub(r"^(\w+Error): .*$", r"\1: …", printed, flags=re.MULTILINE)
    assert re.sub(r"^(\w+Error): .*$", r"\1: …", tracebacks.format_traceback(error), flags=re.MULTILINE) == withheld


def test_each_cause_has_one_fingerprint() -> None:
    """The same cause through another path has the same one, another cause a different one."""
    prints = [tracebacks.fingerprint(failing(work)) for work in (raise_chained_error, raise_chained_error_again, raise_key_error)]
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]
    assert len(prints[0]) == 12


def test_the_fingerprint_includes_our_functions() -> None:
    """The same type of error in two of our functions has two, whatever its message."""

    def settings(name: str, value: str) -> Callable[[], Any]:
        return lambda: load_settings({name: value})

    first, same = failing(settings("PORT", "geheim")), failing(settings("PORT", "0"))
    other = failing(settings("CHORUS_LOG_FORMAT", "xml"))
    prints = [tracebacks.fingerprint(error) for error in (first, same, other)]
    assert prints[0] == prints[1]
    assert prints[0] != prints[2]


def test_errors_about_settings_keep_their_message() -> None:
    """Operators must read which setting is wrong, and what is missing."""
    assert "PORT is a number" in tracebacks.format_traceback(failing(lambda: load_settings({"PORT": "x"})))
    assert "no_such_module" in tracebacks.format_traceback(failing(lambda: __import__("no_such_module")))


def test_errors_about_accounts_lose_their_message() -> None:
    """Many contain a handle, which no line may have."""
    formatted = tracebacks.format_traceback(AccountNotFound("x:somebody", "X knows no account @somebody."))
    assert "somebody" not in formatted
    assert "AccountNotFound" in formatted


def test_long_chains_of_causes_are_shortened() -> None:
    """This holds for deep recursion, too."""

    def deep(level: int) -> int:
        return deep(level + 1)

    def chain(length: int) -> None:
        try:
            if length == 0:
                raise ValueError(SECRET)
            chain(length - 1)
        except ValueError as cause:
            raise ValueError(SECRET) from cause

    sizes = [len(tracebacks.format_traceback(failing(lambda: deep(0)))), len(tracebacks.format_traceback(failing(lambda: chain(100))))]
    assert max(sizes) < 60_000


def test_an_error_is_reported_once() -> None:
    """Several modules may log it on its way out."""
    error = failing(raise_key_error)
    first, second = (line(message, level=logging.ERROR, error=error) for message in ("a", "Error handling request"))
    assert "stack_trace" in first
    assert "stack_trace" not in second


# --- messages of libraries --------------------------------------------------------------------------------------------------


def test_messages_of_libraries_are_logged_without_values() -> None:
    """The template is theirs, but the values can be anything."""
    entry = line("Retrying (%r) after connection broken by '%r': %s", SECRET, SECRET, SECRET, name="urllib3.connectionpool")
    assert SECRET not in json.dumps(entry)
    assert "Retrying (%r)" in entry["message"]
    assert SECRET not in json.dumps(line(f"a token {SECRET}", name="oauthlib"))


GUNICORNS = {
    "Listening at: %s (%s)": ("http://0.0.0.0:8080", 7, "Listening at: http://0.0.0.0:8080 (7)"),
    "Connection in use: %s": ("('0.0.0.0', 8080)", "Connection in use: ('0.0.0.0', 8080)"),
    "Error handling request %s %s": ("GET", f"/report?users={SECRET}", "Error handling request"),
    f"Invalid request from ip=10.0.0.1: '{SECRET}'": ("Invalid request",),
    "Exception during worker exit:\n%s": (f"ValueError: {SECRET}", "Exception during worker exit"),
}


@pytest.mark.parametrize(("template", "arguments"), GUNICORNS.items())
def test_messages_of_the_server_are_logged_except_about_requests(template: str, arguments: tuple[Any, ...]) -> None:
    """The address it listens on is logged, requests aren't."""
    assert line(template, *arguments[:-1], name="gunicorn.error")["message"] == arguments[-1]


def test_the_server_still_uses_these_messages() -> None:
    """They are those of the installed gunicorn."""
    import inspect

    from gunicorn.workers import base, gthread

    code = inspect.getsource(base) + inspect.getsource(gthread)
    assert [
        words for words in ("Invalid request from ip={ip}", "Error handling request %s", "Socket error processing") if words not in code
    ] == []


# --- for people ---------------------------------------------------------------------------------------------------------------


def test_text_logs_are_for_people() -> None:
    """A terminal shows time, severity and message, and below an error its traceback and the number on the page."""
    with use_trace(TRACE):
        formatted = TextFormatter().format(record("Unexpected error at %s", "x", level=logging.ERROR, error=failing(raise_chained_error)))
    assert re.match(rf"\d\d:\d\d:\d\d ERROR   Unexpected error at x \(request {TRACE.id}\)\nTraceback", formatted)
    assert SECRET not in formatted
    assert TextFormatter().format(record("ready"))[9:] == "INFO    ready"


FORMATS = [
    ({}, "text"),
    ({"K_SERVICE": "chorus"}, "json"),
    ({"AIP_HTTP_PORT": "8080"}, "json"),
    ({"CHORUS_LOG_FORMAT": "json"}, "json"),
    ({"K_SERVICE": "chorus", "CHORUS_LOG_FORMAT": "text"}, "text"),
]


@pytest.mark.parametrize(("environment", "expected"), FORMATS)
def test_the_platform_decides_the_format_unless_it_is_set(environment: dict[str, str], expected: str) -> None:
    """Google's platforms get JSON, people get text."""
    assert load_settings(environment).log_format == expected


@pytest.mark.parametrize("name", ["PORT", "AIP_HTTP_PORT", "CHORUS_LOG_FORMAT", "AIP_HEALTH_ROUTE", "AIP_PREDICT_ROUTE"])
def test_an_invalid_setting_is_named(name: str) -> None:
    """It fails at start."""
    with pytest.raises(InvalidSetting, match=name):
        load_settings({name: "geheim <b>"})


def test_json_goes_to_stdout_and_text_to_stderr() -> None:
    """Platforms read standard output."""
    configs = [logs.build_logging_config(Settings(log_format=form, google_cloud_project="p")) for form in ("json", "text")]
    assert [config["handlers"]["lines"]["stream"] for config in configs] == ["ext://sys.stdout", "ext://sys.stderr"]
