"""The complete program: a real gunicorn and a real Chromium, from the form to an image."""

import json
import shutil
import signal
import struct
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.core.charts import CHARTS
from tests.support.browser_contexts import open_context
from tests.support.chorus_server import run_server
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.paths import ROOT
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS
from tests.support.shared_tab import SharedTab, leave_out_charts

OVERFLOW_JS = "document.documentElement.scrollWidth - innerWidth"
INKS_JS = "() => [...document.querySelectorAll('.plot')].map(plot => plot.layout.font.color)"


def test_a_person_gets_from_the_form_to_an_image(unlocked: str, strict_page: Page, browser: Browser) -> None:
    """A colleague opens the same URL elsewhere and saves the PNG."""
    strict_page.goto(unlocked)
    strict_page.get_by_label("Which accounts?").fill("demo:aster-air\nDEMO:pennywren")
    strict_page.get_by_text("Latest 400 posts").click()
    strict_page.get_by_label("Posts per account").fill("200")
    strict_page.get_by_role("button", name="Show report").click()
    expect(strict_page).to_have_url(f"{unlocked}/report?users=demo:aster-air,demo:pennywren&n=200")
    strict_page.locator("[data-figure=frequency-figure] .annotation-text").first.wait_for()  # a streamed page has no charts at first
    names = strict_page.locator("[data-figure=frequency-figure] .annotation-text").all_text_contents()
    assert [name for name in ("Aster Air", "Pennywren") if name not in names] == []
    colleague = open_context(browser)
    second = colleague.new_page()
    leave_out_charts(second)
    second.goto(strict_page.url)
    assert second.locator("h1").inner_text() == strict_page.locator("h1").inner_text() == "Aster Air and Pennywren"
    with second.expect_download() as download:
        second.locator("section[aria-labelledby=sentiment-title] .menu > summary").click()
        second.locator("section[aria-labelledby=sentiment-title]").get_by_role("link", name="PNG", exact=True).click()
    assert download.value.suggested_filename == "chorus-sentiment-aster-air-pennywren-mean.png"
    assert struct.unpack(">I", download.value.path().read_bytes()[16:20]) == (1800,)
    colleague.close()


def test_the_drawn_chart_has_no_buttons(unlocked: str, strict_page: Page) -> None:
    """None sends data anywhere, and none is a stop of the Tab key."""
    strict_page.goto(f"{unlocked}/html/frequency?users=demo:small-clocks")
    strict_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    strict_page.locator(".plot").hover()
    assert strict_page.locator(".modebar-btn").count() == 0


def test_the_figure_shows_the_numbers_of_the_json(unlocked: str, strict_page: Page) -> None:
    """The drawn bars have its values."""
    strict_page.goto(f"{unlocked}/html/sentiment?users=demo:pennywren&n=150")
    strict_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    values = strict_page.evaluate("document.querySelector('.plot').data.at(-1).y")
    data = strict_page.request.get(f"{unlocked}/sentiment.json?users=demo:pennywren&n=150").json()["data"]
    assert values == [row["value"] for row in data]


@pytest.mark.faults
@pytest.mark.long
def test_the_script_of_the_wheel_draws_the_same_chart(browser: Browser, tmp_path: Path) -> None:
    """Without npm, the larger plotly.js of the wheel is used, and the page's policy allows it."""
    tree = tmp_path / "chorus"
    shutil.copytree(
        ROOT, tree, ignore=shutil.ignore_patterns(".venv", ".git", "node_modules", "vendor", "datasets", "*.br", "*.gz", "tests")
    )
    context = open_context(browser)
    browser_page, troubles = context.new_page(), list[str]()
    browser_page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    with run_server({}, tree=tree, is_warmed_up=True) as server:
        browser_page.goto(f"{server.url}/html/frequency?users=demo:small-clocks")
        browser_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
        size = len(browser_page.request.get(f"{server.url}/static/vendor/plotly.min.js").body())
    context.close()
    assert troubles == []
    assert size > 3_000_000
    assert "Warming up failed" not in server.stderr


