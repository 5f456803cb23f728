"""Whose pages may read our data from another site: routes for programs say so in their answers, pages for people never do.

No browser is told to send a cookie along: what needs a key gets it as `Authorization`.
"""

import re
from collections.abc import Collection
from functools import partial

from flask import Flask, Response, request

from dashboard.core.charts import CHARTS

_API_PATH_PATTERN = re.compile(r"/(predict|model|health|ready|openapi\.json)(/.*)?|/posts\.[^/]*", re.DOTALL)
_CHART_PATH_PATTERN = re.compile(r"/([^/.]+)(\.[^/]*)?", re.DOTALL)
_ALLOWED_HEADERS = "Content-Type, Authorization, If-None-Match"
_EXPOSED_HEADERS = "Content-Disposition, Content-Location, ETag, Link, Retry-After, WWW-Authenticate, X-Request-Id"
_PREFLIGHT_SECONDS = "7200"  # seconds that a browser remembers a preflight; more is not believed by all


def init_app(app: Flask, origins: Collection[str]) -> None:
    """Let pages of these origins read, `*` is any; without one nothing is added to any answer."""
    if origins:
        app.after_request(partial(_add_cors_headers, origins))


def is_api_path(path: str) -> bool:
    """Say whether an address is data or an image, or would be if it existed."""
    chart = _CHART_PATH_PATTERN.fullmatch(path)
    return bool(_API_PATH_PATTERN.fullmatch(path)) or (chart is not None and chart[1] in CHARTS)


def _add_cors_headers(origins: Collection[str], response: Response) -> Response:
    if not is_api_path(request.path) or (response.mimetype == "text/html" and request.method != "OPTIONS"):
        return response
    if "*" not in origins:
        response.vary.add("Origin")
    asked = request.headers.get("Origin", "")
    if asked and ("*" in origins or asked in origins):
        _allow_origin(response, "*" if "*" in origins else asked)
    return response


def _allow_origin(response: Response, origin: str) -> None:
    """Add what a browser wants to see; a preflight is the framework's own answer to OPTIONS, which knows the methods."""
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    else:
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
