"""Other sites never spend our money: what browsers say about a request, the button that confirms a read, and its cookie."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.web.auth.confirmation import CONFIRMATION_SECONDS
from tests.support import fake_networks
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import HtmlPage

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
EXCEL = "Mozilla/5.0 (compatible; MSIE 7.0; Windows NT 6.2; WOW64; Trident/7.0; Microsoft.Data.Mashup)"
POWERSHELL = "Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.0"
OTHER_SITE = {"User-Agent": FIREFOX, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
OUR_PAGE = {"User-Agent": FIREFOX, "Sec-Fetch-Site": "same-origin"}
OLD_BROWSER = {"User-Agent": FIREFOX, "Accept-Language": "en"}
REPORT, BUTTON = "/report?users=nasa&n=30", "Read from X for up to $0.16"
KEY = "a-key-of-sixteen-letters"
PAGES = [REPORT, "/html/frequency?users=nasa&n=30", "/posts?users=nasa&n=30"]
FILES = [f"/{name}?users=nasa&n=30" for name in ("frequency", "frequency.png", "sentiment.svg", "words.csv", "rhythm.json", "posts.csv")]


@pytest.fixture
def app(world: fake_networks.World) -> Flask:
    """The application with everything at the world, in which @nasa has posted on X."""
    world.x.has("nasa", posts=40)
    return create_app({"X_BEARER_TOKEN": "token"} | {f"CHORUS_{name}_API_URL": world.url for name in ("X", "BLUESKY", "MASTODON")})


@pytest.fixture(scope="module")
def unspent() -> Iterator[fake_networks.World]:
    """A world from which nothing is ever bought."""
    with fake_networks.World() as outside:
        outside.x.has("nasa", posts=40)
        yield outside


@pytest.fixture(scope="module")
def refused(unspent: fake_networks.World) -> FlaskClient:
    """A client whose requests must buy nothing, shared because refusals change nothing."""
    return create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": unspent.url}).test_client()


def confirm(client: FlaskClient, page: str = REPORT, **headers: str) -> TestResponse:
    """Click the button of a page."""
    return client.post("/confirm", data={"next": page}, headers=OUR_PAGE | headers)


def requests_after(world: fake_networks.World, client: FlaskClient, path: str, headers: dict[str, str]) -> int:
    """Return how many requests X got for one of ours."""
    before = len(world.x.requests)
    client.get(path, headers=headers)
    return len(world.x.requests) - before


# --- who may spend ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["cross-site", "same-site", "something-new"])
@pytest.mark.parametrize("mode", ["navigate", "no-cors", "cors", "same-origin"])
@pytest.mark.parametrize("path", PAGES + FILES)
def test_another_site_buys_nothing(refused: FlaskClient, unspent: fake_networks.World, path: str, mode: str, site: str) -> None:
    """Whatever a page of another site, or of a neighbouring host, makes a browser open, X isn't contacted."""
    response = refused.get(path, headers={"User-Agent": FIREFOX, "Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode})
    assert response.status_code == 402
    assert unspent.x.requests == []


@pytest.mark.parametrize("path", FILES)
def test_data_and_images_say_what_to_do(refused: FlaskClient, path: str) -> None:
    """A refused file is a problem document that nobody stores."""
    response = refused.get(path, headers=OTHER_SITE)
    assert response.content_type == "application/problem+json"
    assert response.headers["Cache-Control"] == "no-store"
    assert json.loads(response.data)["detail"] == (
        "Reading @nasa costs money, so Chorus asks you first. To start it, use the button on the report’s page."
    )


@pytest.mark.parametrize("purpose", [{"Sec-Purpose": "prefetch"}, {"Sec-Purpose": "prefetch;prerender"}, {"Purpose": "prefetch"}])
@pytest.mark.parametrize("site", ["same-origin", "none", "cross-site"])
def test_a_page_that_is_loaded_in_advance_buys_nothing(
    refused: FlaskClient, unspent: fake_networks.World, site: str, purpose: dict[str, str]
) -> None:
    """A browser that guesses the next click gets a page with the button, even from our own page."""
    response = refused.get(REPORT, headers={"User-Agent": FIREFOX, "Sec-Fetch-Site": site} | purpose)
    assert BUTTON in response.text
    assert unspent.x.requests == []


@pytest.mark.parametrize("site", ["same-origin", "none"])
@pytest.mark.parametrize("path", PAGES + FILES)
def test_our_own_pages_and_the_address_bar_may_spend(client: FlaskClient, path: str, site: str) -> None:
    """A click on our pages, a bookmark and a typed address need no further click."""
    assert client.get(path, headers={"User-Agent": FIREFOX, "Sec-Fetch-Site": site}).status_code == 200


@pytest.mark.parametrize("headers", [OLD_BROWSER, OLD_BROWSER | {"Referer": "http://localhost/"}])
def test_a_browser_that_says_nothing_buys_nothing(refused: FlaskClient, unspent: fake_networks.World, headers: dict[str, str]) -> None:
    """Plain http and old browsers need a confirmed click, because their requests look the same wherever they come from."""
    response = refused.get(REPORT, headers=headers)
    assert response.status_code == 402
    assert BUTTON in response.text
    assert unspent.x.requests == []


@pytest.mark.parametrize("name", ["Referer", "Origin"])
def test_a_request_that_names_another_site_buys_nothing(refused: FlaskClient, unspent: fake_networks.World, name: str) -> None:
    """Whatever calls itself a program and comes from another site's page is treated like a browser."""
    assert refused.get(REPORT, headers={name: "https://evil.example/"}).status_code == 402
    assert unspent.x.requests == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "agent"),
    [
        *((path, "curl/8.9.1") for path in PAGES + FILES),
        *((FILES[0], agent) for agent in ("python-requests/2.32.3", "", POWERSHELL, EXCEL)),
    ],
)
def test_programs_may_spend(client: FlaskClient, path: str, agent: str) -> None:
    """Scripts and spreadsheets do what somebody told them to, as before."""
    assert client.get(path, headers={"User-Agent": agent}).status_code == 200


