"""A tab of Chromium in which tests open pages one after another: a new one would start a process and load every script again.

A test that needs scripts before the page's own, permissions, or no scripts makes a context of its own. No test in here.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize

from tests.support.browser_contexts import open_context

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
_FORGET_JS = "() => { localStorage.clear(); sessionStorage.clear(); }"
_CHART_URL = re.compile(r"/static/(vendor/plotly|charts\.js)|\.(svg|png)\?users=")


def leave_out_charts(pages: BrowserContext | Page) -> None:
    """Let a page, or all of a context, load neither scripts nor images of charts, which take two thirds of a report's CPU time."""
    pages.route(_CHART_URL, lambda route: route.abort("blockedbyclient"))


class SharedTab:
    """A tab that is as good as new for each test: it has no cookies, permissions, storage, routes or other tabs, and a light theme.

    Without charts, pages are those of a reader whose browser loads none; without scripts, those of a browser that runs none.
    """

    def __init__(self, browser: Browser, init_script: str = "", *, has_charts: bool = True, has_scripts: bool = True) -> None:
        self._browser, self._init_script, self._has_charts, self._has_scripts = browser, init_script, has_charts, has_scripts
        self._page: Page | None = None

    @contextmanager
    def lend(self) -> Iterator[Page]:
        """Yield the tab, and leave nothing behind."""
        page = self._page or self._open()
        page.set_viewport_size(DESKTOP)
        page.emulate_media(media="null", color_scheme="light")
        origins = set[str]()

        def note_origin(frame: Any) -> None:
            if frame == page.main_frame:
                origins.add("{0.scheme}://{0.netloc}".format(urlsplit(frame.url)))

        page.on("framenavigated", note_origin)
        try:
            yield page
        finally:
            page.remove_listener("framenavigated", note_origin)
            self._tidy(page, origins)

    def close(self) -> None:
        """Close the tab. The next test gets a new one."""
        if self._page:
            self._page.context.close()
            self._page = None

    def _open(self) -> Page:
        context = open_context(self._browser, viewport=DESKTOP, locale="en-US", java_script_enabled=self._has_scripts)
        if self._init_script:
            context.add_init_script(self._init_script)
        if not self._has_charts:
            leave_out_charts(context)
        self._page = context.new_page()
        return self._page

    def _tidy(self, page: Page, origins: set[str]) -> None:
        """Leave the page for a small one of the same origin, so that the process stays, and forget what pages have stored."""
        try:
            (origin,) = origins
            for other in page.context.pages:
                if other != page:
                    other.close()
            page.unroute_all(behavior="ignoreErrors")
            page.goto(f"{origin}/health")
            page.mouse.move(0, 0)
            page.evaluate(_FORGET_JS)
            page.context.clear_cookies()
            page.context.clear_permissions()
        except (Error, ValueError):  # the server has ended, or pages of several origins were open
            self.close()
