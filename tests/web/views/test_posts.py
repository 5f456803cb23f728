"""`/posts`, `/posts.csv`, `/posts.json`: the posts behind a chart, as a page and as data."""

import csv
import io
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.fake_clock import FakeClock
from tests.support.fake_models import FakeTabularModel
from tests.support.fault_suite import reduce_examples
from tests.support.html_pages import HtmlPage, PageReader
from tests.support.openapi_fuzzing import find_faults
from tests.support.streamed_pages import ANSWER_SECONDS, stream_at_once

AIR, NEWS, SKY = "demo:aster-air", "demo:harbour-news", "nasa.bsky.social"
NASTY = '<script>alert(1)</script> good "><img src=x onerror=alert(2)> {{ 7 * 7 }}'


@pytest.fixture
def sky(world: fake_networks.World) -> FlaskClient:
    """A client of an application whose networks are fake."""
    keys = {"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": world.url, "CHORUS_BLUESKY_API_URL": world.url}
    return create_app(keys).test_client()


def bodies(page: HtmlPage) -> list[str]:
    """Return the texts of a page's posts without their marks."""
    return [
        unescape(re.sub(r"<[^>]+>", "", match)).strip()
        for match in re.findall(r'<p class="post-text"[^>]*>(.*?)</p>', page.text, re.DOTALL)
    ]


def heading(page: HtmlPage) -> tuple[str, str]:
    """Return the heading of a page, and how many posts it has."""
    return page.h1s[0], re.findall(r'<h2 id="posts">(.*?)</h2>', page.text)[0]


def locations(client: FlaskClient, address: str) -> tuple[int, str]:
    """Return where a URL redirects to."""
    response = client.get(address)
    return response.status_code, response.headers.get("Location", "")


# --- the page -----------------------------------------------------------------------------------------------------------


def test_the_heading_describes_the_selection(demo_page: PageReader) -> None:
    """The page links back to the charts."""
    html_page = demo_page.open(f"/posts?users={AIR},{NEWS}&account={AIR}&from=2026-09-16&to=2026-09-17")
    assert heading(html_page) == ("Posts by Aster Air on 16 September 2026", "40 posts")
    assert len(bodies(html_page)) == 40
    assert f"/report?users={AIR},{NEWS}" in html_page.link_urls


def test_a_post_in_another_language_says_why_it_has_no_scores(demo_page: PageReader) -> None:
    """The reason stands where the scores of other posts are, instead of a dash per method."""
    text = demo_page.open("/posts?users=demo:sablonne-council&n=60").text
    facts = [facts for facts in re.findall(r'<div class="facts">(.*?)</div>', text, re.DOTALL) if "not in English" in facts]
    assert len(facts) > 0
    assert [fact for fact in facts if "No sentiment: not in English" not in fact or "Word list" in fact] == []


def test_a_url_redirects_to_its_canonical_form(demo_client: FlaskClient) -> None:
    """Defaults, image parameters and unusual orders are dropped."""
    messy = f"/posts?sort=oldest&account=DEMO:aster-air&users={AIR}&n=400&width=300&page=1"
    assert locations(demo_client, messy) == (302, f"/posts?users={AIR}&account={AIR}&sort=oldest")
    assert locations(demo_client, f"/posts?users={AIR}&account={AIR}&sort=oldest") == (200, "")


def test_every_problem_is_on_the_page_with_the_form(demo_page: PageReader) -> None:
    """What was typed is kept."""
    html_page = demo_page.open(f"/posts?users={AIR}&n=none&weekday=8&account=esa&frm=1", status=400)
    assert html_page.fields["users"] == AIR
    assert list(html_page.problems) == ["other", "n"]
    assert "The weekday (1 is Monday) must be a whole number from 1 to 7" in html_page.problems["other"]


def test_orders_and_pages_are_links(demo_page: PageReader) -> None:
    """They need no script and can be bookmarked; another order starts on the first demo_page."""
    html_page = demo_page.open(f"/posts?users={AIR}&n=120&page=2")
    assert heading(html_page)[1] == "120 posts, page 2 of 3"
    for way in (f"/posts?users={AIR}&n=120", f"/posts?users={AIR}&n=120&page=3", f"/posts?users={AIR}&n=120&sort=reactions"):
        assert way in html_page.link_urls


