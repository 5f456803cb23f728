"""A real Redis on a loopback port, and caches that keep their entries in it."""

import contextlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator

import pytest
import redis


class RedisServer:
    """A real Redis that a test can stop, kill, freeze and start again. Its options say what it keeps, in `folder`."""

    def __init__(self, folder: str, *options: str) -> None:
        self._folder, self._options = folder, options
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        """Start it and wait until it answers."""
        command = ["redis-server", "--port", str(self._port), "--save", "", "--bind", "127.0.0.1", "--dir", self._folder]
        command += self._options
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                break

    def stop(self) -> None:
        """End it as an operator does."""
        self._process.terminate()
        self._process.wait()

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.wait()

    def freeze(self) -> None:
        """Let it accept connections and answer nobody."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._process.send_signal(signal.SIGCONT)

    def connect(self) -> redis.Redis:
        """Return a client, which is closed by `with`."""
        return redis.Redis.from_url(self.url)


@contextlib.contextmanager
def run_redis_server(*options: str) -> Iterator[RedisServer]:
    """Run a real Redis, with more options of the command line."""
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server on this machine")
    with tempfile.TemporaryDirectory() as folder:
        server = RedisServer(folder, *options)
        try:
            yield server
        finally:
            server.kill()


@contextlib.contextmanager
def run_redis() -> Iterator[str]:
    """Run a real Redis and yield its URL."""
    with run_redis_server() as server:
        yield server.url
