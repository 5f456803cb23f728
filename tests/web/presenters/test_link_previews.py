"""What a link shows where it is pasted: title, numbers and the chart itself, for nothing."""

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
    """A program that asks where networks take longer than a second."""
    with Slow() as outside:
        outside.bluesky.has("nasa", posts=20)
        yield create_app({"CHORUS_BLUESKY_API_URL": outside.url}).test_client()


class Slow(fake_networks.World):
    """A world whose networks take a while."""

    def respond(self, request: fake_networks.Request) -> fake_networks.Response:
        """Answer after a while, or at once when the world ends."""
        self.closing.wait(1.3)
        return super().respond(request)


def parse_meta_tags(answer: TestResponse) -> dict[str, str]:
    """Return what the head of a page says of it, by name."""
    matches = re.findall(r'<meta (?:property|name)="([\w:]+)" content="([^"]*)">', answer.text)
    assert len({name for name, _ in matches}) == len(matches)
    return {name: unescape(value) for name, value in matches}


def path(address: str) -> str:
    """Return the path of an address of ours."""
    return address.removeprefix("http://localhost")


@pytest.mark.parametrize("url", PAGES)
def test_a_pasted_link_unfurls(client: FlaskClient, url: str) -> None:
    """Every page that is shared has title, sentence, address and picture, absolute, each once."""
    card = parse_meta_tags(client.get(url, headers=SLACK, follow_redirects=True))
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
    assert [card[name].startswith("http://localhost/") for name in ("og:url", "og:image", "twitter:image")] == [True] * 3


@pytest.mark.parametrize("url", PAGES)
def test_the_picture_has_the_size_that_networks_want(client: FlaskClient, url: str) -> None:
    """1200 × 630 pixels, as the head says."""
    card = parse_meta_tags(client.get(url, follow_redirects=True))
    answer = client.get(path(card["og:image"]), headers=SLACK)
    assert answer.status_code == 200
    assert answer.content_type == "image/png"
    assert struct.unpack(">II", answer.data[16:24]) == (1200, 630) == (int(card["og:image:width"]), int(card["og:image:height"]))


def test_the_sentence_holds_the_numbers(client: FlaskClient) -> None:
    """Of each account how much it posted; of one chart what its alternative text says."""
    report, chart = (parse_meta_tags(client.get(url, headers=SLACK))["og:description"] for url in PAGES[:2])
    assert re.search(r"demo:aster-air: 60 posts, [\d.]+ per day, total balance [+−]?\d+; demo:harbour-news: 60 posts", report)
    assert chart.startswith("Line chart of posts")


def test_a_pasted_text_says_how_it_sounds(client: FlaskClient) -> None:
    """The label is the title, the probabilities are the sentence, and the text is quoted as text."""
    card = parse_meta_tags(client.get("/classify?text=I+love+%22it%22+%3Cb%3E", headers=SLACK))
    assert card["og:title"] == "It sounds positive"
    assert "positive" in card["og:description"]
    assert '“I love "it" <b>”' in card["og:description"]


def test_the_address_is_the_canonical_one(client: FlaskClient) -> None:
    """However a link was written."""
    assert path(parse_meta_tags(client.get(PAGES[0] + "&utm_source=chat&tz=UTC", follow_redirects=True))["og:url"]) == PAGES[0]


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
def test_addresses_are_those_that_the_reader_used(client: FlaskClient, headers: dict[str, str], origin: str) -> None:
    """Host and scheme as they came to us or to the proxy before us; another host is never taken from a header that anybody can send."""
    card = parse_meta_tags(client.get(PAGES[0], headers=headers))
    assert [card[name].startswith(origin) for name in ("og:url", "og:image")] == [True, True]


@pytest.mark.parametrize("who", [SLACK, UNKNOWN, {}], ids=["Slack", "unknown", "nobody"])
@pytest.mark.parametrize("form", ["png", "svg"])
def test_the_picture_of_a_preview_never_costs_money(
    client: FlaskClient, world: fake_networks.World, who: dict[str, str], form: str
) -> None:
    """Whoever fetches it, X is not asked; with nothing kept it is a picture that says so, and nobody keeps it."""
    world.x.has("nasa", posts=5)
    answer = client.get(f"/kept/frequency.{form}?users=nasa&width=600&height=315", headers=who)
    assert answer.status_code == 200
    assert answer.mimetype.startswith("image/")
    assert world.x.requests == []
    assert answer.headers["Cache-Control"] == "no-store"
    assert form == "png" or "cached" in answer.text


def test_the_picture_is_the_chart_once_somebody_has_read_it(client: FlaskClient, world: fake_networks.World) -> None:
    """What a person saw is what the link shows, without a question to X."""
    world.x.has("nasa", posts=5)
    client.get("/report?users=nasa")
    asked = len(world.x.requests)
    drawn = client.get("/kept/frequency.svg?users=nasa", headers=SLACK).data
    assert drawn == client.get("/frequency.svg?users=nasa").data
    assert len(world.x.requests) == asked


def test_a_picture_of_an_unknown_account_says_so(client: FlaskClient) -> None:
    """An error is told in the picture."""
    answer = client.get("/kept/frequency.svg?users=demo:nobody")
    assert answer.status_code == 200
    assert "nobody" in re.sub(r"<[^>]+>", " ", answer.text)


def test_a_wrong_question_has_no_picture(client: FlaskClient) -> None:
    """What can't be understood is a problem as everywhere."""
    answer = client.get("/kept/frequency.png?users=nasa&width=9")
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"


def test_what_is_pasted_elsewhere_stays_text(app: Flask) -> None:
    """An account called like a tag does not end an attribute of the page that the chart is pasted into."""
    query = Query.parse({"users": ["file:ab/<b>\"'&"]})
    with app.test_request_context("/", base_url="https://chorus.example"):
        pasted = link_previews.embed_snippets(query, "frequency", 'A <title> & "more"', 'An <alt> & "more"')
    parser = Attributes()
    parser.feed("".join(pasted.values()))
    assert [tag for tag, _ in parser.tags] == ["a", "img", "iframe"]
    assert parser.tags[1][1]["alt"] == 'An <alt> & "more"'
    assert parser.tags[2][1]["title"] == 'A <title> & "more"'
    assert [
        held[name].startswith("https://chorus.example/") for (_, held), name in zip(parser.tags, ("href", "src", "src"), strict=True)
    ] == [True] * 3


class Attributes(HTMLParser):
    """Elements with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember it."""
        self.tags.append((tag, {name: value or "" for name, value in attrs}))


def test_a_slow_page_still_tells_a_robot_the_numbers(slow_client: FlaskClient) -> None:
    """A robot waits for the whole page, for its head is all it reads; a person sees the progress."""
    card = parse_meta_tags(slow_client.get("/report?users=nasa.bsky.social", headers=SLACK))
    assert card["og:description"].startswith("nasa.bsky.social: 20 posts")


def test_a_streamed_page_is_compressed_as_it_comes(slow_client: FlaskClient) -> None:
    """Pieces arrive one after the other, each can be read at once, and all are one gzip."""
    answer = slow_client.get("/report?users=nasa.bsky.social", headers={"Accept-Encoding": "gzip"}, buffered=False)
    pieces = list(answer.iter_encoded())
    begun = zlib.decompressobj(wbits=31).decompress(pieces[0]).decode()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "<h1>" in begun
    assert 'id="report"' not in begun
    assert gzip.decompress(b"".join(pieces)).decode().rstrip().endswith("</html>")
