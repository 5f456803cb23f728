"""Smoke test of a running Chorus: checks its health, readiness, a prediction with a known result, and an image.

    python3 deploy/smoke.py https://canary---chorus-….run.app

Uses only the standard library, so it runs in the image, in a build step and on a laptop. A server that isn't up yet is asked again until
the deadline; a wrong response fails at once. IDENTITY_TOKEN (an IAM identity token, for private services) and ACCESS_KEY (one of
CHORUS_ACCESS_KEYS) are read from the environment and never printed. Exit code: 0 passed, 1 failed, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import struct
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

EXAMPLE_PAYLOAD = {"text": "I love this, thank you!"}
PNG_PATH = "/frequency.png?users=demo:small-clocks&n=50"
_MAX_BODY_BYTES = 8 * 1024 * 1024
_RETRY_SECONDS = 0.5  # between two attempts
_NOT_READY_STATUSES = {404, 429, 502, 503, 504}  # what a front end returns for an instance that is still starting


class CheckFailed(Exception):
    """A check failed; the message says what was expected and what was received."""


class NotReady(Exception):
    """There was no conclusive response; asking again may help."""


@dataclass(frozen=True)
class Response:
    """Status, media type and body of a response."""

    status: int
    type: str
    body: bytes

    def describe(self) -> str:
        """Return a short description: status, media type and the start of the body."""
        start = self.body[:160].decode("utf-8", "replace")
        return f"{self.status} {self.type or 'no media type'}: {' '.join(start.split())!r}"

    def json(self) -> Mapping[str, object]:
        """Return the body as a JSON object. Raises CheckFailed if it isn't one."""
        try:
            value = json.loads(self.body)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise CheckFailed(f"expected a JSON object, got {self.describe()}")
        return value


