"""One fake for the outside world: the networks' own routes on a loopback port, set up by methods that read like sentences.

    with World() as world:
        world.x.has("nasa", posts=250)
        world.x.fails("nasa", with_="rate limit", after_pages=1)

A network is one class in a module of its own, such as `fake_x.py`, with its routes, its format of posts and its errors. Accounts, paging
and the failures that any server can have are in `fake_network.py`. A new network is such a class and one line in `World`. Tests import
only this module. The fakes use only the standard library, and there is no test in here.
"""

import contextlib
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from tests.support.fake_bluesky import FakeBluesky
from tests.support.fake_dns import PUBLIC_IP_ADDRESS, FakeDns
from tests.support.fake_mastodon import FakeMastodon
from tests.support.fake_network import NEWEST_POST_AT, OMITTED, SERVER_FAULTS, FakeNetwork, FakePost, Request, Response, epoch_in_minutes
from tests.support.fake_x import FakeX

__all__ = [
    "CERTIFICATE_PATH",
    "NEWEST_POST_AT",
    "OMITTED",
    "PUBLIC_IP_ADDRESS",
    "SERVER_FAULTS",
    "FakeBluesky",
    "FakeDns",
    "FakeMastodon",
    "FakeNetwork",
    "FakePost",
    "FakeX",
    "Request",
    "Response",
    "SlowWorld",
    "World",
    "epoch_in_minutes",
]

DRIP_SECONDS = 0.02  # between two bytes of a server that drips
CERTIFICATE_PATH = Path(__file__).with_name("loopback.pem")  # of mastodon.example, social.example and domain.example, with its key


class World:
    """All fake networks behind one loopback URL, inside a `with` statement; with `tls` it uses HTTPS and CERTIFICATE_PATH."""

    def __init__(self, *, tls: bool = False) -> None:
        self.x, self.bluesky, self.mastodon = FakeX(), FakeBluesky(), FakeMastodon()
        self.networks: list[FakeNetwork] = [self.x, self.bluesky, self.mastodon]
        self._tls = tls
        self.closing = threading.Event()
        self.connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.world = self
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        if self._tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE_PATH)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.002})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._thread.join()
        for connection in list(self.connections):
            _shut_down(connection)
        self._server.server_close()  # waits for the threads of the connections

    def respond(self, request: Request) -> Response:
        """Return the response of the network that has this route."""
        with self._lock:
            network = next((known for known in self.networks if request.path.startswith(known.path_prefix)), None)
            if network is None:
                return Response({"error": "no such route"}, 404)
            return network.receive(request)


class SlowWorld(World):
    """Fake networks that take `seconds` for every response."""

    def __init__(self, seconds: float = 0.45) -> None:
        super().__init__()
        self.seconds = seconds

    def respond(self, request: Request) -> Response:
        """Respond after a delay, or at once when the world is closed."""
        self.closing.wait(self.seconds)
        return super().respond(request)


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    world: World

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect early, because many tests do."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.world.connections.add(self.connection)

    def finish(self) -> None:
        self.server.world.connections.discard(self.connection)
        super().finish()

    def log_message(self, *_: object) -> None:
        """Write no log."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        url = f"http://{self.headers.get('Host')}{self.path}"
        answer = self.server.world.respond(Request(parts.path, dict(parse_qsl(parts.query)), self.headers, url))
        head, content = self._encode_head(answer), answer.content
        self.close_connection = answer.delivery != "whole"
        if answer.delivery == "whole":
            self.wfile.write(head + content)
        elif answer.delivery == "truncated":
            self.wfile.write(head + content[:-1])
        elif answer.delivery == "raw":
            self.wfile.write(content)
        elif answer.delivery == "drip":
            self._drip(content, immediate=head)
        elif answer.delivery == "dripping headers":
            self._drip(head + content)
        elif answer.delivery == "silence":
            self.server.world.closing.wait()

    def _encode_head(self, response: Response) -> bytes:
        fields = {"Content-Type": "application/json; charset=utf-8", "Content-Length": str(len(response.content))} | response.headers
        lines = [f"HTTP/1.1 {response.status} Whatever", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
        return "\r\n".join(lines).encode("latin-1")

    def _drip(self, content: bytes, immediate: bytes = b"") -> None:
        self.wfile.write(immediate)
        for byte in content:
            self.wfile.write(bytes([byte]))
            if self.server.world.closing.wait(DRIP_SECONDS):
                return


def _shut_down(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the client may already have closed the connection
        connection.shutdown(socket.SHUT_RDWR)
