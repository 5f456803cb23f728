"""The pages with which people sign in and out with their access key. Checking keys and sign-ins belongs in `access.py`."""

from collections.abc import Mapping
from types import MappingProxyType

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from dashboard.core.access_keys import AccessKey
from dashboard.core.errors import AccessKeyRequired, TooManyAttempts
from dashboard.core.messages import deferred, gettext, translatable
from dashboard.timelines.outages import StoreUnavailable
from dashboard.web.auth import access, cookies, sign_in_targets
from dashboard.web.auth.csrf import require_same_origin
from dashboard.web.auth.sessions import SIGN_IN_SECONDS

sign_in_pages = Blueprint("access", __name__)
sign_in_pages.before_request(require_same_origin)
MAX_KEY_LENGTH = 241  # characters of a key with its name in front, as people copy it from the setting
_MAX_FORM_BYTES = 64 * 1024
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_SIGN_IN_PROBLEM = translatable("We can’t sign you in right now. Try again in a minute.")
_SIGN_OUT_PROBLEM = translatable("We can’t sign you out right now. Try again in a minute.")


@sign_in_pages.get("/signin")
def sign_in() -> ResponseReturnValue:
    """Show the sign-in form, or redirect at once if signing in isn't needed."""
    next_url = sign_in_targets.safe_next_url(request.args.get("next", ""))
    return _render_page(next_url) if access.requires_key() and not access.is_signed_in() else redirect(next_url, 303)


@sign_in_pages.post("/signin")
def submit_key() -> ResponseReturnValue:
    """Check a key, set the sign-in cookie, and redirect to where the person came from."""
    request.max_content_length = request.max_form_memory_size = _MAX_FORM_BYTES
    next_url, key = sign_in_targets.safe_next_url(request.form.get("next", "")), request.form.get("key", "").strip()
    if not key:
        return _render_page(next_url, gettext("Enter your access key."), 400)
    if not access.requires_key():
        return redirect(next_url, 303)
    try:
        if access_key := access.find_key(key[: MAX_KEY_LENGTH + 1]):
            response = _start_session(redirect(next_url, 303), access_key)
            sign_in_targets.remember(response, next_url)
            return response
    except StoreUnavailable:
        return _render_page(next_url, gettext(_SIGN_IN_PROBLEM), 503, {"Retry-After": "60"})
    except TooManyAttempts as error:
        return _render_page(next_url, error.message, 429, {"Retry-After": str(error.retry_after_seconds)})
    invalid_key = AccessKeyRequired(
        deferred("That key isn’t valid."), deferred("Check it, or ask your administrator."), is_invalid_key=True
    )
    return _render_page(next_url, invalid_key.message, 401, {"WWW-Authenticate": access.www_authenticate(invalid_key)})


@sign_in_pages.post("/signout")
def sign_out() -> ResponseReturnValue:
    """End the session on the server, delete its cookie and redirect to the form.

    If the server can't end the session, the browser keeps the cookie, so that signing out can be tried again.
    """
    response = redirect(url_for("pages.index"), 303)
    if token := access.sign_in_token():
        try:
            access.sessions().end(token)
        except StoreUnavailable:
            abort(503, _SIGN_OUT_PROBLEM)
    cookies.delete_cookie(response, access.SIGN_IN_COOKIE)
    return response


@sign_in_pages.after_request
def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _render_page(next_url: str, problem: str = "", status: int = 200, headers: Mapping[str, str] = _NO_HEADERS) -> Response:
    page = render_template("signin.html", next_url=next_url, problem=problem, max_key_length=MAX_KEY_LENGTH)
    return Response(page, status, dict(headers), mimetype="text/html")


def _start_session(response: BaseResponse, access_key: AccessKey) -> BaseResponse:
    """Start a session and set its cookie. Raises StoreUnavailable."""
    cookies.set_cookie(response, access.SIGN_IN_COOKIE, access.sessions().start(access_key), max_age=SIGN_IN_SECONDS)
    return response
