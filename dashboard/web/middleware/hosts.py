"""Decides which hosts are answered: requests whose `Host` header isn't a host name, or names another server, get an error page.

Health probes come by IP address, so their paths are answered for every host. Which host links use is decided in `urls`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from flask import Flask, request
from werkzeug.exceptions import BadRequest, HTTPException, MisdirectedRequest

_HOST_PATTERN = re.compile(
    r"(?P<name>(?=.{1,254}(?::|$))[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_-]{1,63})*\.?|\[[0-9a-f:.]{2,45}\])(?::(?P<port>[0-9]{1,5}))?",
    re.IGNORECASE,
)
_FALLBACK_HOST = "localhost"
_PROBLEM_KEY = "chorus.host_problem"  # key in the WSGI environ
_MAX_SHOWN_CHARACTERS = 80


def init_app(app: Flask, allowed_hosts: Collection[str], probe_paths: Collection[str]) -> None:
    """Answer only these hosts, all if there are none; `probe_paths` are answered for every host.

    Must run before other functions that wrap the application, and before those whose `before_request` uses the host.
    """
    app.wsgi_app = _HostMiddleware(app.wsgi_app, allowed_hosts, probe_paths)  # type: ignore[method-assign]
    app.before_request(_refuse)


def parse_host(header: str) -> str | None:
    """Return the host name of a `Host` header in lower case, without port and final dot, or None if it isn't valid."""
    match = _HOST_PATTERN.fullmatch(header)
    if match is None or int(match["port"] or 0) > 65_535:
        return None
    return match["name"].lower().removesuffix(".")


def is_allowed(host: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether a host is in a list, in which `*.example.com` stands for every host below example.com."""
    return not allowed_hosts or any(
        host.endswith(allowed[1:]) if allowed.startswith("*.") else host == allowed for allowed in allowed_hosts
    )


class _HostMiddleware:
    """Replaces a `Host` header that can't be used, because the framework fails on it, and remembers what was wrong."""

    def __init__(self, wsgi_app: Callable[..., Iterable[bytes]], allowed_hosts: Collection[str], probe_paths: Collection[str]) -> None:
        self._wsgi_app, self._allowed_hosts, self._probe_paths = wsgi_app, allowed_hosts, frozenset(probe_paths)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if problem := self._find_problem(environ):
            environ |= {"HTTP_HOST": _FALLBACK_HOST, _PROBLEM_KEY: problem}
        return self._wsgi_app(environ, start_response)

    def _find_problem(self, environ: Mapping[str, Any]) -> HTTPException | None:
        header = environ.get("HTTP_HOST", environ.get("SERVER_NAME", ""))
        host = parse_host(header)
        if host is None:
            return BadRequest("The Host header of this request isn’t a valid host name.")
        if is_allowed(host, self._allowed_hosts) or environ.get("PATH_INFO") in self._probe_paths:
            return None
        return MisdirectedRequest(f"This server isn’t {host[:_MAX_SHOWN_CHARACTERS]}. Check the address.")


def _refuse() -> None:
    if problem := request.environ.get(_PROBLEM_KEY):
        raise problem
