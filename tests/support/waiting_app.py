"""Chorus with addresses that wait until they are let go. Served by tests only."""

import os
import signal
import time
from pathlib import Path

from flask import Flask, request

from dashboard.app import create_app
from dashboard.web.formats import FORMATS, DataFormat, Table
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock


def create_waiting_app() -> Flask:
    """Return an application whose `/wait` answers once the file that TEST_GATE names exists, and whose charts do so too."""
    app = create_app(os.environ)
    gate = Path(os.environ.get("TEST_GATE", ""))

    def wait() -> str:
        while not gate.exists():
            time.sleep(0.02)
        return "the gate is open"

    def end_while_waking() -> str:
        """Let the event loop send SIGTERM to its own process while it's being woken, and then to gunicorn's."""
        channel = request.environ["waitress.client_disconnected"].__self__
        channel.server.trigger.pull_trigger(lambda: [os.kill(process, signal.SIGTERM) for process in (os.getpid(), os.getppid())])
        return "the signal is on its way"

    app.add_url_rule("/wait", view_func=wait)
    app.add_url_rule("/end-while-waking", view_func=end_while_waking)
    app.view_functions["exports.export"] = lambda **_: wait()
    return app


def create_computing_app() -> Flask:
    """Return an application with a format whose tables are written once the file that TEST_GATE names exists.

    Its time stands still, because what is kept of demo accounts is that of a minute.
    """
    gate = Path(os.environ["TEST_GATE"])

    def write(_: Table) -> str:
        while not gate.exists():
            time.sleep(0.02)
        return "the gate is open"

    FORMATS.register(DataFormat(name="slow", title="Slow", mime_type="text/plain", render=write))
    return create_app(os.environ, FakeClock(DEMO_NOON))
