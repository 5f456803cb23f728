"""Decides which threads serve a request, and how large its body may be, before the application sees it.

A lane is a group of threads with a queue of its own. Requests that may wait for a network have a lane of their own, and so do uploads
and what monitoring asks: whatever hangs, the rest answers. How requests are read and queued belongs to `dashboard.server`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from flask import Flask
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from dashboard.sources.files.admission import MAX_RECEIVED_FILES, MAX_WAIT_SECONDS
from dashboard.web import network_waits, services
from dashboard.web.views import predict, uploads, vertex

_NETWORK_BLUEPRINTS = {"exports", "posts", "posts_data", "slides"}
_NETWORK_ENDPOINTS = {"pages.report", "pages.chart"}
_PREDICTION_ENDPOINTS = {"api.predict", "vertex.predict"}
_STATUS_ENDPOINTS = {"health.check_readiness", "health.export_metrics", "vertex.ready"}
_MAX_WAITING = 64
_MAX_REMEMBERED_PATHS = 1000
_MAX_UNREAD_UPLOADS = 256 * 2**20  # bytes; the application copies those that it imports, so they take up to twice as much in TMPDIR


@dataclass(frozen=True)
class Lane:
    """A group of threads, with the bounds of its queue.

    At most `turn_count` requests are worked on at the same time; the other threads serve those that wait for something. At most
    `max_waiting` requests wait in the queue, and none that would probably have to wait longer than `max_wait_seconds`. Their bodies that
    haven't been read yet have at most `max_unread_bytes`.
    """

    name: str
    turn_count: int
    max_waiting: int
    waiting_thread_count: int = 0
    max_wait_seconds: float = 5.0
    max_unread_bytes: int = 64 * 2**20

    @property
    def thread_count(self) -> int:
        """The largest number of threads."""
        return self.turn_count + self.waiting_thread_count


INSTANT = Lane("instant", 0, 0)  # /health and refusals, which wait for nothing: the event loop serves them itself
SHORT = Lane("short", 0, 0)  # predictions that wait for nothing: the event loop serves them too, after /health
STATUS = Lane("status", 2, 20)  # /ready, which loads the model, and /metrics


class RouteTable:
    """The lane and the largest body of each route of an application."""

    def __init__(self, app: Flask, turn_count: int) -> None:
        self._match = lru_cache(_MAX_REMEMBERED_PATHS)(self._find_endpoint)
        self._views, self._may_upload = app.view_functions, uploads.credentials_checker(app)
        self._is_short_prediction = predict.shortness_checker(app)
        self._urls, self._default_max_bytes = app.url_map.bind("localhost"), int(app.config["MAX_CONTENT_LENGTH"])
        waiting = network_waits.MAX_READS + services.MAX_WAITING_FOR_SHARES + services.MAX_WAITING_TO_COMPUTE + services.MAX_COMPUTING
        self.network = Lane("network", turn_count, _MAX_WAITING, waiting)
        self.work = Lane("work", turn_count, _MAX_WAITING, services.MAX_WAITING_FOR_SHARES)
        self.uploads = Lane("uploads", 2, MAX_RECEIVED_FILES, max_wait_seconds=MAX_WAIT_SECONDS, max_unread_bytes=_MAX_UNREAD_UPLOADS)
        self.lanes = (STATUS, self.uploads, self.network, self.work)

    def choose_lane(self, path: str) -> Lane:
        """Return the lane of a path."""
        endpoint = self._match(path)
        if endpoint == "health.check_health":
            return INSTANT
        if endpoint in _STATUS_ENDPOINTS:
            return STATUS
        if not endpoint and self._match(path, "POST") == "uploads.upload":
            return self.uploads
        return self.network if endpoint in _NETWORK_ENDPOINTS or endpoint.partition(".")[0] in _NETWORK_BLUEPRINTS else self.work

    def choose_request_lane(self, path: str, headers: Mapping[str, str], body: bytes | None) -> Lane:
        """Return the lane of a request with these headers (named as in `COOKIE`); `body` is None if it's longer than MAX_SHORT_BYTES."""
        if body is not None and self._match(path, "POST") in _PREDICTION_ENDPOINTS and self._is_short_prediction(headers, body):
            return SHORT
        return self.choose_lane(path)

    def max_body_bytes(self, path: str) -> int:
        """Return the size of the largest body that a path accepts, in bytes."""
        endpoint = self._match(path, "POST")
        if endpoint == "uploads.upload":
            return uploads.MAX_UPLOAD_BYTES
        return vertex.MAX_BYTES if self._views.get(endpoint) is vertex.predict else self._default_max_bytes

    def is_answered_unread(self, path: str, headers: Mapping[str, str]) -> bool:
        """Return whether the application refuses a request without reading its body, judging by the headers (named as in `COOKIE`)."""
        return self._match(path, "POST") == "uploads.upload" and not self._may_upload(headers)

    def _find_endpoint(self, path: str, method: str = "GET") -> str:
        """Return the endpoint of a path, or "" if it has none for this method."""
        try:
            return str(self._urls.match(path, method)[0])
        except (HTTPException, RequestRedirect, MethodNotAllowed):
            return ""
