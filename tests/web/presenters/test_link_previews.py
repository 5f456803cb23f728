"""Link previews: title, numbers and the chart, without buying anything."""

import gzip
import re
import struct
import zlib
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.core.charts import CHARTS
from dashboard.core.query import Query
from dashboard.web.presenters import link_previews
from tests.support import fake_networks
from tests.support.streamed_pages import ANSWER_SECONDS, stream_at_once

AIR, NEWS = "demo:aster-air", "demo:harbour-news"
SLACK = {"User-Agent": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)"}
UNKNOWN = {"User-Agent": "SomeNewChat/1.0"}
PAGES = [
    f"/report?users={AIR},{NEWS}&n=60",
    *(f"/html/{kind}?users={AIR},{NEWS}&n=60" for kind in CHARTS.names()),
    "/",
    "/classify?text=I+love+it",
]


@pytest.fixture
def slow_client() -> Iterator[FlaskClient]:
    """A program that asks where networks take longer than a page waits."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as outside:
        outside.bluesky.has("nasa", posts=20)
        yield stream_at_once(create_app({"CHORUS_BLUESKY_API_URL": outside.url})).test_client()


def parse_meta_tags(response: TestResponse) -> dict[str, str]:
    """Return what the head of a page says of it, by name."""
    matches = re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', response.text)
    assert len({name for name, _ in matches}) == len(matches)
    return {name: unescape(value) for name, value in matches}


def path(address: str) -> str:
    """Return the path of one of our URLs."""
    return address.removeprefix("http://localhost")


@pytest.mark.slow
@pytest.mark.parametrize("url", PAGES)
def test_a_shared_page_has_a_preview(demo_client: FlaskClient, url: str) -> None:
    """It has title, description, URL and image, each absolute and once."""
    card = parse_meta_tags(demo_client.get(url, headers=SLACK, follow_redirects=True))
    expected_names = [
        "og:title",
        "og:description",
        "og:url",
        "og:image",
        "og:type",
        "og:image:alt",
        "twitter:card",
        "twitter:image",
        "description",
    ]
    assert [name for name in expected_names if not card.get(name)] == []
    assert [card[name] for name in ("og:url", "og:image", "twitter:image") if not card[name].startswith("http://localhost/")] == []


@pytest.mark.parametrize("url", [*PAGES[:2], *(pytest.param(page, marks=pytest.mark.slow) for page in PAGES[2:-2]), *PAGES[-2:]])
@pytest.mark.slow
def test_the_image_has_the_size_for_previews(demo_client: FlaskClient, url: str) -> None:
    """It is 1200 × 630 pixels, as the tags say."""
    card = parse_meta_tags(demo_client.get(url, follow_redirects=True))
    response = demo_client.get(path(card["og:image"]), headers=SLACK)
    assert response.status_code == 200
    assert response.content_type == "image/png"
    assert struct.unpack(">II", response.data[16:24]) == (1200, 630) == (int(card["og:image:width"]), int(card["og:image:height"]))


def test_the_description_says_what_happened(demo_client: FlaskClient) -> None:
    """A report has its first two findings, a chart its alternative text."""
    report, chart = (parse_meta_tags(demo_client.get(url, headers=SLACK))["og:description"] for url in PAGES[:2])
    assert re.match(r"A steady period: no clear change\. Most reactions: “The market hall .+” \([^)]+, 30 October, 390\)\.$", report)
    assert chart.startswith("Line chart of posts")


def test_a_classified_text_has_its_label_in_the_preview(demo_client: FlaskClient) -> None:
    """The label is the title, the description has the probabilities, and the text is quoted as text."""
    card = parse_meta_tags(demo_client.get("/classify?text=I+love+%22it%22+%3Cb%3E", headers=SLACK))
    assert card["og:title"] == "It sounds positive"
    assert "positive" in card["og:description"]
    assert '“I love "it" <b>”' in card["og:description"]


def test_the_url_is_the_canonical_one(demo_client: FlaskClient) -> None:
    """The spelling of the link doesn't matter."""
    assert path(parse_meta_tags(demo_client.get(PAGES[0] + "&utm_source=chat&tz=UTC", follow_redirects=True))["og:url"]) == PAGES[0]


@pytest.mark.parametrize(
    ("headers", "origin"),
    [
        ({"Host": "chorus.example"}, "http://chorus.example/"),
        ({"Host": "chorus.example", "X-Forwarded-Proto": "https"}, "https://chorus.example/"),
        ({"Host": "chorus.example", "X-Forwarded-Proto": "https,http"}, "https://chorus.example/"),
        ({"Host": "chorus.example", "X-Forwarded-Host": "evil.example"}, "http://chorus.example/"),
        ({"Host": "chorus.example", "X-Forwarded-Proto": "javascript"}, "http://chorus.example/"),
    ],
)
def test_urls_have_the_host_and_scheme_that_the_reader_used(demo_client: FlaskClient, headers: dict[str, str], origin: str) -> None:
    """A proxy may report them, but no other header can change the host."""
    card = parse_meta_tags(demo_client.get(PAGES[1], headers=headers))
    assert [card[name] for name in ("og:url", "og:image") if not card[name].startswith(origin)] == []


