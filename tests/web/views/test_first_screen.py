"""The first screen: one field and one button, reports to try, and the chart of the demo."""

import re
from datetime import timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from dashboard.app import create_app
from dashboard.web.presenters import demo_chart
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.fault_suite import ONLY_IN_FAULTS
from tests.support.html_pages import PageReader

ALL_CONNECTED = {"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_DATASETS": "/tmp/nothing-is-written-here"}
CHIP = re.compile(r'<a class="chip" href="([^"]+)">([^<]+)</a>')


@pytest.fixture
def unconnected() -> PageReader:
    """A reader of a Chorus that has no key for X."""
    return PageReader(create_app({}).test_client())


def test_there_is_one_field_and_one_primary_button(unconnected: PageReader) -> None:
    """Everything else is folded, a link, or in another card."""
    text = unconnected.open("/").text
    question = text[text.index('<form class="question"') : text.index("</form>")]
    visible = question[: question.index("<details")]
    assert visible.count("<textarea") == 1
    assert visible.count("<button") == 1
    assert "<input" not in visible
    assert "<select" not in visible


def test_no_chart_library_is_loaded(unconnected: PageReader) -> None:
    """The chart of the demo is an image."""
    assert [url for url in unconnected.open("/").loaded_urls if "plotly" in url or "charts.js" in url] == []


def test_there_are_reports_to_try(unconnected: PageReader) -> None:
    """Each is a plain link, and a click on it costs nothing."""
    links = CHIP.findall(unconnected.open("/").text)
    demo = ["Aster Air vs Harbour News", "All seven demo organisations in English", "Museum am Fährkai (German)"]
    assert [title for _, title in links] == [*demo, "NASA on Bluesky", "Mastodon"]
    assert links[0][0] == "/report?users=demo:aster-air,demo:harbour-news"
    assert links[2][0] == "/report?users=demo:museum-am-faehrkai&amp;method=model"
    assert links[3][0] == "/report?users=nasa.bsky.social"
    assert links[4][0] == "/report?users=mastodon@mastodon.social"


def test_networks_are_one_line() -> None:
    """It names what can be read, and what isn't connected."""
    unconnected, connected = (create_app(settings).test_client().get("/").text for settings in ({}, ALL_CONNECTED))
    assert "<summary>Bluesky · Mastodon · X isn’t connected</summary>" in unconnected
    assert "<summary>Bluesky · Mastodon · X · your own files</summary>" in connected


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "Latest 400 posts, automatic"),
        ("/?n=1&interval=week", "Latest 1 post, by week"),
        ("/?n=3200&last=30d", "Latest 3,200 posts, last 30 days, automatic"),
        ("/?since=2026-03-01&until=2026-04-01", "Latest 400 posts, 1 Mar – 31 Mar 2026, automatic"),
        ("/?since=2026-03-01", "Latest 400 posts, from 1 Mar 2026, automatic"),
        ("/?until=2026-04-01", "Latest 400 posts, before 1 Apr 2026, automatic"),
        ("/?since=2026-04-01&until=2026-03-01", "Latest 400 posts, from 1 Apr 2026 until 1 Mar 2026, automatic"),
        ("/?n=%3Cb%3E&interval=%3Cb%3E", "Latest &lt;b&gt; posts, by &lt;b&gt;"),
    ],
)
def test_the_options_are_summed_up(unconnected: PageReader, address: str, words: str) -> None:
    """People see what they will get without opening them."""
    assert f"<summary>{words} – " in unconnected.open(address).text


# --- the chart of the demo ----------------------------------------------------------------------------------------------


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still at noon."""
    return FakeClock(DEMO_NOON)


@pytest.fixture
def client(clock: FakeClock) -> FlaskClient:
    """A client of a Chorus on which nobody has looked at the first screen."""
    return create_app({}, clock).test_client()


def test_the_chart_of_the_demo_leads_to_its_report(client: FlaskClient) -> None:
    """It has an image for each theme, on desktops and on phones."""
    text = client.get("/").text
    assert '<a class="card demo-chart" href="/report?users=demo:aster-air,demo:harbour-news">' in text
    card = text.partition('<a class="card demo-chart"')[2]
    assert re.findall(r"/demo-chart/([\w-]+)\.svg\?day=2026-11-02", card) == ["light-narrow", "light-wide", "dark-narrow", "dark-wide"]


def test_the_image_is_requested_before_the_page_is_laid_out(client: FlaskClient) -> None:
    """Only the one of the system's theme and the window's width, so that the card isn't empty at first."""
    head = client.get("/").text.partition("</head>")[0]
    preloaded = re.findall(r'<link rel="preload" as="image" href="/demo-chart/([\w-]+)\.svg[^"]*" media="([^"]+)">', head)
    assert dict(preloaded)["dark-narrow"] == "(prefers-color-scheme: dark) and (max-width: 40rem)"
    assert len(preloaded) == 4