def test_the_pages_contain_every_post_once(demo_page: PageReader, demo_client: FlaskClient) -> None:
    """They are in the order of the data."""
    pages = [bodies(demo_page.open(f"/posts?users={AIR}&n=120&sort=negative&page={number}")) for number in (1, 2, 3)]
    data = demo_client.get(f"/posts.json?users={AIR}&n=120&sort=negative").get_json()["data"]
    assert [text for page in pages for text in page] == [row["text"] for row in data]


def test_a_page_after_the_last_has_a_way_back(demo_page: PageReader) -> None:
    """It isn't an error."""
    html_page = demo_page.open(f"/posts?users={AIR}&n=60&page=9")
    assert "There are only 2 pages." in html_page.text
    assert f"/posts?users={AIR}&n=60&page=2" in html_page.link_urls


def test_a_page_without_posts_says_so(demo_page: PageReader) -> None:
    """It has a way back."""
    html_page = demo_page.open(f"/posts?users={AIR}&word=zyzzyva")
    assert heading(html_page)[1] == "No posts"
    assert "No posts match." in html_page.text


@pytest.mark.parametrize("method", ["bing", "afinn", "vader"])
def test_matched_words_are_marked_by_polarity(demo_page: PageReader, method: str) -> None:
    """They are those of the query's method."""
    chosen = f"users={AIR}&method={method}&account={AIR}&from=2026-09-16&to=2026-09-17"
    query = chosen if method != "bing" else chosen.replace("&method=bing", "")
    html_page = demo_page.open(f"/posts?{query}")
    posts = html_page.text.partition('<ol class="posts">')[2]
    tones = [len(re.findall(f'<mark class="{tone}">', posts)) for tone in ("up", "down")]
    assert min(tones) > 0


def test_words_are_marked_by_the_models_explanation(demo_page: PageReader) -> None:
    """The model has no lexicon."""
    html_page = demo_page.open(f"/posts?users={AIR}&method=model&sort=negative")
    assert re.search(r'<mark class="down">sorry</mark>', html_page.text, re.IGNORECASE)


def test_each_method_has_its_score(demo_page: PageReader) -> None:
    """They are folded, side by side, with the query's own highlighted."""
    first = demo_page.open(f"/posts?users={AIR}&sort=negative").text.partition('<details class="verdict">')[2].partition("</details>")[0]
    assert re.findall(r">([\w ]+) <b>", first) == ["Word list", "Weighted words", "Rules", "AI model"]
    assert re.findall(r'class="\w+ current">([\w ]+) ', first) == ["Word list"]


def test_each_post_has_one_verdict(demo_page: PageReader) -> None:
    """It says whether the methods agree; their scores are below it."""
    text = demo_page.open(f"/posts?users={AIR}&sort=negative").text
    verdicts = re.findall(r'<summary class="(\w+)">([^<]+)</summary>', text)
    assert len(verdicts) == 50
    assert ("down", "Negative by all four methods") in verdicts
    assert [
        text for tone, text in verdicts if not re.fullmatch(r"Negative by all four methods|Methods disagree: \d \w+(, \d \w+)+", text)
    ] == []


def test_each_limit_is_a_link_that_lifts_it(demo_page: PageReader) -> None:
    """The others stay."""
    others = "from=2026-09-16&to=2026-09-17&word=sorry&polarity=negative&language=english"
    html_page = demo_page.open(f"/posts?users={AIR},{NEWS}&account={AIR}&{others}")
    line = html_page.text.partition('<nav class="filters"')[2].partition("</nav>")[0]
    assert re.findall(r"<li><a[^>]+>([^<]+)</a>", line)[-4:] == ["All accounts", "Whole period", "All words", "All languages"]
    assert re.findall(r'<a href="([^"]+)" rel="nofollow">All accounts<', unescape(line)) == [f"/posts?users={AIR},{NEWS}&{others}"]


def test_the_sentiment_is_one_of_four_links(demo_page: PageReader) -> None:
    """Each keeps the other limits."""
    line = (
        demo_page.open(f"/posts?users={AIR}&word=sorry&polarity=negative")
        .text.partition('aria-label="Sentiment">')[2]
        .partition("</ul>")[0]
    )
    assert re.findall(r'href="([^"]+)"( aria-current="true")? rel="nofollow">(\w+) \d+<', unescape(line)) == [
        (f"/posts?users={AIR}&word=sorry", "", "All"),
        (f"/posts?users={AIR}&word=sorry&polarity=positive", "", "Positive"),
        (f"/posts?users={AIR}&word=sorry&polarity=negative", ' aria-current="true"', "Negative"),
        (f"/posts?users={AIR}&word=sorry&polarity=neutral", "", "Neutral"),
    ]


