"""Datasets: imported completely or not at all, found by an unguessable ID, deleted by their owner or after expiry, limited in total."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from dashboard.core import accounts
from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile, StorageUnavailable, UnknownColumns
from dashboard.sources.files import post_parts
from dashboard.sources.files.dataset import Dataset, dump_metadata, parse_metadata
from dashboard.sources.files.readers.rows import BATCH_ROWS
from dashboard.sources.files.store import DatasetStore
from tests.support.builders import build_posts_at
from tests.support.fake_clock import FakeClock
from tests.support.paths import ROOT

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def table(*rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join(("id,account,created_at,text", *rows)).encode())


def posts_of(account: str, count: int, text: str = "Fog") -> list[str]:
    return [f"{n},{account},{(MONDAY + timedelta(hours=n)).isoformat()},{text} {n}" for n in range(count)]


def imported(folder: Path, *rows: str, **more: int) -> Dataset:
    return DatasetStore(folder, **more).import_file(table(*rows), "My posts.csv")


def store_in(folder: Path, **later: float) -> DatasetStore:
    """Return the store of a folder as it will be some time from now."""
    return DatasetStore(folder, clock=FakeClock(system_clock() + timedelta(**later)))


def list_paths(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


# --- metadata --------------------------------------------------------------------------------------------------------


def test_the_metadata_of_a_file_is_parsed_once_unless_it_is_very_large(tmp_path: Path) -> None:
    """A report asks for it several times for each account, but several megabytes would take up many times as much in memory."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    small, large = (dump_metadata(replace(dataset, warnings=("Fog. " * count,))) for count in (2, 2**18))
    assert parse_metadata(small, dataset.id) is parse_metadata(small, dataset.id)
    assert parse_metadata(large, dataset.id) == parse_metadata(large, dataset.id)
    assert parse_metadata(large, dataset.id) is not parse_metadata(large, dataset.id)


def test_read_kept_and_unreadable_rows_are_counted(tmp_path: Path) -> None:
    """The counts add up, and unreadable rows have reasons."""
    dataset = imported(tmp_path, *posts_of("harbour", 3), "9,harbour,2026-03-02T00:00:00Z,too,many")
    assert dataset.read == 4
    assert dataset.kept == 3
    assert dataset.unreadable == 1
    assert dataset.reasons == ("Line 5 has 5 cells, but the table has 4 columns.",)


def test_accounts_are_listed_with_most_posts_first(tmp_path: Path) -> None:
    """Each has its number of posts and the times of its first and last post."""
    dataset = imported(tmp_path, *posts_of("ann", 2), *posts_of("Harbour", 3))
    expected = [("harbour", 3, MONDAY, MONDAY + timedelta(hours=2)), ("ann", 2, MONDAY, MONDAY + timedelta(hours=1))]
    assert [(account.name, account.post_count, account.first_post_at, account.last_post_at) for account in dataset.accounts] == expected


def test_numbers_of_rows_that_begin_again_are_not_ids(tmp_path: Path) -> None:
    """Joined tables number their rows from 1 each, and no post is lost."""
    table = "id,created_at,username,text\n1,2026-11-02 10:00,quay,good\n2,2026-11-02 11:00,quay,bad\n"
    store = DatasetStore(tmp_path)
    dataset = store.import_file(io.BytesIO((table + table.replace("11-02", "11-03")).encode()), "joined.csv")
    assert dataset.kept == 4
    again = store.import_file(io.BytesIO((table + table).encode()), "twice.csv")
    assert again.kept == 2


def test_listed_accounts_are_limited(tmp_path: Path) -> None:
    """A warning counts the others, whose posts are kept."""
    dataset = imported(tmp_path, *(row for number in range(post_parts.MAX_LISTED_ACCOUNTS + 1) for row in posts_of(f"a{number}", 1)))
    assert dataset.accounts_total == 2_001
    assert len(dataset.accounts) == 2_000
    assert dataset.warnings[-1] == "The file has 2,001 accounts; only the 2,000 with the most posts are listed."
    assert dataset.kept == 2_001


