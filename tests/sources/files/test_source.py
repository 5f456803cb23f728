"""Imported files as a network: their accounts, their timelines, and what is said of those that are not there."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.core.accounts import parse_account
from dashboard.core.errors import AccountNotFound, SourceNotReady, SourceUnavailable
from dashboard.core.posts import SCHEMA, Timeline
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.source import FileSource
from dashboard.sources.files.store import DatasetStore

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def imported(folder: Path, days: int = 30, **counts: int) -> Dataset:
    posts = [(n, name, MONDAY + timedelta(hours=n)) for name, count in counts.items() for n in range(count)]
    content = "\n".join(["id,account,created_at,text", *(f"{n},{name},{at.isoformat()},{name} says {n}" for n, name, at in posts)])
    return DatasetStore(folder, days).import_file(io.BytesIO(content.encode()), "posts.csv")


def read(folder: Path, written: str, limit: int = 100, **span: datetime) -> Timeline:
    return fetch.fetch_timeline(FileSource(DatasetStore(folder)), parse_account(written), TimelineRequest(limit, **span))


def test_brings_the_newest_posts_up_to_the_limit(tmp_path: Path) -> None:
    """As many of the newest posts come as were asked for, newest first, and the number is why it ends."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=9, ann=3).id}/harbour", limit=2)
    assert timeline.posts["text"].to_list() == ["harbour says 8", "harbour says 7"]
    assert timeline.cut_by == "n"


def test_brings_everything_when_there_is_less_than_asked(tmp_path: Path) -> None:
    """A whole timeline says that it is whole, and has the canonical account in every row."""
    written = f"file:{imported(tmp_path, harbour=3).id}/harbour"
    timeline = read(tmp_path, written)
    assert timeline.posts.height == 3
    assert timeline.cut_by is None
    assert set(timeline.posts["account"]) == {written}
    assert dict(timeline.posts.schema) == SCHEMA


def test_brings_more_posts_than_a_page_has(tmp_path: Path) -> None:
    """Pages follow one another without a post missing or twice."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=2_500).id}/harbour", limit=2_400)
    assert [f"harbour says {n}" for n in range(2_499, 99, -1)] == timeline.posts["text"].to_list()


def test_brings_a_half_open_span(tmp_path: Path) -> None:
    """The start is inside, the end is not."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=5).id}/harbour", since=MONDAY, until=MONDAY + timedelta(hours=2))
    assert timeline.posts["id"].to_list() == ["1", "0"]


def test_needs_no_name_for_a_file_of_one_account(tmp_path: Path) -> None:
    """`file:ID` alone is its only account."""
    written = f"file:{imported(tmp_path, harbour=3).id}"
    timeline = read(tmp_path, written)
    assert timeline.posts.height == 3
    assert timeline.account == written


def test_names_the_accounts_of_a_file_of_several(tmp_path: Path) -> None:
    """`file:ID` of several accounts is refused with their names, most posts first."""
    made = imported(tmp_path, ann=1, harbour=3)
    with pytest.raises(AccountNotFound) as error:
        read(tmp_path, made.canonical_name)
    assert error.value.advice == f"Its accounts are {made.canonical_name}/harbour and {made.canonical_name}/ann."


def test_lists_the_accounts_that_a_file_stands_for(tmp_path: Path) -> None:
    """A whole file is its accounts, most posts first; one of its accounts is itself."""
    made = imported(tmp_path, ann=1, harbour=3)
    files = FileSource(DatasetStore(tmp_path))
    expected = [parse_account(f"{made.canonical_name}/harbour"), parse_account(f"{made.canonical_name}/ann")]
    assert expected == files.expand_account(parse_account(made.canonical_name))
    assert [expected[1]] == files.expand_account(expected[1])


def test_says_that_a_file_has_no_such_account(tmp_path: Path) -> None:
    """Another name is refused with the names there are."""
    with pytest.raises(AccountNotFound, match=r"“posts\.csv” has no account “nasa”"):
        read(tmp_path, f"file:{imported(tmp_path, harbour=1).id}/nasa")


def test_is_empty_for_an_account_without_posts_in_the_span(tmp_path: Path) -> None:
    """An account that is there, but was silent then, is no error."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=3).id}/harbour", since=MONDAY + timedelta(days=9))
    assert timeline.posts.height == 0
    assert timeline.cut_by is None


@pytest.mark.parametrize("written", ["file:" + "0" * 32, "file:" + "0" * 32 + "/harbour", "file:short"])
def test_says_that_a_file_is_not_there(written: str, tmp_path: Path) -> None:
    """An unknown id is told with what to do about it."""
    with pytest.raises(AccountNotFound, match="doesn't exist or has expired") as error:
        read(tmp_path, written)
    assert error.value.advice == "Upload the file again."


def test_says_so_when_a_file_has_expired(tmp_path: Path) -> None:
    """A file whose time is over is as one that is not there."""
    with pytest.raises(AccountNotFound, match="has expired"):
        read(tmp_path, imported(tmp_path, days=0, harbour=1).canonical_name)


def test_says_that_a_file_is_damaged(tmp_path: Path) -> None:
    """Posts that can't be read back are one account's failure, not everybody's."""
    made = imported(tmp_path, harbour=3)
    (tmp_path / made.id / "part-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceUnavailable, match="is damaged"):
        read(tmp_path, made.canonical_name)


def test_is_ready_with_a_folder(tmp_path: Path) -> None:
    """With datasets it can be read, and says what of."""
    readiness = FileSource(DatasetStore(tmp_path)).readiness()
    assert readiness.ready is True
    assert "CSV" in readiness.message


def test_is_not_ready_without_a_folder() -> None:
    """Without a folder for datasets, readiness and reads say that files can't be uploaded."""
    files = FileSource(None)
    with pytest.raises(SourceNotReady, match="can't be uploaded on this server"):
        fetch.fetch_timeline(files, parse_account("file:" + "0" * 32), TimelineRequest(10))
    assert files.readiness().ready is False
    assert "can't be uploaded" in files.readiness().message
