"""The first screen in a browser: what fits on a phone, and the keyboard."""

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

BOTTOMS_JS = """() => [...document.querySelectorAll('h1, #users, .line button, .chip, .demo-chart')]
  .map(element => element.getBoundingClientRect().bottom)"""


@pytest.fixture
def phone(chartless_page: Page) -> Page:
    """A page on a phone. The chart of the demo is loaded, those of a report aren't."""
    chartless_page.set_viewport_size({"width": 390, "height": 844})
    return chartless_page


def test_everything_that_matters_fits_on_a_phone(unlocked: str, phone: Page) -> None:
    """Headline, field, button, reports to try and the chart of the demo are seen without scrolling."""
    phone.goto(unlocked)
    assert max(phone.evaluate(BOTTOMS_JS)) <= 844
    assert phone.evaluate("document.documentElement.scrollWidth") == 390


def test_enter_shows_the_report(unlocked: str, phone: Page) -> None:
    """The field looks like one line, so Enter sends it; with Shift it begins another line."""
    phone.goto(unlocked)
    field = phone.get_by_label("Which accounts?")
    field.fill("demo:pennywren")
    field.press("Shift+Enter")
    field.press_sequentially("demo:small-clocks")
    assert field.input_value() == "demo:pennywren\ndemo:small-clocks"
    field.press("Enter")
    phone.wait_for_url("**/report?users=demo:pennywren,demo:small-clocks")


def test_the_field_grows_with_its_text(unlocked: str, phone: Page) -> None:
    """It begins as one line."""
    phone.goto(unlocked)
    field = phone.get_by_label("Which accounts?")
    before = field.evaluate("field => field.offsetHeight")
    field.fill("demo:pennywren\ndemo:small-clocks\ndemo:aster-air")
    assert field.evaluate("field => field.offsetHeight") > before
    assert before < 60


@pytest.mark.parametrize(("scheme", "hidden"), [("light", ".in-dark"), ("dark", ".in-light")])
def test_the_chart_of_the_demo_has_the_theme_of_the_page(
    unlocked: str, chartless_page: Page, scheme: Literal["light", "dark"], hidden: str
) -> None:
    """The other image isn't even loaded."""
    loaded = list[str]()
    chartless_page.emulate_media(color_scheme=scheme)
    chartless_page.on("request", lambda request: loaded.append(request.url) if "/demo-chart/" in request.url else None)
    chartless_page.goto(unlocked, wait_until="networkidle")
    expect(chartless_page.locator(hidden)).to_be_hidden()
    assert [f"/{scheme}-wide.svg" in url for url in loaded] == [True]