def test_without_scripts_the_page_shows_images(unlocked: str, browser: Browser) -> None:
    """There is one per chart of the report, and one that is folded."""
    context = open_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{unlocked}/report?users=demo:small-clocks")
    widths = [picture.bounding_box()["width"] for picture in page.locator("figure picture img").all()]  # type: ignore[index]
    folded = page.locator(".still img").count()
    empty = page.locator("section .nothing").count()
    context.close()
    assert len(widths) + folded == len([chart for chart in CHARTS if chart.section]) - empty
    assert min(widths) > 300
    assert empty <= 1


@pytest.mark.parametrize("width", [360, *(pytest.param(width, marks=ONLY_IN_FAULTS) for width in (390, 768, 1280))])
def test_no_page_is_wider_than_its_window(unlocked: str, shared_tab: SharedTab, width: int) -> None:
    """Nobody has to scroll sideways in either theme, not even on a phone."""
    wider = {}
    with shared_tab.lend() as page:
        page.set_viewport_size({"width": width, "height": 800})
        for path in (
            "/",
            "/report?users=demo:aster-air,demo:sablonne-council",
            "/html/sentiment?users=demo:aster-air",
            "/report?users=%3Cb%3E&n=x",
        ):
            page.emulate_media(color_scheme="light")
            page.goto(unlocked + path)
            page.wait_for_function(ALL_CHARTS_DRAWN_JS)
            wider[path, "light"] = page.evaluate(OVERFLOW_JS)
            light_inks = page.evaluate(f"({INKS_JS})()")
            page.emulate_media(color_scheme="dark")
            page.wait_for_function(f"lightInks => ({INKS_JS})().every((ink, index) => ink !== lightInks[index])", arg=light_inks)
            wider[path, "dark"] = page.evaluate(OVERFLOW_JS)
    assert {page_and_theme: over for page_and_theme, over in wider.items() if over > 0} == {}


def test_the_theme_follows_the_system_while_the_page_is_open(unlocked: str, strict_page: Page) -> None:
    """Changing it redraws the chart."""
    strict_page.emulate_media(color_scheme="light")
    strict_page.goto(f"{unlocked}/html/frequency?users=demo:small-clocks")
    strict_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    ink = "document.querySelector('.plot').layout.font.color"
    light = strict_page.evaluate(ink)
    strict_page.emulate_media(color_scheme="dark")
    strict_page.wait_for_function(f"() => {ink} != '{light}'")


def test_the_form_works_by_keyboard(unlocked: str, chartless_page: Page) -> None:
    """Tab follows the order of the form, and Enter submits it."""
    chartless_page.goto(unlocked)
    chartless_page.get_by_label("Which accounts?").focus()
    chartless_page.keyboard.type("demo:small-clocks")
    chartless_page.keyboard.press("Tab")
    chartless_page.keyboard.press("Enter")
    chartless_page.wait_for_url("**/report?users=demo:small-clocks")
    expect(chartless_page.get_by_role("heading", name="Scorecard")).to_be_visible()


def test_a_stopped_server_exits_cleanly() -> None:
    """SIGTERM ends it with exit code 0, also while it warms up."""
    with run_server({}, is_warmed_up=True) as server:
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(60) == 0


@pytest.mark.faults
@pytest.mark.long
def test_a_server_warms_up_although_a_request_came_first() -> None:
    """The model is loaded without a prediction, once nothing is worked on."""
    with run_server({}, is_warmed_up=True) as server:
        with urlopen(f"{server.url}/frequency.png?users=demo:small-clocks", timeout=120) as response:
            assert response.status == 200
        deadline = time.monotonic() + 120
        while not (is_loaded := json.load(urlopen(f"{server.url}/health", timeout=120))["model_loaded"]) and time.monotonic() < deadline:
            time.sleep(0.1)
    assert is_loaded
