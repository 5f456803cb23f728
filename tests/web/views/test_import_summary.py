"""The page after an upload: what was understood of the file, and how its owner corrects that."""

import html
import io
import re
import zipfile
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.sources.files.readers.field_paths import NO_COLUMN
from tests.support.client_requests import upload_file
from tests.support.html_pages import HtmlPage

TABLE = (
    "Posted,Message,Author,lang\n"
    "2026-03-01 23:30,Good fog,harbour,en\n"
    "2026-03-02 10:00,Bad fog,harbour,de-AT\n"
    "2026-03-03 10:00,Some fog,tower,\n"
    ",,tower,en\n"
    "2026-03-05 10:00,too,many,en,cells\n"
)
NAMELESS = "date,text\n2026-03-01 23:30,Good fog\n2026-03-02 10:00,Bad fog\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "datasets"


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    """A browser at a Chorus that accepts files."""
    return create_app({"CHORUS_DATASETS": str(folder)}).test_client()


def check_page(response: TestResponse) -> HtmlPage:
    """Return an answer as a page that was checked."""
    page = HtmlPage(response.text, response.status_code)
    page.assert_valid()
    return page


def upload_as_person(client: FlaskClient, content: str | bytes = TABLE, name: str = "posts.csv", **fields: str) -> str:
    """Upload a file by the form of our page and return the path that it leads to."""
    response = upload_file(client, content, name, show="summary", **fields)
    assert response.status_code == 303
    return str(response.headers["Location"])


def send(client: FlaskClient, **fields: str) -> TestResponse:
    """Send the form that corrects an import."""
    return client.post("/upload", data={"show": "summary", **fields}, content_type="multipart/form-data")


def text_of(page: HtmlPage) -> str:
    """Return the visible text of a page with single spaces."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page.text)))


def test_the_form_leads_to_the_summary(client: FlaskClient) -> None:
    """It has the field that asks for it, and the summary leads on to the report."""
    assert '<input type="hidden" name="show" value="summary">' in client.get("/").text
    path = upload_as_person(client)
    assert bool(re.fullmatch(r"/datasets/[0-9a-f]{32}", path))
    assert f'href="/report?users=file:{path.rpartition("/")[2]}"' in client.get(path).text


def test_a_program_is_led_to_the_report_as_before(client: FlaskClient, folder: Path) -> None:
    """A header names the summary, and the original isn't kept."""
    response = upload_file(client, TABLE)
    dataset_id = response.headers["Location"].removeprefix("/report?users=file:")
    assert response.headers["Link"] == f'</datasets/{dataset_id}.json>; rel="describedby"; type="application/json"'
    assert list(folder.glob("waiting/*")) == []


def test_the_summary_says_what_was_understood(client: FlaskClient) -> None:
    """Rows, period, zone, columns, languages and accounts are on the page."""
    text = text_of(check_page(client.get(upload_as_person(client))))
    assert "3 posts from 2 accounts · 1 Mar – 3 Mar 2026" in text
    assert "3 of 5 rows were read – 2 rows couldn’t be read" in text
    assert "3 times without a zone, read as UTC" in text
    assert "text from “Message” · date from “Posted” · account from “Author” · language from “lang”" in text
    assert "German 1 · English 1 · not stated 1" in text
    assert "3 own posts" in text


def test_the_summary_shows_refused_rows_with_their_reasons(client: FlaskClient) -> None:
    """An excerpt helps to find them in the file."""
    text = text_of(check_page(client.get(upload_as_person(client))))
    assert "Line 5 has no text. tower · en" in text
    assert "Line 6 has 5 cells, but the table has 4 columns. 2026-03-05 10:00 · too · many · en · cells" in text


def test_many_refused_rows_are_a_warning(client: FlaskClient) -> None:
    """It's above the link to the report, and says what to do about commas within texts."""
    page = client.get(upload_as_person(client)).text
    warning = page.index("2 of 5 rows couldn’t be read, and the report leaves them out. Some have more cells than the table has columns")
    assert "put texts with commas in quotation marks" in page
    assert warning < page.index("See the report")


def test_a_few_refused_rows_are_no_warning(client: FlaskClient) -> None:
    """One row in ten may have a mistake of its own."""
    rows = "".join(f"2026-03-0{day} 10:00,Good fog {day},harbour,en\n" for day in range(1, 10))
    page = client.get(upload_as_person(client, f"Posted,Message,Author,lang\n{rows},,tower,en\n")).text
    assert "1 row couldn’t be read" in page
    assert "the report leaves" not in page


def test_rows_without_a_text_need_no_quotation_marks(client: FlaskClient) -> None:
    """The advice is for rows with too many cells."""
    page = client.get(upload_as_person(client, "Posted,Message,Author\n2026-03-01 23:30,Good fog,harbour\n,,tower\n")).text
    assert "1 of 2 rows couldn’t be read, and the report leaves it out." in page
    assert "quotation marks" not in page


