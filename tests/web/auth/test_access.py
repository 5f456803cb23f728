"""Access keys: what requires one and what doesn't, and that no key is ever revealed."""

import contextlib
import logging
import re
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.config.settings import load_settings
from dashboard.core.access_keys import UNNAMED, AccessKey, hash_key
from dashboard.core.errors import InvalidSetting
from dashboard.web.auth.access_keys import MAX_WRONG_KEYS_PER_MINUTE
from tests.support import fake_networks
from tests.support.access_keys import KEY, OTHER_KEY, WRONG_KEY, bearer, build_settings, sign_in
from tests.support.browser_contexts import open_context
from tests.support.chorus_server import run_server
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import HtmlPage, PageReader
from tests.support.shared_tab import leave_out_charts
from tests.support.streamed_pages import ANSWER_SECONDS, stream_at_once

PAID, FREE = "nasa", "demo:pennywren"
CHARTS = ["/frequency.json", "/sentiment.csv", "/frequency.png", "/sentiment.svg"]


@pytest.fixture
def app(world: fake_networks.World) -> Flask:
    """The application with two access keys, and an account on the fake X."""
    world.x.has("nasa", posts=30)
    return create_app(build_settings(world, KEY, OTHER_KEY), FakeClock())


# --- settings ---------------------------------------------------------------------------------------------------------


def test_keys_are_separated_by_commas_and_whitespace() -> None:
    """A list can have several lines; repeated keys count once."""
    assert load_settings({"CHORUS_ACCESS_KEYS": f" {KEY},{OTHER_KEY}\n{KEY} "}).access_keys == (
        AccessKey(UNNAMED, (hash_key(KEY),)),
        AccessKey(UNNAMED, (hash_key(OTHER_KEY),)),
    )


@pytest.mark.parametrize(
    "wrong", ["geheim", KEY + ",geheim", "geheim" * 40, "geheim-mit-umlaut-ä", ",".join(f"{KEY}{number}" for number in range(101))]
)
def test_invalid_keys_fail_at_start(wrong: str) -> None:
    """They are too short, too long, too many or not ASCII; the message doesn't contain them."""
    with pytest.raises(InvalidSetting, match="CHORUS_ACCESS_KEYS is a list") as caught:
        create_app({"CHORUS_ACCESS_KEYS": wrong})
    assert "geheim" not in caught.value.message


def test_settings_do_not_show_keys() -> None:
    """Printed settings have none."""
    assert "geheim" not in repr(load_settings({"CHORUS_ACCESS_KEYS": KEY}))


# --- without a key ----------------------------------------------------------------------------------------------------


def test_predict_requires_a_key(client: FlaskClient) -> None:
    """Without one, the response is a 401 problem document that says what to do next."""
    response = client.post("/predict", json={"text": "Fine"})
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Chorus"'
    assert "Authorization: Bearer KEY" in response.get_json()["detail"]


def test_a_body_is_not_parsed_without_a_key(client: FlaskClient) -> None:
    """Its problems aren't revealed."""
    assert client.post("/predict", data="nonsense").status_code == 401


@pytest.mark.parametrize("path", CHARTS)
def test_a_paid_chart_requires_a_key(client: FlaskClient, world: fake_networks.World, path: str) -> None:
    """Data and images of a paid account are 401, and X isn't contacted."""
    response = client.get(f"{path}?users={PAID}")
    assert response.status_code == 401
    assert response.content_type == "application/problem+json"
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Chorus"'
    assert world.x.requests == []


@pytest.mark.parametrize("path", ["/", "/health", "/ready", "/model", "/cost?users=nasa", "/classify", f"/sentiment.json?users={FREE}"])
def test_everything_else_is_open(client: FlaskClient, path: str) -> None:
    """What costs nothing requires no key."""
    assert client.get(path).status_code == 200


@pytest.mark.slow
def test_a_report_shows_free_accounts_and_a_sign_in_link(page: PageReader, world: fake_networks.World) -> None:
    """It says why the paid account is missing, and signing in leads back to it."""
    opened_page = page.open(f"/report?users={PAID},{FREE}")
    assert (
        "Reading @nasa costs money. That requires an access key. Sign in to read it, or send the key with the request." in opened_page.text
    )
    assert "Bearer" not in opened_page.text
    assert f"/signin?next=/report%3Fusers%3D{PAID},{FREE}" in opened_page.link_urls
    assert "Scorecard" in opened_page.text
    assert world.x.requests == []


def test_a_paid_report_is_401_with_the_form_filled(page: PageReader) -> None:
    """Without anything to show, the page asks to sign in and keeps what was typed."""
    opened_page = page.open(f"/report?users={PAID}&n=20", status=401)
    assert opened_page.title == "Please sign in · Chorus"
    assert opened_page.fields["users"] == PAID
    assert opened_page.fields["n"] == "20"
    assert f"/signin?next=/report%3Fusers%3D{PAID}%26n%3D20" in opened_page.link_urls
    assert "Authorization: Bearer" not in opened_page.text
    assert opened_page.headers["WWW-Authenticate"] == 'Bearer realm="Chorus"'