def count_choices(html_page: HtmlPage) -> list[tuple[str, int]]:
    """Return the sentiments to choose from with their numbers of posts."""
    line = html_page.text.partition('aria-label="Sentiment">')[2].partition("</ul>")[0]
    return [(title, int(count)) for title, count in re.findall(r">(\w+) (\d+)<", line)]


def test_each_sentiment_has_its_number_of_posts(demo_page: PageReader) -> None:
    """Nobody follows a link to an empty list. The numbers are the same whichever is chosen."""
    counts = count_choices(demo_page.open(f"/posts?users={AIR}&word=sorry"))
    assert [title for title, _ in counts] == ["All", "Positive", "Negative", "Neutral"]
    assert counts[0][1] == sum(count for _, count in counts[1:])
    negative = demo_page.open(f"/posts?users={AIR}&word=sorry&polarity=negative&sort=negative")
    assert count_choices(negative) == counts
    assert f"{counts[2][1]} posts" in negative.text


def test_without_a_text_model_its_score_is_a_dash_with_a_reason(app: Flask) -> None:
    """The other methods have scores."""
    from dataclasses import replace

    app.extensions["chorus"] = replace(app.extensions["chorus"], make_model=FakeTabularModel)
    html_page = PageReader(app.test_client()).open(f"/posts?users={AIR}&n=5")
    assert "AI model <b>–</b>" in html_page.text
    assert "takes rows of numbers" in unescape(html_page.text)


def test_times_are_local(sky: FlaskClient, world: fake_networks.World) -> None:
    """They have their zone, so that repeated hours differ."""
    for hour in (0, 1):
        world.bluesky.post(SKY, f"at {hour}", at=datetime(2026, 10, 25, hour, 30, tzinfo=UTC))
    html_page = PageReader(sky).open(f"/posts?users={SKY}&tz=Europe/Berlin&sort=oldest")
    assert re.findall(r'<time datetime="[^"]*">([^<]*)</time>', html_page.text) == [
        "Sun 25 Oct 2026, 02:30 CEST",
        "Sun 25 Oct 2026, 02:30 CET",
    ]


def test_each_post_links_to_the_original(sky: FlaskClient, world: fake_networks.World) -> None:
    """The link opens in a tab without access to this page."""
    world.bluesky.post(SKY, "Hello", at=datetime(2026, 10, 25, tzinfo=UTC))
    html_page = PageReader(sky).open(f"/posts?users={SKY}")
    link = re.findall(r'<a href="(https://bsky.app/[^"]*)" rel="([^"]*)" target="_blank">', html_page.text)
    assert [rel for _, rel in link] == ["noopener noreferrer nofollow ugc"]


@pytest.mark.parametrize("method", ["bing", "model"])
def test_hostile_texts_stay_text(sky: FlaskClient, world: fake_networks.World, method: str) -> None:
    """Texts by networks are shown, never executed."""
    world.bluesky.post(SKY, NASTY, at=datetime(2026, 10, 25, tzinfo=UTC))
    query_string = f"users={SKY}" + f"&method={method}" * (method != "bing")
    html_page = PageReader(sky).open(f"/posts?{query_string}&word=%3Cb%3E%22%27good")
    assert "<b>&#34;&#39;good" not in html_page.h1s[0]
    html_page = PageReader(sky).open(f"/posts?{query_string}")
    assert bodies(html_page) == [NASTY]
    assert "<script>alert" not in html_page.text
    assert "onerror=alert(2)>" not in html_page.text
    assert "49" not in bodies(html_page)[0]


def test_pages_of_posts_are_not_indexed(demo_page: PageReader) -> None:
    """Posts are other people's words."""
    assert '<meta name="robots" content="noindex, nofollow">' in demo_page.open(f"/posts?users={AIR}&n=5").text


def test_an_unreadable_account_is_explained(page: PageReader, world: fake_networks.World) -> None:
    """It is a note next to others, and an error alone."""
    world.x.fails("gone", with_="unknown")
    assert page.open("/posts?users=gone", status=404).fields["users"] == "gone"
    assert "Some accounts are missing" in page.open(f"/posts?users=gone,{AIR}").text


