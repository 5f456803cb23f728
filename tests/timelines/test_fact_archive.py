"""Facts of posts outlive a process, and damaged ones are computed again."""

import io
import random
from pathlib import Path

import pytest
from cachelib import FileSystemCache
from flask.testing import FlaskClient

from dashboard.analytics import sentiment
from dashboard.analytics.fact_tables import FactTables
from dashboard.app import create_app
from dashboard.reports import facts
from dashboard.sources.bluesky import BlueskySource
from dashboard.sources.files.source import FileSource
from dashboard.sources.files.storage_limit import count_stored_bytes
from dashboard.sources.files.store import DatasetStore
from dashboard.timelines.cache import SafeSerializer, SharedCache
from dashboard.timelines.fact_archive import StoredFacts, dump_tables, parse_tables
from tests.support.builders import build_posts

ACCOUNT = "nasa.bsky.social"
POSTS = build_posts("a good day", {"text": "ein Tag am Meer mit dir", "lang": "de"}, {"text": None}, account=ACCOUNT)
CSV = "id,account,created_at,text\n" + "".join(
    f"{number},harbour,2026-03-0{number}T10:00:00Z,a good day {number}\n" for number in range(1, 9)
)
GROUPS = (facts.language_group(), facts.word_group(), sentiment.score_group("bing"), sentiment.score_group("vader"))


def build_archive(folder: Path) -> StoredFacts:
    """Return an archive in the folder that processes share, as CHORUS_CACHE_URL=file: makes it."""
    backend = FileSystemCache(str(folder))
    backend.serializer = SafeSerializer()
    return StoredFacts({"bluesky": BlueskySource()}, SharedCache(backend))


def save_facts(archive: StoredFacts) -> None:
    tables = FactTables(archive)
    for group in GROUPS:
        tables.find(group, POSTS)
    tables.save()


def test_facts_of_an_account_are_shared_through_the_cache(tmp_path: Path) -> None:
    """Another process finds the same tables, with the same types."""
    save_facts(build_archive(tmp_path))
    tables = build_archive(tmp_path).load(ACCOUNT)
    assert list(tables) == [group.id for group in GROUPS]
    assert tables[GROUPS[1].id]["unique_words"].to_list() == [["a", "good", "day"], ["ein", "tag", "am", "meer", "mit", "dir"], []]


def test_facts_that_are_read_back_are_those_that_were_computed(tmp_path: Path) -> None:
    """Values, types and missing values are the same."""
    save_facts(build_archive(tmp_path))
    for group in GROUPS:
        assert FactTables(build_archive(tmp_path)).find(group, POSTS).equals(FactTables().find(group, POSTS))


def test_an_unknown_account_has_no_stored_facts(tmp_path: Path) -> None:
    """Neither has one of a network that this server doesn't read, or without a network."""
    archive = build_archive(tmp_path)
    assert [archive.load(account) for account in (ACCOUNT, "demo:aster-air", "  ")] == [{}, {}, {}]


def test_facts_that_cannot_be_stored_break_nothing(tmp_path: Path) -> None:
    """Here the path is longer than any file system allows."""
    archive = StoredFacts({"file": FileSource(DatasetStore(tmp_path / ("long" * 100)))}, None)
    account = f"file:{'0' * 32}/harbour"
    archive.save(account, {GROUPS[0].id: FactTables().find(GROUPS[0], POSTS)})
    assert archive.load(account) == {}


def test_without_a_shared_cache_nothing_is_stored() -> None:
    """The tables in memory are enough for one process."""
    archive = StoredFacts({"bluesky": BlueskySource()}, None)
    save_facts(archive)
    assert archive.load(ACCOUNT) == {}


