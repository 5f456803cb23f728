"""The toolbar on real pages: its links work, keep the question, and cost nothing by accident."""

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.html_pages import PageReader

AIR, NEWS = "demo:aster-air", "demo:harbour-news"
BOTH = f"users={AIR},{NEWS}&n=40"
PREFETCH = {"User-Agent": "Mozilla/5.0", "Sec-Fetch-Site": "same-origin", "Sec-Purpose": "prefetch;prerender"}


def find_toolbar(text: str) -> str:
    """Return the HTML of the toolbar as wide pages show it."""
    tools = text.partition('<nav class="tools')[2].partition("</nav>")[0]
    return tools.partition('<div class="wide">')[2]


def list_links(html: str) -> dict[str, str]:
    """Return the addresses of links by their name."""
    links = re.findall(r'<a [^>]*?href="([^"]+)"([^>]*)>(.*?)</a>', html, re.DOTALL)
    return {_name_link(attributes, content): unescape(url) for url, attributes, content in links}


def _name_link(attributes: str, content: str) -> str:
    label = re.search(r'aria-label="([^"]+)"', attributes)
    return unescape(label[1] if label else re.sub(r"<svg.*?</svg>|<[^>]+>", "", content, flags=re.DOTALL)).strip()


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.slow
def test_every_link_of_the_toolbar_leads_to_a_page_at_its_canonical_address(demo_page: PageReader, demo_client: FlaskClient) -> None:
    """No click costs a redirect."""
    links = list_links(find_toolbar(demo_page.open(f"/report?{BOTH}").text).partition('<details class="share"')[0])
    assert len(links) >= 15
    assert {title: demo_client.get(url).status_code for title, url in links.items()} == dict.fromkeys(links, 200)


def test_a_click_changes_one_thing(demo_page: PageReader) -> None:
    """The links keep the rest of the question."""
    links = list_links(find_toolbar(demo_page.open(f"/report?{BOTH}&tz=Europe/Berlin").text))
    assert links["Hour"] == f"/report?{BOTH}&interval=hour&tz=Europe/Berlin"
    assert links["AI model"] == f"/report?{BOTH}&tz=Europe/Berlin&method=model"
    assert links["Remove Aster Air"] == f"/report?users={NEWS}&n=40&tz=Europe/Berlin"
    assert links["Harbour News"] == f"/report?users={NEWS}&n=40&tz=Europe/Berlin"


def test_the_measure_is_chosen_in_the_section_on_sentiment(demo_page: PageReader) -> None:
    """Its links lead back to that section."""
    text = demo_page.open(f"/report?{BOTH}").text
    links = list_links(text.partition('aria-label="Measure"')[2].partition("</ul>")[0])
    assert links == {
        "Balance per post": f"/report?{BOTH}#sentiment",
        "Positive share": f"/report?{BOTH}&measure=share#sentiment",
        "Total balance": f"/report?{BOTH}&measure=net#sentiment",
    }


def test_the_toolbar_of_a_chart_stays_on_the_chart(demo_page: PageReader) -> None:
    """Only its way back leads to the report."""
    text = demo_page.open(f"/html/sentiment?{BOTH}").text
    assert list_links(find_toolbar(text))["Hour"] == f"/html/sentiment?{BOTH}&interval=hour"
    assert ">← Report</a>" in text


def test_the_toolbar_of_posts_filters_by_account(demo_page: PageReader) -> None:
    """A second click shows everybody's posts again."""
    posts_url = f"/posts?{BOTH}&account={AIR}&sort=oldest"
    links = list_links(find_toolbar(demo_page.open(posts_url).text))
    assert links["Harbour News"] == f"/posts?{BOTH}&account={NEWS}&sort=oldest"
    assert links["Aster Air"] == f"/posts?{BOTH}&sort=oldest"
    assert links["Remove Aster Air"] == f"/posts?users={NEWS}&n=40&sort=oldest"


def test_another_period_of_posts_has_no_days_of_the_old_one(demo_page: PageReader) -> None:
    """The days were of a point of a chart that the new period may not have."""
    text = demo_page.open(f"/posts?{BOTH}&from=2026-10-28&to=2026-10-29&sort=negative").text
    assert list_links(find_toolbar(text))["90 days"] == f"/posts?{BOTH}&last=90d&sort=negative"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/report", "/html/frequency", "/posts"])
def test_an_account_can_be_added_without_scripts(demo_page: PageReader, path: str) -> None:
    """The form repeats the question, and the server merges both lists."""
    text = demo_page.open(f"{path}?{BOTH}").text
    form = text.partition('<form class="line" action="')[2].partition("</form>")[0]
    action = form.partition('"')[0]
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', form)
    sent = "&".join(f"{name}={value}" for name, value in [*fields, ("users", "demo:pennywren")])
    assert demo_page.open(f"{action}?{sent}").url == f"{path}?users={AIR},{NEWS},demo:pennywren&n=40"


def test_dates_can_be_chosen_without_scripts(demo_page: PageReader) -> None:
    """They replace a rolling period."""
    form = demo_page.open(f"/report?{BOTH}&last=90d").text.partition('<form class="line dates"')[2].partition("</form>")[0]
    assert re.findall(r'<input type="hidden" name="([^"]+)"', form) == ["users", "n"]


