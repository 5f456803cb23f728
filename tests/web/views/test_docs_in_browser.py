"""`/docs` in a real Chromium: requests, responses, small screens, keyboard, dark theme, and without scripts."""

import json

import pytest
from playwright.sync_api import Page, expect

from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.shared_tab import SharedTab


def test_a_text_can_be_tried_on_the_page(unlocked: str, strict_page: Page) -> None:
    """A person edits the body, presses the button, and sees the response and its status."""
    strict_page.goto(f"{unlocked}/docs")
    card = strict_page.locator("section[aria-labelledby=predict]")
    card.get_by_label("Body").fill('{"texts": ["I love it!", "I hate it!"]}')
    card.get_by_role("button", name="Send").click()
    expect(card.locator(".status")).to_have_text("200 OK application/json")
    document = json.loads(card.get_by_role("region", name="Response", exact=True).inner_text())
    assert [prediction["prediction"] for prediction in document["predictions"]] == ["positive", "negative"]
    assert "I hate it!" in card.locator("#predict-curl").inner_text()


def test_an_example_fills_in_the_body(unlocked: str, strict_page: Page) -> None:
    """Choosing another example replaces it."""
    strict_page.goto(f"{unlocked}/docs")
    strict_page.get_by_label("Example", exact=True).select_option(label="One text with an explanation")
    assert json.loads(strict_page.get_by_label("Body").input_value())["explain"] is True


def test_an_error_is_shown_as_text(unlocked: str, shared_tab: SharedTab) -> None:
    """The problem document is shown as a program would get it."""
    with shared_tab.lend() as page:
        page.goto(f"{unlocked}/docs")
        card = page.locator("section[aria-labelledby=cost]")
        card.get_by_label("users").fill("<img src=x>")
        card.get_by_role("button", name="Send").click()
        expect(card.locator(".status")).to_contain_text("400")
        document = json.loads(card.get_by_role("region", name="Response", exact=True).inner_text())
        pictures = card.locator("img").count()
    assert {problem["field"] for problem in document["problems"]} == {"users"}
    assert pictures == 0


def test_a_chart_can_be_tried_by_keyboard(unlocked: str, strict_page: Page) -> None:
    """Enter in a field sends the request with only the parameters that were typed."""
    strict_page.goto(f"{unlocked}/docs")
    card = strict_page.locator("section[aria-labelledby=frequency-json]")
    card.get_by_text("more parameters").click()
    card.get_by_label("n", exact=True).fill("30")
    with strict_page.expect_response(lambda response: "/frequency.json?" in response.url) as chart_response:
        strict_page.keyboard.press("Enter")
    assert chart_response.value.url == f"{unlocked}/frequency.json?users=demo:small-clocks&n=30"
    expect(card.locator(".status")).to_contain_text("200")
    card.get_by_role("button", name="Send /frequency.png").click()
    strict_page.wait_for_function("() => document.querySelector('#frequency-json-response img')?.naturalWidth == 1800")


def test_each_cause_of_a_response_has_its_line(unlocked: str, strict_page: Page) -> None:
    """A status with several causes lists them below each other instead of running them together."""
    strict_page.goto(f"{unlocked}/docs")
    causes = strict_page.locator("section[aria-labelledby=frequency-json] dt:text-is('404') + dd")
    assert {"Account not found.", "This account is suspended."} <= set(causes.inner_text().splitlines())


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=ONLY_IN_FAULTS)])
def test_the_page_is_no_wider_than_its_window(unlocked: str, strict_page: Page, width: int) -> None:
    """Nobody has to scroll sideways in either theme, even with every field and a response open."""
    strict_page.set_viewport_size({"width": width, "height": 800})
    strict_page.goto(f"{unlocked}/docs")
    strict_page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    strict_page.locator("section[aria-labelledby=predict]").get_by_role("button", name="Send").click()
    strict_page.wait_for_function("() => document.querySelector('#predict-response pre')")
    over_when_light = strict_page.evaluate("document.documentElement.scrollWidth - innerWidth")
    strict_page.emulate_media(color_scheme="dark")
    over_when_dark = strict_page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert over_when_light <= 0
    assert over_when_dark <= 0


def test_without_scripts_the_page_is_readable(unlocked: str, scriptless_page: Page) -> None:
    """The commands are there, and a form still leads to its data."""
    scriptless_page.goto(f"{unlocked}/docs")
    command = scriptless_page.locator("#predict-curl").inner_text()
    is_visible = scriptless_page.locator("section[aria-labelledby=predict] form").is_visible()
    scriptless_page.locator("section[aria-labelledby=cost]").get_by_role("button", name="Send").click()
    document = json.loads(scriptless_page.locator("body").inner_text())
    assert f"{unlocked}/predict" in command
    assert is_visible is False
    assert document["at_most"] == 0
