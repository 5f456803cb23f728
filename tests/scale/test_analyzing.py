"""Analyzing a collection: what is read again after an interruption, what can't be read, and what is never served."""

import gzip
import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

import fsspec
import polars as pl
import pytest

from dashboard.core.clock import system_clock
from dashboard.core.errors import InvalidFile, InvalidSetting, StorageUnavailable
from dashboard.scale import reading, run
from dashboard.scale.local_pool import LocalPool, ProcessLost
from dashboard.scale.options import Options
from dashboard.sources.files.store import DatasetStore
from tests.support import collections
from tests.support.collections import Answers, InterruptedPool
from tests.support.disks import as_nobody, small_disk
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

DISK_BYTES = 4 * 4096
PARAMETERS = {"interval": "day", "measure": "mean", "method": "vader"}


def visible_datasets(folder: Path) -> list[str]:
    """Return the IDs of the datasets that a server would find."""
    store = DatasetStore(folder)
    return [path.name for path in folder.iterdir() if store.find(path.name)]


def test_an_interrupted_run_continues_where_it_stopped(tmp_path: Path) -> None:
    """Finished files aren't read again, nothing half-written is served meanwhile, and the tables are those of one run."""
    paths = collections.write_sample(tmp_path / "files")
    with pytest.raises(KeyboardInterrupt):
        collections.analyze(paths, tmp_path / "kept", pool=InterruptedPool(finished_tasks=2))
    assert visible_datasets(tmp_path / "kept") == []
    pool = InterruptedPool()
    continued = collections.analyze(paths, tmp_path / "kept", pool=pool)
    assert pool.read == [str(paths[2])]
    whole = collections.analyze(paths, tmp_path / "whole")
    tables = [
        Answers(folder).table("sentiment", dataset, ["account0", "account1"], **PARAMETERS)
        for folder, dataset in ((tmp_path / "kept", continued), (tmp_path / "whole", whole))
    ]
    assert tables[0].equals(tables[1])


def test_a_file_that_changed_meanwhile_is_read_again(tmp_path: Path) -> None:
    """What an earlier run found out counts only for the same file."""
    paths = collections.write_sample(tmp_path / "files")
    with pytest.raises(KeyboardInterrupt):
        collections.analyze(paths, tmp_path / "kept", pool=InterruptedPool(finished_tasks=2))
    paths[0].write_text(paths[0].read_text() + "\n")
    pool = InterruptedPool()
    collections.analyze(paths, tmp_path / "kept", pool=pool)
    assert pool.read == [str(paths[0]), str(paths[2])]


def test_other_options_begin_again(tmp_path: Path) -> None:
    """Files that were read in another time zone, or scored by other methods, are read again."""
    paths = collections.write_sample(tmp_path / "files")
    with pytest.raises(KeyboardInterrupt):
        collections.analyze(paths, tmp_path / "kept", pool=InterruptedPool(finished_tasks=2))
    pool = InterruptedPool()
    collections.analyze(paths, tmp_path / "kept", pool=pool, zone="Europe/Berlin")
    assert len(pool.read) == 3


def test_files_that_cannot_be_read_are_named_and_left_out(tmp_path: Path) -> None:
    """A bad gzip, a table with wrong columns and a truncated Parquet file are counted, and the others are analyzed."""
    paths = collections.write_sample(tmp_path / "files")
    (tmp_path / "files" / "bad.jsonl.gz").write_bytes(gzip.compress(paths[0].read_bytes())[:-20])
    (tmp_path / "files" / "columns.csv").write_text("colour,size\nred,3\n")
    named = list[str]()
    dataset = collections.analyze([tmp_path / "files"], tmp_path / "kept", on_unreadable=lambda partition: named.append(partition.name))
    assert [Path(name).name for name in named] == ["bad.jsonl.gz", "columns.csv"]
    assert dataset.collection is not None
    assert dataset.collection.unreadable_total == 2
    assert "bad.jsonl.gz couldn’t be read and isn’t counted: bad.jsonl is damaged or incomplete." in " ".join(dataset.warnings)
    assert dataset.kept == collections.analyze(paths, tmp_path / "whole").kept


