"""Adds CORS headers, which let pages of other sites read our data. Only API routes get them, never pages for people.

Browsers are never allowed to send cookies: a request that requires a key sends it in `Authorization`.
"""

import re
from collections.abc import Collection
from functools import partial

from flask import Flask, Response, request

from dashboard.core.charts import CHARTS

_API_PATH_PATTERN = re.compile(
    r"/(predict|model|model\.json|health|ready|openapi\.json)(/.*)?|/posts\.[^/]*|/datasets/[^/]+\.json", re.DOTALL
)
_CHART_PATH_PATTERN = re.compile(r"/([^/.]+)(\.[^/]*)?", re.DOTALL)
_ALLOWED_HEADERS = "Content-Type, Authorization, If-None-Match"
_EXPOSED_HEADERS = "Content-Disposition, Content-Location, ETag, Link, Retry-After, WWW-Authenticate, X-Request-Id"
_PREFLIGHT_SECONDS = "7200"  # how long browsers may cache a preflight; the maximum that Chromium accepts


def init_app(app: Flask, origins: Collection[str]) -> None:
    """Allow pages of these origins to read our data; `*` means any origin. Without origins, no header is added."""
    if origins:
        app.after_request(partial(_add_cors_headers, origins))


def is_api_path(path: str) -> bool:
    """Return whether a path belongs to data or an image, even if it doesn't exist."""
    chart = _CHART_PATH_PATTERN.fullmatch(path)
    return bool(_API_PATH_PATTERN.fullmatch(path)) or (chart is not None and chart[1] in CHARTS)


def _add_cors_headers(origins: Collection[str], response: Response) -> Response:
    if not is_api_path(request.path) or (response.mimetype == "text/html" and request.method != "OPTIONS"):
        return response
    if "*" not in origins:
        response.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    if origin and ("*" in origins or origin in origins):
        _allow_origin(response, "*" if "*" in origins else origin)
    return response


def _allow_origin(response: Response, origin: str) -> None:
    """Add the headers for an allowed origin. Flask answers preflights itself and lists the methods in `Allow`."""
    response.headers["Access-Control-Allow-Origin"] = origin
    if request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
        response.headers["Access-Control-Allow-Headers"] = _ALLOWED_HEADERS
        response.headers["Access-Control-Max-Age"] = _PREFLIGHT_SECONDS
    else:
        response.headers["Access-Control-Expose-Headers"] = _EXPOSED_HEADERS
