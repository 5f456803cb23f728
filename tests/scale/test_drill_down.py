"""The posts behind a collection: read from the files that it was analyzed from, as long as these exist."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from dashboard.app import create_app
from dashboard.sources.files import collection_posts
from dashboard.sources.files.dataset import Dataset
from dashboard.sources.files.store import DatasetStore
from tests.support import collections

pytestmark = pytest.mark.slow
ANALYSES = [("both", ("bing", "model")), ("English", ("bing",))]


class Served:
    """The same posts as an uploaded file and as a collection, on one server."""

    def __init__(self, folder: Path) -> None:
        self.paths = collections.write_sample(folder / "files")
        joined = collections.join_files(self.paths, folder / "all.jsonl")
        with joined.open("rb") as file:
            self.uploaded: Dataset = DatasetStore(folder / "kept").import_file(file, "all.jsonl")
        self.analyzed = collections.analyze(self.paths, folder / "kept", methods=("bing",))
        self.client: FlaskClient = create_app({"CHORUS_DATASETS": str(folder / "kept")}).test_client()

    def rows(self, path: str, dataset: Dataset, account: str, **parameters: Any) -> list[dict[str, Any]]:
        """Return the data of a table about an account, without its name; `selected` selects the same account in a list of posts."""
        name = f"{dataset.canonical_name}/{account}"
        parameters |= {"account": name} if parameters.pop("selected", False) else {}
        response = self.client.get(path, query_string={"users": name, "n": "3200"} | parameters)
        assert response.status_code == 200, response.text
        return [{key: value for key, value in row.items() if key != "account"} for row in response.json["data"]]


@pytest.fixture
def served(tmp_path: Path) -> Served:
    """A server with both."""
    return Served(tmp_path)


@pytest.mark.parametrize("kind", ["words", "methods", "engagement"])
def test_charts_that_need_each_post_read_it_from_the_files(kind: str, served: Served) -> None:
    """They have the same numbers as those of the uploaded file."""
    expected = served.rows(f"/{kind}.json", served.uploaded, "account0", since="2026-01-10", tz="Asia/Kathmandu")
    assert expected
    assert served.rows(f"/{kind}.json", served.analyzed, "account0", since="2026-01-10", tz="Asia/Kathmandu") == expected


def test_the_posts_of_a_bar_are_listed(served: Served) -> None:
    """They are read by account and time, and are those of the uploaded file."""
    selection = {"selected": True, "from": "2026-01-15", "to": "2026-02-01", "tz": "America/New_York"}
    expected = served.rows("/posts.json", served.uploaded, "account1", **selection)
    assert expected
    assert served.rows("/posts.json", served.analyzed, "account1", **selection) == expected


def test_the_numbers_stay_when_the_files_are_gone(served: Served) -> None:
    """A list of posts says that a file is missing, and the chart is drawn all the same."""
    for path in served.paths:
        path.unlink()
    name = f"{served.analyzed.canonical_name}/account0"
    response = served.client.get("/posts.json", query_string={"users": name})
    assert response.status_code == 503
    assert "isn’t here any more, so its posts can’t be shown. Their numbers still can." in response.json["detail"]
    assert served.client.get("/frequency.json", query_string={"users": name}).status_code == 200


def test_files_that_changed_are_not_read(served: Served) -> None:
    """Their rows could be other posts than those that were counted."""
    for path in served.paths:
        path.write_text(path.read_text() + "\n")
    response = served.client.get("/posts.json", query_string={"users": f"{served.analyzed.canonical_name}/account0"})
    assert "has changed since it was analyzed" in response.json["detail"]


def test_the_sample_is_listed_if_too_many_rows_would_be_read(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server doesn't read for minutes to show a page. Of a small account, the sample has all posts."""
    expected = served.rows("/posts.json", served.analyzed, "account0")
    monkeypatch.setattr(collection_posts, "MAX_PARSED_ROWS", 50)
    rows = served.rows("/posts.json", served.analyzed, "account0")
    assert {row["id"] for row in rows} == {row["id"] for row in expected if row["created_at"]}


def test_the_link_to_the_report_of_a_collection_needs_no_file_of_posts(tmp_path: Path) -> None:
    """Its totals know the languages. The files that it was analyzed from may be many, or gone."""
    posts = tmp_path / "posts.csv"
    rows = [f"2026-03-0{day} 10:00,account,Schon wieder verspätet. Ich bin wirklich enttäuscht {day}\n" for day in range(1, 6)]
    posts.write_text("date,author,text\n" + "".join(rows), "utf-8")
    read, unread = (collections.analyze([posts], tmp_path / "kept", name, methods=methods) for name, methods in ANALYSES)
    posts.unlink()
    client = create_app({"CHORUS_DATASETS": str(tmp_path / "kept")}).test_client()
    pages = [client.get(f"/datasets/{dataset.id}").text.replace("&amp;", "&") for dataset in (read, unread)]
    assert f'href="/report?users={read.canonical_name}&method=model"' in pages[0]
    assert f'href="/report?users={unread.canonical_name}"' in pages[1]
