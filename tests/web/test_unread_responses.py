"""A response whose posts haven't changed is answered without reading them; whatever changes them is noticed without reading them, too."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from tests.support import fake_networks
from tests.support.client_requests import upload_file
from tests.support.fake_clock import FakeClock
from tests.support.redis_server import run_redis_server
from tests.support.streamed_pages import never_stream

NOW = datetime(2026, 11, 2, 12, 0, 30, tzinfo=UTC)
CSV = "text,created_at,account\n" + "".join(
    f"{text},2026-01-0{day}T10:00:00Z,{account}\n" for day, text in enumerate(("Good", "Bad", "Fine"), 1) for account in ("Us", "Them")
)
Change = Callable[[Path], object]  # of the folder of an imported file


def open_client(clock: FakeClock | None = None, **environment: str) -> FlaskClient:
    """Return a client of a new application, whose pages are never streamed."""
    return never_stream(create_app(environment, clock or FakeClock(NOW))).test_client()


def open_file(folder: Path, clock: FakeClock | None = None, **environment: str) -> tuple[FlaskClient, str]:
    """Return a client that doesn't own an imported file, and the name of the file."""
    client = open_client(clock, CHORUS_DATASETS=str(folder), **environment)
    users = upload_file(client, CSV).headers["Location"].partition("users=")[2].partition("&")[0]
    return client.application.test_client(), users.partition("/")[0]


def count_reads(client: FlaskClient, network: str) -> int:
    """Return how often an account of a network was read."""
    lines = [line for line in client.get("/metrics").text.splitlines() if line.startswith(f'chorus_fetches_total{{network="{network}"')]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines)


def ask_again(client: FlaskClient, path: str) -> int:
    """Ask for a path whose response the client has, and return the status."""
    etag = client.get(path).headers["ETag"]
    return client.get(path, headers={"If-None-Match": etag}).status_code


# --- nothing is read --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/frequency.svg", "/frequency.csv", "/html/frequency", "/report.json"])
def test_a_response_that_is_kept_reads_no_posts(tmp_path: Path, path: str) -> None:
    """Neither of files nor of the demo, whether the client has the response or not."""
    client, file = open_file(tmp_path)
    address = f"{path}?users={file}/us,demo:aster-air&n=30"
    first = client.get(address)
    reads = [count_reads(client, network) for network in ("file", "demo")]
    again = client.get(address)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.data == first.data
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304
    assert [count_reads(client, network) for network in ("file", "demo")] == reads
    assert reads[0] > 0


def test_another_process_answers_without_reading(tmp_path: Path) -> None:
    """What a client has is known from the versions alone."""
    client, file = open_file(tmp_path)
    path = f"/frequency.csv?users={file}"
    etag = client.get(path).headers["ETag"]
    other = open_client(CHORUS_DATASETS=str(tmp_path))
    assert other.get(path, headers={"If-None-Match": etag}).status_code == 304
    assert count_reads(other, "file") == 0


@pytest.mark.parametrize("cache", ["", "redis"])
def test_posts_of_a_network_have_the_etag_of_the_response_that_read_them(world: fake_networks.World, cache: str) -> None:
    """So a client that asked first needn't be sent the same again, and the network isn't asked for it."""
    with run_redis_server() as redis:
        environment = {"CHORUS_BLUESKY_API_URL": world.url, "CHORUS_CACHE_URL": redis.url if cache else ""}
        world.bluesky.has("nasa", posts=30)
        client, path = open_client(FakeClock(), **environment), "/frequency.csv?users=nasa.bsky.social&n=20"
        assert ask_again(client, path) == 304
        requests = len(world.bluesky.requests)
        assert ask_again(client, path) == 304
        if cache:
            assert ask_again(open_client(FakeClock(), **environment), path) == 304
        assert len(world.bluesky.requests) == requests


# --- a change is noticed ----------------------------------------------------------------------------------------------


def change_texts(folder: Path) -> None:
    """Replace a file's posts with others of the same times, as if it had been imported again under the same name."""
    part, about = folder / "part-00000.parquet", folder / "about.json"
    pl.read_parquet(part).with_columns(text=pl.lit("Wonderful")).write_parquet(part)
    metadata = json.loads(about.read_bytes())
    metadata["part_digests"] = {part.name: hashlib.sha256(part.read_bytes()).hexdigest()}
    about.write_text(json.dumps(metadata))


def change_spelling(folder: Path) -> None:
    """Change how the file writes an account."""
    metadata = json.loads((folder / "about.json").read_bytes())
    metadata["spellings"] = {"us": "US Ltd"}
    (folder / "about.json").write_text(json.dumps(metadata))


