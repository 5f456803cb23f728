"""Texts from right to left, and hidden controls of direction, wherever other people's text is shown."""

import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.client_requests import upload_file

OVERRIDE, FIRST_STRONG_ISOLATE, END_OF_ISOLATE = "\u202e", "\u2068", "\u2069"
EMBEDDINGS = re.compile("[\u202a-\u202e\u2066\u2067]")
NAME, SHOWN_NAME = "שלום", f"{FIRST_STRONG_ISOLATE}שלום{END_OF_ISOLATE}"
IMAGES_AND_PAGES = ["/report", "/html/words", "/html/events", "/words.svg", "/frequency.svg", "/html/frequency"]


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A client of a Chorus that takes files."""
    return create_app({"CHORUS_DATASETS": str(tmp_path / "datasets")}).test_client()


@pytest.fixture
def users(client: FlaskClient) -> str:
    """Return the accounts of an uploaded file that is hostile in its name, its account and its words."""
    texts = [f"A good{OVERRIDE} day and a terrible{OVERRIDE} fog {END_OF_ISOLATE}{OVERRIDE}", "The lovely harbour, the awful rain"]
    rows = [f"2026-03-{1 + day % 28:02}T10:00:00Z,{texts[day % 2]},{day},{NAME}" for day in range(200)]
    content = "\n".join(["created_at,text,id,account", *rows])
    return upload_file(client, content, f"posts{OVERRIDE}vsc.csv").headers["Location"].partition("users=")[2]


@pytest.mark.parametrize("method", ["bing", "model"])
@pytest.mark.parametrize("path", IMAGES_AND_PAGES)
def test_no_control_of_direction_reaches_pages_and_images(client: FlaskClient, users: str, path: str, method: str) -> None:
    """Neither names of files and accounts nor words reorder what is around them, and every isolate is closed."""
    text = client.get(f"{path}?users={users}&method={method}", follow_redirects=True).text
    assert EMBEDDINGS.findall(text) == []
    assert text.count(FIRST_STRONG_ISOLATE) == text.count(END_OF_ISOLATE)


@pytest.mark.parametrize("path", ["/report", "/frequency.svg", "/html/frequency"])
def test_names_from_right_to_left_are_isolated(client: FlaskClient, users: str, path: str) -> None:
    """What follows a name stays after it, in titles, charts and alternative texts."""
    text = client.get(f"{path}?users={users}", follow_redirects=True).text
    assert SHOWN_NAME in text
    assert f"{NAME} and " not in text.replace(SHOWN_NAME, "")


def test_a_post_keeps_its_text_in_a_paragraph_of_its_own(client: FlaskClient, users: str) -> None:
    """Its direction is found from its letters, and its controls end with the paragraph."""
    text = client.get(f"/posts?users={users}", follow_redirects=True).text
    outside = re.sub(r'<p class="post-text" dir="auto">.*?</p>', "", text, flags=re.DOTALL)
    assert EMBEDDINGS.findall(text) != []
    assert EMBEDDINGS.findall(outside) == []


def test_data_keeps_every_character(client: FlaskClient, users: str) -> None:
    """Programs get texts as they were written."""
    texts = [row["text"] for row in client.get(f"/posts.json?users={users}", follow_redirects=True).get_json()["data"]]
    assert OVERRIDE in "".join(texts)


def test_messages_about_files_and_columns_are_isolated(client: FlaskClient) -> None:
    """A sentence that names a file is read in its own order."""
    empty_file = client.post("/upload", data={"file": (io.BytesIO(b""), f"{NAME}{OVERRIDE}.csv")}, content_type="multipart/form-data").text
    unknown_columns = upload_file(client, f"{NAME}{OVERRIDE},b\n1,2\n").text
    assert f"{FIRST_STRONG_ISOLATE}{NAME}.csv{END_OF_ISOLATE} is empty" in empty_file
    assert f"“{SHOWN_NAME}”" in unknown_columns
