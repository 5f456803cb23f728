"""The Content-Security-Policy: it allows no inline styles or scripts, and no page needs any."""

from collections.abc import Iterator
from typing import Literal

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS
from tests.support.shared_tab import SharedTab

ACCOUNTS = "demo:harbour-news,demo:aster-air"
CHART_PAGES = [f"/report?users={ACCOUNTS}", f"/html/frequency?users={ACCOUNTS}&embed=1"]
OTHER_PAGES = ["/", f"/posts?users={ACCOUNTS}", "/classify?text=I+love+it", "/docs", "/signin", "/report?users=!"]
VIOLATIONS_JS = (
    "window.violations = []; document.addEventListener('securitypolicyviolation', "
    "event => violations.push(`${event.effectiveDirective} ${event.sourceFile}:${event.lineNumber}`));"
)


@pytest.fixture(scope="module")
def watched_tab(browser: Browser) -> Iterator[SharedTab]:
    """A tab that records what the policy of a page blocks."""
    tab = SharedTab(browser, VIOLATIONS_JS)
    yield tab
    tab.close()


@pytest.fixture
def watched_page(watched_tab: SharedTab) -> Iterator[Page]:
    """A page that records what its policy blocks."""
    with watched_tab.lend() as page:
        yield page


@pytest.mark.slow
@pytest.mark.parametrize("path", [*CHART_PAGES, *OTHER_PAGES, "/frequency.svg?users=demo:pennywren", "/health", "/nowhere"])
def test_no_response_allows_inline_code(demo_client: FlaskClient, path: str) -> None:
    """This holds for scripts, style elements and style attributes alike."""
    policy = demo_client.get(path).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("path", OTHER_PAGES)
def test_no_page_has_inline_code(client: FlaskClient, path: str) -> None:
    """What a page looks like is in its stylesheet, and what it measures is in attributes of SVG."""
    text = client.get(path).text
    assert " style=" not in text
    assert "<style" not in text


@pytest.mark.parametrize(
    ("path", "theme"),
    [
        pytest.param(CHART_PAGES[0], "light", marks=ONLY_IN_FAULTS),
        (CHART_PAGES[0], "dark"),
        *(pytest.param(CHART_PAGES[1], theme, marks=ONLY_IN_FAULTS) for theme in ("light", "dark")),
    ],
)
def test_charts_work_without_inline_styles(watched_page: Page, unlocked: str, path: str, theme: Literal["light", "dark"]) -> None:
    """Charts, tooltips, an exported image and the printed page are all drawn, and the policy blocks nothing."""
    watched_page.emulate_media(color_scheme=theme)
    watched_page.goto(unlocked + path)
    watched_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    plot = watched_page.locator(".plot[data-drawn]").first
    image = watched_page.evaluate("() => Plotly.toImage(document.querySelector('.plot[data-drawn]'), {format: 'png'})")
    assert image.startswith("data:image/png;base64,") is True
    plot.press("ArrowRight")
    plot.locator(".hoverlayer .hovertext").first.wait_for()
    assert len(watched_page.pdf()) > 10_000
    assert watched_page.evaluate("window.violations") == []


@pytest.mark.parametrize("path", [*OTHER_PAGES[:2], *(pytest.param(path, marks=ONLY_IN_FAULTS) for path in OTHER_PAGES[2:])])
def test_other_pages_work_without_inline_styles(watched_page: Page, unlocked: str, path: str) -> None:
    """The policy blocks nothing that a page contains, nor what it changes for another theme."""
    watched_page.emulate_media(color_scheme="light")
    watched_page.goto(unlocked + path)
    watched_page.wait_for_load_state("networkidle")
    watched_page.emulate_media(color_scheme="dark")
    watched_page.wait_for_function("() => matchMedia('(prefers-color-scheme: dark)').matches")
    assert watched_page.evaluate("window.violations") == []
