"""A report in a browser: how long it is, how much there is to read, its menus, and what is folded."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS, REPORT

BOTH = "demo:aster-air,demo:harbour-news"
FIVE = f"{BOTH},demo:pennywren,demo:tarnside-rovers,demo:moss-and-kettle"
COUNT_VISIBLE_WORDS_JS = r"""() => {
  const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
  let words = 0;
  while (texts.nextNode()) {
    const holder = texts.currentNode.parentElement;
    const isSeen = holder.checkVisibility({visibilityProperty: true}) && !holder.closest('.unseen, script, .plot');
    if (isSeen) words += (texts.currentNode.textContent.match(/\S*[\p{L}\p{N}]\S*/gu) ?? []).length;
  }
  return words;
}"""
COUNT_NOTES_JS = """() => {
  const notes = [...document.querySelectorAll('.hint, .note, .remarks li, figcaption span')];
  return notes.filter(note => note.checkVisibility()).length;
}"""

LOAD_PRINTED_IMAGES_JS = """async () => {
  const images = [...document.querySelectorAll('img.paper')];
  for (const image of images) image.src ||= image.dataset.src;
  await Promise.all(images.map(image => image.decode()));
}"""


@pytest.fixture
def base(unlocked: str) -> str:
    """The URL of a running Chorus."""
    return unlocked


@pytest.fixture(scope="module")
def desktop(browser: Browser, unlocked: str) -> Iterator[Page]:
    """A drawn report of two accounts in a desktop's window, which the tests only look at."""
    yield from open_report(browser, unlocked, 1280, 900)


@pytest.fixture(scope="module")
def phone(browser: Browser, unlocked: str) -> Iterator[Page]:
    """The same on a phone."""
    yield from open_report(browser, unlocked, 390, 844)


def open_report(browser: Browser, base: str, width: int, height: int) -> Iterator[Page]:
    """Yield a drawn report in a window of this size."""
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(f"{base}/report?users={BOTH}")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    yield page
    page.close()


def count_screens(page: Page) -> float:
    """Return how many windows high the page is."""
    return float(page.evaluate("document.documentElement.scrollHeight / innerHeight"))


def test_a_report_fits_a_few_screens(desktop: Page, phone: Page) -> None:
    """A reader gets to the end."""
    assert count_screens(desktop) <= 3.5
    assert count_screens(phone) <= 6


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
def test_the_panels_of_many_accounts_are_folded(browser: Browser, unlocked: str, width: int) -> None:
    """One click, or the focus of the keyboard, shows them all."""
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{unlocked}/report?users={FIVE}&n=60")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    card = page.locator(".card:has(> #rhythm-title), .card[aria-labelledby=rhythm-title]")
    plot_height = page.evaluate("document.querySelector('[data-figure=rhythm-figure] .plot').offsetHeight")
    folded = card.bounding_box()
    card.get_by_text("Show all 5 accounts").click()
    unfolded = card.bounding_box()
    page.close()
    assert folded and unfolded
    assert folded["height"] < plot_height
    assert unfolded["height"] > plot_height


def test_a_report_has_few_words_and_fewer_notes(desktop: Page) -> None:
    """Whatever else is worth knowing is folded."""
    assert desktop.evaluate(COUNT_VISIBLE_WORDS_JS) <= 500
    assert desktop.evaluate(COUNT_NOTES_JS) <= 6


def test_a_phone_shows_the_first_finding_at_once(phone: Page) -> None:
    """It begins in the upper part of the screen."""
    assert phone.locator("#findings-list li").first.bounding_box()["y"] < 330  # type: ignore[index]


@pytest.mark.faults
@pytest.mark.long
def test_two_accounts_are_printed_on_three_sheets(base: str, strict_page: Page) -> None:
    """The folded section is printed, too."""
    strict_page.goto(f"{base}/report?users={BOTH}")
    strict_page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    strict_page.evaluate(LOAD_PRINTED_IMAGES_JS)
    sheets = len(re.findall(rb"/Type\s*/Page\b", strict_page.pdf(format="A4", prefer_css_page_size=True)))
    strict_page.emulate_media(media="print")
    strict_page.set_viewport_size({"width": 688, "height": 1016})
    strict_page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(strict_page.locator("#about-credits")).to_be_visible()
    expect(strict_page.locator(".tools .tool, .menu").first).to_be_hidden()
    assert sheets <= 3


def test_nothing_sticks_out_of_the_window(desktop: Page, phone: Page) -> None:
    """Neither scrolls sideways."""
    assert desktop.evaluate("document.documentElement.scrollWidth") == 1280
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_a_menu_closes_by_escape_and_by_a_click_elsewhere(base: str, chartless_page: Page) -> None:
    """After Escape, the focus is back on what opens it."""
    chartless_page.goto(base + REPORT)
    menu = chartless_page.locator("section[aria-labelledby=sentiment-title] .menu")
    menu.locator("summary").click()
    expect(menu.get_by_role("link", name="PNG", exact=True)).to_be_visible()
    chartless_page.keyboard.press("Escape")
    expect(menu.get_by_role("link", name="PNG", exact=True)).to_be_hidden()
    assert chartless_page.evaluate("document.activeElement.closest('.menu') !== null") is True
    menu.locator("summary").click()
    chartless_page.locator("h1").click()
    expect(menu.get_by_role("link", name="PNG", exact=True)).to_be_hidden()


@pytest.mark.parametrize("fixture", [pytest.param("chartless_page", marks=ONLY_IN_FAULTS), "scriptless_page"])
def test_what_a_chart_is_can_be_looked_up(base: str, request: pytest.FixtureRequest, fixture: str) -> None:
    """Its menu opens the folded section at the definition, and closes."""
    page: Page = request.getfixturevalue(fixture)
    page.goto(base + REPORT)
    menu = page.locator("section[aria-labelledby=words-title] .menu")
    menu.locator("summary").click()
    menu.get_by_role("link", name="What is this?").click()
    expect(page.locator("#about-typical dd")).to_be_in_viewport()


def test_a_link_into_the_folded_section_opens_it(base: str, chartless_page: Page) -> None:
    """So that a definition can be shared."""
    chartless_page.goto(f"{base}{REPORT}#about-margin")
    expect(chartless_page.locator("#about-margin dd")).to_be_visible()


def test_the_comparison_of_methods_is_an_image_until_it_is_opened(base: str, chartless_page: Page) -> None:
    """Folded, it costs no request."""
    requested: list[str] = []
    chartless_page.route("**/methods.svg?*", lambda route: route.continue_())
    chartless_page.on("request", lambda request: requested.append(request.url))
    chartless_page.goto(base + REPORT, wait_until="networkidle")
    before = [url for url in requested if "/methods.svg" in url]
    chartless_page.locator("#about > summary").click()
    chartless_page.locator("#about details > summary").click()
    chartless_page.wait_for_function("() => document.querySelector('.still img').naturalWidth > 0")
    assert before == []
