"""Rejects forms that were sent from other sites, as far as the browser says where a form comes from.

Access keys don't belong here.
"""

from flask import abort, request
from werkzeug.datastructures import Headers


def require_same_origin() -> None:
    """Abort with 403 if another site sent this form on the user's behalf."""
    if request.method == "POST" and not _is_same_origin(request.headers):
        abort(403, "The form came from another site and was blocked.")


def _is_same_origin(headers: Headers) -> bool:
    """Return whether a form comes from our own pages. Old browsers, and all of them over http, send only the origin."""
    if site := headers.get("Sec-Fetch-Site"):
        return site in ("none", "same-origin")
    origin = headers.get("Origin")
    return origin is None or origin.partition("://")[2].lower() == request.host.lower()
