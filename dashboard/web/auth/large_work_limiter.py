"""Counts large work per client with Flask-Limiter. What large work is, and what is refused, is decided in `rate_limits.py`.

Loading this takes long, because Flask-Limiter loads asyncio and a client for each kind of store, so it's done with the first large work.
"""

from typing import Any

from flask import Flask
from flask_limiter import ApplicationLimit, Limiter

from dashboard.web.auth import access

_REDIS_SECONDS = 1  # that Redis may take to answer; then each process counts on its own for a while


class LargeWorkLimiter(Limiter):
    """A limiter that is asked only about large work. Its usual functions would cost every other request a tenth of its time."""

    def init_app(self, app: Flask) -> None:
        """Attach the limiter to an application without adding functions to its requests."""
        app.extensions["limiter"] = {self}
        super().init_app(app)

    def check(self) -> None:
        """Count the request. Raises RateLimitExceeded."""
        self._check_request_limit()


def build_limiter(app: Flask, limit: str, refusal: str, cache_url: str) -> LargeWorkLimiter:
    """Return a limiter for `limit`, such as “30 per minute”, which refuses with a text. A Redis counts for all processes."""
    is_shared = cache_url.startswith(("redis://", "rediss://"))
    return LargeWorkLimiter(
        access.identify_client,
        app=app,
        application_limits=[ApplicationLimit(limit, error_message=refusal)],
        strategy="moving-window",
        storage_uri=cache_url if is_shared else "memory://",
        storage_options=_redis_options() if is_shared else {},
        in_memory_fallback_enabled=is_shared,
        key_prefix="chorus",
    )


def _redis_options() -> dict[str, Any]:
    from dashboard.timelines.redis_store import REDIS_OPTIONS  # loads redis, which is slow

    return REDIS_OPTIONS | {"socket_timeout": _REDIS_SECONDS, "socket_connect_timeout": _REDIS_SECONDS}