@pytest.mark.parametrize(
    "name", [name if name in ("light-narrow", "dark-wide") else pytest.param(name, marks=ONLY_IN_FAULTS) for name in demo_chart.IMAGE_NAMES]
)
def test_the_images_are_drawn(client: FlaskClient, name: str) -> None:
    """They are SVG, name the accounts, and browsers keep them."""
    response = client.get(f"/demo-chart/{name}.svg")
    assert response.status_code == 200
    assert response.mimetype == "image/svg+xml"
    assert response.headers["Cache-Control"] == "public, max-age=3600"
    assert "Harbour News" in response.text
    assert "demo:" not in response.text


@pytest.mark.parametrize("name", ["light", "light-huge", "..%2Flight-wide", "wide-light"])
def test_there_are_no_other_images(client: FlaskClient, name: str) -> None:
    """Nothing else is drawn for anybody."""
    assert client.get(f"/demo-chart/{name}.svg").status_code == 404


def test_the_chart_is_drawn_even_if_the_first_client_leaves(client: FlaskClient) -> None:
    """Others may wait for the same drawing, and would get that client's error."""
    response = client.get("/demo-chart/light-wide.svg", environ_overrides={"waitress.client_disconnected": lambda: True})
    assert response.status_code == 200


@pytest.mark.slow
def test_the_form_does_not_wait_for_the_chart(client: FlaskClient) -> None:
    """Until it's drawn, the headline is a general one, so that opening the form computes nothing."""
    headline = "See a finished report: Aster Air and Harbour News"
    assert f"<h2>{headline}</h2>" in client.get("/").text
    with client.application.test_request_context("/"):
        assert demo_chart.build_link().alt == "Line chart of the posts per day of two demo accounts"
        chart = demo_chart.load()
        assert demo_chart.build_link().alt == chart.alt
    assert f"<h2>{escape(chart.headline)}</h2>" in client.get("/").text


def test_the_headline_says_what_the_picture_shows(client: FlaskClient) -> None:
    """It's that of the report's first chart, above the line on what is drawn."""
    client.get("/demo-chart/light-wide.svg")
    headline = re.findall(r'class="card demo-chart".*?<h2>(.*?)</h2>', client.get("/").text, re.DOTALL)[0]
    report = client.get("/report?users=demo:aster-air,demo:harbour-news").text
    assert headline == re.findall(r'id="frequency-title"><a[^>]*>(.*?)</a>', report)[0]
    assert "Aster Air" in unescape(headline)
    assert '<p class="drawn">Posts per day</p>' in client.get("/").text.partition('class="card demo-chart"')[2]


@pytest.mark.slow
def test_the_chart_is_drawn_once_a_day(client: FlaskClient, clock: FakeClock) -> None:
    """A chart of another day isn't shown, because the demo may have other posts by then."""
    with client.application.test_request_context("/"):
        first = demo_chart.load()
        assert demo_chart.load() is first
        clock.advance(timedelta(days=1))
        assert demo_chart.build_link().headline == "See a finished report: Aster Air and Harbour News"
        assert demo_chart.load() is not first


def date_input(page: str, name: str) -> str:
    """Return the tag of a field for a day."""
    return re.findall(rf'<input id="{name}"[^>]*>', page)[0]


def test_a_day_that_is_too_early_stays_in_its_date_picker(client: FlaskClient) -> None:
    """The value is a day, although the other field contradicts it, and the message writes both as people do."""
    page = client.get("/report?users=demo:aster-air&since=2026-11-20&until=2026-11-10", headers={"Accept": "text/html"}).text
    assert 'type="date" value="2026-11-10"' in date_input(page, "until")
    assert "“Until” (10 Nov 2026) must be later than “From” (20 Nov 2026)." in page


def test_what_is_not_a_day_is_shown_as_it_was_typed(client: FlaskClient) -> None:
    """A date picker would show nothing."""
    page = client.get("/report?users=demo:aster-air&until=2026-02-31", headers={"Accept": "text/html"}).text
    assert 'type="text" value="2026-02-31"' in date_input(page, "until")
