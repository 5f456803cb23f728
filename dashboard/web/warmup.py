"""Draws a chart after startup, so that slow libraries are loaded before the first request. Must run after gunicorn forks, never before."""

import gc
import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from flask import Flask

from dashboard.core.errors import ModelUnavailable
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, rendering, shutdown
from dashboard.web.extensions import model
from dashboard.web.formats import picture_formats
from dashboard.web.presenters import demo_chart

_log = logging.getLogger(__name__)
_DELAY_SECONDS = 0.3  # so that the first /health gets its response before
_PAUSE_SECONDS = 0.1  # between two looks at whether a request is still worked on
_MAX_WAIT_SECONDS = 60.0  # for a moment without a request, which a busy server may never have


def start(app: Flask, is_idle: Callable[[], bool] = lambda: True, max_wait_seconds: float = _MAX_WAIT_SECONDS) -> threading.Timer:
    """Start warming up in the background, once no request is worked on, or after the longest wait. A failure is only logged.

    A request that comes before loads what it needs by itself. It would take longer if other libraries were loaded at the same time.
    """
    timer = threading.Timer(_DELAY_SECONDS, _warm_up_when_idle, [app, is_idle, max_wait_seconds])
    timer.daemon = True
    timer.start()
    return timer


def _warm_up_when_idle(app: Flask, is_idle: Callable[[], bool], max_wait_seconds: float) -> None:
    deadline = time.monotonic() + max_wait_seconds
    while not is_idle() and time.monotonic() < deadline:
        time.sleep(_PAUSE_SECONDS)
    _warm_up(app)


def _warm_up(app: Flask) -> None:
    try:
        with app.app_context():
            account = fetching.list_demo_accounts()[-1][0]
            dashboard = fetching.build_dashboard(fetching.start_fetch(Query.parse({"users": [account], "n": ["20"]}), NO_SPENDING))
            for report in dashboard.reports:
                rendering.render_image(report, picture_formats()[0])
                rendering.build_figure(report)
            demo_chart.load()
            with suppress(ModelUnavailable):  # which is already in the log
                model()
            for template in app.jinja_env.list_templates(extensions=["html"]):
                app.jinja_env.get_template(template)
    except Exception:  # warming up only saves time, so it may fail
        if shutdown.has_begun():
            return  # nothing is read or drawn any longer, and no request will need it
        _log.exception("Warming up failed")  # the first request will report it in full
    gc.collect()
    gc.freeze()  # collecting what stays loaded would stop all threads for 50 ms every time
