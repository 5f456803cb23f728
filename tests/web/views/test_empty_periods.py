"""A period without posts: every page shows one sentence and a link to a time that has posts."""

import html
import re

import pytest
from flask.testing import FlaskClient

from tests.support import fake_networks
from tests.support.html_pages import PageReader

NEWS = "users=demo:harbour-news"
SPRING_2011 = "since=2011-04-01&until=2011-05-01"
SENTENCE = "Harbour News has no posts from 1 Apr – 30 Apr 2011."


def read_message(text: str) -> tuple[str, str, str]:
    """Return the sentence of a page without posts, and the address and the title of its link."""
    (message,) = re.findall(r'<p class="nothing">([^<]+) <a href="([^"]+)" rel="nofollow">([^<]+)</a></p>', text)
    sentence, url, title = map(html.unescape, message)
    return sentence, url, title


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/report", "/html/frequency", "/posts"])
def test_a_period_without_posts_is_one_sentence_and_a_link_to_posts(demo_page: PageReader, path: str) -> None:
    """The link leads to the same page of the days of the latest posts, with all other parameters."""
    text = demo_page.open(f"{path}?{NEWS}&n=40&{SPRING_2011}&method=vader").text
    sentence, url, title = read_message(text)
    assert sentence == SENTENCE
    assert re.fullmatch(rf"{path}\?{NEWS}&n=40&since=\d{{4}}-\d\d-\d\d&until=\d{{4}}-\d\d-\d\d&method=vader", url)
    assert re.fullmatch(r"Show \d+ \w+ – \d+ \w+ \d{4}", title)
    assert "has no posts" not in demo_page.open(url).text


def test_a_period_in_the_future_has_no_posts_yet(demo_page: PageReader) -> None:
    """Somebody may have mistyped the year."""
    sentence, _, _ = read_message(demo_page.open(f"/report?{NEWS}&since=2031-04-01&until=2031-05-01").text)
    assert sentence == "There are no posts yet, because this period is in the future: 1 Apr – 30 Apr 2031."


def test_a_report_without_posts_has_no_charts(demo_page: PageReader) -> None:
    """Eight empty charts would say the same eight times."""
    text = demo_page.open(f"/report?{NEWS}&{SPRING_2011}").text
    assert "<figure" not in text
    assert 'id="scorecard"' not in text
    assert text.count(SENTENCE) == 1


@pytest.mark.parametrize("path", ["/report", "/html/frequency"])
def test_languages_without_posts_are_one_sentence_and_a_link_to_all_posts(demo_page: PageReader, path: str) -> None:
    """A language without a name is called by its code; the link keeps all other parameters."""
    text = demo_page.open(f"{path}?{NEWS}&n=40&language=xx,sw&method=vader").text
    assert read_message(text) == (
        "None of the 40 posts that were read is in “xx” or Swahili.",
        f"{path}?{NEWS}&n=40&method=vader",
        "Show posts in all languages",
    )
    assert "<figure" not in text
    assert 'id="scorecard"' not in text


def test_a_frame_without_posts_stays_a_frame(demo_client: FlaskClient) -> None:
    """The link is to the chart without the page around it."""
    _, url, _ = read_message(demo_client.get(f"/html/frequency?{NEWS}&{SPRING_2011}&embed=1").text)
    assert url.endswith("&embed=1")


@pytest.mark.slow
def test_accounts_of_which_one_has_posts_have_charts(world: fake_networks.World, page: PageReader) -> None:
    """The note below the summary names the other one."""
    world.x.post("nasa", "Launch!")
    text = page.open("/report?users=nasa,demo:harbour-news&since=2006-01-01&until=2026-06-01&n=20").text
    assert '<p class="nothing">demo' not in text
    assert 'id="scorecard"' in text


def test_without_stored_posts_the_link_leads_to_the_latest_ones(world: fake_networks.World, page: PageReader) -> None:
    """No network is contacted for a suggestion. The link shows what reading them can cost."""
    world.x.post("nasa", "Launch!")
    _, url, title = read_message(page.open("/report?users=nasa&n=20&since=2008-01-01&until=2008-02-01").text)
    assert url == "/report?users=nasa&n=20"
    assert re.fullmatch(r"Show the latest posts \(up to \$0\.\d\d\)", title)


@pytest.mark.slow
def test_stored_posts_are_suggested_without_reading_again(world: fake_networks.World, page: PageReader) -> None:
    """Their days are known, and they are paid for."""
    world.x.post("nasa", "Launch!")
    page.open("/report?users=nasa&n=20")
    requests_before = len(world.x.requests)
    _, url, title = read_message(page.open("/report?users=nasa&n=20&last=7d").text)
    assert len(world.x.requests) == requests_before
    assert "since=" in url
    assert "up to" not in title
