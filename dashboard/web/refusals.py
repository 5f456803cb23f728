"""Responses to requests that the server refuses before the application sees them: too slow, too large, not HTTP, or too many.

They are short, rendered once and reused, because an overloaded server sends many of them. Errors of the application are in `errors.py`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, current_app, json
from werkzeug.exceptions import default_exceptions

from dashboard.core.formatting.counts import format_bytes
from dashboard.web.error_reports import wants_html
from dashboard.web.extensions import metrics
from dashboard.web.middleware import request_log

if TYPE_CHECKING:
    from collections.abc import Iterable

ENVIRON_KEY = "chorus.refusal"  # key in the WSGI environ, under which the server says why it refuses a request
MESSAGES = {
    400: ("Bad request", "The request isn’t valid HTTP/1.1. Try another browser or program."),
    408: ("Too slow", "The request took too long to arrive. Check your connection and try again."),
    413: ("Too large", "That’s too large: the limit here is {max_size}."),
    414: ("Address too long", "The address is too long. Choose fewer accounts."),
    431: ("Headers too large", "The browser sends too many headers. Delete this site’s cookies and try again."),
    500: ("Something went wrong", "That’s our fault. Please try again."),
    501: ("Not supported", "The request has a transfer encoding that isn’t supported. Send it with Content-Length, or chunked."),
    503: ("Chorus is busy", "There are too many requests at the moment. Try again in a few seconds."),
    507: ("No room for this file", "The server has no room for a file of this size at the moment. Try again later."),
}


@dataclass(frozen=True)
class Refusal:
    """Why a request isn't served: the status, when to try again, and the largest allowed body if the body is too large."""

    status: int
    retry_after_seconds: int = 0
    max_body_bytes: int = 0


def init_app(app: Flask) -> None:
    """Respond to refused requests without calling the application. Must run before the functions that add headers and log."""
    wsgi_app = app.wsgi_app

    def respond_or_refuse(environ: dict[str, Any], start_response: Any) -> "Iterable[bytes]":
        if (refusal := environ.get(ENVIRON_KEY)) is None:
            return wsgi_app(environ, start_response)
        with app.request_context(environ):
            return app.process_response(_respond(refusal))(environ, start_response)

    app.wsgi_app = respond_or_refuse  # type: ignore[method-assign]


def _respond(refusal: Refusal) -> Response:
    request_log.store_route()
    metrics().record_error(default_exceptions[refusal.status].__name__ if refusal.status in default_exceptions else "InsufficientStorage")
    is_page = wants_html()
    content_type = "text/html; charset=utf-8" if is_page else "application/problem+json"
    response = Response((_render_page if is_page else _render_problem)(refusal), refusal.status, content_type=content_type)
    response.headers["Cache-Control"] = "no-store"
    if refusal.retry_after_seconds:
        response.headers["Retry-After"] = str(refusal.retry_after_seconds)
    return response


@lru_cache(maxsize=64)
def _render_page(refusal: Refusal) -> str:
    title, detail = _message(refusal)
    return current_app.jinja_env.get_template("refused.html").render(title=title, detail=detail, status=refusal.status)


@lru_cache(maxsize=64)
def _render_problem(refusal: Refusal) -> str:
    title, detail = _message(refusal)
    return json.dumps({"title": title, "status": refusal.status, "detail": detail, "problems": []})


def _message(refusal: Refusal) -> tuple[str, str]:
    title, detail = MESSAGES.get(refusal.status, MESSAGES[400])
    return title, detail.format(max_size=format_bytes(refusal.max_body_bytes))