def test_the_last_of_repeated_posts_is_kept(tmp_path: Path) -> None:
    """Posts with the same ID of other accounts aren't repeated."""
    dataset = imported(tmp_path, *posts_of("harbour", 2, "Old"), *posts_of("harbour", 1, "New"), *posts_of("ann", 1))
    texts = DatasetStore(tmp_path).load_posts(dataset, "harbour", 9)["text"].to_list()
    expected_warnings = ("1 post appeared more than once. We kept its last copy.",)
    assert texts == ["Old 1", "New 0"]
    assert dataset.kept == 3
    assert dataset.warnings == expected_warnings


@pytest.mark.slow
def test_repeated_posts_are_dropped_across_parts(tmp_path: Path) -> None:
    """A large file has no post twice, either."""
    rows = [*posts_of("harbour", 30, "Old"), *posts_of("other", 2 * BATCH_ROWS), *posts_of("harbour", 30, "New")]
    dataset = imported(tmp_path, *rows, max_part_rows=1)
    texts = DatasetStore(tmp_path).load_posts(dataset, "harbour", 99)["text"].to_list()
    assert len([*(tmp_path / dataset.id).glob("*.parquet")]) == 2
    assert dataset.kept == 2 * BATCH_ROWS + 30
    assert texts == [f"New {n}" for n in reversed(range(30))]


@pytest.mark.parametrize("tz", ["UTC", "Asia/Tokyo"])
def test_parts_from_before_there_was_a_column_are_read(tmp_path: Path, tz: str) -> None:
    """Files that were imported before an update keep their posts, all of which have a time."""
    parts = [tmp_path / f"part-{number}.parquet" for number in range(2)]
    for number, part in enumerate(parts):
        frame = build_posts_at(f"2026-03-0{number + 1}T10:00", account="file:a/b")
        (frame.drop("date_only") if number else frame).with_row_index("order").write_parquet(part)
    posts = post_parts.load_posts(parts, "file:a/b", 9, None, None, tz)
    assert posts["created_at"].to_list() == [datetime(2026, 3, day, 10, tzinfo=UTC) for day in (2, 1)]
    assert posts["date_only"].to_list() == [False, False]


def test_a_dataset_is_found_without_its_key(tmp_path: Path) -> None:
    """Another process finds it with all other values."""
    dataset = imported(tmp_path, *posts_of("harbour", 3), "9,harbour,never,no time")
    loaded = DatasetStore(tmp_path).find(dataset.id)
    assert loaded is not None and (vars(loaded) | {"owner_key": dataset.owner_key}, loaded.owner_key) == (vars(dataset), None)


def test_an_id_is_unguessable_and_valid_in_an_account(tmp_path: Path) -> None:
    """IDs have 128 bits, differ, and can be parsed as `file:ID`."""
    ids = {imported(tmp_path, *posts_of("harbour", 1)).id for _ in range(5)}
    assert len(ids) == 5
    assert {len(dataset_id) for dataset_id in ids} == {32}
    assert {str(accounts.parse_account(f"file:{dataset_id}")) for dataset_id in ids} == {f"file:{dataset_id}" for dataset_id in ids}


def test_neither_key_nor_digest_is_shown(tmp_path: Path) -> None:
    """The key is neither stored nor in a repr."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    kept = (tmp_path / dataset.id / "about.json").read_text() + repr(dataset)
    assert dataset.owner_key is not None and dataset.owner_key not in kept


def test_the_path_of_a_file_is_not_kept(tmp_path: Path) -> None:
    """Only the harmless last part of its name is."""
    dataset = DatasetStore(tmp_path).import_file(table(*posts_of("a", 1)), "C:\\secret\\../mine\n\0.csv")
    assert dataset.name == "mine .csv"


# --- posts -----------------------------------------------------------------------------------------------------------


def test_the_newest_posts_come_first(tmp_path: Path) -> None:
    """They have the schema's columns except the account."""
    dataset = imported(tmp_path, *posts_of("harbour", 5), *posts_of("ann", 5))
    frame = DatasetStore(tmp_path).load_posts(dataset, "harbour", 2)
    assert frame["id"].to_list() == ["4", "3"]
    assert "account" not in frame.columns
    assert frame["created_at"].dtype == pl.Datetime("us", "UTC")


