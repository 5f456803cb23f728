"""Other sites never spend our money, in a real Chromium: Chorus on 127.0.0.1, another site on localhost, and an X that counts."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.support import fake_networks
from tests.support.browser_contexts import open_context
from tests.support.chorus_server import RunningServer, run_server
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.other_site import OtherSite, run_other_site
from tests.support.shared_tab import leave_out_charts

BUTTON = "Read from X for up to $0.16"
account_numbers = itertools.count()


@dataclass
class Scene:
    """A served Chorus, another site, X, and a window that starts at the other site."""

    chorus: RunningServer
    site: OtherSite
    world: fake_networks.World
    context: BrowserContext
    page: Page
    account: str  # on X, with 40 posts
    log_start: int  # where the lines of this scene begin in Chorus's log

    @property
    def report(self) -> str:
        """The path of the account's report."""
        return f"/report?users={self.account}&n=30"

    def prepare(self, html: str) -> None:
        """Let the other site have a page with this HTML, in which CHORUS stands for our address, and ACCOUNT for the account."""
        self.site.html = html.replace("CHORUS", self.chorus.url).replace("ACCOUNT", self.account)

    def show(self, html: str) -> None:
        """Open the other site's page with this HTML, in which CHORUS stands for our address, and ACCOUNT for the account."""
        self.prepare(html)
        self.page.goto(self.site.url)

    def wait_for_answer(self, path: str, status: int) -> None:
        """Wait until Chorus has answered a request for a route with a status."""
        self.chorus.wait_for_log(f"GET {path} {status} ", start=self.log_start)


@pytest.fixture(scope="module")
def shared_world() -> Iterator[fake_networks.World]:
    """The fake networks, which all tests of this module share."""
    with fake_networks.World() as outside:
        yield outside


