"""Limits how often one client may ask for large work: large images, long reports, large uploads and long lists of texts.

Everything else is limited only by how much the server can do at once. What counts as a client is an access key, or else an address.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import Flask, Response, current_app, request

from dashboard.core.account_lists import split_accounts
from dashboard.core.clock import system_clock
from dashboard.core.created_once import created_once
from dashboard.core.messages import translatable
from dashboard.core.query import Query
from dashboard.core.query_values import LARGE_IMAGE_PIXELS, LARGE_POST_COUNT, MAX_ACCOUNTS
from dashboard.web.formats import FORMATS, PictureFormat

if TYPE_CHECKING:
    from dashboard.web.auth.large_work_limiter import LargeWorkLimiter

LARGE_BODY_BYTES = 64 * 1024  # of texts to classify
LARGE_FILE_BYTES = 256 * 1024  # of an upload, which may be compressed
_EXTENSION_NAME = "chorus-rate-limits"  # key in the application's extensions
_REFUSAL = translatable("You’ve asked for too many large images, long reports or uploads in a short time.")
_POSTS_BLUEPRINTS = {"pages", "posts", "posts_data", "exports", "slides"}


@dataclass(frozen=True)
class _LargeWork:
    """How much large work a client may ask for."""

    app: Flask
    limit: str
    cache_url: str

    @created_once
    def limiter(self) -> "LargeWorkLimiter":
        """What counts it, created by the first large request."""
        from dashboard.web.auth.large_work_limiter import build_limiter

        return build_limiter(self.app, self.limit, _REFUSAL, self.cache_url)


def init_app(app: Flask, limit: str, cache_url: str = "") -> None:
    """Limit large work to `limit`, such as “30 per minute”; an empty string allows any amount. A Redis counts for all processes."""
    if not limit:
        return
    app.extensions[_EXTENSION_NAME] = _LargeWork(app, limit, cache_url)
    app.before_request(_limit_large_work)
    app.after_request(_add_retry_after)


def _limiter() -> "LargeWorkLimiter":
    return cast(_LargeWork, current_app.extensions[_EXTENSION_NAME]).limiter


def _limit_large_work() -> None:
    """Count large work. Raises RateLimitExceeded if the client has asked for too much of it."""
    if is_large():
        _limiter().check()


def is_large() -> bool:
    """Return whether the request is for large work, judging by its parameters before anything is read."""
    if request.method == "POST":
        endpoint, body_bytes = request.endpoint, request.content_length
        if endpoint == "uploads.upload":
            return body_bytes is None or body_bytes > LARGE_FILE_BYTES
        return (body_bytes or 0) > LARGE_BODY_BYTES and endpoint in ("api.predict", "vertex.predict", "classifier.submit_text")
    if request.endpoint == "pages.cost":  # reads nothing, and the form asks for it whenever the question changes
        return False
    return request.blueprint in _POSTS_BLUEPRINTS and (_is_large_image() or _post_count() > LARGE_POST_COUNT)


def _is_large_image() -> bool:
    file_format = (request.view_args or {}).get("file_format", "png" if request.endpoint == "exports.export_png" else "")
    is_picture = file_format in FORMATS and isinstance(FORMATS[file_format], PictureFormat)
    return is_picture and _number("width") * _number("height") * _number("scale") ** 2 >= LARGE_IMAGE_PIXELS


def _post_count() -> int:
    """Return the most posts that the request may ask for. A whole file may have as many accounts as fit in a report."""
    names = split_accounts(",".join(request.args.getlist("users")).lower())
    account_count = sum(MAX_ACCOUNTS if name.startswith("file:") and "/" not in name else 1 for name in names)
    return min(account_count, MAX_ACCOUNTS) * _number("n")


def _number(name: str) -> int:
    """Return a parameter, or its default if it's missing or not a number, which is reported elsewhere."""
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else int(Query.model_fields[name].default)


def _add_retry_after(response: Response) -> Response:
    """Tell refused clients when to try again."""
    if response.status_code == 429 and (limit := _limiter().current_limit) and limit.breached:
        response.headers["Retry-After"] = str(max(1, int(limit.reset_at - system_clock().timestamp())))
    return response
