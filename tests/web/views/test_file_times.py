"""The times of people's own files, from the upload to the charts."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support.client_requests import upload_file
from tests.support.html_pages import HtmlPage, PageReader

DATES = "username,date,text\nquay,2026-11-02,good\nquay,2026-11-03,bad\n"
AMBIGUOUS = "username,date,text\nquay,04/05/2026,good\nquay,05/04/2026,bad\n"


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    """A browser at a Chorus that accepts files."""
    return create_app({"CHORUS_DATASETS": str(tmp_path / "datasets")}).test_client()


def imported(client: FlaskClient, content: str, **fields: str) -> str:
    """Import a file and return its accounts as a parameter."""
    return upload_file(client, content, **fields).headers["Location"].partition("?")[2]


def load_data(client: FlaskClient, kind: str, address: str) -> list[dict[str, Any]]:
    return client.get(f"/{kind}.json?{address}").get_json()["data"]


def count_by_start(client: FlaskClient, address: str) -> dict[str, int]:
    return {row["start"]: row["posts"] for row in load_data(client, "frequency", address)}


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "America/St_Johns"])
def test_a_date_stays_on_its_day_in_every_zone(client: FlaskClient, tz: str) -> None:
    """It is counted by day, even if the period is short enough for hours."""
    assert count_by_start(client, f"{imported(client, DATES)}&tz={tz}") == {"2026-11-02": 1, "2026-11-03": 1}


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Pacific/Auckland", "Pacific/Pago_Pago"])
def test_a_period_selects_dates_by_their_day(client: FlaskClient, tz: str) -> None:
    """Neither end of the period moves a post."""
    users = imported(client, DATES)
    assert count_by_start(client, f"{users}&tz={tz}&since=2026-11-03") == {"2026-11-03": 1}
    assert count_by_start(client, f"{users}&tz={tz}&until=2026-11-03") == {"2026-11-02": 1}


def test_no_chart_shows_an_hour_that_nobody_wrote(client: FlaskClient) -> None:
    """The hours of the week are unknown, there are no intervals of hours, and notes say why."""
    users = imported(client, DATES)
    rhythm = client.get(f"/rhythm.json?{users}").get_json()
    assert {row["posts"] for row in rhythm["data"]} == {None}
    assert "2 of 2 posts have a date without a time of day and are left out of this chart." in rhythm["notes"]
    hours = client.get(f"/frequency.json?{users}&interval=hour").get_json()
    assert hours["data"] == []
    assert "2 of 2 posts have a date without a time of day and are left out of this chart." in hours["notes"]
    assert client.get(f"/report?{users}").status_code == 200


def test_times_are_counted_by_hour_beside_dates(client: FlaskClient) -> None:
    """Only the post with a time is in the grid."""
    users = imported(client, DATES + "quay,2026-11-04 10:30:00Z,fine\n")
    shown = [row for row in load_data(client, "rhythm", users) if row["posts"]]
    assert [(row["weekday"], row["hour"], row["posts"]) for row in shown] == [(3, 10, 1)]


def test_exported_dates_are_dates(client: FlaskClient) -> None:
    """The file has midnight in UTC and says that it isn't a time, and the page shows no time."""
    users = imported(client, DATES)
    rows = load_data(client, "posts", f"{users}&tz=America/New_York&sort=oldest")
    assert [row["created_at"] for row in rows] == ["2026-11-02T00:00:00+00:00", "2026-11-03T00:00:00+00:00"]
    assert [row["date_only"] for row in rows] == [True, True]
    text = PageReader(client).open(f"/posts?{users}&tz=America/New_York").text
    assert "2 Nov 2026</time>" in text
    assert "00:00" not in text


def test_the_export_of_x_is_counted_by_day(client: FlaskClient) -> None:
    """Its dates have a weekday and the name of the month."""
    table = 'Post id,Date,Post text,Likes\n1,"Mon, Nov 02, 2026",good,4\n2,"Tue, Nov 03, 2026",bad,1\n'
    assert count_by_start(client, imported(client, table)) == {"2026-11-02": 1, "2026-11-03": 1}


def test_the_page_asks_whether_the_day_comes_first(client: FlaskClient) -> None:
    """The file waits, and the answer imports it."""
    page = HtmlPage(upload_file(client, AMBIGUOUS).text, 422)
    page.assert_valid()
    assert "“04/05/2026”" in page.problems["date_order"]
    answer = {"waiting": page.fields["waiting"], "date_order": "day-first"}
    location = client.post("/upload", data=answer, content_type="multipart/form-data").headers["Location"]
    rows = load_data(client, "posts", location.partition("?")[2] + "&sort=oldest")
    assert [row["created_at"][:10] for row in rows] == ["2026-04-05", "2026-05-04"]


def test_the_zone_of_a_file_can_be_chosen(client: FlaskClient) -> None:
    """Its times are read in that zone."""
    users = imported(client, "username,date,text\nquay,2026-11-02 23:30,good\n", zone="America/New_York")
    assert load_data(client, "posts", users)[0]["created_at"] == "2026-11-03T04:30:00+00:00"


@pytest.mark.parametrize("fields", [{"zone": "Mars/Olympus"}, {"date_order": "sideways"}])
def test_an_unknown_choice_is_refused(client: FlaskClient, fields: dict[str, str]) -> None:
    """Nothing is imported in a zone that nobody meant."""
    assert upload_file(client, DATES, **fields).status_code == 422


