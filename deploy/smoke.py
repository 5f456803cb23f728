"""Is this Chorus fit to serve? Asks one address for its health, readiness, a prediction with a known answer, and a picture.

    python3 deploy/smoke.py https://canary---chorus-….run.app

Standard library only, so it runs in the image, in a build step and on a laptop. What is not up yet is asked again until the deadline;
a wrong answer fails at once. IDENTITY_TOKEN (an IAM identity token, for private services) and ACCESS_KEY (one of CHORUS_ACCESS_KEYS)
are taken from the environment and never shown. Exit code: 0 fit, 1 not, 2 wrong arguments.
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

TEXT = {"text": "I love this, thank you!"}
PNG = "/frequency.png?users=demo:small-clocks&n=50"
_MOST = 8 * 1024 * 1024  # bytes of an answer
_PAUSE = 0.5  # seconds between two tries
_NOT_YET = {404, 429, 502, 503, 504}  # what a front end says of an instance that is still coming


class Unfit(Exception):
    """A check failed; says what was expected, what came, and what to do."""


class NotYet(Exception):
    """Nothing that could be judged came; it may be asked again."""


@dataclass(frozen=True)
class Answer:
    """Status, media type and body of an answer."""

    status: int
    type: str
    body: bytes

    def said(self) -> str:
        """Return how the answer looks, in a few words."""
        start = self.body[:160].decode("utf-8", "replace")
        return f"{self.status} {self.type or 'without a type'}: {' '.join(start.split())!r}"

    def json(self) -> Mapping[str, object]:
        """Return the object that the body is. Raises Unfit."""
        try:
            found = json.loads(self.body)
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Unfit(f"expected a JSON object, got {self.said()}")
        return found


@dataclass(frozen=True)
class Server:
    """An address that is asked; `seconds` are what everything together may take, `patience` one answer."""

    url: str
    seconds: float = 60
    patience: float = 15
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    began: float = field(default_factory=time.monotonic)

    def left(self) -> float:
        """Return the seconds until the deadline."""
        return self.began + self.seconds - time.monotonic()

    def ask(self, path: str, body: object = None) -> Answer:
        """Return one answer. Raises NotYet if none came in time."""
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        until = time.monotonic() + max(0.1, min(self.patience, self.left()))
        connection = kind(parts.netloc, timeout=until - time.monotonic())
        given = None if body is None else json.dumps(body).encode()
        try:
            headers = dict(self.headers) | ({"Content-Type": "application/json"} if given else {})
            connection.request("POST" if given else "GET", path, given, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get_content_type(), _read(answer, until))
        except (OSError, http.client.HTTPException) as error:
            raise NotYet(f"no answer: {type(error).__name__}: {error}") from error
        finally:
            connection.close()

    def get(self, path: str, body: object = None) -> Answer:
        """Return the first answer that is not "not yet". Raises Unfit at the deadline, with what was heard last before it."""
        last = ""
        while True:
            try:
                answer = self.ask(path, body)
                last = answer.said()
                if answer.status not in _NOT_YET:
                    return answer
            except NotYet as problem:
                last = last if last and self.left() <= 0 else str(problem)  # the deadline cut this one off, not the server
            if self.left() < _PAUSE:
                raise Unfit(f"expected 200 within {self.seconds:.0f} seconds, got {last}")
            time.sleep(_PAUSE)


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    """Read a body, also one that drips, until a time and a size."""
    parts, size = [], 0
    while part := answer.read1(65_536):
        parts.append(part)
        size += len(part)
        if size > _MOST:
            raise NotYet(f"more than {_MOST:,} bytes")
        if time.monotonic() > until:
            raise NotYet(f"{size:,} bytes, and no end of them in time")
    return b"".join(parts)


def fine(answer: Answer, type_: str = "application/json") -> Answer:
    """Return the answer if it is a 200 of the media type. Raises Unfit."""
    if (answer.status, answer.type) != (200, type_):
        raise Unfit(f"expected 200 {type_}, got {answer.said()}")
    return answer


def health(server: Server) -> str:
    """The process serves."""
    found = fine(server.get("/health")).json()
    if found.get("status") != "healthy":
        raise Unfit(f"expected the status healthy, got {found.get('status')!r}")
    return "healthy"


def ready(server: Server) -> str:
    """A model is loaded and has predicted."""
    return f"ready with {fine(server.get('/ready')).json().get('model')}"


def prediction(server: Server, body: object, expected: object) -> str:
    """A prediction is what it is known to be."""
    found = fine(server.get("/predict", body)).json()
    if found.get("prediction") != expected:
        raise Unfit(f"expected {expected!r} for {json.dumps(body)}, got {found.get('prediction')!r}")
    return f"{expected!r}, as expected, by {found.get('model')}"


def picture(server: Server) -> str:
    """A chart of a demo account is a whole PNG of the size it always has."""
    body = fine(server.get(PNG), "image/png").body
    if not body.startswith(b"\x89PNG\r\n\x1a\n") or not body.endswith(b"IEND\xaeB`\x82"):
        raise Unfit(f"expected a whole PNG, got {len(body):,} bytes that are none")
    width, height = struct.unpack(">II", body[16:24])
    if (width, height) != (1800, 840):
        raise Unfit(f"expected 1800 x 840 pixels, got {width} x {height}")
    return f"{width} x {height} pixels, {len(body):,} bytes"


NEXT = {
    "health": "The container does not serve: read the revision's log from its start on.",
    "ready": "The model can't be used: the reason is in the answer. Look at CHORUS_MODEL and what is mounted there.",
    "prediction": "Another model answers, or it is broken: compare /model. For a model of your own give --body and --expect.",
    "picture": "Charts can't be drawn: read the log for the error, and look at the memory limit.",
}


def checks(body: object = None, expected: object = "positive") -> dict[str, Callable[[Server], str]]:
    """Return every check, in order."""
    asked = TEXT if body is None else body
    return {"health": health, "ready": ready, "prediction": lambda server: prediction(server, asked, expected), "picture": picture}


def run(made: Mapping[str, Callable[[Server], str]], server: Server, say: Callable[[str], None] = print) -> bool:
    """Make checks until one fails; say how each went, and whether all is well."""
    secrets = [value.split()[-1] for value in server.headers.values()]
    for name, check in made.items():
        began = time.monotonic()
        try:
            told = f"ok    {name}: {check(server)} ({time.monotonic() - began:.1f} s)"
        except (Unfit, NotYet) as problem:
            told = f"FAIL  {name}: {problem}. {_refused(str(problem)) or NEXT[name]}"
        for secret in secrets:
            told = told.replace(secret, "…")
        say(told)
        if told.startswith("FAIL"):
            return False
    return True


def _refused(problem: str) -> str:
    """Return what to do if it is the door that is shut."""
    if "got 401 application/problem+json" in problem:
        return "It wants an access key: give one of CHORUS_ACCESS_KEYS as ACCESS_KEY."
    if "got 401" in problem or "got 403" in problem:
        return "The service is private: give an identity token as IDENTITY_TOKEN (gcloud auth print-identity-token)."
    return ""


def headers(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the headers that open doors: IAM's own header leaves Authorization to Chorus."""
    named = {"X-Serverless-Authorization": "IDENTITY_TOKEN", "Authorization": "ACCESS_KEY"}
    return {header: f"Bearer {environment[name].strip()}" for header, name in named.items() if environment.get(name, "").strip()}


