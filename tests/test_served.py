"""The served program, as people have it: a real gunicorn, a real Chromium, from the form to a picture."""

import contextlib
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.core.charts import CHARTS
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS, ROOT


@contextlib.contextmanager
def serving(tree: Path = ROOT, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """Serve with no key, no cache and no other setting than those given, as `make run` does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ} | {"PORT": str(port)} | settings
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "dashboard.app:create_app()"], cwd=tree, env=environment, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1):
                break
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.wait(20)


@pytest.fixture
def base(unlocked: str) -> str:
    """The address of a served Chorus that has no setting."""
    return unlocked


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose errors fail the test, and that may speak to nobody but us."""
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


def test_from_the_form_to_a_picture(base: str, page: Page, browser: Browser) -> None:
    """A person fills the form, gets charts, a colleague opens the same address elsewhere and saves the PNG."""
    page.goto(base)
    page.get_by_label("Accounts").fill("demo:aster-air\n@DEMO:pennywren".replace("@DEMO", "DEMO"))
    page.get_by_label("Posts of each").fill("200")
    page.get_by_role("button", name="Show the charts").click()
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    expect(page).to_have_url(f"{base}/report?users=demo:aster-air,demo:pennywren&n=200")
    colleague = browser.new_context()
    second = colleague.new_page()
    second.goto(page.url)
    second.wait_for_function(ALL_CHARTS_DRAWN_JS)
    assert second.locator("h1").inner_text() == page.locator("h1").inner_text() == "demo:aster-air and demo:pennywren"
    assert second.locator("[data-figure=frequency-figure] .legendtext").all_text_contents() == ["demo:aster-air", "demo:pennywren"]
    with second.expect_response(lambda answer: "/sentiment.png" in answer.url) as response:
        second.locator("section[aria-labelledby=sentiment]").get_by_role("link", name="PNG").click()
    assert struct.unpack(">II", response.value.body()[16:24]) == (1800, 840)
    colleague.close()


def test_the_drawn_chart_offers_no_cloud(base: str, page: Page) -> None:
    """No button of the chart sends data anywhere."""
    page.goto(f"{base}/html/frequency?users=demo:small-clocks")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    page.locator(".plot").hover()
    titles = page.locator(".modebar-btn").evaluate_all("buttons => buttons.map(button => button.dataset.title)")
    assert [title for title in titles if "share" in title.lower() or "cloud" in title.lower()] == []
    assert titles != []


def test_the_figure_shows_what_the_data_says(base: str, page: Page) -> None:
    """The drawn bars are the numbers of the JSON document."""
    page.goto(f"{base}/html/sentiment?users=demo:pennywren&n=150")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    drawn = page.evaluate("document.querySelector('.plot').data.at(-1).y")
    data = page.request.get(f"{base}/sentiment.json?users=demo:pennywren&n=150").json()["data"]
    assert drawn == [row["value"] for row in data]


def test_the_wheels_own_script_draws_as_well(browser: Browser, tmp_path: Path) -> None:
    """Without npm the larger plotly.js of the wheel draws the same chart, and the page's policy has nothing against it."""
    tree = tmp_path / "chorus"
    shutil.copytree(
        ROOT, tree, ignore=shutil.ignore_patterns(".venv", ".git", "node_modules", "vendor", "datasets", "*.br", "*.gz", "tests")
    )
    context = browser.new_context()
    opened, troubles = context.new_page(), list[str]()
    opened.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    with serving(tree) as (address, _):
        opened.goto(f"{address}/html/frequency?users=demo:small-clocks")
        opened.wait_for_function(ALL_CHARTS_DRAWN_JS)
        size = len(opened.request.get(f"{address}/static/vendor/plotly.min.js").body())
    context.close()
    assert (troubles, size > 3_000_000) == ([], True)


def test_without_scripts_the_page_shows_the_picture(base: str, browser: Browser) -> None:
    """A browser with scripts off gets each chart as an image."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}/report?users=demo:small-clocks")
    widths = [picture.bounding_box()["width"] for picture in page.locator("figure picture img").all()]  # type: ignore[index]
    empty = page.locator("section .nothing").count()
    context.close()
    assert [width > 300 for width in widths] == [True] * (len(CHARTS) - empty)
    assert empty <= 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 390, 768, 1280])
def test_no_page_is_wider_than_its_window(base: str, browser: Browser, theme: str, width: int) -> None:
    """Nothing makes a person scroll sideways, on a phone neither."""
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)  # type: ignore[arg-type]
    page = context.new_page()
    wider = {}
    for path in (
        "/",
        "/report?users=demo:aster-air,demo:sablonne-council",
        "/html/sentiment?users=demo:aster-air",
        "/report?users=%3Cb%3E&n=x",
    ):
        page.goto(base + path)
        page.wait_for_function(ALL_CHARTS_DRAWN_JS)
        wider[path] = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    context.close()
    assert {path: over for path, over in wider.items() if over > 0} == {}


def test_the_theme_follows_the_system_while_the_page_is_open(base: str, page: Page) -> None:
    """Changing the system's theme redraws the chart in its colours."""
    page.emulate_media(color_scheme="light")
    page.goto(f"{base}/html/frequency?users=demo:small-clocks")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    ink = "document.querySelector('.plot').layout.font.color"
    light = page.evaluate(ink)
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => {ink} != '{light}'")


def test_the_form_works_by_keyboard(base: str, page: Page) -> None:
    """Tab leads through the form in order, and Enter in the number asks."""
    page.goto(base)
    page.get_by_label("Accounts").focus()
    page.keyboard.type("demo:small-clocks")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/report?users=demo:small-clocks")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)


def test_a_stopped_server_finishes_what_it_began() -> None:
    """SIGTERM ends the server within ten seconds and cleanly."""
    with serving() as (_, server):
        server.send_signal(signal.SIGTERM)
        assert server.wait(10) == 0