def test_a_file_without_rows_is_read(tmp_path: Path) -> None:
    """Programs that write folders of files leave empty ones, in which nothing is missing, so even `--strict` accepts them."""
    paths = collections.write_sample(tmp_path / "files")
    pl.read_ndjson(paths[0]).clear().write_parquet(tmp_path / "files" / "empty.parquet")
    (tmp_path / "files" / "header.csv").write_text("account,id,created_at,text\n")
    dataset = collections.analyze([tmp_path / "files"], tmp_path / "kept", is_strict=True)
    assert dataset.kept == collections.analyze(paths, tmp_path / "whole").kept
    assert [warning.rpartition("/")[2] for warning in dataset.warnings if "has no posts" in warning] == [
        "empty.parquet has no posts.",
        "header.csv has no posts.",
    ]
    with pytest.raises(InvalidFile, match=r"There are no posts in 1 file\."):
        collections.analyze([tmp_path / "files" / "header.csv"], tmp_path / "nothing")


def test_a_file_that_is_gone_is_left_out(tmp_path: Path) -> None:
    """A link in a folder that leads nowhere is named and counted, as is a file that is deleted once the files are listed."""
    paths = collections.write_sample(tmp_path / "files")
    (tmp_path / "files" / "link.jsonl").symlink_to(tmp_path / "nowhere.jsonl")
    collection = run.find_collection("posts", [str(tmp_path / "files")], tmp_path / "kept")
    paths[0].unlink()
    dataset = run.analyze(collection, Options(("bing",), system_clock()), collections.SameProcess())
    assert dataset.collection is not None
    assert dataset.collection.unreadable_total == 2
    assert [Path(partition.name).name for partition in dataset.collection.unreadable] == ["link.jsonl", "posts-0.jsonl"]


def test_a_folder_that_cannot_be_read_is_an_error() -> None:
    """Nobody analyzes half of the files without knowing it."""
    with TemporaryDirectory() as name:  # which other users may enter, unlike those of pytest
        folder = Path(name)
        folder.chmod(0o755)
        collections.write_sample(folder / "public", accounts=1, posts_per_account=5)
        (folder / "private").mkdir(mode=0o000)
        with as_nobody(), pytest.raises(InvalidFile, match=r"private can't be read: Permission denied\."):
            run.find_collection("posts", [name], folder / "kept")


def test_posts_without_an_id_are_kept_from_all_files(tmp_path: Path) -> None:
    """The third row of one file isn't a copy of the third row of another, and a zip of both is no different."""
    folder = tmp_path / "files"
    folder.mkdir()
    for month in (1, 2):
        rows = [f"2026-0{month}-{day:02}T10:00:00,cafe,Opening day {day} of month {month}" for day in range(1, 21)]
        (folder / f"{month}.csv").write_text("\n".join(["date,author,text", *rows]))
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    for number, source in enumerate((folder, tmp_path / "both.zip")):
        dataset = collections.analyze([source], tmp_path / f"kept{number}")
        assert dataset.kept == 40
        assert "40 posts have no ID, so a post that is in several files counts once for each (2 files)." in dataset.warnings
        assert any(warning.startswith("40 times have no time zone") and warning.endswith(" (2 files)") for warning in dataset.warnings)
        assert not any("more than once" in warning for warning in dataset.warnings)
    (folder / "2.csv").write_text("date,author,text\n2026-02-01T10:00:00Z,cafe,Opening day\n")
    mixed = collections.analyze([folder], tmp_path / "mixed")
    assert any("/1.csv: 20 times have no time zone" in warning for warning in mixed.warnings)


def test_strict_ends_with_an_error_if_a_file_cannot_be_read(tmp_path: Path) -> None:
    """Nothing is served then, and once the file is left out, the others aren't read again."""
    paths = collections.write_sample(tmp_path / "files")
    bad = tmp_path / "files" / "z.csv"
    bad.write_text("colour,size\nred,3\n")
    with pytest.raises(InvalidFile, match=r"1 of 4 files can't be read, such as .*z\.csv"):
        collections.analyze([*paths, bad], tmp_path / "kept", is_strict=True)
    assert visible_datasets(tmp_path / "kept") == []
    pool = InterruptedPool()
    collections.analyze(paths, tmp_path / "kept", pool=pool, is_strict=True)
    assert pool.read == []