def test_stored_posts_are_shown_without_a_key(app: Flask, world: fake_networks.World) -> None:
    """Everyone sees what a key's holder has read; requesting more requires a key."""
    sign_in(app).get(f"/frequency.json?users={PAID}&n=5")
    request_count = len(world.x.requests)
    response_document = app.test_client().get(f"/frequency.json?users={PAID}&n=5").get_json()
    more = app.test_client().get(f"/frequency.json?users={PAID}&n=25").get_json()
    assert response_document["coverage"][0]["fetched"] == 5
    assert response_document["notes"] == []
    assert len(world.x.requests) == request_count
    assert more["coverage"][0]["fetched"] == 5 and "requires an access key" in more["notes"][0]


def test_a_refusal_is_not_cached(app: Flask) -> None:
    """A key's holder gets the posts right after somebody without one."""
    app.test_client().get(f"/frequency.json?users={PAID}")
    assert sign_in(app).get(f"/frequency.json?users={PAID}").get_json()["coverage"][0]["fetched"] == 30


def test_counts_require_a_key(app: Flask, world: fake_networks.World) -> None:
    """X's own counts cost money, too."""
    path = f"/frequency.json?users={PAID}&counted=network"
    assert app.test_client().get(path).status_code == 401
    assert world.x.requests == []
    assert sign_in(app).get(path).status_code == 200


def test_a_link_preview_gets_a_402(client: FlaskClient) -> None:
    """It buys nothing, with or without a key."""
    headers = {"User-Agent": "Slackbot-LinkExpanding 1.0", **bearer(KEY)}
    assert client.get(f"/frequency.png?users={PAID}", headers=headers).status_code == 402


def test_an_embedded_chart_opens_the_sign_in_in_a_tab(page: PageReader) -> None:
    """A cookie doesn't work in another site's frame."""
    text = page.open(f"/html/frequency?users={PAID},{FREE}&embed=1").text
    assert re.search(r'<a href="/signin\?next=[^"]+embed%3D1"[^>]* target="_blank">Sign in</a>', text)


@pytest.mark.slow
def test_a_streamed_page_has_a_sign_in_link() -> None:
    """It is at the end of a report that shows its progress first."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as world:
        world.bluesky.has("nasa", posts=3)
        app = stream_at_once(create_app(build_settings(world, KEY) | {"CHORUS_BLUESKY_API_URL": world.url}))
        response = app.test_client().get(f"/report?users={PAID},nasa.bsky.social")
        opened_page = HtmlPage(response.text)
    assert response.headers["Cache-Control"] == "no-store"
    assert f"/signin?next=/report%3Fusers%3D{PAID},nasa.bsky.social" in opened_page.link_urls and "Scorecard" in opened_page.text


def test_an_empty_streamed_page_has_a_sign_in_link() -> None:
    """If the free account fails after a while, the page ends with the link and the form."""
    with fake_networks.SlowWorld(ANSWER_SECONDS) as world:
        app = stream_at_once(create_app(build_settings(world, KEY) | {"CHORUS_BLUESKY_API_URL": world.url}))
        opened_page = HtmlPage(app.test_client().get(f"/report?users={PAID},nobody.bsky.social").text)
    assert "Please sign in." in opened_page.text
    assert f"/signin?next=/report%3Fusers%3D{PAID},nobody.bsky.social" in opened_page.link_urls
    assert opened_page.fields["users"] == f"{PAID},nobody.bsky.social"


# --- with a key -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_each_key_is_accepted(client: FlaskClient, key: str, scheme: str) -> None:
    """The scheme's case doesn't matter."""
    headers = {"Authorization": f"{scheme} {key}"}
    assert client.post("/predict", json={"text": "Fine"}, headers=headers).status_code == 200
    assert client.get(f"/frequency.csv?users={PAID}", headers=headers).status_code == 200


@pytest.mark.parametrize("wrong", [WRONG_KEY, KEY[:-1], KEY + "x", KEY.upper(), f"{KEY},{OTHER_KEY}", "", "ä" * 20])
def test_other_keys_are_refused(client: FlaskClient, wrong: str) -> None:
    """The response is a 401 that says so."""
    response = client.post("/predict", json={"text": "Fine"}, headers={"Authorization": f"Bearer {wrong}".encode().decode("latin-1")})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="Chorus", error="invalid_token"'


@pytest.mark.parametrize("header", [f"Basic {KEY}", KEY, f"Token {KEY}"])
def test_only_bearer_tokens_count(client: FlaskClient, header: str) -> None:
    """Another scheme is like no key."""
    assert client.post("/predict", json={"text": "Fine"}, headers={"Authorization": header}).status_code == 401


def test_a_wrong_key_does_not_affect_free_pages(client: FlaskClient) -> None:
    """Paid ones say that the key is wrong."""
    assert client.get(f"/frequency.csv?users={FREE}", headers=bearer(WRONG_KEY)).status_code == 200
    response = client.get(f"/frequency.csv?users={PAID}", headers=bearer(WRONG_KEY))
    assert response.status_code == 401
    assert "the key in the request isn’t valid" in response.get_json()["detail"]


def test_a_signed_in_browser_can_predict(app: Flask) -> None:
    """The cookie is valid for `/predict`."""
    assert sign_in(app).post("/predict", json={"text": "Fine"}).status_code == 200


# --- guessing ---------------------------------------------------------------------------------------------------------


def test_too_many_tries_are_429_everywhere(app: Flask) -> None:
    """Programs and the sign-in page say when to try again; holders of a key aren't affected."""
    inside, client = sign_in(app), app.test_client()
    for number in range(MAX_WRONG_KEYS_PER_MINUTE):
        client.post("/signin", data={"key": f"{WRONG_KEY}-{number}"})
    responses = [
        client.post("/predict", json={"text": "Fine"}, headers=bearer(WRONG_KEY)),
        client.get(f"/frequency.png?users={PAID}", headers=bearer(WRONG_KEY)),
        client.post("/signin", data={"key": WRONG_KEY}),
    ]
    assert [(response.status_code, 1 <= int(response.headers["Retry-After"]) <= 60) for response in responses] == [(429, True)] * 3
    assert client.post("/predict", json={"text": "Fine"}, headers=bearer(KEY)).status_code == 200
    assert inside.post("/predict", json={"text": "Fine"}).status_code == 200
    assert client.get(f"/sentiment.csv?users={FREE}").status_code == 200


