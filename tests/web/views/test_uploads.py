"""People's own files, from the upload to the charts and the deletion."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from dashboard.app import create_app
from dashboard.sources.files.column_answers import digest_header
from tests.support.client_requests import upload_file
from tests.support.html_pages import HtmlPage, PageReader

POSTS = "created_at,text,id,account\n" + "".join(
    f"2026-03-{day:02}T10:00:00Z,A good day {day},{day},{name}\n" for day in range(1, 11) for name in ("harbour", "tower")
)
ODD = "wann,was,wer\n2026-03-01T10:00:00Z,A good day,harbour\n2026-03-02T10:00:00Z,A bad day,harbour\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "datasets"


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    """A browser at a Chorus that accepts files."""
    return create_app({"CHORUS_DATASETS": str(folder)}).test_client()


def imported(client: FlaskClient, content: str = POSTS) -> str:
    """Import a file and return its ID."""
    return upload_file(client, content).headers["Location"].rpartition("file:")[2]


def check_page(response: TestResponse) -> HtmlPage:
    """Return an answer as a page that was checked."""
    page = HtmlPage(response.text, response.status_code)
    page.assert_valid()
    return page


def test_an_upload_leads_to_its_report(client: FlaskClient) -> None:
    """It redirects with 303 to a URL that nobody can guess."""
    response = upload_file(client, POSTS)
    assert response.status_code == 303
    assert bool(re.fullmatch(r"/report\?users=file:[0-9a-f]{32}", response.headers["Location"]))


def test_the_report_of_a_file_shows_all_its_accounts(client: FlaskClient) -> None:
    """Each of them is named."""
    identity = imported(client)
    text = PageReader(client).open(f"/report?users=file:{identity}").text
    assert [name for name in ("harbour", "tower") if f'<bdi title="file {identity[:4]} · Files">{name}</bdi>' not in text] == []
    assert f"(file {identity[:4]})" not in text


def test_the_toolbar_names_a_file_as_its_owner_does(client: FlaskClient) -> None:
    """The first letters of its ID say nothing."""
    page = client.get(f"/report?users=file:{imported(client)}").text
    toolbar = page.partition('<nav class="tools')[2].partition("</nav>")[0]
    assert "<bdi>posts.csv</bdi>" in toolbar
    assert "<bdi>file " not in toolbar


@pytest.mark.slow
def test_a_report_that_leaves_out_posts_of_a_file_offers_all_of_them(client: FlaskClient) -> None:
    """Reading a file is free, so nobody should think that the latest posts are all."""
    identity = imported(client)
    cut, whole = (client.get(f"/report?users=file:{identity}{args}").text for args in ("&n=1", ""))
    link = re.search(r'<a href="([^"]+)" rel="nofollow">Read up to 3,200 posts per account', cut)
    assert link
    assert link[1].replace("&amp;", "&") == f"/report?users=file:{identity}&n=3200"
    assert "Read up to 3,200 posts" not in whole


def test_one_account_of_a_file_can_be_requested(client: FlaskClient) -> None:
    """`file:ID/NAME` is an account like any other."""
    identity = imported(client)
    data = client.get(f"/frequency.json?users=file:{identity}/tower&interval=month").get_json()["data"]
    assert data == [{"account": f"file:{identity}/tower", "start": "2026-03-01", "posts": 10}]


@pytest.mark.parametrize("kind", ["frequency", "posts"])
def test_a_download_is_named_after_the_file(client: FlaskClient, kind: str) -> None:
    """The name has the file's ID instead of every account."""
    identity = imported(client)
    response = client.get(f"/{kind}.csv?users=file:{identity}")
    assert response.headers["Content-Disposition"] == f'attachment; filename="chorus-{kind}-{identity}.csv"'


def test_files_and_networks_can_be_combined(client: FlaskClient) -> None:
    """They share a chart."""
    covered = client.get(f"/frequency.json?users=demo:small-clocks,file:{imported(client)}").get_json()["coverage"]
    assert [row["fetched"] for row in covered] == [90, 10, 10]