def value(text: str) -> object:
    """Return what JSON says, or the text itself."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def main(argv: list[str] | None = None) -> int:
    """Check the address that is given."""
    parser = argparse.ArgumentParser(description="Check that a Chorus is fit to serve.")
    parser.add_argument("url", help="such as http://localhost:8080")
    parser.add_argument("--seconds", type=float, default=60, help="until when everything must have been answered (60)")
    parser.add_argument("--patience", type=float, default=15, help="seconds for one answer (15)")
    parser.add_argument("--body", type=json.loads, default=None, help=f"JSON for /predict ({json.dumps(TEXT)})")
    parser.add_argument("--expect", type=value, default="positive", help="the prediction that it must give, JSON or a word (positive)")
    parser.add_argument("--only", choices=list(NEXT), action="append", help="make this check alone; may be given again")
    options = parser.parse_args(argv)
    if urlsplit(options.url).scheme not in ("http", "https") or not urlsplit(options.url).netloc:
        parser.error(f"{options.url} is no address such as https://chorus.example")
    server = Server(options.url.rstrip("/"), options.seconds, options.patience, headers(os.environ))
    made = {name: check for name, check in checks(options.body, options.expect).items() if name in (options.only or NEXT)}
    return 0 if run(made, server) else 1


if __name__ == "__main__":
    sys.exit(main())
