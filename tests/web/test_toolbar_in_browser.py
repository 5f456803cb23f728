"""The toolbar in a browser: few clicks and keys, with and without scripts, on wide and narrow windows.

The charts below it are left out.
"""

import pytest
from playwright.sync_api import Page, expect

from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.served_browser import REPORT

AIR, NEWS = "demo:aster-air", "demo:harbour-news"
FOCUSED_BOX_JS = "document.activeElement.getBoundingClientRect().toJSON()"
TOOLS_BOTTOM_JS = "document.querySelector('.tools').getBoundingClientRect().bottom"


@pytest.fixture
def base(unlocked: str) -> str:
    """The URL of a running Chorus."""
    return unlocked


@pytest.fixture(params=["chartless_page", "scriptless_page"], ids=["scripts", "no scripts"])
def either_page(request: pytest.FixtureRequest) -> Page:
    """A page of a wide window, with and without scripts."""
    page: Page = request.getfixturevalue(request.param)
    return page


@pytest.fixture(params=["chartless_page", pytest.param("scriptless_page", marks=ONLY_IN_FAULTS)], ids=["scripts", "no scripts"])
def page(request: pytest.FixtureRequest) -> Page:
    """The same for tests of links and menus that others have tried without scripts; `make faults` tries all of them without."""
    page: Page = request.getfixturevalue(request.param)
    return page


def test_interval_and_account_take_one_click(base: str, either_page: Page) -> None:
    """Nothing has to be opened first."""
    either_page.goto(base + REPORT)
    either_page.get_by_role("link", name="Hour", exact=True).click()
    either_page.wait_for_url("**interval=hour*")
    either_page.get_by_role("link", name="Remove Aster Air").click()
    either_page.wait_for_url(f"{base}/report?users={NEWS}&n=60&interval=hour*")
    assert either_page.get_by_role("link", name="Remove").count() == 0


def test_the_measure_takes_one_click_and_keeps_the_place(base: str, page: Page) -> None:
    """The changed page opens at the section on sentiment."""
    page.goto(base + REPORT)
    page.get_by_role("link", name="Positive share", exact=True).click()
    page.wait_for_url("**measure=share#sentiment")
    expect(page.locator("#sentiment")).to_be_in_viewport()


def test_method_and_period_take_two_clicks(base: str, page: Page) -> None:
    """The first opens the menu."""
    page.goto(base + REPORT)
    page.locator("summary:visible", has_text="Word list").click()
    page.get_by_role("link", name="Rules (VADER)").click()
    page.wait_for_url("**method=vader*")
    page.locator("summary:visible", has_text="Latest 60 posts").click()
    page.get_by_role("link", name="90 days").click()
    page.wait_for_url("**last=90d&method=vader*")


def test_an_account_is_added_by_typing_it(base: str, either_page: Page) -> None:
    """Enter sends the form."""
    either_page.goto(base + REPORT)
    either_page.get_by_text("+ Add", exact=True).click()
    either_page.get_by_role("textbox", name="Add an account").fill("demo:pennywren")
    either_page.keyboard.press("Enter")
    either_page.wait_for_url(f"{base}/report?users={AIR},{NEWS},demo:pennywren&n=60*")


def test_opening_one_menu_closes_the_other(base: str, page: Page) -> None:
    """Two would cover each other."""
    page.goto(base + REPORT)
    page.get_by_text("+ Add", exact=True).click()
    page.locator("summary:visible", has_text="Word list").click()
    expect(page.locator(".wide details[open]")).to_have_count(1)


def test_the_first_control_is_six_tab_stops_away(base: str, chartless_page: Page) -> None:
    """Only the skip link and the header come before it."""
    chartless_page.goto(base + REPORT)
    stops = 0
    while stops < 10 and not chartless_page.evaluate("document.activeElement.closest('.tools') !== null"):
        chartless_page.keyboard.press("Tab")
        stops += 1
    assert stops <= 6


def test_escape_and_a_click_elsewhere_close_a_menu(base: str, chartless_page: Page) -> None:
    """Escape returns to what opened it."""
    chartless_page.goto(base + REPORT)
    menu = chartless_page.locator(".wide details", has=chartless_page.get_by_label("Sentiment method"))
    menu.locator("summary").click()
    chartless_page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    assert chartless_page.evaluate("document.activeElement.textContent") == "Word list"
    menu.locator("summary").click()
    chartless_page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_the_changed_page_opens_at_the_section_in_view(base: str, chartless_page: Page) -> None:
    """The toolbar is on screen all the time."""
    chartless_page.goto(base + REPORT)
    chartless_page.evaluate("document.querySelector('#why').scrollIntoView()")
    expect(chartless_page.locator(".tools")).to_be_in_viewport()
    chartless_page.get_by_role("link", name="Hour", exact=True).click()
    chartless_page.wait_for_url("**interval=hour#why")