def test_a_link_preview_buys_nothing(client: FlaskClient, world: fake_networks.World) -> None:
    """A robot that follows a link of a table costs nothing."""
    world.x.has("nasa", posts=20)
    statuses = [
        client.get(f"/posts{form}?users=nasa", headers={"User-Agent": "Googlebot/2.1"}).status_code for form in ("", ".json", ".csv")
    ]
    assert statuses == [402, 402, 402]
    assert world.x.requests == []


def test_posts_of_a_chart_are_not_read_again(client: FlaskClient, world: fake_networks.World) -> None:
    """A click costs nothing."""
    world.x.has("nasa", posts=20)
    client.get("/frequency.json?users=nasa")
    request_count = len(world.x.requests)
    assert client.get("/posts?users=nasa").status_code == 200
    assert len(world.x.requests) == request_count


@pytest.mark.slow
def test_a_slow_page_is_streamed() -> None:
    """It shows its progress and ends with the posts, like a report."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as slow:
        slow.bluesky.has(SKY, posts=300)
        text = stream_at_once(create_app({"CHORUS_BLUESKY_API_URL": slow.url})).test_client().get(f"/posts?users={SKY}").text
    assert "<li><progress" in text
    assert '<h2 id="posts">300 posts, page 1 of 6</h2>' in text
    assert text.rstrip().endswith("</html>")


# --- links from charts -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["frequency", "sentiment", "rhythm"])
def test_the_table_links_to_the_posts_of_each_row(demo_page: PageReader, kind: str) -> None:
    """It is a plain link to as many posts as the row counts."""
    html = demo_page.client.get(f"/html/{kind}?users={AIR},{NEWS}&n=150&tz=Asia/Kolkata").text
    table = html.partition('<details class="data">')[2].partition("</details>")[0]
    links = re.findall(r'<a href="(/posts[^"]*)" rel="nofollow" aria-label="[^"]*">([\d,]+)</a>', table)
    assert len(links) > 5
    for link, count in links[:3] + links[-3:]:
        assert heading(demo_page.open(unescape(link)))[1] == f"{count} post{'s' * (count != '1')}"


def test_zero_has_no_link(demo_client: FlaskClient) -> None:
    """There is nothing to read."""
    html = demo_client.get(f"/html/frequency?users={NEWS}&n=60&interval=hour").text
    assert ">0</td>" in html
    assert re.findall(r'<a href="/posts[^"]*"[^>]*>0</a>', html) == []


def test_counts_by_a_network_have_no_link(sky: FlaskClient, world: fake_networks.World) -> None:
    """There are no posts behind them, unlike those of other accounts on the chart."""
    for hour in range(3):
        world.x.post("nasa", at=datetime(2026, 1, 5, hour, tzinfo=UTC))
        world.bluesky.post(SKY, at=datetime(2026, 1, 5, hour, tzinfo=UTC))
    query_string = f"users=nasa,{SKY}&interval=day&since=2026-01-01&until=2026-01-10&counted=network"
    html = sky.get(f"/html/frequency?{query_string}").text
    ways = [unescape(link) for link in re.findall(r'<a href="(/posts[^"]*)"', html)]
    assert [re.findall(r"account=([^&]*)", way) for way in ways] == [[SKY]]
    landed = PageReader(sky).open(ways[0])
    assert heading(landed)[1] == "3 posts"
    assert f"/html/frequency?{query_string}" in landed.link_urls


def test_an_embedded_chart_opens_posts_in_a_tab(demo_page: PageReader) -> None:
    """The frame keeps its chart."""
    html_page = demo_page.open(f"/html/sentiment?users={AIR}&embed=1&n=50")
    assert 'data-new-tab="yes"' in html_page.text
    assert re.findall(r'<a href="/posts[^"]*" rel="nofollow"( target="_blank")? aria-label', html_page.text)[0] == ' target="_blank"'


# --- data ---------------------------------------------------------------------------------------------------------------


def test_the_document_has_the_keys_of_a_chart(demo_client: FlaskClient) -> None:
    """Programs rely on its keys and columns."""
    document = demo_client.get(f"/posts.json?users={AIR}&n=3&word=smile&sort=oldest&page=7").get_json()
    assert list(document) == ["query", "coverage", "notes", "fetched_at", "data"]
    assert document["query"]["word"] == "smile"
    assert document["query"]["sort"] == "oldest"
    assert "page" not in document["query"]
    assert list(document["data"][0]) == [
        *["account", "id", "created_at", "text", "kind", "lang", "url", "likes", "reposts", "replies", "quotes", "views"],
        *["words", "matched", "positive", "negative", "score", "date_only"],
    ]


def test_csv_and_json_have_the_same_posts(demo_client: FlaskClient) -> None:
    """They are in the same order."""
    query_string = f"users={AIR},{NEWS}&n=80&sort=positive"
    rows = list(csv.DictReader(io.StringIO(demo_client.get(f"/posts.csv?{query_string}").text, newline="")))
    assert [row["id"] for row in rows] == [row["id"] for row in demo_client.get(f"/posts.json?{query_string}").get_json()["data"]]


def test_an_invalid_selection_has_a_message_and_a_way_back(demo_page: PageReader) -> None:
    """The link leads to the charts of the same query."""
    html_page = demo_page.open(f"/posts?users={AIR}&n=60&tz=Europe/Berlin&from=2026-03-01&to=2026-02-01", status=400)
    back = next(link for link in html_page.link_urls if link.startswith("/report?"))
    assert "The end must come after the start" in html_page.text
    assert "users" not in html_page.fields
    assert demo_page.open(back).url == f"/report?users={AIR}&n=60&tz=Europe/Berlin"


def test_a_page_after_the_last_links_to_the_last(demo_page: PageReader) -> None:
    """Its heading has no impossible page number."""
    html_page = demo_page.open(f"/posts?users={AIR}&page=999")
    assert heading(html_page)[1] == "400 posts"
    assert f"/posts?users={AIR}&page=8" in html_page.link_urls


def test_data_has_only_ids_of_posts_from_x(client: FlaskClient, world: fake_networks.World) -> None:
    """There are at most 500, without text or time; the page shows them all."""
    world.x.has("nasa", posts=600)
    document = client.get("/posts.json?users=nasa&n=600").get_json()
    assert {name for row in document["data"] for name, value in row.items() if value is not None} == {"account", "id"}
    assert len(document["data"]) == 500
    assert (
        document["notes"][-1]
        == "X’s terms allow a data file only the account and ID of at most 500 posts. The file has the first 500 of 600."
    )
    assert "nasa says" not in client.get("/posts.csv?users=nasa&n=600").text
    assert "nasa says 600" in client.get("/posts?users=nasa&n=600").text


@pytest.mark.parametrize("form", ["json", "csv"])
def test_data_has_its_url_and_an_etag(form: str) -> None:
    """An unchanged response isn't sent again."""
    client = create_app({}, FakeClock()).test_client()  # JSON documents say when the posts were read
    response = client.get(f"/posts.{form}?users={AIR}&n=5&page=3&scale=1")
    assert response.headers["Content-Location"] == f"/posts.{form}?users={AIR}&n=5"
    again = client.get(f"/posts.{form}?users={AIR}&n=5", headers={"If-None-Match": response.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("form", ["json", "csv"])
def test_errors_are_problem_documents_for_programs(client: FlaskClient, form: str) -> None:
    """Each problem is at its field."""
    response = client.get(f"/posts.{form}?users={AIR}&hour=24&sort=best")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"
    assert [problem["field"] for problem in response.get_json()["problems"]] == ["hour", "sort"]


def test_responses_are_as_documented(world: fake_networks.World) -> None:
    """Schemathesis finds no fault."""
    free = create_app({"X_BEARER_TOKEN": "token"} | {f"CHORUS_{network}_API_URL": world.url for network in ("X", "BLUESKY", "MASTODON")})
    assert find_faults(free, ["/posts.json", "/posts.csv"], reduce_examples(8), thorough=False) == []


def test_only_the_start_of_a_very_long_post_is_marked(client: FlaskClient, world: fake_networks.World) -> None:
    """All of it is shown, and a note says which part is marked."""
    world.x.post("nasa", "A good day. " * 300)
    html = client.get("/posts?users=nasa").text
    assert "Only the first 1,998 characters are marked." in html
    shown_text = re.sub("<[^>]+>", "", re.findall(r'<p class="post-text"[^>]*>(.*?)</p>', html, re.S)[0])
    assert shown_text.count("A good day.") == 300
    assert html.count('<mark class="up">good</mark>') == 167


def test_a_post_in_another_language_says_which(demo_page: PageReader) -> None:
    """Its sentiment, if it has one, comes from another model."""
    text = demo_page.open("/posts?users=demo:museum-am-faehrkai&n=30&method=model").text
    assert '<span class="tag">German</span>' in text
    assert "No sentiment" not in text
    assert "About one German post in three is misread" in text
