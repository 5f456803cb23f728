"""Pages that take a while start at once, show their progress, and end with the report, in one response."""

import re
import socket
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.test import TestResponse

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.browser_contexts import open_context
from tests.support.chorus_server import RunningServer, run_server
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.html_pages import HtmlPage
from tests.support.served_browser import ALL_CHARTS_DRAWN_JS
from tests.support.streamed_pages import ANSWER_SECONDS, never_stream, stream_at_once
from tests.support.timeline_stores import record_charges

pytestmark = pytest.mark.slow

FREE, PAID = "nasa.bsky.social", "nasa"
RECORD_SHIFTS_JS = """
window.shifts = [];
new PerformanceObserver(list => { for (const entry of list.getEntries()) shifts.push(entry.value); })
  .observe({type: "layout-shift", buffered: true});
"""
MAX_SHIFT = 0.003  # of one movement; a heading that moves a whole page by half a line is 0.005
BOTH = f"/report?users={PAID},{FREE}&n=500"


@dataclass
class Streamed:
    """A page as it was received: its parts, each with the number of requests to the networks until then."""

    pieces: list[tuple[int, str]]
    response: TestResponse

    @property
    def text(self) -> str:
        """The complete page."""
        return "".join(piece for _, piece in self.pieces)

    @property
    def sentences(self) -> list[str]:
        """The progress sentences of the page."""
        listed = re.search(r'<ol id="progress".*?</ol>', self.text, re.DOTALL)
        assert listed
        return [sentence.strip() for sentence in re.findall(r"<li>.*?</progress>(.*?)</li>", listed[0], re.DOTALL)]

    @property
    def shares(self) -> list[float]:
        """What its progress bar showed."""
        return [float(share) for share in re.findall(r'<progress max="1" value="([\d.]+)"', self.text)]


def settings(world: fake_networks.World) -> dict[str, str]:
    return {"X_BEARER_TOKEN": "token", "CHORUS_X_BUDGET": "100"} | {
        f"CHORUS_{network}_API_URL": world.url for network in ("X", "BLUESKY", "MASTODON")
    }


def read_streamed_page(client: FlaskClient, url: str, world: fake_networks.World) -> Streamed:
    """Read a page piece by piece."""
    response, pieces = client.get(url), list[tuple[int, str]]()
    for piece in response.iter_encoded():
        pieces.append((sum(len(network.requests) for network in world.networks), piece.decode()))
    return Streamed(pieces, response)


@pytest.fixture
def slow() -> Iterator[fake_networks.SlowWorld]:
    """Fake networks with a delay."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as outside:
        yield outside


@pytest.fixture
def app(slow: fake_networks.SlowWorld) -> Flask:
    """The application with slow networks."""
    return stream_at_once(create_app(settings(slow)))


@pytest.fixture(scope="module")
def waited() -> Iterator[Streamed]:
    """The report on a paid and a free account with 500 posts each, from slow networks."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as outside:
        outside.x.has("nasa", posts=520)
        outside.bluesky.has("nasa", posts=520)
        yield read_streamed_page(stream_at_once(create_app(settings(outside))).test_client(), BOTH, outside)


# --- a page that streams ----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_head_comes_first(waited: Streamed) -> None:
    """The first part has title, heading and styles, but nothing of the report."""
    first = waited.pieces[0][1]
    assert "<h1>" in first
    assert "chorus.css" in first
    assert 'id="report"' not in first


def test_progress_comes_before_the_report(waited: Streamed) -> None:
    """Sentences are sent while the networks are read, then the report, in the same response."""
    request_counts = [count for count, piece in waited.pieces if "<li>" in piece and 'id="report"' not in piece]
    final_count = next(count for count, piece in waited.pieces if 'id="report"' in piece)
    assert len(request_counts) >= 3
    assert request_counts == sorted(request_counts)
    assert request_counts[0] < final_count


def test_progress_counts_posts_and_accounts(waited: Streamed) -> None:
    """A sentence says how many of them have been read."""
    counted = [
        int(match[1].replace(",", "")) for sentence in waited.sentences if (match := re.search(r"([\d,]+) of up to 1,000 posts", sentence))
    ]
    assert counted == sorted(counted) and counted[-1] >= 900
    assert waited.sentences[0].startswith("Reading @nasa and nasa.bsky.social · ")
    assert waited.sentences[-1].startswith(("Reading ", "Preparing the page · "))


def test_progress_has_a_bar(waited: Streamed) -> None:
    """It grows from nothing, and an account that has fewer posts than it may have counts as done."""
    assert waited.shares[0] == 0
    assert waited.shares == sorted(waited.shares)
    assert waited.shares[-1] >= 0.9


def test_progress_estimates_the_remaining_time(waited: Streamed) -> None:
    """It is known once the first posts have been read."""
    assert [sentence for sentence in waited.sentences if re.search(r"about \d+ s left", sentence)] != []


def test_progress_has_the_price_so_far(waited: Streamed) -> None:
    """Posts on X cost money, free ones don't."""
    spent = [float(match[1]) for sentence in waited.sentences if (match := re.search(r"about \$([\d.]+) so far", sentence))]
    assert spent == sorted(spent) and spent[0] >= 0.5 and spent[-1] <= 2.51