def test_the_report_says_how_a_file_was_read(client: FlaskClient) -> None:
    """Unreadable rows are counted with the reason."""
    lines = '{"created_at": "2026-03-01T10:00:00Z", "text": "good", "id": "1"}\n{"broken": \n'
    identity = upload_file(client, lines, "posts.jsonl").headers["Location"].rpartition("file:")[2]
    text = re.sub(r"\s+", " ", PageReader(client).open(f"/report?users=file:{identity}").text)
    assert "1 post from 1 account." in text
    assert "1 row couldn’t be read" in text


@pytest.mark.slow
def test_only_the_owner_sees_the_link_to_delete(client: FlaskClient) -> None:
    """Another browser gets the charts without it."""
    identity = imported(client)
    stranger = client.application.test_client()
    own, foreign = (PageReader(browser).open(f"/report?users=file:{identity}").text for browser in (client, stranger))
    assert "/delete?key=" in own
    assert "/delete?key=" not in foreign


def test_the_owner_can_delete_a_file(client: FlaskClient, folder: Path) -> None:
    """After a confirmation, nothing is left on disk or in the cache."""
    identity = imported(client)
    text = PageReader(client).open(f"/report?users=file:{identity}").text
    link = re.findall(rf'href="http://localhost(/datasets/{identity}/delete\?key=[0-9a-f]+)"', text)[0]
    confirmation_page = check_page(client.get(link))
    response = client.post(link.partition("?")[0], data={"key": confirmation_page.fields["key"]})
    assert response.status_code == 200
    gone = PageReader(client).open(f"/report?users=file:{identity}", status=404)
    assert gone.h1s == ["File not found"]
    assert "the file was deleted, or it expired after 30 days" in gone.problems["users"]
    assert list(folder.glob(f"{identity}*")) == []


@pytest.mark.slow
def test_a_wrong_key_deletes_nothing(client: FlaskClient) -> None:
    """The file stays."""
    identity = imported(client)
    asked = check_page(client.get(f"/datasets/{identity}/delete?key={'0' * 32}"))
    assert asked.h1s == ["File not found"]
    assert "Delete file" not in asked.text
    response = client.post(f"/datasets/{identity}/delete", data={"key": "0" * 32})
    assert response.status_code == 422
    refused = check_page(response)
    assert refused.h1s == ["Nothing was deleted"]
    assert "The file no longer exists, or this isn’t its owner’s link. Check the link." in refused.text
    assert client.get(f"/report?users=file:{identity}").status_code == 200


def test_another_file_can_be_chosen_after_one_that_cannot_be_read(client: FlaskClient) -> None:
    """The page of the error has the field for a file, above the form for accounts."""
    page = check_page(upload_file(client, ""))
    assert page.status == 422
    assert 'action="/upload"' in page.text


def test_unknown_columns_can_be_matched(client: FlaskClient) -> None:
    """The page shows the first rows, and the file isn't uploaded again."""
    page = check_page(upload_file(client, ODD))
    assert page.status == 422
    assert "A good day" in page.text
    columns = {"column-text": "was", "column-created_at": "wann", "column-account": "wer"}
    response = client.post("/upload", data={"waiting": page.fields["waiting"], **columns}, content_type="multipart/form-data")
    assert response.status_code == 303
    assert (
        client.get(f"/frequency.json?users={response.headers['Location'].rpartition('users=')[2]}").get_json()["coverage"][0]["fetched"]
        == 2
    )


def test_a_date_column_without_dates_is_refused_at_its_field(client: FlaskClient) -> None:
    """The page comes back with the choices kept, and another column imports the same upload."""
    token = check_page(upload_file(client, ODD)).fields["waiting"]
    chosen = {"waiting": token, "column-text": "was", "column-created_at": "wer"}
    page = check_page(client.post("/upload", data=chosen, content_type="multipart/form-data"))
    assert page.status == 422
    assert "No date found in “wer”: “harbour” isn’t one." in page.problems["created_at"]
    assert page.fields["column-text"] == "was"
    assert page.fields["column-created_at"] == "wer"
    response = client.post("/upload", data=chosen | {"column-created_at": "wann"}, content_type="multipart/form-data")
    assert response.status_code == 303


