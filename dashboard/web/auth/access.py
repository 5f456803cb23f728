"""Checks access keys, if the operator has set any: predictions and paid reads require one, as `Authorization: Bearer` or by signing in.

Keys and the sign-in cookie are read nowhere else, and never appear in a page, a message or the log.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote

from flask import Flask, Response, current_app, g, request, url_for

from dashboard.core.access_keys import AccessKey
from dashboard.core.clock import Clock, system_clock
from dashboard.core.created_once import created_once
from dashboard.core.deferred_texts import defer
from dashboard.core.errors import AccessKeyRequired, TooManyAttempts
from dashboard.core.messages import deferred, translatable
from dashboard.core.spending import Spending
from dashboard.core.spending_errors import SignInRequired
from dashboard.timelines.outages import OutagePause, StoreUnavailable
from dashboard.web.auth import cookies
from dashboard.web.auth.access_keys import AccessKeys, group_addresses
from dashboard.web.auth.sessions import Sessions
from dashboard.web.auth.store import AccessStore
from dashboard.web.environ_keys import ACCESS_KEY_NAME

SIGN_IN_COOKIE = "chorus-signed-in"
_EXTENSION_NAME = "chorus-access"  # key in the application's extensions


@dataclass
class _Access:
    """The keys and sign-ins of an application. The store is opened by its first use."""

    access_keys: Sequence[AccessKey]
    cache_url: str
    clock: Clock
    pause: OutagePause | None = None

    @created_once
    def store(self) -> AccessStore:
        return AccessStore(self.cache_url, self.pause)

    @created_once
    def keys(self) -> AccessKeys:
        return AccessKeys(self.access_keys, lambda: self.store, self.clock)

    @created_once
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.clock)


def init_app(
    app: Flask, keys: Sequence[AccessKey], cache_url: str = "", clock: Clock = system_clock, pause: OutagePause | None = None
) -> None:
    """Require one of these keys for everything that isn't open to everyone. Without keys, everything is open.

    `pause` is that of the Redis at `cache_url`.
    """
    app.extensions[_EXTENSION_NAME] = _Access(keys, cache_url, clock, pause)
    app.jinja_env.globals.update(is_signed_in=is_signed_in, sign_in_url=sign_in_url)
    if keys:
        app.after_request(_mark_private)


def require_key(subject: str) -> None:
    """Raise AccessKeyRequired unless the request has a valid key; `subject` starts its sentence. Also raises TooManyAttempts."""
    if error := key_error(subject):
        raise error


def may_have_key(app: Flask, headers: Mapping[str, str]) -> bool:
    """Return whether a request with these headers (named as in `COOKIE`) has a valid key or a sign-in of ours, or needs neither.

    Whether that sign-in has ended isn't checked: looking it up may take as long as Redis takes.
    """
    keys = cast(_Access, app.extensions[_EXTENSION_NAME]).keys
    key = _parse_bearer(headers.get("AUTHORIZATION", ""))
    is_signed_in = any(keys.have_signed(token) for token in cookies.list_cookies(headers.get("COOKIE", ""), SIGN_IN_COOKIE))
    return keys.allows_anyone or is_signed_in or (key is not None and keys.recognizes(key))


def is_settled(app: Flask, headers: Mapping[str, str]) -> bool:
    """Return whether a request with these headers (named as in `COOKIE`) has a valid key or needs none, without looking up a sign-in."""
    keys = cast(_Access, app.extensions[_EXTENSION_NAME]).keys
    key = _parse_bearer(headers.get("AUTHORIZATION", ""))
    return keys.allows_anyone or ("COOKIE" not in headers and key is not None and keys.recognizes(key))


def key_error(subject: str) -> AccessKeyRequired | None:
    """Return the error for a request without a valid key, or None if it has one or needs none. Raises TooManyAttempts."""
    key = _bearer_token()
    if _access_keys().allows_anyone or _is_signed_in() or (key is not None and find_key(key)):
        return None
    message = translatable("%(subject)s requires an access key.")
    if key is not None:
        message = translatable("%(subject)s requires an access key, and the key in the request isn’t valid.")
    elif g.get("is_sign_in_unknown"):
        message = translatable("%(subject)s requires an access key, and we can’t check your sign-in right now.")
    return AccessKeyRequired(deferred(message, subject=defer(subject)), is_invalid_key=key is not None)


def restrict_spending(spending: Spending) -> Spending:
    """Return what the request may spend: nothing, with the reason, if it lacks a valid access key."""
    refusal: AccessKeyRequired | TooManyAttempts | None
    try:
        refusal = key_error(translatable("That")) if spending.allowed or spending.needs_confirmation else None
    except TooManyAttempts as error:
        refusal = error
    return Spending(allowed=False, refusal=refusal) if refusal else spending


def www_authenticate(error: AccessKeyRequired | SignInRequired) -> str:
    """Return the value of the WWW-Authenticate header for a 401 response."""
    return 'Bearer realm="Chorus"' + (', error="invalid_token"' if error.is_invalid_key else "")


def requires_key() -> bool:
    """Return whether the operator has set access keys."""
    return not _access_keys().allows_anyone


def is_signed_in() -> bool:
    """Return whether the browser is signed in, and so can sign out."""
    return not _access_keys().allows_anyone and _is_signed_in()


def sign_in_url() -> str:
    """Return the URL of the sign-in page, which leads back to this page; "" if signing in isn't needed."""
    if _access_keys().allows_anyone or _is_signed_in():
        return ""
    if request.method != "GET" or request.blueprint == "access":
        return url_for("access.sign_in")
    query_string = request.query_string.decode("latin-1")
    next_url = f"{request.path}?{query_string}" if query_string else request.path
    return f"{url_for('access.sign_in')}?next={quote(next_url, safe='/:,@')}"