@pytest.fixture(scope="module")
def chorus(shared_world: fake_networks.World) -> Iterator[RunningServer]:
    """A Chorus that reads from X."""
    with run_server({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": shared_world.url, "CHORUS_LOG_FORMAT": "json"}) as server:
        yield server


@pytest.fixture(scope="module")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """What the windows of all tests share, such as loaded scripts."""
    context = open_context(browser)
    yield context
    context.close()


@pytest.fixture
def scene(shared_world: fake_networks.World, chorus: RunningServer, context: BrowserContext) -> Iterator[Scene]:
    """Both sites, and a new window. X has an account that no other test has read."""
    account = f"nasa{next(account_numbers)}"
    shared_world.x.has(account, posts=40)
    shared_world.x.requests.clear()
    with run_other_site() as site:
        yield Scene(chorus, site, shared_world, context, context.new_page(), account, chorus.measure_log())
        for page in context.pages:
            page.close()


LOADERS = {
    "img": ('<img src="CHORUS/frequency.png?users=ACCOUNT&n=30">', "/frequency.png"),
    "frame": ('<iframe src="CHORUS/html/frequency?users=ACCOUNT&n=30&embed=1"></iframe>', "/html/frequency"),
    "framed report": ('<iframe src="CHORUS/report?users=ACCOUNT&n=30"></iframe>', "/report"),
    "prefetch": ('<link rel="prefetch" href="CHORUS/report?users=ACCOUNT&n=30">', "/report"),
    "script": ('<script src="CHORUS/frequency.json?users=ACCOUNT&n=30"></script>', "/frequency.json"),
    "style": ('<link rel="stylesheet" href="CHORUS/words.csv?users=ACCOUNT&n=30">', "/words.csv"),
    "fetch": ('<script>fetch("CHORUS/frequency.csv?users=ACCOUNT&n=30", {mode: "no-cors"})</script>', "/frequency.csv"),
    "refresh": ('<meta http-equiv="refresh" content="0; url=CHORUS/report?users=ACCOUNT&n=30">', "/report"),
}
QUICK_LOADERS = ("img", "framed report", "refresh")  # a part of a page, a page in a page, and a page


@pytest.mark.parametrize(
    ("html", "route"),
    [pytest.param(*loader, id=name, marks=() if name in QUICK_LOADERS else ONLY_IN_FAULTS) for name, loader in LOADERS.items()],
)
def test_a_page_of_another_site_buys_nothing(scene: Scene, html: str, route: str) -> None:
    """Whatever the page loads from us, the answer is a refusal and X isn't asked."""
    scene.prepare(html)
    scene.page.goto(scene.site.url, wait_until="commit")
    scene.wait_for_answer(route, 402)
    assert scene.world.x.requests == []


@pytest.mark.faults
@pytest.mark.long
def test_an_opened_window_buys_nothing(scene: Scene) -> None:
    """A window that another site opens shows the button, and only a click on it reads."""
    scene.show(f"<button onclick=\"window.open('CHORUS{scene.report}')\">Open</button>")
    with scene.context.expect_page() as popup:
        scene.page.get_by_role("button").click()
    window = popup.value
    expect(window.get_by_role("button", name=BUTTON)).to_be_visible()
    assert scene.world.x.requests == []
    leave_out_charts(window)
    window.get_by_role("button", name=BUTTON).click()
    expect(window.get_by_role("heading", name="Scorecard")).to_be_visible()
    assert window.url == scene.chorus.url + scene.report
    assert len(scene.world.x.page_requests(scene.account)) == 1
    assert scene.context.cookies() == []


def test_a_link_shows_the_button_until_it_was_read(scene: Scene) -> None:
    """A link from another site leads to the button; once somebody has read the posts, it leads to the report."""
    leave_out_charts(scene.page)
    scene.show(f'<a href="CHORUS{scene.report}">Our report</a>')
    scene.page.get_by_role("link").click()
    expect(scene.page.get_by_role("button", name=BUTTON)).to_be_visible()
    scene.page.reload()
    expect(scene.page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert scene.world.x.requests == []
    scene.page.goto(scene.chorus.url + scene.report)  # as if typed
    expect(scene.page.get_by_role("heading", name="Scorecard")).to_be_visible()
    requests = len(scene.world.x.requests)
    scene.show(f'<a href="CHORUS{scene.report}">Our report</a>')
    scene.page.get_by_role("link").click()
    expect(scene.page.get_by_role("heading", name="Scorecard")).to_be_visible()
    expect(scene.page.get_by_role("button", name=re.compile("Read from X"))).to_have_count(0)
    assert len(scene.world.x.requests) == requests


def test_our_own_form_needs_no_second_click(scene: Scene) -> None:
    """Whoever fills in the form has seen the price."""
    leave_out_charts(scene.page)
    scene.page.goto(scene.chorus.url)
    scene.page.get_by_label("Which accounts?").fill(scene.account)
    scene.page.get_by_role("button", name="Show report").click()
    expect(scene.page.get_by_role("heading", name="Scorecard")).to_be_visible()
    assert len(scene.world.x.page_requests(scene.account)) == 1


@pytest.mark.faults
@pytest.mark.long
def test_a_click_into_a_frame_buys_nothing(scene: Scene) -> None:
    """A site that lets people click into a frame of ours without their knowledge opens a page with the button."""
    leave_out_charts(scene.page)
    scene.show('<iframe src="CHORUS/html/frequency?users=ACCOUNT,demo:pennywren&n=30&embed=1" width="900" height="900"></iframe>')
    frame = scene.page.frame_locator("iframe")
    frame.locator("details.data summary").first.click()
    with scene.context.expect_page() as popup:
        frame.locator("details.data td a").first.click()
    expect(popup.value.get_by_role("button", name=re.compile("Read from X"))).to_be_visible()
    assert scene.world.x.requests == []


@pytest.mark.faults
@pytest.mark.long
def test_plain_http_needs_a_click(scene: Scene, browser: Browser) -> None:
    """By plain http the browser says nothing, so a typed address shows the button, while our form counts as the click."""
    base = scene.chorus.url.replace("127.0.0.1", "chorus.test")
    page = browser.new_page()
    leave_out_charts(page)
    page.goto(base + scene.report)
    expect(page.get_by_role("button", name=BUTTON)).to_be_visible()
    assert scene.world.x.requests == []
    page.get_by_role("button", name=BUTTON).click()
    expect(page.get_by_role("heading", name="Scorecard")).to_be_visible()
    assert page.url == base + scene.report
    page.goto(base)
    page.get_by_label("Which accounts?").fill("esa")
    scene.world.x.has("esa", posts=3)
    page.get_by_role("button", name="Show report").click()
    expect(page.get_by_role("heading", name="Scorecard")).to_be_visible()
    assert page.url == f"{base}/report?users=esa"
    assert page.context.cookies() == []
    page.close()