def test_leaving_out_a_file_reads_no_other_again(tmp_path: Path) -> None:
    """The files after it keep what was found out, and the tables are those of a run without it."""
    paths = collections.write_sample(tmp_path / "files")
    bad = tmp_path / "files" / "posts-0a.csv"  # after the first one
    bad.write_text("colour,size\nred,3\n")
    with pytest.raises(InvalidFile, match=r"1 of 4 files can't be read"):
        collections.analyze([tmp_path / "files"], tmp_path / "kept", is_strict=True)
    bad.unlink()
    pool = InterruptedPool()
    continued = collections.analyze([tmp_path / "files"], tmp_path / "kept", pool=pool, is_strict=True)
    assert pool.read == []
    whole = collections.analyze(paths, tmp_path / "whole")
    assert continued.accounts == whole.accounts
    posts_of = [
        DatasetStore(tmp_path / name).load_posts(dataset, "account0", 9) for name, dataset in (("kept", continued), ("whole", whole))
    ]
    assert posts_of[0].equals(posts_of[1])


def test_a_second_command_with_the_same_name_is_refused(tmp_path: Path) -> None:
    """Two commands would delete each other's files; the first one goes on."""
    paths = collections.write_sample(tmp_path / "files")
    refused = list[str]()

    class SecondCommand(collections.SameProcess):
        def run(self, function: Any, tasks: Any) -> Iterator[tuple[Any, Any]]:
            with pytest.raises(InvalidFile, match="Another command is writing this collection right now") as caught:
                collections.analyze(paths, tmp_path / "kept")
            refused.append(caught.value.message)
            yield from super().run(function, tasks)

    first = collections.analyze(paths, tmp_path / "kept", pool=SecondCommand())
    assert refused
    assert visible_datasets(tmp_path / "kept") == [first.id]
    assert first.kept == collections.analyze(paths, tmp_path / "whole").kept


def test_an_existing_name_is_refused(tmp_path: Path) -> None:
    """A collection is never overwritten."""
    paths = collections.write_sample(tmp_path / "files")
    first = collections.analyze(paths, tmp_path / "kept")
    with pytest.raises(InvalidFile, match=f"There is a collection “posts” already: file:{first.id}"):
        collections.analyze(paths, tmp_path / "kept")
    assert visible_datasets(tmp_path / "kept") == [first.id]


def test_a_deleted_collection_leaves_its_name_free(tmp_path: Path) -> None:
    """After its owner deleted it, the same command writes it again, under another ID."""
    paths = collections.write_sample(tmp_path / "files")
    first = collections.analyze(paths, tmp_path / "kept")
    assert DatasetStore(tmp_path / "kept").delete(first.id, first.owner_key or "")
    assert collections.analyze(paths, tmp_path / "kept").kept == first.kept


def test_a_missing_source_is_an_error(tmp_path: Path) -> None:
    """A typing mistake doesn't make an empty collection, and the message says what there is instead of files."""
    (tmp_path / "notes.pdf").write_bytes(b"no posts")
    for name, problem in {
        "nothing*.csv": r"No file is called .*nothing\*\.csv\.",
        "nothing.csv": r"nothing\.csv doesn't exist\.",
        "": "has no files with posts",
    }.items():
        with pytest.raises(InvalidFile, match=problem):
            run.find_collection("posts", [str(tmp_path / name)], tmp_path)


def test_folders_and_patterns_name_each_file_once(tmp_path: Path) -> None:
    """A folder is read with everything in it, and a file that two sources name counts once."""
    paths = collections.write_sample(tmp_path / "files")
    (tmp_path / "files" / "notes.pdf").write_bytes(b"no posts")
    collection = run.find_collection("posts", [str(tmp_path / "files"), str(tmp_path / "f*" / "posts-0*")], tmp_path)
    assert [partition.name for partition in collection.partitions] == list(map(str, paths))


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    """The error says what to do, and no half-written collection is served."""
    paths = collections.write_sample(tmp_path / "files", posts_per_account=1_000)
    with small_disk(tmp_path / "disk", DISK_BYTES) as folder:
        with pytest.raises(StorageUnavailable, match="disk is full"):
            collections.analyze(paths, folder)
        assert visible_datasets(folder) == []


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    """Whoever runs the command is told which place can't be used, and why."""
    paths = collections.write_sample(tmp_path / "files", accounts=1, posts_per_account=5)
    with pytest.raises(StorageUnavailable) as caught:
        collections.analyze(paths, paths[0])
    assert caught.value.message == f"{paths[0]}/analyzing-posts can't be used: Not a directory. Check --datasets."


