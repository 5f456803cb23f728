"""Imported files as a source: their accounts, their timelines, and errors for missing ones."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dashboard.core.accounts import parse_account
from dashboard.core.posts import SCHEMA, Timeline
from dashboard.core.source_errors import AccountNotFound, ImportedFileNotFound, SourceNotReady, SourceUnavailable
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


def test_it_returns_the_newest_posts_up_to_the_limit(tmp_path: Path) -> None:
    """They are newest first, and the limit is the reason for the cut."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=9, ann=3).id}/harbour", limit=2)
    assert timeline.posts["text"].to_list() == ["harbour says 8", "harbour says 7"]
    assert timeline.cut_by == "n"


def test_it_returns_everything_if_there_are_fewer_posts(tmp_path: Path) -> None:
    """The timeline is complete, and every row has the canonical account."""
    written = f"file:{imported(tmp_path, harbour=3).id}/harbour"
    timeline = read(tmp_path, written)
    assert timeline.posts.height == 3
    assert timeline.cut_by is None
    assert set(timeline.posts["account"]) == {written}
    assert dict(timeline.posts.schema) == SCHEMA


def test_it_returns_more_posts_than_fit_on_a_page(tmp_path: Path) -> None:
    """No post is missing or repeated."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=2_500).id}/harbour", limit=2_400)
    assert [f"harbour says {n}" for n in range(2_499, 99, -1)] == timeline.posts["text"].to_list()


def test_a_span_is_half_open(tmp_path: Path) -> None:
    """Its start is included, its end isn't."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=5).id}/harbour", since=MONDAY, until=MONDAY + timedelta(hours=2))
    assert timeline.posts["id"].to_list() == ["1", "0"]


def test_a_file_with_one_account_needs_no_name(tmp_path: Path) -> None:
    """`file:ID` is its only account."""
    written = f"file:{imported(tmp_path, harbour=3).id}"
    timeline = read(tmp_path, written)
    assert timeline.posts.height == 3
    assert timeline.account == written


def test_a_file_with_several_accounts_needs_a_name(tmp_path: Path) -> None:
    """The message lists them, most posts first."""
    dataset = imported(tmp_path, ann=1, harbour=3)
    with pytest.raises(AccountNotFound) as error:
        read(tmp_path, dataset.canonical_name)
    assert error.value.advice == f"Its accounts are {dataset.canonical_name}/harbour and {dataset.canonical_name}/ann."


def test_a_file_expands_to_its_accounts(tmp_path: Path) -> None:
    """They come with most posts first; a single account expands to itself."""
    dataset = imported(tmp_path, ann=1, harbour=3)
    files = FileSource(DatasetStore(tmp_path))
    expected = [parse_account(f"{dataset.canonical_name}/harbour"), parse_account(f"{dataset.canonical_name}/ann")]
    assert expected == files.expand_account(parse_account(dataset.canonical_name))
    assert [expected[1]] == files.expand_account(expected[1])


def test_an_unknown_account_is_refused(tmp_path: Path) -> None:
    """The message lists the existing ones."""
    with pytest.raises(AccountNotFound, match=r"“posts\.csv” has no account “nasa”"):
        read(tmp_path, f"file:{imported(tmp_path, harbour=1).id}/nasa")


def test_an_account_without_posts_in_the_span_is_empty(tmp_path: Path) -> None:
    """It isn't an error."""
    timeline = read(tmp_path, f"file:{imported(tmp_path, harbour=3).id}/harbour", since=MONDAY + timedelta(days=9))
    assert timeline.posts.height == 0
    assert timeline.cut_by is None


@pytest.mark.parametrize("written", ["file:" + "0" * 32, "file:" + "0" * 32 + "/harbour", "file:short"])
def test_an_unknown_file_is_refused(written: str, tmp_path: Path) -> None:
    """The message says what to do."""
    with pytest.raises(ImportedFileNotFound, match="the file was deleted, or it expired after 30 days") as error:
        read(tmp_path, written)
    assert error.value.advice == "Check the link, or upload the file again."


def test_an_expired_file_is_refused(tmp_path: Path) -> None:
    """It is the same as a missing one."""
    with pytest.raises(ImportedFileNotFound, match="it expired after 30 days"):
        read(tmp_path, imported(tmp_path, days=0, harbour=1).canonical_name)


def test_a_damaged_file_is_one_accounts_failure(tmp_path: Path) -> None:
    """It doesn't affect other accounts."""
    dataset = imported(tmp_path, harbour=3)
    (tmp_path / dataset.id / "part-00000.parquet").write_bytes(b"PAR1")
    with pytest.raises(SourceUnavailable, match="is damaged"):
        read(tmp_path, dataset.canonical_name)


def test_it_is_ready_with_a_folder(tmp_path: Path) -> None:
    """The message says which files it accepts."""
    readiness = FileSource(DatasetStore(tmp_path)).readiness()
    assert readiness.ready is True
    assert "CSV" in readiness.message


def test_it_is_not_ready_without_a_folder() -> None:
    """The message says that files can't be uploaded."""
    files = FileSource(None)
    with pytest.raises(SourceNotReady, match="can’t be uploaded on this server"):
        fetch.fetch_timeline(files, parse_account("file:" + "0" * 32), TimelineRequest(10))
    assert files.readiness().ready is False
    assert "can’t be uploaded" in files.readiness().message


def test_an_account_is_named_as_in_the_file(tmp_path: Path) -> None:
    """Its canonical form is lower case, but people see what they wrote."""
    dataset = imported(tmp_path, **{"@Harbour News": 2, "ann": 1})
    assert read(tmp_path, f"file:{dataset.id}/harbour_news").name == "Harbour News"
    assert read(tmp_path, f"file:{dataset.id}/ann").name == "ann"


def test_posts_without_an_account_are_named_after_the_chosen_account(tmp_path: Path) -> None:
    """Case and spaces of the choice are kept."""
    file = io.BytesIO(b"created_at,text\n2026-03-02T00:00:00Z,Fog\n")
    dataset = DatasetStore(tmp_path).import_file(file, "posts.csv", account="Harbour News")
    assert read(tmp_path, f"file:{dataset.id}/harbour_news").name == "Harbour News"


def test_a_dataset_imported_before_there_were_names_can_be_read(tmp_path: Path) -> None:
    """Its accounts are named as in their addresses."""
    dataset = imported(tmp_path, **{"Harbour News": 1})
    metadata_file = tmp_path / dataset.id / "about.json"
    metadata = json.loads(metadata_file.read_bytes())
    del metadata["spellings"]
    metadata_file.write_text(json.dumps(metadata))
    assert read(tmp_path, f"file:{dataset.id}/harbour_news").name == "harbour_news"
