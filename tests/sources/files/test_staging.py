"""Tables that wait until their columns are matched: they count towards the storage, and no client has many of them."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.staging import MAX_FILES_PER_CLIENT, StagingArea
from dashboard.sources.files.store import DatasetStore
from tests.support.fake_clock import FakeClock

TABLE = b"wann,was\n2026-03-01,fog\n"


def can_open(area: StagingArea, token: str) -> bool:
    try:
        with area.open_staged(token) as (file, _):
            return file.read() == TABLE
    except InvalidFile:
        return False


def test_a_staged_file_is_opened_with_its_name(tmp_path: Path) -> None:
    """Nothing of it changes while it waits."""
    area = StagingArea(tmp_path)
    with area.open_staged(area.stage_file(io.BytesIO(TABLE), "posts.csv", "10.0.0.1")) as (file, name):
        assert file.read() == TABLE
        assert name == "posts.csv"


def test_a_staged_file_expires_after_an_hour(tmp_path: Path) -> None:
    """It can't be opened any more, and nothing of it is left."""
    token = StagingArea(tmp_path).stage_file(io.BytesIO(TABLE), "posts.csv")
    assert can_open(StagingArea(tmp_path, FakeClock(system_clock() + timedelta(minutes=61))), token) is False
    assert list((tmp_path / "waiting").iterdir()) == []


def test_the_oldest_files_of_a_client_make_room(tmp_path: Path) -> None:
    """One client can't fill the storage, and other clients' files stay."""
    area = StagingArea(tmp_path)
    other_token = area.stage_file(io.BytesIO(TABLE), "posts.csv", "10.0.0.2")
    tokens = [area.stage_file(io.BytesIO(TABLE), "posts.csv", "10.0.0.1") for _ in range(MAX_FILES_PER_CLIENT + 1)]
    assert [can_open(area, token) for token in tokens] == [False] + MAX_FILES_PER_CLIENT * [True]
    assert can_open(area, other_token) is True


def test_the_file_of_a_dataset_is_found_by_its_owners_key_alone(tmp_path: Path) -> None:
    """It expires like every staged file, and can be removed before."""
    area = StagingArea(tmp_path)
    area.stage_original(io.BytesIO(TABLE), "posts.csv", "10.0.0.1", "the key")
    assert can_open(area, area.find_original("the key") or "") is True
    assert area.find_original("another key") is None
    assert StagingArea(tmp_path, FakeClock(system_clock() + timedelta(minutes=61))).find_original("the key") is None
    area.stage_original(io.BytesIO(TABLE), "posts.csv", "10.0.0.1", "the key")
    area.remove_original("the key")
    assert list((tmp_path / "waiting").iterdir()) == []


def test_originals_take_no_room_of_files_that_wait_for_an_answer(tmp_path: Path) -> None:
    """Many uploads of one client push out its own oldest originals only, and a full storage keeps none."""
    area = StagingArea(tmp_path)
    token = area.stage_file(io.BytesIO(TABLE), "posts.csv", "10.0.0.1")
    keys = [f"key {number}" for number in range(MAX_FILES_PER_CLIENT + 1)]
    for key in keys:
        area.stage_original(io.BytesIO(TABLE), "posts.csv", "10.0.0.1", key)
    assert can_open(area, token) is True
    assert [area.find_original(key) is not None for key in keys] == [False] + MAX_FILES_PER_CLIENT * [True]
    full_area = StagingArea(tmp_path / "full", max_stored_bytes=len(TABLE) - 1)
    full_area.stage_original(io.BytesIO(TABLE), "posts.csv", "10.0.0.1", "the key")
    assert full_area.find_original("the key") is None


def test_a_token_does_not_contain_the_address(tmp_path: Path) -> None:
    """Tokens are in pages and in the names of files."""
    token = StagingArea(tmp_path).stage_file(io.BytesIO(TABLE), "posts.csv", "10.0.0.1")
    assert "10.0.0.1" not in token
    assert token.isalnum() is True


def test_a_file_that_exceeds_the_storage_does_not_wait(tmp_path: Path) -> None:
    """The limit is that of datasets and waiting tables together."""
    area = StagingArea(tmp_path, max_stored_bytes=3 * len(TABLE))
    area.stage_file(io.BytesIO(TABLE), "posts.csv")
    with pytest.raises(InvalidFile, match="storage for uploaded files is full"):
        area.stage_file(io.BytesIO(3 * TABLE), "posts.csv")


def test_waiting_files_count_towards_the_storage_of_datasets(tmp_path: Path) -> None:
    """An import finds no space that waiting tables take."""
    StagingArea(tmp_path).stage_file(io.BytesIO(1_000 * TABLE), "posts.csv")
    with pytest.raises(InvalidFile, match="storage for uploaded files is full"):
        DatasetStore(tmp_path, max_stored_bytes=1_000 * len(TABLE)).import_file(io.BytesIO(b"date,text\n2026-01-01,fog\n"), "posts.csv")