@pytest.mark.parametrize("change", [change_texts, change_spelling])
def test_a_file_that_was_replaced_has_another_response(tmp_path: Path, change: Change) -> None:
    """The old one is neither sent nor confirmed."""
    client, file = open_file(tmp_path)
    path = f"/sentiment.json?users={file}/us"
    before = client.get(path)
    change(tmp_path / file.removeprefix("file:"))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data != before.data
    assert after.data == open_client(CHORUS_DATASETS=str(tmp_path)).get(path).data


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda folder: (folder / "part-00000.parquet").unlink(), 503),
        (lambda folder: (folder / "part-00000.parquet").write_bytes(b"PAR1"), 503),
        (lambda folder: (folder / "about.json").unlink(), 404),
    ],
    ids=["part deleted", "part damaged", "deleted"],
)
def test_a_file_that_cannot_be_read_any_more_is_not_confirmed(tmp_path: Path, change: Change, status: int) -> None:
    """A client that has the response is told what is wrong."""
    client, file = open_file(tmp_path)
    path = f"/frequency.csv?users={file}/us"
    etag = client.get(path).headers["ETag"]
    change(tmp_path / file.removeprefix("file:"))
    assert client.get(path, headers={"If-None-Match": etag}).status_code == status
    assert client.get(path).status_code == status


def test_an_account_that_a_file_does_not_have_is_looked_for_each_time(tmp_path: Path) -> None:
    """The response about the others says that it's missing, and stays the same."""
    client, file = open_file(tmp_path)
    path = f"/frequency.json?users={file}/us,{file}/nobody"
    first = client.get(path)
    assert "nobody" in first.text
    assert client.get(path).data == first.data
    assert ask_again(client, path) == 304
    assert client.get(f"/frequency.json?users={file}/nobody").status_code == 404


def test_the_language_of_an_image_is_part_of_its_etag(tmp_path: Path) -> None:
    """And so are its theme and its size."""
    client, file = open_file(tmp_path)
    path = f"/frequency.svg?users={file}/us"
    options = ["", "&lang=de", "&theme=dark", "&width=700", "&n=2", "&since=2026-01-02", "&tz=Asia/Tokyo"]
    etags = {option: client.get(path + option).headers["ETag"] for option in options}
    assert len(set(etags.values())) == len(options)
    assert {option: client.get(path + option).headers["ETag"] for option in options} == etags


@pytest.mark.parametrize("path", ["/frequency.svg", "/frequency.json", "/report.json"])
def test_a_file_has_the_same_response_days_later(tmp_path: Path, path: str) -> None:
    """It was read when it was imported, and nothing has changed since."""
    clock = FakeClock(NOW)
    client, file = open_file(tmp_path, clock)
    address = f"{path}?users={file}"
    etag = client.get(address).headers["ETag"]
    clock.advance(timedelta(days=3))
    assert client.get(address, headers={"If-None-Match": etag}).status_code == 304
    assert client.get("/frequency.json?users=" + file).get_json()["fetched_at"] == "2026-11-02T12:00:30+00:00"


def test_a_report_was_updated_when_its_network_was_read(tmp_path: Path, world: fake_networks.World) -> None:
    """The import of a file beside it may be long ago."""
    clock = FakeClock(NOW)
    world.bluesky.has("nasa", posts=3)
    client, file = open_file(tmp_path, clock, CHORUS_BLUESKY_API_URL=world.url)
    clock.advance(timedelta(days=3))
    table = client.get(f"/frequency.json?users={file}/us,nasa.bsky.social").get_json()
    assert table["fetched_at"][:10] == "2026-11-05"


def test_the_demo_has_another_response_in_another_week() -> None:
    """Its posts move with the clock."""
    clock = FakeClock(NOW)
    client, path = open_client(clock), "/frequency.csv?users=demo:aster-air&n=30"
    before = client.get(path)
    clock.advance(timedelta(hours=1))
    assert client.get(path, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304
    clock.advance(timedelta(weeks=1))
    after = client.get(path, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert after.data != before.data


def test_a_timeline_that_was_read_again_has_another_response(world: fake_networks.World) -> None:
    """Also if another process has read it, as long as both use one cache."""
    with run_redis_server() as redis:
        clock = FakeClock()
        world.bluesky.has("nasa", posts=3)
        path, environment = "/frequency.json?users=nasa.bsky.social", {"CHORUS_BLUESKY_API_URL": world.url, "CHORUS_CACHE_URL": redis.url}
        first, second = (open_client(clock, **environment) for _ in range(2))
        before = first.get(path)
        assert first.get(path).data == before.data
        world.bluesky.post("nasa", "One more")
        clock.advance(timedelta(hours=2))
        assert second.get(path).get_json()["coverage"][0]["fetched"] == 4
        after = first.get(path, headers={"If-None-Match": before.headers["ETag"]})
        assert after.status_code == 200
        assert after.get_json()["coverage"][0]["fetched"] == 4
