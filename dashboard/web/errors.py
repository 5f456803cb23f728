"""Errors as responses: a table maps each error to a status, and then to a page with the form filled in or to problem+json (RFC 9457)."""

import logging
from datetime import datetime

from flask import Flask, Response, current_app, json, make_response, render_template, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from dashboard.core import errors as nouns
from dashboard.core.formatting import format_list
from dashboard.sources.files.durable_files import describe_storage_error, is_storage_error
from dashboard.telemetry import tracing
from dashboard.web.auth import access
from dashboard.web.extensions import current_time, metrics, sources, upload_storage
from dashboard.web.middleware import cors
from dashboard.web.presenters import question_form, read_offers

_log = logging.getLogger(__name__)

STATUS_BY_ERROR: dict[type[nouns.ChorusError], int] = {
    nouns.InvalidQuery: 400,
    nouns.AccountNotFound: 404,
    nouns.ImportedFileNotFound: 404,
    nouns.AccountSuspended: 404,
    nouns.AccountProtected: 404,
    nouns.RateLimited: 429,
    nouns.InvalidFile: 422,
    nouns.InvalidPayload: 422,
    nouns.ModelUnavailable: 503,
    nouns.ImageUnavailable: 503,
    nouns.InvalidSetting: 503,
    nouns.StorageUnavailable: 503,
    nouns.ServerBusy: 503,
    nouns.BudgetExceeded: 402,
    nouns.PaidReadRefused: 402,
    nouns.TooManyWrongKeys: 429,
    nouns.SignInRequired: 401,
    nouns.AccessKeyRequired: 401,
    nouns.TooManyAttempts: 429,
    nouns.UsageCapReached: 503,
    nouns.SourceNotReady: 503,
    nouns.CredentialsRejected: 503,
    nouns.PlanUpgradeRequired: 503,
    nouns.SourceUnavailable: 503,
    nouns.SourceError: 503,
    nouns.ServerStopping: 503,
    nouns.ClientLeft: 499,  # as nginx logs it; the client doesn't see it
    nouns.ChorusError: 500,
}
_PAGE_TITLES = {  # of the framework's own errors; programs get the phrase of the status
    400: "Invalid address",
    403: "Not allowed",
    404: "Page not found",
    405: "Not supported",
    413: "Too large",
    414: "Address too long",
}
_HTTP_MESSAGES = {
    400: "This address can't be understood. Start a new report.",
    404: "Check the address, or start a new report.",
    405: "This address only supports {methods}.",
    413: "That's too large: the limit here is {bytes:,} bytes.",
    414: "The address is too long. Choose fewer accounts.",
}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(nouns.ChorusError, _handle_chorus_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(OSError, _handle_os_error)
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_chorus_error(error: nouns.ChorusError) -> Response:
    count_error(error)
    status = next(STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR)
    if isinstance(error, (nouns.InvalidQuery, nouns.InvalidPayload)):
        response = _build_response(status, error.title, "", error.problems)
    elif isinstance(error, nouns.SourceError):
        offer = read_offers.offer_for_request() if isinstance(error, nouns.ConfirmationRequired) else None
        detail = "" if error.is_about_account else " ".join(error.messages)
        response = _build_response(status, error.title, detail, [("users", message) for message in error.messages], offer)
    else:
        response = _build_response(status, error.title, error.message, [])
    if isinstance(error, nouns.RateLimited):
        response.headers["Retry-After"] = str(_seconds_until(error.resets_at))
    if isinstance(error, nouns.NetworkBusy):
        response.headers["Retry-After"] = "10"
    if isinstance(error, nouns.NetworkDown):
        response.headers["Retry-After"] = str(_seconds_until(error.retry_at))
    if isinstance(error, nouns.ServerStopping):
        response.headers["Retry-After"] = "5"
    if isinstance(error, (nouns.TooManyAttempts, nouns.TooManyWrongKeys, nouns.ServerBusy)):
        response.headers["Retry-After"] = str(error.retry_after_seconds)
    if isinstance(error, (nouns.SignInRequired, nouns.AccessKeyRequired)):
        response.headers["WWW-Authenticate"] = access.www_authenticate(error)
    return response


def _handle_http_error(error: HTTPException) -> Response:
    """Answer the framework's own errors, and keep their other headers (Allow, Retry-After)."""
    status = error.code or 500
    count_error(error)
    title = _PAGE_TITLES.get(status, error.name) if wants_html() else error.name
    response = _build_response(status, title, _http_error_detail(error), [])
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _http_error_detail(error: HTTPException) -> str:
    """Return the view's own description, else our sentence for the status, else the framework's."""
    if error.description != type(error).description or error.code not in _HTTP_MESSAGES:
        return error.description or ""
    methods = sorted(set(getattr(error, "valid_methods", None) or ()) - {"HEAD", "OPTIONS"})
    return _HTTP_MESSAGES[error.code].format(methods=format_list(methods), bytes=request.max_content_length)


def _handle_os_error(error: OSError) -> Response:
    """Answer a full disk or a read-only folder, such as that of the temporary files of an upload, with a sentence that says so."""
    if not is_storage_error(error):
        return _handle_unexpected_error(error)
    _log.error("Files can't be stored at %s", request.endpoint, exc_info=error)
    return _handle_chorus_error(describe_storage_error(error))


def _handle_unexpected_error(error: Exception) -> Response:
    _log.error("Unexpected error at %s", request.endpoint, exc_info=error)
    count_error(error)
    return _build_response(500, "Something went wrong", unexpected_error_message(), [])


def count_error(error: Exception) -> None:
    """Count an error that a response reports."""
    metrics().record_error(type(error).__name__)


def unexpected_error_message() -> str:
    """Return the sentence for an unexpected error, with the reference under which the log has it."""
    trace = tracing.current_trace()
    number = f" (Reference: {trace.id})" if trace else ""
    return f"That's our fault. Please try again.{number}"


def _build_response(
    status: int, title: str, detail: str, problems: list[tuple[str, str]], offer: read_offers.ReadOffer | None = None
) -> Response:
    response = make_response(
        _render_page(status, title, detail, [] if offer else problems, offer)
        if wants_html()
        else _render_problem_json(status, title, detail, problems),
        status,
    )
    if not wants_html():
        response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    return response


def _render_page(status: int, title: str, detail: str, problems: list[tuple[str, str]], offer: read_offers.ReadOffer | None) -> str:
    form = question_form.form_from_args(request.args.to_dict(flat=False), [] if detail else problems)
    networks, imports_on = sources().values(), upload_storage().is_enabled
    return render_template(
        "error.html", status=status, title=title, detail=detail, form=form, sources=networks, imports_on=imports_on, offer=offer
    )


def _render_problem_json(status: int, title: str, detail: str, problems: list[tuple[str, str]]) -> str:
    summary = detail or " ".join(message for _, message in problems)
    entries = [{"field": field, "message": message} for field, message in problems]
    return json.dumps({"title": title, "status": status, "detail": summary, "problems": entries})


def wants_html() -> bool:
    """Return whether the request gets a page; data, images and whatever asks for JSON get a problem document."""
    if _requested_blueprint() not in ("pages", "posts", "uploads", "classifier", "access", "docs", None):
        return False
    preferred = ["application/json", "text/html"] if cors.is_api_path(request.path) else ["text/html", "application/json"]
    return request.accept_mimetypes.best_match(preferred, preferred[0]) == "text/html"


def _requested_blueprint() -> str | None:
    """Return the blueprint of the address, even if the address only supports other methods."""
    refused = request.routing_exception
    if not isinstance(refused, MethodNotAllowed) or not refused.valid_methods:
        return request.blueprint
    adapter = current_app.create_url_adapter(request)
    return str(adapter.match(method=next(iter(refused.valid_methods)))[0]).partition(".")[0] if adapter else None


def _seconds_until(moment: datetime | None) -> int:
    return max(1, int((moment - current_time()).total_seconds())) if moment else 60