@pytest.fixture
def locked(world: fake_networks.World) -> FlaskClient:
    """A browser in front of an application that requires a key."""
    world.x.has("nasa", posts=40)
    return create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_ACCESS_KEYS": KEY}).test_client()


def sign_in(client: FlaskClient, next_url: str) -> TestResponse:
    """Sign in on our own page, and follow its redirect as a browser does."""
    response = client.post("/signin", data={"key": KEY, "next": next_url}, headers=OUR_PAGE)
    return client.get(response.location, headers=OUR_PAGE)


@pytest.mark.parametrize("path", PAGES)
def test_signing_in_buys_nothing(locked: FlaskClient, world: fake_networks.World, path: str) -> None:
    """Another site may have written the link to the sign-in page, so the page that it leads to shows the button."""
    shown = sign_in(locked, path)
    assert BUTTON in shown.text
    assert world.x.requests == []


def test_one_click_after_signing_in_reads(locked: FlaskClient, world: fake_networks.World) -> None:
    """Whoever opened a bookmark and signed in confirms the price once, and everything after that needs no click."""
    sign_in(locked, REPORT)
    response = confirm(locked)
    assert locked.get(response.location, headers=OUR_PAGE).status_code == 200
    assert len(world.x.page_requests("nasa")) == 1
    assert locked.get("/frequency.json?users=nasa&n=35", headers=OUR_PAGE).status_code == 200


def test_another_question_after_signing_in_needs_no_click(locked: FlaskClient) -> None:
    """Only the question that the link chose does; one's own form is one's own choice."""
    sign_in(locked, REPORT)
    assert locked.get("/frequency.json?users=nasa&n=35", headers=OUR_PAGE).status_code == 200


def test_asking_again_after_signing_in_needs_no_click(locked: FlaskClient) -> None:
    """Whoever has seen the page with the price may as well press the form's button."""
    sign_in(locked, REPORT)
    assert locked.get(REPORT, headers=OUR_PAGE).status_code == 200


@pytest.mark.parametrize("detour", ["/signin?next=%2Freport%3Fusers%3Dnasa&n=35", f"{REPORT}#top", f"{REPORT}&account=nobody"])
def test_no_detour_after_signing_in_buys_anything(locked: FlaskClient, world: fake_networks.World, detour: str) -> None:
    """An address whose question can't be read may lead to any question, so the first one shows the button."""
    response = locked.post("/signin", data={"key": KEY, "next": detour}, headers=OUR_PAGE, follow_redirects=True)
    assert world.x.requests == []
    assert response.status_code != 200 or BUTTON in response.text


