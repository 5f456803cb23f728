"""Signing in and out with an access key: where it leads, which cookie it sets, and who may do it."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.access_keys import KEY, OTHER_KEY, WRONG_KEY, build_settings, sign_in, sign_in_token
from tests.support.fake_clock import FakeClock
from tests.support.html_pages import HtmlPage, PageReader

PAID = "nasa"


@pytest.fixture
def app(world: fake_networks.World) -> Flask:
    """The application with two access keys, and an account on the fake X."""
    world.x.has("nasa", posts=30)
    return create_app(build_settings(world, KEY, OTHER_KEY), FakeClock())


# --- signing in and out -----------------------------------------------------------------------------------------------


def test_signing_in_leads_back_to_the_report(app: Flask) -> None:
    """The refused report is then read, after a click that confirms its price."""
    reader = PageReader(app.test_client())
    refused = reader.open(f"/report?users={PAID}&n=20", status=401)
    form = reader.open(next(link for link in refused.link_urls if link.startswith("/signin")))
    assert form.title == "Sign in · Chorus"
    assert list(form.fields) == ["next", "key"]
    response = reader.client.post("/signin", data={"next": form.fields["next"], "key": f" {KEY}\n"})
    assert response.status_code == 303
    assert response.headers["Location"] == f"/report?users={PAID}&n=20"
    assert response.headers["Cache-Control"] == "no-store"
    offered = reader.open(response.headers["Location"], status=402)
    assert "Read from X for up to" in offered.text
    reader.client.post("/confirm", data={"next": response.headers["Location"]}, headers={"Sec-Fetch-Site": "same-origin"})
    opened_page = reader.open(response.headers["Location"])
    assert "Scorecard" in opened_page.text
    assert "Sign out" in opened_page.text
    assert "/signin" not in opened_page.text


def test_the_cookie_has_a_token_instead_of_a_key(app: Flask) -> None:
    """It lasts twelve hours, and neither scripts nor other sites can use it."""
    cookie = app.test_client().post("/signin", data={"key": KEY}).headers["Set-Cookie"]
    assert [part for part in ("HttpOnly", "SameSite=Lax", "Max-Age=43200", "Path=/") if part not in cookie] == []
    assert "Secure" not in cookie
    assert KEY not in cookie


@pytest.mark.parametrize("options", [{"base_url": "https://chorus.example"}, {"headers": {"X-Forwarded-Proto": "https"}}])
def test_over_https_the_cookie_is_secure(app: Flask, options: dict[str, Any]) -> None:
    """This includes HTTPS that ends at a proxy."""
    assert "; Secure" in app.test_client().post("/signin", data={"key": KEY}, **options).headers["Set-Cookie"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "javascript:alert(1)",
        "evil",
        " /report",
        "/" + "a" * 8_001,
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(app: Flask, elsewhere: str) -> None:
    """Anything but a path of this host leads to the form."""
    client = app.test_client()
    assert HtmlPage(client.get("/signin", query_string={"next": elsewhere}).text).fields["next"] == "/"
    assert client.post("/signin", data={"next": elsewhere, "key": KEY}).headers["Location"] == "/"
    assert client.get("/signin", query_string={"next": elsewhere}).headers["Location"] == "/"


def test_a_hostile_way_back_is_escaped(client: FlaskClient) -> None:
    """The parameter stays text."""
    assert "<script>alert" not in client.get("/signin", query_string={"next": '/"><script>alert(1)</script>'}).text


@pytest.mark.parametrize(
    ("key", "status", "expected_text"), [("", 400, "Enter your access key."), (WRONG_KEY, 401, "That key isn’t valid.")]
)
def test_a_wrong_sign_in_says_so(client: FlaskClient, key: str, status: int, expected_text: str) -> None:
    """The page keeps the way back and doesn't show what was typed."""
    response = client.post("/signin", data={"next": "/classify", "key": key})
    opened_page = HtmlPage(response.text)
    assert response.status_code == status
    assert opened_page.fields["next"] == "/classify"
    assert opened_page.fields["key"] == ""
    assert expected_text in opened_page.problems["key"] and "Set-Cookie" not in response.headers
    opened_page.assert_valid()


