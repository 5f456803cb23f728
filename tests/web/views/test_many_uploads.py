"""More uploads than a server can import at once, and uploads without an access key."""

import io
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.sources.files.admission import MAX_RECEIVED_FILES, UploadAdmission
from tests.support.client_requests import upload_file
from tests.support.html_pages import PageReader

POSTS = "created_at,text,id,account\n2026-03-01T10:00:00Z,A good day,1,harbour\n"
KEY = "a-key-of-many-letters"


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    """A Chorus that takes files."""
    return create_app({"CHORUS_DATASETS": str(tmp_path / "datasets")})


@pytest.fixture
def admission(app: Flask) -> UploadAdmission:
    """What lets uploads into that Chorus; nobody waits."""
    admission: UploadAdmission = app.extensions["chorus"].upload_storage.admission
    admission.max_wait_seconds = 0.0
    return admission


def test_an_upload_whose_turn_does_not_come_is_sent_away(app: Flask, admission: UploadAdmission) -> None:
    """503 with a sentence and the time to come back, and afterwards it's imported."""
    client = app.test_client()
    with admission.take_turn():
        response = upload_file(client, POSTS)
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "60"
    assert "Try again in a minute" in response.text
    assert upload_file(client, POSTS).status_code == 303


def test_too_many_uploads_at_once_are_sent_away_unread(app: Flask, admission: UploadAdmission) -> None:
    """A few uploads leave threads for everything else; the body of one more isn't even read."""
    with ExitStack() as uploads:
        for _ in range(MAX_RECEIVED_FILES):
            uploads.enter_context(admission.receive())
        body = io.BytesIO(POSTS.encode())
        response = app.test_client().post("/upload", input_stream=body, content_type="multipart/form-data; boundary=edge")
    assert response.status_code == 503
    assert body.tell() == 0
    assert upload_file(app.test_client(), POSTS).status_code == 303


def test_a_failed_import_frees_its_place(app: Flask, admission: UploadAdmission) -> None:
    """Files that can't be read don't use up the places."""
    statuses = [upload_file(app.test_client(), "<!doctype html>").status_code for _ in range(2 * MAX_RECEIVED_FILES)]
    assert set(statuses) == {422}
    assert upload_file(app.test_client(), POSTS).status_code == 303


# --- access keys -----------------------------------------------------------------------------------------------------


@pytest.fixture
def locked_client(tmp_path: Path) -> FlaskClient:
    """A browser at a Chorus that takes files from those with a key."""
    return create_app({"CHORUS_DATASETS": str(tmp_path / "datasets"), "CHORUS_ACCESS_KEYS": KEY}).test_client()


def test_an_upload_requires_a_key(locked_client: FlaskClient, tmp_path: Path) -> None:
    """Without one, nothing is read or stored."""
    response = upload_file(locked_client, POSTS)
    assert response.status_code == 401
    assert "You need an access key to upload a file." in response.text
    assert (tmp_path / "datasets").exists() is False


def test_an_upload_with_a_key_is_imported(locked_client: FlaskClient) -> None:
    """Programs send the key, and get what everybody gets."""
    response = locked_client.post(
        "/upload",
        data={"file": (io.BytesIO(POSTS.encode()), "posts.csv")},
        content_type="multipart/form-data",
        headers={"Authorization": f"Bearer {KEY}"},
    )
    assert response.status_code == 303


def test_the_form_asks_to_sign_in_instead_of_uploading(locked_client: FlaskClient) -> None:
    """Nobody chooses a file only to be refused."""
    before = PageReader(locked_client).open("/").text
    locked_client.post("/signin", data={"key": KEY, "next": "/"})
    after = PageReader(locked_client).open("/").text
    assert "You need an access key to upload a file." in before
    assert 'type="file"' not in before
    assert 'type="file"' in after
