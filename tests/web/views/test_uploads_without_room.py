"""Uploads on a server whose disk is full or read-only: a sentence that says so, and nothing half-written left behind."""

import io
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile, StorageUnavailable
from dashboard.sources.files.durable_files import write_file
from dashboard.sources.files.staging import StagingArea
from tests.support.chorus_server import RunningServer, run_server
from tests.support.client_requests import upload_file
from tests.support.disks import read_only, small_disk
from tests.support.fake_clock import FakeClock

pytestmark = pytest.mark.faults
DISK_BYTES = 64 * 1024
FULL_DISK_SENTENCE = "The server’s disk is full. Ask your administrator to free some space, then try again."


def build_table(header: str, row_count: int = 2_500) -> str:
    """Return a table that a small disk can't hold, compressed or not."""
    numbers = random.Random(13)
    return header + "".join(f"2026-03-02T10:00:00Z,{numbers.getrandbits(400):x},{number}\n" for number in range(row_count))


POSTS, MANY_POSTS = build_table("created_at,text,id\n"), build_table("created_at,text,id\n", 8_000)  # only many fill TMPDIR
UNKNOWN_TABLE = build_table("wann,was,wer\n")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Return a disk of 64 KB."""
    with small_disk(tmp_path / "disk", DISK_BYTES) as folder:
        yield folder


def ask(folder: Path) -> FlaskClient:
    """Return a client of a server that stores uploads in a folder, and asks for JSON."""
    client = create_app({"CHORUS_DATASETS": str(folder)}).test_client()
    client.environ_base["HTTP_ACCEPT"] = "application/json"
    return client


def send_form(server: RunningServer, address: str) -> tuple[int, str]:
    """Send a file as a browser does, and return the status and the text of the response."""
    head = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="posts.csv"\r\n\r\n'
    body = head + MANY_POSTS.encode() + b"\r\n--edge--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=edge", "Accept": "application/json"}
    status, _, text = server.send_request(address, body, headers)
    return status, text


def list_files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_disk_that_fills_up_during_an_import_is_reported(disk: Path) -> None:
    """The upload is refused with 503, and none of its parts stays."""
    response = upload_file(ask(disk / "datasets"), POSTS)
    assert response.status_code == 503
    assert response.get_json()["detail"] == FULL_DISK_SENTENCE
    assert list((disk / "datasets").iterdir()) == []


def test_a_disk_that_fills_up_under_a_waiting_table_is_reported(disk: Path) -> None:
    """A table whose columns are unknown doesn't wait half-written."""
    response = upload_file(ask(disk / "datasets"), UNKNOWN_TABLE)
    assert response.status_code == 503
    assert response.get_json()["detail"] == FULL_DISK_SENTENCE
    assert list_files(disk) == []


def test_a_full_disk_for_temporary_files_is_reported(disk: Path, tmp_path: Path) -> None:
    """An upload that doesn't fit into TMPDIR is refused before it's received, wherever it was sent to."""
    with run_server({"TMPDIR": str(disk), "CHORUS_DATASETS": str(tmp_path / "datasets")}) as server:
        responses = [send_form(server, address) for address in ("/upload", "/classify")]
        health_status, _, _ = server.send_request("/health")
    assert [status for status, _ in responses] == [507, 507]
    assert [text for _, text in responses if "no room for a file of this size" not in text] == []
    assert health_status == 200


@pytest.mark.long
def test_a_missing_folder_for_temporary_files_is_reported(tmp_path: Path) -> None:
    """A TMPDIR that was deleted is an error of the server with a sentence, not an unexplained one."""
    (tmp_path / "temporary").mkdir()
    with run_server({"TMPDIR": str(tmp_path / "temporary"), "CHORUS_DATASETS": str(tmp_path / "datasets")}) as server:
        first_status, _ = send_form(server, "/upload")
        shutil.rmtree(tmp_path / "temporary")
        status, text = send_form(server, "/upload")
    assert first_status == 303
    assert status == 507
    assert "no room for a file of this size" in text


@pytest.mark.parametrize("content", [POSTS, UNKNOWN_TABLE])
def test_a_read_only_folder_is_reported(content: str, tmp_path: Path) -> None:
    """A folder that can't be written to gets a sentence with the name of the setting."""
    (tmp_path / "datasets").mkdir()
    with read_only(tmp_path / "datasets") as folder:
        response = upload_file(ask(folder), content)
    assert response.status_code == 503
    assert "CHORUS_DATASETS" in response.get_json()["detail"]


def test_a_file_that_can_not_be_deleted_is_reported(tmp_path: Path) -> None:
    """The owner learns that the file is still there."""
    client = ask(tmp_path / "datasets")
    dataset_id = upload_file(client, build_table("created_at,text,id\n", 3)).headers["Location"].rpartition("file:")[2]
    cookie = client.get_cookie(f"chorus-file-{dataset_id}")
    assert cookie is not None
    with read_only(tmp_path / "datasets" / dataset_id):
        response = client.post(f"/datasets/{dataset_id}/delete", data={"key": cookie.value})
    assert response.status_code == 503
    assert "couldn’t be deleted" in response.get_json()["detail"]
    assert client.get(f"/frequency.json?users=file:{dataset_id}").status_code == 200


def test_an_expired_file_in_a_read_only_folder_is_not_found(tmp_path: Path) -> None:
    """A file whose time is over is gone, even where it can't be deleted."""
    location = upload_file(ask(tmp_path / "datasets"), build_table("created_at,text,id\n", 3)).headers["Location"]
    clock = FakeClock(system_clock() + timedelta(days=31))
    with read_only(tmp_path / "datasets") as folder:
        response = create_app({"CHORUS_DATASETS": str(folder)}, clock=clock).test_client().get(location)
    assert response.status_code == 404


def test_a_file_is_complete_or_absent(tmp_path: Path) -> None:
    """What can't be written completely leaves the previous file, and no temporary one."""
    (tmp_path / "about.json").write_bytes(b"before")

    def fail_halfway() -> Iterator[bytes]:
        yield b"after"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "about.json", fail_halfway())
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def test_what_a_killed_process_left_among_waiting_tables_is_swept(tmp_path: Path) -> None:
    """Temporary files go with the other expired ones, and something that can't be deleted doesn't stop the sweep."""
    waiting = tmp_path / "waiting"
    (waiting / "0 folder").mkdir(parents=True)
    (waiting / f"{'0' * 48}.new").write_bytes(b"half")
    (waiting / f"{'0' * 48}.name").write_bytes(b"posts.csv")
    area = StagingArea(tmp_path, FakeClock(system_clock() + timedelta(hours=2)))
    with pytest.raises(InvalidFile, match="expired"), area.open_staged("0" * 48):
        pass
    assert [path.name for path in waiting.iterdir()] == ["0 folder"]


def test_a_full_disk_is_named_for_every_caller(disk: Path) -> None:
    """Staging raises the error that the command line and pages explain."""
    with pytest.raises(StorageUnavailable, match="disk is full"):
        StagingArea(disk).stage_file(io.BytesIO(UNKNOWN_TABLE.encode()), "posts.csv")
