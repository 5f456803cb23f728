"""Distinguishes our own forms from those of other sites, as far as the browser says where a form comes from.

Access keys don't belong here.
"""

from typing import NoReturn

from flask import abort, request
from werkzeug.datastructures import Headers

from dashboard.core.deferred_texts import defer_sentences
from dashboard.core.formatting.texts import excerpt
from dashboard.core.messages import deferred, translatable
from dashboard.web import urls

_REFUSAL = translatable("The form came from another site and was blocked.")
_PROXY_ADVICE = translatable("If this is our own page, a proxy must pass the Host header on, or CHORUS_PUBLIC_URL must be set.")
_NAMES_ADVICE = translatable(
    "The browser is at %(origin)s, but the proxy asked for %(host)s. The administrator’s guide “Behind a proxy” says what each proxy needs."
)


def require_same_origin() -> None:
    """Abort with 403 if another site sent this form on the user's behalf."""
    if request.method == "POST" and not _is_same_origin(request.headers):
        _refuse()


def require_proof_of_same_origin() -> None:
    """Abort with 403 unless the browser says that this form comes from our own pages. Browsers from before 2020 may say nothing."""
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site != "same-origin" if site else origin is None or not urls.is_same_origin(origin):
        _refuse() if site or origin else abort(
            403, translatable("This browser doesn’t say where the form comes from, so nothing was read. Update your browser.")
        )


def names_another_origin(headers: Headers) -> bool:
    """Return whether `Origin` or `Referer` names another site as the source of a request."""
    return any(not urls.is_same_origin(headers[name]) for name in ("Origin", "Referer") if headers.get(name))


def _refuse() -> NoReturn:
    """Abort with 403, with advice if the browser only names an origin, which a proxy may have made look like another one."""
    if request.headers.get("Sec-Fetch-Site"):
        abort(403, _REFUSAL)
    origin = excerpt(request.headers.get("Origin", "–"))
    abort(403, defer_sentences(_REFUSAL, _PROXY_ADVICE, deferred(_NAMES_ADVICE, origin=origin, host=excerpt(request.host))))


def _is_same_origin(headers: Headers) -> bool:
    """Return whether a form comes from our own pages. Old browsers, and all of them over http, send only the origin."""
    if site := headers.get("Sec-Fetch-Site"):
        return site in ("none", "same-origin")
    origin = headers.get("Origin")
    return origin is None or urls.is_same_origin(origin)