def test_signing_in_at_the_form_remembers_nothing(locked: FlaskClient) -> None:
    """An address without parameters sets no further cookie."""
    locked.post("/signin", data={"key": KEY, "next": "/"}, headers=OUR_PAGE)
    assert locked.get_cookie("chorus-sign-in-target") is None


def test_a_key_in_the_request_may_spend_from_anywhere(world: fake_networks.World) -> None:
    """Another site can't know a key, so whoever sends one wants the read."""
    world.x.has("nasa", posts=3)
    client = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_ACCESS_KEYS": KEY}).test_client()
    headers = {"User-Agent": FIREFOX, "Sec-Fetch-Site": "cross-site", "Origin": "https://app.example"}
    assert client.get("/frequency.json?users=nasa", headers=headers | {"Authorization": f"Bearer {KEY}"}).status_code == 200
    assert client.get("/frequency.json?users=esa", headers=headers | {"Authorization": "Bearer wrong"}).status_code == 401


@pytest.mark.slow
def test_free_networks_need_no_click(client: FlaskClient, world: fake_networks.World) -> None:
    """Whatever costs nothing is read for everybody."""
    world.bluesky.has("nasa", posts=5)
    assert client.get("/report?users=nasa.bsky.social,demo:pennywren", headers=OTHER_SITE).status_code == 200


@pytest.mark.slow
def test_another_site_gets_what_is_cached(client: FlaskClient, world: fake_networks.World) -> None:
    """A link to a report that was read shows it, without a button."""
    client.get(REPORT, headers=OUR_PAGE)
    response = client.get(REPORT, headers=OTHER_SITE)
    assert response.status_code == 200
    assert "Scorecard" in response.text
    assert "/confirm" not in response.text
    assert requests_after(world, client, REPORT, OTHER_SITE) == 0


@pytest.mark.slow
def test_what_is_cached_is_shown_with_the_button_for_the_rest(client: FlaskClient) -> None:
    """Five posts are drawn, and the button reads the other twenty-five."""
    client.get("/report?users=nasa&n=5", headers=OUR_PAGE)
    response = client.get(REPORT, headers=OTHER_SITE)
    assert response.status_code == 200
    assert "Scorecard" in response.text
    assert "Read from X for up to $0.12" in response.text
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/frequency.json?users=nasa&n=30", "/posts.json?users=nasa&n=30"])
def test_incomplete_data_is_not_stored(client: FlaskClient, path: str) -> None:
    """A browser that got five of thirty posts asks again, because they may have been read since."""
    client.get("/frequency.json?users=nasa&n=5", headers=OUR_PAGE)
    response = client.get(path, headers=OTHER_SITE)
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"


# --- the button -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PAGES)
def test_the_button_reads_and_leads_back(client: FlaskClient, world: fake_networks.World, path: str) -> None:
    """One click reads the posts and shows the same address, which carries no token."""
    refused = HtmlPage(client.get(path, headers=OTHER_SITE).text)
    refused.assert_valid()
    assert "Reading from X costs money, so it only starts when you ask for it here." in refused.text
    assert refused.fields["next"] == path
    response = confirm(client, refused.fields["next"])
    assert response.status_code == 303
    assert response.headers["Location"] == path
    assert response.headers["Cache-Control"] == "no-store"
    assert requests_after(world, client, path, OLD_BROWSER) > 0


def test_a_confirmation_counts_once(client: FlaskClient, world: fake_networks.World) -> None:
    """The cookie is deleted by the page that it pays for."""
    confirm(client)
    response = client.get(REPORT, headers=OLD_BROWSER)
    assert "chorus-confirmed=;" in response.headers["Set-Cookie"]
    assert client.get_cookie("chorus-confirmed") is None


@pytest.mark.parametrize("other", ["/report?users=esa&n=30", "/report?users=nasa&n=3200", "/report?users=nasa,esa&n=30"])
def test_a_confirmation_is_for_one_question(client: FlaskClient, world: fake_networks.World, other: str) -> None:
    """A click on thirty posts of @nasa doesn't buy anything else."""
    confirm(client)
    assert requests_after(world, client, other, OLD_BROWSER) == 0


