"""Slices of large collections are gathered by ranges of accounts before account files are merged."""

from pathlib import Path

import polars as pl
import pytest

from dashboard.scale import account_files, gathering, reading, run, slices
from dashboard.scale.gathering import gather_slices
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.storage_limit import SAMPLES_FILE, TOTALS_FILE
from tests.support import collections
from tests.support.collections import SameProcess

pytestmark = pytest.mark.slow

FILE_COUNT = 30


def load_posts(folder: Path, dataset: Dataset) -> pl.DataFrame:
    """Return the posts of all account files of a collection, in the order in which they were read."""
    assert dataset.collection
    names = [name for name in dataset.collection.digests if name.startswith("accounts-")]
    return pl.concat(pl.read_parquet(folder / dataset.id / name) for name in names).sort("order")


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """Slices of 10 posts and account files of 10, with gathering from the first slice on."""
    monkeypatch.setattr(reading, "SLICE_ROWS", 10)
    monkeypatch.setattr(slices, "SLICE_ROWS", 10)
    monkeypatch.setattr(run, "_ACCOUNT_FILE_ROWS", 10)
    monkeypatch.setattr(gathering, "MAX_SLICE_READS", 0)


@pytest.mark.faults
@pytest.mark.long
@pytest.mark.parametrize("rows_in_memory", [400_000, 15])
def test_a_collection_of_gathered_slices_is_the_same(
    rows_in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Its posts, sums, samples, accounts and notes are those of slices that aren't gathered, also if files are written in parts."""
    paths = collections.write_sample(tmp_path / "files", accounts=12)
    expected = collections.analyze(paths, tmp_path, name="whole")
    request.getfixturevalue("small_slices")
    monkeypatch.setattr(account_files, "ROWS_IN_MEMORY", rows_in_memory)
    monkeypatch.setattr(account_files, "PART_ROWS", 12)
    gathered = collections.analyze(paths, tmp_path, name="gathered")
    assert gathered.collection
    assert gathered.collection.account_file_count > 30
    assert load_posts(tmp_path, gathered).equals(load_posts(tmp_path, expected))
    for name in (TOTALS_FILE, SAMPLES_FILE):
        assert pl.read_parquet(tmp_path / gathered.id / name).equals(pl.read_parquet(tmp_path / expected.id / name))
    assert (gathered.accounts, gathered.warnings) == (expected.accounts, expected.warnings)


@pytest.mark.usefixtures("small_slices")
def test_each_account_file_is_merged_from_few_files(tmp_path: Path) -> None:
    """Of 60 slices, a file of 30 reads those of one or two ranges of accounts, and has each row of its accounts once."""
    rows = pl.DataFrame({"account": [f"account{number}" for number in range(600)], "created_at": None, "order": range(600)})
    paths = [tmp_path / f"{number}.parquet" for number in range(60)]
    for path, part in zip(paths, rows.iter_slices(10), strict=True):
        slices.write_slice(part, path)
    gathered = gather_slices(paths, rows.height, FILE_COUNT, tmp_path, SameProcess())
    found = [slices.AccountRows(files, number, FILE_COUNT) for number, files in enumerate(gathered)]
    orders = pl.concat(frame.select("order") for file_rows in found for frame in file_rows.iter_frames())
    assert max(map(len, gathered)) <= 20
    assert orders["order"].sort().to_list() == list(range(600))
