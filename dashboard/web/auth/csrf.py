"""Forms are taken from our own pages only, as far as a browser says where one was sent from."""

from flask import abort, request
from werkzeug.datastructures import Headers


def require_same_origin() -> None:
    """Refuse forms that another site sent in a reader's name."""
    if request.method == "POST" and not _is_same_origin(request.headers):
        abort(403, "This form was sent from another site.")


def _is_same_origin(headers: Headers) -> bool:
    """Say whether a form was sent from here, as far as the browser says; over http, and if it is old, it says no more than the origin."""
    if site := headers.get("Sec-Fetch-Site"):
        return site in ("none", "same-origin")
    origin = headers.get("Origin")
    return origin is None or origin.partition("://")[2].lower() == request.host.lower()
