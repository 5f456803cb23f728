"""Decides which threads serve a request, and how large its body may be, before the application sees it.

A lane is a group of threads with a queue of its own. Requests that may wait for a network have a lane of their own, and so does what
monitoring asks: whatever hangs, the rest answers. How requests are read and queued belongs to `dashboard.server`.
"""

from dataclasses import dataclass
from functools import lru_cache

from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from dashboard.web.views import uploads, vertex

_NETWORK_BLUEPRINTS = {"exports", "posts", "posts_data"}
_NETWORK_ENDPOINTS = {"pages.report", "pages.chart"}
_STATUS_ENDPOINTS = {"health.check_readiness", "health.export_metrics", "vertex.ready"}
_WAITING_PER_THREAD = 8
_MAX_REMEMBERED_PATHS = 1000


@dataclass(frozen=True)
class Lane:
    """A group of threads. At most `max_waiting` requests wait for them."""

    name: str
    thread_count: int
    max_waiting: int


INSTANT = Lane("instant", 1, 10_000)  # /health and refusals, which wait for nothing and are bounded by the number of connections
STATUS = Lane("status", 2, 20)  # /ready, which loads the model, and /metrics


class RouteTable:
    """The lane and the largest body of each route of an application."""

    def __init__(self, app: Flask, thread_count: int) -> None:
        self._match = lru_cache(_MAX_REMEMBERED_PATHS)(self._find_endpoint)
        self._views = app.view_functions
        self._urls, self._default_max_bytes = app.url_map.bind("localhost"), int(app.config["MAX_CONTENT_LENGTH"])
        self.network = Lane("network", 2 * thread_count, 2 * thread_count * _WAITING_PER_THREAD)
        self.work = Lane("work", thread_count, thread_count * _WAITING_PER_THREAD)
        self.lanes = (INSTANT, STATUS, self.network, self.work)

    def choose_lane(self, path: str) -> Lane:
        """Return the lane of a path."""
        endpoint = self._match(path)
        if endpoint == "health.check_health":
            return INSTANT
        if endpoint in _STATUS_ENDPOINTS:
            return STATUS
        return self.network if endpoint in _NETWORK_ENDPOINTS or endpoint.partition(".")[0] in _NETWORK_BLUEPRINTS else self.work

    def max_body_bytes(self, path: str) -> int:
        """Return the size of the largest body that a path accepts, in bytes."""
        endpoint = self._match(path, "POST")
        if endpoint == "uploads.upload":
            return uploads.MAX_UPLOAD_BYTES
        return vertex.MAX_BYTES if self._views.get(endpoint) is vertex.predict else self._default_max_bytes

    def _find_endpoint(self, path: str, method: str = "GET") -> str:
        """Return the endpoint of a path, or "" if it has none for this method."""
        try:
            return str(self._urls.match(path, method)[0])
        except (HTTPException, RequestRedirect, MethodNotAllowed):
            return ""