def test_a_large_form_is_refused(client: FlaskClient) -> None:
    """A megabyte isn't a key."""
    assert client.post("/signin", data={"key": "a" * 70_000}).status_code == 413


@pytest.mark.parametrize("path", ["/signin", "/signout"])
def test_another_site_cannot_sign_anybody_in_or_out(app: Flask, path: str) -> None:
    """A form of another site is refused."""
    response = sign_in(app).post(path, data={"key": KEY}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("path", ["/signin", "/signout"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost.evil.example", "http://localhost:99", "http://[localhost", "null", ""]
)
def test_an_old_browser_is_checked_by_its_origin(app: Flask, path: str, origin: str) -> None:
    """Without Sec-Fetch-Site, a form of another or unknown origin is refused."""
    response = app.test_client().post(path, data={"key": KEY}, headers={"Origin": origin})
    assert response.status_code == 403
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "headers", [{}, {"Origin": "http://localhost"}, {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}]
)
def test_our_own_form_is_accepted(app: Flask, headers: dict[str, str]) -> None:
    """It is from this host, or from a program without these headers."""
    assert app.test_client().post("/signin", data={"key": KEY}, headers=headers).status_code == 303


def test_signing_out_removes_the_cookie(app: Flask) -> None:
    """Pages offer to sign in again."""
    client = sign_in(app)
    response = client.post("/signout")
    assert response.status_code == 303
    assert response.headers["Location"] == "/"
    assert sign_in_token(client) == ""
    assert client.post("/predict", json={"text": "Fine"}).status_code == 401
    assert "Sign in" in client.get("/").text


def test_without_keys_there_is_no_sign_in(world: fake_networks.World) -> None:
    """No page mentions it, its URL leads back, and no cookie is set."""
    world.x.has("nasa", posts=3)
    client = create_app(build_settings(world)).test_client()
    assert [client.get(path).text.count("Sign in") for path in ("/", f"/report?users={PAID}", "/classify?text=Fine")] == [0, 0, 0]
    for response in (client.get("/signin?next=/classify"), client.post("/signin", data={"next": "/classify", "key": "x"})):
        assert response.status_code == 303
        assert response.headers["Location"] == "/classify"
        assert "Set-Cookie" not in response.headers
    assert "Authorization" not in client.get("/").headers.get("Vary", "")


# --- /classify --------------------------------------------------------------------------------------------------------


def test_classify_requires_signing_in_with_its_text_kept(page: PageReader) -> None:
    """The text isn't classified, and signing in leads back to it."""
    opened_page = page.open("/classify?text=A%20great%20night!", status=401)
    assert opened_page.title == "Please sign in · Chorus"
    assert opened_page.fields["text"].strip() == "A great night!"
    assert "/signin?next=/classify%3Ftext%3DA%2520great%2520night%21".replace("%21", "!") in [
        link.replace("%21", "!") for link in opened_page.link_urls
    ]
    assert "It sounds" not in opened_page.text


def test_classify_works_after_signing_in(app: Flask) -> None:
    """The command for programs has a placeholder for a key."""
    text = sign_in(app).get("/classify?text=A%20great%20night!").text
    assert "It sounds positive" in text
    assert "Authorization: Bearer KEY" in text
    assert KEY not in text


def test_a_long_text_is_not_lost(client: FlaskClient) -> None:
    """A text that fits into no URL stays in the box, and the sign-in opens in a tab."""
    long = "A great night! " * 800
    response = client.post("/classify", data={"text": long})
    opened_page = HtmlPage(response.text)
    assert response.status_code == 401
    assert opened_page.fields["text"].strip() == long.strip()
    assert 'target="_blank">Sign in in another tab' in response.text