@dataclass(frozen=True)
class Server:
    """A server under test. `seconds` limits the whole test by `clock`, `patience` a single response."""

    url: str
    seconds: float = 60
    patience: float = 15
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    started_at: float = field(default_factory=time.monotonic)
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep

    def remaining_seconds(self) -> float:
        """Return the seconds until the deadline."""
        return self.started_at + self.seconds - self.clock()

    def request_once(self, path: str, body: object = None) -> Response:
        """Return the response to one request: POST with a JSON body, GET without. Raises NotReady if there is none in time."""
        url = urlsplit(self.url)
        connection_class = http.client.HTTPSConnection if url.scheme == "https" else http.client.HTTPConnection
        deadline = time.monotonic() + max(0.1, min(self.patience, self.remaining_seconds()))
        connection = connection_class(url.netloc, timeout=deadline - time.monotonic())
        payload = None if body is None else json.dumps(body).encode()
        try:
            headers = dict(self.headers) | ({"Content-Type": "application/json"} if payload else {})
            connection.request("POST" if payload else "GET", path, payload, headers)
            response = connection.getresponse()
            return Response(response.status, response.headers.get_content_type(), _read_body(response, deadline))
        except (OSError, http.client.HTTPException) as error:
            raise NotReady(f"no answer: {type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def request(self, path: str, body: object = None) -> Response:
        """Return the first conclusive response. Raises CheckFailed at the deadline, with the last thing that was received."""
        last_result = ""
        while True:
            try:
                response = self.request_once(path, body)
                last_result = response.describe()
                if response.status not in _NOT_READY_STATUSES:
                    return response
            except NotReady as problem:
                last_result = (
                    last_result if last_result and self.remaining_seconds() <= 0 else str(problem)
                )  # our deadline ended this attempt, so the one before says more
            if self.remaining_seconds() < _RETRY_SECONDS:
                raise CheckFailed(f"expected 200 within {self.seconds:.0f} seconds, got {last_result}")
            self.sleep(_RETRY_SECONDS)


def _read_body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    """Read a body, even a slow one, up to a deadline and a size. Raises NotReady beyond either."""
    chunks, size = [], 0
    while chunk := response.read1(65_536):
        chunks.append(chunk)
        size += len(chunk)
        if size > _MAX_BODY_BYTES:
            raise NotReady(f"more than {_MAX_BODY_BYTES:,} bytes")
        if time.monotonic() > deadline:
            raise NotReady(f"{size:,} bytes, but not the whole body in time")
    return b"".join(chunks)


def require_ok(response: Response, media_type: str = "application/json") -> Response:
    """Return a response with status 200 and this media type. Raises CheckFailed for any other."""
    if (response.status, response.type) != (200, media_type):
        raise CheckFailed(f"expected 200 {media_type}, got {response.describe()}")
    return response


def check_health(server: Server) -> str:
    """Check that the process serves requests; return what was found, as all checks do."""
    document = require_ok(server.request("/health")).json()
    if document.get("status") != "healthy":
        raise CheckFailed(f"expected the status healthy, got {document.get('status')!r}")
    return "healthy"


def check_ready(server: Server) -> str:
    """Check that a model is loaded and has made a prediction."""
    return f"ready with {require_ok(server.request('/ready')).json().get('model')}"


def check_prediction(server: Server, body: object, expected: object) -> str:
    """Check that a prediction is the expected one."""
    document = require_ok(server.request("/predict", body)).json()
    if document.get("prediction") != expected:
        raise CheckFailed(f"expected {expected!r} for {json.dumps(body)}, got {document.get('prediction')!r}")
    return f"{expected!r}, as expected, by {document.get('model')}"


def check_picture(server: Server) -> str:
    """Check that a chart of a demo account is a complete PNG of the right size."""
    body = require_ok(server.request(PNG_PATH), "image/png").body
    if not body.startswith(b"\x89PNG\r\n\x1a\n") or not body.endswith(b"IEND\xaeB`\x82"):
        raise CheckFailed(f"expected a complete PNG, got {len(body):,} bytes that aren't one")
    width, height = struct.unpack(">II", body[16:24])
    if (width, height) != (1800, 840):
        raise CheckFailed(f"expected 1800 x 840 pixels, got {width} x {height}")
    return f"{width} x {height} pixels, {len(body):,} bytes"


ADVICE = {
    "health": "The container doesn't serve requests: read the revision's log from its start.",
    "ready": "The model can't be used; the response says why. Check CHORUS_MODEL and what is mounted there.",
    "prediction": "This is another model, or it is broken: compare /model. For a model of your own, pass --body and --expect.",
    "picture": "Charts can't be drawn: find the error in the log, and check the memory limit.",
}


def build_checks(body: object = None, expected: object = "positive") -> dict[str, Callable[[Server], str]]:
    """Return all checks by name, in order."""
    payload = EXAMPLE_PAYLOAD if body is None else body
    return {
        "health": check_health,
        "ready": check_ready,
        "prediction": lambda server: check_prediction(server, payload, expected),
        "picture": check_picture,
    }


def run_checks(checks: Mapping[str, Callable[[Server], str]], server: Server, say: Callable[[str], None] = print) -> bool:
    """Run checks until one fails, print each result, and return whether all passed. Secrets are removed from the output."""
    secrets = [value.split()[-1] for value in server.headers.values()]
    for name, check in checks.items():
        started_at = time.monotonic()
        try:
            line = f"ok    {name}: {check(server)} ({time.monotonic() - started_at:.1f} s)"
        except (CheckFailed, NotReady) as error:
            line = f"FAIL  {name}: {error}. {_access_advice(str(error)) or ADVICE[name]}"
        for secret in secrets:
            line = line.replace(secret, "…")
        say(line)
        if line.startswith("FAIL"):
            return False
    return True


def _access_advice(problem: str) -> str:
    """Return what to do if access was denied, or "" if it wasn't."""
    if "got 401 application/problem+json" in problem:
        return "It requires an access key: set ACCESS_KEY to one of CHORUS_ACCESS_KEYS."
    if "got 401" in problem or "got 403" in problem:
        return "The service is private: set IDENTITY_TOKEN to an identity token (gcloud auth print-identity-token)."
    return ""


def build_headers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the headers for authentication. IAM's token has a header of its own, so that Authorization is left to Chorus."""
    variable_by_header = {"X-Serverless-Authorization": "IDENTITY_TOKEN", "Authorization": "ACCESS_KEY"}
    return {
        header: f"Bearer {environment[variable].strip()}"
        for header, variable in variable_by_header.items()
        if environment.get(variable, "").strip()
    }


def parse_value(text: str) -> object:
    """Return a text parsed as JSON, or the text itself if it isn't JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def main(argv: list[str] | None = None) -> int:
    """Test the server in the arguments; return the exit code."""
    parser = argparse.ArgumentParser(description="Smoke-test a running Chorus.")
    parser.add_argument("url", help="URL of the server, such as http://localhost:8080")
    parser.add_argument("--seconds", type=float, default=60, help="limit for the whole test (60)")
    parser.add_argument("--patience", type=float, default=15, help="seconds to wait for one response (15)")
    parser.add_argument("--body", type=json.loads, default=None, help=f"JSON for /predict ({json.dumps(EXAMPLE_PAYLOAD)})")
    parser.add_argument("--expect", type=parse_value, default="positive", help="the expected prediction, as JSON or text (positive)")
    parser.add_argument("--only", choices=list(ADVICE), action="append", help="run only this check; may be repeated")
    options = parser.parse_args(argv)
    if urlsplit(options.url).scheme not in ("http", "https") or not urlsplit(options.url).netloc:
        parser.error(f"{options.url} isn't a URL such as https://chorus.example")
    server = Server(options.url.rstrip("/"), options.seconds, options.patience, build_headers(os.environ))
    checks = {name: check for name, check in build_checks(options.body, options.expect).items() if name in (options.only or ADVICE)}
    return 0 if run_checks(checks, server) else 1


if __name__ == "__main__":
    sys.exit(main())
