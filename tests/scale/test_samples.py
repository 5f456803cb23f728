"""What can't be summed comes from a random sample of the posts, which is the same however they were divided."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from dashboard.app import create_app
from dashboard.sources.files.collection_samples import ACCOUNT_POSTS_PER_MONTH, SERIES_POSTS_PER_MONTH, load_sample
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.storage_limit import SAMPLES_FILE
from dashboard.sources.files.store import DatasetStore
from tests.support import collections
from tests.support.sampled_posts import write_months

pytestmark = pytest.mark.slow

BUSY, QUIET = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)


def read_samples(dataset: Dataset, folder: Path) -> pl.DataFrame:
    """Return the samples of a collection without the numbers of rows in its files."""
    return pl.read_parquet(folder / dataset.id / SAMPLES_FILE)


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Posts of 25 accounts, more in January than a sample has and few in February, in three files; and a folder for collections."""
    folder = tmp_path_factory.mktemp("months")
    write_months(folder / "files", {BUSY: 1_500, QUIET: 60}, accounts=25)
    return folder / "files", folder / "kept"


@pytest.fixture(scope="module")
def analyzed(months: tuple[Path, Path]) -> Dataset:
    """The collection of these posts."""
    return collections.analyze([months[0]], months[1], methods=("bing",))


def test_the_sample_is_the_same_for_any_number_of_files_and_processes(months: tuple[Path, Path], analyzed: Dataset, tmp_path: Path) -> None:
    """One file that is read here, and three files that two processes read, have the same sample, with the texts."""
    files, folder = months
    joined = collections.join_files(sorted(files.iterdir()), tmp_path / "joined.jsonl")
    expected = read_samples(analyzed, folder)
    assert read_samples(collections.analyze([joined], tmp_path, methods=("bing",)), tmp_path).equals(expected)
    assert read_samples(collections.analyze_in_processes([files], tmp_path, name="two", methods=("bing",)), tmp_path).equals(expected)