def test_progress_includes_the_price_of_the_lookup(waited: Streamed) -> None:
    """Full pages cost whole dimes, so one lookup makes every price end in a cent."""
    spent = [match[1] for sentence in waited.sentences if (match := re.search(r"about \$([\d.]+) so far", sentence))]
    assert all(amount.endswith("1") for amount in spent)


def test_a_streamed_page_is_a_complete_page(waited: Streamed) -> None:
    """It passes the same checks as every page."""
    page = HtmlPage(waited.text)
    page.assert_valid()
    assert page.fields["users"] == "nasa,nasa.bsky.social"
    assert waited.text.count("</html>") == 1
    assert page.id_counts["report"] == 1


def test_no_control_character_reaches_a_page(waited: Streamed) -> None:
    """The internal separator of parts isn't sent."""
    assert re.findall(r"[\x00-\x08\x0b\x0c\x0e-\x1f]", waited.text) == []


def test_a_streamed_page_is_not_cached(waited: Streamed) -> None:
    """Neither browsers nor proxies buffer or store it."""
    assert waited.response.status_code == 200
    assert waited.response.headers["Cache-Control"] == "no-store"
    assert waited.response.headers["X-Accel-Buffering"] == "no"
    assert waited.response.headers.get("Content-Length") is None


@pytest.mark.parametrize("path", ["/html/frequency", "/html/sentiment"])
@pytest.mark.parametrize("embed", ["", "&embed=1"])
def test_a_page_with_stored_timelines_comes_at_once(app: Flask, slow: fake_networks.SlowWorld, path: str, embed: str) -> None:
    """It has no progress sentences."""
    slow.bluesky.has("nasa", posts=30)
    first = app.test_client().get(f"/report?users={FREE}")
    response = never_stream(app).test_client().get(f"{path}?users={FREE}{embed}")
    assert "<li><progress" in first.text
    assert response.status_code == 200
    assert "Content-Length" in response.headers
    assert "<li><progress" not in response.text


def test_a_single_chart_is_streamed_too(app: Flask, slow: fake_networks.SlowWorld) -> None:
    """So is a chart in a frame of another page."""
    slow.bluesky.has("nasa", posts=20)
    page = read_streamed_page(app.test_client(), f"/html/frequency?users={FREE}&embed=1", slow)
    HtmlPage(page.text).assert_valid()
    assert len(page.pieces) > 1
    assert 'id="report"' not in page.pieces[0][1]
    assert "data-figure" in page.text


# --- a page that does not ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "status"), [("nasa.bsky.social", 200), ("nobody.bsky.social", 404), ("busy.bsky.social", 429)])
def test_a_fast_response_has_its_status(app: Flask, slow: fake_networks.SlowWorld, name: str, status: int) -> None:
    """Errors before a page has started aren't sent with status 200."""
    slow.seconds = 0
    slow.bluesky.has("nasa", posts=30)
    slow.bluesky.fails("busy", with_="rate limit")
    response = never_stream(app).test_client().get(f"/report?users={name}")
    assert response.status_code == status
    assert "Content-Length" in response.headers


# --- errors on a page that has begun ------------------------------------------------------------------------------------


def test_a_later_error_is_shown_on_the_page(app: Flask) -> None:
    """The status has been sent already; the form is filled in."""
    page = HtmlPage((response := app.test_client().get("/report?users=nobody.bsky.social&tz=Asia/Tokyo")).text)
    page.assert_valid()
    assert response.status_code == 200
    assert page.fields["users"] == "nobody.bsky.social"
    assert page.fields["tz"] == "Asia/Tokyo"
    assert "There’s no nobody.bsky.social on Bluesky." in page.problems["users"]


def test_a_problem_found_after_reading_is_at_its_field(app: Flask, slow: fake_networks.SlowWorld) -> None:
    """Too many hours for a chart are a problem of the interval, even after the page has started."""
    slow.bluesky.has("nasa", posts=3)
    slow.bluesky.accounts["nasa"].posts.append(fake_networks.FakePost(5, "Long ago", datetime(2014, 1, 1, tzinfo=UTC)))
    page = HtmlPage(app.test_client().get(f"/report?users={FREE}&interval=hour").text)
    page.assert_valid()
    assert "Group by a longer interval or choose a shorter period." in page.problems["interval"]


def test_posts_read_before_a_failure_are_shown(app: Flask, slow: fake_networks.SlowWorld) -> None:
    """The chart has a warning."""
    slow.bluesky.has("nasa", posts=320)
    slow.bluesky.fails("nasa", with_="rate limit", after_pages=2)
    page = app.test_client().get(f"/report?users={FREE}&n=300").text
    assert "only 200 posts read so far" in page
    assert 'id="frequency"' in page


# --- readers who leave ------------------------------------------------------------------------------------------------


def wait_until_settled(world: fake_networks.SlowWorld) -> int:
    """Return the number of questions to X once no more come for a while."""
    before = -1
    while before != (now := len(world.x.requests)):
        before = now
        time.sleep(2 * world.seconds)
    return now


