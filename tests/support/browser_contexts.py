"""Opens contexts of Chromium that wait as long as a slow machine needs. No test in here."""

from typing import Any

from playwright.sync_api import Browser, BrowserContext

TIMEOUT_MILLISECONDS = 120_000  # generous: it bounds a hang, and no test is about the time


def open_context(browser: Browser, **options: Any) -> BrowserContext:
    """Open a context with these options of `Browser.new_context`, whose actions may take two minutes."""
    context = browser.new_context(**options)
    context.set_default_timeout(TIMEOUT_MILLISECONDS)
    return context
