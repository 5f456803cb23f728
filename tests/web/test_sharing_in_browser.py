"""Sharing a report in a browser: the box with links, texts and snippets for other pages, and where it is shown."""

import contextlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.web.formats import FORMATS
from tests.support.browser_contexts import open_context
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import REPORT, open_drawn_page

BOTH = "demo:aster-air,demo:harbour-news"
CHART = f"/html/frequency?users={BOTH}&n=60"


LIST_CONTROLS_JS = """sheet => [...sheet.querySelectorAll('button, input, select, a')]
  .map(control => control.getBoundingClientRect().toJSON()).filter(box => box.width > 0 && box.height > 0)"""


@contextlib.contextmanager
def elsewhere(folder: Path) -> Iterator[str]:
    """Serve a folder from another origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class Quiet(SimpleHTTPRequestHandler):
    """A file server without a log."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_the_link_can_be_copied(unlocked: str, chartless_page: Page) -> None:
    """One click puts the page's URL into the clipboard."""
    chartless_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chartless_page.goto(unlocked + REPORT)
    chartless_page.locator(".share > summary").click()
    chartless_page.locator(".copyable", has=chartless_page.get_by_label("Link")).get_by_role("button").click()
    expect(chartless_page.locator("#share-status")).to_have_text("Copied.")
    copied = chartless_page.evaluate("navigator.clipboard.readText()")
    assert copied == unlocked + REPORT


def test_the_findings_can_be_copied_as_text(unlocked: str, chartless_page: Page) -> None:
    """The heading, what it's about, a line per finding without its link, and the address of the report."""
    chartless_page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    chartless_page.goto(unlocked + REPORT)
    button = chartless_page.get_by_role("button", name="Copy text")
    button_context = button.get_attribute("data-copy-context")
    button.click()
    expect(chartless_page.get_by_role("button", name="Copied")).to_be_visible()
    heading, context, *lines, address = chartless_page.evaluate("navigator.clipboard.readText()").splitlines()
    sentences = chartless_page.locator("#findings-list [data-text]").all_inner_texts()
    title = chartless_page.locator("h1").inner_text()
    assert heading == title
    assert context == button_context
    assert lines == [f"• {sentence}" for sentence in sentences]
    assert address == unlocked + REPORT


def test_the_snippets_for_other_pages_work(unlocked: str, strict_page: Page, browser: Browser, tmp_path: Path) -> None:
    """Image and frame show the chart in a page of another origin."""
    open_drawn_page(strict_page, unlocked + CHART)
    pasted = [strict_page.locator(f"#share-{what}").input_value() for what in ("image", "frame")]
    context = open_context(browser)
    other = context.new_page()
    (tmp_path / "index.html").write_text(f"<!doctype html><title>Elsewhere</title>{''.join(pasted)}")
    with elsewhere(tmp_path) as address:
        other.goto(address)
        other.wait_for_function("() => document.querySelector('img').naturalWidth === 1800")
        other.locator("iframe").scroll_into_view_if_needed()
        expect(other.frame_locator("iframe").locator(".plot[data-drawn]")).to_have_count(1, timeout=60_000)
    context.close()


def read_statuses(page: Page, links: str) -> dict[str, int]:
    """Return the status code that each of the links answers with, by its text."""
    urls_by_text = dict(page.locator(links).evaluate_all("links => links.map(link => [link.textContent.trim(), link.href])"))
    return {text: page.request.get(url).status for text, url in urls_by_text.items()}


def test_sharing_works_without_scripts(unlocked: str, scriptless_page: Page) -> None:
    """The box opens, the files of the whole report can be downloaded, and nothing that needs a script is shown."""
    scriptless_page.goto(unlocked + REPORT)
    scriptless_page.locator(".share > summary").click()
    expect(scriptless_page.get_by_label("Link")).to_be_visible()
    statuses = read_statuses(scriptless_page, ".share .files a:visible")
    buttons = scriptless_page.locator(".share button:visible").count()
    theme = scriptless_page.locator("#theme").is_visible()
    assert statuses == {"PowerPoint": 200, "CSV": 200, "JSON": 200}
    assert buttons == 0
    assert theme is False


