"""The parameter `last` for imported files: nobody knows of newer posts than theirs, so the period ends with the newest."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.client_requests import upload_file
from tests.support.fake_clock import FakeClock

CSV = """created_at,text,id,account
2026-03-01T10:00:00Z,The first good day,1,harbour
2026-03-20T22:30:00Z,The last bad day,2,harbour
2026-03-10T09:00:00Z,Another good day,3,quay
"""


@pytest.fixture
def files_client(tmp_path: Path) -> FlaskClient:
    """A client of an application that keeps files, half a year after the posts."""
    return create_app({"CHORUS_DATASETS": str(tmp_path)}, FakeClock(datetime(2026, 9, 1, 12, tzinfo=UTC))).test_client()


def import_file(client: FlaskClient, content: str) -> str:
    """Import a table and return the canonical name of the file."""
    return upload_file(client, content).headers["Location"].partition("users=")[2]


def ask(client: FlaskClient, users: str, **args: str) -> dict[str, object]:
    """Return the JSON document of posts per day in the last seven days."""
    document = client.get("/frequency.json", query_string={"users": users, "last": "7d", "interval": "day", **args}).get_json()
    assert document["query"]["last"] == "7d"
    return document


def test_the_period_of_a_file_ends_with_its_newest_post(files_client: FlaskClient) -> None:
    """The last seven days of an old file have posts."""
    document = ask(files_client, import_file(files_client, CSV))
    assert document["query"]["since"] == "2026-03-14"
    assert document["query"]["until"] == "2026-03-21"
    assert sum(row["posts"] for row in document["data"]) == 1


def test_the_period_of_one_account_ends_with_its_own_newest_post(files_client: FlaskClient) -> None:
    """The other accounts of the file don't matter."""
    assert ask(files_client, f"{import_file(files_client, CSV)}/quay")["query"]["until"] == "2026-03-11"


def test_the_last_day_is_that_of_the_chosen_zone(files_client: FlaskClient) -> None:
    """Half past ten in the evening is the next day in Tokyo."""
    assert ask(files_client, import_file(files_client, CSV), tz="Asia/Tokyo")["query"]["until"] == "2026-03-22"


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Pago_Pago", "Pacific/Auckland", "Pacific/Kiritimati"])
def test_a_date_without_a_time_is_the_same_day_everywhere(files_client: FlaskClient, zone: str) -> None:
    """It's not moved to the day before in America, nor to the day after in New Zealand."""
    users = import_file(files_client, "date,text\n2026-03-01,good\n2026-03-20,bad\n")
    document = ask(files_client, users, tz=zone)
    assert document["query"]["until"] == "2026-03-21"
    assert sum(row["posts"] for row in document["data"]) == 1


def test_beside_an_account_that_may_have_newer_posts_the_period_ends_today(files_client: FlaskClient) -> None:
    """Both accounts are compared over the same days; the demo is made up to now."""
    users = f"{import_file(files_client, CSV)},demo:harbour-news"
    demo_end = ask(files_client, "demo:harbour-news")["query"]["until"]
    assert ask(files_client, users)["query"]["until"] == demo_end
    assert demo_end > "2026-08-01"


def test_a_file_that_was_deleted_is_the_error(files_client: FlaskClient) -> None:
    """The period doesn't hide it."""
    response = files_client.get(f"/frequency.json?users=file:{'0' * 32}&last=7d")
    assert response.status_code == 404
    assert "the file was deleted, or it expired" in response.get_data(as_text=True)