def test_a_span_is_half_open(tmp_path: Path) -> None:
    """Its start is included, its end isn't."""
    dataset = imported(tmp_path, *posts_of("harbour", 5))
    frame = DatasetStore(tmp_path).load_posts(dataset, "harbour", 9, MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=3))
    assert frame["id"].to_list() == ["2", "1"]


def test_posts_without_a_time_come_last(tmp_path: Path) -> None:
    """They belong to any span."""
    dataset = imported(tmp_path, "9,harbour,never,no time", *posts_of("harbour", 2))
    assert DatasetStore(tmp_path).load_posts(dataset, "harbour", 9, MONDAY + timedelta(hours=1))["id"].to_list() == ["1", "9"]


@pytest.mark.parametrize("identity", ["0" * 32, "../../etc", "", "A" * 32, "0" * 31 + "/"])
def test_an_invalid_or_unknown_id_is_not_found(identity: str, tmp_path: Path) -> None:
    """Neither is one that leads to another folder."""
    imported(tmp_path / "kept", *posts_of("harbour", 1))
    assert DatasetStore(tmp_path / "kept").find(identity) is None


# --- the end of a dataset --------------------------------------------------------------------------------------------


def test_the_owner_can_delete_a_dataset(tmp_path: Path) -> None:
    """Nothing of it is left."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    assert DatasetStore(tmp_path).delete(dataset.id, dataset.owner_key or "") is True
    assert list_paths(tmp_path) == []


@pytest.mark.parametrize("key", ["", "wrong", "é\ud800", "0" * 32])
def test_another_key_deletes_nothing(key: str, tmp_path: Path) -> None:
    """The dataset stays."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    assert DatasetStore(tmp_path).delete(dataset.id, key) is False
    assert DatasetStore(tmp_path).find(dataset.id) is not None


def test_an_expired_dataset_is_not_found(tmp_path: Path) -> None:
    """Looking it up deletes it."""
    dataset = imported(tmp_path, *posts_of("harbour", 1), retention_days=0)
    assert DatasetStore(tmp_path).find(dataset.id) is None
    assert list_paths(tmp_path) == []


def test_expired_datasets_are_deleted(tmp_path: Path) -> None:
    """Others stay."""
    imported(tmp_path, *posts_of("harbour", 1), retention_days=1)
    stays = imported(tmp_path, *posts_of("harbour", 1), retention_days=3)
    assert store_in(tmp_path, days=2).delete_expired() == 1
    assert [path.name for path in tmp_path.iterdir()] == [stays.id]


def test_an_interrupted_import_is_deleted_after_a_day(tmp_path: Path) -> None:
    """Until then, it might still be running."""
    (tmp_path / ("0" * 32)).mkdir()
    soon, later = (store_in(tmp_path, hours=hours).delete_expired() for hours in (1, 25))
    assert soon == 0
    assert later == 1
    assert list_paths(tmp_path) == []


def test_other_files_are_not_deleted(tmp_path: Path) -> None:
    """They stay, however old they are."""
    (tmp_path / "notes").mkdir()
    (tmp_path / "readme.txt").write_text("mine")
    store_in(tmp_path, days=9999).delete_expired()
    assert list_paths(tmp_path) == ["notes", "readme.txt"]


