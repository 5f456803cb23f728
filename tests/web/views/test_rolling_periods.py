"""The parameter `last`: a period that ends today, in every page and format, and the links that choose it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.demo_clock import DEMO_NOON
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import PageReader

NEWS = "users=demo:harbour-news"


@pytest.fixture(scope="module")
def clock() -> FakeClock:
    """A clock that stands at noon of the Monday after the demo's last day."""
    return FakeClock(DEMO_NOON)


@pytest.fixture(scope="module")
def dated_client(clock: FakeClock) -> FlaskClient:
    """A client of an application with that clock."""
    return create_app({}, clock).test_client()


@pytest.fixture
def dated_page(dated_client: FlaskClient) -> PageReader:
    """A reader of the application's pages."""
    return PageReader(dated_client)


def list_period_links(text: str) -> dict[str, tuple[str, bool]]:
    """Return the address of each link to a period by its title, and whether it's the current one."""
    links_html = text.partition('aria-label="Period">')[2].partition("</ul>")[0]
    links = re.findall(r'<a href="([^"]+)"( aria-current="true")? rel="nofollow">([^<]+)</a>', links_html)
    return {title: (url.replace("&amp;", "&"), bool(current)) for url, current, title in links}


def test_data_repeats_the_rolling_period_with_its_dates(dated_client: FlaskClient) -> None:
    """A program needn't know which day it is on the server."""
    document = dated_client.get(f"/frequency.json?{NEWS}&last=7d").get_json()
    assert document["query"]["last"] == "7d"
    assert document["query"]["since"] == "2026-10-25"
    assert document["query"]["until"] == "2026-11-01"
    assert {row["start"] >= "2026-10-25" for row in document["data"]} == {True}


def test_a_rolling_period_moves_on_with_the_days() -> None:
    """The same link to the demo, which moves on by weeks, shows another week next Monday."""
    clock = FakeClock(DEMO_NOON)
    client = create_app({}, clock).test_client()
    clock.advance(timedelta(days=7))
    assert client.get(f"/frequency.json?{NEWS}&last=7d").get_json()["query"]["since"] == "2026-11-01"


@pytest.mark.slow
def test_a_page_of_a_rolling_period_says_its_length_and_its_days(dated_page: PageReader) -> None:
    """Both are in the heading, and in the caption of a chart."""
    text = dated_page.open(f"/report?{NEWS}&last=30d").text
    assert "The last 30 days, 2 Oct – 31 Oct 2026 · all 368 posts · UTC" in text
    assert "<span>The last 30 days, 2 Oct – 31 Oct 2026</span>" in dated_page.open(f"/html/frequency?{NEWS}&last=30d").text


def test_the_preview_of_a_rolling_period_names_it(dated_client: FlaskClient) -> None:
    """A shared link says which days its numbers are about."""
    text = dated_client.get(f"/report?{NEWS}&last=30d").text
    description = re.findall(r'property="og:description" content="([^"]+)"', text)
    assert [line.startswith("The last 30 days, 2 Oct – 31 Oct 2026. ") and "was busiest on 15 October" in line for line in description] == [
        True
    ]


def test_the_form_keeps_the_rolling_period(dated_page: PageReader) -> None:
    """It is selected, and the dates stay empty."""
    fields = dated_page.open(f"/report?{NEWS}&last=90d").fields
    assert fields["last"] == "90d"
    assert fields["since"] == ""
    assert fields["until"] == ""


def test_a_rolling_period_with_dates_is_refused_at_its_field(dated_page: PageReader) -> None:
    """The form shows what was entered."""
    html_page = dated_page.open(f"/report?{NEWS}&last=30d&until=2026-10-01", status=400)
    assert list(html_page.problems) == ["last"]
    assert html_page.fields["until"] == "2026-10-01"


@pytest.mark.parametrize("path", ["/report", "/html/frequency"])
def test_a_page_links_to_other_periods_and_marks_its_own(dated_page: PageReader, path: str) -> None:
    """The links keep all other parameters."""
    links = list_period_links(dated_page.open(f"{path}?{NEWS}&last=30d&method=vader").text)
    assert [title for title, (_, is_current) in links.items() if is_current] == ["30 days"]
    assert {title: url for title, (url, _) in links.items()} == {
        "7 days": f"{path}?{NEWS}&last=7d&method=vader",
        "30 days": f"{path}?{NEWS}&last=30d&method=vader",
        "90 days": f"{path}?{NEWS}&last=90d&method=vader",
        "365 days": f"{path}?{NEWS}&last=365d&method=vader",
        "Latest 400 posts": f"{path}?{NEWS}&method=vader",
    }


@pytest.mark.parametrize(("args", "current"), [("", ["Latest 400 posts"]), ("&since=2026-10-01", [])])
def test_without_a_rolling_period_all_is_marked_unless_there_are_dates(dated_page: PageReader, args: str, current: list[str]) -> None:
    """Dates of one's own are none of the links."""
    links = list_period_links(dated_page.open(f"/report?{NEWS}{args}").text)
    assert [title for title, (_, is_current) in links.items() if is_current] == current


def test_a_link_to_a_period_that_costs_money_has_its_price(world: fake_networks.World, client: FlaskClient) -> None:
    """Posts on X that aren't stored are paid for."""
    world.x.post("nasa", "Launch!")
    text = client.get("/report?users=nasa&n=20&last=7d").text
    assert re.search(r'n=20" rel="nofollow">Latest 20 posts <span class="of">up to \$0\.\d\d</span></a>', text)


@pytest.mark.parametrize(("seconds_to_midnight", "max_age"), [(3600, 60), (20, 20)])
def test_what_is_cached_of_a_rolling_period_ends_with_the_day(seconds_to_midnight: int, max_age: int) -> None:
    """At midnight in the time zone of the view the same address means other days."""
    midnight_in_berlin = datetime(2026, 10, 30, 23, tzinfo=UTC)
    client = create_app({}, FakeClock(midnight_in_berlin - timedelta(seconds=seconds_to_midnight))).test_client()
    response = client.get(f"/frequency.json?{NEWS}&last=7d&tz=Europe/Berlin")
    assert response.headers["Cache-Control"] == f"private, max-age={max_age}"


def test_the_cost_of_a_rolling_period_can_be_asked_for(dated_client: FlaskClient) -> None:
    """The form does it while it is filled in."""
    assert dated_client.get(f"/cost?{NEWS}&last=30d").get_json()["at_most"] == 0


def test_posts_of_a_rolling_period_are_those_of_its_days(dated_client: FlaskClient) -> None:
    """As a page and as data."""
    document = dated_client.get(f"/posts.json?{NEWS}&last=7d").get_json()
    assert {post["created_at"] >= "2026-10-25" for post in document["data"]} == {True}
    assert "The last 7 days, 25 Oct – 31 Oct 2026" in dated_client.get(f"/posts?{NEWS}&last=7d").text
