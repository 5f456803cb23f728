"""Accessibility: axe finds no violation on any page, in both themes and both widths.

`make test` looks at each kind of page in one theme and width, and leaves out pages that consist of parts of others; `make faults` looks at
all of them in both.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from dashboard.core.charts import CHARTS
from tests.support import served_browser
from tests.support.browser_contexts import open_context
from tests.support.chorus_server import run_server
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS

Look = tuple[Literal["light", "dark"], int]  # a theme and a width in pixels

AIR, BOTH = "demo:aster-air", "demo:aster-air,demo:harbour-news"
MANY = f"{BOTH},demo:pennywren,demo:tarnside-rovers,demo:moss-and-kettle"
PAGES = {
    "form": "/",
    "filled form": f"/?users={AIR}&method=vader",
    "report": f"/report?users={BOTH}&n=60",
    "empty report": f"/report?users={AIR}&n=60&since=2011-01-01&until=2011-02-01",
    **{kind: f"/html/{kind}?users={BOTH}&n=60" for kind in CHARTS.names()},
    "embedded": f"/html/frequency?users={AIR}&n=60&embed=1",
    "problems": "/report?users=%3Cscript%3E&n=abc&since=2026-02-01&until=2026-01-01",
    "not read": "/report?users=nasa",
    "box": "/classify",
    "sign in": "/signin",
    "for programs": "/docs",
    "nowhere": "/nothing/here",
    "posts": f"/posts?users={BOTH}&n=20&account={AIR}&word=the",
    "many accounts": f"/report?users={MANY}&n=60",
    "chart of many accounts": f"/html/sentiment?users={MANY}&n=60",
    "no posts": f"/report?users={AIR}&since=2031-01-01&until=2031-02-01",
    "model": "/model",
}
SIGNED_IN = {"one text": "/classify?text=I+love+it,+but+the+trains+are+late", "list": "/classify?text=Great!%0AAwful+service."}
LOOKS: dict[str, Look] = {"light, desktop": ("light", 1280), "dark, phone": ("dark", 390)}
ALL_PAGES = PAGES | SIGNED_IN
LOCKED = (PAGES["sign in"], *SIGNED_IN.values())  # the pages of a server with an access key
PARTS = {chart.name for chart in CHARTS if chart.section} - {"frequency"} | {"many accounts", "chart of many accounts", "embedded"}
LIKE_ANOTHER = {"filled form", "empty report", "no posts", "events", "list"}  # with fewer or more of the same elements
ONLY_SEEN_IN_FAULTS = PARTS | LIKE_ANOTHER
CASES = [
    pytest.param(
        look,
        path,
        id=f"{look_name}-{page_name}",
        marks=() if page_number % len(LOOKS) == look_number and page_name not in ONLY_SEEN_IN_FAULTS else ONLY_IN_FAULTS,
    )
    for look_number, (look_name, look) in enumerate(LOOKS.items())
    for page_number, (page_name, path) in enumerate(ALL_PAGES.items())
]
# Boxes are open, and of the parts of a table, list or documentation that differ in words and addresses only, two stay, as neighbours are
# too close or not. The same is true of the marks of a chart that differ in place, size and words only.
TRICKS = r"""() => {
  document.querySelectorAll('details').forEach(each => { each.open = true; });
  document.querySelectorAll('.sheet, .panel').forEach(each => { each.style.position = 'static'; });
  document.querySelectorAll('.tools').forEach(each => { each.style.position = 'static'; each.style.flexWrap = 'wrap'; });
  document.querySelectorAll('.tools > *').forEach(each => { each.style.flexBasis = '100%'; each.style.flexWrap = 'wrap'; });
  const names = / (href|title|value|name|datetime|id|for|action|formaction|aria-\w+|data-\w+)="[^"]+"/g;
  const places = / (d|x|y|x1|x2|y1|y2|cx|cy|width|height|transform|points|id|clip-path|aria-label|data-[\w-]+)="[^"]*"/g;
  const leaveTwoOfEachShape = (list, details) => {
    const seen = {};
    for (const row of [...list.children]) {
      const shape = row.outerHTML.replace(/>[^<]*\S[^<]*</g, '>words<').replace(details, ' $1');
      seen[shape] = (seen[shape] ?? 0) + 1;
      if (seen[shape] > 2) row.remove();
    }
  };
  const lists = '.data tbody, .posts, .answers dl, .responses dl, .fields, .ways, .contents ul, main:has(> .operation)';
  document.querySelectorAll(lists).forEach(list => leaveTwoOfEachShape(list, names));
  document.querySelectorAll('.plot svg, .plot svg g').forEach(group => leaveTwoOfEachShape(group, places));
}"""
RUN = "() => axe.run(document, {resultTypes: ['violations'], rules: {'target-size': {enabled: true}}})"


@pytest.fixture(scope="module")
def axe() -> str:
    """The source of axe-core."""
    spec = find_spec("axe_playwright_python")
    assert spec is not None and spec.submodule_search_locations
    return (Path(spec.submodule_search_locations[0]) / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="module")
def open_window(browser: Browser) -> Iterator[Callable[[Look], Page]]:
    """A function that returns the window of a theme and a width, in which the pages are opened one after another."""
    with ExitStack() as stack:

        @cache
        def open_once(look: Look) -> Page:
            theme, width = look
            context = stack.enter_context(open_context(browser, viewport={"width": width, "height": 900}, color_scheme=theme))
            return context.new_page()

        yield open_once


def describe_violations(expected: dict[str, Any]) -> list[str]:
    """Return what axe found, shortly."""
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:300]}"
        for violation in expected["violations"]
        for node in violation["nodes"][:3]
    ]


@pytest.mark.parametrize(("look", "path"), CASES)
def test_axe_finds_nothing(open_window: Callable[[Look], Page], request: pytest.FixtureRequest, axe: str, look: Look, path: str) -> None:
    """WCAG 2.2 A and AA and axe's best practices hold with every box of the page open."""
    window, base = open_window(look), request.getfixturevalue("locked" if path in LOCKED else "unlocked")
    window.goto(base + path)
    window.wait_for_function(ALL_CHARTS_DRAWN_JS)
    if path in SIGNED_IN.values() and window.locator("h1").inner_text() == "Please sign in":
        window.get_by_role("link", name="Sign in").first.click()
        window.get_by_label("Access key").fill(served_browser.ACCESS_KEY)
        window.get_by_role("button", name="Sign in").click()
        window.wait_for_url(base + "/classify**")
    window.evaluate(TRICKS)
    window.evaluate(axe)
    violations = describe_violations(window.evaluate(RUN))
    assert violations == []