@pytest.mark.slow
def test_the_metadata_of_a_wide_file_can_be_read_back(tmp_path: Path) -> None:
    """The longest names of columns and accounts, in letters that take most room, fit."""
    letter = "\U00010400"
    columns = "".join(f",{letter * 390}{number}" for number in range(190))
    accounts = "".join(f"2026-03-01 10:00,fog,{letter * 90}{number}\n" for number in range(2_000))
    dataset = DatasetStore(tmp_path).import_file(io.BytesIO(f"date,text,account{columns}\n{accounts}".encode()), "wide.csv")
    assert DatasetStore(tmp_path).find(dataset.id) == replace(dataset, owner_key=None)


def test_metadata_are_parsed_once_until_they_change(tmp_path: Path) -> None:
    """A report asks for a dataset many times, and thousands of accounts take long to parse; a change counts at once, as does deleting."""
    dataset, store = imported(tmp_path, *posts_of("harbour", 1)), DatasetStore(tmp_path)
    assert store.find(dataset.id) is DatasetStore(tmp_path).find(dataset.id)
    metadata_path = tmp_path / dataset.id / "about.json"
    metadata_path.write_text(json.dumps(json.loads(metadata_path.read_text()) | {"name": "Renamed"}))
    renamed = store.find(dataset.id)
    assert renamed is not None
    assert renamed.name == "Renamed"
    assert store.delete(dataset.id, dataset.owner_key or "")
    assert store.find(dataset.id) is None


def test_posts_do_not_depend_on_the_summary(tmp_path: Path) -> None:
    """A dataset whose summary is damaged is found without it."""
    dataset = DatasetStore(tmp_path).import_file(io.BytesIO(b"date,text\n2026-03-01,fog\n"), "a.csv")
    metadata_path = tmp_path / dataset.id / "about.json"
    metadata_path.write_text(json.dumps(json.loads(metadata_path.read_text()) | {"summary": {"tool": 3}}))
    stored = DatasetStore(tmp_path).find(dataset.id)
    assert stored is not None
    assert stored.summary is None


@pytest.mark.parametrize("damage", ["", "{", "[]", "null", '{"format": 2}', '{"format": 1, "id": "x"}', "[" * 100_000])
def test_a_dataset_with_damaged_metadata_is_not_found(damage: str, tmp_path: Path) -> None:
    """It is treated like a missing one."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    (tmp_path / dataset.id / "about.json").write_text(damage)
    assert DatasetStore(tmp_path).find(dataset.id) is None


WRONG_VALUES = {
    "id": [None, 1],
    "name": [None, 1, []],
    "created": [None, "", 1, "yesterday"],
    "expires": [None, "", 1, "tomorrow", True],
    "read": [None, "1", 1.5, True],
    "reasons": [None, "text", [1]],
    "accounts": [None, [1], [["harbour"]], [["harbour", "1", None, None]], [[1, 1, None, None]], [["harbour", 1, 5, None]]],
    "accounts_total": [None, "1"],
    "key_digest": [None, 1],
    "part_digests": ["", {}, [], {"../../secret": "0" * 64}, {"part-00000.parquet": None}, {"part-00000.parquet": "0"}],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG_VALUES.items() for value in values])
def test_does_not_find_one_with_a_value_of_the_wrong_type(name: str, value: object, tmp_path: Path) -> None:
    """A damaged value is never taken at its word: the dataset isn't found, and goes a day later."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    metadata_path = tmp_path / dataset.id / "about.json"
    metadata_path.write_text(json.dumps(json.loads(metadata_path.read_text()) | {name: value}))
    assert DatasetStore(tmp_path).find(dataset.id) is None
    assert store_in(tmp_path, hours=25).delete_expired() == 1


def test_a_dataset_with_a_missing_key_is_not_found(tmp_path: Path) -> None:
    """Incomplete metadata is damaged."""
    dataset = imported(tmp_path, *posts_of("harbour", 1))
    about = tmp_path / dataset.id / "about.json"
    document = json.loads(about.read_text())
    about.write_text(json.dumps({name: value for name, value in document.items() if name != "expires"}))
    assert DatasetStore(tmp_path).find(dataset.id) is None


