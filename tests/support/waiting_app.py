"""Chorus with addresses that wait until they are let go. Served by tests only."""

import os
import time
from pathlib import Path

from flask import Flask

from dashboard.app import create_app


def create_waiting_app() -> Flask:
    """Return an application whose `/wait` answers once the file that TEST_GATE names exists, and whose charts do so too."""
    app = create_app(os.environ)
    gate = Path(os.environ["TEST_GATE"])

    def wait() -> str:
        while not gate.exists():
            time.sleep(0.02)
        return "the gate is open"

    app.add_url_rule("/wait", view_func=wait)
    app.view_functions["exports.export"] = lambda **_: wait()
    return app
