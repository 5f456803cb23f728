"""A proxy in front of a running Chorus that replaces some of its responses, so that it looks like a broken revision."""

import contextlib
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar


@dataclass(frozen=True)
class FaultyResponse:
    """A response that replaces a path's own, after `hangs` seconds."""

    status: int = 200
    content_type: str = "application/json"
    body: bytes = b"{}"
    delay_seconds: float = 0.0
    max_uses: int = 1_000_000  # how often, before the own answer comes through


class _ProxyHandler(BaseHTTPRequestHandler):
    upstream_url: ClassVar[str]
    faulty_responses: ClassVar[dict[str, list[FaultyResponse]]]
    received_headers: ClassVar[list[dict[str, str]]]
    remaining_uses: ClassVar[dict[str, int]]

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.received_headers.append(dict(self.headers))
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        responses = self.faulty_responses.get(path, [])
        spoilt = responses[0] if responses else None
        if spoilt and self.remaining_uses.setdefault(path, spoilt.max_uses) > 0:
            self.remaining_uses[path] -= 1
            del responses[: len(responses) > 1]
            time.sleep(spoilt.delay_seconds)
            return self._send(spoilt.status, spoilt.content_type, spoilt.body)
        asked = urllib.request.Request(self.upstream_url + self.path, sent or None, {"Content-Type": "application/json"} if sent else {})
        try:
            with urllib.request.urlopen(asked, timeout=300) as response:
                return self._send(response.status, response.headers["Content-Type"], response.read())
        except urllib.error.HTTPError as refusal:
            return self._send(refusal.code, refusal.headers["Content-Type"], refusal.read())

    do_POST = do_GET

    def _send(self, status: int, content_type: str, body: bytes) -> None:
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextlib.contextmanager
def serve_with_faults(
    upstream_url: str, faulty_responses: Mapping[str, FaultyResponse | Sequence[FaultyResponse]] | None = None
) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Run the proxy; yield its URL and the headers of all requests.

    If a path has several responses, each is used once, and the last one from then on.
    """
    responses = {
        path: [planned] if isinstance(planned, FaultyResponse) else [*planned] for path, planned in (faulty_responses or {}).items()
    }
    came: list[dict[str, str]] = []
    door = type(
        "ProxyHandler",
        (_ProxyHandler,),
        {"upstream_url": upstream_url, "faulty_responses": responses, "received_headers": came, "remaining_uses": {}},
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", came
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
