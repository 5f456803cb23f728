"""Chorus with routes that fail with messages that must not be logged. It is served by tests only."""

import logging
import os
import threading
from collections.abc import Iterator

from flask import Flask

from dashboard.app import create_app

SECRET = "geheim-words-of-a-post"


def create_faulty_app() -> Flask:
    """Return an application with routes that fail."""
    app = create_app(os.environ)
    app.add_url_rule("/break", view_func=raise_chained_error)
    app.add_url_rule("/break-again", view_func=raise_chained_error_again)
    app.add_url_rule("/break-elsewhere", view_func=raise_key_error)
    app.add_url_rule("/break-late", view_func=raise_mid_stream)
    app.add_url_rule("/drip", view_func=stream_parts)
    app.add_url_rule("/talk", view_func=log_secrets)
    app.add_url_rule("/stray", view_func=raise_uncaught_errors)
    app.add_url_rule("/large", view_func=return_ten_megabytes)
    return app


def raise_chained_error() -> str:
    """Raise an error with a cause."""
    try:
        int(SECRET)
    except ValueError as cause:
        raise RuntimeError(f"can’t read {SECRET}") from cause
    return ""


def raise_chained_error_again() -> str:
    """Raise an error with the same type of cause and another message."""
    return raise_chained_error()


def raise_key_error() -> str:
    """Raise another type of error."""
    return {}[SECRET]  # type: ignore[return-value]


def raise_mid_stream() -> Iterator[str]:
    """Fail after a part of the response was sent."""
    yield "the first part"
    raise KeyError(SECRET)


def stream_parts() -> Iterator[str]:
    """Yield parts."""
    yield from ["one ", "two ", "three"]


def return_ten_megabytes() -> bytes:
    """Answer with more than any buffer between us and the client holds."""
    return b"x" * 10_000_000


def raise_uncaught_errors() -> str:
    """Fail in a thread and in a destructor, where nobody handles it."""
    thread = threading.Thread(target=raise_key_error)
    thread.start()
    thread.join()
    FailsWhenDeleted()
    return "gone"


class FailsWhenDeleted:
    """An object that raises an error when it is deleted."""

    def __del__(self) -> None:
        raise OSError(SECRET)


def log_secrets() -> str:
    """Let another library log secrets."""
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %r: %s", ValueError(SECRET), f"/2/users/{SECRET}")
    logging.getLogger("somebody").error(f"failed with {SECRET}")
    return "said"