def test_damaged_bytes_are_no_facts() -> None:
    """Any flipped bit is found before polars reads it."""
    tables = FactTables()
    tables.find(GROUPS[0], POSTS)
    entry = dump_tables(tables.tables_of(ACCOUNT))
    chance = random.Random(1)
    for _ in range(300):
        damaged, position = bytearray(entry), chance.randrange(8 * len(entry))
        damaged[position // 8] ^= 1 << position % 8
        assert parse_tables(bytes(damaged)) == {}
    assert parse_tables(entry[:-1]) == {}
    assert list(parse_tables(entry)) == [GROUPS[0].id]


# Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "datasets"


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    return create_app({"CHORUS_DATASETS": str(folder)}).test_client()


def upload(client: FlaskClient) -> str:
    """Upload a file, and return the address of its report."""
    response = client.post("/upload", data={"file": (io.BytesIO(CSV.encode()), "posts.csv")}, content_type="multipart/form-data")
    return response.headers["Location"]


def list_fact_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*/facts-*.bin"))


def test_facts_of_a_file_are_kept_beside_its_posts(client: FlaskClient, folder: Path) -> None:
    """The first question computes them."""
    assert list_fact_files(folder) == []
    client.get(upload(client), follow_redirects=True)
    assert len(list_fact_files(folder)) == 1


@pytest.mark.slow
def test_a_damaged_file_of_facts_is_written_again(client: FlaskClient, folder: Path) -> None:
    """The report is the same, and its facts are whole again for the next process."""
    address = upload(client)
    before = client.get(address, follow_redirects=True).text
    (path,) = list_fact_files(folder)
    whole = path.read_bytes()
    path.write_bytes(whole[:-100] + bytes(100))
    restarted = create_app({"CHORUS_DATASETS": str(folder)}).test_client()
    after = restarted.get(address, follow_redirects=True).text
    assert "Something went wrong" not in after
    assert after.count("<tr>") == before.count("<tr>")
    assert path.read_bytes() == whole


def test_facts_are_deleted_with_their_file(folder: Path) -> None:
    """Its folder is gone, and a late answer doesn't bring it back."""
    store = DatasetStore(folder)
    dataset = store.import_file(io.BytesIO(CSV.encode()), "posts.csv")
    store.facts.save(dataset.id, "harbour", b"facts")
    assert store.facts.load(dataset.id, "harbour") == b"facts"
    store.delete(dataset.id, str(dataset.owner_key))
    store.facts.save(dataset.id, "harbour", b"facts")
    assert store.facts.load(dataset.id, "harbour") is None
    assert list(folder.glob("*/facts-*")) == []


def test_facts_do_not_fill_the_storage(folder: Path) -> None:
    """Files of people have precedence over what only saves time."""
    dataset = DatasetStore(folder).import_file(io.BytesIO(CSV.encode()), "posts.csv")
    full_store = DatasetStore(folder, max_stored_bytes=1_000)
    full_store.facts.save(dataset.id, "harbour", b"facts")
    assert full_store.facts.load(dataset.id, "harbour") is None


def test_facts_that_were_written_just_now_count(folder: Path) -> None:
    """The size of the folder isn't counted again for each account of a report."""
    dataset = DatasetStore(folder).import_file(io.BytesIO(CSV.encode()), "posts.csv")
    store = DatasetStore(folder, max_stored_bytes=count_stored_bytes(folder) + 1_500)
    store.facts.save(dataset.id, "harbour", bytes(1_000))
    store.facts.save(dataset.id, "quay", bytes(1_000))
    store.facts.save(dataset.id, "pier", bytes(500))
    assert store.facts.load(dataset.id, "harbour") == bytes(1_000)
    assert store.facts.load(dataset.id, "quay") is None
    assert store.facts.load(dataset.id, "pier") == bytes(500)


def test_an_id_that_leads_out_of_the_folder_is_refused(folder: Path) -> None:
    """Only the digits of an ID become part of a path."""
    with pytest.raises(ValueError, match="not the ID"):
        DatasetStore(folder).facts.load("../elsewhere", "harbour")


def test_a_server_without_files_keeps_no_facts_of_them() -> None:
    """Uploads may be disabled."""
    archive = StoredFacts({"file": FileSource(None)}, None)
    assert archive.load(f"file:{'0' * 32}/harbour") == {}
