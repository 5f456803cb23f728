"""Owners of uploaded files: their pages are in no cache, and their cookie stays on this host and, by https, on https."""

import io
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.client_requests import upload_file

CSV = "text,created_at,account\nHello,2026-01-01T10:00:00Z,us\nBye,2026-01-02T10:00:00Z,us\n"
PLACES: list[dict[str, Any]] = [{"base_url": "https://chorus.example"}, {"headers": {"X-Forwarded-Proto": "https"}}]


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A browser at an application that stores files."""
    return create_app({"CHORUS_DATASETS": str(tmp_path)}).test_client()


def report_of_upload(client: FlaskClient) -> str:
    """Upload a file and return the path of its report."""
    response = upload_file(client, CSV)
    assert response.status_code == 303
    return str(response.headers["Location"])


@pytest.mark.parametrize("pattern", ["{}", "{}&n=10", "{},demo:pennywren"])
def test_no_cache_stores_the_report_of_a_file(client: FlaskClient, pattern: str) -> None:
    """It has the owner's link to delete the file, and looks different to everybody else."""
    response = client.get(pattern.format(report_of_upload(client)))
    assert response.status_code == 200
    assert "Delete it now" in response.text
    assert response.headers["Cache-Control"] == "private, no-store"
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.parametrize("page", ["/html/frequency", "/posts", pytest.param("/report", marks=pytest.mark.slow)])
def test_no_cache_stores_any_page_of_a_file(client: FlaskClient, page: str) -> None:
    """This holds for pages that don't have the link today, and for how the account is written."""
    users = report_of_upload(client).partition("users=")[2]
    for written in (users, users.replace("file:", "FILE:"), users.replace(":", "%3A"), f"demo:pennywren, {users}"):
        response = client.get(f"{page}?users={written}", follow_redirects=True)
        assert response.status_code == 200
        assert response.headers["Cache-Control"] == "private, no-store"


def test_no_cache_stores_an_upload_or_the_link_to_delete(client: FlaskClient) -> None:
    """Both contain the owner's key."""
    response = upload_file(client, CSV)
    dataset_id = response.headers["Location"].partition("file:")[2]
    assert response.headers["Cache-Control"] == "private, no-store"
    assert client.get(f"/datasets/{dataset_id}/delete?key=x").headers["Cache-Control"] == "private, no-store"


def test_other_pages_are_cached_as_before(client: FlaskClient) -> None:
    """A report of demo accounts isn't affected."""
    assert "no-store" not in client.get("/report?users=demo:pennywren&n=10").headers.get("Cache-Control", "")


@pytest.mark.parametrize("place", PLACES)
def test_by_https_the_cookie_is_secure(client: FlaskClient, place: dict[str, Any]) -> None:
    """Also behind a proxy that ends TLS; its prefix keeps neighbouring hosts from setting it."""
    response = client.post("/upload", data={"file": (io.BytesIO(CSV.encode()), "posts.csv")}, content_type="multipart/form-data", **place)
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-chorus-file-")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    assert "Path=/" in cookie
    assert "Domain" not in cookie


def test_a_cookie_without_the_prefix_still_counts(client: FlaskClient) -> None:
    """Owners of files that were uploaded before keep their link, and deleting the file deletes the cookie."""
    path = report_of_upload(client)
    dataset_id = path.partition("file:")[2]
    cookie = client.get_cookie(f"chorus-file-{dataset_id}")
    assert cookie is not None
    browser = client.application.test_client()
    browser.set_cookie(f"chorus-file-{dataset_id}", cookie.value, domain="chorus.example")
    assert f"delete?key={cookie.value}" in browser.get(path, base_url="https://chorus.example").text
    deleted = browser.post(f"/datasets/{dataset_id}/delete", data={"key": cookie.value}, base_url="https://chorus.example")
    assert deleted.status_code == 200
    assert browser.get_cookie(f"chorus-file-{dataset_id}", domain="chorus.example") is None


def test_others_see_no_link(client: FlaskClient) -> None:
    """Another browser gets the report without the link."""
    path = report_of_upload(client)
    assert "Delete it now" not in client.application.test_client().get(path).text
