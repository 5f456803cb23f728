"""A real gunicorn that serves Chorus with given settings, and its log. There is no test in here."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tests.support.paths import ROOT

PASSED_ON = ("PATH", "HOME", "COVERAGE_PROCESS_CONFIG")  # of our own environment; the last one is set by `make coverage`
WITHOUT_WARM_UP = ("--config", str(ROOT / "tests" / "support" / "gunicorn_without_warm_up.py"))
START_SECONDS = 120  # generous: it bounds a hang, and no test is about the time


def find_free_port() -> int:
    """Return a free loopback port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class RunningServer:
    """A running Chorus. `out` and `err` have its output after it was stopped."""

    url: str
    process: subprocess.Popen[bytes]
    request_count: int = 0  # requests so far
    stdout: str = ""
    stderr: str = ""
    responses: list[tuple[int, dict[str, str], str]] = field(default_factory=list)
    stdout_file: IO[str] | None = None

    def measure_log(self) -> int:
        """Return the number of bytes that the server has logged so far."""
        return os.fstat(self.stdout_file.fileno()).st_size if self.stdout_file else 0

    def wait_for_log(self, *texts: str, start: int = 0) -> None:
        """Wait until the server has logged all these texts after its first `start` bytes; otherwise fail with its output."""
        deadline, written = time.monotonic() + START_SECONDS, ""
        while self.stdout_file and time.monotonic() < deadline:
            written = os.pread(self.stdout_file.fileno(), 2**24, start).decode()  # leaves the position alone, which the server shares
            if all(text in written for text in texts):
                return
            time.sleep(0.05)
        raise AssertionError(f"{[text for text in texts if text not in written]} missing in {written}")

    def wait_until_refused(self) -> None:
        """Wait until the server accepts no connection, which it does once it ends."""
        try:
            while True:
                socket.create_connection(("127.0.0.1", self.port), 60).close()
        except OSError:
            return

    def send_request(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, method: str | None = None
    ) -> tuple[int, dict[str, str], str]:
        """Return status, headers and text of a response, without following redirects or raising errors."""
        self.request_count += 1
        request = urllib.request.Request(self.url + path, body, dict(headers or {}), method=method)
        try:
            with urllib.request.build_opener(_NoRedirects()).open(request, timeout=60) as response:
                result = response.status, dict(response.headers), response.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            with error:
                result = error.code, dict(error.headers), error.read().decode("utf-8", "replace")
        self.responses.append(result)
        return result

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.url.rpartition(":")[2])

    def parse_log_lines(self) -> list[dict[str, Any]]:
        """Return the parsed log lines, each of which is a JSON object."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    def request_log_lines(self) -> list[dict[str, Any]]:
        """Return the lines of requests."""
        return [line for line in self.parse_log_lines() if "httpRequest" in line]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow nobody."""


@contextlib.contextmanager
def run_server(
    environment: Mapping[str, str],
    app: str = "dashboard.app:create_app()",
    *gunicorn_options: str,
    tree: Path = ROOT,
    is_warmed_up: bool = False,
) -> Iterator[RunningServer]:
    """Serve a checkout with only these settings on a free port of this machine, stop at the end; a port of `A FREE ONE` is filled in.

    A server warms up for two seconds of CPU time, so it does that only for tests of how Chorus starts or ends.
    """
    port = str(find_free_port())
    own = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    usual = {} if "AIP_HTTP_PORT" in environment else {"PORT": port}
    placed = usual | {name: port if value == "A FREE ONE" else value for name, value in environment.items()}
    command = [sys.executable, "-m", "gunicorn", *(() if is_warmed_up else WITHOUT_WARM_UP), *gunicorn_options, app]
    with (
        tempfile.TemporaryDirectory() as state_folder,
        tempfile.TemporaryFile("w+") as out,  # a pipe that nobody reads would fill up
        tempfile.TemporaryFile("w+") as err,
    ):
        env = own | {"PYTHONPATH": str(tree), "XDG_STATE_HOME": state_folder} | placed
        process = subprocess.Popen(command, cwd=tree, env=env, stdout=out, stderr=err)
        running = RunningServer(f"http://127.0.0.1:{port}", process, stdout_file=out)
        try:
            _wait_until_ready(running)
            yield running
        finally:
            process.terminate()
            process.wait(30)
            running.stdout, running.stderr = _read_from_start(out), _read_from_start(err)


def _read_from_start(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


def _wait_until_ready(server: RunningServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.url}/health", timeout=START_SECONDS):
            server.request_count += 1
            return
        time.sleep(0.05)