def test_the_tool_is_named_if_it_is_known(client: FlaskClient) -> None:
    """Posts that had to be converted are recognised, too."""
    status = (
        '{"id": "1", "created_at": "2026-03-01T10:00:00Z", "content": "<p>fog</p>", "uri": "https://a.example/1", "account": {"acct": "a"}}'
    )
    assert "Mastodon’s API" in text_of(check_page(client.get(upload_as_person(client, f"[{status}]", "posts.json"))))


def test_the_zone_can_be_corrected(client: FlaskClient, folder: Path) -> None:
    """The original is read again, the new file replaces the old one, and it can be corrected once more."""
    path = upload_as_person(client)
    fields = check_page(client.get(path)).fields
    corrected = send(client, replaces=path.rpartition("/")[2], waiting=fields["waiting"], zone="America/New_York").headers["Location"]
    page = check_page(client.get(corrected))
    assert "3 times read as America/New_York, as you chose" in page.text
    assert page.fields["zone"] == "America/New_York"
    assert page.fields["waiting"] != fields["waiting"]
    assert client.get(path).status_code == 404
    assert [file.parent.name for file in folder.glob("*/about.json")] == [corrected.rpartition("/")[2]]


def test_the_account_can_be_named(client: FlaskClient) -> None:
    """This is offered for files that don't name accounts."""
    path = upload_as_person(client, NAMELESS)
    fields = check_page(client.get(path)).fields
    corrected = send(client, replaces=path.rpartition("/")[2], waiting=fields["waiting"], account="@Harbour News").headers["Location"]
    account = client.get(f"{corrected}.json").get_json()["accounts"][0]
    assert account["account"].partition("/")[2] == "harbour_news"
    assert account["name"] == "Harbour News"
    assert "<bdi>Harbour News</bdi>" in client.get(corrected).text
    assert "account" not in {name for name, value in check_page(client.get(upload_as_person(client))).fields.items() if value}


def test_the_columns_can_be_matched_again(client: FlaskClient) -> None:
    """The page has the sample rows and the columns that were used, and its form leads back to the summary."""
    path = upload_as_person(client)
    token = check_page(client.get(path)).fields["waiting"]
    question = check_page(send(client, replaces=path.rpartition("/")[2], waiting=token, match="columns"))
    assert question.h1s == ["Match your columns"]
    assert "Good fog" in question.text
    assert question.fields["column-text"] == "Message"
    corrected = send(client, **{**question.fields, "column-account": "Message"}).headers["Location"]
    assert client.get(f"{corrected}.json").get_json()["columns"]["account"] == "Message"


def test_a_column_that_was_taken_for_another_field_can_be_left_out(client: FlaskClient) -> None:
    """Posts then belong to one account, which can be named, and the answer is kept in later corrections."""
    path = upload_as_person(client)
    fields = {"replaces": path.rpartition("/")[2], "waiting": check_page(client.get(path)).fields["waiting"]}
    question = check_page(send(client, **fields, match="columns"))
    path = send(client, **{**question.fields, "column-account": NO_COLUMN}).headers["Location"]
    fields = {name: value for name, value in check_page(client.get(path)).fields.items() if name != "match"}
    assert fields["column-account"] == NO_COLUMN
    path = send(client, **{**fields, "account": "Harbour"}).headers["Location"]
    accounts = client.get(f"{path}.json").get_json()["accounts"]
    assert [(account["account"].partition("/")[2], account["posts"]) for account in accounts] == [("harbour", 3)]


def test_a_correction_that_is_not_possible_loses_nothing(client: FlaskClient) -> None:
    """The problem is shown with what was typed, and the file stays."""
    path = upload_as_person(client)
    token = check_page(client.get(path)).fields["waiting"]
    page = check_page(send(client, replaces=path.rpartition("/")[2], waiting=token, zone="Berlinn"))
    assert page.status == 422
    assert "Unknown time zone “Berlinn”." in page.text
    assert page.fields["zone"] == "Berlinn"
    assert page.fields["waiting"] == token
    assert client.get(path).status_code == 200


def test_without_the_original_the_file_is_chosen_again(client: FlaskClient, folder: Path) -> None:
    """An original that has expired is asked for, and the correction replaces the file as before."""
    path = upload_as_person(client)
    for file in (folder / "waiting").iterdir():
        file.unlink()
    assert "waiting" not in check_page(client.get(path)).fields
    data = {"show": "summary", "replaces": path.rpartition("/")[2], "zone": "+01:00", "file": (io.BytesIO(TABLE.encode()), "posts.csv")}
    corrected = client.post("/upload", data=data, content_type="multipart/form-data").headers["Location"]
    assert client.get(f"{corrected}.json").get_json()["zone"] == "+01:00"
    assert client.get(path).status_code == 404


def test_without_the_original_the_columns_can_still_be_matched(client: FlaskClient, folder: Path) -> None:
    """The file is chosen with the question, and isn't asked for again."""
    path = upload_as_person(client)
    for file in (folder / "waiting").iterdir():
        file.unlink()
    data = {"show": "summary", "replaces": path.rpartition("/")[2], "match": "columns", "file": (io.BytesIO(TABLE.encode()), "posts.csv")}
    question = check_page(client.post("/upload", data=data, content_type="multipart/form-data"))
    assert send(client, **question.fields).status_code == 303
    assert client.get(path).status_code == 404


