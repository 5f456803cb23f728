"""Access keys, if the operator set some: wanted for predictions and for reads that cost money, as `Authorization: Bearer` or a sign-in.

The only place that looks at keys and at the cookie of a sign-in. Neither ever stands in a page, a message or the log.
"""

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import cast
from urllib.parse import quote

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from dashboard.core.clock import Clock, system_clock
from dashboard.core.errors import AccessKeyRequired, SignInRequired, TooManyAttempts
from dashboard.core.spending import Spending
from dashboard.web import urls
from dashboard.web.auth.access_keys import SIGN_IN_SECONDS, AccessKeys
from dashboard.web.auth.csrf import require_same_origin

access = Blueprint("access", __name__)
access.before_request(require_same_origin)
MAX_KEY_LENGTH = 200  # characters of a key
_MAX_FORM_BYTES = 64 * 1024  # bytes of the form
_MAX_NEXT_URL_LENGTH = 8_000  # characters of an address to lead back to
_COOKIE_NAME = "chorus-signed-in"
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_EXTENSION_NAME = "chorus-door"  # among the application's extensions


def init_app(app: Flask, keys: Sequence[str], clock: Clock = system_clock) -> None:
    """Put a door with these keys before what is not open to all; without keys everything is."""
    app.extensions[_EXTENSION_NAME] = AccessKeys(keys, clock)
    app.register_blueprint(access)
    app.jinja_env.globals.update(is_signed_in=is_signed_in, sign_in_url=sign_in_url)
    if keys:
        app.after_request(_mark_private)


def require_key(subject: str) -> None:
    """Let holders of a key pass; `what` begins the sentence for all others. Raises KeyWanted or TooManyTries."""
    if told := key_error(subject):
        raise told


def key_error(subject: str) -> AccessKeyRequired | None:
    """Return why the request is not one of a holder of a key, None if it is. Raises TooManyTries."""
    key = _bearer_token()
    if _access_keys().allows_anyone or _has_valid_cookie() or (key is not None and _access_keys().verify_key(key)):
        return None
    told = "none came" if key is None else "the one that came is none of this Chorus"
    return AccessKeyRequired(f"{subject} takes an access key here, and {told}.", is_invalid_key=key is not None)


def restrict_spending(spending: Spending) -> Spending:
    """Return what the request may spend: nothing, and why, if that takes an access key and it has none. Raises TooManyAttempts."""
    refusal = key_error("that") if spending.allowed else None
    return Spending(allowed=False, refusal=refusal) if refusal else spending


def www_authenticate(error: AccessKeyRequired | SignInRequired) -> str:
    """Return what 401 says in WWW-Authenticate."""
    return 'Bearer realm="Chorus"' + ', error="invalid_token"' * error.is_invalid_key


def requires_key() -> bool:
    """Say whether there are keys, so that programs need one."""
    return not _access_keys().allows_anyone


def is_signed_in() -> bool:
    """Say whether somebody signed in, and so can sign out."""
    return not _access_keys().allows_anyone and _has_valid_cookie()


def sign_in_url() -> str:
    """Return the address of the sign-in page that leads back here, empty if there is no need of it."""
    if _access_keys().allows_anyone or _has_valid_cookie():
        return ""
    if request.method != "GET" or request.blueprint == "access":
        return url_for("access.sign_in")
    asked = request.query_string.decode("latin-1")
    return f"{url_for('access.sign_in')}?next={quote(request.path + f'?{asked}' * bool(asked), safe='/:,@')}"


@access.get("/signin")
def sign_in() -> ResponseReturnValue:
    """Where a person gives a key and is led back; who needs none, or did so already, is led back at once."""
    back = _safe_next_url(request.args.get("next", ""))
    return redirect(back, 303) if _access_keys().allows_anyone or _has_valid_cookie() else _render_page(back)


@access.post("/signin")
def submit_key() -> ResponseReturnValue:
    """Take a key, give the browser a proof of it, and lead back."""
    request.max_content_length = request.max_form_memory_size = _MAX_FORM_BYTES
    back, key = _safe_next_url(request.form.get("next", "")), request.form.get("key", "").strip()
    if not key:
        return _render_page(back, "Nothing was typed. Paste the access key that you were given.", 400)
    try:
        if _access_keys().allows_anyone or _access_keys().verify_key(key[: MAX_KEY_LENGTH + 1]):
            return _set_sign_in_cookie(redirect(back, 303))
    except TooManyAttempts as error:
        return _render_page(back, error.message, 429, {"Retry-After": str(error.retry_after_seconds)})
    wrong = AccessKeyRequired(
        "This is no access key of this Chorus.", "Paste it again, or ask whoever runs it for one.", is_invalid_key=True
    )
    return _render_page(back, wrong.message, 401, {"WWW-Authenticate": www_authenticate(wrong)})


@access.post("/signout")
def sign_out() -> ResponseReturnValue:
    """Take the proof back, and lead to the form."""
    response = redirect(url_for("pages.index"), 303)
    response.delete_cookie(_COOKIE_NAME, httponly=True, samesite="Lax", secure=urls.is_https())
    return response


@access.after_request
def _disable_caching(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _render_page(next_url: str, problem: str = "", status: int = 200, headers: Mapping[str, str] = _NO_HEADERS) -> Response:
    page = render_template("signin.html", next_url=next_url, problem=problem, max_key_length=MAX_KEY_LENGTH)
    return Response(page, status, dict(headers), mimetype="text/html")


def _set_sign_in_cookie(response: BaseResponse) -> BaseResponse:
    """Give the browser a proof that its reader signed in; no script can read it."""
    if not _access_keys().allows_anyone:
        response.set_cookie(
            _COOKIE_NAME, _access_keys().issue_token(), max_age=SIGN_IN_SECONDS, httponly=True, samesite="Lax", secure=urls.is_https()
        )
    return response


def _mark_private(response: Response) -> Response:
    """Keep what differs by sign-in out of shared caches, and apart in a browser's own."""
    response.vary.update(("Cookie", "Authorization"))
    response.headers.setdefault("Cache-Control", "private")
    return response


def _access_keys() -> AccessKeys:
    return cast(AccessKeys, current_app.extensions[_EXTENSION_NAME])


def _has_valid_cookie() -> bool:
    proof = request.cookies.get(_COOKIE_NAME)
    return proof is not None and _access_keys().verify_token(proof)


def _bearer_token() -> str | None:
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _safe_next_url(next_url: str) -> str:
    """Return a path on this host with what follows it; whatever could lead elsewhere becomes the form."""
    fine = re.fullmatch(r"/(?!/)[!-\[\]-~]*", next_url) and len(next_url) <= _MAX_NEXT_URL_LENGTH
    return next_url if fine else url_for("pages.index")