@pytest.fixture(scope="module")
def base_for_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a running Chorus that accepts files."""
    with run_server({"CHORUS_DATASETS": str(tmp_path_factory.mktemp("datasets"))}) as server:
        yield server.url


@pytest.mark.parametrize("look", [pytest.param(LOOKS["light, desktop"], marks=ONLY_IN_FAULTS), LOOKS["dark, phone"]], ids=LOOKS)
def test_axe_finds_nothing_after_an_upload(
    open_window: Callable[[Look], Page], base_for_files: str, axe: str, tmp_path: Path, look: Look
) -> None:
    """The summary and the question that corrects it fit the window, and both forms lead back to a summary."""
    window = open_window(look)
    file = tmp_path / "posts.csv"
    file.write_text("date,text,author\n2026-03-01 10:00,Good fog,harbour\n,,tower\n")
    window.goto(base_for_files)
    window.get_by_text("Analyse a file").click()
    expect(window.get_by_role("button", name="Upload")).to_be_in_viewport()
    window.get_by_label("A file of posts").set_input_files(file)
    window.get_by_role("button", name="Upload").click()
    window.wait_for_url("**/datasets/**")
    for button in ("Match the columns again", "Read the file again"):
        window.evaluate(TRICKS)
        window.evaluate(axe)
        assert describe_violations(window.evaluate(RUN)) == []
        assert window.evaluate("document.documentElement.scrollWidth <= innerWidth") is True
        window.get_by_role("button", name=button).click()
        window.wait_for_load_state()
    window.wait_for_url("**/datasets/**")
    window.get_by_role("link", name="See the report").click()
    window.wait_for_url("**/report?users=file:**", wait_until="commit")
