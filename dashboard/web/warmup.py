"""The first chart, drawn for nobody: it loads the heavy libraries while the first reader is still typing. After the fork, never before."""

import logging
import threading
from contextlib import suppress

from flask import Flask

from dashboard.core.errors import ModelUnavailable
from dashboard.core.query import Query
from dashboard.core.spending import NO_SPENDING
from dashboard.web import fetching, rendering
from dashboard.web.extensions import model
from dashboard.web.formats import picture_formats

_log = logging.getLogger(__name__)
_DELAY_SECONDS = 0.3  # seconds: the first /health goes before


def start(app: Flask) -> threading.Timer:
    """Start drawing in the background; a failure is logged and changes nothing."""
    timer = threading.Timer(_DELAY_SECONDS, _warm_up, [app])
    timer.daemon = True
    timer.start()
    return timer


def _warm_up(app: Flask) -> None:
    try:
        with app.app_context():
            name = fetching.list_demo_accounts()[-1][0]
            answer = fetching.build_dashboard(fetching.start_fetch(Query.parse({"users": [name], "n": ["20"]}), NO_SPENDING))
            for each in answer.reports:
                rendering.render_image(each, picture_formats()[0])
                rendering.build_figure(each)
            with suppress(ModelUnavailable):  # it is in the log
                model()
            for template in app.jinja_env.list_templates(extensions=["html"]):
                app.jinja_env.get_template(template)
    except Exception:  # whatever it is, the first reader will see it in full
        _log.exception("warming up failed")