def test_a_mistyped_zone_loses_neither_the_file_nor_other_answers(client: FlaskClient) -> None:
    """The form asks for the zone at its field, with the name that was probably meant, and only then imports the file."""
    table = "Wann,Was,Wer\n2026-11-02 23:30,good,quay\n"
    columns = HtmlPage(upload_file(client, table, show="summary").text, 422)
    answers = {"column-text": "Was", "column-created_at": "Wann", "column-account": "Wer"}
    answer = {"waiting": columns.fields["waiting"], "show": "summary", "zone": "Europe/Berln", **answers}
    asked = HtmlPage(client.post("/upload", data=answer, content_type="multipart/form-data").text, 422)
    asked.assert_valid()
    assert "Unknown time zone “Europe/Berln”. Did you mean Europe/Berlin?" in asked.problems["zone"]
    assert {name: asked.fields[name] for name in answer} == answer
    corrected = client.post("/upload", data=asked.fields | {"zone": "Europe/Berlin"}, content_type="multipart/form-data")
    identity = corrected.headers["Location"].rpartition("/")[2]
    assert load_data(client, "posts", f"users=file:{identity}")[0]["created_at"] == "2026-11-02T22:30:00+00:00"


def test_a_mistyped_zone_of_a_new_file_does_not_lose_it(client: FlaskClient) -> None:
    """The file waits for the answer; a program gets the error instead."""
    asked = HtmlPage(upload_file(client, DATES, show="summary", zone="Berln").text, 422)
    assert "Did you mean" not in asked.problems["zone"]
    answered = client.post("/upload", data=asked.fields | {"zone": ""}, content_type="multipart/form-data")
    assert answered.status_code == 303
    assert "waiting" not in HtmlPage(upload_file(client, DATES, zone="Berln").text, 422).fields


def test_the_notes_say_what_leaves_undated_posts_out(client: FlaskClient) -> None:
    """Every chart, table and list does."""
    users = imported(client, DATES + "quay,soon,fine\n")
    notes = client.get(f"/words.json?{users}").get_json()["notes"]
    assert "1 of 3 posts has no known date, so every chart, table and list of posts leaves it out." in notes
    text = re.sub(r"\s+", " ", PageReader(client).open(f"/report?{users}").text)
    assert "“soon” in line 4" in text


def test_a_date_column_without_dates_is_not_accepted(client: FlaskClient) -> None:
    """Matching only the text doesn't help."""
    asked = HtmlPage(upload_file(client, "date,was\nLifetime,good\n").text, 422)
    answer = {"waiting": asked.fields["waiting"], "column-text": "was"}
    response = client.post("/upload", data=answer, content_type="multipart/form-data")
    assert response.status_code == 422
    assert "“date” contains “Lifetime”" in response.text


def test_a_day_starts_at_the_second_midnight_where_clocks_go_back_across_it(client: FlaskClient) -> None:
    """In St John's, the minute after the first midnight of 7 November 2010 came before the last hour of 6 November."""
    rows = "".join(f"quay,2010-11-07T0{clock}:00Z,good {clock}\n" for clock in ("2:30", "3:29", "3:30"))
    users = imported(client, f"username,date,text\n{rows}") + "&tz=America/St_Johns"
    assert count_by_start(client, f"{users}&interval=day") == {"2010-11-06": 2, "2010-11-07": 1}
    assert count_by_start(client, f"{users}&interval=day&since=2010-11-07") == {"2010-11-07": 1}
    assert len(load_data(client, "posts", f"{users}&from=2010-11-06&to=2010-11-07")) == 2


def test_the_page_asks_for_an_ambiguous_zone(client: FlaskClient) -> None:
    """The problem is at the field, and the answer imports the file."""
    page = HtmlPage(upload_file(client, "username,date,text\nquay,2026-07-02 21:30:00 BST,good\n").text, 422)
    page.assert_valid()
    assert "Bangladesh (UTC+6)" in page.problems["zone"]
    answer = {"waiting": page.fields["waiting"], "zone": "Europe/London"}
    location = client.post("/upload", data=answer, content_type="multipart/form-data").headers["Location"]
    assert load_data(client, "posts", location.partition("?")[2])[0]["created_at"] == "2026-07-02T20:30:00+00:00"


def test_an_impossible_time_falls_back_to_that_of_the_network(client: FlaskClient) -> None:
    """In saved responses of Bluesky, it is when the post was indexed."""
    record = {"text": "A good day", "createdAt": "0001-01-01T00:00:00Z"}
    author = {"did": "did:plc:abcdefghijklmnopqrstuvwx", "handle": "quay.example.org"}
    post = {"uri": "at://did:plc:abcdefghijklmnopqrstuvwx/app.bsky.feed.post/3l1", "author": author, "record": record}
    line = json.dumps({"post": post | {"indexedAt": "2026-11-02T10:00:00Z"}})
    users = upload_file(client, f"{line}\n", "feed.jsonl").headers["Location"].partition("?")[2]
    assert [row["created_at"] for row in load_data(client, "posts", users)] == ["2026-11-02T10:00:00+00:00"]


@pytest.mark.parametrize("tz", ["UTC", "America/New_York"])
def test_posts_per_day_count_the_whole_last_day(client: FlaskClient, tz: str) -> None:
    """Two dates are two days, also where one of them has 25 hours."""
    dates = DATES.replace("2026-11-02", "2026-10-31").replace("2026-11-03", "2026-11-01")
    text = PageReader(client).open(f"/report?{imported(client, dates)}&tz={tz}").text
    assert re.findall(r'<span class="label">Posts per day</span><span class="figure"><span class="value">([^<]+)<', text) == ["1.0"]


@pytest.mark.parametrize("tz", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_whole_days_are_compared_if_only_dates_are_known(client: FlaskClient, tz: str) -> None:
    """One post on each of two days is one per day, before and now."""
    rows = load_data(client, "compare", f"{imported(client, DATES)}&tz={tz}")
    assert (rows[0]["measure"], rows[0]["before"], rows[0]["now"]) == ("posts_per_day", 1, 1)