# --- caches and logs --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", f"/report?users={FREE}", f"/frequency.png?users={FREE}", "/classify", "/signin"])
def test_responses_that_depend_on_the_sign_in_are_not_shared(client: FlaskClient, path: str) -> None:
    """Shared caches don't store them, and a browser's cache separates them."""
    headers = client.get(path).headers
    assert {"Cookie", "Authorization"} <= set(headers["Vary"].split(", "))
    assert re.match(r"private|no-store", headers["Cache-Control"])


@pytest.mark.slow
def test_no_key_is_ever_revealed(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """Valid or not, it is in no response, header or log."""
    caplog.set_level(logging.DEBUG)
    client, responses = app.test_client(), list[TestResponse]()
    for key in (KEY, OTHER_KEY, WRONG_KEY):
        responses += [client.post("/predict", json={"text": "Fine"}, headers=bearer(key))]
        responses += [client.get(f"/report?users={PAID}", headers=bearer(key)), client.post("/signin", data={"key": key, "next": "/"})]
        responses += [client.get("/"), client.post("/signout")]
    text = "".join(response.text + str(response.headers) for response in responses) + caplog.text
    assert "geheim" not in text


# --- served -----------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def serve_without_logging_keys(environment: dict[str, str]) -> Iterator[str]:
    """Serve with these settings and yield the URL. Afterwards, no key may be in the log."""
    with run_server(environment, "dashboard.app:create_app()", "--access-logfile", "-", "--log-level", "debug") as server:
        yield server.url
    log = server.stdout + server.stderr
    assert "/health" in log
    assert "geheim" not in log


def test_a_program_with_a_key_is_served(world: fake_networks.World) -> None:
    """A real server accepts the header, and refuses requests without it."""
    world.x.has("nasa", posts=3)
    body, kind = b'{"text": "A great night!"}', {"Content-Type": "application/json"}
    with serve_without_logging_keys(build_settings(world, KEY)) as base:
        with urllib.request.urlopen(urllib.request.Request(f"{base}/predict", body, kind | bearer(KEY)), timeout=30) as response:
            assert b"positive" in response.read()
        with urllib.request.urlopen(
            urllib.request.Request(f"{base}/frequency.csv?users={PAID}", headers=bearer(KEY)), timeout=30
        ) as response:
            assert response.read().count(b"\r\n") > 1
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(f"{base}/predict", body, kind), timeout=30)
        refused.value.close()
    assert refused.value.code == 401
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer realm="Chorus"'


def test_a_person_signs_in_reads_and_signs_out(world: fake_networks.World, browser: Browser) -> None:
    """In a real browser: a refused report, the sign-in, the price, the report, and signing out."""
    world.x.has("nasa", posts=12)
    with serve_without_logging_keys(build_settings(world, KEY)) as base:
        context = open_context(browser)
        leave_out_charts(context)
        page, troubles = context.new_page(), list[str]()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto(f"{base}/report?users={PAID}&n=10")
        expect(page.locator("h1")).to_have_text("Please sign in")
        page.locator("main").get_by_role("link", name="Sign in", exact=True).first.click()
        page.get_by_label("Access key").fill(KEY)
        page.keyboard.press("Enter")
        page.wait_for_url(f"{base}/report?users={PAID}&n=10")
        page.get_by_role("button", name="Read from X for up to $0.06").click()
        expect(page.get_by_role("heading", name="Scorecard")).to_be_visible()
        page.get_by_role("button", name="Sign out").click()
        page.wait_for_url(f"{base}/")
        expect(page.get_by_role("navigation").get_by_role("link", name="Sign in")).to_be_visible()
        assert [cookie["name"] for cookie in context.cookies()] == []
        assert troubles == []
        context.close()
