"""Where signing in leads: only to this host, and to a question that is remembered for a moment, because another site may have chosen it.

To the browser, the redirect after our sign-in form is a request from our own pages, even if another site linked to the form. What such a
request may do doesn't belong here.
"""

import hashlib
import re
from urllib.parse import parse_qs, urlencode

from flask import Response as FlaskResponse
from flask import g, url_for
from werkzeug.wrappers import Response

from dashboard.core.errors import InvalidQuery
from dashboard.core.post_selection import parse_query_and_selection
from dashboard.core.query import Query
from dashboard.web.auth import cookies

_MAX_NEXT_URL_LENGTH = 8_000  # characters
TARGET_SECONDS = 120  # how long it is remembered; it is used at once, by the redirect
_COOKIE_NAME = "chorus-sign-in-target"
_ANY_QUESTION = "any"  # value of the cookie if the address doesn't say which question it leads to


def safe_next_url(next_url: str) -> str:
    """Return a path on this host with its query string, or the form's URL if it could lead to another host."""
    is_safe = re.fullmatch(r"/(?!/)[!-\[\]-~]*", next_url) and len(next_url) <= _MAX_NEXT_URL_LENGTH
    return next_url if is_safe else url_for("pages.index")


def remember(response: Response, next_url: str) -> None:
    """Note the question of the page that a redirect leads to. Parameters that aren't a question may lead to any, by another redirect."""
    _, has_parameters, parameters = next_url.partition("?")
    if not has_parameters:
        return
    try:
        target = _digest(parse_query_and_selection(parse_qs(parameters))[0])
    except InvalidQuery:
        target = _ANY_QUESTION
    cookies.set_cookie(response, _COOKIE_NAME, target, max_age=TARGET_SECONDS, samesite="Strict")


def is_target(query: Query) -> bool:
    """Return whether the browser was led to this question by signing in. The next request for it is somebody's own choice."""
    target = cookies.read_cookie(_COOKIE_NAME)
    g.has_reached_sign_in_target = target is not None and target in (_digest(query), _ANY_QUESTION)
    return bool(g.has_reached_sign_in_target)


def use_up(response: FlaskResponse) -> FlaskResponse:
    """Forget the question once its page has been shown."""
    if g.get("has_reached_sign_in_target"):
        cookies.delete_cookie(response, _COOKIE_NAME)
    return response


def _digest(query: Query) -> str:
    return hashlib.sha256(urlencode(query.reading_args()).encode()).hexdigest()