def test_the_menu_of_a_chart_works_without_scripts(unlocked: str, scriptless_page: Page) -> None:
    """It opens, the chart can be downloaded in every format, and nothing that needs a script is shown."""
    scriptless_page.goto(unlocked + REPORT)
    menu = scriptless_page.locator("section[aria-labelledby=frequency-title] .menu")
    menu.locator("summary").click()
    expect(menu.get_by_role("link", name="Open alone")).to_be_visible()
    statuses = read_statuses(scriptless_page, "section[aria-labelledby=frequency-title] .menu a:visible")
    buttons = menu.locator("button:visible").count()
    assert {"PNG for slides", "Embed", *(entry.title for entry in FORMATS)} <= statuses.keys()
    assert set(statuses.values()) == {200}
    assert buttons == 0


def test_any_chart_of_a_report_can_be_shared(unlocked: str, chartless_page: Page) -> None:
    """The choice changes image and frame, and the open box fits the window."""
    chartless_page.goto(unlocked + REPORT)
    chartless_page.locator(".share > summary").click()
    chartless_page.get_by_label("Embed").select_option("rhythm")
    pasted = [chartless_page.locator(f"#share-{what}").input_value() for what in ("image", "frame")]
    box = chartless_page.locator(".sheet").bounding_box()
    assert [text for text in pasted if "rhythm" not in text] == []
    assert box is not None and box["y"] + box["height"] <= 900


@pytest.mark.parametrize("path", [REPORT, pytest.param("/classify?text=Oh+great,+another+delay", marks=ONLY_IN_FAULTS)])
def test_the_share_box_is_completely_visible(unlocked: str, chartless_page: Page, path: str) -> None:
    """Nothing in it is outside the window or hidden at its edge, however wide the window is."""
    chartless_page.goto(unlocked + path)
    chartless_page.locator(".share > summary").click()
    boxes, hidden_pixels = dict[int, list[dict[str, float]]](), dict[int, int]()
    for width in (320, 390, 1280):
        chartless_page.set_viewport_size({"width": width, "height": 844})
        chartless_page.wait_for_function("width => innerWidth === width", arg=width)
        boxes[width] = chartless_page.locator(".sheet").evaluate(LIST_CONTROLS_JS)
        hidden_pixels[width] = chartless_page.locator(".sheet").evaluate("sheet => sheet.scrollWidth - sheet.clientWidth")
    assert [(width, box) for width in boxes for box in boxes[width] if box["left"] < 0 or box["right"] > width] == []
    assert [width for width in boxes if len(boxes[width]) < 3] == []
    assert hidden_pixels == {320: 0, 390: 0, 1280: 0}


@pytest.mark.parametrize("height", [pytest.param(844, marks=ONLY_IN_FAULTS), 360])
def test_on_a_phone_the_share_box_ends_in_the_window(unlocked: str, chartless_page: Page, height: int) -> None:
    """Its last file can be reached, in a low window by scrolling the box."""
    chartless_page.set_viewport_size({"width": 390, "height": height})
    chartless_page.goto(unlocked + REPORT)
    chartless_page.locator(".share > summary").click()
    bottom = chartless_page.evaluate("document.querySelector('.sheet').getBoundingClientRect().bottom")
    last_file = chartless_page.locator(".sheet .files a").last
    last_file.scroll_into_view_if_needed()
    expect(last_file).to_be_in_viewport(ratio=1)
    assert bottom <= height


def test_on_a_phone_the_share_button_keeps_clear_of_the_downloads(unlocked: str, chartless_page: Page) -> None:
    """A long title pushes the button to a line of its own, above the download buttons."""
    chartless_page.set_viewport_size({"width": 390, "height": 844})
    chartless_page.goto(f"{unlocked}/html/compare?users={BOTH}")
    button, downloads = chartless_page.evaluate(
        "['.share > summary', '.formats'].map(part => document.querySelector(part).getBoundingClientRect())"
    )
    assert button["bottom"] + 4 <= downloads["top"]
