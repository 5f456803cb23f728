"""Datasets whose parts were damaged, lost or written by an older version: an error that says so, and never the end of the process."""

import io
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from dashboard.core.accounts import parse_account
from dashboard.core.errors import InvalidFile
from dashboard.core.source_errors import SourceUnavailable
from dashboard.sources import fetch
from dashboard.sources.base import TimelineRequest
from dashboard.sources.files import part_digests
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.source import FileSource
from dashboard.sources.files.store import DatasetStore
from tests.support.fault_suite import count_inputs, scale_examples
from tests.support.paths import ROOT

pytestmark = pytest.mark.faults
FLIPS = scale_examples(400)


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    """Return a dataset of one part with 300 posts."""
    rows = (f"{number},harbour,2026-03-02T10:00:00Z,Fog {number}" for number in range(300))
    return DatasetStore(tmp_path).import_file(io.BytesIO("\n".join(("id,account,created_at,text", *rows)).encode()), "posts.csv")


@pytest.fixture
def part(tmp_path: Path, dataset: Dataset) -> Path:
    """Return the path of its part."""
    return tmp_path / dataset.id / "part-00000.parquet"


def flip_bit(path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position // 8] ^= 1 << position % 8
    path.write_bytes(content)


def remove_digests(folder: Path, dataset: Dataset) -> None:
    """Turn a dataset into one of the version that had no digests."""
    metadata_path = folder / dataset.id / "about.json"
    metadata = json.loads(metadata_path.read_text())
    del metadata["part_digests"]
    metadata_path.write_text(json.dumps(metadata))


def count_posts(folder: Path, dataset: Dataset) -> int:
    stored_dataset = DatasetStore(folder).find(dataset.id)
    assert stored_dataset is not None
    return DatasetStore(folder).load_posts(stored_dataset, "harbour", 1_000).height


def test_a_flipped_bit_never_ends_the_process(tmp_path: Path, dataset: Dataset, part: Path) -> None:
    """Whichever bit of a part is flipped, reading it is refused; polars alone aborts on some of them."""
    content, positions = part.read_bytes(), random.Random(13)
    program = f"""
import sys
from pathlib import Path
from dashboard.core.errors import InvalidFile
from dashboard.sources.files.store import DatasetStore
store, part = DatasetStore(Path({str(tmp_path)!r})), Path({str(part)!r})
dataset, content, refused = store.find({dataset.id!r}), part.read_bytes(), 0
for position in {[positions.randrange(8 * len(content)) for _ in range(FLIPS)]}:
    damaged = bytearray(content)
    damaged[position // 8] ^= 1 << position % 8
    part.write_bytes(damaged)
    try:
        store.load_posts(dataset, "harbour", 1_000)
    except InvalidFile:
        refused += 1
print(refused)
"""
    count_inputs("flipped bits in stored files", FLIPS)
    finished = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert finished.returncode == 0
    assert finished.stdout.strip() == str(FLIPS)


def test_a_flipped_bit_is_reported_with_what_to_do(tmp_path: Path, dataset: Dataset, part: Path) -> None:
    """The account's failure says that the file is damaged and has to be imported again."""
    flip_bit(part, 8 * 200)
    with pytest.raises(SourceUnavailable) as error:
        fetch.fetch_timeline(FileSource(DatasetStore(tmp_path)), parse_account(dataset.canonical_name), TimelineRequest(9))
    assert error.value.message == "The file is damaged. Import it again."


def test_a_bit_that_flips_after_a_check_is_noticed_by_the_next_one(
    tmp_path: Path, dataset: Dataset, part: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A part that looks unchanged from outside is checked again after a while."""
    before, status = count_posts(tmp_path, dataset), part.stat()
    with part.open("r+b") as file:
        file.seek(200)
        byte = file.read(1)
        file.seek(200)
        file.write(bytes([byte[0] ^ 1]))
    os.utime(part, ns=(status.st_atime_ns, status.st_mtime_ns))
    monkeypatch.setattr(part_digests, "VERIFIED_SECONDS", 0.0)
    assert before == 300
    with pytest.raises(InvalidFile, match="damaged"):
        count_posts(tmp_path, dataset)


@pytest.mark.parametrize("has_digests", [True, False])
def test_a_missing_part_is_an_error(has_digests: bool, tmp_path: Path, dataset: Dataset, part: Path) -> None:
    """A dataset without its part has no timeline, rather than an empty one."""
    if not has_digests:
        remove_digests(tmp_path, dataset)
    part.unlink()
    with pytest.raises(InvalidFile, match="damaged"):
        count_posts(tmp_path, dataset)


@pytest.mark.parametrize("name", ["part-00001.parquet", "part-00003.parquet"])
def test_a_part_that_is_missing_in_between_is_an_error(name: str, tmp_path: Path, dataset: Dataset, part: Path) -> None:
    """Of a dataset without digests, the numbers of the parts show that one is missing."""
    remove_digests(tmp_path, dataset)
    part.rename(part.with_name(name))
    with pytest.raises(InvalidFile, match="damaged"):
        count_posts(tmp_path, dataset)


def test_a_dataset_of_an_older_version_is_still_read(tmp_path: Path, dataset: Dataset) -> None:
    """Datasets without digests stay readable until they expire."""
    remove_digests(tmp_path, dataset)
    assert count_posts(tmp_path, dataset) == 300


@pytest.mark.parametrize("change", [bytes.upper, lambda content: content[:-1], lambda _: b""])
def test_other_content_is_damage(change: Callable[[bytes], bytes], tmp_path: Path, dataset: Dataset, part: Path) -> None:
    """A part that was rewritten, cut short or emptied isn't read."""
    part.write_bytes(change(part.read_bytes()))
    with pytest.raises(InvalidFile, match="damaged"):
        count_posts(tmp_path, dataset)
