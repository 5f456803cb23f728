"""What went wrong, as an answer: one table from nouns to statuses, then a page with the form still filled, or problem+json (RFC 9457)."""

import logging
from datetime import UTC, datetime

from flask import Flask, Response, current_app, json, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dashboard.core import errors as nouns
from dashboard.telemetry import tracing
from dashboard.web.auth import access
from dashboard.web.extensions import library, metrics
from dashboard.web.middleware import cors
from dashboard.web.presenters import form as form_presenter

_log = logging.getLogger(__name__)

STATUS: dict[type[nouns.ChorusError], int] = {
    nouns.InvalidQuery: 400,
    nouns.AccountNotFound: 404,
    nouns.AccountSuspended: 404,
    nouns.AccountProtected: 404,
    nouns.RateLimited: 429,
    nouns.InvalidArchive: 422,
    nouns.InvalidPayload: 422,
    nouns.ModelUnavailable: 503,
    nouns.InvalidSetting: 503,
    nouns.BudgetSpent: 402,
    nouns.NotBought: 402,
    nouns.SignInWanted: 401,
    nouns.KeyWanted: 401,
    nouns.TooManyTries: 429,
    nouns.UsageCapReached: 503,
    nouns.SourceNotReady: 503,
    nouns.BadCredentials: 503,
    nouns.PlanTooSmall: 503,
    nouns.SourceUnavailable: 503,
    nouns.SourceError: 503,
    nouns.ChorusError: 500,
}
_HTTP = {
    400: "The address can't be read. Start again from the form.",
    404: "There is nothing at this address. Check it, or start from the form.",
    405: "This address answers to {methods} only.",
    413: "That is too much at once: at most {bytes:,} bytes are taken here.",
    414: "The address is too long. Ask for fewer accounts at once.",
}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(nouns.ChorusError, _explained)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _explained(error: nouns.ChorusError) -> Response:
    count(error)
    status = next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)
    if isinstance(error, (nouns.InvalidQuery, nouns.InvalidPayload)):
        response = _answer(status, error.title, "", error.problems)
    elif isinstance(error, nouns.SourceError):
        response = _answer(status, error.title, "", [("users", error.sentence)])
    else:
        response = _answer(status, error.title, error.sentence, [])
    if isinstance(error, nouns.RateLimited):
        response.headers["Retry-After"] = str(_seconds_until(error.resets_at))
    if isinstance(error, nouns.TooManyTries):
        response.headers["Retry-After"] = str(error.seconds)
    if isinstance(error, (nouns.SignInWanted, nouns.KeyWanted)):
        response.headers["WWW-Authenticate"] = access.challenge(error)
    return response


def _http(error: HTTPException) -> Response:
    """Dress the framework's own errors; what they carry besides (Allow, Retry-After) stays."""
    status = error.code or 500
    count(error)
    response = _answer(status, error.name, _told(error), [])
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _told(error: HTTPException) -> str:
    """Return what a view said, else our own sentence for the status, else the framework's."""
    if error.description != type(error).description or error.code not in _HTTP:
        return error.description or ""
    methods = sorted(set(getattr(error, "valid_methods", None) or ()) - {"HEAD", "OPTIONS"})
    return _HTTP[error.code].format(methods=" and ".join(methods), bytes=request.max_content_length)


def _unforeseen(error: Exception) -> Response:
    _log.error("unforeseen error at %s", request.endpoint, exc_info=error)
    count(error)
    return _answer(500, "Something went wrong", our_fault(), [])


def count(error: Exception) -> None:
    """Count an error that somebody is told of."""
    metrics().failed(type(error).__name__)


def our_fault() -> str:
    """Return what is said of an error that nobody foresaw, with the number under which the log has it."""
    trace = tracing.current()
    number = f" under the number {trace.id}" if trace else ""
    return f"This is our fault, not yours. It has been written to the log{number}; please try again."


def _answer(status: int, title: str, detail: str, problems: list[tuple[str, str]]) -> Response:
    response = make_response(
        _page(status, title, detail, problems) if _for_people() else _document(status, title, detail, problems), status
    )
    if not _for_people():
        response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _page(status: int, title: str, detail: str, problems: list[tuple[str, str]]) -> str:
    form = form_presenter.form(request.args.to_dict(flat=False), problems)
    return render_template("error.html", status=status, title=title, detail=detail, form=form, sources=library().sources.values())


def _document(status: int, title: str, detail: str, problems: list[tuple[str, str]]) -> str:
    told = detail or " ".join(message for _, message in problems)
    listed = [{"field": field, "message": message} for field, message in problems]
    return json.dumps({"title": title, "status": status, "detail": told, "problems": listed})


def _for_people() -> bool:
    """Pages are for people; data, images and whatever asks for JSON get a document."""
    if _room() not in ("pages", "posts", "files", "tryout", "access", "docs", None):
        return False
    usual = ["application/json", "text/html"] if cors.for_programs(request.path) else ["text/html", "application/json"]
    return request.accept_mimetypes.best_match(usual, usual[0]) == "text/html"


def _room() -> str | None:
    """Return the blueprint of the address, also if it answers to other methods only."""
    refused = request.routing_exception
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods:
        return request.blueprint
    adapter = current_app.create_url_adapter(request)
    return str(adapter.match(method=next(iter(refused.valid_methods)))[0]).partition(".")[0] if adapter else None


def _seconds_until(moment: datetime | None) -> int:
    return max(1, int((moment - datetime.now(UTC)).total_seconds())) if moment else 60
