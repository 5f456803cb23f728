"""Which language a page has, what that depends on, and what stays English."""

import re

import pytest
from flask.testing import FlaskClient

from dashboard.core.messages import LANGUAGES
from tests.support.demo_clock import create_dated_app

GERMAN = {"Accept": "text/html", "Accept-Language": "de-AT,de;q=0.9,en;q=0.5"}
REPORT = "/report?users=demo:small-clocks&n=60"


def language_of(page: str) -> str:
    """Return the language that a page says it has."""
    return page.partition('<html lang="')[2].partition('"')[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_in_the_language_of_its_address(client: FlaskClient, language: str) -> None:
    """`lang` in the address wins over what the browser prefers."""
    response = client.get(f"/?lang={language}", headers=GERMAN)
    assert language_of(response.text) == language
    assert response.headers["Content-Language"] == language
    assert {"Accept-Language", "Cookie"} <= set(response.vary)


def test_without_a_choice_a_page_is_in_the_language_of_the_browser(client: FlaskClient) -> None:
    """Regions count as their language."""
    assert language_of(client.get("/", headers=GERMAN).text) == "de"


@pytest.mark.parametrize("accepted", ["ja", "", "*", "x" * 2000, "de;q=0", "en-GB,de"])
def test_without_a_language_that_we_have_a_page_is_in_english(client: FlaskClient, accepted: str) -> None:
    """Whatever a browser sends, there is a page."""
    assert language_of(client.get("/", headers={"Accept-Language": accepted}).text) == "en"


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    """The choice applies to other pages, until another one is made."""
    client.get("/?lang=fr")
    assert language_of(client.get("/classify", headers=GERMAN).text) == "fr"
    client.get("/?lang=en", headers=GERMAN)
    assert language_of(client.get("/classify", headers=GERMAN).text) == "en"


@pytest.mark.parametrize("language", ["xx", "", "de%00", "../de", "d" * 500])
def test_an_unknown_language_is_ignored(client: FlaskClient, language: str) -> None:
    """It's neither an error nor remembered."""
    response = client.get(f"/?lang={language}", headers=GERMAN)
    assert language_of(response.text) == "de"
    assert "Set-Cookie" not in response.headers


def test_a_forged_cookie_is_ignored(client: FlaskClient) -> None:
    """A cookie counts only if it names a language that we have."""
    client.set_cookie("chorus-language", "../../etc")
    assert language_of(client.get("/", headers=GERMAN).text) == "de"


@pytest.mark.slow
def test_a_kept_page_is_never_served_in_another_language(client: FlaskClient) -> None:
    """The same report is asked for in two languages: each gets its own, with its own ETag, and only that is confirmed as unchanged."""
    german, english = client.get(REPORT, headers=GERMAN), client.get(REPORT)
    assert [language_of(response.text) for response in (german, english)] == ["de", "en"]
    assert german.headers["ETag"] != english.headers["ETag"]
    again = client.get(REPORT, headers={**GERMAN, "If-None-Match": english.headers["ETag"]})
    assert again.status_code == 200
    assert client.get(REPORT, headers={**GERMAN, "If-None-Match": german.headers["ETag"]}).status_code == 304


def test_a_redirect_to_the_canonical_address_keeps_the_language(client: FlaskClient) -> None:
    """A link with `lang` works without cookies."""
    response = client.get("/report?users=demo:small-clocks&lang=es&interval=auto")
    assert response.headers["Location"] == "/report?users=demo:small-clocks&lang=es"


@pytest.mark.slow
def test_images_of_a_page_are_in_its_language(client: FlaskClient) -> None:
    """Their addresses name it, because an image follows neither cookies nor browsers."""
    page = client.get(f"{REPORT}&lang=de").text
    assert "&amp;lang=de" in page.partition('<img src="/kept/')[2].partition('"')[0]
    english = client.get(REPORT, headers={"Accept-Language": "en"}, follow_redirects=True)
    client.delete_cookie("chorus-language")
    assert "lang=" not in client.get(REPORT).text.partition('<img src="/kept/')[2].partition('"')[0]
    assert english.status_code == 200


@pytest.mark.parametrize("path", ["/report.json?users=demo:small-clocks&n=60", "/frequency.csv?users=demo:small-clocks", "/openapi.json"])
def test_data_is_always_english(path: str) -> None:
    """Neither the address nor the browser changes what programs get."""
    client = create_dated_app().test_client()  # whose clock stands still, because data have the minute of reading
    joined = "&" if "?" in path else "?"
    assert client.get(f"{path}{joined}lang=de", headers=GERMAN).data == client.get(path).data


def test_an_image_follows_only_its_address(client: FlaskClient) -> None:
    """The same address is the same image for everybody."""
    path = "/kept/frequency.svg?users=demo:small-clocks&n=60"
    assert client.get(path, headers=GERMAN).headers["ETag"] == client.get(path).headers["ETag"]
    assert client.get(f"{path}&lang=de").headers["ETag"] != client.get(path).headers["ETag"]


def test_an_error_of_the_api_is_english(client: FlaskClient) -> None:
    """A program gets the same sentence whoever runs it."""
    assert (
        client.get("/frequency.json?users=", headers={**GERMAN, "Accept": "application/json"}).get_json()["title"]
        == "Something needs fixing"
    )


def test_a_page_links_to_itself_in_every_language(client: FlaskClient) -> None:
    """The links keep the question."""
    page = client.get("/?users=nasa").text
    assert [f'<a href="?users=nasa&amp;lang={language}" lang="{language}"' in page for language in LANGUAGES] == [True] * len(LANGUAGES)


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/report?users=demo:aster-air,demo:harbour-news", "/posts?users=demo:aster-air&polarity=negative"])
def test_french_needs_no_elision_before_a_name(client: FlaskClient, path: str) -> None:
    """“de Aster Air” would have to be “d’Aster Air”, so sentences are built without it."""
    page = client.get(f"{path}&lang=fr").text
    assert "Aster Air" in page
    assert re.findall(r"\bde (?:<[^>]*>|\u2068)*Aster Air", page) == []


def test_points_of_words_are_counted_in_the_language_of_the_reader(client: FlaskClient) -> None:
    """Catalogues have plurals for whole numbers only."""
    page = client.get("/html/words?users=demo:aster-air&method=afinn&lang=fr").text
    assert re.findall(r"[+−]\d+ points?\b", page.replace("\N{NO-BREAK SPACE}", " ")) != []


@pytest.mark.slow
def test_french_has_a_blank_before_the_colon_of_a_label(client: FlaskClient) -> None:
    """Labels of bars and alternative texts are put together in the code, not in the catalogue alone."""
    page = client.get("/report?users=demo:aster-air,demo:harbour-news&lang=fr").text.replace(r"\u00a0", "\N{NO-BREAK SPACE}")
    assert re.findall(r"Positif\xa0: \d", page) != []
    assert re.findall(r"Positif: \d|publications: ", page) == []
