"""Display names on pages, in images, previews and files: people read names, programs get accounts, and no name does any harm."""

import csv
import io
import re
from collections.abc import Iterator
from html import unescape

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.streamed_pages import stream_at_once

HOSTILE = "=cmd()<script>alert(1)</script>\u202e\u200b" + "&" * 10_000
SHOWN = "=cmd()<script>alert(1)</script>" + "&" * 8 + "…"
PATHS = ["/report", "/html/frequency", "/posts", "/frequency.svg"]


@pytest.fixture
def client(world: fake_networks.World) -> FlaskClient:
    """A client of a Chorus that reads Bluesky and Mastodon."""
    settings = {"CHORUS_BLUESKY_API_URL": world.url, "CHORUS_MASTODON_API_URL": world.url}
    return create_app(settings).test_client()


def visible_text(page: str) -> str:
    """Return the text of a page on the screen: without markup, the fields of its form, and its address for paper."""
    unseen = r'(?s)<(script|textarea)\b.*?</\1>|<p class="printed">.*?</p>'
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(unseen, " ", page)))


@pytest.mark.parametrize("path", PATHS)
def test_an_account_is_called_by_its_name(client: FlaskClient, world: fake_networks.World, path: str) -> None:
    """The handle is in addresses, in tooltips and in the table of what was read."""
    world.bluesky.has("nasa", posts=20, displayName="National Aeronautics")
    text = client.get(f"{path}?users=nasa.bsky.social").text
    assert "National Aeronautics" in text
    assert "nasa.bsky.social" not in visible_text(re.sub(r'(?s)<table class="coverage">.*?</table>', "", text))


def test_the_preview_has_the_name(client: FlaskClient, world: fake_networks.World) -> None:
    """Whoever gets the link reads it."""
    world.bluesky.has("nasa", posts=20, displayName="National Aeronautics")
    text = client.get("/report?users=nasa.bsky.social").text
    assert '<meta property="og:title" content="National Aeronautics">' in text
    assert re.findall(r'<meta property="og:image:alt" content="([^"]*National Aeronautics[^"]*)">', text) != []


def test_equal_names_have_their_handles(client: FlaskClient, world: fake_networks.World) -> None:
    """One of them may be somebody else's."""
    world.bluesky.has("nasa", posts=20, displayName="NASA")
    world.mastodon.has("nasa", posts=20, display_name="nasa")
    heading = re.findall(r"<h1>(.*?)</h1>", client.get("/report?users=nasa.bsky.social,nasa@mastodon.example").text)[0]
    assert re.sub(r"<[^>]+>", "", heading) == "NASA (nasa.bsky.social) and nasa (nasa@mastodon.example)"


@pytest.mark.parametrize("path", PATHS)
def test_a_hostile_name_does_no_harm(client: FlaskClient, world: fake_networks.World, path: str) -> None:
    """It's escaped and short, and what can't be seen is removed."""
    world.bluesky.has("nasa", posts=20, displayName=HOSTILE)
    text = client.get(f"{path}?users=nasa.bsky.social").text
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "\u200b" not in text
    assert "&" * 9 not in unescape(text)


def test_data_has_the_account_and_the_name(client: FlaskClient, world: fake_networks.World) -> None:
    """A spreadsheet doesn't run a name."""
    world.bluesky.has("nasa", posts=20, displayName=HOSTILE)
    document = client.get("/frequency.json?users=nasa.bsky.social").get_json()
    assert [(row["account"], row["name"]) for row in document["coverage"]] == [("nasa.bsky.social", SHOWN)]
    (row, *_) = csv.DictReader(io.StringIO(client.get("/frequency.csv?users=nasa.bsky.social").text))
    assert row["account"] == "nasa.bsky.social"
    assert row["name"] == f"'{SHOWN}"


@pytest.fixture
def slow_client() -> Iterator[FlaskClient]:
    """A client of a Chorus where networks take longer than a page waits."""
    with fake_networks.SlowWorld(1.0) as world:
        world.bluesky.has("nasa", posts=20, displayName="National Aeronautics")
        yield stream_at_once(create_app({"CHORUS_BLUESKY_API_URL": world.url})).test_client()


@pytest.mark.slow
def test_until_a_name_is_read_the_handle_stands_for_it(slow_client: FlaskClient) -> None:
    """The head of a page that streams is sent before anything is known."""
    text = slow_client.get("/report?users=nasa.bsky.social").text
    assert "<title>nasa.bsky.social · Chorus</title>" in text
    assert "National Aeronautics</bdi>" in text


@pytest.mark.slow
def test_no_page_of_the_demo_shows_how_its_accounts_are_written(demo_client: FlaskClient) -> None:
    """“Demo” is said in a sentence; `demo:` is for addresses, fields and programs."""
    users = "users=demo:aster-air,demo:harbour-news&n=60"
    for path in ("/", f"/report?{users}", f"/html/frequency?{users}", f"/html/compare?{users}", f"/posts?{users}"):
        text = demo_client.get(path).text
        assert re.findall(r"demo:[a-z]", visible_text(text)) == []
        assert re.findall(r'(?:alt|title|aria-label)="[^"]*demo:[a-z]', text) == []