def test_links_that_cost_money_have_their_price(client: FlaskClient, world: fake_networks.World) -> None:
    """Posts of a longer period aren't stored; what is shown has been paid for."""
    world.x.post("nasa", "Launch!")
    text = client.get("/report?users=nasa,demo:pennywren&n=20&last=7d").text
    titles = list(list_links(find_toolbar(text)))
    assert [title for title in titles if re.fullmatch(r"Latest 20 posts up to \$0\.\d\d", title)] != []
    assert "Remove Pennywren" in " ".join(titles)
    assert "On X: up to $0.11 per account" in text


@pytest.mark.slow
def test_a_chip_shows_the_price_of_its_links(world: fake_networks.World) -> None:
    """Where the posts of another account weren't bought, showing it alone would buy them, and so would removing one of the others."""
    for name in ("nasa", "esa"):
        world.x.has(name, posts=20)
    client = create_app({"X_BEARER_TOKEN": "a-bearer-token", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "0.15"}).test_client()
    client.get("/report?users=nasa&n=20")  # so that the budget is spent on this account, whichever is asked for first later
    chips = find_toolbar(client.get("/report?users=nasa,esa,demo:pennywren&n=20").text).partition("</ul>")[0]
    shown = [re.sub(r"<[^>]+>", "", chip).strip() for chip in re.findall(r"<a [^>]*>.*?</a>", chips, re.DOTALL)]
    assert [re.sub(r"^[A-Z]*(?=@|P)", "", text) for text in shown if "up to" in text] == [
        "× up to $0.11",
        "@esa up to $0.11",
        "× up to $0.11",
    ]


def test_a_page_that_a_browser_loads_in_advance_buys_nothing(client: FlaskClient, world: fake_networks.World) -> None:
    """Browsers guess which link of the toolbar somebody will follow."""
    world.x.has("nasa", posts=30)
    response = client.get("/report?users=nasa&n=20&interval=day", headers=PREFETCH)
    assert response.status_code == 402
    assert world.x.requests == []


def test_no_link_of_the_toolbar_is_followed_by_robots(demo_page: PageReader) -> None:
    """There are hundreds of combinations."""
    tools = find_toolbar(demo_page.open(f"/report?{BOTH}").text).partition('<details class="share"')[0]
    assert re.findall(r'<a (?![^>]*rel="nofollow")[^>]*>', tools) == []


@pytest.mark.parametrize("path", ["/", f"/report?{BOTH}", f"/posts?{BOTH}", f"/html/words?{BOTH}", "/classify", "/docs"])
def test_the_header_is_the_same_on_every_page(demo_page: PageReader, path: str) -> None:
    """Its links are where people expect them."""
    header = demo_page.open(path).text.partition('aria-label="Main">')[2].partition("</nav>")[0]
    assert list_links(header) == {"Reports": "/", "Check a text": "/classify", "API": "/docs"}


def test_an_embedded_chart_has_no_toolbar(demo_page: PageReader) -> None:
    """Another site shows the chart, not the program."""
    assert 'class="tools' not in demo_page.open(f"/html/frequency?{BOTH}&embed=1").text


def test_the_heading_is_followed_by_the_days_shown(demo_client: FlaskClient) -> None:
    """Without a period they are those of the posts."""
    text = demo_client.get(f"/report?users={AIR}&n=40").text
    line = re.findall(r"<p>(.*? · latest 40 posts · UTC · updated .*?)</p>", text)
    assert len(line) == 1
    assert re.match(r"\d+ Oct – 31 Oct 2026 · ", line[0])


@pytest.mark.slow
def test_a_council_that_posts_in_two_languages_has_a_choice_of_them(demo_page: PageReader) -> None:
    """Its reports, charts and lists of posts keep the choice, and an English account has none."""
    council = "users=demo:sablonne-council&n=200"
    for path in ("/report", "/html/frequency", "/posts"):
        links = list_links(find_toolbar(demo_page.open(f"{path}?{council}").text))
        assert links["French"] == f"{path}?{council}&language=fr"
    text = demo_page.open(f"/report?{council}&language=fr").text
    assert "only posts in French" in text
    assert list_links(find_toolbar(text))["Day"] == f"/report?{council}&interval=day&language=fr"
    assert "All languages" not in find_toolbar(demo_page.open(f"/report?users={AIR}&n=40").text)


def test_the_form_keeps_the_language(demo_page: PageReader) -> None:
    """Whoever changes the period wants the same language."""
    assert '<input id="language" name="language" value="fr"' in demo_page.open("/report?users=demo:sablonne-council&n=50&language=fr").text


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "english"), [("de", "englische Beiträge"), ("fr", "en anglais"), ("es", "en inglés"), ("pt", "em inglês")]
)
def test_translated_toolbars_say_what_the_word_list_reads(demo_client: FlaskClient, language: str, english: str) -> None:
    """People who choose another language than English often have posts in it."""
    assert (
        english
        in demo_client.get(f"/report?users={AIR}&lang={language}").text.partition('class="choices described"')[2].partition("</p>")[0]
    )
