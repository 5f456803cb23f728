"""Chorus with places that break, in words that must not be logged. Served by tests only."""

import logging
import os
import threading
from collections.abc import Iterator

from flask import Flask

from dashboard.app import create_app

SECRET = "geheim-words-of-a-post"


def create() -> Flask:
    """Return an application with addresses that fail."""
    app = create_app(os.environ)
    app.add_url_rule("/break", view_func=break_off)
    app.add_url_rule("/break-again", view_func=break_again)
    app.add_url_rule("/break-elsewhere", view_func=break_elsewhere)
    app.add_url_rule("/break-late", view_func=break_late)
    app.add_url_rule("/drip", view_func=drip)
    app.add_url_rule("/talk", view_func=talk)
    app.add_url_rule("/stray", view_func=stray)
    return app


def break_off() -> str:
    """Fail for a cause of our own."""
    try:
        int(SECRET)
    except ValueError as cause:
        raise RuntimeError(f"can't read {SECRET}") from cause
    return ""


def break_again() -> str:
    """Fail for the same kind of cause in other words."""
    return break_off()


def break_elsewhere() -> str:
    """Fail for another cause."""
    return {}[SECRET]  # type: ignore[return-value]


def break_late() -> Iterator[str]:
    """Fail when a part was sent."""
    yield "the first part"
    raise KeyError(SECRET)


def drip() -> Iterator[str]:
    """Send parts."""
    yield from ["one ", "two ", "three"]


def stray() -> str:
    """Fail where nobody is told: in a thread, and in what is thrown away."""
    thread = threading.Thread(target=break_elsewhere)
    thread.start()
    thread.join()
    Wasted()
    return "gone"


class Wasted:
    """Fails at its end."""

    def __del__(self) -> None:
        raise OSError(SECRET)


def talk() -> str:
    """Let another library log what it should not."""
    logging.getLogger("urllib3.connectionpool").warning("Retrying after %r: %s", ValueError(SECRET), f"/2/users/{SECRET}")
    logging.getLogger("somebody").error(f"failed with {SECRET}")
    return "said"
