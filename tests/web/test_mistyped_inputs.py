"""What people type wrong: the page says what may be meant, with links, and neither the page nor a link reads or buys anything."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.html_pages import PageReader

PROBLEM = re.compile(r'<p class="problem" id="(\w+)-problem"><span aria-hidden="true">⚠</span> (.*?)</p>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)" rel="nofollow">([^<]+)</a>')


@pytest.fixture
def unconnected() -> PageReader:
    """A reader of a Chorus that has no key for X."""
    return PageReader(create_app({}).test_client())


def problem(text: str) -> tuple[str, str]:
    """Return the field of the only problem of a page, and its message without markup."""
    ((field, message),) = PROBLEM.findall(text)
    return field, unescape(re.sub(r"<[^>]+>", "", message))


def links(text: str) -> list[tuple[str, str]]:
    """Return label and address of what may be meant."""
    return [(unescape(label), unescape(url)) for url, label in LINK.findall(PROBLEM.findall(text)[0][1])]


def test_a_bare_word_suggests_networks_that_can_be_read(unconnected: PageReader) -> None:
    """Without a key for X, the account of the same name may be elsewhere."""
    text = unconnected.open("/report?users=NASA", status=503).text
    assert problem(text)[0] == "users"
    assert problem(text)[1].startswith("X isn’t connected on this server, so @nasa can’t be read.")
    assert links(text) == [
        ("nasa.bsky.social", "/report?users=nasa.bsky.social"),
        ("nasa@mastodon.social", "/report?users=nasa@mastodon.social"),
    ]


def test_a_page_names_the_network_that_is_not_connected(unconnected: PageReader) -> None:
    """Somebody who types `nasa` needn't know that it means X."""
    assert unconnected.open("/report?users=nasa", status=503).h1s == ["X isn’t connected here"]


def test_a_program_gets_the_same_title_for_every_network() -> None:
    """The detail names the network."""
    problem_document = create_app({}).test_client().get("/frequency.json?users=nasa").get_json()
    assert problem_document["title"] == "This network isn’t connected here"
    assert problem_document["detail"].startswith("X isn’t connected on this server, so @nasa can’t be read.")


def test_a_personal_name_is_not_split(page: PageReader, world: fake_networks.World) -> None:
    """Where X is connected, every link that could cost money leads to the form, which shows the price."""
    text = page.open("/report?users=Jane+Goodall&n=50", status=400).text
    assert problem(text)[1].startswith("“Jane Goodall” looks like a name, not a handle.")
    assert links(text) == [
        ("@janegoodall", "/?users=@janegoodall&n=50"),
        ("janegoodall.bsky.social", "/report?users=janegoodall.bsky.social&n=50"),
        ("janegoodall@mastodon.social", "/report?users=janegoodall@mastodon.social&n=50"),
        ("@jane and @goodall", "/?users=@jane,%20@goodall&n=50"),
    ]
    assert world.x.requests == []
    assert world.bluesky.requests == []


def test_the_form_of_a_suggestion_is_filled_in(page: PageReader, world: fake_networks.World) -> None:
    """Following the link buys nothing."""
    assert page.open("/?users=@jane,%20@goodall&n=50").fields["users"] == "@jane, @goodall"
    assert world.x.requests == []


@pytest.mark.parametrize("written", ["Aster Air", "aster air", "Aster  Air", "demo:Aster Air", "Demo: aster air"])
def test_the_title_of_a_demo_account_leads_to_it(unconnected: PageReader, written: str) -> None:
    """The other accounts stay in the question."""
    text = unconnected.open(f"/report?users={written},demo:pennywren", status=400).text
    assert links(text) == [("Aster Air", "/report?users=demo:aster-air,demo:pennywren")]


@pytest.mark.parametrize(
    ("written", "words", "first_link"),
    [
        ("%23climate", "Chorus reads accounts", "climate.bsky.social"),
        ("https://www.instagram.com/nasa/", "is an Instagram address", "nasa.bsky.social"),
        ("https://www.threads.net/@nasa", "is a Threads address", "nasa.bsky.social"),
        ("https://www.tiktok.com/@nasa", "is a TikTok address", "nasa.bsky.social"),
        ("https://www.facebook.com/nasa", "is a Facebook address", "nasa.bsky.social"),
        ("https://www.linkedin.com/company/nasa", "is a LinkedIn address", "nasa.bsky.social"),
        ("https://www.youtube.com/@nasa", "is a YouTube address", "nasa.bsky.social"),
    ],
)
def test_hashtags_and_other_sites_are_explained(unconnected: PageReader, written: str, words: str, first_link: str) -> None:
    """Accounts of the same name are suggested only where they can be read."""
    text = unconnected.open(f"/report?users={written}", status=400).text
    assert words in problem(text)[1]
    assert links(text)[0] == (first_link, f"/report?users={first_link}")
    assert "@nasa" not in [label for label, _ in links(text)]