@pytest.mark.slow
def test_a_confirmation_lasts_two_minutes(world: fake_networks.World) -> None:
    """A cookie that wasn't used at once is worth nothing later."""
    world.x.has("nasa", posts=40)
    clock = FakeClock()
    client = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url}, clock).test_client()
    confirm(client)
    clock.advance(timedelta(seconds=CONFIRMATION_SECONDS))
    assert requests_after(world, client, REPORT, OLD_BROWSER) == 0
    confirm(client)
    clock.advance(timedelta(seconds=CONFIRMATION_SECONDS - 1))
    assert requests_after(world, client, REPORT, OLD_BROWSER) > 0


def test_another_instance_accepts_a_confirmation(client: FlaskClient, world: fake_networks.World) -> None:
    """The redirect may arrive at another process, which has the same key for X."""
    confirm(client)
    other = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url}).test_client()
    cookie = client.get_cookie("chorus-confirmed")
    assert cookie is not None
    other.set_cookie("chorus-confirmed", cookie.value)
    assert requests_after(world, other, REPORT, OLD_BROWSER) > 0


@pytest.mark.parametrize("token", ["", "1", "a.b.c", "a" * 3000])
def test_a_forged_confirmation_is_worth_nothing(client: FlaskClient, world: fake_networks.World, token: str) -> None:
    """A cookie that a neighbouring host planted needs our signature."""
    client.set_cookie("chorus-confirmed", token)
    assert requests_after(world, client, REPORT, OLD_BROWSER) == 0


def test_a_confirmation_of_somebody_else_is_worth_nothing(world: fake_networks.World) -> None:
    """Without a key nobody can make a confirmation that a signed-in browser would pay for."""
    world.x.has("nasa", posts=40)
    app = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_ACCESS_KEYS": KEY})
    stranger, member = app.test_client(), app.test_client()
    confirm(stranger)
    member.post("/signin", data={"key": KEY})
    cookie = stranger.get_cookie("chorus-confirmed")
    member.set_cookie("chorus-confirmed", cookie.value if cookie else "")
    assert requests_after(world, member, REPORT, OLD_BROWSER) == 0
    confirm(member)
    assert requests_after(world, member, REPORT, OLD_BROWSER) > 0


def test_the_cookie_stays_on_this_host(client: FlaskClient) -> None:
    """Scripts can't read it, other sites don't send it, and over https no neighbouring host can set it."""
    cookie = confirm(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Max-Age=120" in cookie
    secure = client.post("/confirm", data={"next": REPORT}, headers=OUR_PAGE, base_url="https://chorus.example").headers["Set-Cookie"]
    assert secure.startswith("__Host-chorus-confirmed=")
    assert "Secure" in secure


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:99"},
        {},
    ],
)
def test_another_site_cannot_confirm(app: Flask, headers: dict[str, str]) -> None:
    """A form that doesn't prove to come from our own page is refused and sets no cookie."""
    response = app.test_client().post("/confirm", data={"next": REPORT}, headers={"User-Agent": FIREFOX} | headers)
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


def test_a_browser_that_only_names_its_origin_can_confirm(app: Flask) -> None:
    """Plain http and old browsers send the origin of a form, which is enough."""
    response = app.test_client().post("/confirm", data={"next": REPORT}, headers=OLD_BROWSER | {"Origin": "http://localhost"})
    assert response.status_code == 303
    assert "chorus-confirmed=" in response.headers["Set-Cookie"]


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "", "javascript:alert(1)"])
def test_the_button_leads_nowhere_else(client: FlaskClient, elsewhere: str) -> None:
    """What isn't an address of ours leads to the form."""
    response = confirm(client, elsewhere)
    assert response.headers["Location"] == "/"
    assert "Set-Cookie" not in response.headers


def test_a_budget_that_is_too_small_has_no_button(world: fake_networks.World) -> None:
    """If the read can't be paid for, the page says so instead of offering it."""
    app = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "0.03"})
    text = app.test_client().get(REPORT, headers=OTHER_SITE).text
    assert "This would cost up to $0.16, more than the daily budget of $0.03. Choose fewer posts or accounts." in text
    assert 'action="/confirm"' not in text


def test_a_budget_that_is_too_small_offers_what_fits(world: fake_networks.World) -> None:
    """The button reads as many posts as the budget allows, and leads to a report of these."""
    world.x.has("nasa", posts=40)
    client = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_X_BUDGET": "0.10"}).test_client()
    exposed_headers = HtmlPage(client.get(REPORT, headers=OTHER_SITE).text).text
    assert "This would cost up to $0.16, more than the daily budget of $0.10. Up to 18 posts per account fit." in exposed_headers
    assert "Read 18 posts per account" in exposed_headers
    assert 'name="next" value="/report?users=nasa&amp;n=18"' in exposed_headers
    response = confirm(client, "/report?users=nasa&n=18")
    assert client.get(response.location, headers=OTHER_SITE).status_code == 200


