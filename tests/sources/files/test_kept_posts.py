"""Posts of imported files that are kept in memory: read once, and never shown when their file has changed or is gone."""

import io
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from dashboard.core import posts
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.kept_posts import KeptPosts, PostSelection, ReadPosts
from dashboard.sources.files.part_digests import PartVersion, compute_digest, verify_at_once, verify_parts
from dashboard.sources.files.store import DatasetStore

HARBOUR = PostSelection("a" * 32, "harbour", 100, None, None, "UTC")
PART = PartVersion(Path("part-00000.parquet"), "0" * 64, 1, 1_000, 1)


class Reader:
    """Counts how often it reads a frame of 1,000 numbers, which takes 8,000 bytes."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> ReadPosts:
        self.count += 1
        return ReadPosts(pl.DataFrame({"number": range(1_000)}), are_shortened=False)


@pytest.fixture
def store(tmp_path: Path) -> DatasetStore:
    """Return a store."""
    return DatasetStore(tmp_path)


@pytest.fixture
def dataset(store: DatasetStore) -> Dataset:
    """Return a dataset with three posts, which have been read."""
    rows = (f"{number},harbour,2026-03-02T1{number}:00:00Z,Fog {number}" for number in range(3))
    dataset = store.import_file(io.BytesIO("\n".join(("id,account,created_at,text", *rows)).encode()), "posts.csv")
    assert store.load_posts(dataset, "harbour", 9).height == 3
    return dataset


def test_the_same_posts_are_read_once() -> None:
    """The second time they come from memory."""
    kept, read = KeptPosts(), Reader()
    assert kept.load(HARBOUR, (PART,), read).frame.equals(kept.load(HARBOUR, (PART,), read).frame)
    assert read.count == 1


@pytest.mark.parametrize(
    "change", [{"account_name": "lighthouse"}, {"limit": 99}, {"since": datetime(2026, 3, 2, tzinfo=UTC)}, {"tz": "Europe/Berlin"}]
)
def test_another_question_is_read_on_its_own(change: dict[str, object]) -> None:
    """Everything that selects posts counts."""
    kept, read = KeptPosts(), Reader()
    for selection in (HARBOUR, HARBOUR._replace(**change)):
        kept.load(selection, (PART,), read)
    assert read.count == 2


@pytest.mark.parametrize("change", [{"digest": "1" * 64}, {"inode": 2}, {"size": 1_001}, {"changed_at_ns": 2}])
def test_another_version_of_a_part_is_read_again(change: dict[str, object]) -> None:
    """Everything that shows a change of the file counts."""
    kept, read = KeptPosts(), Reader()
    for part in (PART, PART._replace(**change)):
        kept.load(HARBOUR, (part,), read)
    assert read.count == 2


def test_the_posts_that_were_used_least_recently_are_forgotten() -> None:
    """Two frames fit, and the third takes the place of the one that nobody asked for again."""
    kept, read = KeptPosts(max_bytes=20_000), Reader()
    first, second, third = (HARBOUR._replace(limit=limit) for limit in (1, 2, 3))
    for selection in (first, second, first, third, first):
        kept.load(selection, (PART,), read)
    assert read.count == 3
    kept.load(second, (PART,), read)
    assert read.count == 4


def test_posts_of_a_deleted_file_are_forgotten() -> None:
    """Those of other files stay."""
    kept, read, other = KeptPosts(), Reader(), HARBOUR._replace(dataset_id="b" * 32)
    for selection in (HARBOUR, other):
        kept.load(selection, (PART,), read)
    kept.forget(HARBOUR.dataset_id)
    kept.load(other, (PART,), read)
    assert read.count == 2
    kept.load(HARBOUR, (PART,), read)
    assert read.count == 3


def test_fewer_posts_are_the_newest_of_those_that_are_kept(store: DatasetStore, dataset: Dataset, tmp_path: Path) -> None:
    """They are what is read with that limit."""
    newest = store.load_posts(dataset, "harbour", 2)
    assert newest["id"].to_list() == ["2", "1"]
    assert newest.equals(DatasetStore(tmp_path).load_posts(dataset, "harbour", 2))


def test_texts_are_shortened_only_as_far_as_those_that_are_shown_need(
    store: DatasetStore, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three are too long together, and one of them isn't."""
    monkeypatch.setattr(posts, "MAX_TIMELINE_CHARACTERS", 10)
    rows = (f"{number},harbour,2026-03-02T1{number}:00:00Z,Fogbound" for number in range(3))
    long = store.import_file(io.BytesIO("\n".join(("id,account,created_at,text", *rows)).encode()), "long.csv")
    assert store.load_posts(long, "harbour", 9)["text"].to_list() == ["Fog […]"] * 3
    assert store.load_posts(long, "harbour", 1)["text"].to_list() == ["Fogbound"]


def test_a_file_that_was_deleted_meanwhile_is_not_answered_from_memory(store: DatasetStore, dataset: Dataset, tmp_path: Path) -> None:
    """Another process may have deleted it."""
    assert DatasetStore(tmp_path).delete(dataset.id, str(dataset.owner_key))
    assert store.find(dataset.id) is None
    with pytest.raises(InvalidFile, match="damaged"):
        store.load_posts(dataset, "harbour", 9)


def test_a_part_that_was_changed_meanwhile_is_not_answered_from_memory(store: DatasetStore, dataset: Dataset, tmp_path: Path) -> None:
    """It is damaged, as if it had never been read."""
    part = tmp_path / dataset.id / "part-00000.parquet"
    part.write_bytes(part.read_bytes()[:-1])
    with pytest.raises(InvalidFile, match="damaged"):
        store.load_posts(dataset, "harbour", 9)


def test_parts_that_take_long_to_verify_are_not_verified_at_once(tmp_path: Path) -> None:
    """Whoever reads them verifies them; then they count as verified for a while."""
    content = b"PAR1" * 100
    (tmp_path / "part-00000.parquet").write_bytes(content)
    digests = {"part-00000.parquet": compute_digest(content)}
    assert verify_at_once(tmp_path, digests, max_bytes=399) is None
    verified = verify_parts(tmp_path, digests)
    assert verify_at_once(tmp_path, digests, max_bytes=399) == verified


def test_a_small_part_is_verified_at_once(tmp_path: Path) -> None:
    """One that isn't what was written is found out."""
    (tmp_path / "part-00000.parquet").write_bytes(b"PAR1")
    assert verify_at_once(tmp_path, {"part-00000.parquet": compute_digest(b"PAR1")}, max_bytes=4)
    with pytest.raises(InvalidFile):
        verify_at_once(tmp_path, {"part-00000.parquet": compute_digest(b"other")}, max_bytes=4)
