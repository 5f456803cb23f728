"""Chorus with places that break, in words that must not be logged. Served by tests only."""

import logging
import os
import threading
from collections.abc import Iterator

from flask import Flask

from dashboard.app import create_app

SECRET = "geheim-words-of-a-post"


def create_faulty_app() -> Flask:
    """Return an application with addresses that fail."""
    app = create_app(os.environ)
    app.add_url_rule("/break", view_func=raise_chained_error)
    app.add_url_rule("/break-again", view_func=raise_chained_error_again)
    app.add_url_rule("/break-elsewhere", view_func=raise_key_error)
    app.add_url_rule("/break-late", view_func=raise_mid_stream)
    app.add_url_rule("/drip", view_func=stream_parts)
    app.add_url_rule("/talk", view_func=log_secrets)
    app.add_url_rule("/stray", view_func=raise_uncaught_errors)
    return app


def raise_chained_error() -> str:
    """Fail for a cause of our own."""
    try:
        int(SECRET)
    except ValueError as cause:
        raise RuntimeError(f"can't read {SECRET}") from cause
    return ""


def raise_chained_error_again() -> str:
    """Fail for the same kind of cause in other words."""
    return raise_chained_error()


def raise_key_error() -> str:
    """Fail for another cause."""
    return {}[SECRET]  # type: ignore[return-value]


def raise_mid_stream() -> Iterator[str]:
    """Fail when a part was sent."""
    yield "the first part"
    raise KeyError(SECRET)


def stream_parts() -> Iterator[str]:
    """Send parts."""
    yield from ["one ", "two ", "three"]


def raise_uncaught_errors() -> str:
    """Fail where nobody is told: in a thread, and in what is thrown away."""
    thread = threading.Thread(target=raise_key_error)
    thread.start()
    thread.join()
    FailsWhenDeleted()
    return "gone"


class FailsWhenDeleted:
    """Fails at its end."""

    def __del__(self) -> None:
        raise OSError(SECRET)


def log_secrets() -> str:
    """Let another library log what it should not."""
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %r: %s", ValueError(SECRET), f"/2/users/{SECRET}")
    logging.getLogger("somebody").error(f"failed with {SECRET}")
    return "said"
