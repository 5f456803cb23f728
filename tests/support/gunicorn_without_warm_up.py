"""Configures gunicorn as `gunicorn.conf.py` does, except that no chart is drawn after startup, and servers share compiled templates.

A server warms up for two seconds of CPU time, which is most of what a test that makes a few requests costs. No test in here.
"""

import gc
import runpy
from typing import Any

_usual = {name: value for name, value in runpy.run_path("gunicorn.conf.py").items() if not name.startswith("__")}
globals().update(_usual)


def post_fork(server: Any, worker: Any) -> None:
    """Do what the usual function does, and share compiled templates."""
    from flask import Flask

    from tests.support.shared_templates import SharedTemplates

    _usual["post_fork"](server, worker)
    Flask.jinja_options = {"bytecode_cache": SharedTemplates()}


def post_worker_init(worker: Any) -> None:
    """Do what the usual function does before it warms up."""
    from dashboard.telemetry import logs

    gc.freeze()
    gc.enable()
    logs.install_exception_hooks()
