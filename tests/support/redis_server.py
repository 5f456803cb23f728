"""A real Redis on a loopback port, and caches that keep their entries in it."""

import contextlib
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
from cachelib import RedisCache

from dashboard.timelines.cache import SafeSerializer


@contextlib.contextmanager
def run_redis() -> Iterator[str]:
    """Run a real Redis and yield its URL."""
    with run_redis_process() as (url, _):
        yield url


@contextlib.contextmanager
def run_redis_process() -> Iterator[tuple[str, int]]:
    """Run a real Redis and yield its URL and its process ID."""
    if not shutil.which("redis-server"):
        pytest.skip("no redis-server on this machine")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(["redis-server", "--port", str(port), "--save", "", "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            break
    try:
        yield f"redis://127.0.0.1:{port}/0", server.pid
    finally:
        server.kill()
        server.wait()


def connect_to_redis(url: str) -> Any:
    """Return the cache backend of an installation with this `CHORUS_CACHE_URL`."""
    port = int(url.rpartition(":")[2].partition("/")[0])
    backend = RedisCache("127.0.0.1", port, key_prefix="chorus:", default_timeout=3600)
    backend.serializer = SafeSerializer()
    return backend