# --- processes -------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_several_processes_give_the_tables_of_one(tmp_path: Path) -> None:
    """How many processes share the work makes no difference."""
    paths = collections.write_sample(tmp_path / "files")
    one, several = collections.analyze(paths, tmp_path / "one"), collections.analyze_in_processes(paths, tmp_path / "several")
    names = [account.name for account in one.accounts]
    tables = [
        Answers(tmp_path / place).table("sentiment", dataset, names, **PARAMETERS)
        for place, dataset in (("one", one), ("several", several))
    ]
    assert tables[0].equals(tables[1])


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.slow
def test_one_large_file_is_analyzed_by_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One process reads it, the others score its posts, and the tables are those of one process."""
    joined = collections.join_files(collections.write_sample(tmp_path / "files", posts_per_account=300), tmp_path / "all.jsonl")
    monkeypatch.setattr(run, "_SHARED_BYTES", 1)
    monkeypatch.setattr(reading, "SLICE_ROWS", 100)
    one, several = collections.analyze([joined], tmp_path / "one"), collections.analyze_in_processes([joined], tmp_path / "several")
    folders = {"one": one, "several": several}
    tables = [Answers(tmp_path / name).table("sentiment", dataset, ["*", "account0"], **PARAMETERS) for name, dataset in folders.items()]
    assert several.accounts == one.accounts
    assert tables[1].equals(tables[0])


def end_process(task: int) -> int:
    """Return the task, but end the process if it is 2."""
    if task == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return task


@pytest.mark.slow
@pytest.mark.faults
@pytest.mark.long
def test_a_task_that_ends_its_process_ends_no_other_task() -> None:
    """Of several tasks, only the one that kills every process that runs it has an error."""
    outcomes = dict(LocalPool(2).run(end_process, list(range(6))))
    assert isinstance(outcomes.pop(2), ProcessLost)
    assert outcomes == {number: number for number in (0, 1, 3, 4, 5)}


@pytest.mark.faults
@pytest.mark.long
def test_the_command_continues_after_it_was_killed(tmp_path: Path) -> None:
    """SIGKILL loses at most the files that were being read, and leaves no process behind."""
    paths = collections.write_sample(tmp_path / "files", accounts=6, posts_per_account=2_000)
    command = [
        sys.executable,
        "-m",
        "dashboard.cli",
        "analyze",
        str(tmp_path / "files"),
        "--out",
        "posts",
        "--datasets",
        str(tmp_path / "kept"),
    ]
    command += ["--methods", "bing", "--workers", "1"]
    killed = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    work = tmp_path / "kept" / "analyzing-posts"
    while killed.poll() is None and not list(work.glob("0*.json")):
        time.sleep(0.01)
    killed.kill()
    killed.communicate()
    finished = {path.name: path.stat().st_mtime_ns for path in work.glob("0*.json")}
    assert finished
    assert visible_datasets(tmp_path / "kept") == []
    pool = InterruptedPool()
    dataset = collections.analyze([tmp_path / "files"], tmp_path / "kept", pool=pool, methods=("bing",))
    assert len(pool.read) == len(paths) - len(finished)
    assert dataset.kept == collections.analyze(paths, tmp_path / "whole", methods=("bing",)).kept


# --- kinds of files --------------------------------------------------------------------------------------------------


def test_parquet_and_csv_files_are_read_like_json_lines(tmp_path: Path) -> None:
    """The same posts as JSON lines, as CSV and as Parquet make the same collection."""
    json_path = collections.join_files(collections.write_sample(tmp_path / "files"), tmp_path / "all.jsonl")
    frame = pl.read_ndjson(json_path)
    frame.write_parquet(tmp_path / "all.parquet", row_group_size=50)
    frame.write_csv(tmp_path / "all.csv")
    sources = [json_path, tmp_path / "all.parquet", tmp_path / "all.csv"]
    datasets = [collections.analyze([source], tmp_path / source.suffix) for source in sources]
    tables = [
        Answers(tmp_path / source.suffix).table("sentiment", dataset, ["account0", "account1"], **PARAMETERS)
        for source, dataset in zip(sources, datasets, strict=True)
    ]
    assert tables[1].equals(tables[0])
    assert tables[2].equals(tables[0])


def test_times_in_parquet_files_keep_their_zone(tmp_path: Path) -> None:
    """A column of times is read as such, not as a text."""
    moments = [datetime(2026, 3, 1, 12, tzinfo=ZoneInfo("Europe/Berlin")), datetime(2026, 3, 2, 1, tzinfo=ZoneInfo("Europe/Berlin"))]
    pl.DataFrame({"account": ["ann", "ann"], "id": [1, 2], "created_at": moments, "text": ["good", "bad"]}).write_parquet(
        tmp_path / "a.parquet"
    )
    dataset = collections.analyze([tmp_path / "a.parquet"], tmp_path / "kept")
    assert dataset.accounts[0].first_post_at == datetime(2026, 3, 1, 11, tzinfo=UTC)
    assert dataset.accounts[0].last_post_at == datetime(2026, 3, 2, 0, tzinfo=UTC)


def test_a_truncated_parquet_file_is_left_out(tmp_path: Path) -> None:
    """It is named, and doesn't end the run."""
    paths = collections.write_sample(tmp_path / "files")
    pl.read_ndjson(paths[0]).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "files" / "bad.parquet").write_bytes((tmp_path / "a.parquet").read_bytes()[:-100])
    dataset = collections.analyze([tmp_path / "files"], tmp_path / "kept")
    assert "bad.parquet is damaged or incomplete." in dataset.warnings[0]


