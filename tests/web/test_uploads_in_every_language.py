"""Pages about people's own files are in the reader's language, also what was noted when somebody else uploaded the file."""

import io
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.catalogs import TRANSLATED_LANGUAGES
from tests.support.client_requests import upload_file
from tests.support.html_pages import HtmlPage
from tests.support.untranslated_texts import list_english

POSTS = (
    "Posted,Message,Author,lang\n"
    "2026-03-01 23:30,Good fog,harbour,en\n"
    "2026-03-02,Bad fog,,de-AT\n"
    "tomorrow,Some fog,tower,\n"
    ",Fog,tower,\n"
    "2026-03-20 10:00,More fog,tower,\n"
    "2026-03-05 10:00,too,many,en,cells\n"
    ",,tower,en\n"
)
REFUSED_FILES = {
    "empty.csv": "",
    "page.html": "<!doctype html><p>Please sign in</p>",
    "cut.json": '[{"text": "Good", "created_at": "2026-03-01"}, {"te',
    "numbers.csv": "Date,Impressions,Engagements,Profile visits,Create Post\n2026-03-01,1,2,3,4\n",
    "untimed.csv": "date,text\nsoon,Good fog\nlater,Bad fog\n",
    "texts.csv": "a,b\n1,2\n",
}
QUESTIONS = {
    "columns.csv": "wann,was\n2026-03-01T10:00:00Z,A good day at sea\n2026-03-02T10:00:00Z,A bad day at sea\n",
    "order.csv": "date,text\n04/05/2026 10:00,Good fog\n05/06/2026 11:00,Bad fog\n",
}


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A browser at a Chorus that accepts files."""
    return create_app({"CHORUS_DATASETS": str(tmp_path)}).test_client()


@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
def test_what_was_read_is_said_in_the_language_of_the_reader(client: FlaskClient, language: str) -> None:
    """The notes of an English upload are stored, and read in other languages, with the quotation marks of these."""
    path = upload_file(client, POSTS, show="summary").headers["Location"]
    page = client.get(f"{path}?lang={language}").text
    assert list_english(page, language) == []
    assert {"de": "„tomorrow“", "fr": "«\N{NO-BREAK SPACE}tomorrow\N{NO-BREAK SPACE}»", "es": "«tomorrow»", "pt": "“tomorrow”"}[
        language
    ] in page
    assert "“tomorrow” in line" in client.get(f"{path}?lang=en").text


@pytest.mark.slow
@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
def test_the_notes_above_a_report_are_in_the_language_of_the_reader(client: FlaskClient, language: str) -> None:
    """They are those of the file's own page."""
    identity = upload_file(client, POSTS).headers["Location"].rpartition("file:")[2]
    assert list_english(client.get(f"/report?users=file:{identity}&lang={language}").text, language) == []


@pytest.mark.parametrize("language", TRANSLATED_LANGUAGES)
@pytest.mark.parametrize("name", [*REFUSED_FILES, *QUESTIONS])
def test_a_refusal_or_a_question_is_in_the_language_of_the_reader(client: FlaskClient, name: str, language: str) -> None:
    """It says what is wrong with the file and what to do, or asks for columns or for what comes first in dates."""
    client.get(f"/?lang={language}")
    response = upload_file(client, (REFUSED_FILES | QUESTIONS)[name], name, show="summary")
    assert response.status_code == 422
    assert list_english(response.text, language) == []


def test_a_question_can_be_read_in_another_language(client: FlaskClient) -> None:
    """Its buttons ask for the same question about the same file, which is stored until it is answered."""
    page = HtmlPage(upload_file(client, QUESTIONS["columns.csv"], "columns.csv", show="summary").text)
    response = client.post("/upload?lang=fr", data={"waiting": page.fields["waiting"], "show": "summary"})
    assert response.status_code == 422
    assert response.headers["Content-Language"] == "fr"
    assert 'action="/upload?lang=fr"' in page.text
    assert "was" in response.text


def test_a_refusal_leads_to_the_form_in_other_languages(client: FlaskClient) -> None:
    """The file would have to be sent again, so the links can't lead to the same page."""
    assert "/?lang=de" in HtmlPage(upload_file(client, "", "empty.csv").text).link_urls


def test_a_refusal_is_english_for_programs(client: FlaskClient) -> None:
    """The API's errors are English whatever a client prefers."""
    response = client.post(
        "/upload",
        data={"file": (io.BytesIO(b""), "empty.csv")},
        headers={"Accept": "application/json", "Accept-Language": "de"},
        content_type="multipart/form-data",
    )
    assert response.get_json()["detail"].startswith("empty.csv is empty.")


def test_data_about_a_file_is_english(client: FlaskClient) -> None:
    """The sentences are stored in English beside what translates them."""
    client.get("/?lang=de")
    path = upload_file(client, POSTS, show="summary").headers["Location"]
    document = client.get(f"{path}.json").get_json()
    assert "1 post has no date. It’s kept, but every chart, table and list of posts leaves it out." in document["notices"]
    assert document["refused_rows"][0]["location"].startswith("Line ")