def test_a_close_name_of_a_demo_account_leads_to_it(unconnected: PageReader) -> None:
    """A part of its title is enough."""
    text = unconnected.open("/report?users=demo:aster", status=404).text
    assert problem(text) == ("users", "There’s no demo account “aster”. Did you mean Aster Air?")
    assert links(text) == [("Aster Air", "/report?users=demo:aster-air")]


def test_a_city_leads_to_its_time_zone(demo_client: FlaskClient) -> None:
    """The rest of the question stays as it is."""
    text = demo_client.get("/report?users=demo:aster-air&tz=Berlin").text
    assert problem(text) == ("tz", "Unknown time zone “Berlin”. Did you mean Europe/Berlin?")
    assert links(text) == [("Europe/Berlin", "/report?users=demo:aster-air&tz=Europe/Berlin")]


def test_hostile_text_stays_text(unconnected: PageReader) -> None:
    """Neither the message nor a link carries markup or another address."""
    text = unconnected.open("/report?users=%23%3Cb%3E%22%27&tz=%22%3E%3Cscript%3E", status=400).text
    assert "<b>" not in text
    assert "<script>" not in text


def test_programs_get_the_same_sentence(demo_client: FlaskClient) -> None:
    """It names what may be meant."""
    response = demo_client.get("/frequency.json?users=demo:aster-air&tz=Berlin")
    assert response.get_json()["problems"] == [{"field": "tz", "message": "Unknown time zone “Berlin”. Did you mean Europe/Berlin?"}]


def test_the_page_of_a_mistake_is_the_form(unconnected: PageReader) -> None:
    """The field with what was typed comes first, the message is under it, and nothing else distracts."""
    html_page = unconnected.open("/report?users=NASA", status=503)
    assert html_page.fields["users"] == "nasa"
    assert html_page.text.index('id="users"') < html_page.text.index('id="users-problem"') < html_page.text.index("<details")
    assert 'class="networks"' not in html_page.text


@pytest.mark.slow
def test_the_title_names_the_accounts_that_were_read(demo_client: FlaskClient) -> None:
    """It's what “Recent reports” remember. The mistyped account is in the message, and its chip has no badge."""
    page = demo_client.get("/report?users=demo:aster-air,demo:harbor-news", headers={"Accept": "text/html"}).text
    assert "<h1>Aster Air</h1>" in page
    assert "There’s no demo account “harbor-news”. Did you mean Harbour News?" in page
    assert "<bdi>demo:harbor-news</bdi>" in page
    assert page.count('<svg class="monogram account-2"') == 0


def test_the_title_names_all_accounts_if_none_was_read(demo_client: FlaskClient) -> None:
    """There's nothing else to call the page."""
    page = demo_client.get("/posts?users=demo:aster-ari,demo:harbor-news", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "harbor-news" in page.text


@pytest.mark.parametrize(
    ("question", "field", "label", "url"),
    [
        ("users=Bluesky:+nasa,demo:small-clocks", "users", "nasa.bsky.social", "/report?users=nasa.bsky.social,%20demo:small-clocks"),
        ("users=https://quay.example.org/", "users", "quay.example.org", "/report?users=quay.example.org"),
        ("users=demo:small-clocks&tz=UTC%2B2", "tz", "Etc/GMT-2 (UTC+2)", "/report?users=demo:small-clocks&tz=Etc/GMT-2"),
        ("users=demo:small-clocks&since=13.1.2026", "since", "2026-01-13", "/report?users=demo:small-clocks&since=2026-01-13"),
    ],
)
def test_another_notation_leads_to_what_it_means(unconnected: PageReader, question: str, field: str, label: str, url: str) -> None:
    """The link replaces what was typed, and keeps the rest of the question."""
    text = unconnected.open(f"/report?{question}", status=400).text
    assert problem(text)[0] == field
    assert links(text) == [(label, url)]
