"""The gunicorn worker: runs the event loop, and ends it gracefully on SIGTERM."""

import os
import resource
import sys
from functools import partial
from time import monotonic
from typing import Any

from gunicorn.config import Config
from gunicorn.errors import ConfigError
from gunicorn.workers.base import Worker

from dashboard.config.settings import load_settings
from dashboard.server.body_rules import build_rules
from dashboard.server.event_loop import EventLoop
from dashboard.server.http_server import HttpServer
from dashboard.server.limits import ConnectionLimits
from dashboard.server.request_parser import RequestParser
from dashboard.server.thread_groups import ThreadGroups
from dashboard.web import lanes, shutdown
from dashboard.web.views.predict import MAX_SHORT_BYTES

_CHECK_SECONDS = 0.25  # between two checks for slow clients
_SWITCH_SECONDS = 0.001  # after which a thread lets others run, because the event loop waits for one at every step
_EXIT_SECONDS = 1.0  # what remains of the graceful timeout for the exit itself
_FILES_PER_CONNECTION = 3  # the socket, the request's body and the response, each of which may be a file


class ServerWorker(Worker):
    """A process that serves the application with one event loop and the threads of each lane."""

    @classmethod
    def check_config(cls, cfg: Config, log: Any) -> None:
        """Raise ConfigError for what this worker doesn't do."""
        if cfg.is_ssl:
            raise ConfigError("Chorus doesn't speak TLS itself. Put a proxy in front of it.")

    def run(self) -> None:
        """Serve until SIGTERM arrives, the parent has gone, or the process has to end."""
        sys.setswitchinterval(_SWITCH_SECONDS)
        _raise_file_limit(self.cfg.worker_connections * _FILES_PER_CONNECTION)
        self._loop = EventLoop()
        self._servers, self._next_check = self._build_servers(), 0.0
        while self.alive and self.ppid == os.getppid():
            self._turn()
        self._stop()

    @property
    def is_idle(self) -> bool:
        """Whether the worker serves, and no thread has a request."""
        return hasattr(self, "_threads") and self._threads.is_idle

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin the graceful end. The event loop notices within a turn; waking it takes a lock that it may hold right now."""
        self.alive = False
        shutdown.begin()

    def handle_quit(self, sig: int, frame: Any) -> None:
        """Do the same for Ctrl-C, so that reads end at their next page then, too."""
        self.handle_exit(sig, frame)

    def _build_servers(self) -> list[HttpServer]:
        settings = load_settings(os.environ)
        limits = ConnectionLimits(
            client_seconds=settings.client_seconds,
            idle_seconds=self.cfg.keepalive,
            connections=self.cfg.worker_connections,
            request_line_bytes=self.cfg.limit_request_line,
            header_fields=self.cfg.limit_request_fields,
        )
        routes = lanes.RouteTable(self.wsgi, self.cfg.threads)
        self._threads = threads = ThreadGroups(routes.lanes, partial(_choose_lane, routes))
        rules = build_rules(routes, settings.trusted_proxies)
        return [HttpServer(self.wsgi, listener.sock, threads, limits, rules, self._loop) for listener in self.sockets]

    def _turn(self) -> None:
        self._loop.run_turn(0 if self._threads.has_instant_work else _CHECK_SECONDS)
        self._threads.serve_instant()
        if (now := monotonic()) >= self._next_check:
            self.notify()
            self._next_check = now + _CHECK_SECONDS
            for server in self._servers:
                server.end_slow_connections()

    def _stop(self) -> None:
        shutdown.begin()  # also if the parent has gone
        for server in self._servers:
            server.stop_accepting()
        deadline = monotonic() + max(0.0, self.cfg.graceful_timeout - _EXIT_SECONDS)
        while any(server.active_channels for server in self._servers) and monotonic() < deadline:
            self._turn()


def _choose_lane(routes: lanes.RouteTable, request: RequestParser) -> lanes.Lane:
    return routes.choose_request_lane(request.path, request.headers, request.peek_body(MAX_SHORT_BYTES))


def _raise_file_limit(file_count: int) -> None:
    """Allow more open files, as far as the system lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = file_count + 256
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed if hard == resource.RLIM_INFINITY else min(needed, hard), hard))
