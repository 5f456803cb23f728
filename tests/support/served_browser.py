"""A served Chorus and a Chromium that looks at it, each started once and shared by all modules of a process of tests."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.support.paths import ROOT

CHROMIUM_PATH = shutil.which("chromium") or "/usr/bin/chromium"
ACCESS_KEY = "a-key-of-many-letters"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ALL_CHARTS_DRAWN_JS = (
    "() => document.querySelectorAll('.plot[data-drawn]').length == document.querySelectorAll('figure[data-figure]').length"
)


@contextlib.contextmanager
def serve_chorus(**settings: str) -> Iterator[str]:
    """Serve with these settings and no other, as `make run` does; yield the address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)} | settings
    command = [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"]
    server = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture(scope="session")
def locked() -> Iterator[str]:
    """The address of a served Chorus that has an access key."""
    with serve_chorus(CHORUS_ACCESS_KEYS=ACCESS_KEY) as address:
        yield address


@pytest.fixture(scope="session")
def unlocked() -> Iterator[str]:
    """The address of a served Chorus without any setting."""
    with serve_chorus() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    if not Path(CHROMIUM_PATH).exists():
        if os.environ.get("CI"):
            pytest.fail("CI must install Chromium")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM_PATH, args=CHROMIUM_FLAGS)
        yield running
        running.close()
