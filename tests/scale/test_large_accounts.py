"""Accounts with more posts than fit in memory have the same numbers as any other."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from dashboard.scale import account_files, finishing, repetitions
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.storage_limit import SAMPLES_FILE, TOTALS_FILE
from tests.support import collections
from tests.support.collections import Answers

pytestmark = pytest.mark.slow

DAYS = (date(2025, 12, 20), date(2026, 3, 10))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path], Dataset]:
    """A collection whose account file fits in memory, its folder, and the files that it was analyzed from."""
    folder = tmp_path_factory.mktemp("whole")
    paths = collections.write_sample(folder / "files")
    return folder, paths, collections.analyze(paths, folder, name="whole")


@pytest.fixture
def parted(whole: tuple[Path, list[Path], Dataset], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Dataset:
    """The same posts, analyzed with less memory than their account file needs."""
    monkeypatch.setattr(account_files, "ROWS_IN_MEMORY", 50)
    monkeypatch.setattr(account_files, "PART_ROWS", 12)
    monkeypatch.setattr(repetitions, "KEYS_IN_MEMORY", 40)
    return collections.analyze(whole[1], whole[0], name=request.node.name)


def list_parts(dataset: Dataset) -> list[str]:
    """Return the names of the files with the posts of a collection."""
    assert dataset.collection
    return [name for name in dataset.collection.digests if name.startswith("accounts-")]


def test_a_file_that_does_not_fit_in_memory_is_written_in_parts(whole: tuple[Path, list[Path], Dataset], parted: Dataset) -> None:
    """Each part has the posts of a period, and all have the posts, sums and samples of the whole."""
    folder, _, expected = whole
    assert len(list_parts(expected)) == 1
    assert len(list_parts(parted)) > 3
    posts = pl.concat(pl.read_parquet(folder / parted.id / name) for name in list_parts(parted))
    assert posts.sort("order").equals(pl.read_parquet(folder / expected.id / list_parts(expected)[0]).sort("order"))
    for name in (TOTALS_FILE, SAMPLES_FILE):
        assert pl.read_parquet(folder / parted.id / name).equals(pl.read_parquet(folder / expected.id / name))
    assert (parted.accounts, parted.warnings) == (expected.accounts, expected.warnings)


def test_parts_are_bounded_however_posts_are_dated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A day with very many posts is divided, and so are posts without a time; each is in one part."""
    lines = [{"account": "ann", "id": str(number), "text": "good"} for number in range(300)]
    dated = [line | {"created_at": "2026-01-05T12:00:00Z"} for line in lines[:150]]
    path = tmp_path / "posts.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in [*dated, *lines[150:]]), encoding="utf-8")
    monkeypatch.setattr(account_files, "ROWS_IN_MEMORY", 50)
    monkeypatch.setattr(account_files, "PART_ROWS", 50)
    dataset = collections.analyze([path], tmp_path / "kept")
    heights = [pl.read_parquet(tmp_path / "kept" / dataset.id / name).height for name in list_parts(dataset)]
    assert dataset.kept == 300
    assert sum(heights) == 300
    assert max(heights) < 100


def test_charts_of_a_file_in_parts_are_those_of_the_whole(whole: tuple[Path, list[Path], Dataset], parted: Dataset) -> None:
    """Any zone, interval, period and window gives the same table."""
    answers, names = Answers(whole[0]), [account.name for account in parted.accounts]
    for question in collections.draw_questions(4, 8, DAYS, ("bing", "vader")):
        kind, parameters = question["kind"], {name: value for name, value in question.items() if name != "kind" and value != ""}
        assert answers.table(kind, parted, names, **parameters).equals(answers.table(kind, whole[2], names, **parameters))


def test_an_account_with_very_many_posts_is_answered_from_sums(
    whole: tuple[Path, list[Path], Dataset], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its charts have the same numbers as from a row per post, and the same name."""
    monkeypatch.setattr(finishing, "MAX_EXACT_POSTS", 80)
    summed = collections.analyze(whole[1], whole[0], name="summed")
    assert summed.collection
    name = summed.accounts[0].name
    assert name in summed.collection.summed
    for kind in ("frequency", "sentiment", "rhythm"):
        tables = [Answers(whole[0]).table(kind, dataset, [name], tz="Asia/Kathmandu") for dataset in (summed, whole[2])]
        assert tables[0].equals(tables[1])