def has_valid_bearer_token() -> bool:
    """Return whether the request itself has a valid key, which another site can't know."""
    key = _bearer_token()
    try:
        return key is not None and find_key(key) is not None
    except TooManyAttempts:
        return False


def identify_client() -> str:
    """Return what identifies a client that is limited separately: its access key, or the network of its address."""
    key = _bearer_token()
    with suppress(TooManyAttempts):
        if key is not None and (access_key := find_key(key)):
            return f"key:{access_key.id}"
    if not _access_keys().allows_anyone and (access_key := _find_signed_in_key()):
        return f"key:{access_key.id}"
    return f"address:{group_addresses(request.remote_addr or '')}"


def sign_in_token() -> str:
    """Return what identifies the browser's sign-in, "" without one."""
    return cookies.read_cookie(SIGN_IN_COOKIE) or ""


def _mark_private(response: Response) -> Response:
    """Keep responses out of shared caches, and separate by sign-in in the browser's cache."""
    response.vary.update(("Cookie", "Authorization"))
    response.headers.setdefault("Cache-Control", "private")
    return response


def sessions() -> Sessions:
    """Return the sign-ins of browsers."""
    return _access().sessions


def _access_keys() -> AccessKeys:
    return _access().keys


def _access() -> _Access:
    return cast(_Access, current_app.extensions[_EXTENSION_NAME])


def _is_signed_in() -> bool:
    """Return whether the browser has a session whose key is still valid."""
    return _find_signed_in_key() is not None


def _find_signed_in_key() -> AccessKey | None:
    """Return the key of the browser's session. The store is asked once per request; if it fails, `g.is_sign_in_unknown` is True."""
    if "signed_in_key" not in g:
        token, key_id = sign_in_token(), None
        try:
            key_id = _access().sessions.find_key_id(token) if token else None
        except StoreUnavailable:
            g.is_sign_in_unknown = True
        access_key = _access_keys().find_by_id(key_id) if key_id else None
        g.signed_in_key = access_key if access_key and access_key.has_signed(token or "") else None
        _remember_name(g.signed_in_key)
    return cast("AccessKey | None", g.signed_in_key)


def find_key(text: str) -> AccessKey | None:
    """Return the key that the request contains. Raises TooManyAttempts."""
    access_key = _access_keys().find_key(text, request.remote_addr or "")
    _remember_name(access_key)
    return access_key


def _remember_name(access_key: AccessKey | None) -> None:
    """Let the request log name the key."""
    if access_key:
        request.environ[ACCESS_KEY_NAME] = access_key.name


def _bearer_token() -> str | None:
    return _parse_bearer(request.headers.get("Authorization", ""))


def _parse_bearer(authorization: str) -> str | None:
    scheme, _, key = authorization.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None