# --- failures --------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table_of_two_parts() -> bytes:
    """A table with more posts than a batch."""
    return table(*posts_of("harbour", 2 * BATCH_ROWS)).getvalue()


class Breaking(io.BytesIO):
    """A file that raises an exception shortly before its end."""

    def __init__(self, content: bytes, error: BaseException) -> None:
        super().__init__(content)
        self.error, self.break_at = error, len(content) - 2**18

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell() > self.break_at:
            raise self.error
        return super().read(size)


@pytest.mark.slow
@pytest.mark.parametrize("error", [OSError("gone"), KeyboardInterrupt(), SystemExit(1), MemoryError()])
def test_an_interrupted_import_leaves_nothing_behind(error: BaseException, table_of_two_parts: bytes, tmp_path: Path) -> None:
    """This holds after parts were written."""
    with pytest.raises((InvalidFile, type(error))):
        DatasetStore(tmp_path, max_part_rows=1).import_file(Breaking(table_of_two_parts, error), "a.csv")
    assert list_paths(tmp_path) == []


def test_unknown_columns_leave_nothing_behind(tmp_path: Path) -> None:
    """The import is repeated with matched columns."""
    with pytest.raises(UnknownColumns):
        DatasetStore(tmp_path).import_file(io.BytesIO(b"wann,was\n2026-11-02,Nebel\n"), "a.csv")
    assert list_paths(tmp_path) == []


def test_a_file_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    """Nothing of it is kept."""
    with pytest.raises(InvalidFile, match="storage for uploaded files is full"):
        imported(tmp_path, *posts_of("harbour", 1_000), max_stored_bytes=1_000)
    assert list_paths(tmp_path) == []


def test_the_storage_is_limited_for_all_datasets_together(tmp_path: Path) -> None:
    """Another file is refused when it's used up."""
    imported(tmp_path, *posts_of("harbour", 1))
    with pytest.raises(InvalidFile, match="storage for uploaded files is full"):
        imported(tmp_path, *posts_of("harbour", 1), max_stored_bytes=100)


def test_an_unwritable_folder_is_an_invalid_setting(tmp_path: Path) -> None:
    """The message names the setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageUnavailable) as error:
        imported(tmp_path / "file" / "kept", *posts_of("harbour", 1))
    assert "CHORUS_DATASETS" in error.value.message


def test_nothing_is_found_in_a_missing_folder(tmp_path: Path) -> None:
    """Looking doesn't create it."""
    kept = DatasetStore(tmp_path / "never")
    assert kept.find("0" * 32) is None
    assert kept.delete_expired() == 0
    assert list_paths(tmp_path) == []


def test_a_symbolic_link_is_not_followed(tmp_path: Path) -> None:
    """Its target isn't deleted."""
    (tmp_path / "kept").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "diary").write_text("mine")
    os.symlink(tmp_path / "mine", tmp_path / "kept" / ("0" * 32))
    store_in(tmp_path / "kept", days=9).delete_expired()
    assert (tmp_path / "mine" / "diary").exists()


# --- more than one process -------------------------------------------------------------------------------------------


@pytest.fixture
def another(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Return another process that imports into the same folder ten times."""
    program = (
        "import io; from pathlib import Path; from dashboard.sources.files.store import DatasetStore\n"
        f"for _ in range(10): DatasetStore(Path({str(tmp_path)!r})).import_file(io.BytesIO(b'date,text\\n2026-01-01,a\\n'), 'a.csv')"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, text=True) as process:
        yield process


def test_processes_can_share_a_folder(another: "subprocess.Popen[str]", tmp_path: Path) -> None:
    """Two processes that import and delete at the same time lose nothing."""
    ours = {imported(tmp_path, *posts_of("harbour", 3)).id for _ in range(10)}
    another.wait()
    kept = DatasetStore(tmp_path)
    assert another.returncode == 0
    assert len({path.name for path in tmp_path.iterdir()}) == 20
    assert all(map(kept.find, ours))
