"""A running Chorus and a Chromium, each started once and shared by all modules of a test process."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.chorus_server import run_server

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


@pytest.fixture(scope="session")
def locked() -> Iterator[str]:
    """The URL of a running Chorus with an access key."""
    with run_server({"CHORUS_ACCESS_KEYS": ACCESS_KEY}) as server:
        yield server.url


@pytest.fixture(scope="session")
def unlocked() -> Iterator[str]:
    """The URL of a running Chorus with default settings."""
    with run_server({}) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    if not Path(CHROMIUM_PATH).exists():
        if os.environ.get("CI"):
            pytest.fail("CI must install Chromium")
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM_PATH, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture
def strict_page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test on any script error, console error, or request to another host."""
    context = browser.new_context()
    opened, troubles = context.new_page(), list[str]()
    opened.on("pageerror", lambda error: troubles.append(str(error)))
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    opened.on(
        "request",
        lambda asked: None if "//127.0.0.1:" in asked.url or asked.url.startswith(("data:", "blob:")) else troubles.append(asked.url),
    )
    yield opened
    context.close()
    assert troubles == []