def test_an_archive_is_not_kept(client: FlaskClient, folder: Path) -> None:
    """It contains more than posts, such as private messages."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("posts.csv", NAMELESS)
    path = upload_as_person(client, content.getvalue(), "archive.zip")
    assert list(folder.glob("waiting/*")) == []
    assert "We don’t have the original, so choose it again." in check_page(client.get(path)).text


def test_a_file_without_choices_has_nothing_to_correct(client: FlaskClient) -> None:
    """Posts that are converted as a whole, with times in a known zone, are only shown."""
    status = '{"id": "1", "created_at": "2026-03-01T10:00:00Z", "content": "fog", "uri": "https://a.example/1", "account": {"acct": "a"}}'
    assert "Something’s wrong?" not in check_page(client.get(upload_as_person(client, f"[{status}]", "posts.json"))).text


def test_only_the_owner_can_correct_a_file(client: FlaskClient) -> None:
    """Another browser sees the summary without forms, and can't replace the file or open its original."""
    path = upload_as_person(client)
    token = check_page(client.get(path)).fields["waiting"]
    stranger = client.application.test_client()
    page = check_page(stranger.get(path))
    assert "Something’s wrong?" not in page.text
    assert "/delete?key=" not in page.text
    assert send(stranger, replaces=path.rpartition("/")[2], waiting=token, match="columns").status_code == 422
    upload_as_person(stranger, replaces=path.rpartition("/")[2])
    assert client.get(path).status_code == 200


def test_deleting_a_file_deletes_its_original(client: FlaskClient, folder: Path) -> None:
    """Nothing is left on disk."""
    path = upload_as_person(client)
    key = re.findall(r"/delete\?key=([0-9a-f]+)", client.get(path).text)[0]
    client.post(f"{path}/delete", data={"key": key})
    assert [file for file in folder.rglob("*") if file.is_file()] == []


def test_the_summary_is_available_as_json(client: FlaskClient) -> None:
    """It has the same facts as the page, and no key."""
    path = upload_as_person(client)
    document = client.get(f"{path}.json").get_json()
    assert document["rows"] == {"read": 5, "kept": 3, "unreadable": 2}
    assert document["times"]["assumed_utc"] == 3
    assert document["columns"] == {"text": "Message", "created_at": "Posted", "account": "Author", "lang": "lang"}
    assert {"language": "de", "posts": 1} in document["languages"]
    assert sum(document["kinds"].values()) == document["rows"]["kept"]
    assert {"location": "Line 5", "reason": "has no text", "excerpt": "tower · en"} in document["refused_rows"]
    assert "key" not in document


@pytest.mark.parametrize("suffix", ["", ".json"])
def test_an_unknown_file_is_not_found(client: FlaskClient, suffix: str) -> None:
    """The page says why that may be, and so does the problem document."""
    response = client.get(f"/datasets/{'0' * 32}{suffix}")
    assert response.status_code == 404
    assert response.mimetype == ("application/problem+json" if suffix else "text/html")
    assert "has expired" in response.text


def test_a_column_name_that_is_no_text_is_not_offered(client: FlaskClient) -> None:
    """Half a surrogate pair can't be sent back by a form, and the rest of the file is shown."""
    posts = '[{"text": "fog", "created_at": "2026-03-01 10:00", "\\ud800": "x", "\U0001f326": "y"}]'
    path = upload_as_person(client, posts, "posts.json")
    fields = check_page(client.get(path)).fields
    question = check_page(send(client, replaces=path.rpartition("/")[2], waiting=fields["waiting"], match="columns"))
    assert ">\U0001f326<" in question.text
    assert client.get(f"{path}.json").get_json()["columns"] == {"text": "text", "created_at": "created_at"}


def test_hostile_texts_stay_texts(client: FlaskClient) -> None:
    """Names, columns and rows of a file can't become markup."""
    hostile = "<script>alert</script>"
    table = f"date,text,{hostile}\n,,{hostile}\n2026-03-01,fog,{hostile}\n"
    page = check_page(client.get(upload_as_person(client, table, "<script>alert.csv")))
    assert hostile in text_of(page)
    assert "<script>alert" not in page.text


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("Schon wieder verspätet. Ich bin wirklich enttäuscht", "&method=model"),
        ("Late again and I am so sad", ""),
        ("今日のフェリーです", ""),
    ],
)
def test_the_link_to_the_report_reads_the_language_of_most_posts(client: FlaskClient, text: str, method: str) -> None:
    """The word list reads English alone; a language that no method reads gets no model either."""
    rows = "".join(f"2026-03-0{day} 10:00,{text} {day}\n" for day in range(1, 6))
    path = upload_as_person(client, f"date,text\n{rows}2026-03-06 10:00,What a lovely day for all of us\n")
    page = check_page(client.get(path))
    identity = path.rpartition("/")[2]
    assert f'href="/report?users=file:{identity}{method}"' in page.text.replace("&amp;", "&")
