"""Configures gunicorn as `gunicorn.conf.py` does, except that no chart is drawn after startup. No test in here.

A server warms up for two seconds of CPU time, which is most of what a test that makes a few requests costs.
"""

import runpy
from typing import Any

globals().update({name: value for name, value in runpy.run_path("gunicorn.conf.py").items() if not name.startswith("__")})


def post_worker_init(worker: Any) -> None:
    """Do what the usual function does before it warms up."""
    from dashboard.telemetry import logs

    logs.install_exception_hooks()
