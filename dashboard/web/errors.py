"""Handles errors: a table maps each error to a status, and says what a response reports about it.

How a response reports it, as a page or as problem+json, belongs in `error_reports.py`.
"""

import logging
from datetime import datetime
from typing import cast

from flask import Flask, Response, redirect, request
from werkzeug.exceptions import HTTPException, NotFound

from dashboard.core import errors, source_errors, spending_errors
from dashboard.core.formatting.counts import format_bytes
from dashboard.core.formatting.texts import format_list
from dashboard.core.messages import gettext, translatable, translate
from dashboard.sources.files.durable_files import describe_storage_error, is_storage_error
from dashboard.telemetry import tracing
from dashboard.web import near_addresses
from dashboard.web.auth import access
from dashboard.web.error_reports import ErrorReport, wants_html
from dashboard.web.extensions import current_time, metrics
from dashboard.web.presenters import read_offers

_log = logging.getLogger(__name__)

STATUS_BY_ERROR: dict[type[errors.ChorusError], int] = {
    errors.InvalidQuery: 400,
    source_errors.AccountNotFound: 404,
    source_errors.ImportedFileNotFound: 404,
    source_errors.AccountSuspended: 404,
    source_errors.AccountProtected: 404,
    source_errors.RateLimited: 429,
    errors.InvalidFile: 422,
    errors.InvalidPayload: 422,
    errors.ModelUnavailable: 503,
    errors.ImageUnavailable: 503,
    errors.InvalidSetting: 503,
    errors.StorageUnavailable: 503,
    errors.ServerBusy: 503,
    spending_errors.BudgetExceeded: 402,
    spending_errors.PaidReadRefused: 402,
    spending_errors.TooManyWrongKeys: 429,
    spending_errors.SignInRequired: 401,
    errors.AccessKeyRequired: 401,
    errors.TooManyAttempts: 429,
    source_errors.UsageCapReached: 503,
    source_errors.SourceNotReady: 503,
    source_errors.CredentialsRejected: 503,
    source_errors.PlanUpgradeRequired: 503,
    source_errors.SourceUnavailable: 503,
    source_errors.SourceError: 503,
    errors.ServerStopping: 503,
    errors.ClientLeft: 499,  # as in nginx's log; the client doesn't see it
    errors.ChorusError: 500,
}
_PAGE_TITLES = {  # of the framework's own errors, for people; programs get the standard phrase of the status
    400: translatable("Invalid address"),
    403: translatable("Not allowed"),
    404: translatable("Page not found"),
    405: translatable("Not supported"),
    413: translatable("Too large"),
    414: translatable("Address too long"),
}
_HTTP_MESSAGES = {
    400: translatable("This address can’t be understood. Start a new report."),
    404: translatable("Check the address, or start a new report."),
    405: translatable("This address only supports {methods}."),
    413: translatable("That’s too large: the limit here is {max_size}."),
    414: translatable("The address is too long. Choose fewer accounts."),
}


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(errors.ChorusError, _handle_chorus_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(OSError, _handle_os_error)
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_chorus_error(error: errors.ChorusError) -> Response:
    count_error(error)
    status = next(STATUS_BY_ERROR[kind] for kind in type(error).__mro__ if kind in STATUS_BY_ERROR)
    title = error.page_title if wants_html() else error.title
    response = _describe_error(error, status, title).build_response()
    if (retry_seconds := _retry_after_seconds(error)) is not None:
        response.headers["Retry-After"] = str(retry_seconds)
    if isinstance(error, (spending_errors.SignInRequired, errors.AccessKeyRequired)):
        response.headers["WWW-Authenticate"] = access.www_authenticate(error)
    return response


def _describe_error(error: errors.ChorusError, status: int, title: str) -> ErrorReport:
    if isinstance(error, (errors.InvalidQuery, errors.InvalidPayload)):
        return ErrorReport(status, title, problems=error.problems, corrections=getattr(error, "corrections", ()))
    if not isinstance(error, source_errors.SourceError):
        return ErrorReport(status, title, error.message)
    offer = read_offers.offer_for_request() if isinstance(error, spending_errors.ConfirmationRequired) else None
    detail = "" if error.is_about_account else " ".join(error.messages)
    return ErrorReport(status, title, detail, [("users", message) for message in error.messages], offer, error.corrections)


def _retry_after_seconds(error: errors.ChorusError) -> int | None:
    """Return after how many seconds trying again may help, None if waiting isn't what helps."""
    if isinstance(error, source_errors.RateLimited):
        return _seconds_until(error.resets_at)
    if isinstance(error, source_errors.NetworkDown):
        return _seconds_until(error.retry_at)
    if isinstance(error, (errors.TooManyAttempts, spending_errors.TooManyWrongKeys, errors.ServerBusy)):
        return error.retry_after_seconds
    if isinstance(error, errors.ServerStopping):
        return 5
    return 10 if isinstance(error, source_errors.NetworkBusy) else None


def _handle_http_error(error: HTTPException) -> Response:
    """Return the response to one of the framework's own errors, with its other headers, such as Allow and Retry-After."""
    status = error.code or 500
    if isinstance(error, NotFound) and request.url_rule is None and (address := near_addresses.find_near_address()):
        return cast(Response, redirect(address, 308))
    count_error(error)
    title = gettext(_PAGE_TITLES.get(status, error.name)) if wants_html() else error.name
    response = ErrorReport(status, title, _http_error_detail(error)).build_response()
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _http_error_detail(error: HTTPException) -> str:
    """Return the view's own description, else our sentence for the status, else the framework's."""
    if error.description != type(error).description or error.code not in _HTTP_MESSAGES:
        return translate(error.description or "")
    if error.code == 404 and request.url_rule is None and (sentence := near_addresses.describe_formats()):
        return sentence
    methods = sorted(set(getattr(error, "valid_methods", None) or ()) - {"HEAD", "OPTIONS"})
    return gettext(_HTTP_MESSAGES[error.code]).format(methods=format_list(methods), max_size=format_bytes(request.max_content_length or 0))


def _handle_os_error(error: OSError) -> Response:
    """Return a response that says that the disk is full or a folder is read-only, such as that of an upload's temporary files."""
    if not is_storage_error(error):
        return _handle_unexpected_error(error)
    _log.error("Files can't be stored at %s", request.endpoint, exc_info=error)
    return _handle_chorus_error(describe_storage_error(error))


def _handle_unexpected_error(error: Exception) -> Response:
    _log.error("Unexpected error at %s", request.endpoint, exc_info=error)
    count_error(error)
    return ErrorReport(500, gettext("Something went wrong"), unexpected_error_message()).build_response()


def count_error(error: Exception) -> None:
    """Count an error that a response reports."""
    metrics().record_error(type(error).__name__)


def unexpected_error_message() -> str:
    """Return the sentence for an unexpected error, with the reference under which the log has it."""
    trace = tracing.current_trace()
    apology = gettext("That’s our fault. Please try again.")
    return " ".join([apology, gettext("(Reference: %(number)s)", number=trace.id)]) if trace else apology


def _seconds_until(moment: datetime | None) -> int:
    return max(1, int((moment - current_time()).total_seconds())) if moment else 60
