"""A running Chorus and a Chromium, each started once and shared by all modules of a test process."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, expect, sync_playwright

from tests.support.chorus_server import run_server
from tests.support.shared_tab import SharedTab

DATED_APP = "tests.support.demo_clock:create_dated_app()"
CHROMIUM_PATH = shutil.which("chromium-headless-shell") or shutil.which("chromium") or "/usr/bin/chromium"
CHROMIUM_LANGUAGE = {"LANG": "en_US.UTF-8"}  # without a language, the headless shell tells scripts one that doesn't exist: "en-US@posix"
ACCESS_KEY = "a-key-of-many-letters"
REPORT = "/report?users=demo:aster-air,demo:harbour-news&n=60"  # whose images are drawn once, however many tests open it
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP chorus.test 127.0.0.1",  # a name of a server without TLS, which localhost isn't to browsers
]
ALL_CHARTS_DRAWN_JS = (
    "() => document.querySelectorAll('.plot[data-drawn]').length == document.querySelectorAll('figure[data-figure]').length"
)


@pytest.fixture(scope="session")
def locked() -> Iterator[str]:
    """The URL of a running Chorus with an access key."""
    with run_server({"CHORUS_ACCESS_KEYS": ACCESS_KEY}, DATED_APP) as server:
        yield server.url


@pytest.fixture(scope="session")
def unlocked() -> Iterator[str]:
    """The URL of a running Chorus with default settings, at noon of the demo's Monday."""
    with run_server({}, DATED_APP) as server:
        yield server.url


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium: its headless shell, if there is one, which has the same engine and takes two thirds of the CPU time."""
    if not Path(CHROMIUM_PATH).exists():
        if os.environ.get("CI"):
            pytest.fail("CI must install Chromium")
        pytest.skip("no Chromium on this machine")
    expect.set_options(timeout=60_000)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM_PATH, args=CHROMIUM_FLAGS, env=os.environ | CHROMIUM_LANGUAGE)
        yield running
        running.close()


@pytest.fixture(scope="session")
def shared_tab(browser: Browser) -> Iterator[SharedTab]:
    """A tab in which one test after another opens its pages."""
    tab = SharedTab(browser)
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def chartless_tab(browser: Browser) -> Iterator[SharedTab]:
    """A tab for tests of what is around the charts, which it doesn't load."""
    tab = SharedTab(browser, has_charts=False)
    yield tab
    tab.close()


@pytest.fixture(scope="session")
def scriptless_tab(browser: Browser) -> Iterator[SharedTab]:
    """A tab that runs no script, for tests of what is around the charts, which it doesn't load."""
    tab = SharedTab(browser, has_charts=False, has_scripts=False)
    yield tab
    tab.close()


@pytest.fixture
def chartless_page(chartless_tab: SharedTab) -> Iterator[Page]:
    """A page without charts that fails the test on any script error or console error."""
    with chartless_tab.lend() as opened, record_troubles(opened) as troubles:
        yield opened
    assert troubles == []


@pytest.fixture
def scriptless_page(scriptless_tab: SharedTab) -> Iterator[Page]:
    """A page without charts and scripts."""
    with scriptless_tab.lend() as opened:
        yield opened


@pytest.fixture
def strict_page(shared_tab: SharedTab) -> Iterator[Page]:
    """A page that fails the test on any script error, console error, or request to another host."""
    with shared_tab.lend() as opened, record_troubles(opened) as troubles:

        def check_host(request: Request) -> None:
            if "//127.0.0.1:" not in request.url and not request.url.startswith(("data:", "blob:")):
                troubles.append(request.url)

        opened.on("request", check_host)
        yield opened
        opened.remove_listener("request", check_host)
    assert troubles == []


def open_drawn_page(page: Page, url: str) -> Page:
    """Open an address and wait for its charts."""
    page.goto(url)
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    return page


@contextmanager
def record_troubles(page: Page) -> Iterator[list[str]]:
    """Yield a list to which errors of scripts and of the console are added, except that a chart was left out."""
    troubles = list[str]()

    def add_error(error: Error) -> None:
        troubles.append(str(error))

    def add_message(message: ConsoleMessage) -> None:
        if message.type == "error" and "ERR_BLOCKED_BY_CLIENT" not in message.text:
            troubles.append(message.text)

    page.on("pageerror", add_error)
    page.on("console", add_message)
    yield troubles
    page.remove_listener("pageerror", add_error)
    page.remove_listener("console", add_message)