def test_a_staged_file_is_removed_after_its_import(client: FlaskClient, folder: Path) -> None:
    """Nothing of it is left."""
    token = check_page(upload_file(client, ODD)).fields["waiting"]
    client.post("/upload", data={"waiting": token, "column-text": "was", "column-created_at": "wann"}, content_type="multipart/form-data")
    assert list((folder / "waiting").iterdir()) == []


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "empty.csv", "Check that it was saved or downloaded completely."),
        (b"<!doctype html><html><body>Log in</body></html>", "posts.csv", "Sign in and download the file again."),
        (b"\x00\x01\x02\x03" * 100, "posts.bin", "Unpack other archives first."),
        (b"PK\x03\x04broken", "archive.zip", "Download it again and upload it unchanged."),
        (b"[1, 2, 3]", "posts.json", "Check that you chose the right file."),
    ],
)
def test_an_invalid_file_is_explained(client: FlaskClient, folder: Path, content: bytes, name: str, sentence: str) -> None:
    """The page says what to do, and nothing is left behind."""
    page = check_page(upload_file(client, content, name))
    assert page.status == 422
    assert sentence in page.text
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_missing_file_is_explained(client: FlaskClient) -> None:
    """The message says what to choose."""
    assert "Choose a file first." in check_page(client.post("/upload", data={}, content_type="multipart/form-data")).text


def test_a_program_gets_a_problem_document(client: FlaskClient) -> None:
    """This holds for clients that accept JSON."""
    response = client.post("/upload", data={"file": (io.BytesIO(b""), "x.csv")}, headers={"Accept": "application/json"})
    assert response.status_code == 422
    assert response.content_type == "application/problem+json"


def test_another_site_cannot_upload_for_a_reader(client: FlaskClient) -> None:
    """Its form is refused before the file is read."""
    assert (
        client.post("/upload", data={"file": (io.BytesIO(POSTS.encode()), "x.csv")}, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )


def test_without_a_folder_files_are_not_offered() -> None:
    """An upload says who can enable them."""
    client = create_app({}).test_client()
    assert "/upload" not in client.get("/").text
    assert "Your administrator can enable uploads" in check_page(upload_file(client, POSTS)).text


def test_twenty_of_many_accounts_are_shown(client: FlaskClient) -> None:
    """A file of 23 accounts shows those with the most posts, and a note counts the others."""
    rows = "".join(f"2026-03-01T10:{post:02}:00Z,good,{name}{post},n{name}\n" for name in range(23) for post in range(name + 1))
    identity = imported(client, "created_at,text,id,account\n" + rows)
    document = client.get(f"/frequency.json?users=file:{identity}").get_json()
    assert len(document["coverage"]) == 20
    assert any("3 more accounts" in note for note in document["notes"])


@pytest.mark.slow
def test_the_same_header_is_asked_about_only_once(client: FlaskClient) -> None:
    """The columns that can only be right are selected, and the answer counts for the next file of the same tool."""
    asked = check_page(upload_file(client, ODD, "odd.csv"))
    assert asked.fields["column-created_at"] == "wann"
    assert asked.fields["column-text"] == "was"
    assert asked.fields["column-account"] == "wer"
    answer = client.post("/upload", data={name: value for name, value in asked.fields.items() if name})
    assert answer.status_code == 303
    again = upload_file(client, ODD.replace("bad", "better"), "next.csv")
    assert again.status_code == 303
    text = PageReader(client).open(again.headers["Location"]).text
    assert "The columns were matched as for an earlier file with the same columns: " in text
    for choice in ("text is “was”", "date is “wann”", "account is “wer”", "If that’s wrong"):
        assert choice in text
    assert "The columns were matched by hand" not in text


def test_nobody_answers_for_somebody_else(client: FlaskClient) -> None:
    """An answer counts for the address that it comes from, whatever its form says."""
    asked, stranger = check_page(upload_file(client, ODD, "odd.csv")), {"REMOTE_ADDR": "192.0.2.1"}
    header = digest_header("192.0.2.1", ODD.partition("\n")[0].split(","))
    client.post("/upload", data={name: value for name, value in asked.fields.items() if name} | {"header": header})
    file = {"file": (io.BytesIO(ODD.encode()), "odd.csv")}
    assert client.post("/upload", data=file, environ_base=stranger).status_code == 422