@pytest.mark.parametrize("who", [SLACK, UNKNOWN, {}], ids=["Slack", "unknown", "nobody"])
@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_image_of_a_preview_never_costs_money(client: FlaskClient, world: fake_networks.World, who: dict[str, str], form: str) -> None:
    """X isn't contacted; without stored posts, the image says so and isn't cached."""
    world.x.has("nasa", posts=5)
    response = client.get(f"/kept/frequency.{form}?users=nasa&width=600&height=315", headers=who)
    assert response.status_code == 200
    assert response.mimetype.startswith("image/")
    assert world.x.requests == []
    assert response.headers["Cache-Control"] == "no-store"
    assert form == "png" or "cached" in response.text


def test_the_image_shows_what_somebody_has_read(client: FlaskClient, world: fake_networks.World) -> None:
    """It uses the stored posts without a request to X."""
    world.x.has("nasa", posts=5)
    client.get("/report?users=nasa")
    request_count = len(world.x.requests)
    svg = client.get("/kept/frequency.svg?users=nasa", headers=SLACK).data
    assert svg == client.get("/frequency.svg?users=nasa").data
    assert len(world.x.requests) == request_count


def test_the_image_of_an_unknown_account_says_so(demo_client: FlaskClient) -> None:
    """The error is drawn as text."""
    response = demo_client.get("/kept/frequency.svg?users=demo:nobody")
    assert response.status_code == 200
    assert "nobody" in re.sub(r"<[^>]+>", " ", response.text)


def test_an_invalid_query_has_no_image(demo_client: FlaskClient) -> None:
    """The response is a problem document."""
    response = demo_client.get("/kept/frequency.png?users=nasa&width=9")
    assert response.status_code == 400
    assert response.content_type == "application/problem+json"


def test_names_stay_text_in_the_snippet_for_other_pages(app: Flask) -> None:
    """An account named like a tag doesn't end an attribute."""
    query = Query.parse({"users": ["file:ab/<b>\"'&"]})
    with app.test_request_context("/", base_url="https://chorus.example"):
        pasted = link_previews.embed_snippets(query, "frequency", 'A <title> & "more"', 'An <alt> & "more"')
    parser = Attributes()
    parser.feed("".join(pasted.values()))
    assert [tag for tag, _ in parser.tags] == ["a", "img", "iframe"]
    assert parser.tags[1][1]["alt"] == 'An <alt> & "more"'
    assert parser.tags[2][1]["title"] == 'A <title> & "more"'
    urls = [attributes[name] for (_, attributes), name in zip(parser.tags, ("href", "src", "src"), strict=True)]
    assert [url for url in urls if not url.startswith("https://chorus.example/")] == []


def test_the_snippet_keeps_the_proportions_of_an_image(app: Flask) -> None:
    """It has no height, because an image with a row per account is higher than the default."""
    with app.test_request_context("/", base_url="https://chorus.example"):
        snippets = link_previews.embed_snippets(Query.parse({"users": ["nasa", "esa"]}), "sentiment", "A title", "A text")
    parser = Attributes()
    parser.feed(snippets["image"])
    assert parser.tags[1][1]["width"] == "900"
    assert "height" not in parser.tags[1][1]


class Attributes(HTMLParser):
    """Collects elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect an element."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


@pytest.mark.slow
def test_a_slow_page_has_the_numbers_for_robots(slow_client: FlaskClient) -> None:
    """Robots wait for the whole page and read only its head; people see the progress."""
    card = parse_meta_tags(slow_client.get("/report?users=nasa.bsky.social", headers=SLACK))
    assert "nasa.bsky.social: 20 posts" in card["og:description"]


@pytest.mark.slow
def test_a_streamed_page_is_compressed_in_parts(slow_client: FlaskClient) -> None:
    """Each part can be decoded at once, and all parts are one gzip stream."""
    response = slow_client.get("/report?users=nasa.bsky.social", headers={"Accept-Encoding": "gzip"}, buffered=False)
    pieces = list(response.iter_encoded())
    begun = zlib.decompressobj(wbits=31).decompress(pieces[0]).decode()
    assert response.headers["Content-Encoding"] == "gzip"
    assert "<h1>" in begun
    assert 'id="report"' not in begun
    assert gzip.decompress(b"".join(pieces)).decode().rstrip().endswith("</html>")