def test_each_series_has_its_share_of_every_month(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """A month has as many posts as the limit of its series, or all if they are fewer."""
    samples = read_samples(analyzed, months[1])
    counts = {series: dict(rows) for series, rows in _count_by_month(samples).items()}
    assert counts["*"] == {BUSY: SERIES_POSTS_PER_MONTH, QUIET: 60}
    assert counts[analyzed.accounts[0].name][BUSY] <= ACCOUNT_POSTS_PER_MONTH
    assert len(counts) == 21


def test_every_post_of_a_period_is_equally_likely(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """Of two months, the quiet one isn't overrepresented; alone, it has all of its posts."""
    path = months[1] / analyzed.id / SAMPLES_FILE
    both = load_sample(path, "*", None, None, "UTC")
    assert 0.005 < both.filter(pl.col("created_at") >= QUIET).height / both.height < 0.09
    assert load_sample(path, "*", QUIET, None, "UTC").height == 60
    assert both["text"].null_count() == 0


def test_the_charts_of_all_accounts_are_those_of_one_account_with_all_posts(tmp_path: Path) -> None:
    """A sample that has all posts gives the tables of an uploaded file in which all posts are by the same account."""
    analyzed = collections.analyze(collections.write_sample(tmp_path / "files"), tmp_path, methods=("bing",))
    merged_files = collections.write_sample(tmp_path / "merged", account="*")
    with collections.join_files(merged_files, tmp_path / "merged.jsonl").open("rb") as file:
        merged = DatasetStore(tmp_path).import_file(file, "merged.jsonl")
    client = create_app({"CHORUS_DATASETS": str(tmp_path)}).test_client()
    for kind in ("words", "methods", "engagement"):
        names = (f"{merged.canonical_name}/{merged.accounts[0].name}", f"{analyzed.canonical_name}/*")
        one, other = (client.get(f"/{kind}.json", query_string={"users": name, "n": "3200"}).json["data"] for name in names)
        assert other
        assert [list(row.values())[1:] for row in one] == [list(row.values())[1:] for row in other]


@pytest.mark.parametrize("kind", ["words", "methods", "engagement"])
def test_a_chart_of_the_largest_accounts_and_the_others_says_what_it_is_from(
    kind: str, months: tuple[Path, Path], analyzed: Dataset
) -> None:
    """It has a row for each of 20 series, and a note with the sizes of the sample and of the collection."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    document = client.get(f"/{kind}.json?users=file:{analyzed.id}").json
    assert len({row["account"] for row in document["data"]}) == 20
    assert any("from a random sample of" in note and f"of {analyzed.kept:,} posts" in note for note in document["notes"])


def test_a_report_on_all_accounts_says_what_each_number_covers(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """Its heading names all posts, and the charts that need texts name their sample."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    page = client.get(f"/report?users=file:{analyzed.id}/*").text
    assert "all 1,560 posts" in page
    assert "from a random sample of" in page
    assert page.count("of 1,560 posts; counts are those of the sample.") >= 2
    assert "latest 400 posts" not in page


def test_posts_of_all_accounts_are_listed_from_the_sample(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """The list names how many posts there are."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    document = client.get(f"/posts.json?users=file:{analyzed.id}/*").json
    assert SERIES_POSTS_PER_MONTH <= len(document["data"]) < 1_560
    assert all(row["text"] for row in document["data"])


def read_authors(folder: Path, dataset: Dataset) -> dict[str, str]:
    """Return the account of each post in files, by its ID."""
    lines = [json.loads(line) for path in folder.iterdir() for line in path.read_text().splitlines()]
    return {line["id"]: f"{dataset.canonical_name}/{line['account']}" for line in lines}


@pytest.mark.parametrize("sort", ["newest", "disagreement"])
def test_lists_of_posts_of_several_accounts_name_each_author(sort: str, months: tuple[Path, Path], analyzed: Dataset) -> None:
    """A program finds the account of each post beside the series, however the list is sorted."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    authors = read_authors(months[0], analyzed)
    for series in ("*", "*rest"):
        rows = client.get(f"/posts.json?users=file:{analyzed.id}/{series}&sort={sort}").json["data"]
        assert {row["account"] for row in rows} == {f"{analyzed.canonical_name}/{series}"}
        assert {row["id"]: row["author"] for row in rows} == {row["id"]: authors[row["id"]] for row in rows}


def test_lists_of_one_account_have_no_column_of_authors(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """Its name is in the column of accounts."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    rows = client.get(f"/posts.json?users=file:{analyzed.id}/account1").json["data"]
    assert rows
    assert "author" not in rows[0]


def test_the_page_of_posts_names_authors_and_links_to_their_reports(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """The posts of a whole collection aren't all by “Whole collection”."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    page = client.get(f"/posts?users=file:{analyzed.id}/*&word=good").text
    post = client.get(f"/posts.json?users=file:{analyzed.id}/*&word=good").json["data"][0]
    name = post["author"].rpartition("/")[2]
    assert f"Post by {name}," in page
    assert f"/report?users={post['author']}" in page
    assert "Post by Whole collection" not in page


def test_the_posts_with_most_reactions_of_a_whole_collection_name_their_authors(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """The list on the report says whose posts they are."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    page = client.get(f"/report?users=file:{analyzed.id}/*").text
    top_posts = page.partition('id="top-posts"')[2].partition("</section>")[0]
    assert top_posts.count("<bdi>account") == 5
    assert "Whole collection" not in top_posts


def test_the_chart_of_reactions_of_a_whole_collection_names_authors(months: tuple[Path, Path], analyzed: Dataset) -> None:
    """The tooltip of each dot says whose post it is, while the table of the chart stays as it was."""
    client = create_app({"CHORUS_DATASETS": str(months[1])}).test_client()
    page = client.get(f"/html/engagement?users=file:{analyzed.id}/*").text
    dots = re.findall(r'"[\d,]+ reactions?[^"]*\\u003cbr\\u003e[^"]*"', page)
    assert len(dots) > 50
    assert [dot for dot in dots if not re.search(r" \\u00b7 account\d+\"$", dot)] == []
    assert "author" not in client.get(f"/engagement.json?users=file:{analyzed.id}/*").json["data"][0]


def test_posts_with_the_same_id_keep_their_authors(tmp_path: Path) -> None:
    """IDs are unique within an account, so a list sorted by disagreement has each post once."""
    lines = [
        {"account": name, "id": "1", "created_at": "2026-01-02T10:00:00Z", "text": text}
        for name, text in (("a", "good"), ("b", "not good"))
    ]
    (tmp_path / "posts.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    dataset = collections.analyze([tmp_path / "posts.jsonl"], tmp_path / "kept", methods=("bing",))
    client = create_app({"CHORUS_DATASETS": str(tmp_path / "kept")}).test_client()
    rows = client.get(f"/posts.json?users=file:{dataset.id}/*&sort=disagreement").json["data"]
    assert {row["author"].rpartition("/")[2]: row["text"] for row in rows} == {"a": "good", "b": "not good"}
    assert len(rows) == 2


def _count_by_month(samples: pl.DataFrame) -> dict[str, list[tuple[datetime, int]]]:
    counts = samples.group_by("series", pl.col("created_at").dt.truncate("1mo")).len()
    return counts.rows_by_key("series")