@pytest.mark.faults
@pytest.mark.long
def test_many_account_files_are_merged_in_a_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many files the accounts are distributed among, the totals are the same."""
    paths = collections.write_sample(tmp_path / "files", accounts=25, posts_per_account=20)
    one = collections.analyze(paths, tmp_path / "one")
    monkeypatch.setattr(run, "_ACCOUNT_FILE_ROWS", 3)
    many = collections.analyze(paths, tmp_path / "many")
    assert many.collection is not None
    assert many.collection.account_file_count > 64
    folders = {"one": one, "many": many}
    for series in (["*"], ["*rest"], ["account0", "account24"]):
        tables = [Answers(tmp_path / name).table("sentiment", dataset, series, **PARAMETERS) for name, dataset in folders.items()]
        assert tables[1].equals(tables[0])


def test_each_file_in_a_zip_is_a_partition(tmp_path: Path) -> None:
    """A zip with several files is read like a folder, and posts are read from it again."""
    paths = collections.write_sample(tmp_path / "files")
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for path in paths:
            archive.write(path, f"posts/{path.name}")
    zipped = collections.analyze([tmp_path / "all.zip"], tmp_path / "a")
    plain = collections.analyze([tmp_path / "files"], tmp_path / "b")
    assert zipped.collection is not None
    assert zipped.collection.partitions == 3
    assert zipped.accounts == plain.accounts
    assert (
        DatasetStore(tmp_path / "a").load_posts(zipped, "account0", 5).equals(DatasetStore(tmp_path / "b").load_posts(plain, "account0", 5))
    )


def test_files_in_a_bucket_are_read_like_those_of_a_folder(tmp_path: Path) -> None:
    """An address of a bucket is a source, and so is a pattern; here, the bucket is in memory."""
    paths = collections.write_sample(tmp_path / "files")
    bucket = fsspec.filesystem("memory")
    for path in paths:
        bucket.pipe_file(f"/posts/{path.name}", path.read_bytes())
    remote, local = collections.analyze(["memory://posts"], tmp_path / "a"), collections.analyze([tmp_path / "files"], tmp_path / "b")
    assert remote.accounts == local.accounts
    assert (
        DatasetStore(tmp_path / "a").load_posts(remote, "account0", 5).equals(DatasetStore(tmp_path / "b").load_posts(local, "account0", 5))
    )
    assert len(run.find_collection("posts", ["memory://posts/posts-*.jsonl"], tmp_path).partitions) == 3


def test_an_unknown_kind_of_address_is_named(tmp_path: Path) -> None:
    """The error says what to install."""
    with pytest.raises(InvalidSetting, match="Addresses with nowhere:// can't be read here"):
        run.find_collection("posts", ["nowhere://posts"], tmp_path)