def test_closing_a_page_stops_the_reading(app: Flask, slow: fake_networks.SlowWorld) -> None:
    """After the current page, X isn't contacted again; stored posts aren't paid for again."""
    x, client = record_charges(slow), app.test_client()
    x.has("nasa", posts=1100)
    response = client.get("/report?users=nasa&n=1000")
    pieces = response.iter_encoded()
    while len(x.requests) < 3:
        next(pieces)
    response.close()
    at_close = len(x.requests)
    stopped = wait_until_settled(slow)
    slow.seconds = 0
    fetched = client.get("/frequency.json?users=nasa&n=1000").get_json()["coverage"][0]["fetched"]
    assert stopped <= at_close + 1
    assert fetched == 1000
    assert len(x.sold) == 1000
    assert [post_id for post_id, times in Counter(x.sold).items() if times > 1] == []


@pytest.fixture(scope="module")
def served() -> Iterator[tuple[fake_networks.SlowWorld, RunningServer]]:
    """A slow world and a server in it."""
    with fake_networks.SlowWorld() as outside, run_server(settings(outside)) as server:
        yield outside, server


def test_closing_the_connection_stops_the_reading(served: tuple[fake_networks.SlowWorld, RunningServer]) -> None:
    """A real server notices it at the next progress sentence."""
    slow, server = served
    x = record_charges(slow)
    x.has("leaver", posts=1100)
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.sendall(b"GET /report?users=leaver&n=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        connection.recv(1000)
        while len(x.requests) < 2:
            time.sleep(0.02)
    stopped, asked_for_all = wait_until_settled(slow), 11
    assert 1 < stopped < asked_for_all - 3


def test_hanging_up_on_data_stops_the_reading(served: tuple[fake_networks.SlowWorld, RunningServer]) -> None:
    """A program that leaves isn't read for to the end either, although nothing has been sent to it yet."""
    slow, server = served
    x = record_charges(slow)
    x.has("quitter", posts=1100)
    before = len(x.requests)
    with socket.create_connection(("127.0.0.1", server.port), 60) as connection:
        connection.sendall(b"GET /frequency.csv?users=quitter&n=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        while len(x.requests) == before:
            time.sleep(0.02)
    assert wait_until_settled(slow) - before < 8


# --- browsers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [pytest.param(True, marks=ONLY_IN_FAULTS), False], ids=["scripts", "no scripts"])
def test_a_browser_shows_progress_and_then_the_report(
    served: tuple[fake_networks.SlowWorld, RunningServer], browser: Browser, scripts: bool
) -> None:
    """One sentence is shown at a time, and none with the report."""
    slow, server = served
    name = f"watched-{scripts}".lower()
    slow.bluesky.has(name, posts=420)
    context = open_context(browser, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{server.url}/report?users={name}.bsky.social&n=400", wait_until="commit")
    expect(page.locator("#report")).to_be_visible(timeout=60_000)
    expect(page.locator("#progress")).to_be_hidden()
    expect(page.locator("figure img, figure .plot[data-drawn]").first).to_be_visible()
    sentences = page.locator("#progress li").all_text_contents()
    assert [posts for posts in (100, 300) if f"{posts} of up to 400 posts" not in " ".join(sentences)] == []
    page.evaluate("document.querySelector('#report').remove()")
    expect(page.locator("#progress li").filter(visible=True)).to_have_text([sentences[-1]])
    context.close()


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_moves_while_a_page_is_streamed(
    served: tuple[fake_networks.SlowWorld, RunningServer], browser: Browser, width: int
) -> None:
    """Progress has the height that it will have, and so has everything that scripts show."""
    slow, server = served
    slow.bluesky.has(f"still-{width}", posts=420)
    context = open_context(browser, viewport={"width": width, "height": 900})
    page = context.new_page()
    page.add_init_script(RECORD_SHIFTS_JS)
    page.goto(f"{server.url}/report?users=still-{width}.bsky.social&n=400")
    page.wait_for_function(ALL_CHARTS_DRAWN_JS)
    shifts = page.evaluate("shifts")
    context.close()
    assert [shift for shift in shifts if shift > MAX_SHIFT] == []


@pytest.mark.parametrize("scripts", [pytest.param(True, marks=ONLY_IN_FAULTS), False], ids=["scripts", "no scripts"])
def test_reading_can_be_stopped(served: tuple[fake_networks.SlowWorld, RunningServer], browser: Browser, scripts: bool) -> None:
    """The button leads back to the form, which is filled in, and the networks aren't asked any longer."""
    slow, server = served
    name = f"stopped-{scripts}".lower()
    slow.bluesky.has(name, posts=3200)
    context = open_context(browser, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{server.url}/report?users={name}.bsky.social&n=3200", wait_until="commit")
    page.get_by_role("link", name="Stop").click()
    expect(page.get_by_label("Which accounts?")).to_have_value(f"{name}.bsky.social")
    asked = len(slow.bluesky.requests)
    time.sleep(3 * slow.seconds)
    context.close()
    assert len(slow.bluesky.requests) <= asked + 2