def test_who_is_not_signed_in_is_asked_to_sign_in_first(world: fake_networks.World) -> None:
    """Where keys are required, a link from another site leads to the sign-in, not to a button that wouldn't help."""
    app = create_app({"X_BEARER_TOKEN": "token", "CHORUS_X_API_URL": world.url, "CHORUS_ACCESS_KEYS": KEY})
    response = app.test_client().get(REPORT, headers=OTHER_SITE)
    assert response.status_code == 401
    assert 'action="/confirm"' not in response.text


# --- the form, in browsers that don't say where a request comes from ---------------------------------------------------


def form_of(client: FlaskClient, headers: dict[str, Any]) -> str:
    """Return the opening tag of the form."""
    text = client.get("/", headers=headers).text
    return text[text.index('<form class="question"') :].partition(">")[0]


def test_the_form_is_the_click(client: FlaskClient, world: fake_networks.World) -> None:
    """In such a browser, the form confirms the read itself and leads to the usual address."""
    assert 'action="/confirm" method="post"' in form_of(client, OLD_BROWSER)
    response = client.post("/confirm", data={"users": "nasa", "n": "30", "since": ""}, headers=OLD_BROWSER | {"Origin": "http://localhost"})
    assert response.status_code == 303
    assert urlsplit(response.headers["Location"]).path == "/report"
    page = client.get(response.headers["Location"], headers=OLD_BROWSER)
    assert page.status_code == 302
    assert page.headers["Location"] == REPORT
    assert requests_after(world, client, page.headers["Location"], OLD_BROWSER) > 0


def test_other_browsers_send_the_form_as_ever(client: FlaskClient) -> None:
    """Its address can be bookmarked at once."""
    assert 'action="/report" method="get"' in form_of(client, OUR_PAGE)
    assert 'action="/report" method="get"' in form_of(client, {})


def test_where_nothing_costs_money_the_form_stays_as_it_is() -> None:
    """Without a key for X there is nothing to confirm."""
    assert 'action="/report" method="get"' in form_of(create_app({}).test_client(), OLD_BROWSER)


def test_a_mistake_in_the_form_is_shown_with_the_form_filled(client: FlaskClient) -> None:
    """A question that can't be understood confirms nothing, and its page says why."""
    response = client.post("/confirm", data={"users": "nasa", "n": "x"}, headers=OLD_BROWSER | {"Origin": "http://localhost"})
    assert "Set-Cookie" not in response.headers
    page = HtmlPage(client.get(response.headers["Location"], headers=OLD_BROWSER).text)
    assert page.fields["users"] == "nasa"
    assert page.fields["n"] == "x"
    assert "n" in page.problems


# --- frames -----------------------------------------------------------------------------------------------------------


def test_a_frame_has_a_link_instead_of_the_button(client: FlaskClient) -> None:
    """A site that frames a chart could cover the button, so the frame only leads to the page."""
    text = client.get("/html/frequency?users=nasa&n=30&embed=1", headers=OTHER_SITE).text
    assert 'href="/html/frequency?users=nasa&amp;n=30" target="_blank"' in text
    assert "Read from X for up to" not in text


def test_a_frame_has_no_form_without_posts(client: FlaskClient) -> None:
    """The form would ask for its price, which browsers refuse to a frame, and an embedded chart is no place to start a report."""
    framed = client.get("/html/frequency?users=nasa&n=30&embed=1", headers=OTHER_SITE).text
    whole = client.get("/html/frequency?users=nasa&n=30", headers=OTHER_SITE).text
    assert "data-cost" in whole
    assert "data-cost" not in framed
    assert "<nav" not in framed


def test_a_frame_counts_as_another_site(client: FlaskClient) -> None:
    """Its page has an origin of its own, so that a click in it can't spend either."""
    framed = client.get("/html/frequency?users=demo:pennywren&embed=1").headers["Content-Security-Policy"]
    assert "sandbox allow-scripts allow-popups allow-popups-to-escape-sandbox" in framed
    assert "sandbox" not in client.get("/html/frequency?users=demo:pennywren").headers["Content-Security-Policy"]