def test_the_line_below_the_heading_is_visible(base: str, page: Page) -> None:
    """It says which days the posts are from, once."""
    page.goto(base + REPORT)
    expect(page.get_by_text("· latest 60 posts per account ·").filter(visible=True)).to_have_count(1)


def test_no_focused_element_is_hidden_by_the_toolbar(base: str, chartless_page: Page) -> None:
    """Going back through the page stops below it (WCAG 2.4.11)."""
    chartless_page.goto(base + REPORT)
    chartless_page.evaluate("document.querySelector('footer select').focus()")
    hidden = []
    for _ in range(30):
        chartless_page.keyboard.press("Shift+Tab")
        box = chartless_page.evaluate(FOCUSED_BOX_JS)
        is_in_toolbar = chartless_page.evaluate("document.activeElement.closest('.tools, header') !== null")
        if not is_in_toolbar and box["bottom"] <= chartless_page.evaluate(TOOLS_BOTTOM_JS):
            hidden.append(box)
    assert hidden == []


@pytest.mark.parametrize(
    "path", [REPORT, *(pytest.param(f"/{name}?users={AIR},{NEWS}&n=60", marks=ONLY_IN_FAULTS) for name in ("html/words", "posts"))]
)
def test_a_phone_has_one_line_that_opens(base: str, either_page: Page, path: str) -> None:
    """It stays in view, and everything in it fits the width."""
    page = either_page
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base + path)
    page.evaluate("scrollTo(0, 2000)")
    line = page.locator(".narrow > summary")
    expect(line).to_be_in_viewport()
    height = page.evaluate("document.querySelector('.tools').offsetHeight")
    line.click()
    expect(page.get_by_label("Add an account").filter(visible=True)).to_have_count(1)
    panel = page.locator(".narrow > .panel").bounding_box()
    is_too_wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.get_by_role("link", name="30 days").click()
    page.wait_for_url("**last=30d*")
    assert height <= 60
    assert panel is not None and panel["x"] >= 0 and panel["x"] + panel["width"] <= 390
    assert is_too_wide is False


def test_many_accounts_fit_the_toolbar(base: str, chartless_page: Page) -> None:
    """It stays one line."""
    names = ["aster-air", "harbour-news", "tarnside-rovers", "pennywren", "small-clocks", "moss-and-kettle", "sablonne-council"]
    chartless_page.goto(f"{base}/report?users={','.join(f'demo:{name}' for name in names)}&n=20")
    assert chartless_page.evaluate("document.querySelector('.tools').offsetHeight") <= 60
    assert chartless_page.evaluate("document.documentElement.scrollWidth > innerWidth") is False


def test_a_printed_page_has_the_accounts_as_its_key(base: str, chartless_page: Page) -> None:
    """Nothing else of the toolbar is printed."""
    chartless_page.emulate_media(media="print")
    chartless_page.set_viewport_size({"width": 688, "height": 1016})
    chartless_page.goto(base + REPORT)
    expect(chartless_page.locator(".tools .account:visible")).to_have_count(2)
    expect(chartless_page.locator(".tools summary:visible, .tools .remove:visible, .choices:visible")).to_have_count(0)


def test_the_skip_link_of_a_report_leads_past_the_toolbar(base: str, page: Page) -> None:
    """From the first Tab, the posts behind a finding are a few stops away."""
    page.goto(f"{base}/report?users=demo:harbour-news,demo:aster-air&n=60")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    stops = 1
    while "/posts?" not in (page.evaluate("document.activeElement.getAttribute('href')") or ""):
        page.keyboard.press("Tab")
        stops += 1
        assert stops < 15


def test_a_translated_toolbar_shows_the_intervals_that_make_no_sense_as_well(base: str, chartless_page: Page) -> None:
    """Hours are crossed out, so that nobody looks for them elsewhere, and the bar stays one line."""
    chartless_page.set_viewport_size({"width": 1280, "height": 900})
    chartless_page.goto(f"{base}/html/frequency?users={AIR},{NEWS}&lang=de")
    expect(chartless_page.locator(".wide > .choices .off").filter(has_text="Stunde")).to_be_visible()
    assert chartless_page.evaluate("document.querySelector('.tools').offsetHeight") <= 60
