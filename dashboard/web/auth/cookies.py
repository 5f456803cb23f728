"""Names and attributes of our cookies. Over HTTPS they get the prefix `__Host-`, so that neighbouring hosts can't set them.

What a cookie contains doesn't belong here.
"""

from datetime import datetime

from flask import request
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from dashboard.web import urls

_PREFIX = "__Host-"


def read_cookie(name: str) -> str | None:
    """Return the value of a cookie, or None if the browser didn't send it."""
    return request.cookies.get(_full_name(name))


def list_cookies(header: str, name: str) -> list[str]:
    """Return the values that a `Cookie` header has for a cookie, with and without the prefix."""
    values = parse_cookie(header)
    return [*values.getlist(name), *values.getlist(_PREFIX + name)]


def set_cookie(
    response: Response,
    name: str,
    value: str,
    *,
    max_age: int | None = None,
    expires: datetime | None = None,
    samesite: str = "Lax",
) -> None:
    """Set a cookie that scripts can't read. `max_age` is in seconds."""
    response.set_cookie(
        _full_name(name), value, max_age=max_age, expires=expires, httponly=True, samesite=samesite, secure=urls.is_https(), path="/"
    )


def delete_cookie(response: Response, name: str) -> None:
    """Delete a cookie."""
    response.delete_cookie(_full_name(name), httponly=True, samesite="Lax", secure=urls.is_https(), path="/")


def _full_name(name: str) -> str:
    return f"{_PREFIX * urls.is_https()}{name}"
