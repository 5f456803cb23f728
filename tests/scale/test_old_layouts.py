"""What older code wrote: collections are read as they were written, and half-finished ones are read again."""

import json
import zlib
from pathlib import Path

import polars as pl
import pytest

from dashboard.scale import run
from dashboard.sources.files.collections import find_account_file, format_account_file
from dashboard.sources.files.dataset import METADATA_FILE, Dataset
from dashboard.sources.files.part_digests import compute_digest
from dashboard.sources.files.store import DatasetStore
from tests.support import collections
from tests.support.collections import Answers, InterruptedPool

pytestmark = pytest.mark.slow

FILE_COUNT = 4


def rewrite_by_remainder(folder: Path) -> None:
    """Give a collection the layout of the first version: accounts in files by the remainder of their hashes, which isn't mentioned."""
    paths = sorted(folder.glob("accounts-*.parquet"))
    rows = pl.concat(pl.read_parquet(path) for path in paths)
    about = json.loads((folder / METADATA_FILE).read_bytes())
    facts = about["collection"]
    del facts["distribution"]
    number = pl.col("account").map_elements(lambda name: zlib.crc32(name.encode()) % FILE_COUNT, return_dtype=pl.Int64)
    for place in range(FILE_COUNT):
        path = folder / format_account_file(place)
        rows.filter(number == place).write_parquet(path)
        facts["digests"][path.name] = compute_digest(path.read_bytes())
    facts["account_file_count"] = FILE_COUNT
    (folder / METADATA_FILE).write_text(json.dumps(about), encoding="utf-8")


def find_again(folder: Path, dataset: Dataset) -> Dataset:
    """Return a dataset as a server that has just started finds it."""
    again = DatasetStore(folder).find(dataset.id)
    assert again
    return again


def test_accounts_of_the_first_layout_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collection whose metadata doesn't say how accounts are distributed answers with the same tables."""
    paths = collections.write_sample(tmp_path / "files", accounts=12, posts_per_account=40)
    monkeypatch.setattr(run, "_ACCOUNT_FILE_ROWS", 60)
    dataset = collections.analyze(paths, tmp_path / "kept")
    names = [account.name for account in dataset.accounts]
    expected = [Answers(tmp_path / "kept").table("frequency", dataset, [name]) for name in names]
    rewrite_by_remainder(tmp_path / "kept" / dataset.id)
    old = find_again(tmp_path / "kept", dataset)
    tables = [Answers(tmp_path / "kept").table("frequency", old, [name]) for name in names]
    assert all(table.equals(same) for table, same in zip(tables, expected, strict=True))
    assert all(table.height for table in tables)


def test_the_metadata_says_how_accounts_are_distributed(tmp_path: Path) -> None:
    """A later change of the distribution leaves collections of today readable."""
    dataset = collections.analyze(collections.write_sample(tmp_path / "files"), tmp_path / "kept")
    again = find_again(tmp_path / "kept", dataset)
    assert again.collection
    assert again.collection.distribution == "ranges"


def test_each_distribution_has_its_own_rule() -> None:
    """The hash of “aster” is EE83E9EC in hexadecimal digits: its remainder by four is 0, and it is in the last quarter of all hashes."""
    assert find_account_file("aster", FILE_COUNT, "modulo") == 0
    assert find_account_file("aster", FILE_COUNT, "ranges") == 3


@pytest.mark.parametrize("name", ["slices", "polars"])
def test_slices_of_another_layout_are_read_again(tmp_path: Path, name: str) -> None:
    """Those that older code or another polars wrote would end the run with an error, or count a post twice."""
    paths = collections.write_sample(tmp_path / "files")
    with pytest.raises(KeyboardInterrupt):
        collections.analyze(paths, tmp_path / "kept", pool=InterruptedPool(finished_tasks=2))
    plan_file = tmp_path / "kept" / "analyzing-posts" / "plan.json"
    plan = json.loads(plan_file.read_bytes())
    del plan[name]
    plan_file.write_text(json.dumps(plan), encoding="utf-8")
    pool = InterruptedPool()
    collections.analyze(paths, tmp_path / "kept", pool=pool)
    assert len(pool.read) == len(paths)


def test_files_of_a_killed_run_are_deleted(tmp_path: Path) -> None:
    """A run that was killed while it merged may have written parts that the next one doesn't have."""
    paths = collections.write_sample(tmp_path / "files")
    with pytest.raises(KeyboardInterrupt):
        collections.analyze(paths, tmp_path / "kept", pool=InterruptedPool(finished_tasks=2))
    dataset_id = json.loads((tmp_path / "kept" / "analyzing-posts" / "plan.json").read_bytes())["id"]
    (tmp_path / "kept" / dataset_id).mkdir()
    (tmp_path / "kept" / dataset_id / "accounts-00007-012.parquet").write_bytes(b"left")
    dataset = collections.analyze(paths, tmp_path / "kept")
    assert dataset.id == dataset_id
    assert dataset.collection
    assert {path.name for path in (tmp_path / "kept" / dataset_id).iterdir()} == {*dataset.collection.digests, METADATA_FILE}
