"""Printed reports: clean, complete, and with no chart cut by a page break."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser_contexts import open_context
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import REPORT, open_drawn_page, record_troubles
from tests.support.shared_tab import leave_out_charts

BOTH = "demo:aster-air,demo:harbour-news"
CHART = f"/html/frequency?users={BOTH}&n=60"
THREE = f"{BOTH},demo:tarnside-rovers"
INK = "getComputedStyle(document.body).color"
PICTURED = "() => [...document.querySelectorAll('img.paper')].every(each => each.src && each.complete)"
PICTURES = """[...document.querySelectorAll('img.paper')].map(each => {
  const box = each.getBoundingClientRect();
  const off = Math.abs(box.width * each.naturalHeight / each.naturalWidth - box.height);
  return {from: each.currentSrc, off, whole: box.width > 200 && box.right <= innerWidth && each.naturalWidth > 0};
})"""
OVERLAPS = """(() => {
  const boxes = [...document.querySelectorAll('.card:not(details *)')].map(each => each.getBoundingClientRect());
  const meet = (low, high) => (box, other) => box[low] < other[high] - 1 && other[low] < box[high] - 1;
  const areOver = (box, other) => meet('left', 'right')(box, other) && meet('top', 'bottom')(box, other);
  return boxes.some((box, place) => boxes.slice(place + 1).some(other => areOver(box, other))) ? boxes : [];
})()"""
LIGHT = "rgb(28, 37, 48)"


@pytest.fixture
def own_page(browser: Browser) -> Iterator[Page]:
    """A page in a context of its own, whose errors fail the test."""
    context = open_context(browser, viewport={"width": 1280, "height": 900}, color_scheme="light", locale="en-US")
    opened = context.new_page()
    with record_troubles(opened) as troubles:
        yield opened
    context.close()
    assert troubles == []


def test_a_printed_report_is_clean(unlocked: str, chartless_page: Page) -> None:
    """It has no form, button or dark background, and the URL is at the end."""
    chartless_page.emulate_media(color_scheme="dark", media="print")
    chartless_page.goto(unlocked + REPORT)
    hidden = [
        chartless_page.locator(name).first.is_visible() for name in ("nav", ".question", ".formats", ".share", "#theme", "footer", ".data")
    ]
    address = chartless_page.locator(".printed").inner_text()
    assert set(hidden) == {False}
    assert address == unlocked + REPORT
    assert chartless_page.evaluate(INK) == LIGHT


@pytest.mark.parametrize("scheme", [pytest.param("light", marks=ONLY_IN_FAULTS), "dark"])
def test_no_chart_is_cut_by_a_page_break(unlocked: str, own_page: Page, scheme: str) -> None:
    """Each chart is printed as an image in light colours, and the interactive one comes back."""
    own_page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    own_page.add_init_script("window.print = () => { window.asked = true; }")
    open_drawn_page(own_page, unlocked + REPORT)
    assert own_page.evaluate("[...document.querySelectorAll('img.paper')].filter(each => each.src).length") == 0
    own_page.keyboard.press("Control+p")
    own_page.wait_for_function("() => window.asked")
    own_page.wait_for_function(PICTURED)
    drawings = own_page.locator(".plot").count()
    pages = len(re.findall(rb"/Type\s*/Page\b", own_page.pdf(format="A4", prefer_css_page_size=True)))
    own_page.set_viewport_size({"width": 688, "height": 1016})
    own_page.emulate_media(color_scheme=scheme, media="print")  # type: ignore[arg-type]
    pictures = own_page.evaluate(PICTURES)
    assert [picture for picture in pictures if "theme=dark" in picture["from"] or picture["off"] > 2 or not picture["whole"]] == []
    assert len(pictures) == drawings
    assert own_page.evaluate(OVERLAPS) == []
    assert own_page.locator(".plot:visible, .click-hint:visible").count() == 0
    assert 2 <= pages <= drawings + 1
    own_page.set_viewport_size({"width": 1280, "height": 900})
    own_page.emulate_media(color_scheme=scheme, media="screen")  # type: ignore[arg-type]
    own_page.wait_for_function("() => [...document.querySelectorAll('.plot')].every(plot => plot._fullLayout.width > 250)")


def test_a_chart_without_its_image_is_printed_as_it_is(unlocked: str, strict_page: Page) -> None:
    """Nothing is missing for people who print at once."""
    strict_page.route("**/kept/bare/*width=720*", lambda route: None)
    open_drawn_page(strict_page, unlocked + CHART)
    strict_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    strict_page.set_viewport_size({"width": 688, "height": 1016})
    strict_page.emulate_media(media="print")
    box = strict_page.locator(".plot .main-svg").first.bounding_box()
    assert box is not None
    assert 300 < box["width"] <= 688
    assert box["x"] >= 0


def test_a_report_that_is_printed_as_soon_as_it_is_there_has_all_charts(unlocked: str, own_page: Page) -> None:
    """Those that weren't drawn yet are drawn before the first sheet."""
    own_page.add_init_script(
        """addEventListener("DOMContentLoaded", () => {
          const plots = [...document.querySelectorAll("figure[data-figure] .plot")];
          const areDrawn = () => plots.map((plot) => Boolean(plot.querySelector(".main-svg")));
          window.before = areDrawn();
          dispatchEvent(new Event("beforeprint"));
          window.after = areDrawn();
        })"""
    )
    own_page.goto(unlocked + REPORT)
    own_page.wait_for_function("() => window.after")
    assert not any(own_page.evaluate("window.before"))
    drawn = own_page.evaluate("window.after")
    assert len(drawn) >= 4
    assert all(drawn)


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_no_number_of_the_table_is_cut_off_in_print(unlocked: str, browser: Browser, scripts: bool) -> None:
    """All columns of the scorecard fit A4 and Letter, upright."""
    context = open_context(browser, java_script_enabled=scripts)
    leave_out_charts(context)
    page = context.new_page()
    page.emulate_media(media="print")
    page.goto(f"{unlocked}/report?users={THREE}&n=3200", wait_until="domcontentloaded")
    cells, ends_by_width, are_headings_visible = page.locator(".scores tbody tr:last-child > *"), dict[int, list[float]](), list[bool]()
    for width in (688, 710):
        page.set_viewport_size({"width": width, "height": 1016})
        ends_by_width[width] = [box["x"] + box["width"] for box in (cell.bounding_box() for cell in cells.all()) if box]
        are_headings_visible.append(page.locator(".scores thead th").first.is_visible())
    context.close()
    assert [len(ends) for ends in ends_by_width.values()] == [5, 5]
    assert {width: max(ends) for width, ends in ends_by_width.items() if max(ends) > width} == {}
    assert are_headings_visible == [True, True]
