"""Paid reads for people: prices in advance, the budget, and who can spend it."""

import json
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.timelines import serialization
from dashboard.web import extensions
from tests.support import fake_networks
from tests.support.html_pages import HtmlPage, PageReader
from tests.support.streamed_pages import never_stream

ROBOTS = {
    "Slack": "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Twitter": "Twitterbot/1.0",
    "Facebook": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "WhatsApp": "WhatsApp/2.23.20.0",
    "Google": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
    "Discord": "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
    "Telegram": "TelegramBot (like TwitterBot)",
    "LinkedIn": "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)",
    "Skype": "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mastodon 4.3": "Mastodon/4.3.2 (http.rb/5.2.0; +https://mastodon.social/) Bot",
    "Meta": "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
    "GPTBot": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; GPTBot/1.2; +https://openai.com/gptbot",
}
MISSED = {
    "Slack's images": "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Bluesky": "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)",
    "Mastodon 4.2": "http.rb/5.1.1 (Mastodon/4.2.10; +https://mastodon.social/)",
    "Google's tools": "Mozilla/5.0 (compatible; Google-InspectionTool/1.0;)",
    "Gmail's images": "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
    "KakaoTalk": "facebookscraper/1.0; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
    "Internet Archive": "ia_archiver (+http://www.alexa.com/site/help/webmasters)",
}
GUESSES = [
    {"Sec-Purpose": "prefetch"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
    {"X-Purpose": "preview"},
]
PROGRAMS = {"curl": "curl/8.9.1", "requests": "python-requests/2.32.3", "R": "libcurl/8.5 r-curl/5.2 httr/1.4", "none": ""}
PEOPLE = {
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    "iPhone": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile/15E148 Safari/604.1",
}
TYPED = {"Sec-Fetch-Site": "none"}  # what a browser sends for an address that somebody typed
PATHS = ["/report?users=nasa", "/html/frequency?users=nasa", "/html/sentiment?users=nasa&embed=1", "/frequency?users=nasa"] + [
    f"/sentiment.{form}?users=nasa" for form in ("png", "svg", "csv", "json")
]


def build_app(world: fake_networks.World, **settings: str) -> Flask:
    """Return the application with X and the free networks at the world, and these settings."""
    keys = {"X_BEARER_TOKEN": "token"} | {f"CHORUS_{network}_API_URL": world.url for network in ("X", "BLUESKY", "MASTODON")}
    return create_app(keys | settings)


@pytest.fixture
def app(world: fake_networks.World) -> Flask:
    """The application with every network faked."""
    return build_app(world)


def cost(client: FlaskClient, question: str) -> dict[str, Any]:
    """Return the response of /cost to a query."""
    response = client.get(f"/cost?{question}")
    assert response.status_code == 200
    document: dict[str, Any] = response.get_json()
    return document


def let_an_hour_pass(app: Flask) -> None:
    """Make the stored posts of @nasa older than an hour."""
    with app.app_context():
        store, key = extensions.durable_store(), "timeline:x:nasa::"
        stored_timeline = serialization.parse_timeline(store.get(key))
        assert stored_timeline is not None
        older = replace(stored_timeline, fetched_at=stored_timeline.fetched_at - timedelta(minutes=61))
        store.put_all({key: (serialization.dump_timeline(older), 3600)})


# --- the price before -------------------------------------------------------------------------------------------------


def test_a_price_is_quoted_before_anything_is_read(client: FlaskClient, world: fake_networks.World) -> None:
    """400 posts and a lookup cost at most $2.01, and the quote sends no request."""
    quote = cost(client, "users=nasa")
    assert quote["at_most"] == 2.01
    assert quote["left"] == 5.0
    assert world.x.requests == []
    assert quote["sentence"].startswith("Reading these accounts costs up to $2.01 (X prices, August 2026). Left today: $5.00 of $5.00.")


def test_stored_posts_are_free(client: FlaskClient, world: fake_networks.World) -> None:
    """The same query and every smaller one cost nothing."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa&n=50")
    assert [cost(client, f"users=nasa&n={n}")["at_most"] for n in (50, 7)] == [0, 0]


def test_more_posts_cost_only_the_difference(client: FlaskClient, world: fake_networks.World) -> None:
    """Fifty are stored, so 150 cost a hundred, and the lookup isn't paid for again."""
    world.x.has("nasa", posts=260)
    client.get("/frequency.json?users=nasa&n=50")
    assert cost(client, "users=nasa&n=150")["at_most"] == 0.5


def test_prices_of_accounts_add_up(client: FlaskClient) -> None:
    """Free networks add nothing; each account on X adds its lookup and its posts."""
    assert cost(client, "users=nasa,esa,demo:small-clocks,nasa.bsky.social&n=100")["at_most"] == 1.02


def test_free_networks_are_quoted_as_free(client: FlaskClient) -> None:
    """Without an account on X there is nothing to pay."""
    assert tuple(cost(client, "users=demo:small-clocks")[name] for name in ("at_most", "sentence")) == (
        0,
        "This report is free.",
    )


def test_a_price_above_the_budget_has_advice(client: FlaskClient) -> None:
    """The quote says that the query would be refused."""
    sentence = cost(client, "users=nasa,esa,jaxa&n=400")["sentence"]
    assert sentence == "This would cost up to $6.03, more than the daily budget of $5.00. Up to 331 posts per account fit."
    assert cost(client, "users=nasa,esa,jaxa&n=331")["at_most"] <= 5


def test_the_remaining_budget_shrinks_with_each_read(client: FlaskClient, world: fake_networks.World) -> None:
    """Sixty posts and a lookup cost 31 cents."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa")
    assert cost(client, "users=nasa")["left"] == 4.69


def test_no_price_is_stated_where_the_network_is_not_connected() -> None:
    """Without a key nothing can be bought, so the form says that instead of a price; free accounts are still free."""
    client = create_app({}).test_client()
    assert (
        cost(client, "users=nasa,esa,demo:small-clocks")["sentence"] == "X isn’t connected on this server, so @nasa and @esa can’t be read."
    )


def test_nothing_is_called_free_where_nothing_has_a_price() -> None:
    """Neither the form nor the code to embed a chart mentions money."""
    client = create_app({}).test_client()
    assert cost(client, "users=demo:small-clocks")["sentence"] == ""
    assert "never trigger paid reads" not in client.get("/report?users=demo:small-clocks&n=60").text


def test_custom_prices_are_used(world: fake_networks.World) -> None:
    """CHORUS_X_PRICES changes the quote, which says whose prices they are."""
    quote = cost(build_app(world, CHORUS_X_PRICES="post=0.001,user=0").test_client(), "users=nasa&n=100")
    assert quote["at_most"] == 0.1
    assert "as set on this server" in quote["sentence"]


def test_a_quote_for_an_invalid_query_is_a_page_with_the_form(page: PageReader) -> None:
    """The problems are at their fields."""
    assert "n" in page.open("/cost?users=nasa&n=x", status=400).problems


def test_a_quote_after_an_hour_does_not_exceed_the_number_of_posts(app: Flask, client: FlaskClient, world: fake_networks.World) -> None:
    """Whatever is stored and however old it is, n posts cost at most as much as n posts."""
    world.x.has("nasa", posts=260)
    client.get("/frequency.json?users=nasa&n=50")
    let_an_hour_pass(app)
    assert cost(client, "users=nasa&n=100")["at_most"] <= 0.5


def test_the_form_shows_the_price(page: PageReader) -> None:
    """It has a place for the price, and the address that the script requests."""
    text = page.open("/").text
    assert 'data-cost="/cost"' in text
    assert 'id="cost"' in text


# --- the budget -------------------------------------------------------------------------------------------------------


def test_an_exhausted_budget_is_a_402_for_programs(world: fake_networks.World) -> None:
    """The problem document has the price and the remaining budget."""
    response = build_app(world, CHORUS_X_BUDGET="1").test_client().get("/frequency.json?users=nasa")
    document = json.loads(response.data)
    assert response.status_code == 402
    assert response.content_type == "application/problem+json"
    assert document["title"] == "Today’s budget isn’t enough"
    assert "could cost $2.01, more than the whole daily budget of $1.00. Waiting doesn’t help." in document["detail"]


@pytest.mark.parametrize("path", ["/frequency?users=nasa", "/sentiment.svg?users=nasa", "/sentiment.csv?users=nasa"])
def test_an_exhausted_budget_is_a_402_for_images(world: fake_networks.World, path: str) -> None:
    """Images and tables are refused like data."""
    response = build_app(world, CHORUS_X_BUDGET="0").test_client().get(path)
    assert response.status_code == 402
    assert response.content_type == "application/problem+json"
    assert world.x.requests == []


def test_an_exhausted_budget_is_a_page_with_the_form_filled(world: fake_networks.World) -> None:
    """The message is at the accounts and says what to do."""
    html_page = PageReader(build_app(world, CHORUS_X_BUDGET="1").test_client()).open("/report?users=nasa,esa&tz=Asia/Tokyo", status=402)
    assert html_page.fields["users"] == "nasa,esa"
    assert html_page.fields["tz"] == "Asia/Tokyo"
    assert "Fewer posts cost less" in html_page.text


@pytest.mark.slow
def test_stored_accounts_are_shown_when_the_budget_is_exhausted(world: fake_networks.World) -> None:
    """The page says which account couldn't be bought."""
    world.x.has("nasa", posts=60)
    page = PageReader(build_app(world, CHORUS_X_BUDGET="1").test_client())
    page.open("/report?users=nasa&n=100")
    html_page = page.open("/report?users=nasa,esa&n=200")
    assert 'id="frequency"' in html_page.text
    assert "more than the whole daily budget of $1.00. Waiting doesn’t help." in unescape(html_page.text)


@pytest.mark.slow
def test_fewer_posts_are_shown_when_the_budget_is_exhausted(world: fake_networks.World) -> None:
    """Fifty of 400 posts are drawn with the reason."""
    world.x.has("nasa", posts=260)
    page = PageReader(build_app(world, CHORUS_X_BUDGET="1").test_client())
    page.open("/report?users=nasa&n=50")
    html_page = page.open("/report?users=nasa&n=400")
    assert "only 50 posts read so far. Reading @nasa from X could cost $1.75" in html_page.text


def test_what_fits_into_the_budget_includes_the_stored_posts(world: fake_networks.World) -> None:
    """The form would otherwise advise asking for fewer posts than the page shows."""
    world.x.has("nasa", posts=260)
    client = build_app(world, CHORUS_X_BUDGET="0.35").test_client()
    assert client.get("/report?users=nasa&n=50").status_code == 200
    cost = client.get("/cost?users=nasa&n=120").get_json()
    assert cost["sentence"] == "This would cost up to $0.35, but only $0.09 of today’s budget is left. Up to 66 posts per account fit."
    assert client.get("/cost?users=nasa&n=66").get_json()["at_most"] <= cost["left"]
    assert client.get("/cost?users=nasa&n=50").get_json()["at_most"] == 0


def test_nothing_fits_if_only_the_stored_posts_do(world: fake_networks.World) -> None:
    """What is on the page already isn't worth an offer."""
    world.x.has("nasa", posts=260)
    client = build_app(world, CHORUS_X_BUDGET="0.27").test_client()
    assert client.get("/report?users=nasa&n=50").status_code == 200
    assert client.get("/cost?users=nasa&n=100").get_json()["sentence"].endswith("is left. Choose fewer posts or accounts.")


@pytest.mark.slow
def test_old_posts_are_shown_with_a_warning_when_the_budget_is_exhausted(world: fake_networks.World) -> None:
    """The page says that nothing newer was bought."""
    world.x.has("nasa", posts=260)
    app = build_app(world, CHORUS_X_BUDGET="0.70")
    page = PageReader(app.test_client())
    page.open("/report?users=nasa&n=100")
    let_an_hour_pass(app)
    assert "of today’s budget is left" in unescape(page.open("/report?users=nasa&n=100").text)


def test_a_budget_of_zero_does_not_affect_free_networks(world: fake_networks.World) -> None:
    """CHORUS_X_BUDGET=0 only disables X."""
    world.bluesky.has("nasa", posts=5)
    client = build_app(world, CHORUS_X_BUDGET="0").test_client()
    statuses = [client.get(f"/frequency.json?users={users}").status_code for users in ("nasa", "nasa.bsky.social", "demo:small-clocks")]
    assert statuses == [402, 200, 200]
    assert world.x.requests == []


def test_a_missing_key_is_reported_before_the_budget(world: fake_networks.World) -> None:
    """The budget doesn't matter without a key for X."""
    client = create_app({"CHORUS_X_BUDGET": "0"}).test_client()
    assert client.get("/frequency.json?users=nasa").status_code == 503


# --- who may spend ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("robot", ROBOTS.values(), ids=ROBOTS)
def test_link_previews_and_crawlers_never_spend(client: FlaskClient, world: fake_networks.World, robot: str) -> None:
    """For pages and images, X isn't contacted and the response is a 402."""
    world.x.has("nasa", posts=5)
    statuses = {client.get(path, headers={"User-Agent": robot}).status_code for path in PATHS}
    assert statuses == {402}
    assert world.x.requests == []


@pytest.mark.parametrize("robot", MISSED.values(), ids=MISSED)
def test_no_link_preview_spends(client: FlaskClient, world: fake_networks.World, robot: str) -> None:
    """This holds for all programs that identify themselves as one."""
    world.x.has("nasa", posts=5)
    client.get("/frequency?users=nasa", headers={"User-Agent": robot})
    assert world.x.requests == []


@pytest.mark.parametrize("guess", GUESSES, ids=str)
def test_prefetching_never_spends(app: Flask, world: fake_networks.World, guess: dict[str, str]) -> None:
    """Prefetching and prerendering contact no paid network."""
    client = never_stream(app).test_client()  # a streamed page has the status 200 before its posts are asked for
    world.x.has("nasa", posts=5)
    statuses = {client.get(path, headers={"User-Agent": PEOPLE["Firefox"]} | guess).status_code for path in PATHS}
    assert statuses == {402}
    assert world.x.requests == []


def test_a_head_request_never_spends(client: FlaskClient, world: fake_networks.World) -> None:
    """Link checkers send it."""
    world.x.has("nasa", posts=5)
    client.head("/report?users=nasa")
    assert world.x.requests == []


@pytest.mark.slow
def test_robots_get_stored_posts(client: FlaskClient, world: fake_networks.World) -> None:
    """A shared link to a chart shows its image."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa")
    request_count = len(world.x.requests)
    statuses = [client.get(path, headers={"User-Agent": ROBOTS["Slack"]}).status_code for path in PATHS]
    assert [200] * len(PATHS) == statuses
    assert request_count == len(world.x.requests)


def test_robots_get_old_stored_posts(app: Flask, client: FlaskClient, world: fake_networks.World) -> None:
    """After an hour, X isn't contacted for newer ones."""
    world.x.has("nasa", posts=60)
    client.get("/frequency.json?users=nasa&n=50")
    let_an_hour_pass(app)
    request_count = len(world.x.requests)
    response = client.get("/frequency.json?users=nasa&n=55", headers={"User-Agent": ROBOTS["Slack"]})
    assert response.status_code == 200
    assert response.get_json()["coverage"][0]["fetched"] == 50
    assert len(world.x.requests) == request_count


@pytest.mark.slow
def test_robots_get_free_networks(client: FlaskClient, world: fake_networks.World) -> None:
    """They are read for everyone."""
    world.bluesky.has("nasa", posts=5)
    responses = [
        client.get(f"/frequency?users={users}", headers={"User-Agent": ROBOTS["Google"]})
        for users in ("nasa.bsky.social", "demo:small-clocks")
    ]
    assert [response.status_code for response in responses] == [200, 200]


@pytest.mark.slow
def test_a_refused_robot_is_not_remembered_as_a_failure(client: FlaskClient, world: fake_networks.World) -> None:
    """A person who comes after a link preview gets the chart."""
    world.x.has("nasa", posts=5)
    visitors = [{"User-Agent": ROBOTS["Slack"]}, {"User-Agent": PEOPLE["Firefox"], **TYPED}]
    responses = [client.get("/frequency?users=nasa", headers=headers) for headers in visitors]
    assert [response.status_code for response in responses] == [402, 200]


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_programs_that_request_data_can_spend(client: FlaskClient, world: fake_networks.World, program: str) -> None:
    """curl, requests and R do what somebody told them to."""
    world.x.has("nasa", posts=5)
    assert client.get("/frequency.csv?users=nasa", headers={"User-Agent": program}).status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("person", PEOPLE.values(), ids=PEOPLE)
def test_people_can_spend(client: FlaskClient, world: fake_networks.World, person: str) -> None:
    """They use a browser."""
    world.x.has("nasa", posts=5)
    assert client.get("/report?users=nasa", headers={"User-Agent": person, **TYPED}).status_code == 200


def test_a_person_with_a_cubot_phone_can_spend(client: FlaskClient, world: fake_networks.World) -> None:
    """CUBOT makes phones, and their browsers say so."""
    world.x.has("nasa", posts=5)
    agent = "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36"
    assert client.get("/report?users=nasa", headers={"User-Agent": agent, **TYPED}).status_code == 200


def test_a_refused_robot_gets_a_page(client: FlaskClient) -> None:
    """It is a complete page with status 402."""
    response = client.get("/report?users=nasa", headers={"User-Agent": ROBOTS["Google"]})
    html_page = HtmlPage(response.text)
    html_page.assert_valid()
    assert response.status_code == 402
    assert "Open the page in a browser to read it." in html_page.text
